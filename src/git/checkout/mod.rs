//! A checkout whose work tree a stranger wrote: finds the base revision and writes trees elsewhere.
//! Neither the work tree nor the index nor any branch of the checkout is changed.

mod base;

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::env::Env;
use crate::model::{is_commit, short_commit};
use crate::process::{self, Cancel, Ending, Finished, Invocation};
use crate::sanitize;

use super::{GRACE, GitError, SAFE, arguments, environment, find_git};

/// A large tree from a slow server.
const LIMIT: Duration = Duration::from_mins(5);

/// How much of what git says is shown, in bytes.
const SHOWN_BYTES: usize = 300;

/// What git needs to reach a server from behind a proxy, or by SSH.
const FOR_THE_NETWORK: [&str; 14] = [
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "SSH_AUTH_SOCK",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "XDG_CONFIG_HOME",
];

/// For writing a tree: what is written is what was committed, all of it.
const WHOLE: [&str; 9] = [
    "core.attributesFile=/dev/null",
    "core.autocrlf=false",
    "core.bare=false",
    "core.sparseCheckout=false",
    "core.splitIndex=false",
    "filter.lfs.process=",
    "filter.lfs.required=false",
    "filter.lfs.smudge=",
    "index.sparse=false",
];

/// A commit that is in the checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit(String);

impl Commit {
    /// A full name, 40 or 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        is_commit(text).then(|| Self(text.to_owned()))
    }

    /// As people write it.
    #[must_use]
    pub fn short(&self) -> &str {
        short_commit(&self.0)
    }

    /// The full name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What becomes of symbolic links when a tree is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// They are links.
    Kept,
    /// They are files that hold the path, so that nothing leads out of the tree.
    Flattened,
}

/// A checkout, and how git is called in it.
#[derive(Debug)]
pub struct Checkout {
    /// The top of its work tree, canonical.
    pub top: PathBuf,
    program: PathBuf,
    git_directory: PathBuf,
    environment: Vec<(OsString, OsString)>,
    cancel: Cancel,
}

impl Checkout {
    /// The checkout that `directory` is in.
    ///
    /// # Errors
    /// When there is no git, or no checkout.
    pub async fn around(directory: &Path, env: &Env, cancel: &Cancel) -> Result<Self, GitError> {
        let network = FOR_THE_NETWORK
            .into_iter()
            .filter_map(|name| Some((name.into(), env.get(name)?.into())));
        let quiet = [("GIT_TERMINAL_PROMPT", "0"), ("GIT_LFS_SKIP_SMUDGE", "1")];
        let quiet = quiet.map(|(name, value)| (name.into(), value.into()));
        let mut checkout = Self {
            top: directory.to_owned(),
            program: find_git(env).ok_or(GitError::NoGit)?,
            git_directory: PathBuf::new(),
            environment: environment(env)
                .into_iter()
                .chain(network)
                .chain(quiet)
                .collect(),
            cancel: cancel.clone(),
        };
        let no_checkout = |error: GitError| match error {
            GitError::Failed { said, .. } => GitError::NoCheckout {
                directory: directory.to_owned(),
                said,
            },
            GitError::NoGit | GitError::NoCheckout { .. } | GitError::NoBase { .. } => error,
        };
        let top = checkout.ask(&["rev-parse", "--show-toplevel"]).await;
        let top = path(&top.map_err(no_checkout)?);
        let above = ["rev-parse", "--show-superproject-working-tree"];
        // A stranger chooses what a submodule is and where it comes from.
        if !checkout.ask(&above).await.map_err(no_checkout)?.is_empty() {
            return Err(GitError::NoCheckout {
                directory: top,
                said: "it is a submodule, and nobody told the base of that".into(),
            });
        }
        let git_directory = checkout.ask(&["rev-parse", "--absolute-git-dir"]).await;
        checkout.git_directory = path(&git_directory.map_err(no_checkout)?);
        checkout.top = fs_err::canonicalize(&top).map_err(|error| GitError::NoCheckout {
            directory: top,
            said: error.to_string(),
        })?;
        Ok(checkout)
    }

    /// The commit that is checked out.
    ///
    /// # Errors
    /// When there is none.
    pub async fn head(&self) -> Result<Commit, GitError> {
        let name = self
            .ask(&["rev-parse", "--verify", "HEAD^{commit}"])
            .await?;
        parsed(&name, "rev-parse")
    }

    /// Writes the files of `commit` to `directory`, which has to be empty, by an index of its own.
    ///
    /// # Errors
    /// When not all of it could be written.
    pub async fn write_tree(
        &self,
        commit: &Commit,
        links: Links,
        directory: &Path,
    ) -> Result<(), GitError> {
        let failed = |error: std::io::Error| GitError::Failed {
            command: "checkout-index".into(),
            said: error.to_string(),
        };
        let scratch = tempfile::tempdir().map_err(failed)?;
        // With a work tree of its own, `.gitattributes` of the checkout have no say.
        let own: [(OsString, OsString); 3] = [
            ("GIT_DIR".into(), self.git_directory.clone().into()),
            ("GIT_WORK_TREE".into(), directory.into()),
            ("GIT_INDEX_FILE".into(), scratch.path().join("index").into()),
        ];
        let symlinks = match links {
            Links::Kept => "core.symlinks=true",
            Links::Flattened => "core.symlinks=false",
        };
        let mut settings = [SAFE.as_slice(), &WHOLE].concat();
        settings.push(symlinks);
        let environment: Vec<_> = self.environment.iter().cloned().chain(own).collect();
        for arguments in [
            ["read-tree", commit.as_str()].as_slice(),
            &["checkout-index", "--all", "--force", "--quiet"],
        ] {
            self.call(directory, &settings, arguments, environment.clone())
                .await?;
        }
        Ok(())
    }

    /// The text of the file at `path`, from the top, in `commit`; `None` if it has none there.
    ///
    /// # Errors
    /// When it is something else than a file of text.
    pub async fn file(&self, commit: &Commit, path: &Path) -> Result<Option<String>, GitError> {
        let failed = |said: &str| GitError::Failed {
            command: "ls-tree".into(),
            said: said.into(),
        };
        let path = path.to_str().ok_or_else(|| failed("a path is no text"))?;
        let listing = ["ls-tree", "-z", "--full-tree", commit.as_str(), "--", path];
        let listed = self.ask(&listing).await?;
        let listed = String::from_utf8_lossy(&listed);
        let Some((entry, _)) = listed.split_once('\t') else {
            return Ok(None);
        };
        let object = match entry.split(' ').collect::<Vec<_>>()[..] {
            [mode, "blob", object] if mode.starts_with("100") => object.to_owned(),
            _ => return Err(failed("it is not a regular file")),
        };
        let text = self.ask(&["cat-file", "blob", &object]).await?;
        let text = String::from_utf8(text);
        text.map(Some).map_err(|_| failed("it is not UTF-8 text"))
    }

    async fn ask(&self, arguments: &[&str]) -> Result<Vec<u8>, GitError> {
        self.call(&self.top, &SAFE, arguments, self.environment.clone())
            .await
    }

    async fn call(
        &self,
        directory: &Path,
        settings: &[&str],
        asked: &[&str],
        environment: Vec<(OsString, OsString)>,
    ) -> Result<Vec<u8>, GitError> {
        let invocation = Invocation {
            program: self.program.clone(),
            args: arguments(settings, asked.iter().copied()),
            directory: directory.to_owned(),
            environment,
            stdin: [].into(),
            limit: Some(LIMIT),
            grace: GRACE,
        };
        let failed = |said: String| GitError::Failed {
            command: asked.first().copied().unwrap_or_default().to_owned(),
            said,
        };
        let finished = process::run(invocation, &self.cancel)
            .await
            .map_err(|error| failed(error.to_string()))?;
        match finished.ending {
            Ending::Exited(0) if finished.stdout.is_complete() => {
                Ok([finished.stdout.head(), finished.stdout.tail()].concat())
            }
            Ending::Exited(0) => Err(failed("it printed too much".into())),
            Ending::Exited(_) | Ending::Signalled(_) | Ending::TimedOut | Ending::Cancelled => {
                Err(failed(said(&finished)))
            }
        }
    }
}

fn said(finished: &Finished) -> String {
    let text = finished.stderr.to_text_lossy();
    match finished.ending {
        Ending::TimedOut => "it took too long".into(),
        Ending::Cancelled => "it was interrupted".into(),
        Ending::Exited(_) | Ending::Signalled(_) if text.trim().is_empty() => {
            "it said nothing".into()
        }
        Ending::Exited(_) | Ending::Signalled(_) => {
            let line: Vec<&str> = text.split_whitespace().collect();
            sanitize::truncate(&line.join(" "), SHOWN_BYTES).into_owned()
        }
    }
}

fn parsed(name: &[u8], command: &str) -> Result<Commit, GitError> {
    let name = String::from_utf8_lossy(name);
    Commit::parse(name.trim()).ok_or_else(|| GitError::Failed {
        command: command.to_owned(),
        said: "it named no commit".into(),
    })
}

fn path(line: &[u8]) -> PathBuf {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    PathBuf::from(OsString::from_vec(line.to_vec()))
}

#[cfg(test)]
mod tests;
