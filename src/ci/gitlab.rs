//! GitLab CI: its predefined variables
//! (<https://docs.gitlab.com/ci/variables/predefined_variables/>).
//!
//! `CI_MERGE_REQUEST_DIFF_BASE_SHA` is not the base here: it is the commit where the branch was
//! forked off, and whoever proposes the change chooses that. A rule that is younger would be missing.

use super::{address, commit, github, naming, owned, untrusted};
use crate::env::Env;
use crate::model::{Addresses, BaseRevision, CiContext, CiSystem, EXTERNAL_PULL_REQUEST, Trust};

/// What the variables tell.
pub(super) fn detect(env: &Env) -> CiContext {
    let context = CiContext {
        system: Some(CiSystem::GitLab),
        repository: owned(env.get("CI_PROJECT_PATH")),
        commit: commit(env.get("CI_COMMIT_SHA")),
        branch: owned(env.get("CI_COMMIT_REF_NAME")),
        event: owned(env.get("CI_PIPELINE_SOURCE")),
        job: owned(env.get("CI_JOB_NAME")),
        project_id: owned(env.get("CI_PROJECT_ID")),
        addresses: addresses(env),
        ..CiContext::default()
    };
    if is_set(env, "CI_MERGE_REQUEST_") {
        merge_request(env, context)
    } else if is_set(env, "CI_EXTERNAL_PULL_REQUEST_") {
        external(env, context)
    } else {
        context
    }
}

fn addresses(env: &Env) -> Addresses {
    Addresses {
        server: address(env.get("CI_SERVER_URL")),
        api: address(env.get("CI_API_V4_URL")),
        graphql: None,
        // The pipeline, not the job: what is published may be the results of another job.
        run: address(env.get("CI_PIPELINE_URL").or(env.get("CI_JOB_URL"))),
    }
}

/// Whether any variable of a kind of pipeline is set: one that is half described is still one.
fn is_set(env: &Env, prefix: &str) -> bool {
    env.iter().any(|(name, value)| {
        name.to_str().is_some_and(|name| name.starts_with(prefix)) && !value.is_empty()
    })
}

/// A merge request pipeline. `CI_MERGE_REQUEST_SOURCE_BRANCH_SHA` and `…_TARGET_BRANCH_SHA` are set
/// in merged results pipelines and merge trains only, where `CI_COMMIT_SHA` is the merge commit: of
/// the target branch, or of what is ahead in the train, and the source branch.
///
/// The pipeline of a fork's merge request runs in the fork, which `CI_PROJECT_ID` then tells; the
/// merge request lies in the other project.
fn merge_request(env: &Env, context: CiContext) -> CiContext {
    let get = |name: &str| env.get(&format!("CI_MERGE_REQUEST_{name}"));
    let (source, target) = (get("SOURCE_PROJECT_ID"), get("PROJECT_ID"));
    let path = get("SOURCE_PROJECT_PATH");
    let trust = match (source, target) {
        (Some(source), Some(target)) if source == target => trust_in_user(env),
        (Some(_), Some(_)) => untrusted(naming("the merge request comes from the fork", path)),
        _ => untrusted("the project that the merge request comes from is not known"),
    };
    let context = CiContext {
        repository: owned(get("PROJECT_PATH")).or(context.repository),
        project_id: owned(target).or(context.project_id),
        head_repository: owned(path),
        ..context
    };
    proposed(get, trust, context)
}

/// A pipeline for a pull request on GitHub
/// (<https://docs.gitlab.com/ci/ci_cd_for_external_repos/#pipelines-for-external-pull-requests>).
/// Nothing of GitLab's tells where a GitHub Enterprise Server is; the user can, by GitHub's names.
fn external(env: &Env, context: CiContext) -> CiContext {
    let get = |name: &str| env.get(&format!("CI_EXTERNAL_PULL_REQUEST_{name}"));
    let (source, target) = (get("SOURCE_REPOSITORY"), get("TARGET_REPOSITORY"));
    let trust = match (source, target) {
        (Some(source), Some(target)) if source == target => trust_in_user(env),
        (Some(source), Some(_)) => {
            untrusted(naming("the pull request comes from the fork", Some(source)))
        }
        _ => untrusted("the repository that the pull request comes from is not known"),
    };
    let context = CiContext {
        repository: owned(target),
        project_id: None,
        head_repository: owned(source),
        event: Some(EXTERNAL_PULL_REQUEST.to_owned()),
        addresses: Addresses {
            run: context.addresses.run,
            ..github::addresses(env)
        },
        ..context
    };
    proposed(get, trust, context)
}

/// What both kinds of pipeline tell under the same names, behind a prefix that `get` puts before.
fn proposed<'env>(
    get: impl Fn(&str) -> Option<&'env str>,
    trust: Trust,
    context: CiContext,
) -> CiContext {
    let head = commit(get("SOURCE_BRANCH_SHA"));
    let checked_out = context.commit;
    let merge = checked_out.clone().filter(|made| {
        let head = head.as_ref();
        head.is_some_and(|head| head != made)
    });
    CiContext {
        commit: head.or(checked_out),
        branch: owned(get("SOURCE_BRANCH_NAME")).or(context.branch),
        base: Some(BaseRevision {
            branch: owned(get("TARGET_BRANCH_NAME")),
            commit: commit(get("TARGET_BRANCH_SHA")),
            merge,
        }),
        pull_request: get("IID").and_then(|number| number.parse().ok()),
        trust,
        ..context
    }
}

/// Access tokens and service accounts act as users with names of a fixed form
/// (<https://docs.gitlab.com/user/project/settings/project_access_tokens/#bot-users-for-projects>).
fn trust_in_user(env: &Env) -> Trust {
    let Some(login) = env.get("GITLAB_USER_LOGIN") else {
        return Trust::Trusted;
    };
    if is_bot(login) {
        untrusted(naming("the pipeline was started by the bot", Some(login)))
    } else {
        Trust::Trusted
    }
}

fn is_bot(login: &str) -> bool {
    let numbered = |prefix: &str| {
        let rest = login.strip_prefix(prefix)?;
        let rest = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
        Some(rest.starts_with("_bot"))
    };
    numbered("project_") == Some(true)
        || numbered("group_") == Some(true)
        || login.starts_with("service_account_")
        || login.ends_with("[bot]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(variables: &[(&str, &str)]) -> CiContext {
        let own = [
            ("CI_MERGE_REQUEST_IID", "7"),
            ("CI_MERGE_REQUEST_PROJECT_ID", "1"),
            ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "1"),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
            (
                "CI_MERGE_REQUEST_DIFF_BASE_SHA",
                "0123456789012345678901234567890123456789",
            ),
            ("GITLAB_USER_LOGIN", "ann"),
        ];
        detect(&own.into_iter().chain(variables.iter().copied()).collect())
    }

    fn reason(variables: &[(&str, &str)]) -> Option<String> {
        match context(variables).trust {
            Trust::Trusted => None,
            Trust::Untrusted { reason } => Some(reason),
        }
    }

    #[test]
    fn a_branch_of_the_same_project_is_trusted() {
        let context = context(&[]);
        assert_eq!(context.trust, Trust::Trusted);
        assert_eq!(context.pull_request, Some(7));
    }

    #[test]
    fn a_fork_is_told_by_its_project() {
        let fork = [
            ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "2"),
            ("CI_MERGE_REQUEST_SOURCE_PROJECT_PATH", "mallory/app"),
        ];
        let expected = "the merge request comes from the fork `mallory/app`";
        assert_eq!(reason(&fork).as_deref(), Some(expected));
        assert!(reason(&[("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "")]).is_some());
    }

    #[test]
    fn a_forks_pipeline_knows_the_project_that_the_merge_request_lies_in() {
        let context = context(&[
            ("CI_PROJECT_ID", "2"),
            ("CI_PROJECT_PATH", "mallory/app"),
            ("CI_MERGE_REQUEST_PROJECT_PATH", "group/app"),
            ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "2"),
            ("CI_MERGE_REQUEST_SOURCE_PROJECT_PATH", "mallory/app"),
        ]);
        assert_eq!(context.project_id.as_deref(), Some("1"));
        assert_eq!(context.repository.as_deref(), Some("group/app"));
        assert_eq!(context.head_repository.as_deref(), Some("mallory/app"));
    }

    #[test]
    fn the_judged_commit_of_merged_results_and_trains_is_the_branchs_own() {
        let (merge, head) = ("b".repeat(40), "c".repeat(40));
        let plain = context(&[("CI_COMMIT_SHA", &merge)]);
        assert_eq!(plain.commit.as_ref(), Some(&merge));
        assert_eq!(plain.base.unwrap().merge, None);
        for kind in ["merged_result", "merge_train"] {
            let merged = context(&[
                ("CI_COMMIT_SHA", &merge),
                ("CI_MERGE_REQUEST_EVENT_TYPE", kind),
                ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", &head),
            ]);
            assert_eq!(merged.commit.as_ref(), Some(&head), "{kind}");
            assert_eq!(merged.base.unwrap().merge.as_ref(), Some(&merge), "{kind}");
        }
    }

    #[test]
    fn an_external_pull_request_lies_on_github() {
        let context = detect(&Env::from_iter([
            ("CI_PROJECT_ID", "5"),
            ("CI_PROJECT_PATH", "mirror/r"),
            ("CI_API_V4_URL", "https://gitlab.com/api/v4"),
            ("CI_SERVER_URL", "https://gitlab.com"),
            ("CI_JOB_URL", "https://gitlab.com/mirror/r/-/jobs/1"),
            ("CI_EXTERNAL_PULL_REQUEST_IID", "3"),
            ("CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY", "x/r"),
            ("CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY", "o/r"),
            ("GITHUB_API_URL", "https://ghe.example.com/api/v3/"),
        ]));
        assert_eq!(context.event.as_deref(), Some(EXTERNAL_PULL_REQUEST));
        assert_eq!(context.repository.as_deref(), Some("o/r"));
        assert_eq!(context.head_repository.as_deref(), Some("x/r"));
        assert_eq!((context.pull_request, context.project_id), (Some(3), None));
        let Addresses {
            server, api, run, ..
        } = context.addresses;
        assert_eq!(api.as_deref(), Some("https://ghe.example.com/api/v3"));
        assert_eq!(server, None);
        assert_eq!(run.as_deref(), Some("https://gitlab.com/mirror/r/-/jobs/1"));
    }

    #[test]
    fn the_base_is_the_target_and_never_where_the_branch_was_forked_off() {
        let base = context(&[]).base.unwrap();
        assert_eq!(base.branch.as_deref(), Some("main"));
        assert_eq!(base.commit, None);
        let tip = "a".repeat(40);
        let merged = context(&[("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", &tip)]);
        assert_eq!(merged.base.unwrap().commit, Some(tip));
    }

    #[test]
    fn bots_are_told_by_their_names() {
        for bot in [
            "project_12_bot_ab",
            "project_12_bot",
            "group_3_bot1",
            "service_account_group_1_x",
            "a[bot]",
        ] {
            assert!(reason(&[("GITLAB_USER_LOGIN", bot)]).is_some(), "{bot}");
        }
        for human in ["project_manager", "project_12", "bot"] {
            assert_eq!(reason(&[("GITLAB_USER_LOGIN", human)]), None, "{human}");
        }
    }

    #[test]
    fn an_external_pull_request_is_from_a_fork_if_the_repositories_differ() {
        let external = |source: &str| {
            detect(&Env::from_iter([
                ("CI_EXTERNAL_PULL_REQUEST_IID", "3"),
                ("CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY", source),
                ("CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY", "o/r"),
                ("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME", "main"),
            ]))
        };
        assert_eq!(external("o/r").trust, Trust::Trusted);
        assert_ne!(external("x/r").trust, Trust::Trusted);
        assert_ne!(external("").trust, Trust::Trusted);
        assert_eq!(
            external("x/r").base.unwrap().branch.as_deref(),
            Some("main")
        );
    }

    #[test]
    fn a_branch_pipeline_is_trusted() {
        let env = Env::from_iter([("CI_COMMIT_REF_NAME", "main")]);
        assert_eq!(detect(&env).trust, Trust::Trusted);
    }
}
