//! What can go wrong with report files, and what to do about it.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

/// Why report files could not be written or cleared.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// A directory can't be created or nothing can be written there.
    #[error("the directory `{}` is not writable", directory.display())]
    NotWritable {
        /// Where files were to be written.
        directory: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is where a directory for report files is to be.
    #[error("`{}` is a file, not a directory", .0.display())]
    NotADirectory(PathBuf),
    /// The JUnit file would replace something that semtest did not write.
    #[error("`{}` is there and is no JUnit file of semtest's", .0.display())]
    NotOurJunit(PathBuf),
    /// A file of an earlier run is in the way.
    #[error("the results of an earlier run can not be removed")]
    NotCleared(#[source] io::Error),
    /// Some files could not be written.
    #[error("could not write {}", list(failures))]
    NotWritten {
        /// Those that were written all the same.
        written: Vec<PathBuf>,
        /// Those that were not. Never empty.
        failures: Vec<WriteFailure>,
    },
}

/// One file that could not be written.
#[derive(Debug)]
pub struct WriteFailure {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub cause: io::Error,
}

impl FilesError {
    /// What the user can do about it, if we know.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        let kind = match self {
            Self::NotADirectory(_) => return Some("move it, or name another place"),
            Self::NotOurJunit(_) => return Some("name another path, or remove it"),
            Self::NotWritable { source, .. } | Self::NotCleared(source) => source.kind(),
            Self::NotWritten { failures, .. } => failures.first()?.cause.kind(),
        };
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "there are dozens of kinds, and few that we can help with"
        )]
        match kind {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                Some("the disk is full: free some space, or choose another place with `--output`")
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                Some("make it writable, or choose another place with `--output`")
            }
            ErrorKind::IsADirectory | ErrorKind::NotADirectory | ErrorKind::AlreadyExists => Some(
                "something else has this name: move it, or choose another place with `--output`",
            ),
            _ => None,
        }
    }
}

fn list(failures: &[WriteFailure]) -> String {
    let item = |failure: &WriteFailure| {
        format!(
            "`{}` ({})",
            failure.path.display(),
            innermost(&failure.cause)
        )
    };
    failures.iter().map(item).collect::<Vec<_>>().join(", ")
}

/// Without the path of the temporary file, which tells a user nothing.
fn innermost(cause: &io::Error) -> String {
    let mut error: &dyn Error = cause;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
