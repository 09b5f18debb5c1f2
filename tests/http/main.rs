//! `semtest::http` against loopback servers that follow a script, from child processes whose
//! environment is all that a test gives them.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on must fail at once"
)]

mod authority;
mod child;
mod limits;
mod proxy;
mod redirects;
mod repeats;
mod server;
mod trust;
