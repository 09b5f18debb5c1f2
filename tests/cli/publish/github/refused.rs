//! What GitHub refuses: nothing is posted, the reason is told, and the exit code stays 0.

use super::super::server::{Answer, Reply, too_long};
use super::*;

const PERMISSIONS: &str = "\n\npermissions:\n  contents: read\n  pull-requests: write\n\n";

fn read_only(by: &str) -> Answer {
    let message = format!("Resource not accessible by {by}");
    Answer::error(403, &message).with("x-accepted-github-permissions", "issues=write")
}

/// What is printed when `route` always answers `reply` to a run that failed, or that finds a comment
/// to update.
fn refused(route: Route, reply: Reply) -> Run {
    let server = Server::start();
    if route == Route::Update {
        let ours = text_of(&passed(), &[]);
        server.with(|state| state.comment(US, &ours));
    }
    let red = failed();
    let before = server.comments().len();
    server.always(route, reply);
    let run = posted(&server, &red, &[]).exits(0);
    assert_eq!(server.comments().len(), before);
    assert_eq!(server.count(route), 1);
    run
}

#[test]
fn a_read_only_token_is_told_what_is_missing() {
    for by in ["integration", "personal access token"] {
        // With the last request that is allowed for now, it is still the permission that is missing.
        let last = read_only(by)
            .with("x-ratelimit-remaining", "0")
            .with("x-ratelimit-reset", "4102444800");
        for answer in [read_only(by), last] {
            for route in [Route::Create, Route::Update] {
                refused(route, Reply::Say(answer.clone()))
                    .has_no_comment("the token may not write comments")
                    .warns(PERMISSIONS)
                    .warns("the token is read-only whatever the workflow says");
            }
        }
    }
}

#[test]
fn in_a_fork_s_pull_request_no_permission_helps() {
    let (server, red) = (Server::start(), failed());
    server.always(Route::Create, Reply::Say(read_only("integration")));
    let mut command = red.command(&["publish", "--annotations=false"]);
    command.envs(job_of(&server, &red, "stranger/shop"));
    checked(&server, finish(&mut command))
        .exits(0)
        .has_no_comment("the token may not write comments")
        .warns(PERMISSIONS)
        .warns("the pull request comes from the fork `stranger/shop`")
        .warns("`workflow_run`");
}

#[test]
fn each_refusal_is_told_in_words() {
    let sso = "Resource protected by organization SAML enforcement.";
    let locked = "Unable to create comment because issue is locked.";
    for (status, message, told, hint) in [
        (
            401,
            "Bad credentials",
            "the token is not accepted",
            "${{ github.token }}",
        ),
        (
            403,
            locked,
            "the conversation is locked",
            "unlock the conversation",
        ),
        (
            404,
            "Not Found",
            "there is no such pull request, or the token may not see it",
            "`--pull-request`",
        ),
        (
            410,
            "Issues are disabled",
            "the repository takes no comments",
            "",
        ),
        (403, sso, &format!("the service answered 403: {sso}"), ""),
        (451, "Blocked", "the service answered 451: Blocked", ""),
    ] {
        for route in [Route::List, Route::Create] {
            let run = refused(route, Reply::Say(Answer::error(status, message)));
            assert_eq!(run.stderr.contains("\nhint: "), !hint.is_empty());
            run.has_no_comment(told).warns(hint);
        }
    }
}

#[test]
fn a_wrong_token_is_told() {
    let (server, red) = (Server::start(), failed());
    let mut command = command(&server, &red, &[]);
    let run = finish(command.env("GITHUB_TOKEN", "ghs_expired0123456789abcdefghijklmnop"));
    checked(&server, run)
        .exits(0)
        .has_no_comment("the token is not accepted");
}

#[test]
fn a_text_that_is_too_long_is_told_more_briefly() {
    for route in [Route::Create, Route::Update] {
        let server = Server::start();
        if route == Route::Update {
            let ours = text_of(&passed(), &[]);
            server.with(|state| state.comment(US, &ours));
        }
        let red = failed();
        server.next(route, [Reply::Say(too_long()), Reply::Say(too_long())]);
        posted(&server, &red, &[]).exits(0).says(FIRST);
        assert_eq!(server.count(route), 3);
        assert!(the_only(&server).body.contains("FAILED"));
    }
    // Not even the shortest.
    let (server, red) = (Server::start(), failed());
    server.always(Route::Create, Reply::Say(too_long()));
    posted(&server, &red, &[])
        .exits(0)
        .has_no_comment("the comment is too long");
    assert_eq!(server.count(Route::Create), 4);
}

#[test]
fn another_422_is_not_a_matter_of_length() {
    let mut answer = Answer::error(422, "Validation Failed");
    answer.body = serde_json::json!({
        "message": "Validation Failed",
        "errors": [{"resource": "IssueComment", "code": "custom", "message": "user is blocked"}],
    })
    .to_string();
    refused(Route::Create, Reply::Say(answer))
        .has_no_comment("the service answered 422: Validation Failed: user is blocked");
}

#[test]
fn what_a_refusal_says_is_cut_and_can_t_command_the_runner() {
    let message = format!(
        "::error::x\u{1b}[31m ##[error]y\n::set-output name=a::b{}",
        "z".repeat(9_000)
    );
    let run = refused(Route::Create, Reply::Say(Answer::error(400, &message)));
    assert!(run.stderr.len() < 400, "{}", run.stderr);
    assert!(!run.stderr.contains("##["), "{}", run.stderr);
    assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
    assert!(!run.stderr.contains("set-output"), "{}", run.stderr);
}

#[test]
fn a_page_for_a_browser_is_not_shown() {
    let mut answer = Answer::error(400, "");
    answer.body = "<html><body>Whoa there!</body></html>".to_owned();
    refused(Route::Create, Reply::Say(answer))
        .has_no_comment("the service answered 400: Bad Request");
}

#[test]
fn the_token_follows_no_link_to_another_address() {
    let (server, other, red) = (Server::start(), Server::start(), failed());
    let next = format!(
        "<{}/repositories/1296269/issues/7/comments?page=2>; rel=\"next\"",
        other.api()
    );
    let elsewhere = Answer::json(200, &serde_json::json!([])).with("link", &next);
    server.always(Route::List, Reply::Say(elsewhere));
    posted(&server, &red, &[])
        .exits(0)
        .has_no_comment("the service sends us to 127.0.0.1, which is not its own address");
    assert!(other.requests().is_empty());
    // Nor a redirect.
    let redirect = Answer::error(301, "Moved Permanently").with("location", &other.api());
    server.always(Route::List, Reply::Say(redirect));
    posted(&server, &red, &[]).exits(0).warns("no comment");
    assert!(other.requests().is_empty());
}
