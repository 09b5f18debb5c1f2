//! The report files on disk: written at the end of a run, cleared at its start.

mod clear;
mod error;
mod load;
mod write;

use std::path::{Path, PathBuf};

pub use clear::clear;
pub use error::{FilesError, WriteFailure};
pub use load::{LoadError, load};
pub use write::{check_writable, write};

use crate::model::{DEBUG_NAME, JUNIT_NAME, REPORT_NAMES, ReportFormat};

/// Where `--debug` writes, records only: a later run removes the directory only if it holds nothing
/// else.
#[must_use]
pub fn debug_directory(output: &Path) -> PathBuf {
    output.join(DEBUG_NAME)
}

/// Everything that this run, or another one beside it, writes under names of its own choice.
#[must_use]
pub fn run_files(output: &Path, junit: Option<&Path>) -> Vec<PathBuf> {
    let names = REPORT_NAMES.into_iter().chain([DEBUG_NAME]);
    let files = names.map(|name| output.join(name));
    files.chain(junit.map(Path::to_path_buf)).collect()
}

/// Where the JUnit file goes when the user names no place.
#[must_use]
pub fn default_junit_path(output: &Path) -> PathBuf {
    output.join(JUNIT_NAME)
}

/// Whether a directory is there, or nothing that would be in the way of making one.
fn check_directory(directory: &Path) -> Result<(), FilesError> {
    // Without the slash at the end, with which a file would count as absent.
    let directory = directory.components().as_path();
    match directory.ancestors().find(|path| path.exists()) {
        Some(path) if !path.is_dir() => Err(FilesError::NotADirectory(path.to_path_buf())),
        _ => Ok(()),
    }
}

/// Which files are written, and where.
#[derive(Clone, Debug)]
pub struct WriteOptions {
    /// The output directory; it is created.
    pub output: PathBuf,
    /// Where the JUnit file goes, if one is wanted; its directory is created.
    pub junit: Option<PathBuf>,
    /// Which files for one CI system are written into the output directory, too.
    pub formats: Vec<ReportFormat>,
    /// Whether a copy of the Markdown is kept under the time of the run.
    pub timestamp: bool,
    /// Whether the Markdown lists what passed.
    pub include_passing: bool,
}
