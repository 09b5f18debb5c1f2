//! `semtest action`: a step as GitHub starts it, as root and as others, against the loopback GitHub.
//!
//! Another user than root takes root to try: without, and without Linux, these tests say that they were
//! skipped.

mod anybody;
pub(crate) mod ending;
mod git;
mod owner;
mod token;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::publish::github::job_of;
use crate::publish::server::{REPOSITORY, Server};
use crate::sandbox::{Run, STATEMENT, Sandbox, finish};

/// Whose workspace it is where the step starts as root.
const OWNER: u32 = 1001;
/// Whom a step may be started as instead: nobody's number.
const STRANGER: u32 = 1234;

/// Answers that the scenario passes, and that it fails.
const PASS: &str = r#"cat > /dev/null; echo '[{"id":"a","status":"pass"}]'"#;
/// The same judge as [`PASS`] for a command that reads no configuration.
const AGENTS: &str = r#"{"mine": {"command": "sh", "args": ["-c", "cat > /dev/null; echo '[{\"id\":\"statement\",\"status\":\"pass\"}]'"]}}"#;
const FAIL: &str =
    r#"cat > /dev/null; echo '[{"id":"a","status":"fail","expectation":"e","observed":"o"}]'"#;

/// A job on a runner: a workspace with a spec, a program that everybody may start, a GitHub.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) server: Server,
    /// No other test's.
    pub(crate) token: String,
    /// The runner's own: the program, HOME, command files, a socket.
    runner: tempfile::TempDir,
}

/// Whether this machine lets us be everybody.
pub(crate) fn is_root_on_linux() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    let is_root = cfg!(target_os = "linux") && id.stdout == b"0\n";
    if !is_root {
        println!("skipped: needs root on Linux");
    }
    is_root
}

/// The words before a command line that make it another user's, without groups and capabilities.
pub(crate) fn as_user(user: u32) -> Vec<String> {
    let words = ["setpriv", "--clear-groups"].map(str::to_owned);
    let ids = [format!("--reuid={user}"), format!("--regid={user}")];
    words.into_iter().chain(ids).collect()
}

/// Starts what follows as root.
pub(crate) fn as_root() -> Vec<String> {
    vec!["env".into()]
}

/// As the first process of a container, as far as processes go: `None` where that can't be tried.
pub(crate) fn contained(user: u32) -> Option<Vec<String>> {
    let space = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
    let done = Command::new(space[0])
        .args(&space[1..])
        .arg("true")
        .status();
    if !done.is_ok_and(|status| status.success()) {
        println!("skipped: no process space of one's own");
        return None;
    }
    let space = space.into_iter().map(str::to_owned);
    Some(space.chain(as_user(user)).collect())
}

fn open_to_all(path: &Path) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Gives `path` and all below it to `user`.
pub(crate) fn give(path: &Path, user: u32) {
    let ids = format!("{user}:{user}");
    let done = Command::new("chown").arg("-hR").arg(ids).arg(path).status();
    assert!(done.unwrap().success());
}

impl Stage {
    /// A workspace of `owner` whose judge is `script`; `None` where that can't be tried.
    pub(crate) fn of(owner: u32, script: &str) -> Option<Self> {
        if !is_root_on_linux() {
            return None;
        }
        let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
        sandbox.configure_script(script);
        let runner = tempfile::tempdir().unwrap();
        for directory in [runner.path(), &sandbox.path("")] {
            open_to_all(directory);
        }
        let name = runner.path().file_name().unwrap().to_str().unwrap();
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        let token = format!("ghs_loopback{:0>24}", letters.collect::<String>());
        let server = Server::start();
        server.with(|state| state.token.clone_from(&token));
        let stage = Self {
            sandbox,
            server,
            token,
            runner,
        };
        // Not by this process: a file that is open for writing in a child of another test can't be run.
        let program = env!("CARGO_BIN_EXE_semtest");
        let copied = Command::new("cp")
            .arg(program)
            .arg(stage.program())
            .status();
        assert!(copied.unwrap().success());
        for file in ["output", "env", "path", "summary"] {
            std::fs::write(stage.at(file), "").unwrap();
        }
        // The event's file lies in the workspace here.
        let _ = stage.job();
        give(&stage.sandbox.path(""), owner);
        Some(stage)
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.at("semtest")
    }

    fn at(&self, name: &str) -> PathBuf {
        self.runner.path().join(name)
    }

    fn job(&self) -> Vec<(String, String)> {
        let mut job = job_of(&self.server, &self.sandbox, REPOSITORY);
        job.retain(|(name, _)| name != "GITHUB_TOKEN");
        for (name, file) in [
            ("GITHUB_OUTPUT", "output"),
            ("GITHUB_ENV", "env"),
            ("GITHUB_PATH", "path"),
            ("GITHUB_STEP_SUMMARY", "summary"),
        ] {
            job.push((name.into(), self.at(file).display().to_string()));
        }
        for (name, value) in [
            ("INPUT_GITHUB_TOKEN", &*self.token),
            ("INPUT_COMMENT", "always"),
            ("INPUT_ANNOTATIONS", "false"),
        ] {
            job.push((name.into(), value.into()));
        }
        job
    }

    /// `semtest action` after the words of `before`, with these inputs, not yet started.
    pub(crate) fn command(&self, before: &[String], inputs: &[(&str, &str)]) -> Command {
        self.command_of(before, &["action"], inputs)
    }

    /// The same for other arguments.
    pub(crate) fn command_of(
        &self,
        before: &[String],
        arguments: &[&str],
        inputs: &[(&str, &str)],
    ) -> Command {
        let program = self.program().display().to_string();
        let words: Vec<String> = before.iter().cloned().chain([program]).collect();
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .args(arguments)
            .current_dir(self.sandbox.path(""))
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", "/")
            .envs(self.job())
            .envs(
                inputs
                    .iter()
                    .map(|(name, value)| (format!("INPUT_{}", name.to_uppercase()), *value)),
            )
            .stdin(std::process::Stdio::null());
        // Written by `job`, and root's.
        give(&self.sandbox.path("event.json"), OWNER);
        command
    }

    /// The step to its end. Nothing shows the token, whatever happens.
    pub(crate) fn step(&self, before: &[String], inputs: &[(&str, &str)]) -> Run {
        self.finish(&mut self.command(before, inputs))
    }

    pub(crate) fn finish(&self, command: &mut Command) -> Run {
        let run = finish(command);
        assert!(!format!("{}{}", run.stdout, run.stderr).contains(&self.token));
        run
    }

    /// The texts of all comments.
    pub(crate) fn comments(&self) -> Vec<String> {
        let comments = self.server.comments().into_iter();
        comments.map(|comment| comment.body).collect()
    }
}
