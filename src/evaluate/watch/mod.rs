//! Whether the working tree is as it was: looked at after every file that asked a model.
//!
//! An LLM CLI is asked to read, but it holds tools that write, and what it reads may tell it to. A
//! verdict that was found in a tree which the judge had changed says nothing about the code. What
//! changed is named and never put back: the tree is the user's, who may be the one who changed it.
//!
//! What git ignores is not looked at, nor files inside submodules, nor what was hidden from git
//! itself (`git update-index --assume-unchanged`).

mod change;
mod snapshot;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::env::Env;
use crate::git::{Repository, StatusError};
use crate::model::OnWrite;
use crate::process::Cancel;

pub(crate) use change::Change;
use snapshot::{Controls, Files};

/// Watches one working tree during a run.
pub(crate) struct Watch {
    repository: Repository,
    root: PathBuf,
    own: Vec<PathBuf>,
    on_write: OnWrite,
    last: tokio::sync::Mutex<Last>,
    running: Mutex<BTreeMap<usize, Running>>,
}

/// What was seen last.
struct Last {
    controls: Controls,
    files: Files,
    /// Git runs what its configuration names: once that is not the user's any more, we don't ask.
    may_ask: bool,
}

/// A file that is being judged.
struct Running {
    path: String,
    changes: Vec<Change>,
}

impl Watch {
    /// Remembers how the tree around `root` is now. `own` are files that semtest itself writes.
    ///
    /// # Errors
    /// When this is no git repository, or git does not tell.
    pub(crate) async fn open(
        root: &Path,
        own: &[PathBuf],
        on_write: OnWrite,
        env: &Env,
        cancel: &Cancel,
    ) -> Result<Self, StatusError> {
        let repository = Repository::find(root, env, cancel).await?;
        let own: Vec<PathBuf> = own.iter().map(|path| canonical(path)).collect();
        let controls = Controls::of(&repository);
        let files = Files::of(&repository, repository.status(cancel).await?, &own);
        Ok(Self {
            repository,
            root: root.to_owned(),
            own,
            on_write,
            last: tokio::sync::Mutex::new(Last {
                controls,
                files,
                may_ask: true,
            }),
            running: Mutex::default(),
        })
    }

    /// What a change amounts to.
    pub(crate) fn on_write(&self) -> OnWrite {
        self.on_write
    }

    /// File `index` is judged from now on.
    pub(crate) fn enter(&self, index: usize, path: &str) {
        let running = Running {
            path: path.to_owned(),
            changes: Vec::new(),
        };
        self.running().insert(index, running);
    }

    /// File `index` has its verdict. Looks at the tree if a model was asked, and tells what changed
    /// since the file was entered.
    ///
    /// A change is put down to every file that was being judged meanwhile: which of their agents
    /// made it, nobody can tell.
    pub(crate) async fn leave(
        &self,
        index: usize,
        asked_a_model: bool,
        cancel: &Cancel,
    ) -> Option<Change> {
        let mut unknown = None;
        if asked_a_model {
            // After Ctrl-C too, which ends other programs at once: a second one ends this.
            let patient = Cancel::new();
            tokio::select! {
                () = self.look(&patient) => {}
                () = cancel.killed() => unknown = Some(Change::unknown("the run was interrupted")),
            }
        }
        let left = self.running().remove(&index)?;
        left.changes.into_iter().chain(unknown).reduce(Change::and)
    }

    async fn look(&self, cancel: &Cancel) {
        let mut last = self.last.lock().await;
        let Some(change) = self.compare(&mut last, cancel).await else {
            return;
        };
        let mut running = self.running();
        let paths: Vec<String> = running.values().map(|file| file.path.clone()).collect();
        for file in running.values_mut() {
            let others = paths.iter().filter(|path| **path != file.path);
            let change = change.clone().beside(others.cloned());
            file.changes.push(change);
        }
    }

    async fn compare(&self, last: &mut Last, cancel: &Cancel) -> Option<Change> {
        let controls = Controls::of(&self.repository);
        let changed = controls.changed_since(&last.controls);
        last.controls = controls;
        if !changed.is_empty() {
            last.may_ask = false;
            return Some(Change::of_controls(self.names(changed)));
        }
        if !last.may_ask {
            return Some(Change::unknown(
                "git's configuration or hooks changed during the run, so git was not run again",
            ));
        }
        let files = match self.repository.status(cancel).await {
            Ok(status) => Files::of(&self.repository, status, &self.own),
            Err(error) => return Some(Change::unknown(&error.to_string())),
        };
        let changed = self.names(files.changed_since(&last.files));
        let moved = files.has_moved_since(&last.files);
        last.files = files;
        (moved || !changed.is_empty()).then(|| Change::of_files(changed, moved))
    }

    /// As a reader in the project knows them.
    fn names(&self, paths: impl IntoIterator<Item = PathBuf>) -> Vec<String> {
        let name = |path: PathBuf| {
            let bases = [&self.root, &self.repository.top];
            let shorter = bases.iter().find_map(|base| path.strip_prefix(base).ok());
            shorter.unwrap_or(&path).display().to_string()
        };
        paths.into_iter().map(name).collect()
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<usize, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Git tells paths without links. What is not there yet is taken from where it will be.
fn canonical(path: &Path) -> PathBuf {
    if let Ok(path) = fs_err::canonicalize(path) {
        return path;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => canonical(parent).join(name),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::evaluate::judge::FileVerdict;

    fn git(directory: &Path, arguments: &[&str]) {
        let done = Command::new("git")
            .args(arguments)
            .current_dir(directory)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
    }

    async fn opened(root: &Path) -> Watch {
        let env = Env::from_iter([("PATH", "/usr/local/bin:/usr/bin:/bin")]);
        Watch::open(
            root,
            &[root.join("out")],
            OnWrite::Warn,
            &env,
            &Cancel::new(),
        )
        .await
        .unwrap()
    }

    async fn told(watch: &Watch, index: usize, asked_a_model: bool) -> Option<String> {
        let cancel = Cancel::new();
        let change = watch.leave(index, asked_a_model, &cancel).await?;
        let mut verdict = FileVerdict {
            results: Vec::new(),
            issues: Vec::new(),
            usage: None,
        };
        change.note("x", OnWrite::Warn, &mut verdict);
        let message = verdict.issues.remove(0).message;
        let (told, _) = message.split_once(';').unwrap();
        Some(told.replace("the working tree changed while it was being judged", ""))
    }

    #[tokio::test]
    async fn every_file_that_was_being_judged_meanwhile_is_told_and_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        git(root, &["init", "--quiet"]);
        let watch = opened(root).await;
        for index in [1, 2, 3, 4] {
            watch.enter(index, &format!("{index}.spec.md"));
        }
        assert_eq!(told(&watch, 1, true).await, None);
        fs_err::write(root.join("new"), "").unwrap();
        assert_eq!(
            told(&watch, 2, true).await.unwrap(),
            " (judged at the same time: `3.spec.md` and `4.spec.md`): `new`"
        );
        watch.enter(5, "5.spec.md");
        assert_eq!(
            told(&watch, 3, true).await.unwrap(),
            " (judged at the same time: `2.spec.md` and `4.spec.md`): `new`"
        );
        // It asked nobody, but was judged in that tree.
        assert!(told(&watch, 4, false).await.is_some());
        assert_eq!(told(&watch, 5, true).await, None);
    }

    #[tokio::test]
    async fn names_are_the_projects_and_our_own_files_are_nobodys_work() {
        let directory = tempfile::tempdir().unwrap();
        let top = directory.path();
        git(top, &["init", "--quiet"]);
        let root = top.join("sub");
        fs_err::create_dir_all(root.join("out")).unwrap();
        let watch = opened(&root).await;
        watch.enter(1, "1.spec.md");
        for name in ["out/ours", "theirs", "../above"] {
            fs_err::write(root.join(name), "").unwrap();
        }
        let message = told(&watch, 1, true).await;
        assert_eq!(message.unwrap(), ": `above` and `theirs`");
    }

    #[tokio::test]
    async fn a_repository_that_is_gone_is_not_taken_for_a_clean_one() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        git(root, &["init", "--quiet"]);
        let watch = opened(root).await;
        watch.enter(1, "1.spec.md");
        fs_err::remove_dir_all(root.join(".git")).unwrap();
        let message = told(&watch, 1, true).await.unwrap();
        assert!(message.contains("`.git`"), "{message}");
    }

    #[tokio::test]
    async fn a_second_signal_ends_the_look() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        git(root, &["init", "--quiet"]);
        let watch = opened(root).await;
        watch.enter(1, "1.spec.md");
        let cancel = Cancel::new();
        cancel.kill();
        let looked = tokio::time::timeout(
            std::time::Duration::from_mins(1),
            watch.leave(1, true, &cancel),
        );
        // Either it was done, or nobody can tell.
        let change = looked.await.unwrap();
        assert!(change.is_none() || change == Some(Change::unknown("the run was interrupted")));
        watch.enter(2, "2.spec.md");
        assert_eq!(told(&watch, 2, true).await, None);
    }
}
