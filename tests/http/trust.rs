//! Whose certificates are believed.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use super::authority::Authority;
use super::child::request;
use super::server::{Server, answer};

fn secure(server: &Server) -> String {
    format!("https://localhost:{}/", server.address.port())
}

#[test]
fn an_authority_of_one_s_own_is_named_by_a_variable() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.pem");
    std::fs::write(&file, &authority.pem).unwrap();
    for (name, value) in [
        ("SSL_CERT_FILE", file.as_path()),
        ("SSL_CERT_DIR", folder.path()),
    ] {
        let script = [answer(200, "", "hello")];
        let server = Server::start_tls(script, authority.server("localhost"));
        let outcome = request("GET", &secure(&server))
            .variable(name, value.to_str().unwrap())
            .send();
        assert_eq!(outcome.said, "200 hello", "{name}");
    }
}

#[test]
fn nobody_else_is_believed_and_the_variable_is_named() {
    let authority = Authority::new();
    let server = Server::start_tls([answer(200, "", "hello")], authority.server("localhost"));
    let outcome = request("GET", &secure(&server)).patience(9).send();
    assert_eq!(
        outcome.said,
        "the certificate of localhost is not trusted: \
         none of the trusted authorities has signed it"
    );
    assert!(outcome.hint.unwrap().contains("`SSL_CERT_FILE`"));
    assert_eq!(server.seen().len(), 0);
    assert_eq!(server.connections(), 1, "asking again does not help");
}

#[test]
fn a_certificate_has_to_be_valid_and_the_server_s() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.pem");
    std::fs::write(&file, &authority.pem).unwrap();
    for (config, why) in [
        (
            authority.server("other.example"),
            "it belongs to another name",
        ),
        (authority.server_until("localhost", 2001), "it has expired"),
    ] {
        let server = Server::start_tls([answer(200, "", "hello")], config);
        let outcome = request("GET", &secure(&server))
            .variable("SSL_CERT_FILE", file.to_str().unwrap())
            .send();
        let text = format!("the certificate of localhost is not trusted: {why}");
        assert_eq!(outcome.said, text);
        assert!(outcome.hint.unwrap().contains("clock"));
        assert_eq!(server.seen().len(), 0);
    }
}

#[test]
fn with_an_empty_certificate_directory_the_embedded_roots_are_used_and_no_others() {
    let empty = tempfile::tempdir().unwrap();
    let empty = empty.path().to_str().unwrap();
    let plain = Server::start([answer(200, "", "hello")]);
    let outcome = request("GET", &plain.url("/"))
        .variable("SSL_CERT_DIR", empty)
        .send();
    assert_eq!(outcome.said, "200 hello");

    let server = Server::start_tls([], Authority::new().server("localhost"));
    let outcome = request("GET", &secure(&server))
        .variable("SSL_CERT_DIR", empty)
        .send();
    let text = "the certificate of localhost is not trusted: ";
    assert!(outcome.said.starts_with(text), "{}", outcome.said);
}

#[test]
fn certificates_that_are_named_and_missing_are_an_error() {
    let server = Server::start([answer(200, "", "hello")]);
    let outcome = request("GET", &server.url("/"))
        .variable("SSL_CERT_FILE", "/nowhere/own.pem")
        .send();
    let said = &outcome.said;
    assert!(
        said.starts_with("the trusted certificates can't be read: "),
        "{said}"
    );
    assert_eq!(said.matches("/nowhere/own.pem").count(), 1, "{said}");
    assert_eq!(said.matches("No such file").count(), 1, "{said}");
    assert!(outcome.hint.unwrap().contains("`SSL_CERT_FILE`"));
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_port_that_speaks_no_tls_is_told_as_such() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .unwrap();
        // Until the other side has gone: an end with bytes unread would be a reset.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let outcome = request("GET", &url).patience(9).send();
    let said = &outcome.said;
    assert!(
        said.starts_with("127.0.0.1 can't be reached securely: "),
        "{said}"
    );
    assert!(outcome.hint.unwrap().contains("TLS"));
    server.join().unwrap();
}
