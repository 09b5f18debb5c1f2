//! Proxies that the environment names, and their passwords.

use std::net::SocketAddr;

use super::authority::Authority;
use super::child::{TOKEN, request};
use super::server::{Closed, Server, Step, answer};

const PASSWORD: &str = "hunter2";

fn address(server: &Server) -> String {
    with_password(server.address)
}

fn with_password(address: SocketAddr) -> String {
    format!("http://user:{PASSWORD}@{address}")
}

/// `user:hunter2`.
const CREDENTIALS: &str = "Basic dXNlcjpodW50ZXIy";

#[test]
fn plain_requests_go_through_the_proxy() {
    let proxy = Server::start([answer(200, "", "passed on")]);
    let outcome = request("GET", "http://api.invalid/user")
        .variable("HTTP_PROXY", address(&proxy))
        .send();
    assert_eq!(outcome.said, "200 passed on");
    assert_eq!(proxy.lines(), ["GET http://api.invalid/user HTTP/1.1"]);
    assert!(proxy.seen()[0].contains(CREDENTIALS));
}

#[test]
fn secure_requests_go_through_a_tunnel_that_sees_no_token() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.pem");
    std::fs::write(&file, &authority.pem).unwrap();
    let config = authority.server("api.invalid");
    let server = Server::start_tls([answer(200, "", "hello")], config);
    let proxy = Server::start([Step::Tunnel(server.address)]);
    let outcome = request("GET", "https://api.invalid/user")
        .variable("SSL_CERT_FILE", file.to_str().unwrap())
        .variable("HTTPS_PROXY", address(&proxy))
        .send();
    assert_eq!(outcome.said, "200 hello");
    assert_eq!(proxy.lines(), ["CONNECT api.invalid:443 HTTP/1.1"]);
    let (proxy, server) = (&proxy.seen()[0], &server.seen()[0]);
    assert!(
        proxy.contains(CREDENTIALS) && !proxy.contains(TOKEN),
        "{proxy}"
    );
    assert!(
        server.contains(TOKEN) && !server.contains(CREDENTIALS),
        "{server}"
    );
}

#[test]
fn what_needs_no_proxy_goes_straight() {
    let proxy = Server::start([]);
    let server = Server::start([answer(200, "", "hello")]);
    let outcome = request("GET", &server.url("/"))
        .variable("HTTP_PROXY", address(&proxy))
        .variable("NO_PROXY", "127.0.0.1")
        .send();
    assert_eq!(outcome.said, "200 hello");
    assert_eq!(proxy.connections(), 0);
}

#[test]
fn the_proxy_s_password_is_in_no_error() {
    let refusing = || Server::start([answer(407, "", "no"), answer(407, "", "no")]);
    let closed = Closed::new();
    let gone = with_password(closed.address());
    let (first, second) = (refusing(), refusing());
    for proxy in [
        address(&first),
        address(&second).replace("http:", "socks5h:"),
        gone.clone(),
        gone.replace("http:", "https:"),
        format!("http://user:{PASSWORD}@[bad"),
        format!("user:{PASSWORD}@proxy.invalid:99999"),
    ] {
        let outcome = request("GET", "https://api.invalid/user")
            .variable("HTTPS_PROXY", proxy.as_str())
            .timeout(3_000)
            .send();
        assert!(outcome.said.starts_with("api.invalid "), "{outcome:?}");
        for text in [&outcome.said, &outcome.debug] {
            assert!(
                !text.contains(PASSWORD) && !text.contains("dXNlcj"),
                "{text}"
            );
            assert!(!text.contains("the-token"), "{text}");
        }
    }
}
