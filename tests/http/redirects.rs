//! Renamed repositories, and servers that want our token elsewhere.

use super::child::{TOKEN, request};
use super::server::{Server, answer};

#[test]
fn a_redirect_within_the_origin_is_followed() {
    let server = Server::start([
        answer(301, "location: /repositories/7/comments?page=2\n", ""),
        answer(200, "", "hello"),
    ]);
    let outcome = request("GET", &server.url("/repos/old/name")).send();
    assert_eq!(outcome.said, "200 hello");
    let lines = [
        "GET /repos/old/name HTTP/1.1",
        "GET /repositories/7/comments?page=2 HTTP/1.1",
    ];
    assert_eq!(server.lines(), lines);
    assert!(server.seen()[1].contains(TOKEN));
}

#[test]
fn a_write_is_followed_with_its_method_and_text() {
    for method in ["PATCH", "POST"] {
        let server = Server::start([
            answer(307, "location: /there\n", ""),
            answer(200, "", "done"),
        ]);
        let outcome = request(method, &server.url("/here")).send();
        assert_eq!(outcome.said, "200 done");
        let there = &server.seen()[1];
        assert!(there.starts_with(&format!("{method} /there ")), "{there}");
        assert!(there.ends_with("a text"), "{there}");
    }
    let server = Server::start([answer(302, "location: /there\n", "moved")]);
    let outcome = request("POST", &server.url("/here")).send();
    assert_eq!(outcome.said, "302 moved");
    assert_eq!(server.lines().len(), 1);
}

#[test]
fn nobody_else_gets_the_request_or_its_token() {
    for status in [301, 302, 303, 307, 308] {
        for method in ["GET", "PATCH", "POST"] {
            let thief = Server::start([answer(200, "", "thanks")]);
            let port = thief.address.port();
            for target in [
                thief.url("/"),
                format!("//localhost:{port}/"),
                format!("http://x@127.0.0.1:{port}/"),
            ] {
                let server =
                    Server::start([answer(status, &format!("location: {target}\n"), "moved")]);
                let outcome = request(method, &server.url("/")).send();
                assert_eq!(outcome.said, format!("{status} moved"));
            }
            assert_eq!(thief.connections(), 0, "{status} {method}");
        }
    }
}

#[test]
fn a_circle_ends() {
    let script = (0..9).map(|_| answer(301, "location: /\n", "round"));
    let server = Server::start(script);
    let outcome = request("GET", &server.url("/")).send();
    assert_eq!(outcome.said, "301 round");
    assert_eq!(server.lines().len(), 4);
}
