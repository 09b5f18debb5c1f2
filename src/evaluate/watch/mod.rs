//! Whether the working tree is as it was: looked at after every file that asked a model.
//!
//! An LLM CLI is asked to read, but it holds tools that write, and what it reads may tell it to. A
//! verdict that was found in a tree which the judge had changed says nothing about the code. What
//! changed is named and never put back: the tree is the user's, who may be the one who changed it.
//!
//! What git ignores is not looked at, nor files inside submodules, nor what was hidden from git
//! itself (`git update-index --assume-unchanged`). Of the copies that agents can reach, everything is.

mod change;
mod error;
mod snapshot;
mod tree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::env::Env;
use crate::model::OnWrite;
use crate::process::Cancel;

use super::workplace::Workplace;

pub(crate) use change::Change;
pub use error::WatchError;
use tree::{Checkout, Copies, Tree};

/// How long a look goes on after a signal: the reports have to be on disk within 5 s, and agents get
/// 2 s of that.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is watched.
pub(crate) struct Watched<'run> {
    /// The project root.
    pub(crate) root: &'run Path,
    /// Where agents work, which may be elsewhere; they can still reach the root.
    pub(crate) workplace: &'run Workplace,
    /// Files and directories that semtest itself writes.
    pub(crate) own: &'run [PathBuf],
    /// Names of what the tools leave where they work, and what goes when the last of them ends.
    pub(crate) leaves: Vec<&'static str>,
}

/// Watches the trees that agents can reach during a run.
pub(crate) struct Watch {
    own: Vec<PathBuf>,
    leaves: Vec<PathBuf>,
    on_write: OnWrite,
    trees: tokio::sync::Mutex<Vec<Tree>>,
    running: Mutex<BTreeMap<usize, Running>>,
}

/// A file that is being judged.
struct Running {
    path: String,
    changes: Vec<Change>,
}

impl Watch {
    /// Remembers how the trees are now.
    ///
    /// # Errors
    /// When this is no git repository, or it can't be told how the trees are.
    pub(crate) async fn open(
        watched: Watched<'_>,
        on_write: OnWrite,
        env: &Env,
        cancel: &Cancel,
    ) -> Result<Self, WatchError> {
        let workplace = watched.workplace;
        let own: Vec<PathBuf> = watched.own.iter().map(|path| canonical(path)).collect();
        // What is there already is the user's, and no call removes it.
        let leaves = watched.leaves.into_iter().map(|name| {
            let path = canonical(&workplace.directory).join(name);
            fs_err::symlink_metadata(&path).is_err().then_some(path)
        });
        let leaves: Vec<PathBuf> = leaves.flatten().collect();
        let mut trees = Vec::new();
        if let Some((top, all)) = workplace.copies() {
            let copies = Copies::open(&workplace.directory, top, all).await?;
            trees.push(Tree::Copies(copies));
        }
        let checkout = Checkout::around(watched.root, &own, env, cancel).await?;
        trees.push(Tree::Checkout(checkout));
        Ok(Self {
            own,
            leaves,
            on_write,
            trees: tokio::sync::Mutex::new(trees),
            running: Mutex::default(),
        })
    }

    /// What a change amounts to.
    pub(crate) fn on_write(&self) -> OnWrite {
        self.on_write
    }

    /// File `index` is judged from now on, until what this returns is gone.
    pub(crate) fn enter(&self, index: usize, path: &str) -> Entered<'_> {
        let running = Running {
            path: path.to_owned(),
            changes: Vec::new(),
        };
        self.running().insert(index, running);
        Entered { watch: self, index }
    }

    async fn look(&self, cancel: &Cancel) {
        let mut trees = self.trees.lock().await;
        for tree in trees.iter_mut() {
            // At once: a signal may end the look at the next tree.
            if let Some(change) = tree.look(|| self.nobodys(), cancel).await {
                self.put_down(&change);
            }
        }
    }

    /// Files that no agent is blamed for: ours, and those of a tool that another call still uses.
    fn nobodys(&self) -> Vec<PathBuf> {
        let mut paths = self.own.clone();
        if self.running().len() > 1 {
            paths.extend_from_slice(&self.leaves);
        }
        paths
    }

    /// A change is put down to every file that is being judged: which of their agents made it,
    /// nobody can tell.
    fn put_down(&self, change: &Change) {
        let mut running = self.running();
        let paths: Vec<String> = running.values().map(|file| file.path.clone()).collect();
        for file in running.values_mut() {
            let others = paths.iter().filter(|path| **path != file.path);
            let change = change.clone().beside(others.cloned());
            file.changes.push(change);
        }
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<usize, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file that is being judged. A panic ends that too.
pub(crate) struct Entered<'watch> {
    watch: &'watch Watch,
    index: usize,
}

impl Entered<'_> {
    /// The file has its verdict. Looks at the trees if a model was asked, and tells what changed
    /// since the file was entered.
    pub(crate) async fn leave(self, asked_a_model: bool, cancel: &Cancel) -> Option<Change> {
        let mut unknown = None;
        if asked_a_model {
            // After Ctrl-C too, which ends other programs at once: time or a second one ends this.
            let patient = Cancel::new();
            let too_late = async {
                cancel.cancelled().await;
                tokio::time::sleep(PATIENCE).await;
            };
            tokio::select! {
                () = self.watch.look(&patient) => {}
                () = too_late => unknown = Some(Change::unknown(INTERRUPTED)),
                () = cancel.killed() => unknown = Some(Change::unknown(INTERRUPTED)),
            }
        }
        let left = self.watch.running().remove(&self.index)?;
        left.changes.into_iter().chain(unknown).reduce(Change::and)
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.watch.running().remove(&self.index);
    }
}

const INTERRUPTED: &str = "the run was interrupted";

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
        opened_by(root, "/usr/local/bin:/usr/bin:/bin").await
    }

    async fn opened_by(root: &Path, search: &str) -> Watch {
        let env = Env::from_iter([("PATH", search)]);
        let watched = Watched {
            root,
            workplace: &Workplace::project(root.to_owned()),
            own: &[root.join("out")],
            leaves: vec!["cache", "users"],
        };
        let opened = Watch::open(watched, OnWrite::Warn, &env, &Cancel::new()).await;
        opened.unwrap()
    }

    async fn told(entered: Entered<'_>, asked_a_model: bool) -> Option<String> {
        let cancel = Cancel::new();
        let change = entered.leave(asked_a_model, &cancel).await?;
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
        let enter = |index: usize| watch.enter(index, &format!("{index}.spec.md"));
        let [first, second, third, fourth] = [1, 2, 3, 4].map(enter);
        assert_eq!(told(first, true).await, None);
        fs_err::write(root.join("new"), "").unwrap();
        assert_eq!(
            told(second, true).await.unwrap(),
            " (judged at the same time: `3.spec.md` and `4.spec.md`): `new`"
        );
        let fifth = enter(5);
        assert_eq!(
            told(third, true).await.unwrap(),
            " (judged at the same time: `2.spec.md` and `4.spec.md`): `new`"
        );
        // It asked nobody, but was judged in that tree.
        assert!(told(fourth, false).await.is_some());
        assert_eq!(told(fifth, true).await, None);
    }

    #[tokio::test]
    async fn a_file_whose_judging_crashed_is_not_named_beside_later_ones() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        git(root, &["init", "--quiet"]);
        let watch = std::sync::Arc::new(opened(root).await);
        let crashed = std::sync::Arc::clone(&watch);
        let crash = tokio::spawn(async move {
            let _entered = crashed.enter(1, "1.spec.md");
            panic!("on purpose");
        });
        assert!(crash.await.unwrap_err().is_panic());
        let second = watch.enter(2, "2.spec.md");
        fs_err::write(root.join("new"), "").unwrap();
        assert_eq!(told(second, true).await.unwrap(), ": `new`");
    }

    #[tokio::test]
    async fn what_a_tool_leaves_counts_once_no_other_call_may_use_it() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        git(root, &["init", "--quiet"]);
        fs_err::write(root.join("users"), "1").unwrap();
        let watch = opened(root).await;
        let [first, second, third] = [1, 2, 3].map(|index| watch.enter(index, &index.to_string()));
        fs_err::create_dir(root.join("cache")).unwrap();
        fs_err::write(root.join("cache/part"), "").unwrap();
        assert_eq!(told(first, true).await, None);
        fs_err::write(root.join("users"), "22").unwrap();
        let message = told(second, true).await.unwrap();
        assert!(message.ends_with("`users`"), "{message}");
        let message = told(third, true).await.unwrap();
        assert!(message.contains("`cache/part`"), "{message}");
    }

    #[tokio::test]
    async fn names_are_the_projects_and_our_own_files_are_nobodys_work() {
        let directory = tempfile::tempdir().unwrap();
        let top = directory.path();
        git(top, &["init", "--quiet"]);
        let root = top.join("sub");
        fs_err::create_dir_all(root.join("out")).unwrap();
        let watch = opened(&root).await;
        let first = watch.enter(1, "1.spec.md");
        for name in ["out/ours", "theirs", "../above"] {
            fs_err::write(root.join(name), "").unwrap();
        }
        let message = told(first, true).await;
        assert_eq!(message.unwrap(), ": `above` and `theirs`");
    }

    #[tokio::test]
    async fn a_repository_that_is_gone_is_not_taken_for_a_clean_one() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        git(root, &["init", "--quiet"]);
        let watch = opened(root).await;
        let first = watch.enter(1, "1.spec.md");
        fs_err::remove_dir_all(root.join(".git")).unwrap();
        let message = told(first, true).await.unwrap();
        assert!(message.contains("`.git`"), "{message}");
    }

    /// A watch whose git does not get done any more once it is open.
    async fn opened_with_slow_git(root: &Path) -> Watch {
        use std::os::unix::fs::PermissionsExt as _;
        git(root, &["init", "--quiet"]);
        let bin = root.join("out");
        fs_err::create_dir(&bin).unwrap();
        let script = "#!/bin/sh\n[ ! -e \"${0%/*}/slow\" ] || exec sleep 60\n\
                      exec /usr/bin/git \"$@\"\n";
        fs_err::write(bin.join("git"), script).unwrap();
        let executable = std::fs::Permissions::from_mode(0o755);
        fs_err::set_permissions(bin.join("git"), executable).unwrap();
        let watch = opened_by(root, &format!("{}:/usr/bin:/bin", bin.display())).await;
        fs_err::write(bin.join("slow"), "").unwrap();
        watch
    }

    #[tokio::test]
    async fn a_second_signal_ends_the_look_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let watch = opened_with_slow_git(directory.path()).await;
        let first = watch.enter(1, "1.spec.md");
        let cancel = Cancel::new();
        cancel.kill();
        let looked = tokio::time::timeout(Duration::from_secs(1), first.leave(true, &cancel));
        assert_eq!(looked.await.unwrap(), Some(Change::unknown(INTERRUPTED)));
    }

    #[tokio::test]
    async fn after_the_first_signal_all_looks_end_soon() {
        let directory = tempfile::tempdir().unwrap();
        let watch = opened_with_slow_git(directory.path()).await;
        let [first, second] = [1, 2].map(|index| watch.enter(index, &index.to_string()));
        let cancel = Cancel::new();
        cancel.cancel();
        let both = async { tokio::join!(first.leave(true, &cancel), second.leave(true, &cancel)) };
        let looked = tokio::time::timeout(PATIENCE + Duration::from_secs(1), both);
        let unknown = Some(Change::unknown(INTERRUPTED));
        assert_eq!(looked.await.unwrap(), (unknown.clone(), unknown));
    }

    #[tokio::test]
    async fn of_a_copy_everything_is_looked_at_but_no_link_is_followed() {
        let (project, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        git(project.path(), &["init", "--quiet"]);
        let top = fs_err::canonicalize(copies.path()).unwrap().join("head");
        let directory = top.join("app");
        fs_err::create_dir_all(&directory).unwrap();
        fs_err::write(top.join(".gitignore"), "*\n").unwrap();
        fs_err::write(directory.join("code"), "1").unwrap();
        let env = Env::from_iter([("PATH", "/usr/local/bin:/usr/bin:/bin")]);
        let watched = Watched {
            root: project.path(),
            workplace: &Workplace::copy(directory.clone(), &top, project.path()),
            own: &[],
            leaves: Vec::new(),
        };
        let watch = Watch::open(watched, OnWrite::Warn, &env, &Cancel::new()).await;
        let watch = watch.unwrap();
        let first = watch.enter(1, "1.spec.md");
        assert_eq!(told(first, true).await, None);
        let second = watch.enter(2, "2.spec.md");
        std::os::unix::fs::symlink(&top, directory.join("loop")).unwrap();
        fs_err::write(directory.join("code"), "2").unwrap();
        fs_err::write(top.join("new"), "").unwrap();
        let message = told(second, true).await.unwrap();
        assert_eq!(message, ": `code`, `loop` and `new`");
        let third = watch.enter(3, "3.spec.md");
        fs_err::write(project.path().join("reached"), "").unwrap();
        assert_eq!(told(third, true).await.unwrap(), ": `reached`");
        let fourth = watch.enter(4, "4.spec.md");
        fs_err::remove_dir_all(&top).unwrap();
        let message = told(fourth, true).await.unwrap();
        assert_eq!(message, ": `.`, `.gitignore`, `code`, `loop` and `new`");
    }
}
