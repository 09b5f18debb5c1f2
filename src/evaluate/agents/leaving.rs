//! A file that a tool leaves in the project, removed when the last call that may have made it ends.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::tree;

/// How many running calls may have made each file: no call removes what another one still uses, and
/// none takes the file of another one for the user's.
static EXPECTED: Mutex<BTreeMap<PathBuf, usize>> = Mutex::new(BTreeMap::new());

/// A path at which a running call may leave something.
#[derive(Debug)]
pub(super) struct Leaving(PathBuf);

impl Leaving {
    /// Expects a file at `path`; `None` where the user has one.
    pub(super) fn expect(path: PathBuf) -> Option<Self> {
        let mut expected = expected();
        match expected.get_mut(&path) {
            Some(calls) => *calls += 1,
            None if is_there(&path) => return None,
            None => {
                expected.insert(path.clone(), 1);
            }
        }
        Some(Self(path))
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        let mut expected = expected();
        if let Some(calls) = expected.get_mut(&self.0) {
            *calls -= 1;
            if *calls > 0 {
                return;
            }
        }
        expected.remove(&self.0);
        // What can't be removed is seen by whoever compares the working tree.
        let _ = tree::remove(&self.0);
    }
}

fn expected() -> MutexGuard<'static, BTreeMap<PathBuf, usize>> {
    EXPECTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Also for a link that leads nowhere: that is the user's, too.
fn is_there(path: &Path) -> bool {
    fs_err::symlink_metadata(path).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expect(directory: &Path, name: &str) -> Option<Leaving> {
        Leaving::expect(directory.join(name))
    }

    #[test]
    fn what_a_tool_leaves_is_removed_and_what_was_there_stays() {
        let project = tempfile::tempdir().unwrap();
        let at = |name: &str| project.path().join(name);
        fs_err::write(at("users"), "").unwrap();
        std::os::unix::fs::symlink("nowhere", at("link")).unwrap();
        let names = ["users", "link", "history", "cache", "never-made"];
        let leavings = names.map(|name| expect(project.path(), name));
        fs_err::write(at("history"), "").unwrap();
        fs_err::create_dir(at("cache")).unwrap();
        fs_err::write(at("cache/part"), "").unwrap();
        drop(leavings);
        assert!(at("users").exists() && is_there(&at("link")));
        assert!(!at("history").exists() && !at("cache").exists());
    }

    #[test]
    fn calls_at_once_leave_each_others_files_until_the_last_one_ends() {
        let project = tempfile::tempdir().unwrap();
        let first = expect(project.path(), "history");
        fs_err::write(project.path().join("history"), "").unwrap();
        let second = expect(project.path(), "history");
        assert!(second.is_some());
        drop(first);
        assert!(project.path().join("history").exists());
        drop(second);
        assert!(!project.path().join("history").exists());
    }
}
