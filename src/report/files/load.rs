//! Reading results back, from a directory that may be anybody's.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::model::{JSON_NAME, RunReport};
use crate::report::json::{self, ParseError};

/// Why a directory holds no results that can be published.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is no `ci-results.json`.
    #[error("there are no results in `{}`", .0.display())]
    Missing(PathBuf),
    /// It is there and is no plain file: a link could lead anywhere.
    #[error("`{}` is not a plain file", .0.display())]
    NotAFile(PathBuf),
    /// It can't be read.
    #[error("`{}` can't be read", .path.display())]
    Unreadable {
        /// Its path.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is not what a run writes.
    #[error("`{}` can't be used", .path.display())]
    Refused {
        /// Its path.
        path: PathBuf,
        /// Why.
        #[source]
        source: ParseError,
    },
}

/// Reads `ci-results.json` in `directory`.
///
/// # Errors
/// When it is not there, no plain file, too large, or not what a run writes.
pub fn load(directory: &Path) -> Result<RunReport, LoadError> {
    let path = directory.join(JSON_NAME);
    let kind = match fs_err::symlink_metadata(&path) {
        Ok(kind) => kind,
        Err(_) => return Err(LoadError::Missing(directory.to_owned())),
    };
    if !kind.is_file() {
        return Err(LoadError::NotAFile(path));
    }
    let unreadable = |source| LoadError::Unreadable {
        path: path.clone(),
        source,
    };
    let file = fs_err::File::open(&path).map_err(unreadable)?;
    let mut text = String::new();
    let most = u64::try_from(json::MAX_BYTES).unwrap_or(u64::MAX);
    file.take(most + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    json::parse(&text).map_err(|source| LoadError::Refused { path, source })
}
