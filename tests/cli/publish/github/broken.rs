//! Services that fail, and others who act at the same time.

use std::process::Stdio;
use std::sync::Arc;

use tokio::sync::Barrier;

use super::super::server::{Answer, Reply};
use super::*;

/// For an answer that never comes.
const SOON: &str = "3s";

/// For one that comes, however busy the machine is.
const PLENTY: &str = "60s";

fn failing(status: u16) -> Answer {
    Answer::error(status, "Server Error")
}

/// A run that failed, published where the first requests to create a comment go as `replies` say.
fn created(replies: Vec<Reply>, arguments: &[&str]) -> (Server, Run) {
    let (server, red) = (Server::start(), failed());
    server.next(Route::Create, replies);
    let run = posted(&server, &red, arguments).exits(0);
    (server, run)
}

#[test]
fn what_failed_is_looked_for_and_then_tried_again() {
    let (server, run) = created(vec![Reply::Say(failing(500))], &[]);
    run.says_only(&format!("Comment added: {FIRST}"));
    let asked = [
        Route::Pull,
        Route::List,
        Route::Create,
        Route::List,
        Route::Create,
        Route::List,
    ];
    // In the end it is asked who wrote it.
    assert_eq!(server.routes()[..6], asked);
    assert_eq!(server.comments().len(), 1);
}

#[test]
fn what_was_done_although_it_failed_is_not_done_twice() {
    for (reply, timeout) in [
        (Reply::DoneThen(failing(502)), PLENTY),
        (Reply::DoneThenReset, PLENTY),
        (Reply::DoneThenHang, SOON),
    ] {
        let (server, run) = created(vec![reply], &["--timeout", timeout]);
        run.says_only(&format!("Comment added: {FIRST}"));
        assert_eq!(server.count(Route::Create), 1);
        assert_eq!(server.comments().len(), 1);
    }
}

#[test]
fn an_answer_that_makes_no_sense_is_looked_into() {
    let mut garbage = Answer::error(200, "");
    garbage.body = "<html>Please log in to the proxy</html>".to_owned();
    let (server, run) = created(vec![Reply::DoneThen(garbage)], &[]);
    run.says_only(&format!("Comment added: {FIRST}"));
    assert_eq!(server.comments().len(), 1);
}

#[test]
fn a_connection_that_is_reset_and_a_slow_answer_are_tried_again() {
    for (reply, timeout) in [(Reply::Reset, PLENTY), (Reply::Hang, SOON)] {
        let (server, run) = created(vec![reply], &["--timeout", timeout]);
        run.says_only(&format!("Comment added: {FIRST}"));
        assert_eq!(server.count(Route::Create), 2);
        assert_eq!(server.comments().len(), 1);
    }
}

#[test]
fn a_busy_service_is_asked_again_when_it_says() {
    for (status, message) in [
        (429, "Too Many Requests"),
        (403, "You have exceeded a secondary rate limit."),
    ] {
        let busy = Answer::error(status, message).with("retry-after", "0");
        let (server, run) = created(vec![Reply::Say(busy)], &[]);
        run.says_only(&format!("Comment added: {FIRST}"));
        assert_eq!(server.count(Route::Create), 2);
    }
}

#[test]
fn two_runs_at_once_leave_one_comment() {
    let (server, red) = (Server::start(), failed());
    // Both have listed before either adds, and both have added before either hears of it.
    for route in [Route::List, Route::Create] {
        let barrier = Arc::new(Barrier::new(2));
        let meet = || Reply::DoneThenMeet(Arc::clone(&barrier));
        server.next(route, [meet(), meet()]);
    }
    let start = || {
        let mut command = command(&server, &red, &[]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    for run in [start(), start()] {
        let output = run.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(stdout.contains(FIRST), "{stdout}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    }
    assert_eq!(server.count(Route::Create), 2);
    // The older.
    assert_eq!(the_only(&server).id, 1_000_001);
}

#[test]
fn a_service_that_stays_broken_is_given_up() {
    let (server, red) = (Server::start(), failed());
    server.always(Route::Create, Reply::Say(failing(500)));
    posted(&server, &red, &[])
        .exits(0)
        .has_no_comment("the service answered 500: Server Error");
    assert_eq!(server.count(Route::Create), 3);
    assert!(server.comments().is_empty());
}

#[test]
fn a_listing_that_fails_leaves_everything_as_it_is() {
    let (server, red) = (Server::start(), failed());
    let broken = failing(503).with("retry-after", "0");
    server.always(Route::List, Reply::Say(broken));
    posted(&server, &red, &[])
        .exits(0)
        .has_no_comment("the service answered 503: Server Error");
    assert_eq!(server.count(Route::List), 4);
    assert_eq!(server.count(Route::Create), 0);
}

#[test]
fn what_changes_nothing_is_repeated() {
    let replies = || {
        let busy = Answer::error(429, "Too Many Requests").with("retry-after", "0");
        [Reply::Say(failing(500)), Reply::Reset, Reply::Say(busy)]
    };
    for route in [Route::List, Route::GraphQl, Route::Update] {
        for reply in replies() {
            let server = Server::start();
            let ours = text_of(&passed(), &[]);
            server.with(|state| state.comment(US, &ours));
            server.next(route, [reply]);
            posted(&server, &failed(), &[])
                .exits(0)
                .says_only(&format!("Comment updated: {FIRST}"));
            assert_eq!(server.count(route), 2);
            assert!(the_only(&server).body.contains("FAILED"));
        }
    }
}

#[test]
fn a_list_that_does_not_end_is_given_up() {
    let server = Server::start();
    let list = format!("{}/repositories/1296269/issues/7/comments", server.api());
    let page = |number: usize| {
        let next = format!("<{list}?page={number}>; rel=\"next\"");
        Reply::Say(Answer::json(200, &serde_json::json!([])).with("link", &next))
    };
    let red = failed();
    server.always(Route::List, page(2));
    posted(&server, &red, &[])
        .exits(0)
        .has_no_comment("a page of the service's list leads back to an earlier one");
    assert_eq!(server.count(Route::List), 2);
    server.next(Route::List, (2..400).map(page));
    posted(&server, &red, &[])
        .exits(0)
        .has_no_comment("the list of the service has more than 300 pages");
    assert_eq!(server.count(Route::List), 2 + 300);
    assert_eq!(server.count(Route::Create), 0);
}

#[test]
fn nobody_waits_for_a_service_longer_than_there_is_patience() {
    // Without a header GitHub wants to be left alone for a minute. Pauses together may take four
    // times as long as a request.
    let busy = || Answer::error(429, "Too Many Requests");
    for (answer, pause) in [
        (busy(), 60),
        (busy().with("retry-after", "999999"), 999_999),
    ] {
        for route in [Route::List, Route::Create] {
            let (server, red) = (Server::start(), failed());
            server.always(route, Reply::Say(answer.clone()));
            posted(&server, &red, &["--timeout", "10s"])
                .exits(0)
                .has_no_comment(&format!("127.0.0.1 asks for a pause of {pause} s"));
            assert_eq!(server.count(route), 1);
            assert!(server.comments().is_empty());
        }
    }
}
