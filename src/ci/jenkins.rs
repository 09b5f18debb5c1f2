//! Jenkins, as its multibranch projects set variables
//! (<https://www.jenkins.io/doc/book/pipeline/multibranch/>).

use super::generic::pull_request_on_github;
use super::{address, commit, naming, owned, untrusted};
use crate::env::Env;
use crate::model::{Addresses, BaseRevision, CiContext, CiSystem, Trust};

/// What the variables tell. `GIT_COMMIT` of a change may be a merge that Jenkins made itself, so
/// only what is checked out tells the head.
pub(super) fn detect(env: &Env) -> CiContext {
    let context = CiContext {
        system: Some(CiSystem::Other),
        commit: commit(env.get("GIT_COMMIT")),
        branch: owned(env.get("BRANCH_NAME")),
        // The job of a multibranch project ends with the branch, which changes with the change.
        addresses: Addresses {
            run: address(env.get("BUILD_URL")),
            ..Addresses::default()
        },
        ..CiContext::default()
    };
    if env.get("CHANGE_ID").is_none() {
        return context;
    }
    let fork = env.get("CHANGE_FORK");
    let found = env.get("CHANGE_URL").and_then(pull_request_on_github);
    let (repository, number) = found.unzip();
    CiContext {
        repository,
        commit: None,
        branch: owned(env.get("CHANGE_BRANCH")),
        base: Some(BaseRevision {
            branch: owned(env.get("CHANGE_TARGET")),
            ..BaseRevision::default()
        }),
        pull_request: number,
        trust: match fork {
            Some(_) => untrusted(naming("the pull request comes from the fork", fork)),
            None => Trust::Trusted,
        },
        ..context
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(more: &[(&str, &str)]) -> CiContext {
        let sha = "c".repeat(40);
        let own = [
            ("JENKINS_URL", "https://ci.example.org/"),
            ("BUILD_URL", "https://ci.example.org/job/r/job/PR-5/1/"),
            ("GIT_COMMIT", sha.as_str()),
            ("BRANCH_NAME", "PR-5"),
        ];
        crate::ci::detect(&own.into_iter().chain(more.iter().copied()).collect())
    }

    const CHANGE: [(&str, &str); 4] = [
        ("CHANGE_ID", "5"),
        ("CHANGE_URL", "https://github.com/o/r/pull/5"),
        ("CHANGE_TARGET", "main"),
        ("CHANGE_BRANCH", "topic"),
    ];

    #[test]
    fn a_change_is_told_with_its_target_and_without_a_commit() {
        let context = context(&CHANGE);
        assert_eq!(context.pull_request, Some(5));
        assert_eq!(context.repository.as_deref(), Some("o/r"));
        assert_eq!(context.base.unwrap().branch.as_deref(), Some("main"));
        assert_eq!((context.commit, context.trust), (None, Trust::Trusted));
        let page = "https://ci.example.org/job/r/job/PR-5/1";
        assert_eq!(context.addresses.run.as_deref(), Some(page));
    }

    #[test]
    fn a_fork_is_named() {
        let fork = [CHANGE.as_slice(), &[("CHANGE_FORK", "mallory")]].concat();
        let expected = "the pull request comes from the fork `mallory`";
        assert_eq!(context(&fork).trust, untrusted(expected));
    }

    #[test]
    fn a_branch_has_its_commit() {
        let context = context(&[]);
        assert_eq!(context.commit, Some("c".repeat(40)));
        assert_eq!((context.pull_request, context.base), (None, None));
    }
}
