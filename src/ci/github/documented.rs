//! Payloads of all events as GitHub documents them, and what each of them tells.

use super::*;
use crate::model::Trust;

/// A payload as GitHub documents it, in the environment that comes with it.
fn documented(name: &str, event: &str, variables: &[(&str, &str)]) -> CiContext {
    let file = format!(
        "{}/src/ci/github/payloads/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let own = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", event),
        ("GITHUB_EVENT_PATH", file.as_str()),
        ("GITHUB_REPOSITORY", "octo/shop"),
        ("GITHUB_ACTOR", "ann"),
    ];
    detect(&own.into_iter().chain(variables.iter().copied()).collect())
}

/// Payload, event, what `GITHUB_SHA` is, and what is told: number, commit, whether they surely belong
/// together, where the branch lies, whether it is a stranger's.
const EVENTS: &str = "
    pull_request                pull_request                merge  7  head   sure    octo/shop     ours
    pull_request_fork           pull_request                merge  7  head   sure    mallory/shop  stranger
    pull_request_target         pull_request_target         base   7  head   sure    mallory/shop  stranger
    pull_request_review         pull_request_review         merge  7  head   sure    octo/shop     ours
    pull_request_review_comment pull_request_review_comment merge  7  head   sure    octo/shop     ours
    push                        push                        head   -  head   unsure  -             ours
    issue_comment               issue_comment               base   7  -      unsure  -             stranger
    issue_comment_on_issue      issue_comment               base   -  base   unsure  -             ours
    workflow_run                workflow_run                base   7  head   unsure  octo/shop     ours
    workflow_run_fork           workflow_run                base   -  head   unsure  mallory/shop  stranger
    workflow_run_push           workflow_run                base   7  head   unsure  octo/shop     ours
    workflow_run_schedule       workflow_run                base   -  base   unsure  octo/shop     ours
    workflow_run_several        workflow_run                base   7  head   unsure  octo/shop     ours
    merge_group                 merge_group                 queue  7  queue  sure    -             ours
    workflow_dispatch           workflow_dispatch           head   -  head   unsure  -             ours
    schedule                    schedule                    base   -  base   unsure  -             ours
    check_run                   check_run                   base   7  head   unsure  -             ours
    check_suite                 check_suite                 base   7  head   unsure  -             ours
    check_suite_fork            check_suite                 base   -  head   unsure  -             stranger
    release                     release                     base   -  base   unsure  -             ours
";

#[test]
fn every_event_tells_its_pull_request_its_commit_and_whether_they_belong_together() {
    let commits = [
        ("head", "6dcb09b5b57875f334f61aebed695e2e4193db5e"),
        ("base", "1405df66cbe219b0bf6355bc3d60361a8376b6b4"),
        ("merge", "14091a9f2461267ee7e02525b4f1f2923f1c9849"),
        ("queue", "1038345ecc525ca37383914c8d7839e94ccf5448"),
    ];
    for row in EVENTS.trim().lines() {
        let words: Vec<&str> = row.split_whitespace().collect();
        let [name, event, sha, ref expected @ ..] = words[..] else {
            panic!("{row}");
        };
        let sha = commits.iter().find(|(word, _)| *word == sha).unwrap().1;
        let context = documented(name, event, &[("GITHUB_SHA", sha)]);
        let number = context.pull_request.map(|number| number.to_string());
        let commit = context.commit.as_deref();
        let commit = commit.map(|found| commits.iter().find(|(_, sha)| *sha == found).unwrap().0);
        let found = [
            number.as_deref().unwrap_or("-"),
            commit.unwrap_or("-"),
            if context.is_certain() {
                "sure"
            } else {
                "unsure"
            },
            context.head_repository.as_deref().unwrap_or("-"),
            match context.trust {
                Trust::Trusted => "ours",
                Trust::Untrusted { .. } => "stranger",
            },
        ];
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn of_several_pull_requests_the_base_is_that_of_the_one_that_is_taken() {
    let several = documented("workflow_run_several", "workflow_run", &[]);
    assert_eq!(several.base.unwrap().branch.as_deref(), Some("release"));
    let fork = documented("workflow_run_fork", "workflow_run", &[]);
    assert_eq!(fork.base.unwrap().branch.as_deref(), Some("main"));
}
