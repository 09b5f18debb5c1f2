//! What differs from the last commit, as `git status` tells it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::env::Env;
use crate::process::{self, Cancel, Ending, Invocation, StartError};

use super::{GRACE, LIMIT, SAFE, arguments, environment, find_git};

/// A repository with a working tree.
#[derive(Clone, Debug)]
pub struct Repository {
    program: PathBuf,
    environment: Vec<(OsString, OsString)>,
    /// The root of the working tree.
    pub top: PathBuf,
    /// What belongs to this working tree alone: `.git`, or elsewhere for a linked one.
    pub own_directory: PathBuf,
    /// What all working trees of the repository share: configuration and hooks.
    pub common_directory: PathBuf,
}

/// What differs from the last commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The current commit and branch, in git's words.
    pub head: Vec<Vec<u8>>,
    /// What git says about each changed or untracked file, by path from [`Repository::top`].
    pub files: BTreeMap<PathBuf, Vec<u8>>,
}

/// Why git did not tell.
#[derive(Debug, Error)]
pub enum StatusError {
    /// There is no git.
    #[error("git is not on PATH")]
    NotInstalled,
    /// It could not be started.
    #[error(transparent)]
    NotStarted(#[from] StartError),
    /// Nowhere above is a repository.
    #[error("git says: {0}")]
    NoRepository(String),
    /// It ended in another way than with exit code 0.
    #[error("git says: {0}")]
    Refused(String),
    /// It took too long, or a signal ended it.
    #[error("git did not get done")]
    Ended,
    /// It printed more than is kept, or what nobody understands.
    #[error("git's answer is too long or can't be understood")]
    Unreadable,
}

impl Repository {
    /// The repository whose working tree `directory` is in.
    ///
    /// # Errors
    /// When there is none, or git does not tell.
    pub async fn find(directory: &Path, env: &Env, cancel: &Cancel) -> Result<Self, StatusError> {
        let mut repository = Self {
            program: find_git(env).ok_or(StatusError::NotInstalled)?,
            environment: environment(env),
            top: directory.to_owned(),
            own_directory: PathBuf::new(),
            common_directory: PathBuf::new(),
        };
        let asked = [
            "rev-parse",
            "--path-format=absolute",
            "--show-toplevel",
            "--git-dir",
            "--git-common-dir",
        ];
        let told = repository.ask(&asked, cancel).await?;
        let lines: Vec<&[u8]> = told.trim_ascii_end().split(|byte| *byte == b'\n').collect();
        let [top, own, common] = lines[..] else {
            return Err(StatusError::Unreadable);
        };
        let path = |line: &[u8]| PathBuf::from(OsStr::from_bytes(line));
        repository.top = path(top);
        repository.own_directory = path(own);
        repository.common_directory = path(common);
        Ok(repository)
    }

    /// Whether its history was cut (`git clone --depth`).
    ///
    /// # Errors
    /// When git does not tell.
    pub async fn is_shallow(&self, cancel: &Cancel) -> Result<bool, StatusError> {
        let told = self.ask(&["rev-parse", "--is-shallow-repository"], cancel);
        Ok(told.await?.trim_ascii() == b"true")
    }

    /// Every file that differs from the last commit or is new to git; what is ignored is not there.
    ///
    /// Of a submodule only the commit is looked at: its own configuration may name programs, which
    /// git would run.
    ///
    /// # Errors
    /// When git does not tell.
    pub async fn status(&self, cancel: &Cancel) -> Result<Status, StatusError> {
        let asked = [
            "status",
            "--porcelain=v2",
            "--branch",
            "--no-ahead-behind",
            "--no-renames",
            "--untracked-files=all",
            "--ignore-submodules=dirty",
            "-z",
        ];
        let told = self.ask(&asked, cancel).await?;
        parse_status(&told).ok_or(StatusError::Unreadable)
    }

    async fn ask(&self, asked: &[&str], cancel: &Cancel) -> Result<Vec<u8>, StatusError> {
        let invocation = Invocation {
            program: self.program.clone(),
            args: arguments(&SAFE, asked.iter().copied()),
            directory: self.top.clone(),
            environment: self.environment.clone(),
            stdin: [].into(),
            limit: Some(LIMIT),
            grace: GRACE,
        };
        let finished = process::run(invocation, cancel).await?;
        match finished.ending {
            Ending::Exited(0) if finished.stdout.is_complete() => {
                Ok([finished.stdout.head(), finished.stdout.tail()].concat())
            }
            Ending::Exited(0) => Err(StatusError::Unreadable),
            Ending::Exited(_) => {
                let said = finished.stderr.to_text_lossy();
                let first = said.lines().next().unwrap_or("nothing").to_owned();
                // Where there is a broken one, its place stands here instead.
                if first.contains("not a git repository (or any") {
                    return Err(StatusError::NoRepository(first));
                }
                Err(StatusError::Refused(first))
            }
            Ending::Signalled(_) | Ending::TimedOut | Ending::Cancelled => Err(StatusError::Ended),
        }
    }
}

/// Format version 2 of `git-status(1)`, ended by NUL.
fn parse_status(told: &[u8]) -> Option<Status> {
    let mut status = Status::default();
    let mut records = told.split(|byte| *byte == 0);
    while let Some(record) = records.next() {
        // How many fields stand before the path.
        let fields = match record.first() {
            None => continue,
            Some(b'#') => {
                if record.starts_with(b"# branch.oid") || record.starts_with(b"# branch.head") {
                    status.head.push(record.to_owned());
                }
                continue;
            }
            Some(b'?' | b'!') => 1,
            Some(b'1') => 8,
            Some(b'2') => 9,
            Some(b'u') => 10,
            Some(_) => return None,
        };
        let path = record
            .splitn(fields + 1, |byte| *byte == b' ')
            .nth(fields)?;
        let mut state = record[..record.len() - path.len()].to_owned();
        if record.starts_with(b"2") {
            state.extend_from_slice(records.next()?);
        }
        let path = PathBuf::from(OsStr::from_bytes(path));
        status.files.insert(path, state);
    }
    Some(status)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    fn git(directory: &Path, arguments: &[&str]) {
        let done = Command::new("git")
            .args(["-c", "user.name=n", "-c", "user.email=e"])
            .args(arguments)
            .current_dir(directory)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
    }

    fn env() -> Env {
        Env::from_iter([("PATH", "/usr/local/bin:/usr/bin:/bin")])
    }

    async fn files(directory: &Path) -> Vec<String> {
        let cancel = Cancel::new();
        let found = Repository::find(directory, &env(), &cancel).await.unwrap();
        let status = found.status(&cancel).await.unwrap();
        let name = |path: &PathBuf| path.to_str().unwrap().to_owned();
        status.files.keys().map(name).collect()
    }

    #[tokio::test]
    async fn changed_staged_and_new_files_are_told_from_anywhere_in_the_tree() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        git(root, &["init", "--quiet"]);
        fs_err::create_dir(root.join("in")).unwrap();
        for name in ["changed", "deleted", "kept", "moved"] {
            fs_err::write(root.join(name), format!("{name}\n")).unwrap();
        }
        fs_err::write(root.join(".gitignore"), "*.log\n").unwrap();
        git(root, &["add", "."]);
        git(root, &["commit", "--quiet", "-m", "m"]);
        assert!(files(root).await.is_empty());
        fs_err::write(root.join("changed"), "x").unwrap();
        fs_err::remove_file(root.join("deleted")).unwrap();
        git(root, &["mv", "moved", "moved here"]);
        fs_err::write(root.join("in/new\nfile"), "x").unwrap();
        fs_err::write(root.join("in/ignored.log"), "x").unwrap();
        let expected = ["changed", "deleted", "in/new\nfile", "moved", "moved here"];
        assert_eq!(files(root).await, expected);
        assert_eq!(files(&root.join("in")).await, expected);
    }

    #[tokio::test]
    async fn a_cut_history_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        git(root, &["init", "--quiet", "whole"]);
        let whole = root.join("whole");
        for message in ["1", "2"] {
            git(
                &whole,
                &["commit", "--quiet", "--allow-empty", "-m", message],
            );
        }
        let origin = format!("file://{}", whole.display());
        git(root, &["clone", "--quiet", "--depth=1", &origin, "cut"]);
        let cancel = Cancel::new();
        for (name, expected) in [("whole", false), ("cut", true)] {
            let found = Repository::find(&root.join(name), &env(), &cancel).await;
            let is_shallow = found.unwrap().is_shallow(&cancel).await;
            assert_eq!(is_shallow.unwrap(), expected, "{name}");
        }
    }

    #[tokio::test]
    async fn the_repositorys_own_programs_are_not_run() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        git(root, &["init", "--quiet"]);
        fs_err::write(root.join("hook"), "#!/bin/sh\ntouch ran\n").unwrap();
        git(root, &["config", "core.fsmonitor", "sh ./hook"]);
        assert_eq!(files(root).await, ["hook"]);
        assert!(!root.join("ran").exists());
    }

    #[tokio::test]
    async fn a_directory_that_only_looks_like_a_repository_is_none() {
        let directory = tempfile::tempdir().unwrap();
        let planted = directory.path();
        for below in ["objects", "refs", "info"] {
            fs_err::create_dir(planted.join(below)).unwrap();
        }
        let config = "[core]\nrepositoryformatversion = 0\nbare = false\nworktree = .\n\
                      [filter \"x\"]\nclean = touch ran; cat\n";
        for (name, text) in [
            ("HEAD", "ref: refs/heads/main\n"),
            ("config", config),
            ("info/attributes", "* filter=x\n"),
            ("code", "1\n"),
        ] {
            fs_err::write(planted.join(name), text).unwrap();
        }
        let blob = "git --git-dir=. --work-tree=. -c filter.x.clean=cat add code; echo 2 > code; touch -d 2001-01-01 code; rm -f ran";
        let made = Command::new("sh")
            .args(["-c", blob])
            .current_dir(planted)
            .output();
        assert!(made.unwrap().status.success() && planted.join("index").exists());
        let cancel = Cancel::new();
        if let Ok(found) = Repository::find(planted, &env(), &cancel).await {
            let _ = found.status(&cancel).await;
        }
        assert!(!planted.join("ran").exists(), "it ran what it found");
        assert!(Repository::find(planted, &env(), &cancel).await.is_err());
    }

    #[tokio::test]
    async fn outside_of_a_repository_git_says_so() {
        let directory = tempfile::tempdir().unwrap();
        let found = Repository::find(directory.path(), &env(), &Cancel::new()).await;
        let error = found.unwrap_err();
        assert!(matches!(error, StatusError::NoRepository(_)), "{error:?}");
        assert!(
            error.to_string().contains("not a git repository"),
            "{error}"
        );
        let broken = directory.path().join(".git");
        fs_err::write(&broken, "gitdir: nowhere\n").unwrap();
        let found = Repository::find(directory.path(), &env(), &Cancel::new()).await;
        let error = found.unwrap_err();
        assert!(matches!(error, StatusError::Refused(_)), "{error:?}");
        let nowhere = Repository::find(directory.path(), &Env::default(), &Cancel::new()).await;
        assert!(matches!(nowhere, Err(StatusError::NotInstalled)));
    }

    #[test]
    fn a_rename_takes_its_old_name_along() {
        let told = b"# branch.oid a\x002 R. N... 1 2 3 h h R100 new name\0old\0? x y\0";
        let status = parse_status(told).unwrap();
        let names: Vec<&Path> = status.files.keys().map(PathBuf::as_path).collect();
        assert_eq!(names, [Path::new("new name"), Path::new("x y")]);
        assert_eq!(status.head, [b"# branch.oid a"]);
        assert_eq!(parse_status(b"1 M. short\0"), None);
        assert_eq!(parse_status(b"what?\0"), None);
    }

    proptest! {
        #[test]
        fn no_answer_makes_a_panic(told in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_status(&told);
        }
    }
}
