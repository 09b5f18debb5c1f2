//! Deterministic checks written in a spec, evaluated without a model: check blocks in, an outcome
//! and its evidence out.
//!
//! `grammar` reads blocks (`docs/checks.md` has it for users), [`Project`] is the files. Everything
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

pub use project::{OpenError, Project};
pub use verdict::{Checked, evaluate};
