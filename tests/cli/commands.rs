//! `init`, `list`, `uninstall`, and the command line itself.

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
    assert!(sandbox.read("semtest.config.ts").contains("gemini-2.5-pro"));
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
    sandbox.run(&["run", "--repeat", "0"]).exits(2);
    sandbox.run(&["run", "--bail", "--maxfail", "2"]).exits(2);
    sandbox
        .run(&["run", "--help"])
        .exits(0)
        .says("--skip-permissions-if-possible");
    sandbox
        .run(&["--version"])
        .exits(0)
        .says(env!("CARGO_PKG_VERSION"));
}
