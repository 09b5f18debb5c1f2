//! An environment in, a [`CiContext`] out: which CI system this is, which commit, branch and pull
//! request are judged, and whether whoever wrote them may be trusted.
//!
//! A file a system. Whatever can't be read or is not said makes a pull request untrusted: a
//! stranger must not gain by a payload that we do not understand.

mod generic;
mod github;
mod gitlab;

use crate::env::Env;
use crate::model::{CiContext, Trust};

/// What `env` tells about where this run takes place.
#[must_use]
pub fn detect(env: &Env) -> CiContext {
    if env.get("GITHUB_ACTIONS") == Some("true") {
        github::detect(env)
    } else if env.get("GITLAB_CI") == Some("true") {
        gitlab::detect(env)
    } else {
        generic::detect(env)
    }
}

/// A full commit name: 40 hexadecimal digits, or 64 in a repository with SHA-256.
fn commit(text: Option<&str>) -> Option<String> {
    let text = text?;
    let full = [40, 64].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    full.then(|| text.to_ascii_lowercase())
}

/// Text that is there.
fn owned(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

fn untrusted(reason: impl Into<String>) -> Trust {
    Trust::Untrusted {
        reason: reason.into(),
    }
}

/// `words` with the foreign name in backticks, if it is made of what names of repositories and
/// users are made of; else the words alone.
fn naming(words: &str, name: Option<&str>) -> String {
    let plain = |name: &&str| {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/[]".contains(&byte);
        !name.is_empty() && name.len() <= 200 && name.bytes().all(letter)
    };
    match name.filter(plain) {
        Some(name) => format!("{words} `{name}`"),
        None => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::CiSystem;

    #[test]
    fn a_laptop_is_no_ci_and_trusted() {
        assert_eq!(detect(&Env::default()), CiContext::default());
    }

    #[test]
    fn each_system_is_told_by_its_own_variable() {
        let system = |name: &str| detect(&Env::from_iter([(name, "true")])).system;
        assert_eq!(system("GITHUB_ACTIONS"), Some(CiSystem::GitHub));
        assert_eq!(system("GITLAB_CI"), Some(CiSystem::GitLab));
        assert_eq!(system("CI"), Some(CiSystem::Other));
        assert_eq!(system("TEAMCITY_VERSION"), Some(CiSystem::Other));
    }

    #[test]
    fn only_full_commit_names_are_taken() {
        let full = "0123456789ABCDEF0123456789abcdef01234567";
        assert_eq!(commit(Some(full)), Some(full.to_ascii_lowercase()));
        for bad in ["", "main", "--upload-pack=x", &full[1..], &"g".repeat(40)] {
            assert_eq!(commit(Some(bad)), None, "{bad}");
        }
    }

    #[test]
    fn a_name_that_is_no_name_is_left_out() {
        assert_eq!(naming("the fork", Some("a/b")), "the fork `a/b`");
        assert_eq!(naming("the fork", Some("a`/b\n::error::")), "the fork");
        assert_eq!(naming("the fork", None), "the fork");
    }

    const NAMES: [&str; 18] = [
        "GITHUB_ACTIONS",
        "GITHUB_EVENT_NAME",
        "GITHUB_EVENT_PATH",
        "GITHUB_REF",
        "GITHUB_HEAD_REF",
        "GITHUB_ACTOR",
        "GITHUB_SHA",
        "GITLAB_CI",
        "CI_MERGE_REQUEST_IID",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID",
        "CI_MERGE_REQUEST_PROJECT_ID",
        "CI_EXTERNAL_PULL_REQUEST_IID",
        "CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY",
        "GITLAB_USER_LOGIN",
        "CI_PROJECT_ID",
        "CI",
        "CI_PULL_REQUEST",
        "CI_COMMIT",
    ];

    proptest! {
        #[test]
        fn any_environment_is_understood_somehow(
            values in proptest::collection::vec((0..NAMES.len(), "true|[0-9]{1,20}|\\PC{0,20}"), 0..12),
        ) {
            let env: Env = values.into_iter().map(|(at, value)| (NAMES[at], value)).collect();
            let _ = detect(&env);
        }

        #[test]
        fn an_environment_that_says_fork_is_never_trusted(
            source in 1_u32..1000,
            target in 1001_u32..2000,
            login in "[a-z_0-9]{1,12}",
        ) {
            let (source, target) = (source.to_string(), target.to_string());
            let env = Env::from_iter([
                ("GITLAB_CI", "true"),
                ("CI_MERGE_REQUEST_IID", "1"),
                ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", source.as_str()),
                ("CI_MERGE_REQUEST_PROJECT_ID", target.as_str()),
                ("GITLAB_USER_LOGIN", login.as_str()),
            ]);
            prop_assert_ne!(detect(&env).trust, Trust::Trusted);
        }
    }
}
