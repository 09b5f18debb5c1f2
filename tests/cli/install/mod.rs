//! `semtest install`, with an npm that refuses everything but what we are known to ask for.

mod action;
mod needed;
mod npm;

use std::path::Path;

use semtest::evaluate::tools;

use crate::sandbox::{Run, Sandbox, finish};
use npm::{FakeNpm, package_of};

/// `semtest install` into `clis`, with the programs of the sandbox first on `PATH`.
fn install(sandbox: &Sandbox, words: &[&str]) -> Run {
    let line = ["install", "--directory", "clis"];
    sandbox.run_with_tools(&[&line[..], words].concat())
}

fn tested(tool: &str) -> &'static str {
    let mut rows = tools().iter();
    rows.find(|row| row.key == tool).unwrap().tested.unwrap()
}

/// The names in a directory, in order.
fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<String> = entries
        .map(|entry| name(entry).into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_tool_is_installed_as_tested_and_its_program_starts_wherever_the_directory_is_moved() {
    let sandbox = Sandbox::new();
    FakeNpm::lay(&sandbox);
    let version = tested("codex");
    install(&sandbox, &["codex"])
        .exits(0)
        .says(&format!("codex {version}: installed, "));
    assert_eq!(
        names(&sandbox.path("clis")),
        ["bin".to_owned(), format!("codex@{version}")]
    );
    std::fs::rename(sandbox.path("clis"), sandbox.path("moved")).unwrap();
    let told = std::process::Command::new(sandbox.path("moved/bin/codex"))
        .arg("--version")
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(told.stdout).unwrap(),
        format!("{version}\n")
    );
}

#[test]
fn what_is_there_in_the_right_version_needs_no_npm_at_all() {
    let sandbox = Sandbox::new();
    FakeNpm::lay(&sandbox);
    install(&sandbox, &["codex", "gemini@1.2.3"]).exits(0);
    for program in ["npm", "node"] {
        sandbox.install_script(program, "#!/bin/sh\ntouch was-started\nexit 1\n");
    }
    install(&sandbox, &["codex", "gemini@1.2.3"])
        .exits(0)
        .says("codex")
        .says("gemini 1.2.3: already there");
    assert!(!sandbox.path("was-started").exists());
    install(&sandbox, &["gemini@1.2.4"]).exits(2);
}

#[test]
fn two_versions_lie_apart_and_the_program_is_the_one_that_was_asked_for_last() {
    let sandbox = Sandbox::new();
    FakeNpm::lay(&sandbox);
    for version in ["1.0.0", "2.0.0-rc.1", "1.0.0"] {
        install(&sandbox, &[&format!("codex@{version}")]).exits(0);
        let target = std::fs::read_link(sandbox.path("clis/bin/codex")).unwrap();
        let expected = format!("../codex@{version}/node_modules/.bin/codex");
        assert_eq!(target, Path::new(&expected));
    }
    assert_eq!(
        names(&sandbox.path("clis")),
        ["bin", "codex@1.0.0", "codex@2.0.0-rc.1"]
    );
}

#[test]
fn the_newest_version_is_asked_for_and_then_an_exact_one() {
    let sandbox = Sandbox::new();
    FakeNpm::lay(&sandbox).newest("9.8.7");
    install(&sandbox, &["qwen@latest"])
        .exits(0)
        .says("qwen 9.8.7: installed");
    FakeNpm::lay(&sandbox).newest("1.0.0 2.0.0");
    install(&sandbox, &["qwen@latest"])
        .exits(2)
        .warns("`1.0.0 2.0.0` the newest version");
}

#[test]
fn a_script_of_the_package_runs_where_its_row_names_one() {
    let sandbox = Sandbox::new();
    FakeNpm::lay(&sandbox);
    install(&sandbox, &["claude-code"]).exits(0);
    let version = tested("claude-code");
    let package = package_of("claude-code");
    let laid = format!("clis/claude-code@{version}/node_modules/{package}/set-up-by-install.cjs");
    assert!(sandbox.path(&laid).is_file());
    // What npm is content with, and does not work.
    sandbox.install_script("node", "#!/bin/sh\nexit 0\n");
    install(&sandbox, &["claude-code@1.0.0"])
        .exits(2)
        .warns("`claude` does not start: no native program here");
    let expected = ["bin".to_owned(), format!("claude-code@{version}")];
    assert_eq!(names(&sandbox.path("clis")), expected);
}

#[test]
fn a_half_installation_is_never_taken_for_a_whole_one() {
    let sandbox = Sandbox::new();
    FakeNpm::lay(&sandbox).breaks_off();
    install(&sandbox, &["codex@1.0.0"])
        .exits(2)
        .warns("disk is full");
    assert_eq!(names(&sandbox.path("clis")), ["bin"]);
    assert!(names(&sandbox.path("clis/bin")).is_empty());
    // As a cache may bring them: without a program, of another version, a link to somewhere else.
    FakeNpm::lay(&sandbox);
    let manifest = "clis/codex@1.0.0/node_modules/@openai/codex/package.json";
    sandbox.write(
        manifest,
        br#"{"name": "@openai/codex", "version": "1.0.0"}"#,
    );
    install(&sandbox, &["codex@1.0.0"])
        .exits(0)
        .says(": installed");
    sandbox.write(
        manifest,
        br#"{"name": "@openai/codex", "version": "1.0.1"}"#,
    );
    install(&sandbox, &["codex@1.0.0"])
        .exits(0)
        .says(": installed");
    let place = sandbox.path("clis/codex@1.0.0");
    std::fs::rename(&place, sandbox.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", &place).unwrap();
    install(&sandbox, &["codex@1.0.0"])
        .exits(0)
        .says(": installed");
    assert!(place.symlink_metadata().unwrap().is_dir());
    assert!(sandbox.path("elsewhere/node_modules").is_dir());
}

#[test]
fn a_program_that_leads_out_of_its_directory_is_none() {
    let sandbox = Sandbox::new();
    FakeNpm::lay(&sandbox);
    install(&sandbox, &["codex@1.0.0"]).exits(0);
    let program = sandbox.path("clis/codex@1.0.0/node_modules/.bin/codex");
    std::fs::remove_file(&program).unwrap();
    std::os::unix::fs::symlink("/bin/true", &program).unwrap();
    install(&sandbox, &["codex@1.0.0"])
        .exits(0)
        .says(": installed");
    assert!(std::fs::read_link(program).unwrap().is_relative());
}

#[test]
fn files_of_others_are_left_alone() {
    let sandbox = Sandbox::new().file("clis/bin/codex", "mine");
    FakeNpm::lay(&sandbox);
    install(&sandbox, &["codex"])
        .exits(2)
        .warns("is not what `semtest install` lays there");
    assert_eq!(sandbox.read("clis/bin/codex"), "mine");
    std::fs::remove_dir_all(sandbox.path("clis/bin")).unwrap();
    std::fs::create_dir(sandbox.path("other")).unwrap();
    std::os::unix::fs::symlink("../other", sandbox.path("clis/bin")).unwrap();
    install(&sandbox, &["gemini"]).exits(2).warns("clis/bin");
    assert!(names(&sandbox.path("other")).is_empty());
}

#[test]
fn a_word_that_is_no_tool_in_one_version_starts_nothing() {
    let sandbox = Sandbox::new();
    sandbox.install_script("npm", "#!/bin/sh\ntouch was-started\n");
    let words = [
        ("codex@^1.0.0", "`codex@0.169.0`"),
        ("codex@../../x", "not one exact version"),
        ("codex@https://example.org/x.tgz", "not one exact version"),
        ("codx", "did you mean `codex`?"),
        ("@openai/codex", "no known LLM CLI"),
        ("aider", "an image of your own that has `aider` on PATH"),
    ];
    for (word, warning) in words {
        install(&sandbox, &[word]).exits(2).warns(warning);
    }
    install(&sandbox, &["codex", "codex@1.0.0"])
        .exits(2)
        .warns("asked for twice");
    assert!(!sandbox.path("was-started").exists());
    assert!(!sandbox.path("clis").exists());
}

#[test]
fn what_npm_says_is_told_without_its_colours_and_with_what_to_do() {
    let sandbox = Sandbox::new();
    sandbox.install_script("node", "#!/bin/sh\n");
    let says = |code: &str| {
        let script = format!(
            "#!/bin/sh\nprintf 'npm error code {code}\\nnpm error \\033[31mno\\033[0m luck\\n' >&2\n\
             exit 1\n"
        );
        sandbox.install_script("npm", &script);
        install(&sandbox, &["codex"]).exits(2)
    };
    let run = says("E404");
    assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
    run.warns("could not install `@openai/codex@0.169.0`: no luck")
        .warns("no such version");
    says("ENOTFOUND").warns("`NPM_CONFIG_REGISTRY` a mirror");
    says("E401").warns("wants a login");
}

#[test]
fn without_node_or_npm_the_message_says_what_is_missing() {
    let sandbox = Sandbox::new();
    let missing = |program: &str| {
        let mut command = sandbox.command(&["install", "codex", "--directory", "clis"]);
        // A relative entry may be the project's.
        command.env(
            "PATH",
            format!("{}:bin:relative", sandbox.path("bin").display()),
        );
        finish(&mut command)
            .exits(2)
            .warns(&format!("`{program}` is not on PATH"))
            .warns("hint: ");
    };
    sandbox.write("relative/node", b"");
    missing("node");
    sandbox.install_script("node", "#!/bin/sh\n");
    missing("npm");
}

/// `tests/agents` runs exactly what a user gets.
#[test]
fn the_packages_are_those_that_the_tests_of_the_clis_install() {
    let versions = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agents/versions");
    let versions = std::fs::read_to_string(versions).unwrap();
    let rows = versions.lines().filter(|line| !line.starts_with('#'));
    let mut expected: Vec<Vec<String>> = rows
        .map(|row| row.split_whitespace().map(str::to_owned).collect())
        .collect();
    let mut found: Vec<Vec<String>> = Vec::new();
    for tool in tools() {
        let Some(tested) = tool.tested else {
            assert!(tool.package.is_none(), "{}", tool.key);
            continue;
        };
        let (from, package) = match tool.package {
            Some(package) => ("npm", package.name),
            None => ("pip", "aider-chat"),
        };
        let row = [tool.key, from, package, tested, tool.binary];
        found.push(row.map(str::to_owned).to_vec());
    }
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

/// Needs the network: 100 MB from the npm registry.
#[test]
#[ignore = "installs Gemini CLI from the npm registry: `cargo test --test cli real_npm -- --ignored`"]
fn the_real_npm_installs_a_real_cli_that_starts() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["install", "gemini", "--directory", "clis"]);
    let kept = std::env::vars_os().filter(|(name, _)| {
        let name = name.to_string_lossy().to_uppercase();
        ["PROXY", "CERT", "NPM_CONFIG_REGISTRY", "PATH"]
            .iter()
            .any(|part| name.contains(part))
    });
    finish(command.envs(kept)).exits(0).says("installed");
    let program = std::process::Command::new(sandbox.path("clis/bin/gemini"))
        .arg("--version")
        .output()
        .unwrap();
    let told = String::from_utf8(program.stdout).unwrap();
    assert_eq!(told.trim(), tested("gemini"));
}
