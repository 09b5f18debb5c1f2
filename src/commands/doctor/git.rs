//! What git tells about the place.

use crate::git::{Repository, StatusError};
use crate::process::Cancel;
use crate::ui::Finding;

use super::super::Place;

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
    let found = Repository::find(&place.directory, &place.env, cancel).await;
    let repository = match found {
        Ok(repository) => repository,
        Err(StatusError::NotInstalled) => return Git::Absent,
        Err(_) => return Git::NoRepository,
    };
    match repository.is_shallow(cancel).await {
        Ok(true) => Git::Shallow,
        Ok(false) => Git::Whole,
        Err(_) => Git::NoRepository,
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
