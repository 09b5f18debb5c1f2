//! What git tells about the place.

use std::time::Duration;

use crate::process::{self, Cancel, Ending, Invocation};
use crate::ui::Finding;

use super::super::Place;

const LIMIT: Duration = Duration::from_secs(10);

/// What git is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Git {
    /// No such program.
    Absent,
    /// This is no working tree, or git can't be asked about it.
    NoRepository,
    /// A whole repository.
    Whole,
    /// One whose history was cut (`git clone --depth`).
    Shallow,
}

pub(super) async fn ask(place: &Place, cancel: &Cancel) -> Git {
    let mut directories = place.env.search_path().into_iter();
    let Some(program) = directories.find_map(|directory| {
        let program = directory.join("git");
        (directory.is_absolute() && program.is_file()).then_some(program)
    }) else {
        return Git::Absent;
    };
    let kept = ["HOME", "PATH"].map(|name| Some((name, place.env.get(name)?)));
    // A container may run as another user than the one who owns the checkout.
    let ours = [
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "safe.directory"),
        ("GIT_CONFIG_VALUE_0", "*"),
    ];
    let invocation = Invocation {
        program,
        args: ["rev-parse", "--is-shallow-repository"]
            .map(Into::into)
            .to_vec(),
        directory: place.directory.clone(),
        environment: kept
            .into_iter()
            .flatten()
            .chain(ours)
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
        stdin: [].into(),
        limit: Some(LIMIT),
        grace: Duration::from_secs(1),
    };
    match process::run(invocation, cancel).await {
        Ok(finished) if finished.ending == Ending::Exited(0) => {
            match finished.stdout.to_text_lossy().trim() {
                "true" => Git::Shallow,
                _ => Git::Whole,
            }
        }
        Ok(_) | Err(_) => Git::NoRepository,
    }
}

pub(super) fn finding(git: Git) -> Finding {
    let topic = "git";
    match git {
        Git::Whole => Finding::ok(topic, "a repository with its whole history"),
        Git::Shallow => Finding::ok(topic, "a repository, shallow"),
        Git::NoRepository => Finding::warning(
            topic,
            "this is no git repository, so files that a tool changes can't be noticed",
            "start in a git checkout",
        ),
        Git::Absent => Finding::warning(
            topic,
            "`git` is not on PATH, so files that a tool changes can't be noticed",
            "install git",
        ),
    }
}
