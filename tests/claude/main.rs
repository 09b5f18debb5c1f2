//! `semtest run` with the real Claude Code CLI against a loopback model server.
//!
//! `.ci/run` installs the CLI and runs this: `SEMTEST_TEST_CLAUDE=<path of claude> cargo test --test
//! claude -- --ignored`.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that can't go on must fail at once"
)]

mod model_server;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use model_server::ModelServer;
use serde_json::{Value, json};

const SPEC: &str = "# API\n\n## Errors are JSON\n\nEvery error has a message.\n\n## Routes are guarded\n\nEvery admin route checks the session.\n";

struct Project {
    directory: tempfile::TempDir,
}

impl Project {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join(".git")).unwrap();
        std::fs::write(directory.path().join("api.spec.md"), SPEC).unwrap();
        std::fs::create_dir(directory.path().join("home")).unwrap();
        Self { directory }
    }

    /// Runs the specs with Claude Code, which is told to talk to `address`.
    fn run(&self, address: &str) -> Output {
        let root = self.directory.path();
        let path = format!("{}:/usr/bin:/bin", claude().parent().unwrap().display());
        Command::new(env!("CARGO_BIN_EXE_semtest"))
            .args([
                "run",
                "--llm",
                "claude-code-sonnet-4-6",
                "--junit",
                "--debug",
                "--timeout",
                "60s",
            ])
            .current_dir(root)
            .env_clear()
            .env("PATH", path)
            .env("HOME", root.join("home"))
            .env("ANTHROPIC_BASE_URL", address)
            .env("ANTHROPIC_API_KEY", "loopback-key")
            .env("CLAUDE_CODE_MAX_RETRIES", "0")
            .env("GITHUB_TOKEN", "planted-secret")
            .output()
            .unwrap()
    }

    fn results(&self) -> Value {
        let path = self
            .directory
            .path()
            .join("semtest-results/ci-results.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }
}

/// The CLI under test.
fn claude() -> PathBuf {
    let path = std::env::var("SEMTEST_TEST_CLAUDE").expect("SEMTEST_TEST_CLAUDE names the CLI");
    assert!(Path::new(&path).is_file(), "{path}");
    path.into()
}

#[test]
#[ignore = "needs the real Claude Code CLI; .ci/run installs it and runs this"]
fn claude_code_returns_its_verdicts() {
    let server = ModelServer::start(|prompt| {
        assert!(prompt.contains(r#"Scenario ids: ["errors-are-json","routes-are-guarded"]"#));
        json!([
            {"id": "errors-are-json", "status": "pass"},
            {"id": "routes-are-guarded", "status": "fail", "observed": "none does", "location": "src/admin.ts:7"},
        ])
        .to_string()
    });
    let project = Project::new();
    let output = project.run(&server.address);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    let results = project.results();
    assert_eq!(results["tests"][0]["status"], "pass", "{shown}");
    assert_eq!(results["tests"][1]["status"], "fail", "{shown}");
    assert_eq!(results["tests"][1]["location"], "src/admin.ts:7");
    let requests = server.requests();
    assert!(
        requests
            .iter()
            .any(|request| request.contains("claude-sonnet-4-6"))
    );
    assert!(
        requests
            .iter()
            .all(|request| !request.contains("planted-secret"))
    );
}

#[test]
#[ignore = "needs the real Claude Code CLI; .ci/run installs it and runs this"]
fn a_refusal_of_the_model_is_an_error_and_never_a_pass() {
    let server = ModelServer::start(|_| "I would rather not answer in JSON.".to_owned());
    let project = Project::new();
    assert_eq!(project.run(&server.address).status.code(), Some(2));
    assert_eq!(project.results()["tests"][0]["status"], "error");
}

#[test]
#[ignore = "needs the real Claude Code CLI; .ci/run installs it and runs this"]
fn no_server_at_all_is_an_error_with_the_tools_own_words() {
    let project = Project::new();
    // Nothing listens on the discard port.
    assert_eq!(project.run("http://127.0.0.1:9").status.code(), Some(2));
    let message = project.results()["tests"][0]["error"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(message.contains("the tool reports"), "{message}");
}
