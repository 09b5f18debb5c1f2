//! Services that are slow, endless or broken.

use super::child::request;
use super::server::{Closed, Server, Step};

#[test]
fn an_answer_that_does_not_come_or_does_not_end_is_given_up() {
    for step in [Step::Silence, Step::Trickle] {
        let server = Server::start([step]);
        let outcome = request("GET", &server.url("/")).timeout(500).send();
        assert_eq!(outcome.said, "127.0.0.1 gave no answer within 0.5 s");
        assert!(outcome.hint.unwrap().contains("`--timeout`"));
    }
}

#[test]
fn a_connection_that_never_stands_is_given_up() {
    // It waits for a request in plain text, and a TLS client for an answer to its greeting.
    let server = Server::start([]);
    let url = server.url("/").replace("http:", "https:");
    let outcome = request("GET", &url).timeout(500).send();
    let said = &outcome.said;
    assert!(
        said.starts_with("127.0.0.1 ") && said.ends_with("within 0.5 s"),
        "{said}"
    );
}

#[test]
fn a_huge_answer_is_not_read() {
    let declared = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n";
    for step in [Step::Flood, Step::Bytes(declared.into())] {
        let server = Server::start([step]);
        let outcome = request("GET", &server.url("/")).patience(9).send();
        assert_eq!(outcome.said, "127.0.0.1 answered with more than 32 MB");
        assert_eq!(server.lines().len(), 1);
    }
}

#[test]
fn what_is_no_answer_is_an_error() {
    let long = format!("HTTP/1.1 200 OK\r\na: {}\r\n\r\n", "b".repeat(1 << 20));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(10_000));
    for bytes in [
        "",
        "\0\0\0",
        "HTTP/1.1",
        "HTTP/1.1 99 OK\r\n\r\n",
        "HTTP/1.1 99999 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\n:\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        &long,
        &many,
    ] {
        let server = Server::start([Step::Bytes(bytes.into())]);
        let outcome = request("GET", &server.url("/")).send();
        let start = &bytes[..bytes.len().min(60)];
        assert!(
            outcome.said.starts_with("127.0.0.1 can't be reached: "),
            "{start:?}: {}",
            outcome.said
        );
    }
}

#[test]
fn nobody_there_is_told_with_what_to_look_at() {
    let closed = Closed::new();
    let outcome = request("GET", &format!("http://{}/", closed.address())).send();
    let said = &outcome.said;
    assert!(
        said.starts_with("127.0.0.1 can't be reached: Connection refused"),
        "{said}"
    );
    assert!(outcome.hint.unwrap().contains("`HTTPS_PROXY`"));
}
