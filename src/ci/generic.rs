//! Any other CI system, by `CI` and the variables that reviewdog made common: `CI_PULL_REQUEST`,
//! `CI_COMMIT`, `CI_BRANCH`, `CI_REPO_OWNER`, `CI_REPO_NAME`
//! (<https://github.com/reviewdog/reviewdog#common-ci>).

use super::{commit, owned, repository, untrusted};
use crate::env::Env;
use crate::model::{CiContext, CiSystem, Trust};

/// What the common variables tell. They don't tell where a pull request comes from, so one is
/// never trusted.
pub(super) fn detect(env: &Env) -> CiContext {
    if !env.is_ci() {
        return CiContext::default();
    }
    let named = match (env.get("CI_REPO_OWNER"), env.get("CI_REPO_NAME")) {
        (Some(owner), Some(name)) => Some(format!("{owner}/{name}")),
        _ => None,
    };
    let pull_request = env.get("CI_PULL_REQUEST").filter(|value| *value != "false");
    CiContext {
        system: Some(CiSystem::Other),
        repository: repository(named.as_deref()),
        commit: commit(env.get("CI_COMMIT")),
        branch: owned(env.get("CI_BRANCH")),
        base: None,
        pull_request: pull_request.and_then(pull_request_number),
        trust: match pull_request {
            Some(_) => untrusted("`CI_PULL_REQUEST` is set, and nothing tells where it comes from"),
            None => Trust::Trusted,
        },
        ..CiContext::default()
    }
}

/// Some systems put the number there, others the pull request's address, which ends with it.
pub(super) fn pull_request_number(value: &str) -> Option<u64> {
    let number = value.rsplit('/').next()?.parse().ok();
    number.filter(|number| *number > 0)
}

/// Repository and number, from the address of a pull request on github.com. Where another server's
/// API is, its address does not tell.
pub(super) fn pull_request_on_github(address: &str) -> Option<(String, u64)> {
    let path = address.strip_prefix("https://github.com/")?;
    let (own, number) = path.split_once("/pull/")?;
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
    let number = pull_request_number(number).filter(|_| is_plain)?;
    Some((repository(Some(own))?, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_variables_are_read() {
        let sha = "a".repeat(40);
        let env = Env::from_iter([
            ("CI", "1"),
            ("CI_PULL_REQUEST", "https://example.org/o/r/pull/14"),
            ("CI_COMMIT", sha.as_str()),
            ("CI_BRANCH", "topic"),
            ("CI_REPO_OWNER", "o"),
            ("CI_REPO_NAME", "r"),
        ]);
        let context = detect(&env);
        assert_eq!(context.pull_request, Some(14));
        assert_eq!(context.commit, Some(sha));
        assert_eq!(context.branch.as_deref(), Some("topic"));
        assert_eq!(context.repository.as_deref(), Some("o/r"));
        assert_ne!(context.trust, Trust::Trusted);
    }

    #[test]
    fn without_a_pull_request_there_is_nobody_to_distrust() {
        for value in ["", "false"] {
            let env = Env::from_iter([("CI", "true"), ("CI_PULL_REQUEST", value)]);
            assert_eq!(detect(&env).trust, Trust::Trusted);
        }
        let laptop = Env::from_iter([("CI_PULL_REQUEST", "1")]);
        assert_eq!(detect(&laptop), CiContext::default());
    }

    #[test]
    fn an_address_tells_a_pull_request_of_github_only() {
        let good = pull_request_on_github("https://github.com/o/r/pull/14");
        assert_eq!(good, Some(("o/r".to_owned(), 14)));
        for bad in [
            "",
            "https://github.com/o/r/pull/0",
            "https://github.com/o/r/pull/x/14",
            "https://github.com/o/../r/pull/14",
            "https://github.com.example.org/o/r/pull/14",
            "https://git.example.org/o/r/pull/14",
            "https://bitbucket.org/o/r/pull-requests/14",
        ] {
            assert_eq!(pull_request_on_github(bad), None, "{bad}");
        }
    }
}
