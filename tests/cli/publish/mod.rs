//! `semtest publish`, against loopback servers that are as strict as the real ones.

mod artifact;
mod events;
pub(crate) mod github;
mod gitlab;
mod hostile;
#[path = "../../sanitize/hostile_run.rs"]
mod hostile_run;
mod job;
mod judged;
#[path = "../../sanitize/runner.rs"]
mod runner;
pub(crate) mod server;

use crate::sandbox::{Run, Sandbox, finish};

/// A project whose last run failed: one statement holds, one does not.
fn failed() -> Sandbox {
    judged("exists missing.txt", 1)
}

/// A project whose last run passed.
fn passed() -> Sandbox {
    judged("exists semtest.config.json", 0)
}

fn judged(check: &str, code: i32) -> Sandbox {
    let spec = format!(
        "# Configured\n\n```check\nexists semtest.config.json\n```\n\n\
         # Complete\n\n```check\n{check}\n```\n"
    );
    let sandbox = Sandbox::checked().file("a.spec.md", &spec);
    sandbox.run(&["run"]).exits(code);
    of_commit(&sandbox, server::HEAD);
    sandbox
}

/// Lets the results of `sandbox` say that they are of `commit`: the sandbox has no git.
fn of_commit(sandbox: &Sandbox, commit: &str) {
    let path = "semtest-results/ci-results.json";
    let mut results: serde_json::Value = serde_json::from_str(&sandbox.read(path)).unwrap();
    results["commit"] = commit.into();
    sandbox.write(path, results.to_string().as_bytes());
}

/// `semtest publish` with `arguments` and `variables` in `sandbox`.
fn publish(sandbox: &Sandbox, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
    let arguments: Vec<&str> = ["publish"].iter().chain(arguments).copied().collect();
    finish(sandbox.command(&arguments).envs(variables.iter().copied()))
}
