//! Why git could not do what it was asked for.

use std::path::PathBuf;

use thiserror::Error;

/// Why git could not do it.
#[derive(Debug, Error)]
pub enum GitError {
    /// There is no git on `PATH`.
    #[error("`git` is not installed here")]
    NoGit,
    /// Not a checkout, or git refuses it.
    #[error("{} is no git checkout: {said}", .directory.display())]
    NoCheckout {
        /// Where it was looked for.
        directory: PathBuf,
        /// What git said.
        said: String,
    },
    /// The base revision is not here and could not be fetched.
    #[error("the base revision {wanted} is not in this checkout, and can't be fetched: {said}")]
    NoBase {
        /// What was looked for.
        wanted: String,
        /// What git said.
        said: String,
    },
    /// Any other call.
    #[error("`git {command}` failed: {said}")]
    Failed {
        /// The subcommand.
        command: String,
        /// What git said.
        said: String,
    },
}
