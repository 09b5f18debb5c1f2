//! `init`, `list`, `uninstall`, and the command line itself.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::sandbox::{Sandbox, finish};

#[test]
fn init_writes_a_configuration_that_loads_and_never_overwrites_one() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&["init"])
        .exits(0)
        .says("wrote semtest.config.ts");
    sandbox
        .run(&["run", "--llm", "checks", "--allow-empty"])
        .exits(0);
    let before = sandbox.read("semtest.config.ts");
    sandbox.run(&["init"]).exits(2).warns("never overwrites");
    assert_eq!(sandbox.read("semtest.config.ts"), before);
    let other = Sandbox::checked();
    other.run(&["init"]).exits(2).warns("semtest.config.json");
}

#[test]
fn init_names_a_cli_that_is_installed() {
    let sandbox = Sandbox::new();
    sandbox.run(&["init"]).exits(0).warns("no known LLM CLI");
    std::fs::remove_file(sandbox.path("semtest.config.ts")).unwrap();
    std::fs::create_dir(sandbox.path("bin")).unwrap();
    std::os::unix::fs::symlink("/bin/true", sandbox.path("bin/gemini")).unwrap();
    let mut command = sandbox.command(&["init"]);
    finish(command.env("PATH", sandbox.path("bin")))
        .exits(0)
        .says("Gemini CLI");
    let written = sandbox.read("semtest.config.ts");
    assert!(written.contains("llm: \"gemini\""), "{written}");
}

#[test]
fn init_passes_over_a_cli_that_the_next_run_would_refuse() {
    let sandbox = Sandbox::new();
    sandbox.install("goose", "answer");
    sandbox
        .run_with_tools(&["init"])
        .exits(0)
        .warns("Goose can't be kept from writing");
    let written = sandbox.read("semtest.config.ts");
    assert!(!written.contains("llm: \"goose\""), "{written}");
    std::fs::remove_file(sandbox.path("semtest.config.ts")).unwrap();
    sandbox.install("codex", "answer");
    let run = sandbox.run_with_tools(&["init"]).exits(0);
    assert_eq!(run.stderr, "");
    let written = sandbox.read("semtest.config.ts");
    assert!(written.contains("llm: \"codex\""), "{written}");
}

#[test]
fn init_tells_what_git_is_to_ignore() {
    let run = Sandbox::new().run(&["init"]).exits(0);
    run.says("let git ignore `semtest-results/`");
}

#[test]
fn list_shows_every_key_as_text_and_as_json() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&["list"])
        .exits(0)
        .says("claude-code-sonnet-4-6")
        .says("not installed");
    let json = sandbox.run(&["list", "--json"]).exits(0).stdout;
    let tools: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(tools.as_array().unwrap().len(), 15);
    assert_eq!(tools[14]["keys"][0], "checks");
    assert_eq!(tools[0]["installed"], false);
}

#[test]
fn list_says_which_tools_are_only_known_from_documentation() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&["list"])
        .exits(0)
        .says("OpenCode (opencode, not installed, tested with ")
        .says("Goose (goose, not installed, untested)")
        .says("Deterministic checks only (no CLI needed)");
    let json = sandbox.run(&["list", "--json"]).exits(0).stdout;
    let tools: serde_json::Value = serde_json::from_str(&json).unwrap();
    let tested = |key: &str| {
        let mut rows = tools.as_array().unwrap().iter();
        rows.find(|row| row["tool"] == key).unwrap()["tested"].clone()
    };
    for key in ["opencode", "qwen", "copilot", "aider"] {
        assert!(tested(key).is_string(), "{key}");
    }
    for key in [
        "goose",
        "crush",
        "forge",
        "plandex",
        "openhands",
        "cursor",
        "amp",
        "checks",
    ] {
        assert!(tested(key).is_null(), "{key}");
    }
}

#[test]
fn uninstall_tells_how_this_binary_is_removed() {
    let run = Sandbox::new().run(&["uninstall"]).exits(0);
    let named = run.stdout.contains("rm '") || run.stdout.contains("docker rmi");
    assert!(named, "{}", run.stdout);
}

#[test]
fn a_wrong_command_line_is_exit_2_and_help_is_exit_0() {
    let sandbox = Sandbox::new();
    sandbox.run(&["rum"]).exits(2).warns("run");
    let bare = sandbox.run(&[]).exits(2).says("Usage: semtest");
    assert!(bare.stdout.starts_with("Tests a codebase"), "{bare:?}");
    sandbox.run(&["run", "--repeat", "0"]).exits(2);
    sandbox.run(&["run", "--bail", "--maxfail", "2"]).exits(2);
    sandbox
        .run(&["run", "--help"])
        .exits(0)
        .says("--skip-permissions-if-possible");
    let codes = "Exit codes: 0 nothing failed that blocks, 1 something failed that blocks, 2 ";
    sandbox.run(&["--help"]).exits(0).says(codes);
    sandbox
        .run(&["--version"])
        .exits(0)
        .says(env!("CARGO_PKG_VERSION"));
}

#[test]
fn a_line_is_written_at_once_so_that_nothing_of_another_stream_comes_between() {
    let sandbox = Sandbox::checked();
    for (arguments, is_stderr) in [(["init"], true), (["list"], false)] {
        // Keeps apart what was written apart.
        let (ours, theirs) = UnixDatagram::pair().unwrap();
        let mut command = sandbox.command(&arguments);
        let theirs = OwnedFd::from(theirs);
        let command = if is_stderr {
            command.stderr(theirs)
        } else {
            command.stdout(theirs)
        };
        let mut child = command.spawn().unwrap();
        ours.set_read_timeout(Some(Duration::from_millis(10)))
            .unwrap();
        let (mut buffer, mut count) = ([0; 16_384], 0);
        loop {
            // Asked before the look: what was written before the end is there.
            let has_ended = child.try_wait().unwrap().is_some();
            while let Ok(length) = ours.recv(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..length]);
                assert!(text.ends_with('\n'), "{text}");
                count += 1;
            }
            if has_ended {
                break;
            }
        }
        assert!(count > 0, "{arguments:?}");
    }
}
