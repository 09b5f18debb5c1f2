//! An environment in, a [`CiContext`] out: which CI system this is, which commit, branch and pull
//! request are judged, and whether whoever wrote them may be trusted.
//!
//! A file a system. Whatever can't be read or is not said makes a pull request untrusted: a
//! stranger must not gain by a payload that we do not understand.

mod circleci;
mod generic;
mod github;
mod gitlab;
mod jenkins;
mod semaphore;

use crate::env::Env;
use crate::model::{Addresses, CiContext, Trust, is_commit, owner_and_name};

/// What `env` tells about where this run takes place.
#[must_use]
pub fn detect(env: &Env) -> CiContext {
    if env.get("GITHUB_ACTIONS") == Some("true") {
        github::detect(env)
    } else if env.get("GITLAB_CI") == Some("true") {
        gitlab::detect(env)
    } else {
        elsewhere(env)
    }
}

/// In a system that is no forge itself, or on a laptop: the forge is a GitHub.
fn elsewhere(env: &Env) -> CiContext {
    let context = if env.get("SEMAPHORE") == Some("true") {
        completed(semaphore::detect(env), generic::detect(env))
    } else if env.get("CIRCLECI") == Some("true") {
        completed(circleci::detect(env), generic::detect(env))
    } else if env.get("JENKINS_URL").is_some() {
        completed(jenkins::detect(env), generic::detect(env))
    } else {
        generic::detect(env)
    };
    CiContext {
        addresses: Addresses {
            run: context.addresses.run,
            ..github::addresses(env)
        },
        ..context
    }
}

/// What the user says by the common variables, where the system itself says nothing.
fn completed(own: CiContext, common: CiContext) -> CiContext {
    let is_told = own.base.is_some() || own.trust != Trust::Trusted;
    CiContext {
        repository: own.repository.or(common.repository),
        commit: own.commit.or(common.commit),
        branch: own.branch.or(common.branch),
        pull_request: own.pull_request.or(common.pull_request),
        trust: if is_told { own.trust } else { common.trust },
        ..own
    }
}

/// A full commit name: 40 hexadecimal digits, or 64 in a repository with SHA-256.
fn commit(text: Option<&str>) -> Option<String> {
    let full = text.filter(|text| is_commit(text));
    full.map(str::to_ascii_lowercase)
}

/// Text that is there.
fn owned(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A repository as GitHub names it, `owner/name`; anything else could lead an address elsewhere.
fn repository(text: Option<&str>) -> Option<String> {
    let named = text.filter(|text| owner_and_name(text).is_some());
    named.map(str::to_owned)
}

/// An address of the web, without slashes at the end. One with a name and password in it, with a
/// query, or with characters that would end a link is none.
fn address(text: Option<&str>) -> Option<String> {
    let text = text?.trim_end_matches('/');
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))?;
    let host = rest.split('/').next().unwrap_or_default();
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let is_path = |byte: u8| byte.is_ascii_alphanumeric() || b"._~%+/-".contains(&byte);
    let is_plain = host.bytes().all(is_host) && rest[host.len()..].bytes().all(is_path);
    (is_plain && !host.is_empty() && text.len() <= 1000).then(|| text.to_owned())
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
        assert_eq!(system("JENKINS_URL"), Some(CiSystem::Other));
        assert_eq!(system("TEAMCITY_VERSION"), Some(CiSystem::Other));
    }

    #[test]
    fn the_common_variables_fill_gaps_and_never_make_a_stranger_trusted() {
        let told = |more: &[(&str, &str)]| {
            let own = [
                ("CI", "true"),
                ("CIRCLECI", "true"),
                ("CI_REPO_OWNER", "o"),
                ("CI_REPO_NAME", "r"),
            ];
            detect(&own.into_iter().chain(more.iter().copied()).collect())
        };
        let plain = told(&[]);
        assert_eq!(plain.repository.as_deref(), Some("o/r"));
        assert_eq!(plain.trust, Trust::Trusted);
        assert_ne!(told(&[("CI_PULL_REQUEST", "5")]).trust, Trust::Trusted);
        assert_eq!(told(&[("CI_PULL_REQUEST", "5")]).pull_request, Some(5));
        let fork = told(&[("CIRCLE_PR_NUMBER", "5")]);
        assert_ne!(fork.trust, Trust::Trusted);
    }

    #[test]
    fn where_github_is_can_be_told_in_every_system_that_is_no_forge() {
        for system in ["CIRCLECI", "SEMAPHORE", "JENKINS_URL", "CI", "NOTHING"] {
            let addresses = detect(&Env::from_iter([
                (system, "true"),
                ("GITHUB_API_URL", "https://git.example/api/v3/"),
                ("GITHUB_GRAPHQL_URL", "https://git.example/api/graphql"),
                ("GITHUB_SERVER_URL", "https://me:word@git.example"),
            ]))
            .addresses;
            let api = "https://git.example/api/v3";
            assert_eq!(addresses.api.as_deref(), Some(api), "{system}");
            let graphql = "https://git.example/api/graphql";
            assert_eq!(addresses.graphql.as_deref(), Some(graphql), "{system}");
            assert_eq!(addresses.server, None, "{system}");
        }
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

    #[test]
    fn a_repository_is_an_owner_and_a_name() {
        assert_eq!(
            repository(Some("o-1/.github")).as_deref(),
            Some("o-1/.github")
        );
        for bad in [
            "", "o", "/r", "o/", "o/r/s", "o/..", "./r", "o/r?x", "o/r\n", "o r/x", "ö/r",
        ] {
            assert_eq!(repository(Some(bad)), None, "{bad}");
        }
    }

    #[test]
    fn an_address_is_of_the_web_and_holds_nothing_but_itself() {
        let good = [
            ("https://github.com", "https://github.com"),
            (
                "http://127.0.0.1:8080/api/v3/",
                "http://127.0.0.1:8080/api/v3",
            ),
            ("https://[::1]/x", "https://[::1]/x"),
        ];
        for (text, expected) in good {
            assert_eq!(address(Some(text)).as_deref(), Some(expected));
        }
        let bad = [
            "",
            "github.com",
            "https://",
            "https:///x",
            "ftp://x",
            "javascript:alert(1)",
            "https://user:word@x",
            "https://x/?a",
            "https://x/#a",
            "https://x/\u{1b}[0m",
            "https://x/a b",
            "https://x/)",
            "https://x\\@y",
            "https://ö.example",
        ];
        for text in bad {
            assert_eq!(address(Some(text)), None, "{text}");
        }
        let long = format!("https://x/{}", "a".repeat(1000));
        assert_eq!(address(Some(&long)), None);
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
        fn an_address_stays_the_same_when_it_is_read_again(text in "(https?://)?[a-z@:./?#\\PC]{0,30}") {
            if let Some(once) = address(Some(&text)) {
                prop_assert!(text.starts_with(&once));
                prop_assert_eq!(address(Some(&once)), Some(once.clone()));
            }
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
