//! What is sent again, and what never is.

use std::time::{Duration, SystemTime};

use super::child::{TOKEN, request};
use super::server::{Server, Step, answer};

#[test]
fn a_broken_connection_and_a_failure_of_the_service_are_tried_again() {
    for first in [Step::Reset, answer(500, "", ""), Step::Bytes(Vec::new())] {
        for method in ["GET", "PATCH", "DELETE"] {
            let server = Server::start([first.clone(), answer(200, "", "hello")]);
            let outcome = request(method, &server.url("/comments")).patience(1).send();
            assert_eq!(outcome.said, "200 hello", "{first:?}");
            let line = format!("{method} /comments HTTP/1.1");
            assert_eq!(server.lines(), [line.as_str(), &line]);
            let seen = server.seen();
            assert_eq!(seen[0], seen[1], "the same text, the same headers");
            assert!(seen[0].contains(TOKEN) && seen[0].ends_with("a text"));
        }
    }
}

#[test]
fn a_post_is_never_sent_twice() {
    for (first, said) in [
        (Step::Reset, "127.0.0.1 can't be reached: "),
        (Step::Bytes(Vec::new()), "127.0.0.1 can't be reached: "),
        (answer(500, "", "no"), "500 no"),
        (answer(502, "", "no"), "502 no"),
        (answer(503, "retry-after: 0\n", "no"), "503 no"),
        (answer(429, "retry-after: 0\n", "no"), "429 no"),
        (answer(403, "retry-after: 0\n", "no"), "403 no"),
    ] {
        let server = Server::start([first.clone(), answer(201, "", "made")]);
        let outcome = request("POST", &server.url("/comments")).patience(9).send();
        assert!(outcome.said.starts_with(said), "{first:?}: {outcome:?}");
        assert_eq!(server.connections(), 1, "{first:?}");
    }
}

#[test]
fn a_post_is_handed_back_when_the_pause_is_over() {
    let server = Server::start([answer(429, "retry-after: 1\n", "later")]);
    let outcome = request("POST", &server.url("/")).patience(1).send();
    assert_eq!(outcome.said, "429 later");
    assert!(outcome.took >= Duration::from_secs(1), "{outcome:?}");
}

#[test]
fn a_post_that_changes_nothing_is_sent_again() {
    let server = Server::start([answer(502, "", ""), answer(200, "", "{}")]);
    let outcome = request("POST", &server.url("/graphql"))
        .patience(1)
        .safe_to_repeat()
        .send();
    assert_eq!(outcome.said, "200 {}");
    assert_eq!(server.lines().len(), 2);
}

#[test]
fn it_is_tried_four_times_and_the_last_answer_is_the_one() {
    let refusal = |body| answer(503, "retry-after: 0\n", body);
    let script = ["one", "two", "three", "four", "five"].map(refusal);
    let server = Server::start(script);
    let outcome = request("GET", &server.url("/")).patience(9).send();
    assert_eq!(outcome.said, "503 four");
}

#[test]
fn a_rate_limit_is_waited_for() {
    let now = SystemTime::now();
    let date = |time| httpdate::fmt_http_date(time);
    let next = now + Duration::from_secs(1);
    let epoch = next
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    for (status, headers) in [
        (429, "retry-after: 1\n".to_owned()),
        (403, "retry-after: 1\n".to_owned()),
        (
            429,
            format!("date: {}\nretry-after: {}\n", date(now), date(next)),
        ),
        (
            403,
            format!(
                "date: {}\nx-ratelimit-remaining: 0\nx-ratelimit-reset: {epoch}\n",
                date(now)
            ),
        ),
    ] {
        let server = Server::start([answer(status, &headers, ""), answer(200, "", "hello")]);
        let outcome = request("GET", &server.url("/")).patience(9).send();
        assert_eq!(outcome.said, "200 hello", "{headers}");
        assert!(
            outcome.took >= Duration::from_secs(1),
            "{headers}{outcome:?}"
        );
    }
}

#[test]
fn nobody_waits_longer_than_the_user_allows() {
    for (headers, seconds) in [
        ("", 60),
        ("retry-after: 31\n", 31),
        ("retry-after: 86400\n", 86_400),
        ("retry-after: 99999999999999999999999999\n", u64::MAX),
        (
            "x-ratelimit-remaining: 0\nx-ratelimit-reset: 99999999999999999999\n",
            u64::MAX,
        ),
        ("retry-after: -1\n", 60),
    ] {
        for method in ["GET", "POST"] {
            let server = Server::start([answer(429, headers, "")]);
            let outcome = request(method, &server.url("/")).patience(30).send();
            let text = format!("127.0.0.1 asks for a pause of {seconds} s");
            assert_eq!(outcome.said, text, "{headers}");
            assert_eq!(server.lines().len(), 1);
        }
    }
}

#[test]
fn a_missing_permission_is_no_rate_limit() {
    let headers = "x-ratelimit-remaining: 4999\nx-ratelimit-reset: 99999999999\n";
    let server = Server::start([answer(403, headers, "forbidden")]);
    let outcome = request("PATCH", &server.url("/")).patience(120).send();
    assert_eq!(outcome.said, "403 forbidden");
    assert_eq!(server.lines().len(), 1);
}
