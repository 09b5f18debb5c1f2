//! `semtest run` with the real LLM CLIs against a loopback model server.
//!
//! Everything here is ignored unless asked for, since it needs the CLIs: `tests/agents/install DIR`
//! puts them into a directory that `SEMTEST_TEST_AGENTS` then names; `SEMTEST_TEST_TOOLS` (keys,
//! separated by commas) restricts the tools. `.ci/agents` does all of it. Needs root, to run semtest
//! as root and as somebody else, and `strace`, to see where the CLIs connect to.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that can't go on must fail at once"
)]

mod case;
mod hostile;
mod network;
mod outcome;
mod planted;
mod processes;
mod server;
mod stage;
mod table;
mod tool;

#[test]
#[ignore = "needs the real CLIs: .ci/agents"]
fn every_case_holds_with_every_tool() {
    table::run();
}

#[test]
#[ignore = "needs the real CLIs: .ci/agents"]
fn nobody_but_the_provider_sees_a_secret() {
    planted::run();
}

#[test]
#[ignore = "needs the real CLIs: .ci/agents"]
fn a_hostile_repository_gets_nothing_out_of_a_model_that_obeys_it() {
    hostile::run_read_only();
}

#[test]
#[ignore = "needs the real CLIs: .ci/agents"]
fn what_an_obeying_model_changes_with_its_permissions_skipped_is_named() {
    hostile::run_with_permissions_skipped();
}
