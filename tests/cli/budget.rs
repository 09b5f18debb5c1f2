//! What a run may spend: `--max-calls`, `--max-cost` and `--max-time`.

use serde_json::{Value, json};

use crate::sandbox::{Run, STATEMENT, Sandbox};

/// Specs `s0.spec.md`, `s1.spec.md`, …
fn with_specs(mut sandbox: Sandbox, count: usize) -> Sandbox {
    for index in 0..count {
        sandbox = sandbox.file(&format!("s{index}.spec.md"), STATEMENT);
    }
    sandbox
}

/// A project whose judge answers nothing `empties` times, and leaves a byte a call in `calls`.
fn counting(empties: &str, specs: usize) -> Sandbox {
    let sandbox = with_specs(Sandbox::new(), specs);
    let calls = sandbox.path("calls");
    let mode = ["empty-then-answer", calls.to_str().unwrap(), empties];
    sandbox.configure(&mode, &json!({"votes": "1"}));
    sandbox
}

/// The messages of the tests that were not judged.
fn errors(results: &Value) -> Vec<&str> {
    let tests = results["tests"].as_array().unwrap().iter();
    let errors = tests.filter(|test| test["status"] == "error");
    errors.map(|test| test["error"].as_str().unwrap()).collect()
}

/// A project whose judge is a Claude Code in which every call costs $0.0123.
fn priced(specs: usize) -> Sandbox {
    let sandbox = with_specs(Sandbox::new(), specs);
    sandbox.write(
        "semtest.config.json",
        br#"{"llm": "claude-code", "votes": "1"}"#,
    );
    sandbox.install("claude", "priced");
    sandbox
}

#[test]
fn no_more_calls_are_made_than_allowed_however_many_files_run_at_once() {
    let sandbox = counting("0", 10);
    let run = sandbox.run(&["run", "--jobs", "4", "--max-calls", "3"]);
    run.exits(2)
        .says("budget spent: 3 calls started (`--max-calls 3`)");
    assert_eq!(sandbox.read("calls").len(), 3);
    let results = sandbox.results();
    assert_eq!(results["usage"]["calls"], 3);
    let message = "budget spent: 3 calls started (`--max-calls 3`)";
    assert_eq!(errors(&results), [message; 7]);
    let verdicts = sandbox.verdicts().join(" ");
    assert_eq!(verdicts.matches("=pass").count(), 3, "{verdicts}");
    let page = sandbox.read("semtest-results/latest.md");
    assert!(page.contains("budget spent"), "{page}");
}

#[test]
fn asking_again_after_an_empty_answer_is_a_call_of_the_budget() {
    let sandbox = counting("9", 1);
    sandbox.run(&["run", "--max-calls", "2"]).exits(2);
    assert_eq!(sandbox.read("calls").len(), 2);
    let message = "budget spent: 2 calls started (`--max-calls 2`)";
    assert_eq!(errors(&sandbox.results()), [message]);
}

#[test]
fn each_repeat_of_a_file_is_a_call_of_the_budget() {
    let sandbox = counting("0", 1);
    let run = sandbox.run(&["run", "--repeat", "3", "--max-calls", "2"]);
    run.exits(2);
    assert_eq!(sandbox.read("calls").len(), 2);
}

#[test]
fn a_budget_that_is_enough_changes_nothing() {
    let sandbox = counting("0", 3);
    let flags = ["run", "--max-calls", "3", "--max-time", "10m"];
    sandbox.run(&flags).exits(0);
}

#[test]
fn no_call_starts_when_the_cost_is_reached() {
    let sandbox = priced(5);
    let flags = ["run", "--jobs", "1", "--max-cost", "0.03"];
    sandbox.run_with_tools(&flags).exits(2);
    let message = "budget spent: the calls cost $0.0369 (`--max-cost 0.03`)";
    let results = sandbox.results();
    assert_eq!(errors(&results), [message; 2]);
    assert_eq!(results["usage"]["costUsd"], json!(0.0369));
    sandbox
        .run_with_tools(&["run", "--max-cost", "0.07"])
        .exits(0);
}

#[test]
fn no_call_starts_when_the_time_is_over_and_one_that_runs_goes_on() {
    let sandbox = with_specs(Sandbox::new(), 2);
    // Longer than the limit, so the second call can't start in time on any machine.
    sandbox.configure_script("cat > /dev/null; sleep 1.2; echo '[{\"status\": \"pass\"}]'");
    let flags = ["run", "--votes", "1", "--jobs", "1", "--max-time", "1s"];
    sandbox.run(&flags).exits(2);
    let results = sandbox.results();
    let message = "budget spent: 1.0s passed (`--max-time 1s`)";
    assert_eq!(results["tests"][1]["error"], message);
    assert_eq!(errors(&results).len(), 1, "{results}");
}

/// No call was made, and nothing was written.
#[track_caller]
fn refused(sandbox: &Sandbox, run: Run, names: &[&str]) {
    let run = run.exits(2).warns("`--max-calls N`");
    for name in names {
        assert!(run.stderr.contains(name), "{}", run.stderr);
    }
    assert!(!sandbox.path("calls").exists());
    let results = sandbox.path("semtest-results/ci-results.json");
    assert!(!results.exists());
}

#[test]
fn a_cap_on_money_is_refused_where_nobody_tells_what_a_call_costs() {
    let sandbox = counting("0", 1);
    let run = sandbox.run(&["run", "--max-cost", "5"]);
    refused(&sandbox, run, &["`--max-cost` can't be kept", "`fake`"]);
    // A file that asks no model needs no price.
    let checks = ["run", "--max-cost", "5", "--llm", "checks", "--allow-empty"];
    sandbox.run(&checks).exits(0);
}

#[test]
fn the_file_is_named_whose_frontmatter_asks_for_a_judge_without_prices() {
    let sandbox = priced(1).file("own.spec.md", &format!("---\nllm: codex\n---\n{STATEMENT}"));
    sandbox.install("codex", "answer");
    let run = sandbox.run_with_tools(&["run", "--max-cost", "5"]);
    refused(&sandbox, run, &["`own.spec.md`", "`codex`"]);
    let one = ["run", "--max-cost", "5", "s0.spec.md"];
    sandbox.run_with_tools(&one).exits(0);
}
