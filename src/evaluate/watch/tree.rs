//! One directory that is watched, and what was seen in it last.

use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::git::Repository;
use crate::process::Cancel;

use super::change::Change;
use super::error::WatchError;
use super::snapshot::{Controls, Entries, Files};

/// A directory that is watched.
pub(super) enum Tree {
    Checkout(Checkout),
    Copies(Copies),
}

impl Tree {
    /// What changed since the last look. `own` tells which files are nobody's work at the moment
    /// when the tree has been looked at.
    pub(super) async fn look(
        &mut self,
        own: impl Fn() -> Vec<PathBuf>,
        cancel: &Cancel,
    ) -> Option<Change> {
        match self {
            Self::Checkout(checkout) => checkout.look(own, cancel).await,
            Self::Copies(copies) => copies.look(own).await,
        }
    }
}

/// The user's working tree, as git sees it.
pub(super) struct Checkout {
    repository: Repository,
    root: PathBuf,
    controls: Controls,
    files: Files,
    /// Git runs what its configuration names: once that is not the user's any more, we don't ask.
    may_ask: bool,
}

impl Checkout {
    /// The working tree around the project at `root`.
    pub(super) async fn around(
        root: &Path,
        own: &[PathBuf],
        env: &Env,
        cancel: &Cancel,
    ) -> Result<Self, WatchError> {
        let repository = Repository::find(root, env, cancel).await?;
        let controls = Controls::of(&repository);
        let files = Files::of(&repository, repository.status(cancel).await?, own);
        Ok(Self {
            repository,
            root: root.to_owned(),
            controls,
            files,
            may_ask: true,
        })
    }

    async fn look(&mut self, own: impl Fn() -> Vec<PathBuf>, cancel: &Cancel) -> Option<Change> {
        let controls = Controls::of(&self.repository);
        let changed = controls.changed_since(&self.controls);
        self.controls = controls;
        if !changed.is_empty() {
            self.may_ask = false;
            return Some(Change::of_controls(self.names(changed)));
        }
        if !self.may_ask {
            return Some(Change::unknown(
                "git's configuration or hooks changed during the run, so git was not run again",
            ));
        }
        let files = match self.repository.status(cancel).await {
            Ok(status) => Files::of(&self.repository, status, &own()),
            Err(error) => return Some(Change::unknown(&error.to_string())),
        };
        let changed = self.names(files.changed_since(&self.files));
        let moved = files.has_moved_since(&self.files);
        self.files = files;
        (moved || !changed.is_empty()).then(|| Change::of_files(changed, moved))
    }

    fn names(&self, paths: impl IntoIterator<Item = PathBuf>) -> Vec<String> {
        names(&[&self.root, &self.repository.top], paths)
    }
}

/// The copy that agents work in, and the one that the judge comes from, which they can reach. These
/// are no repositories, so every file of them is looked at.
pub(super) struct Copies {
    /// The project in the copy.
    directory: PathBuf,
    /// The top of the copy.
    top: PathBuf,
    /// Where both lie.
    all: PathBuf,
    entries: Entries,
}

impl Copies {
    /// The copy at `top` with the project in `directory`, and whatever else is in `all`.
    pub(super) async fn open(directory: &Path, top: &Path, all: &Path) -> Result<Self, WatchError> {
        Ok(Self {
            directory: directory.to_owned(),
            top: top.to_owned(),
            all: all.to_owned(),
            entries: entries(all).await?,
        })
    }

    async fn look(&mut self, own: impl Fn() -> Vec<PathBuf>) -> Option<Change> {
        let entries = match entries(&self.all).await {
            Ok(entries) => entries.without(&own()),
            Err(error) => return Some(Change::unknown(&error.to_string())),
        };
        let changed = entries.changed_since(&self.entries);
        self.entries = entries;
        let changed = names(&[&self.directory, &self.top, &self.all], changed);
        (!changed.is_empty()).then(|| Change::of_files(changed, false))
    }
}

/// Aside, so that a signal can end the wait for a large tree.
async fn entries(directory: &Path) -> Result<Entries, WatchError> {
    let directory = directory.to_owned();
    let looked = tokio::task::spawn_blocking(move || Entries::below(&directory)).await;
    let looked = looked.unwrap_or_else(|_| Err("the look at it crashed".into()));
    looked.map_err(WatchError::Copy)
}

/// As a reader in the project knows them: relative to the first of `bases` that they are in.
fn names(bases: &[&PathBuf], paths: impl IntoIterator<Item = PathBuf>) -> Vec<String> {
    let name = |path: PathBuf| {
        let shorter = bases.iter().find_map(|base| path.strip_prefix(base).ok());
        match shorter {
            // The directory itself.
            Some(shorter) if shorter.as_os_str().is_empty() => ".".to_owned(),
            Some(shorter) => shorter.display().to_string(),
            None => path.display().to_string(),
        }
    };
    paths.into_iter().map(name).collect()
}
