//! A checkout whose work tree a stranger wrote: finds the base revision and writes trees elsewhere.
//! Neither the work tree nor the index nor any branch of the checkout is changed.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use crate::env::Env;
use crate::model::BaseRevision;
use crate::process::{self, Cancel, Ending, Finished, Invocation};
use crate::sanitize;

use super::{GRACE, environment, find_git};

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

/// For every call: nothing that the repository names is run, and a directory that only looks like a
/// repository is none.
const SAFE: [&str; 7] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.askPass=",
    "safe.bareRepository=explicit",
    "protocol.ext.allow=never",
    "gc.auto=0",
    "maintenance.auto=false",
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

/// Why git could not do it.
#[derive(Debug, Error)]
pub enum GitError {
    /// There is no git on `PATH`.
    #[error("`git` is not installed here")]
    NoGit,
    /// Not a checkout, or git refuses it.
    #[error("{} is no git checkout: {said}", .directory.display())]
    NoCheckout {
        /// Where it was looked for.
        directory: PathBuf,
        /// What git said.
        said: String,
    },
    /// The base revision is not here and could not be fetched.
    #[error("the base revision {wanted} is not in this checkout, and can't be fetched: {said}")]
    NoBase {
        /// What was looked for.
        wanted: String,
        /// What git said.
        said: String,
    },
    /// Any other call.
    #[error("`git {command}` failed: {said}")]
    Failed {
        /// The subcommand.
        command: String,
        /// What git said.
        said: String,
    },
}

/// A commit that is in the checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit(String);

impl Commit {
    /// A full name of hexadecimal digits.
    fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        (digits && [40, 64].contains(&text.len())).then(|| Self(text.to_owned()))
    }

    /// As people write it.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..9).unwrap_or(&self.0)
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
        let no_checkout = |error| match error {
            GitError::Failed { said, .. } => GitError::NoCheckout {
                directory: directory.to_owned(),
                said,
            },
            other => other,
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

    /// The newest commit of the base that can be had: the parent of the merge commit that the
    /// system made, else the tip of the branch, else what the system told. Of a pull request that
    /// is older than a rule, what the system told may be older than the rule too. Where the commit
    /// is not here, it is fetched, once.
    ///
    /// # Errors
    /// When it is not here and can't be fetched.
    pub async fn base(&self, base: &BaseRevision, head: Option<&str>) -> Result<Commit, GitError> {
        let branch = base.branch.as_deref().filter(|name| is_branch(name));
        let reference =
            branch.map_or_else(|| "HEAD".to_owned(), |name| format!("refs/heads/{name}"));
        let mut said = None;
        let wanted = match self.merged_into(base, head).await? {
            Some(parent) => Some(parent),
            None => match self.tip(&reference).await {
                Ok(tip) => Some(tip),
                Err(error) => {
                    said = Some(error);
                    self.remembered(base, branch).await?
                }
            },
        };
        let Some(wanted) = wanted else {
            let said = said.map_or_else(String::new, |error| error.to_string());
            return Err(GitError::NoBase {
                wanted: reference,
                said,
            });
        };
        if !self.has(&wanted).await? {
            self.fetch(&wanted, &reference).await?;
        }
        Ok(wanted)
    }

    /// The first parent of the merge commit, if that is what is checked out and `head` is what it
    /// merged. Read from the commit itself: in a shallow checkout git knows no parents.
    async fn merged_into(
        &self,
        base: &BaseRevision,
        head: Option<&str>,
    ) -> Result<Option<Commit>, GitError> {
        let (Some(merge), Some(head)) = (&base.merge, head) else {
            return Ok(None);
        };
        if self.head().await?.as_str() != merge {
            return Ok(None);
        }
        let text = self.ask(&["cat-file", "commit", merge]).await?;
        let text = String::from_utf8_lossy(&text);
        let header = text.split("\n\n").next().unwrap_or_default();
        let parents: Vec<&str> = header
            .lines()
            .filter_map(|line| line.strip_prefix("parent "))
            .collect();
        Ok(match parents[..] {
            [first, second] if second == head => Commit::parse(first),
            _ => None,
        })
    }

    /// What the server has under `reference` now.
    async fn tip(&self, reference: &str) -> Result<Commit, GitError> {
        let listed = self
            .ask(&["ls-remote", "--quiet", "origin", reference])
            .await?;
        let listed = String::from_utf8_lossy(&listed);
        let exact = listed.lines().find_map(|line| {
            let (name, found) = line.split_once('\t')?;
            (found == reference).then_some(name)
        });
        parsed(exact.unwrap_or_default().as_bytes(), "ls-remote")
    }

    /// Without a server: what an earlier fetch left, else what the system told.
    async fn remembered(
        &self,
        base: &BaseRevision,
        branch: Option<&str>,
    ) -> Result<Option<Commit>, GitError> {
        let told = base.commit.as_deref().and_then(Commit::parse);
        let Some(branch) = branch else {
            return Ok(told);
        };
        let reference = format!("refs/remotes/origin/{branch}^{{commit}}");
        match self
            .ask(&["rev-parse", "--verify", "--quiet", &reference])
            .await
        {
            Ok(name) => parsed(&name, "rev-parse").map(Some),
            Err(GitError::Failed { .. }) => Ok(told),
            Err(error) => Err(error),
        }
    }

    async fn has(&self, commit: &Commit) -> Result<bool, GitError> {
        let object = format!("{}^{{commit}}", commit.0);
        match self.ask(&["cat-file", "-e", &object]).await {
            Ok(_) => Ok(true),
            Err(GitError::Failed { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Some servers give no commit by its name, but their branches.
    async fn fetch(&self, wanted: &Commit, reference: &str) -> Result<(), GitError> {
        let shallow = self.ask(&["rev-parse", "--is-shallow-repository"]).await?;
        let mut said = String::new();
        for what in [wanted.as_str(), reference] {
            let mut arguments = vec!["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"];
            arguments.extend(["--no-prune", "--refmap="]);
            // In a checkout with all its history, a depth would cut that off.
            if shallow.starts_with(b"true") {
                arguments.push("--depth=1");
            }
            arguments.extend(["origin", what]);
            match self.ask(&arguments).await {
                Ok(_) if self.has(wanted).await? => return Ok(()),
                Ok(_) => said = "the server no longer has it".into(),
                Err(GitError::Failed { said: told, .. }) => said = told,
                Err(error) => return Err(error),
            }
        }
        Err(GitError::NoBase {
            wanted: wanted.short().to_owned(),
            said,
        })
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

    async fn ask(&self, arguments: &[&str]) -> Result<Vec<u8>, GitError> {
        self.call(&self.top, &SAFE, arguments, self.environment.clone())
            .await
    }

    async fn call(
        &self,
        directory: &Path,
        settings: &[&str],
        arguments: &[&str],
        environment: Vec<(OsString, OsString)>,
    ) -> Result<Vec<u8>, GitError> {
        let settings = settings.iter().flat_map(|setting| ["-c", setting]);
        let invocation = Invocation {
            program: self.program.clone(),
            args: settings
                .chain(arguments.iter().copied())
                .map(Into::into)
                .collect(),
            directory: directory.to_owned(),
            environment,
            stdin: [].into(),
            limit: Some(LIMIT),
            grace: GRACE,
        };
        let failed = |said: String| GitError::Failed {
            command: arguments.first().copied().unwrap_or_default().to_owned(),
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
            ending => Err(failed(said(&finished, ending))),
        }
    }
}

fn said(finished: &Finished, ending: Ending) -> String {
    let text = finished.stderr.to_text_lossy();
    match ending {
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

/// What can stand behind `refs/heads/` without being anything but a branch
/// (<https://git-scm.com/docs/git-check-ref-format>).
fn is_branch(name: &str) -> bool {
    let bad = |letter: char| letter.is_control() || " ~^:?*[\\".contains(letter);
    !name.is_empty()
        && name.len() <= 255
        && !name.contains(bad)
        && !name.contains("..")
        && !name.contains("@{")
}

#[cfg(test)]
mod tests;
