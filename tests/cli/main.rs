//! Black-box tests: the real binary in a project of its own, with a scrubbed environment.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that can't go on must fail at once"
)]

mod action;
mod agents;
mod ask;
mod bad_input;
mod budget;
mod calibrate;
mod commands;
mod completions;
mod cost;
mod doctor;
mod entrypoint;
mod evidence;
mod execution;
// The fake npm looks at its environment in `/proc`.
#[cfg(target_os = "linux")]
mod install;
mod levels;
mod limits;
mod publish;
mod reports;
mod rule_changes;
mod sandbox;
mod secrets;
mod selection;
mod untrusted;
mod votes;
mod waive;
mod workspace;
