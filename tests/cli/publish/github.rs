//! The comment on GitHub.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::server::{NUMBER, REPOSITORY, Route, Server, TOKEN};
use super::{failed, passed, publish};

#[test]
fn without_a_repository_nothing_is_sent_and_that_is_said() {
    for sandbox in [failed(), passed()] {
        publish(&sandbox, &[], &[]).exits(0).warns("no comment");
    }
}

/// The status that the server answers with to a request of these lines.
fn asked(server: &Server, lines: &[&str], body: &str) -> String {
    let address = server.api();
    let mut stream = TcpStream::connect(address.strip_prefix("http://").unwrap()).unwrap();
    let length = body.len();
    let head = lines.join("\r\n");
    write!(
        stream,
        "{head}\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn the_loopback_github_refuses_what_the_real_one_refuses() {
    let server = Server::start();
    let list = format!("GET /repos/{REPOSITORY}/issues/{NUMBER}/comments HTTP/1.1");
    let create = format!("POST /repos/{REPOSITORY}/issues/{NUMBER}/comments HTTP/1.1");
    let (agent, accept) = ("user-agent: test", "accept: application/vnd.github+json");
    let token = format!("authorization: Bearer {TOKEN}");
    let (token, json) = (token.as_str(), "content-type: application/json");
    let long = format!(r#"{{"body": "{}"}}"#, "ü".repeat(65_537));
    let fits = format!(r#"{{"body": "{}"}}"#, "ü".repeat(65_536));
    for (status, lines, body) in [
        ("200", &[list.as_str(), agent, accept, token][..], ""),
        ("403", &[&list, accept, token], ""),
        ("401", &[&list, agent, accept], ""),
        (
            "401",
            &[&list, agent, accept, "authorization: Bearer other"],
            "",
        ),
        ("415", &[&list, agent, "accept: text/html", token], ""),
        (
            "404",
            &["GET /repos/octo/shop HTTP/1.1", agent, accept, token],
            "",
        ),
        ("415", &[&create, agent, accept, token], "{}"),
        ("400", &[&create, agent, accept, token, json], "{"),
        ("422", &[&create, agent, accept, token, json], "{}"),
        ("422", &[&create, agent, accept, token, json], &long),
        ("201", &[&create, agent, accept, token, json], &fits),
    ] {
        assert_eq!(asked(&server, lines, body), status, "{lines:?}");
    }
    assert_eq!(server.comments().len(), 1);
    assert_eq!(server.count(Route::Create), 5);
    // A wrong token and a text that is too long are no program's mistake.
    assert_eq!(server.take_violations().len(), 6);
}
