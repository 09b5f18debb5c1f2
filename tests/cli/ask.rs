//! `ask`: a statement on the command line to its verdict.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::sandbox::{Run, Sandbox, finish};

const STATEMENT: &str = "Every error response is JSON.";

/// A project with Claude Code on the search path, and no configuration.
fn with_claude(mode: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.install("claude", mode);
    sandbox
}

/// What is in the project beside the tools.
fn entries(sandbox: &Sandbox) -> Vec<String> {
    let entries = std::fs::read_dir(sandbox.path("")).unwrap();
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.unwrap().file_name().into_string().unwrap()
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.retain(|name| !["bin", ".git"].contains(&name.as_str()));
    names.sort();
    names
}

fn with_stdin(sandbox: &Sandbox, arguments: &[&str], text: &[u8]) -> Run {
    let mut child = sandbox
        .command(arguments)
        .env("PATH", sandbox.tool_path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(text);
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn a_statement_is_judged_by_the_first_installed_tool_and_nothing_is_written() {
    let sandbox = with_claude("priced");
    let run = sandbox.run_with_tools(&["ask", STATEMENT]).exits(0);
    let cost = "Cost: 1 call, 3 turns, 1,234 tokens, $0.0123, ";
    let start = format!("PASSED: {STATEMENT}\n\nJudge: claude-code\n{cost}");
    assert!(run.stdout.starts_with(&start), "{}", run.stdout);
    assert!(
        run.stderr.contains("[1/1] Running claude-code"),
        "{}",
        run.stderr
    );
    assert!(entries(&sandbox).is_empty());
}

#[test]
fn a_failure_tells_what_was_observed_where_and_what_to_do() {
    let run = with_claude("priced-fail")
        .file("src/lib.rs", "a\nb\nc\n")
        .run_with_tools(&["ask", STATEMENT])
        .exits(1);
    for line in [
        "FAILED: Every error response is JSON.",
        "  observed: something else",
        "  at src/lib.rs:3",
        "  what to do: make it so",
    ] {
        assert!(
            run.stdout.lines().any(|shown| shown == line),
            "{line}\n{}",
            run.stdout
        );
    }
}

#[test]
fn the_agent_runs_in_the_current_directory_and_is_asked_for_the_statement() {
    let sandbox = Sandbox::new().file("inner/a.txt", "");
    let seen = sandbox.path("seen.txt");
    let script = format!(
        "#!/bin/sh\npwd > '{}.pwd'\nexec '{}' echo-prompt '{}'\n",
        seen.display(),
        crate::sandbox::fake_agent().display(),
        seen.display()
    );
    // The Cursor CLI answers in plain text.
    sandbox.install_script("agent", &script);
    sandbox
        .run_with_tools(&["-C", "inner", "ask", STATEMENT])
        .exits(0);
    assert!(sandbox.read("seen.txt").contains(STATEMENT));
    assert!(sandbox.read("seen.txt.pwd").trim_end().ends_with("/inner"));
}

#[test]
fn a_configuration_is_not_read() {
    let sandbox = with_claude("priced").file("semtest.config.ts", "throw new Error('broken')");
    sandbox.run_with_tools(&["ask", STATEMENT]).exits(0);
}

#[test]
fn another_tool_is_chosen_with_llm() {
    let sandbox = with_claude("exit 3");
    sandbox.install("codex", "answer");
    sandbox
        .run_with_tools(&[
            "ask",
            "--llm",
            "checks",
            "# A\n\n```check\nexists bin/claude\n```",
        ])
        .exits(0)
        .says("Judge: checks");
    let agents = json!({"mine": {"command": crate::sandbox::fake_agent(), "args": ["fail"]}});
    sandbox
        .run_with_tools(&[
            "ask",
            STATEMENT,
            "--llm",
            "mine",
            "--agents",
            &agents.to_string(),
        ])
        .exits(1)
        .says("Judge: mine");
    sandbox
        .run_with_tools(&["ask", STATEMENT, "--llm", "codx"])
        .exits(2)
        .warns("did you mean `codex`");
}

#[test]
fn a_tool_that_is_not_logged_in_is_an_error_with_its_words_and_a_way_out() {
    let sandbox = with_claude("not-logged-in");
    sandbox.install("gemini", "answer");
    sandbox
        .run_with_tools(&["ask", STATEMENT, "--llm", "claude-code"])
        .exits(2)
        .says("the tool reports: Not logged in")
        .warns("start `claude` by itself once")
        .warns("`--llm gemini`");
}

/// The project's Claude Code, and the Cursor CLI, which answers in plain text.
fn with_cursor_too(mode: &str) -> Sandbox {
    let sandbox = with_claude(mode);
    sandbox.install("agent", "answer");
    sandbox
}

fn with_variables(sandbox: &Sandbox, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = sandbox.command(arguments);
    command.env("PATH", sandbox.tool_path());
    finish(command.envs(variables.iter().copied()))
}

#[test]
fn a_tool_whose_call_fails_makes_way_for_the_next_and_that_is_told() {
    let run = with_cursor_too("not-logged-in").run_with_tools(&["ask", STATEMENT]);
    let told = "warning: claude-code gave no answer (the tool reports: Not logged in";
    let run = run.exits(0).says("Judge: cursor").warns(told);
    assert!(run.stderr.contains("; asking cursor"), "{}", run.stderr);
    assert!(!run.stderr.contains("hint:"), "{}", run.stderr);
    let sandbox = with_cursor_too("answer");
    sandbox.install_script("claude", "#!/bin/sh\necho 'needs Node 99' >&2\nexit 1\n");
    sandbox
        .run_with_tools(&["ask", STATEMENT])
        .exits(0)
        .says("Judge: cursor")
        .warns("needs Node 99");
}

#[test]
fn a_tool_that_was_chosen_or_that_a_model_answered_for_is_the_only_one_asked() {
    let chosen = ["ask", STATEMENT, "--llm", "claude-code"];
    with_cursor_too("not-logged-in")
        .run_with_tools(&chosen)
        .exits(2)
        .says("Judge: claude-code")
        .warns("installed too: `--llm cursor`");
    let sandbox = with_cursor_too("priced-fail");
    let run = sandbox.run_with_tools(&["ask", STATEMENT]).exits(1);
    run.says("Judge: claude-code");
    sandbox.install("claude", "slow");
    sandbox
        .run_with_tools(&["ask", STATEMENT, "--timeout", "300ms"])
        .exits(2)
        .says("Judge: claude-code");
}

#[test]
fn the_judge_that_a_statement_names_is_the_only_one_asked() {
    let sandbox = with_cursor_too("not-logged-in");
    let text = format!("---\nllm: claude-code-opus-4-6\n---\n\n{STATEMENT}\n");
    let run = with_stdin(&sandbox, &["ask", "-"], text.as_bytes()).exits(2);
    let run = run.says("Judge: claude-code-opus-4-6");
    assert!(!run.stderr.contains("asking"), "{}", run.stderr);
}

#[test]
fn a_tool_that_would_obey_the_repository_makes_way_too() {
    let sandbox = Sandbox::new().file(".env", "OPENAI_API_BASE=http://elsewhere\n");
    sandbox.install("aider", "answer");
    sandbox.install("agent", "answer");
    sandbox
        .run_with_tools(&["ask", STATEMENT])
        .exits(0)
        .says("Judge: cursor")
        .warns("aider gave no answer (`aider` would obey");
}

#[test]
fn an_answer_that_can_not_be_read_is_no_question_of_login() {
    let sandbox = with_claude("priced");
    std::fs::remove_file(sandbox.path("bin/claude")).unwrap();
    sandbox.install("agent", "garbage");
    let run = sandbox.run_with_tools(&["ask", STATEMENT]).exits(2);
    assert!(!run.stderr.contains("hint:"), "{}", run.stderr);
}

#[test]
fn a_key_that_is_set_is_not_asked_for() {
    let sandbox = with_claude("not-logged-in");
    let variables = [("ANTHROPIC_API_KEY", "refused")];
    let run = with_variables(&sandbox, &["ask", STATEMENT], &variables).exits(2);
    assert!(!run.stderr.contains("hint:"), "{}", run.stderr);
}

#[test]
fn a_tool_that_a_variable_lets_in_is_asked_first() {
    let sandbox = with_cursor_too("priced");
    let variables = [("CURSOR_API_KEY", "own")];
    with_variables(&sandbox, &["ask", STATEMENT], &variables)
        .exits(0)
        .says("Judge: cursor");
    sandbox
        .run_with_tools(&["ask", STATEMENT])
        .exits(0)
        .says("Judge: claude-code");
}

#[test]
fn in_ci_a_tool_without_its_key_is_passed_over() {
    let sandbox = with_cursor_too("priced");
    let variables = [("CI", "true"), ("CURSOR_API_KEY", "own")];
    let run = with_variables(&sandbox, &["ask", STATEMENT], &variables).exits(0);
    let run = run.says("Judge: cursor");
    assert!(!run.stderr.contains("claude-code"), "{}", run.stderr);
    with_variables(&sandbox, &["ask", STATEMENT], &variables[..1])
        .exits(2)
        .warns("Claude Code needs a key");
}

#[test]
fn a_tool_that_can_not_be_kept_from_writing_is_not_asked_by_itself() {
    let sandbox = Sandbox::new();
    sandbox.install("goose", "exit 3");
    sandbox
        .run_with_tools(&["ask", STATEMENT])
        .exits(2)
        .warns("Goose has no mode in which it only reads");
    sandbox.install("agent", "answer");
    let run = sandbox.run_with_tools(&["ask", STATEMENT]).exits(0);
    run.says("Judge: cursor");
}

#[test]
fn without_any_tool_it_says_what_to_install() {
    Sandbox::new()
        .run(&["ask", STATEMENT])
        .exits(2)
        .warns("no known LLM CLI is on PATH")
        .warns("semtest list");
}

#[test]
fn a_statement_can_come_from_stdin_and_have_several_lines() {
    let sandbox = with_claude("priced");
    let text = b"Errors are JSON\n\n1. The 404 page is.\n2. The 500 page is.\n";
    let run = with_stdin(&sandbox, &["ask", "-"], text).exits(0);
    assert!(
        run.stdout.contains("PASSED: The 404 page is."),
        "{}",
        run.stdout
    );
    assert!(run.stdout.ends_with("PASSED: 2 judged\n"), "{}", run.stdout);
    for nothing in [b"".as_slice(), b" \n\t\n"] {
        with_stdin(&sandbox, &["ask", "-"], nothing)
            .exits(2)
            .warns("the statement is empty");
    }
    with_stdin(&sandbox, &["ask", "-"], b"a \xff b")
        .exits(2)
        .warns("standard input");
    let long = "word ".repeat(300_000);
    with_stdin(&sandbox, &["ask", "-"], long.as_bytes())
        .exits(2)
        .warns("bytes, more than");
}

#[test]
fn json_is_what_a_run_writes() {
    let run = with_claude("priced-fail")
        .file("src/lib.rs", "a\nb\nc\n")
        .run_with_tools(&["ask", "--json", STATEMENT])
        .exits(1);
    let results: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(results["status"], "fail");
    assert_eq!(results["judge"], "claude-code");
    assert_eq!(results["tests"][0]["location"], "src/lib.rs:3");
    assert_eq!(results["usage"]["costUsd"], 0.0123);
    assert_eq!(run.stderr, "");
}

#[test]
fn a_saved_statement_is_found_and_judged_by_the_next_run() {
    let sandbox = with_claude("priced");
    let path = "semtests/every-error-response-is-json.spec.md";
    sandbox
        .run_with_tools(&["ask", STATEMENT, "--save"])
        .exits(0)
        .says(&format!("Saved: {path}"));
    assert_eq!(sandbox.read(path), format!("# {STATEMENT}\n"));
    sandbox
        .run_with_tools(&["run", "--llm", "claude-code"])
        .exits(0);
    assert_eq!(sandbox.verdicts(), ["every-error-response-is-json=pass"]);
}

#[test]
fn a_failing_statement_is_saved_too_and_nothing_is_overwritten() {
    let sandbox = with_claude("priced-fail");
    let ask = ["ask", STATEMENT, "--save=checks/errors.spec.md"];
    sandbox.run_with_tools(&ask).exits(1);
    sandbox.write("checks/errors.spec.md", b"mine");
    let run = sandbox
        .run_with_tools(&ask)
        .exits(2)
        .warns("never overwrites");
    assert_eq!(run.stdout, "", "nothing was asked");
    assert_eq!(sandbox.read("checks/errors.spec.md"), "mine");
    sandbox
        .run_with_tools(&["ask", STATEMENT, "--save=errors.md"])
        .exits(2)
        .warns(".spec.md");
    assert!(!sandbox.path("errors.md").exists());
}

#[test]
fn a_path_after_save_without_an_equals_sign_is_told_how_it_is_written() {
    let sandbox = Sandbox::new();
    for arguments in [
        ["ask", "--save", "x.spec.md", STATEMENT],
        ["ask", STATEMENT, "--save", "x.spec.md"],
    ] {
        sandbox
            .run(&arguments)
            .exits(2)
            .warns("PATH follows `=`: `--save=x.spec.md`");
    }
    let run = sandbox.run(&["ask", STATEMENT, "more"]).exits(2);
    assert!(!run.stderr.contains("--save="), "{}", run.stderr);
}

#[test]
fn the_program_of_a_tool_is_not_its_key_and_the_key_is_named() {
    with_claude("priced")
        .run_with_tools(&["ask", STATEMENT, "--llm", "claude"])
        .exits(2)
        .warns("did you mean `claude-code`, `claude-code-sonnet-4-6`");
}

#[test]
fn a_statement_is_not_judged_for_longer_than_the_limit() {
    with_claude("slow")
        .run_with_tools(&["ask", STATEMENT, "--timeout", "300ms"])
        .exits(2)
        .says("no answer within 300 ms");
}

#[test]
fn what_a_model_says_is_made_harmless() {
    let sandbox = Sandbox::new();
    let answer = json!([{
        "id": "a-b", "status": "fail", "observed": "\u{1b}[31m::error::x\n##[group]y", "location": "a\nb",
    }]);
    let file = sandbox.path("answer.json");
    let envelope = json!({"type": "result", "subtype": "success", "is_error": false, "result": answer.to_string()});
    std::fs::write(&file, envelope.to_string()).unwrap();
    sandbox.install("claude", &format!("literal '{}'", file.display()));
    let mut command = sandbox.command(&["ask", "a b"]);
    let run = finish(command.env("PATH", sandbox.tool_path())).exits(1);
    assert!(
        !run.stdout.contains('\u{1b}') && !run.stdout.contains("##["),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout
            .lines()
            .all(|line| !line.trim_start().starts_with("::"))
    );
}
