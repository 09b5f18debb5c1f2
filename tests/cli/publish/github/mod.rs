//! The comment on GitHub.

mod broken;
mod found;
mod policy;
mod refused;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use super::server::{Comment, HEAD, NUMBER, REPOSITORY, Route, Server, TOKEN, US};
use super::{failed, passed, publish};
use crate::sandbox::{Run, Sandbox, finish};

/// The page of the first comment that the server makes.
const FIRST: &str = "https://github.com/octo/shop/pull/7#issuecomment-1000001";

/// What a job has in its environment that was started by pull request [`NUMBER`], whose event says
/// that its branch lies in `head`.
pub(crate) fn job_of(server: &Server, sandbox: &Sandbox, head: &str) -> Vec<(String, String)> {
    let event = serde_json::json!({
        "action": "synchronize", "number": NUMBER,
        "pull_request": {
            "number": NUMBER, "user": {"login": "octocat", "type": "User"},
            "head": {"ref": "change", "sha": HEAD, "repo": {"full_name": head}},
            "base": {"ref": "main", "sha": "0".repeat(40), "repo": {"full_name": REPOSITORY}},
        },
        "repository": {"full_name": REPOSITORY, "default_branch": "main"},
        "sender": {"login": "octocat", "type": "User"},
    });
    sandbox.write("event.json", event.to_string().as_bytes());
    let mut variables = server.variables();
    let path = sandbox.path("event.json");
    for (name, value) in [
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_EVENT_PATH", path.to_str().unwrap()),
        ("GITHUB_REF", "refs/pull/7/merge"),
        ("GITHUB_HEAD_REF", "change"),
        ("GITHUB_BASE_REF", "main"),
        ("GITHUB_SHA", &"1".repeat(40)),
    ] {
        variables.push((name.to_owned(), value.to_owned()));
    }
    variables
}

/// `semtest publish` with `arguments` in such a job, not yet started.
fn command(server: &Server, sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let arguments: Vec<&str> = ["publish", "--annotations=false"]
        .iter()
        .chain(arguments)
        .copied()
        .collect();
    let mut command = sandbox.command(&arguments);
    command.envs(job_of(server, sandbox, REPOSITORY));
    command
}

/// [`command`], run to its end. The token is never shown, whatever happens.
fn posted(server: &Server, sandbox: &Sandbox, arguments: &[&str]) -> Run {
    checked(server, finish(&mut command(server, sandbox, arguments)))
}

fn checked(server: &Server, run: Run) -> Run {
    assert!(!format!("{}{}", run.stdout, run.stderr).contains(TOKEN));
    for request in server.requests() {
        let sent = format!("{}{:?}{}", request.path, request.query, request.body);
        assert!(!sent.contains(TOKEN), "{sent}");
    }
    run
}

/// The text that `sandbox` posts where there is no comment yet.
pub(super) fn text_of(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let server = Server::start();
    let arguments: Vec<&str> = ["--comment", "always"]
        .iter()
        .chain(arguments)
        .copied()
        .collect();
    posted(&server, sandbox, &arguments)
        .exits(0)
        .says("Comment added");
    the_only(&server).body
}

/// The only comment that is ours.
#[track_caller]
fn the_only(server: &Server) -> Comment {
    let mut ours = server.comments();
    ours.retain(|comment| comment.author == US);
    assert_eq!(ours.len(), 1, "{ours:?}");
    ours.remove(0)
}

impl Run {
    /// Nothing was printed but this line.
    #[track_caller]
    fn says_only(self, line: &str) -> Self {
        assert_eq!(self.stdout, format!("{line}\n"), "{}", self.stderr);
        assert_eq!(self.stderr, "");
        self
    }

    /// There is no comment, for this reason.
    #[track_caller]
    fn has_no_comment(self, warning: &str) -> Self {
        assert_eq!(self.stdout, "", "{}", self.stderr);
        let first = self.stderr.lines().next();
        assert_eq!(first, Some(&*format!("warning: no comment: {warning}")));
        self
    }
}

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
