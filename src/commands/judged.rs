//! Which code a run judges, as its report tells it: for links, and for whoever publishes to find
//! out whether it is still the newest.

use std::path::Path;

use crate::env::Env;
use crate::git::{self, Head};
use crate::model::{CiContext, Judged};
use crate::process::Cancel;

use super::Place;
use super::error::CommandError;
use super::untrusted::wait;

/// Where CI systems lay the repository, for a checkout without git.
const WORKSPACES: [&str; 2] = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];

/// What is judged in the project at `root`, absolute.
pub(super) fn judged(
    context: &CiContext,
    root: &Path,
    place: &Place,
) -> Result<Judged, CommandError> {
    let cancel = Cancel::new();
    let head = wait(&cancel, git::head(root, &place.env, &cancel))?;
    Ok(Judged {
        commit: commit(context, head),
        directory: directory(root, &place.env),
    })
}

/// What is checked out counts, not what the pipeline is about: a workflow can check out anything.
/// The merge that a CI system made to try a pull request out stands for the pull request's head.
fn commit(context: &CiContext, head: Option<Head>) -> Option<String> {
    let proposed = context.commit.as_deref();
    let Some(head) = head else {
        return proposed
            .filter(|_| !context.is_elsewhere())
            .map(str::to_owned);
    };
    let merge = context.base.as_ref().and_then(|base| base.merge.as_deref());
    let merged = match &head.parents[..] {
        [_, second] if context.pull_request.is_some() => Some(second.as_str()),
        _ => None,
    };
    let checked_out = head.commit.as_str();
    let is_trial = merge == Some(checked_out) || merged == proposed;
    let judged = proposed.filter(|_| is_trial).unwrap_or(checked_out);
    Some(judged.to_ascii_lowercase())
}

/// From the top of the repository to `root`.
fn directory(root: &Path, env: &Env) -> String {
    let is_top = |path: &&Path| fs_err::symlink_metadata(path.join(".git")).is_ok();
    let workspaces = WORKSPACES
        .iter()
        .filter_map(|name| fs_err::canonicalize(env.get(name)?).ok());
    let top = match root.ancestors().find(is_top) {
        Some(top) => Some(top.to_owned()),
        None => workspaces.into_iter().find(|top| root.starts_with(top)),
    };
    let below = top.and_then(|top| root.strip_prefix(top).ok().map(Path::to_owned));
    let parts = below.unwrap_or_default();
    let parts = parts.iter().map(|part| part.to_string_lossy().into_owned());
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Commit;
    use crate::model::{BaseRevision, CiSystem};

    /// A commit named by one digit.
    fn name(digit: char) -> String {
        digit.to_string().repeat(40)
    }

    fn checked_out(commit: char, parents: &str) -> Head {
        let named = |digit| Commit::parse(&name(digit)).unwrap();
        Head {
            commit: named(commit),
            parents: parents.chars().map(named).collect(),
        }
    }

    /// A pull request whose head is `a`, tried out as `c`.
    fn proposed(event: &str) -> CiContext {
        CiContext {
            system: Some(CiSystem::GitHub),
            commit: Some(name('a')),
            pull_request: Some(5),
            event: Some(event.to_owned()),
            base: Some(BaseRevision {
                merge: Some(name('c')),
                ..BaseRevision::default()
            }),
            ..CiContext::default()
        }
    }

    #[test]
    fn what_is_checked_out_counts() {
        let context = proposed("pull_request");
        let judged = |head| commit(&context, head);
        assert_eq!(judged(Some(checked_out('d', "b"))), Some(name('d')));
        assert_eq!(judged(Some(checked_out('a', "b"))), Some(name('a')));
        let laptop = commit(&CiContext::default(), Some(checked_out('d', "ba")));
        assert_eq!(laptop, Some(name('d')));
    }

    #[test]
    fn the_merge_that_tries_a_pull_request_out_stands_for_its_head() {
        let told = proposed("pull_request");
        assert_eq!(commit(&told, Some(checked_out('c', ""))), Some(name('a')));
        let untold = CiContext {
            base: None,
            ..proposed("merge_request_event")
        };
        assert_eq!(
            commit(&untold, Some(checked_out('c', "ba"))),
            Some(name('a'))
        );
        assert_eq!(
            commit(&untold, Some(checked_out('c', "bd"))),
            Some(name('c'))
        );
        assert_eq!(
            commit(&untold, Some(checked_out('c', "ab"))),
            Some(name('c'))
        );
        let push = CiContext {
            pull_request: None,
            ..untold
        };
        assert_eq!(commit(&push, Some(checked_out('c', "ba"))), Some(name('c')));
    }

    #[test]
    fn without_git_the_commit_is_the_pipelines_where_it_starts_with_that() {
        let judged = |event| commit(&proposed(event), None);
        assert_eq!(judged("pull_request"), Some(name('a')));
        assert_eq!(judged("push"), Some(name('a')));
        for event in ["pull_request_target", "workflow_run", "check_run"] {
            assert_eq!(judged(event), None, "{event}");
        }
        assert_eq!(commit(&CiContext::default(), None), None);
    }

    #[test]
    fn the_directory_is_counted_from_the_top_of_the_repository() {
        let holder = tempfile::tempdir().unwrap();
        let top = fs_err::canonicalize(holder.path()).unwrap();
        let app = top.join("apps/a b");
        fs_err::create_dir_all(&app).unwrap();
        let nothing = Env::default();
        assert_eq!(directory(&app, &nothing), "");
        let workspace = Env::from_iter([("GITHUB_WORKSPACE", top.to_str().unwrap())]);
        assert_eq!(directory(&app, &workspace), "apps/a b");
        assert_eq!(directory(Path::new("/"), &workspace), "");
        // Of a linked work tree it is a file.
        fs_err::write(top.join("apps/.git"), "gitdir: elsewhere\n").unwrap();
        assert_eq!(directory(&app, &workspace), "a b");
        assert_eq!(directory(&top.join("apps"), &nothing), "");
    }
}
