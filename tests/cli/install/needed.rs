//! What is installed where nobody names it: what `run` would start.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;

use crate::sandbox::{STATEMENT, Sandbox, finish};
use crate::untrusted::World;

use super::npm::FakeNpm;
use super::{install, names};

fn tools_in(directory: &Path) -> Vec<String> {
    let mut found = match std::fs::metadata(directory) {
        Ok(_) => names(directory),
        Err(_) => Vec::new(),
    };
    found.retain(|name| name != "bin");
    let tool = |name: String| name.split_once('@').unwrap().0.to_owned();
    found.into_iter().map(tool).collect()
}

fn asking_for(key: &str) -> String {
    format!("---\nllm: {key}\n---\n\n{STATEMENT}")
}

#[test]
fn configuration_frontmatter_and_flags_count_as_in_a_run() {
    let config = json!({"llm": "codex:any-model"}).to_string();
    let sandbox = Sandbox::new()
        .file("semtest.config.json", &config)
        .file("a.spec.md", STATEMENT)
        .file("b.spec.md", &asking_for("gemini-2.5-pro"))
        .file("c.spec.md", &asking_for("checks"));
    FakeNpm::lay(&sandbox);
    let installed = |words: &[&str]| {
        let _ = std::fs::remove_dir_all(sandbox.path("clis"));
        install(&sandbox, words).exits(0);
        tools_in(&sandbox.path("clis"))
    };
    assert_eq!(installed(&[]), ["codex", "gemini"]);
    assert_eq!(installed(&["--", "b.spec.md"]), ["gemini"]);
    assert_eq!(
        installed(&["--", "--llm=qwen", "--", "a.spec.md"]),
        ["qwen"]
    );
    assert_eq!(installed(&["--", "--llm", "checks"]), [""; 0]);
    assert_eq!(installed(&["copilot", "--", "--llm", "qwen"]), ["copilot"]);
}

#[test]
fn a_tool_that_is_on_path_and_an_agent_of_ones_own_need_nothing() {
    let agent = json!({"command": "sh", "args": ["-c", "true"]});
    let config = json!({"llm": "codex", "agents": {"codex": agent}}).to_string();
    let sandbox = Sandbox::new()
        .file("semtest.config.json", &config)
        .file("a.spec.md", STATEMENT)
        .file("b.spec.md", &asking_for("gemini"));
    sandbox.install("gemini", "answer");
    install(&sandbox, &[]).exits(0).says("nothing to install");
    assert!(!sandbox.path("clis").exists());
}

#[test]
fn what_run_would_refuse_installs_nothing() {
    let sandbox = Sandbox::new().file("a.spec.md", &asking_for("aider"));
    FakeNpm::lay(&sandbox);
    install(&sandbox, &[])
        .exits(2)
        .warns("semtest can't install Aider (`aider`)");
    install(&sandbox, &["--", "--llm", "codx"])
        .exits(2)
        .warns("did you mean `codex`?");
    install(&sandbox, &["--", "no.spec.md"]).exits(2);
    install(&sandbox, &["--", "--frobnicate"])
        .exits(2)
        .warns("none of `semtest run`: unexpected argument");
    assert!(tools_in(&sandbox.path("clis")).is_empty());
}

#[test]
fn a_stranger_decides_nothing_about_what_is_installed() {
    let config = |policy: &str| json!({"llm": "codex", "onUntrusted": policy}).to_string();
    for (policy, expected) in [("checks", &[][..]), ("fail", &[]), ("run", &["codex"])] {
        let base = [
            ("semtest.config.json", config(policy)),
            ("a.spec.md", STATEMENT.to_owned()),
        ];
        let base = base.each_ref().map(|(name, text)| (*name, text.as_str()));
        let world = World::new(&base, |work| {
            let theirs = json!({"llm": "qwen", "onUntrusted": "run"}).to_string();
            std::fs::write(work.join("semtest.config.json"), theirs).unwrap();
            std::fs::write(work.join("a.spec.md"), asking_for("gemini")).unwrap();
            std::fs::write(work.join("b.spec.md"), asking_for("copilot")).unwrap();
            // As `npm run` would put it on PATH.
            let npm = work.join("npm");
            std::fs::write(&npm, "#!/bin/sh\ntouch stolen\n").unwrap();
            std::fs::set_permissions(&npm, Permissions::from_mode(0o755)).unwrap();
        });
        let programs = Sandbox::new();
        FakeNpm::lay(&programs);
        let clis = programs.path("clis");
        let mut command = world.for_a_fork(&["install", "--directory", clis.to_str().unwrap()]);
        let path = format!("{}:{}", world.path("ci").display(), programs.tool_path());
        finish(command.env("PATH", path)).exits(0);
        assert_eq!(tools_in(&clis), expected, "{policy}");
        assert!(!world.path("ci/stolen").exists());
    }
}

#[test]
fn nothing_but_the_network_and_a_mirror_is_passed_on_to_npm() {
    let sandbox = Sandbox::new();
    FakeNpm::lay(&sandbox).sees("HOME HTTPS_PROXY NPM_CONFIG_REGISTRY PATH SSL_CERT_FILE TMPDIR");
    let mut command = sandbox.command(&["install", "codex", "--directory", "clis"]);
    command.env("PATH", sandbox.tool_path());
    for name in [
        "ANTHROPIC_API_KEY",
        "GITHUB_TOKEN",
        "HTTPS_PROXY",
        "NODE_AUTH_TOKEN",
        "NODE_OPTIONS",
        "NPM_CONFIG_REGISTRY",
        "NPM_TOKEN",
        "SSL_CERT_FILE",
        "npm_config_script_shell",
    ] {
        command.env(name, "planted");
    }
    finish(&mut command).exits(0);
}

#[test]
fn a_run_in_ci_names_what_would_install_its_judge() {
    let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
    let mut command = sandbox.command(&["run", "--llm", "codex"]);
    command.env("CI", "true").env("PATH", sandbox.path("bin"));
    finish(&mut command)
        .exits(2)
        .warns("`semtest install codex --directory DIR`");
}
