//! `semtest::process` against real children: the shell, and the fake agent.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod agent;
mod ending;
mod group;
mod output;
mod sandbox;
mod start;
mod stdin;
