//! Reading results back, from a directory that may be anybody's: what a stranger's artifact holds is
//! neither followed nor waited for, and nothing of it is taken that a run would not write.

use std::collections::HashSet;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use crate::model::{JSON_NAME, RunReport};
use crate::report::json::{self, ParseError};

/// Why a directory holds no results that can be published.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is no `ci-results.json`.
    #[error("there are no results in `{}`", .0.display())]
    Missing(PathBuf),
    /// It is there and is no plain file: a link could lead anywhere, a pipe would never end.
    #[error("`{}` is not a plain file", .0.display())]
    NotAFile(PathBuf),
    /// It is no text.
    #[error("`{}` is not UTF-8 text", .0.display())]
    NotText(PathBuf),
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

/// Reads `ci-results.json` in `directory`. The directory itself may be reached by a link: whoever named
/// it is trusted, who filled it is not.
///
/// # Errors
/// When it is not there, no plain file, too large, or not what a run writes.
pub fn load(directory: &Path) -> Result<RunReport, LoadError> {
    let path = directory.join(JSON_NAME);
    let text = read(&path, directory)?;
    let report = json::parse(&text).and_then(|report| match first_repeated(&report) {
        Some(error) => Err(error),
        None => Ok(report),
    });
    report.map_err(|source| LoadError::Refused { path, source })
}

fn read(path: &Path, directory: &Path) -> Result<String, LoadError> {
    let unreadable = |source| LoadError::Unreadable {
        path: path.to_owned(),
        source,
    };
    // A pipe without a writer would be waited for, and a link could be put there after a look at the
    // path: so the questions go to what was opened.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags | OFlags::NOCTTY, Mode::empty());
    let file = file.map_err(|error| match error {
        Errno::NOENT | Errno::NOTDIR => LoadError::Missing(directory.to_owned()),
        // A link, and a socket or a device that nobody serves.
        Errno::LOOP | Errno::NXIO | Errno::NODEV => LoadError::NotAFile(path.to_owned()),
        other => unreadable(other.into()),
    })?;
    let file = std::fs::File::from(file);
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(LoadError::NotAFile(path.to_owned()));
    }
    let most = u64::try_from(json::MAX_BYTES).unwrap_or(u64::MAX);
    if metadata.len() > most {
        let bytes = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
        let source = ParseError::TooLarge { bytes };
        return Err(LoadError::Refused {
            path: path.to_owned(),
            source,
        });
    }
    let mut text = String::new();
    // One byte more, so that a file that has grown meanwhile is found to be too large.
    let read = file.take(most + 1).read_to_string(&mut text);
    read.map_err(|source| {
        if source.kind() == ErrorKind::InvalidData {
            LoadError::NotText(path.to_owned())
        } else {
            unreadable(source)
        }
    })?;
    Ok(text)
}

/// An id tells a scenario from the others of its file: two with the same one would be taken for each
/// other by whoever compares runs.
fn first_repeated(report: &RunReport) -> Option<ParseError> {
    let mut seen = HashSet::new();
    let mut results = report.results.iter().enumerate();
    let (index, _) = results.find(|(_, one)| !seen.insert((one.path.as_str(), one.id.as_str())))?;
    Some(ParseError::Contradiction {
        field: format!("tests[{index}].id"),
        problem: "is there before, in the same file".to_owned(),
    })
}
