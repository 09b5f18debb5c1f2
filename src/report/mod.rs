//! [`RunReport`](crate::model::RunReport) in, text out: a format a file, pure functions; and JSON
//! back in. What is on disk is written and cleared here too.
//!
//! Judging and the terminal are others' business. Texts of the report are foreign: each format
//! sends them through `sanitize`.

mod again;
mod annotations;
#[cfg(test)]
mod arbitrary;
pub mod code_quality;
pub mod comment;
mod files;
mod finding;
mod grouping;
mod headline;
pub mod json;
pub mod junit;
pub mod markdown;
mod place;
pub mod sarif;
pub mod summary;
mod waive;

pub use annotations::annotations;
pub use files::{
    FilesError, LoadError, WriteFailure, WriteOptions, check_writable, clear, debug_directory,
    default_junit_path, load, run_files, write,
};
pub use headline::headline;
