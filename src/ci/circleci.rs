//! CircleCI (<https://circleci.com/docs/reference/variables/>).

use super::generic::pull_request_on_github;
use super::{address, commit, naming, owned, untrusted};
use crate::env::Env;
use crate::model::{Addresses, BaseRevision, CiContext, CiSystem, Trust};

/// What the variables tell. Three of them are set for a fork's pull request only; which branch it is
/// to be merged into, none tells.
pub(super) fn detect(env: &Env) -> CiContext {
    let get = |name: &str| env.get(&format!("CIRCLE_{name}"));
    let (repository, number) = get("PULL_REQUEST").and_then(pull_request_on_github).unzip();
    let of_forks = ["PR_USERNAME", "PR_REPONAME", "PR_NUMBER"];
    let is_fork = of_forks.iter().any(|name| get(name).is_some());
    let is_proposed = is_fork || get("PULL_REQUEST").is_some();
    CiContext {
        system: Some(CiSystem::Other),
        repository,
        commit: commit(get("SHA1")),
        branch: owned(get("BRANCH")),
        base: is_proposed.then(BaseRevision::default),
        pull_request: number,
        trust: if is_fork {
            let words = "the pull request comes from the fork";
            untrusted(naming(words, get("PR_USERNAME")))
        } else {
            Trust::Trusted
        },
        job: owned(get("JOB")),
        addresses: Addresses {
            run: address(get("BUILD_URL")),
            ..Addresses::default()
        },
        ..CiContext::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(more: &[(&str, &str)]) -> CiContext {
        let sha = "a".repeat(40);
        let own = [
            ("CIRCLECI", "true"),
            ("CIRCLE_SHA1", sha.as_str()),
            ("CIRCLE_BRANCH", "topic"),
            ("CIRCLE_JOB", "specs"),
        ];
        crate::ci::detect(&own.into_iter().chain(more.iter().copied()).collect())
    }

    const PROPOSED: (&str, &str) = ("CIRCLE_PULL_REQUEST", "https://github.com/o/r/pull/5");

    #[test]
    fn a_pull_request_is_told_by_its_address() {
        let context = context(&[PROPOSED]);
        assert_eq!(context.pull_request, Some(5));
        assert_eq!(context.repository.as_deref(), Some("o/r"));
        assert_eq!(context.commit, Some("a".repeat(40)));
        assert_eq!(context.trust, Trust::Trusted);
    }

    #[test]
    fn what_is_set_for_forks_only_makes_one() {
        for name in [
            "CIRCLE_PR_USERNAME",
            "CIRCLE_PR_REPONAME",
            "CIRCLE_PR_NUMBER",
        ] {
            let context = context(&[PROPOSED, (name, "5")]);
            assert_ne!(context.trust, Trust::Trusted, "{name}");
            assert_eq!(context.pull_request, Some(5));
        }
    }

    #[test]
    fn a_branch_has_no_pull_request() {
        let context = context(&[]);
        assert_eq!((context.pull_request, context.base), (None, None));
        assert_eq!(context.trust, Trust::Trusted);
    }
}
