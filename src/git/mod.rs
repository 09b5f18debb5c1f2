//! What we ask git. It runs with the user's own configuration except where that could run a program
//! or refuse a checkout that belongs to somebody else.

mod checkout;
mod credentials;
mod error;
mod foreign;
mod head;
mod status;
mod user;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::env::Env;
use crate::process::{self, Cancel, Ending, Invocation};

pub use checkout::{Checkout, Commit, Links};
pub use credentials::keeps_credentials;
pub use error::GitError;
pub use foreign::trusting;
pub use head::{Head, head};
pub use status::{Repository, Status, StatusError};
pub use user::user_email;

/// Git answers from its index; a checkout on a slow disk may take a while.
const LIMIT: Duration = Duration::from_secs(30);

const GRACE: Duration = Duration::from_secs(1);

/// For every call: nothing that the repository names is run, and a directory that only looks like a
/// repository, as anybody can commit one, is none.
const SAFE: [&str; 9] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.askPass=",
    "safe.bareRepository=explicit",
    "protocol.ext.allow=never",
    "gc.auto=0",
    "maintenance.auto=false",
    // A repository can tell git to look less closely at what changed.
    "core.trustctime=true",
    "core.checkStat=default",
];

/// Files below `root` that git tracks although an ignore rule matches them, relative to `root`.
///
/// Such a file is part of the project: somebody added it on purpose (`git add -f`), and a checkout
/// has it. Empty outside of a repository and where git can't be asked.
pub async fn tracked_but_ignored(root: &Path, env: &Env, cancel: &Cancel) -> Vec<PathBuf> {
    let listed = list_files(root, IGNORED, env, cancel).await;
    listed.unwrap_or_default()
}

/// Whether [`tracked_but_ignored`] tells all there are: a stranger may have made them too many.
pub async fn can_tell_tracked(root: &Path, env: &Env, cancel: &Cancel) -> bool {
    list_files(root, IGNORED, env, cancel).await.is_some()
}

/// Which files of these names git tracks, in `directory` itself or at the top of its repository,
/// relative to `directory`. `None` outside of a repository and where git can't be asked.
pub async fn tracked_among(
    directory: &Path,
    names: &[&str],
    env: &Env,
    cancel: &Cancel,
) -> Option<Vec<PathBuf>> {
    let mut pathspecs = vec!["--".to_owned()];
    for name in names {
        pathspecs.extend([format!(":(literal){name}"), format!(":(top,literal){name}")]);
    }
    let pathspecs: Vec<&str> = pathspecs.iter().map(String::as_str).collect();
    list_files(directory, &pathspecs, env, cancel).await
}

const IGNORED: &[&str] = &["--ignored", "--exclude-standard"];

/// What `git ls-files --cached` lists with these arguments.
async fn list_files(
    root: &Path,
    which: &[&str],
    env: &Env,
    cancel: &Cancel,
) -> Option<Vec<PathBuf>> {
    let program = find_git(env)?;
    let asked = ["ls-files", "--cached", "-z"].iter().chain(which);
    let invocation = Invocation {
        program,
        args: arguments(&SAFE, asked.copied()),
        directory: root.to_owned(),
        environment: environment(env),
        stdin: [].into(),
        limit: Some(LIMIT),
        grace: GRACE,
    };
    match process::run(invocation, cancel).await {
        Ok(finished) if finished.ending == Ending::Exited(0) && finished.stdout.is_complete() => {
            let listed = [finished.stdout.head(), finished.stdout.tail()].concat();
            Some(paths(&listed))
        }
        Ok(_) | Err(_) => None,
    }
}

/// What git is told for one call, the settings first.
fn arguments<'a>(settings: &[&'a str], asked: impl IntoIterator<Item = &'a str>) -> Vec<OsString> {
    let settings = settings.iter().flat_map(|setting| ["-c", setting]);
    settings.chain(asked).map(Into::into).collect()
}

fn paths(listed: &[u8]) -> Vec<PathBuf> {
    listed
        .split(|byte| *byte == 0)
        .filter(|path| !path.is_empty())
        .map(|path| PathBuf::from(OsStr::from_bytes(path)))
        .collect()
}

/// The first `git` on an absolute entry of `PATH`: a relative one would be the project's.
fn find_git(env: &Env) -> Option<PathBuf> {
    let directories = env.search_path().into_iter();
    directories
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join("git"))
        .find(|git| git.is_file())
}

/// In a pipeline, and in our container, the checkout belongs to another user, and git would not read it.
/// Elsewhere git is right: a repository that somebody else laid down can make it run programs.
fn environment(env: &Env) -> Vec<(OsString, OsString)> {
    let kept = ["HOME", "PATH"].map(|name| Some((name, env.get(name)?)));
    let of_others = [
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "safe.directory"),
        ("GIT_CONFIG_VALUE_0", "*"),
    ];
    let of_others = of_others.into_iter().filter(|_| env.trusts_checkout());
    kept.into_iter()
        .flatten()
        .chain(of_others)
        .chain([("GIT_OPTIONAL_LOCKS", "0")])
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn git(directory: &Path, arguments: &[&str]) {
        let done = Command::new("git")
            .args(arguments)
            .current_dir(directory)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
    }

    async fn tracked(root: &Path) -> Vec<PathBuf> {
        let env = Env::from_iter([("PATH", "/usr/local/bin:/usr/bin:/bin")]);
        tracked_but_ignored(root, &env, &Cancel::new()).await
    }

    #[tokio::test]
    async fn a_file_that_was_added_in_spite_of_the_rules_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        git(root, &["init", "--quiet"]);
        fs_err::create_dir(root.join("src")).unwrap();
        for file in ["src/a b.js", "src/plain.js", "src/local.log"] {
            fs_err::write(root.join(file), "").unwrap();
        }
        fs_err::write(root.join(".gitignore"), "a b.js\n*.log\n").unwrap();
        git(root, &["add", "--force", "src/a b.js", "src/plain.js"]);
        assert_eq!(tracked(root).await, [Path::new("src/a b.js")]);
        assert_eq!(tracked(&root.join("src")).await, [Path::new("a b.js")]);
    }

    #[tokio::test]
    async fn names_are_found_here_and_at_the_top_if_they_are_tracked() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        git(root, &["init", "--quiet"]);
        fs_err::create_dir(root.join("in")).unwrap();
        for file in [".env", "in/.env", "in/[x]", "in/x"] {
            fs_err::write(root.join(file), "").unwrap();
        }
        let env = Env::from_iter([("PATH", "/usr/local/bin:/usr/bin:/bin")]);
        let found = async |names: &[&str]| {
            let below = root.join("in");
            tracked_among(&below, names, &env, &Cancel::new()).await
        };
        assert_eq!(found(&[".env"]).await.unwrap(), Vec::<PathBuf>::new());
        git(root, &["add", "."]);
        let both = [Path::new("../.env"), Path::new(".env")];
        assert_eq!(found(&[".env"]).await.unwrap(), both);
        assert_eq!(found(&["[x]"]).await.unwrap(), [Path::new("[x]")]);
        let elsewhere = tempfile::tempdir().unwrap();
        let none = tracked_among(elsewhere.path(), &[".env"], &env, &Cancel::new()).await;
        assert_eq!(none, None);
    }

    #[tokio::test]
    async fn the_repositorys_own_programs_are_not_run() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        git(root, &["init", "--quiet"]);
        let hook = root.join("hook");
        fs_err::write(&hook, "#!/bin/sh\ntouch ran\n").unwrap();
        git(root, &["config", "core.fsmonitor", "sh ./hook"]);
        assert!(tracked(root).await.is_empty());
        assert!(!root.join("ran").exists());
    }

    #[tokio::test]
    async fn a_repository_of_somebody_else_is_read_in_a_pipeline_only() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        git(root, &["init", "--quiet"]);
        fs_err::write(root.join(".env"), "").unwrap();
        git(root, &["add", ".env"]);
        let other = std::os::unix::fs::chown(root, Some(65_534), None);
        if other.is_err() {
            // Only root can give a directory away.
            return;
        }
        std::os::unix::fs::chown(root.join(".git"), Some(65_534), None).unwrap();
        let found = async |ci: &str| {
            let path = ("PATH", "/usr/local/bin:/usr/bin:/bin");
            let env = Env::from_iter([path, ("CI", ci)]);
            tracked_among(root, &[".env"], &env, &Cancel::new()).await
        };
        assert_eq!(found("").await, None);
        assert_eq!(found("true").await.unwrap(), [Path::new(".env")]);
    }

    #[tokio::test]
    async fn outside_of_a_repository_there_is_nothing() {
        let directory = tempfile::tempdir().unwrap();
        assert!(tracked(directory.path()).await.is_empty());
        let nowhere = Env::default();
        let found = tracked_but_ignored(directory.path(), &nowhere, &Cancel::new()).await;
        assert!(found.is_empty());
    }
}
