//! Specs in, verdicts out.

pub mod checks;
pub mod discover;
