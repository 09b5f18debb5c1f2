//! A temporary project and the binary run in it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// A spec of one scenario without checks.
pub(crate) const STATEMENT: &str = "# Errors are JSON\n\nEvery error response is JSON.\n";

/// A temporary project: its own git root, so that no configuration above it is found.
pub(crate) struct Sandbox {
    directory: tempfile::TempDir,
}

/// What a finished run left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text),
            "no {text:?} in:\n{}",
            self.stdout
        );
        self
    }

    #[track_caller]
    pub(crate) fn warns(self, text: &str) -> Self {
        assert!(
            self.stderr.contains(text),
            "no {text:?} in:\n{}",
            self.stderr
        );
        self
    }
}

/// The fake agent, which cargo builds as an example so that nobody ever installs it.
pub(crate) fn fake_agent() -> PathBuf {
    let binary = Path::new(env!("CARGO_BIN_EXE_semtest"));
    let agent = binary.parent().unwrap().join("examples/fake-agent");
    assert!(
        agent.is_file(),
        "build it with `cargo build --example fake-agent`"
    );
    agent
}

impl Sandbox {
    /// An empty project.
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join(".git")).unwrap();
        Self { directory }
    }

    /// A project whose judge is the fake agent in `mode` (its arguments).
    pub(crate) fn judged_by(mode: &[&str]) -> Self {
        let sandbox = Self::new();
        sandbox.configure(mode, &json!({}));
        sandbox
    }

    /// A project whose judge is deterministic checks.
    pub(crate) fn checked() -> Self {
        let sandbox = Self::new();
        sandbox.file("semtest.config.json", r#"{"llm": "checks"}"#)
    }

    /// Writes a configuration with the fake agent in `mode` and the fields of `extra`. One answer makes
    /// a verdict unless they say otherwise: most tests are not about votes.
    pub(crate) fn configure(&self, mode: &[&str], extra: &Value) {
        let mut config = json!({
            "llm": "fake",
            "votes": 1,
            "agents": {"fake": {"command": fake_agent(), "args": mode, "prompt": "stdin"}},
        });
        let fields = extra.as_object().unwrap().clone();
        config.as_object_mut().unwrap().extend(fields);
        self.write("semtest.config.json", config.to_string().as_bytes());
    }

    /// Writes a configuration whose judge is a shell script, run in the project. One answer makes a
    /// verdict.
    pub(crate) fn configure_script(&self, script: &str) {
        let agent = json!({"command": "sh", "args": ["-c", script]});
        let config = json!({"llm": "script", "votes": 1, "agents": {"script": agent}});
        self.write("semtest.config.json", config.to_string().as_bytes());
    }

    /// Puts a program on [`Self::tool_path`]: the fake agent in `mode` under the name of a known tool.
    pub(crate) fn install(&self, program: &str, mode: &str) {
        let agent = fake_agent();
        let script = format!(
            "#!/bin/sh\nif [ \"$1\" = --version ]; then echo '1.2.3 ({program})'; exit; fi\n\
             exec '{}' {mode}\n",
            agent.display()
        );
        self.install_script(program, &script);
    }

    /// Puts a script on [`Self::tool_path`].
    pub(crate) fn install_script(&self, program: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = format!("bin/{program}");
        self.write(&path, script.as_bytes());
        std::fs::set_permissions(self.path(&path), std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A search path with what was installed.
    pub(crate) fn tool_path(&self) -> String {
        format!("{}:/usr/bin:/bin", self.path("bin").display())
    }

    /// The binary with `arguments` and the installed tools, run to its end.
    pub(crate) fn run_with_tools(&self, arguments: &[&str]) -> Run {
        finish(self.command(arguments).env("PATH", self.tool_path()))
    }

    /// Adds a file.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.write(path, text.as_bytes());
        self
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    /// `ci-results.json` of the last run.
    pub(crate) fn results(&self) -> Value {
        serde_json::from_str(&self.read("semtest-results/ci-results.json")).unwrap()
    }

    /// `id=status` of every test in the last run's results.
    pub(crate) fn verdicts(&self) -> Vec<String> {
        let results = self.results();
        let verdict = |test: &Value| {
            format!(
                "{}={}",
                test["id"].as_str().unwrap(),
                test["status"].as_str().unwrap()
            )
        };
        results["tests"]
            .as_array()
            .unwrap()
            .iter()
            .map(verdict)
            .collect()
    }

    /// The binary with `arguments`, not yet started. The environment is scrubbed.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_semtest"));
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.directory.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs the binary to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        finish(&mut self.command(arguments))
    }

    /// Starts the binary and lets it run.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

pub(crate) fn finish(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
