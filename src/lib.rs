//! semtest checks statements in plain language against a codebase, by letting an LLM coding CLI
//! read the code and answer.
//!
//! ```text
//!  argv, config file          spec files                    the LLM CLIs
//!        │                        │                              │
//!     cli, config ──▶ evaluate: discover ─▶ plan ─▶ judge ─▶ agents, checks ─▶ validate
//!                                                                                │
//!                     ui ◀── RunEvent ──────────────── RunReport ◀───────────────┘
//!                                                          │
//!                                            report: json, markdown, junit
//! ```
//!
//! Data flows one way: specs become verdicts, verdicts become files. Rooms (`cli`, `config`,
//! `evaluate`, `report`, `ui`) never import each other; `commands` joins them with values. The
//! leaves (`model`, `env`, `exit`, `nearest`, `timeout`, `sanitize`, `process`, `junit`) may be used by
//! every room and use only leaves. `tests/architecture.rs` holds this.

pub mod cli;
pub mod commands;
pub mod config;
pub mod env;
pub mod evaluate;
pub mod exit;
pub mod junit;
pub mod model;
pub mod nearest;
pub mod process;
pub mod report;
pub mod sanitize;
pub mod timeout;
pub mod ui;
