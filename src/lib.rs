//! semtest checks statements in plain language against a codebase, by letting an LLM coding CLI
//! read the code and answer.
//!
//! ```text
//!  argv, config file ──▶ cli, config ──▶ commands, which join everything below with values
//!  environment ──▶ ci: which pipeline, whose code ──▶ a stranger's? specs and config of the base (git)
//!
//!  spec files, or a statement ──▶ evaluate: discover ─▶ plan (agents: who judges) ─▶ schedule ─▶ validate
//!                                                                       │ one file at a time
//!                            judge: checks, prompt ─▶ agents ─▶ answer  │ watch: is the tree as it was?
//!                                     │                 │               │
//!              ui: progress ◀── RunEvent                └─▶ process: an LLM CLI
//!
//!  results, issues, usage ──▶ RunReport, secrets taken out (sanitize)
//!                               ──▶ report: json, markdown, junit, Code Quality, SARIF;  ui: the last lines
//!
//!  a directory of results ──▶ report: json back in ─▶ comment at several lengths, summary, annotations
//!                               ──▶ publish: the pull request on GitHub or GitLab (http)
//!
//!  a step's inputs ──▶ action: command lines ──▶ process: run as another user, then publish with the token
//! ```
//!
//! Data flows one way: specs become verdicts, verdicts become files, files go to places where people
//! look. Rooms (`action`, `ci`, `cli`, `config`, `evaluate`, `publish`, `report`, `ui`) never import each other;
//! `commands` joins them with values. The leaves (`model`, `chain`, `digest`, `env`, `exit`, `git`, `http`, `junit`,
//! `nearest`, `ownership`, `process`, `sanitize`, `timeout`, `tree`) may be used by every room and use only leaves.
//! `tests/architecture.rs` holds this.

pub mod action;
pub mod chain;
pub mod ci;
pub mod cli;
pub mod commands;
pub mod config;
pub mod digest;
pub mod env;
pub mod evaluate;
pub mod exit;
pub mod git;
pub mod http;
pub mod junit;
pub mod model;
pub mod nearest;
pub mod ownership;
pub mod process;
pub mod publish;
pub mod report;
pub mod sanitize;
pub mod timeout;
pub mod tree;
pub mod ui;
