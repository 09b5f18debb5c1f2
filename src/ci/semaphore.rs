//! Semaphore
//! (<https://docs.semaphoreci.com/reference/env-vars>). A pull request is judged as the merge that
//! GitHub makes to try it out.

use super::generic::pull_request_number;
use super::{address, commit, naming, owned, repository, untrusted};
use crate::env::Env;
use crate::model::{Addresses, BaseRevision, CiContext, CiSystem, Trust};

/// What the variables tell.
pub(super) fn detect(env: &Env) -> CiContext {
    let get = |name: &str| env.get(&format!("SEMAPHORE_{name}"));
    // The same name on Bitbucket is somebody else's.
    let is_github = get("GIT_PROVIDER") == Some("github");
    let own = repository(get("GIT_REPO_SLUG"));
    let page = get("ORGANIZATION_URL").zip(get("JOB_ID"));
    let page = page.map(|(server, id)| format!("{server}/jobs/{id}"));
    let context = CiContext {
        system: Some(CiSystem::Other),
        repository: own.clone().filter(|_| is_github),
        commit: commit(get("GIT_SHA")),
        branch: owned(get("GIT_BRANCH")),
        job: owned(get("JOB_NAME")),
        addresses: Addresses {
            run: address(page.as_deref()),
            ..Addresses::default()
        },
        ..CiContext::default()
    };
    if get("GIT_REF_TYPE") != Some("pull-request") {
        return context;
    }
    let head = repository(get("GIT_PR_SLUG"));
    CiContext {
        trust: match &head {
            Some(_) if head == own => Trust::Trusted,
            _ => untrusted(naming(
                "the pull request comes from the fork",
                head.as_deref(),
            )),
        },
        commit: commit(get("GIT_PR_SHA")),
        // Here it is what the pull request is to be merged into.
        base: Some(BaseRevision {
            branch: context.branch,
            commit: None,
            merge: context.commit,
        }),
        branch: owned(get("GIT_PR_BRANCH")),
        pull_request: get("GIT_PR_NUMBER").and_then(pull_request_number),
        head_repository: head,
        ..context
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(more: &[(&str, &str)]) -> CiContext {
        let (merge, head) = ("c".repeat(40), "a".repeat(40));
        let own = [
            ("SEMAPHORE", "true"),
            ("SEMAPHORE_GIT_PROVIDER", "github"),
            ("SEMAPHORE_GIT_REPO_SLUG", "o/r"),
            ("SEMAPHORE_GIT_REF_TYPE", "pull-request"),
            ("SEMAPHORE_GIT_SHA", &merge),
            ("SEMAPHORE_GIT_BRANCH", "main"),
            ("SEMAPHORE_GIT_PR_SLUG", "o/r"),
            ("SEMAPHORE_GIT_PR_NUMBER", "5"),
            ("SEMAPHORE_GIT_PR_SHA", &head),
            ("SEMAPHORE_GIT_PR_BRANCH", "topic"),
            ("SEMAPHORE_ORGANIZATION_URL", "https://o.semaphoreci.com"),
            ("SEMAPHORE_JOB_ID", "03d9"),
        ];
        crate::ci::detect(&own.into_iter().chain(more.iter().copied()).collect())
    }

    #[test]
    fn a_pull_request_is_told_with_its_head_and_its_trial_merge() {
        let context = context(&[]);
        assert_eq!(context.pull_request, Some(5));
        assert_eq!(context.commit, Some("a".repeat(40)));
        assert_eq!(context.branch.as_deref(), Some("topic"));
        assert_eq!(context.repository.as_deref(), Some("o/r"));
        assert_eq!(context.trust, Trust::Trusted);
        let base = context.base.unwrap();
        assert_eq!(base.branch.as_deref(), Some("main"));
        assert_eq!(base.merge, Some("c".repeat(40)));
        let page = "https://o.semaphoreci.com/jobs/03d9";
        assert_eq!(context.addresses.run.as_deref(), Some(page));
    }

    #[test]
    fn a_fork_is_told_by_its_repository_and_what_is_not_told_is_one() {
        let fork = [("SEMAPHORE_GIT_PR_SLUG", "mallory/r")];
        let expected = "the pull request comes from the fork `mallory/r`";
        assert_eq!(context(&fork).trust, untrusted(expected));
        for unknown in ["SEMAPHORE_GIT_PR_SLUG", "SEMAPHORE_GIT_REPO_SLUG"] {
            assert_ne!(context(&[(unknown, "")]).trust, Trust::Trusted);
        }
    }

    #[test]
    fn a_branch_is_trusted_and_another_forge_not_taken_for_github() {
        let branch = context(&[
            ("SEMAPHORE_GIT_REF_TYPE", "branch"),
            ("SEMAPHORE_GIT_PROVIDER", "bitbucket"),
        ]);
        assert_eq!(
            (&branch.trust, &branch.repository),
            (&Trust::Trusted, &None)
        );
        assert_eq!(branch.commit, Some("c".repeat(40)));
        assert_eq!((branch.pull_request, branch.base), (None, None));
    }
}
