//! Every row of "bad input": a clear message, the right exit code, nothing lost.

use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::json;

use crate::sandbox::{STATEMENT, Sandbox, finish};

fn with_config(text: &str) -> Sandbox {
    Sandbox::new()
        .file("semtest.config.ts", text)
        .file("a.spec.md", STATEMENT)
}

// Configuration

#[test]
fn config_with_a_syntax_error() {
    with_config("export default {\n  llm: 'checks',\n  strict: = true,\n};\n")
        .run(&["run"])
        .exits(2)
        .warns("semtest.config.ts:3:")
        .warns("strict: = true");
}

#[test]
fn config_with_a_wrong_type() {
    with_config("export default {\n  repeat: 'twice',\n};\n")
        .run(&["run"])
        .exits(2)
        .warns("semtest.config.ts:2:")
        .warns("`repeat`");
}

#[test]
fn config_with_an_unknown_key() {
    with_config("export default { testmatch: ['x'] };\n")
        .run(&["run"])
        .exits(2)
        .warns("semtest.config.ts:1:18")
        .warns("did you mean `testMatch`");
}

#[test]
fn config_with_an_unknown_model_key() {
    with_config("export default {\n  llm: 'claude-code-sonet-4-6',\n};\n")
        .run(&["run"])
        .exits(2)
        .warns("semtest.config.ts:2:")
        .warns("did you mean `claude-code-sonnet-4-6`");
}

#[test]
fn config_with_a_loop() {
    with_config("while (true) {}\nexport default {};\n")
        .run(&["run"])
        .exits(2)
        .warns("ran for more than");
}

#[test]
fn config_with_a_huge_allocation() {
    with_config(
        "const all = [];\nfor (;;) all.push(new Array(1e6).fill('x'));\nexport default {};\n",
    )
    .run(&["run"])
    .exits(2)
    .warns("64 MB");
}

#[test]
fn config_with_an_import_of_node_fs() {
    with_config("import { readFileSync } from 'node:fs';\nexport default { llm: readFileSync('/etc/passwd') };\n")
        .run(&["run"])
        .exits(2)
        .warns("semtest.config.ts:1:")
        .warns("node:fs");
}

#[test]
fn a_configuration_error_leaves_no_stale_result() {
    let sandbox = Sandbox::judged_by(&["answer"]).file("a.spec.md", STATEMENT);
    sandbox.run(&["run"]).exits(0);
    sandbox.run(&["run", "--llm", "nonsense"]).exits(2);
    assert!(!sandbox.path("semtest-results/ci-results.json").exists());
    sandbox.configure(&["answer"], &json!({}));
    sandbox.run(&["run"]).exits(0);
    sandbox.write("semtest.config.json", b"{");
    sandbox.run(&["run"]).exits(2);
    assert!(!sandbox.path("semtest-results/ci-results.json").exists());
}

#[test]
fn a_wrong_command_line_cannot_steer_the_log() {
    let run = Sandbox::new().run(&[
        "run",
        "--bogus\n::set-output name=a::b\u{1b}[2J##[add-mask]x",
    ]);
    let run = run.exits(2);
    for line in run.stderr.lines() {
        assert!(!line.trim_start().starts_with("::"), "{line}");
        assert!(!line.contains("##[") && !line.contains('\u{1b}'), "{line}");
    }
}

// Spec files

#[test]
fn spec_that_is_not_utf_8() {
    let sandbox = Sandbox::judged_by(&["answer"]);
    sandbox.write("a.spec.md", b"# Caf\xe9\n");
    sandbox.run(&["run"]).exits(2).says("UTF-8");
    assert_eq!(sandbox.verdicts(), ["a=error"]);
}

#[test]
fn spec_that_is_empty() {
    let sandbox = Sandbox::judged_by(&["answer"]).file("a.spec.md", "\n\n");
    sandbox.run(&["run"]).exits(2).says("nothing judged");
    assert_eq!(sandbox.verdicts(), ["a=invalid"]);
}

#[test]
fn spec_of_5_mb() {
    let sandbox = Sandbox::judged_by(&["answer"]).file("b.spec.md", STATEMENT);
    sandbox.write("a.spec.md", &vec![b'x'; 5_000_000]);
    sandbox.run(&["run"]).exits(2).says("5.0 MB");
    assert_eq!(sandbox.verdicts(), ["a=error", "b=pass"]);
}

#[test]
fn spec_with_broken_frontmatter() {
    let sandbox = Sandbox::judged_by(&["answer"]).file(
        "a.spec.md",
        &format!("---\ntags: [unclosed\n---\n{STATEMENT}"),
    );
    sandbox.run(&["run"]).exits(0).says("frontmatter a.spec.md");
    sandbox.run(&["run", "--strict"]).exits(2);
}

#[test]
fn spec_with_duplicate_frontmatter_keys() {
    let sandbox = Sandbox::judged_by(&["answer"]).file(
        "a.spec.md",
        &format!("---\ntags: a\ntags: b\n---\n{STATEMENT}"),
    );
    sandbox.run(&["run"]).exits(0).says("frontmatter a.spec.md");
}

#[test]
fn a_bad_frontmatter_field_is_ignored_and_the_good_ones_are_kept() {
    let text = format!("---\ntags: keep\ntimeout: soon\nllm: codx\n---\n{STATEMENT}");
    let sandbox = Sandbox::judged_by(&["answer"]).file("a.spec.md", &text);
    sandbox
        .run(&["run", "--tag", "keep"])
        .exits(0)
        .says("timeout")
        .says("codx");
}

// Selection

#[test]
fn path_that_does_not_exist() {
    Sandbox::judged_by(&["answer"])
        .run(&["run", "missing.spec.md"])
        .exits(2)
        .warns("missing.spec.md")
        .warns("hint:")
        .warns("semtest run --plan");
}

#[test]
fn a_value_that_should_follow_an_equals_sign() {
    Sandbox::judged_by(&["answer"])
        .run(&["run", "--junit", "out.xml"])
        .exits(2)
        .warns("hint:")
        .warns("--junit=out.xml");
}

#[test]
fn no_specs_found() {
    let sandbox = Sandbox::judged_by(&["answer"]);
    sandbox
        .run(&["run"])
        .exits(2)
        .warns("no spec files found")
        .warns("hint:");
    sandbox
        .run(&["run", "--allow-empty"])
        .exits(0)
        .says("PASSED: nothing judged");
    assert_eq!(sandbox.results()["judged"], 0);
}

// Output directory

#[test]
fn output_directory_that_is_not_writable_is_found_before_the_first_call() {
    let sandbox = Sandbox::judged_by(&["echo-prompt", "called"]).file("a.spec.md", STATEMENT);
    sandbox.write("semtest-results", b"a file, not a directory");
    sandbox.run(&["run"]).exits(2).warns("semtest-results");
    assert!(!sandbox.path("called").exists());
}

#[test]
fn disk_full() {
    let scenarios = "## Same\n\nTrue.\n\n".repeat(80);
    let sandbox = Sandbox::judged_by(&["answer"]).file("a.spec.md", &scenarios);
    // A limit of 16 blocks (8 KiB) a file stands for a disk that fills up after the start.
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg("trap '' XFSZ; ulimit -f 16; exec \"$0\" run")
        .arg(env!("CARGO_BIN_EXE_semtest"))
        .current_dir(sandbox.path(""))
        .env_clear()
        .env("PATH", "/usr/bin:/bin");
    finish(&mut shell)
        .exits(2)
        .warns("ci-results.json")
        .says("80 judged");
    assert!(!sandbox.path("semtest-results/ci-results.json").exists());
}

// Agents

#[test]
fn agent_that_prints_nothing() {
    let sandbox = Sandbox::judged_by(&["empty"]).file("a.spec.md", STATEMENT);
    sandbox
        .run(&["run"])
        .exits(2)
        .warns("retry 3/3")
        .says("empty");
    assert_eq!(sandbox.verdicts(), ["a=error"]);
}

#[test]
fn agent_that_prints_200_mb() {
    let sandbox = Sandbox::judged_by(&["flood"]).file("a.spec.md", STATEMENT);
    sandbox
        .run(&["run"])
        .exits(2)
        .says("more than an answer can have");
}

#[test]
fn agent_that_ignores_term() {
    let sandbox = Sandbox::judged_by(&["ignore-term"]).file("a.spec.md", STATEMENT);
    sandbox
        .run(&["run", "--timeout", "300"])
        .exits(2)
        .says("no answer within 300 ms");
}

#[test]
fn agent_that_leaves_a_grandchild_holding_stdout() {
    let sandbox = Sandbox::judged_by(&["grandchild"]).file("a.spec.md", STATEMENT);
    sandbox.run(&["run"]).exits(0).says("PASSED: 1 judged");
}

#[test]
fn agent_that_exits_0_with_an_error_text() {
    let sandbox = Sandbox::judged_by(&["error-text"]).file("a.spec.md", STATEMENT);
    sandbox
        .run(&["run"])
        .exits(2)
        .says("could not parse")
        .says("401");
}

#[test]
fn agent_that_is_not_installed_is_found_before_the_first_spec() {
    let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
    sandbox
        .run(&["run", "--llm", "codex"])
        .exits(2)
        .warns("needs the program `codex`")
        .warns("hint:");
    assert!(!sandbox.path("semtest-results/ci-results.json").exists());
}

// The suite

#[test]
fn two_files_with_the_same_scenario_id() {
    let text = "# One - id: same\n\nTrue.\n";
    let sandbox = Sandbox::judged_by(&["answer"])
        .file("a.spec.md", text)
        .file("b.spec.md", text);
    sandbox
        .run(&["run"])
        .exits(0)
        .says("duplicate-id b.spec.md#same");
    sandbox.run(&["run", "--strict"]).exits(2);
    sandbox
        .run(&["run", "--strict", "--skip-validation"])
        .exits(0);
}

#[test]
fn file_names_with_spaces_quotes_newlines_and_non_ascii() {
    let sandbox = Sandbox::judged_by(&["answer"]);
    let names: [&[u8]; 5] = [
        b"a b.spec.md",
        b"it's \"quoted\".spec.md",
        b"new\nline.spec.md",
        "\u{e9}\u{65e5}\u{672c}.spec.md".as_bytes(),
        b"caf\xe9.spec.md",
    ];
    for name in names {
        let path = sandbox.path("").join(std::ffi::OsStr::from_bytes(name));
        std::fs::write(path, STATEMENT).unwrap();
    }
    let run = sandbox
        .run(&["run", "--junit", "--debug"])
        .exits(0)
        .says("5 judged");
    assert!(!run.stdout.contains("new\nline"), "{}", run.stdout);
    let again = ["run", "it's \"quoted\".spec.md", "new\nline.spec.md"];
    sandbox.run(&again).exits(0).says("2 judged");
}

#[test]
fn symlink_loops() {
    let sandbox = Sandbox::judged_by(&["answer"]).file("specs/a.spec.md", STATEMENT);
    std::os::unix::fs::symlink("..", sandbox.path("specs/up")).unwrap();
    std::os::unix::fs::symlink("self.spec.md", sandbox.path("specs/self.spec.md")).unwrap();
    let run = sandbox.run(&["run"]);
    assert_eq!(sandbox.verdicts().first().unwrap(), "a=pass");
    assert_ne!(run.code, Some(1), "{}", run.stdout);
}

#[test]
fn a_program_that_is_not_executable_is_not_installed() {
    let sandbox = Sandbox::new()
        .file("a.spec.md", STATEMENT)
        .file("bin/judge", "#!/bin/sh\n");
    let judge = sandbox.path("bin/judge");
    std::fs::set_permissions(&judge, std::fs::Permissions::from_mode(0o644)).unwrap();
    let config = json!({"llm": "mine", "agents": {"mine": {"command": "bin/judge"}}});
    sandbox.write("semtest.config.json", config.to_string().as_bytes());
    sandbox.run(&["run"]).exits(2).warns("bin/judge");
}
