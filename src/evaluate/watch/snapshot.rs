//! The state of a working tree at one moment, small enough to be taken after every file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::git::{Repository, Status};

/// What git runs or obeys without being asked. Nobody but a person changes these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Controls(BTreeMap<PathBuf, Fingerprint>);

/// What differs from the last commit, and what would show that such a file changed once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Files {
    head: Vec<Vec<u8>>,
    /// By absolute path.
    entries: BTreeMap<PathBuf, (Vec<u8>, Fingerprint)>,
}

/// Everything in a directory that is no repository, by absolute path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entries(BTreeMap<PathBuf, Fingerprint>);

/// How many files and directories are looked at. Whoever makes more wants us to run out of memory.
const MOST_ENTRIES: usize = 1_000_000;

/// Changes whenever a file's content or mode does: a program can set the time of modification back,
/// but not that of the last change of the inode.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fingerprint {
    Missing,
    /// Git makes and removes files of its own in there all the time.
    Directory {
        inode: u64,
    },
    File {
        inode: u64,
        mode: u32,
        size: u64,
        modified: (i64, i64),
        changed: (i64, i64),
    },
}

impl Fingerprint {
    fn of(path: &Path) -> Self {
        match fs_err::symlink_metadata(path) {
            Err(_) => Self::Missing,
            Ok(found) if found.is_dir() => Self::Directory { inode: found.ino() },
            Ok(found) => Self::File {
                inode: found.ino(),
                mode: found.mode(),
                size: found.size(),
                modified: (found.mtime(), found.mtime_nsec()),
                changed: (found.ctime(), found.ctime_nsec()),
            },
        }
    }
}

impl Controls {
    pub(super) fn of(repository: &Repository) -> Self {
        let (own, common) = (&repository.own_directory, &repository.common_directory);
        let hooks = common.join("hooks");
        let mut paths = vec![
            repository.top.join(".git"),
            own.join("commondir"),
            own.join("config.worktree"),
            own.join("gitdir"),
            common.join("config"),
            common.join("info/attributes"),
            common.join("info/exclude"),
        ];
        let found = fs_err::read_dir(&hooks).into_iter().flatten().flatten();
        paths.extend(found.map(|entry| entry.path()));
        paths.push(hooks);
        let taken = paths.into_iter().map(|path| {
            let fingerprint = Fingerprint::of(&path);
            (path, fingerprint)
        });
        Self(taken.collect())
    }

    pub(super) fn changed_since(&self, earlier: &Self) -> BTreeSet<PathBuf> {
        differing(&self.0, &earlier.0)
    }
}

impl Files {
    /// `own` are files that semtest itself writes.
    pub(super) fn of(repository: &Repository, status: Status, own: &[PathBuf]) -> Self {
        let entries = status.files.into_iter().filter_map(|(path, state)| {
            let path = repository.top.join(path);
            let is_own = own.iter().any(|own| path.starts_with(own));
            (!is_own).then(|| {
                let fingerprint = Fingerprint::of(&path);
                (path, (state, fingerprint))
            })
        });
        Self {
            head: status.head,
            entries: entries.collect(),
        }
    }

    pub(super) fn changed_since(&self, earlier: &Self) -> BTreeSet<PathBuf> {
        differing(&self.entries, &earlier.entries)
    }

    /// Whether another commit or branch is checked out.
    pub(super) fn has_moved_since(&self, earlier: &Self) -> bool {
        self.head != earlier.head
    }
}

impl Entries {
    /// Everything below `top`; no link is followed.
    ///
    /// # Errors
    /// In words that name no path: a reader does not know where the copy is.
    pub(super) fn below(top: &Path) -> Result<Self, String> {
        let why = |error: Error| error.kind().to_string();
        let mut found = BTreeMap::new();
        let mut directories = vec![top.to_owned()];
        while let Some(directory) = directories.pop() {
            let listed = match fs_err::read_dir(directory) {
                Ok(listed) => listed,
                // It went meanwhile, and so did what was in it.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(why(error)),
            };
            for entry in listed {
                let path = entry.map_err(why)?.path();
                let fingerprint = Fingerprint::of(&path);
                if matches!(fingerprint, Fingerprint::Directory { .. }) {
                    directories.push(path.clone());
                }
                found.insert(path, fingerprint);
                if found.len() > MOST_ENTRIES {
                    return Err(format!("it has more than {MOST_ENTRIES} files"));
                }
            }
        }
        Ok(Self(found))
    }

    /// All but these files and what is in these directories.
    pub(super) fn without(mut self, own: &[PathBuf]) -> Self {
        self.0
            .retain(|path, _| !own.iter().any(|own| path.starts_with(own)));
        self
    }

    pub(super) fn changed_since(&self, earlier: &Self) -> BTreeSet<PathBuf> {
        differing(&self.0, &earlier.0)
    }
}

/// The keys that only one side has, or both with different values.
fn differing<Value: PartialEq>(
    now: &BTreeMap<PathBuf, Value>,
    earlier: &BTreeMap<PathBuf, Value>,
) -> BTreeSet<PathBuf> {
    let paths = now.keys().chain(earlier.keys());
    paths
        .filter(|path| now.get(*path) != earlier.get(*path))
        .cloned()
        .collect()
}
