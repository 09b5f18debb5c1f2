//! The `sanitize` room against texts that were written to get past it, judged by readers that are not
//! ours: the commands' parsers, rebuilt from their description, and the GFM renderer.

#![expect(
    clippy::expect_used,
    reason = "a test may stop at its first surprise, also in a function that several tests share"
)]

mod annotations;
mod corpus;
mod forge;
mod gates;
mod hostile_run;
mod pages;
mod readers;
mod rendering;
mod runner;
