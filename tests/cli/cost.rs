//! What a run cost, where people and programs look for it.

use serde_json::json;

use crate::sandbox::{STATEMENT, Sandbox, finish};

#[test]
fn a_run_tells_what_it_cost_on_the_terminal_and_in_the_reports() {
    let sandbox = Sandbox::judged_by(&["priced"])
        .file("a.spec.md", STATEMENT)
        .file("b.spec.md", STATEMENT);
    let total = "Cost: 2 calls, 6 turns, 2,468 tokens, $0.0246, ";
    let run = sandbox.run(&["run"]).exits(0).says(total);
    assert!(!run.stdout.contains("  a.spec.md · fake"), "{}", run.stdout);
    sandbox
        .run(&["run", "--verbose"])
        .says("  b.spec.md · fake · 1 call, 3 turns, 1,234 tokens, $0.0123, ");
    let results = sandbox.results();
    assert_eq!(results["usage"]["costUsd"], json!(0.0246));
    assert_eq!(results["usage"]["calls"], 2);
    assert_eq!(results["specs"][1]["path"], "b.spec.md");
    assert_eq!(results["specs"][1]["judge"], "fake");
    let tokens = json!({"input": 10, "cacheRead": 1000, "cacheWrite": 200, "output": 24});
    assert_eq!(results["specs"][1]["usage"]["tokens"], tokens);
    let page = sandbox.read("semtest-results/latest.md");
    assert!(
        page.contains("- **Cost:** 2 calls, 6 turns, 2,468 tokens"),
        "{page}"
    );
    assert!(
        page.contains("| `b.spec.md` | `fake` | 1 call, 3 turns"),
        "{page}"
    );
}

#[test]
fn a_retry_and_a_repeat_are_paid_for_too() {
    let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
    let calls = sandbox.path("calls");
    sandbox.configure(
        &["empty-then-answer", calls.to_str().unwrap(), "2"],
        &json!({"repeat": 2}),
    );
    sandbox.run(&["run"]).exits(0).says("Cost: 4 calls, ");
}

#[test]
fn where_no_model_was_asked_no_cost_is_told() {
    let text = "# A\n\n```check\nexists a.spec.md\n```\n";
    let sandbox = Sandbox::checked().file("a.spec.md", text);
    let run = sandbox.run(&["run", "--verbose"]).exits(0);
    assert!(!run.stdout.contains("Cost"), "{}", run.stdout);
    let results = sandbox.results();
    assert!(results.get("usage").is_none() && results.get("specs").is_none());
    assert!(!sandbox.read("semtest-results/latest.md").contains("Cost"));
}

#[test]
fn a_quiet_run_keeps_its_cost_for_the_reports() {
    let sandbox = Sandbox::judged_by(&["priced"]).file("a.spec.md", STATEMENT);
    let run = sandbox.run(&["run", "--quiet"]).exits(0);
    assert_eq!(run.stdout, "PASSED: 1 judged\n");
    assert_eq!(sandbox.results()["usage"]["turns"], 3);
}

/// A Codex CLI that answers for the scenario `a` and tells a million tokens.
const CODEX: &str = r#"#!/bin/sh
cat > /dev/null
echo '{"type":"item.completed","item":{"type":"agent_message","text":"[{\"id\":\"a\",\"status\":\"pass\"}]"}}'
echo '{"type":"turn.completed","usage":{"input_tokens":1000000,"cached_input_tokens":0,"output_tokens":0}}'
"#;

#[test]
fn tokens_without_money_are_priced_by_the_list_unless_another_service_is_called() {
    let sandbox = Sandbox::new().file("a.spec.md", "# A\n\nIt holds.\n");
    sandbox.install_script("codex", CODEX);
    let cost = |pairs: &[(&str, &str)]| {
        let mut command = sandbox.command(&["run", "--llm", "codex-gpt-4.1", "--votes", "1"]);
        command.env("PATH", sandbox.tool_path());
        command.envs(pairs.iter().copied());
        let run = finish(&mut command).exits(0);
        let line = run.stdout.lines().find(|line| line.starts_with("Cost: "));
        line.unwrap().to_owned()
    };
    let listed = cost(&[("OPENAI_API_KEY", "k")]);
    assert!(listed.contains("≈ $2.00 (estimate, prices of "), "{listed}");
    let elsewhere = cost(&[
        ("OPENAI_API_KEY", "k"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:9"),
    ]);
    assert!(!elsewhere.contains('$'), "{elsewhere}");
}
