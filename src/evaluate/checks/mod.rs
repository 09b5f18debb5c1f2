//! Deterministic checks written in a spec, evaluated without a model: check blocks in, an outcome
//! and its evidence out.
//!
//! [`parse`] is the grammar (`docs/checks.md` has it for users), [`Project`] the files. Everything
//! that can't be looked at fails its check: silence is never a pass. Finding the blocks in a spec is
//! `discover`'s; calling a model with the evidence is `judge`'s.

mod assess;
mod document;
mod glob;
mod grammar;
mod pattern;
mod project;
mod token;
mod verdict;

pub use grammar::{Assertion, ParseError, Problem, parse};
pub use project::{OpenError, Project};
pub use verdict::{Checked, evaluate};
