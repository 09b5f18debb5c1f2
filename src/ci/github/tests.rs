//! Payloads as GitHub sends them, and as nobody should.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::Trust;

const HEAD: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const BASE: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const MERGE: &str = "cccccccccccccccccccccccccccccccccccccccc";

fn context_of(event: &str, payload: &[u8], more: &[(&str, &str)]) -> CiContext {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs_err::write(file.path(), payload).unwrap();
    let own = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", event),
        ("GITHUB_EVENT_PATH", file.path().to_str().unwrap()),
        ("GITHUB_REPOSITORY", "o/r"),
        ("GITHUB_SHA", MERGE),
        ("GITHUB_ACTOR", "ann"),
    ];
    detect(&own.into_iter().chain(more.iter().copied()).collect())
}

fn context(event: &str, payload: &Value) -> CiContext {
    context_of(event, payload.to_string().as_bytes(), &[])
}

fn pull_request() -> Value {
    let user = json!({"login": "ann", "type": "User"});
    json!({
        "number": 5,
        "sender": user,
        "pull_request": {
            "number": 5,
            "user": user,
            "head": {"sha": HEAD, "ref": "topic", "repo": {"full_name": "o/r", "fork": false}},
            "base": {"sha": BASE, "ref": "main", "repo": {"full_name": "o/r"}},
        },
    })
}

fn with(pointer: &str, value: Value) -> Value {
    let mut payload = pull_request();
    *payload.pointer_mut(pointer).unwrap() = value;
    payload
}

fn reason(context: &CiContext) -> Option<&str> {
    match &context.trust {
        Trust::Trusted => None,
        Trust::Untrusted { reason } => Some(reason),
    }
}

#[test]
fn a_branch_of_the_same_repository_is_trusted_and_its_head_is_judged() {
    let context = context("pull_request", &pull_request());
    assert_eq!(context.trust, Trust::Trusted);
    assert_eq!(context.commit.as_deref(), Some(HEAD));
    assert_eq!(context.branch.as_deref(), Some("topic"));
    assert_eq!(context.pull_request, Some(5));
    let base = context.base.unwrap();
    assert_eq!(base.branch.as_deref(), Some("main"));
    assert_eq!(base.commit.as_deref(), Some(BASE));
    assert_eq!(base.merge.as_deref(), Some(MERGE));
}

#[test]
fn the_commit_of_pull_request_target_is_no_merge() {
    let base = context("pull_request_target", &pull_request())
        .base
        .unwrap();
    assert_eq!(base.merge, None);
}

#[test]
fn a_fork_is_told_by_its_repository_in_every_event_that_carries_a_pull_request() {
    let fork = with("/pull_request/head/repo/full_name", json!("mallory/r"));
    for event in [
        "pull_request",
        "pull_request_target",
        "pull_request_review",
        "new_event",
    ] {
        let context = context(event, &fork);
        let expected = "the pull request comes from the fork `mallory/r`";
        assert_eq!(reason(&context), Some(expected), "{event}");
    }
}

#[test]
fn a_deleted_fork_is_a_fork() {
    let gone = context(
        "pull_request",
        &with("/pull_request/head/repo", Value::Null),
    );
    assert!(reason(&gone).unwrap().contains("gone"));
}

#[test]
fn a_repository_that_is_itself_a_fork_trusts_its_own_branches() {
    let own = with("/pull_request/head/repo/fork", json!(true));
    assert_eq!(context("pull_request", &own).trust, Trust::Trusted);
}

#[test]
fn a_bot_is_told_by_type_and_by_name() {
    let bots = [
        with("/pull_request/user/type", json!("Bot")),
        with("/pull_request/user/login", json!("renovate[bot]")),
        with("/sender/type", json!("Bot")),
    ];
    for payload in bots {
        assert!(
            reason(&context("pull_request", &payload))
                .unwrap()
                .contains("bot")
        );
    }
    let payload = pull_request().to_string();
    for name in ["GITHUB_ACTOR", "GITHUB_TRIGGERING_ACTOR"] {
        let context = context_of(
            "pull_request",
            payload.as_bytes(),
            &[(name, "dependabot[bot]")],
        );
        let expected = "the workflow was started by the bot `dependabot[bot]`";
        assert_eq!(reason(&context), Some(expected));
    }
}

#[test]
fn what_can_not_be_read_is_not_trusted() {
    let hostile: [&[u8]; 6] = [b"", b"{", b"[]", b"{}", &[0xff], b"{\"pull_request\": 1}"];
    for payload in hostile {
        for event in ["pull_request", "pull_request_target"] {
            let context = context_of(event, payload, &[("GITHUB_BASE_REF", "main")]);
            assert_eq!(reason(&context), Some(UNREADABLE));
            assert_eq!(context.base.unwrap().branch.as_deref(), Some("main"));
            assert_eq!(context.commit, None);
        }
    }
    let deep = [b"{\"pull_request\":".as_slice(), &b"[".repeat(100_000)].concat();
    assert!(reason(&context_of("pull_request", &deep, &[])).is_some());
    let nowhere = [("GITHUB_EVENT_PATH", "/nowhere/event.json")];
    assert!(reason(&context_of("pull_request", b"", &nowhere)).is_some());
    let device = [("GITHUB_EVENT_PATH", "/dev/zero")];
    assert!(reason(&context_of("pull_request", b"", &device)).is_some());
    let merge = [("GITHUB_REF", "refs/pull/5/merge")];
    assert!(reason(&context_of("", b"", &merge)).is_some());
}

#[test]
fn a_comment_on_a_pull_request_is_not_trusted_and_one_on_an_issue_is() {
    let mut payload = json!({
        "issue": {"number": 9, "pull_request": {"url": "https://example.org"}},
        "repository": {"default_branch": "main"},
    });
    let on_pull_request = context("issue_comment", &payload);
    assert!(reason(&on_pull_request).is_some());
    assert_eq!(on_pull_request.pull_request, Some(9));
    assert_eq!(
        on_pull_request.base.unwrap().branch.as_deref(),
        Some("main")
    );
    payload["issue"]["pull_request"] = Value::Null;
    assert_eq!(context("issue_comment", &payload).trust, Trust::Trusted);
    assert!(reason(&context_of("issue_comment", b"{", &[])).is_some());
}

#[test]
fn a_workflow_run_is_as_trusted_as_what_it_ran_for() {
    let run = |head: Value, event: &str, actor: &str| {
        context(
            "workflow_run",
            &json!({
                "repository": {"full_name": "o/r", "default_branch": "main"},
                "workflow_run": {
                    "event": event, "head_sha": HEAD, "head_branch": "topic", "pull_requests": [],
                    "head_repository": head, "actor": {"login": actor},
                },
            }),
        )
    };
    let own = json!({"full_name": "o/r"});
    assert_eq!(
        run(own.clone(), "pull_request", "ann").trust,
        Trust::Trusted
    );
    assert_eq!(
        run(own.clone(), "push", "merger[bot]").trust,
        Trust::Trusted
    );
    assert!(reason(&run(own, "pull_request", "merger[bot]")).is_some());
    assert!(reason(&run(Value::Null, "push", "ann")).is_some());
    let fork = run(json!({"full_name": "x/r"}), "pull_request", "ann");
    assert!(reason(&fork).unwrap().contains("`x/r`"));
    assert_eq!(fork.commit.as_deref(), Some(HEAD));
    assert_eq!(fork.base.unwrap().branch.as_deref(), Some("main"));
    assert!(reason(&context_of("workflow_run", b"", &[])).is_some());
}

#[test]
fn a_check_is_as_trusted_as_whoever_caused_it() {
    let check = |branch: Value, sender: &str, listed: Value| {
        let suite = json!({"head_sha": HEAD, "head_branch": branch, "pull_requests": listed});
        let payload = json!({
            "repository": {"full_name": "o/r", "default_branch": "main"},
            "sender": {"login": sender, "type": "User"},
            "check_suite": suite,
        });
        context("check_suite", &payload)
    };
    let proposed = || json!([{"number": 5, "head": {"sha": HEAD}}]);
    let own = check(json!("topic"), "ann", proposed());
    assert_eq!(own.trust, Trust::Trusted);
    let bot = check(json!("topic"), "merger[bot]", proposed());
    let expected = "the check was caused by the bot `merger[bot]`";
    assert_eq!(reason(&bot), Some(expected));
    assert!(reason(&check(json!("topic"), "merger[bot]", Value::Null)).is_some());
    let main = check(json!("main"), "merger[bot]", json!([]));
    assert_eq!(main.trust, Trust::Trusted);
    assert!(reason(&check(Value::Null, "ann", proposed())).is_some());
}

#[test]
fn only_the_token_of_a_forks_pull_request_can_never_write() {
    let fork = with("/pull_request/head/repo/full_name", json!("mallory/r"));
    assert!(context("pull_request", &fork).has_forks_token());
    assert!(!context("pull_request_target", &fork).has_forks_token());
    let bot = with("/pull_request/user/type", json!("Bot"));
    assert!(!context("pull_request", &bot).has_forks_token());
}

#[test]
fn the_page_of_a_workflow_run_is_that_of_the_run_that_ended() {
    let run = |id: Value, server: &str| {
        let payload = json!({"workflow_run": {"id": id, "html_url": "https://evil.example"}});
        let bytes = payload.to_string();
        let more = [("GITHUB_SERVER_URL", server), ("GITHUB_RUN_ID", "8")];
        let context = context_of("workflow_run", bytes.as_bytes(), &more);
        context.addresses.run
    };
    let page = |id: &str| Some(format!("https://git.example/o/r/actions/runs/{id}"));
    assert_eq!(run(json!(7), "https://git.example"), page("7"));
    assert_eq!(run(json!("7"), "https://git.example"), page("8"));
    assert_eq!(run(json!(7), ""), None);
}

#[test]
fn a_merge_group_is_trusted_and_names_its_pull_request() {
    let payload = json!({"merge_group": {
        "head_sha": HEAD, "base_sha": BASE, "base_ref": "refs/heads/main",
        "head_ref": format!("refs/heads/gh-readonly-queue/main/pr-31-{BASE}"),
    }});
    let context = context("merge_group", &payload);
    assert_eq!(context.trust, Trust::Trusted);
    assert_eq!(context.pull_request, Some(31));
    assert_eq!(context.commit.as_deref(), Some(HEAD));
    assert_eq!(context.base.unwrap().branch.as_deref(), Some("main"));
}

#[test]
fn a_push_is_trusted_and_its_payload_not_even_read() {
    let context = context_of("push", b"{", &[("GITHUB_REF_NAME", "main")]);
    assert_eq!(context.trust, Trust::Trusted);
    assert_eq!(context.branch.as_deref(), Some("main"));
    for event in ["workflow_dispatch", "schedule"] {
        assert_eq!(context_of(event, b"{", &[]).trust, Trust::Trusted);
    }
}

#[test]
fn the_number_stands_in_the_reference_where_the_payload_does_not_tell() {
    let number = |reference: &str| {
        context_of("pull_request", b"{", &[("GITHUB_REF", reference)]).pull_request
    };
    assert_eq!(number("refs/pull/12/merge"), Some(12));
    assert_eq!(number("refs/pull/12/head"), Some(12));
    for bad in [
        "refs/pull/0/merge",
        "refs/pull/-1/merge",
        "refs/pull/1/x",
        "refs/heads/1/merge",
        "refs/pull/99999999999999999999/merge",
    ] {
        assert_eq!(number(bad), None, "{bad}");
    }
    let unsure = context_of(
        "pull_request",
        b"{",
        &[("GITHUB_REF", "refs/pull/12/merge")],
    );
    assert!(!unsure.is_certain());
    let numberless = with("/pull_request/number", json!("5"));
    let bytes = numberless.to_string();
    let context = context_of(
        "pull_request",
        bytes.as_bytes(),
        &[("GITHUB_REF", "refs/pull/5/merge")],
    );
    assert_eq!(context.pull_request, Some(5));
}

#[test]
fn the_page_of_the_run_is_made_of_plain_parts_only() {
    let run = |server: &str, repository: &str, id: &str| {
        detect(&Env::from_iter([
            ("GITHUB_SERVER_URL", server),
            ("GITHUB_REPOSITORY", repository),
            ("GITHUB_RUN_ID", id),
        ]))
        .addresses
        .run
    };
    let expected = "https://git.example.org/o/r/actions/runs/7";
    assert_eq!(
        run("https://git.example.org/", "o/r", "7").as_deref(),
        Some(expected)
    );
    assert_eq!(run("https://git.example.org", "o/../r", "7"), None);
    assert_eq!(run("https://git.example.org", "o/r", "7)](x"), None);
    assert_eq!(run("javascript:alert(1)", "o/r", "7"), None);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("o/r")),
        Just(json!("Bot")),
    ];
    let name = "pull_request|head|base|repo|full_name|sha|ref|user|type|issue|number|workflow_run|head_repository|\
         head_sha|check_suite|check_run|pull_requests|merge_group|head_ref|[a-z]{1,4}";
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((name, inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_no_panic(
        event in "pull_request|pull_request_target|issue_comment|workflow_run|check_run|check_suite|merge_group|[a-z_]{0,9}",
        bytes: Vec<u8>,
    ) {
        context_of(&event, &bytes, &[]);
    }

    #[test]
    fn a_payload_that_names_no_head_of_ours_is_never_trusted(payload in any_json()) {
        let context = context("pull_request", &payload);
        let head = payload.pointer("/pull_request/head/repo/full_name");
        let base = payload.pointer("/pull_request/base/repo/full_name");
        if head.is_none() || head != base {
            prop_assert_ne!(context.trust, Trust::Trusted);
        }
    }

    #[test]
    fn what_any_payload_tells_is_plain(
        payload in any_json(),
        event in "pull_request|issue_comment|workflow_run|check_run|check_suite|merge_group",
    ) {
        let context = context(&event, &payload);
        prop_assert_ne!(context.pull_request, Some(0));
        let digits = |text: &String| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        prop_assert!(context.commit.as_ref().is_none_or(digits));
        let head = context.head_repository;
        prop_assert!(head.is_none_or(|head| head.matches('/').count() == 1));
    }

    #[test]
    fn a_fork_is_never_trusted_whatever_else_the_payload_says(
        noise in proptest::collection::vec(("[a-z_]{1,8}", any_json()), 0..6),
        fork in "[a-z]{1,8}/[a-z]{1,8}",
        event in "pull_request|pull_request_target|pull_request_review|[a-z]{1,6}_[a-z]{1,6}",
    ) {
        prop_assume!(!["o/r"].contains(&fork.as_str()));
        let mut payload = with("/pull_request/head/repo/full_name", json!(fork));
        for (name, value) in noise {
            let fields = payload.as_object_mut().unwrap();
            fields.entry(name).or_insert(value);
        }
        prop_assert_ne!(context(&event, &payload).trust, Trust::Trusted);
    }
}
