//! Finds the config file of a directory.

use std::io;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::project::git_root;

/// The names of config files. In one directory the first of them wins.
pub const FILE_NAMES: [&str; 4] = [
    "semtest.config.ts",
    "semtest.config.js",
    "semtest.config.mjs",
    "semtest.config.json",
];

/// The config file that governs `start`, an absolute directory: the one in the nearest directory
/// from there up to the git root.
///
/// Outside a git repository only `start` itself is looked at: a directory above may be anybody's,
/// such as `/tmp`.
///
/// # Errors
///
/// When a directory on the way can't be looked into.
pub fn find(start: &Path) -> Result<Option<PathBuf>, ConfigError> {
    let last = git_root(start).unwrap_or(start);
    for directory in start.ancestors() {
        for name in FILE_NAMES {
            let path = directory.join(name);
            if is_there(&path).map_err(ConfigError::Read)? {
                return Ok(Some(path));
            }
        }
        if directory == last {
            break;
        }
    }
    Ok(None)
}

/// A broken link counts: better an error than another configuration than the one that is meant.
fn is_there(path: &Path) -> io::Result<bool> {
    match fs_err::symlink_metadata(path) {
        Ok(metadata) => Ok(!metadata.is_dir()),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for file in files {
            let path = directory.path().join(file);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, "").unwrap();
        }
        directory
    }

    fn found(tree: &tempfile::TempDir, start: &str) -> Option<String> {
        let path = find(&tree.path().join(start)).unwrap()?;
        Some(
            path.strip_prefix(tree.path())
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned(),
        )
    }

    #[test]
    fn the_nearest_directory_wins_then_the_order_of_names() {
        let tree = tree(&[
            "repo/.git/HEAD",
            "repo/semtest.config.ts",
            "repo/a/semtest.config.json",
            "repo/a/semtest.config.mjs",
            "repo/a/b/c/keep",
        ]);
        assert_eq!(
            found(&tree, "repo/a/b/c").as_deref(),
            Some("repo/a/semtest.config.mjs")
        );
        assert_eq!(
            found(&tree, "repo").as_deref(),
            Some("repo/semtest.config.ts")
        );
    }

    #[test]
    fn the_search_ends_at_the_git_root_be_it_directory_or_file() {
        let tree = tree(&[
            "semtest.config.ts",
            "repo/.git/HEAD",
            "repo/a/keep",
            "worktree/.git",
            "worktree/a/keep",
        ]);
        assert_eq!(found(&tree, "repo/a"), None);
        assert_eq!(found(&tree, "worktree/a"), None);
    }

    #[test]
    fn outside_a_repository_only_the_start_is_looked_at() {
        let tree = tree(&["semtest.config.ts", "a/keep"]);
        assert_eq!(found(&tree, "").as_deref(), Some("semtest.config.ts"));
        assert_eq!(found(&tree, "a"), None);
    }

    #[test]
    fn a_directory_of_that_name_is_no_config() {
        let tree = tree(&["semtest.config.ts/keep", "semtest.config.js"]);
        assert_eq!(found(&tree, "").as_deref(), Some("semtest.config.js"));
    }
}
