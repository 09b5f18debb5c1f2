//! Why changes to the working tree can't be noticed.

use thiserror::Error;

use crate::git::StatusError;

/// Why changes to the working tree can't be noticed.
#[derive(Debug, Error)]
pub enum WatchError {
    /// Git does not tell what changed.
    #[error(transparent)]
    Git(#[from] StatusError),
    /// The copy can't be walked through.
    #[error("the copy that agents work in can't be read: {0}")]
    Copy(String),
}
