//! How files are run: order, parallelism, repeats, stops, signals.

use std::io::Read as _;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::sandbox::{STATEMENT, Sandbox};

/// A project of `count` specs `s0.spec.md`, `s1.spec.md`, …
fn suite(mode: &[&str], count: usize) -> Sandbox {
    let mut sandbox = Sandbox::judged_by(mode);
    for index in 0..count {
        sandbox = sandbox.file(&format!("s{index}.spec.md"), STATEMENT);
    }
    sandbox
}

/// Waits until `ready` holds; a run that never gets there fails the test.
fn wait_until(what: &str, mut ready: impl FnMut() -> bool) {
    let started = Instant::now();
    while !ready() {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "waited for {what}"
        );
        std::thread::yield_now();
    }
}

fn entries(sandbox: &Sandbox, folder: &str) -> usize {
    std::fs::read_dir(sandbox.path(folder)).map_or(0, Iterator::count)
}

fn gated(count: usize) -> Sandbox {
    let sandbox = suite(&[], count);
    std::fs::create_dir(sandbox.path("gate")).unwrap();
    let gate = sandbox.path("gate");
    sandbox.configure(&["gate", gate.to_str().unwrap()], &json!({}));
    sandbox
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    let sent = Command::new("kill")
        .args(["-s", name, &pid])
        .status()
        .unwrap();
    assert!(sent.success());
}

fn end(mut child: Child) -> (Option<i32>, String) {
    let mut stdout = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut stdout)
        .unwrap();
    (child.wait().unwrap().code(), stdout)
}

#[test]
fn jobs_say_how_many_files_run_at_once() {
    for (jobs, at_once) in [("1", 1), ("3", 3)] {
        let sandbox = gated(5);
        let child = sandbox.start(&["run", "--jobs", jobs]);
        wait_until("the agents", || entries(&sandbox, "gate") == at_once);
        sandbox.write("gate/go", b"");
        assert_eq!(end(child).0, Some(0));
        assert_eq!(entries(&sandbox, "gate"), 1, "only `go` is left");
    }
}

#[test]
fn four_files_run_at_once_by_default() {
    let sandbox = gated(6);
    let child = sandbox.start(&["run"]);
    wait_until("the agents", || entries(&sandbox, "gate") == 4);
    sandbox.write("gate/go", b"");
    assert_eq!(end(child).0, Some(0));
}

#[test]
fn results_are_in_discovery_order_however_many_run_at_once() {
    let sandbox = suite(&["answer"], 12);
    let run = sandbox.run(&["run", "--jobs", "8"]).exits(0);
    let mut expected: Vec<String> = (0..12).map(|index| format!("s{index}.spec.md")).collect();
    expected.sort();
    let results = sandbox.results();
    let files = results["tests"].as_array().unwrap().iter();
    let files: Vec<&str> = files
        .map(|test| test["sourceFile"].as_str().unwrap())
        .collect();
    assert_eq!(files, expected);
    let lines: Vec<&str> = run
        .stdout
        .lines()
        .filter(|line| line.starts_with('✔'))
        .collect();
    let in_order = lines
        .iter()
        .zip(&expected)
        .all(|(line, file)| line.contains(file.as_str()));
    assert!(in_order && lines.len() == 12, "{}", run.stdout);
}

#[test]
fn bail_stops_after_the_first_failing_file_and_skips_the_rest() {
    let sandbox = suite(&["fail"], 3);
    sandbox
        .run(&["run", "--bail", "--jobs", "1"])
        .exits(1)
        .says("2 not judged (2 skip)");
    let statuses: Vec<String> = sandbox.verdicts();
    assert_eq!(
        statuses,
        ["s0=fail", "s1=skip", "s2=skip"].map(ToOwned::to_owned)
    );
}

#[test]
fn maxfail_counts_files_and_errored_ones_too() {
    let sandbox = suite(&["garbage"], 4);
    sandbox
        .run(&["run", "--maxfail", "2", "--jobs", "1"])
        .exits(2);
    let statuses = sandbox.verdicts();
    assert_eq!(
        statuses
            .iter()
            .filter(|verdict| verdict.ends_with("=error"))
            .count(),
        2
    );
    assert_eq!(
        statuses
            .iter()
            .filter(|verdict| verdict.ends_with("=skip"))
            .count(),
        2
    );
}

#[test]
fn an_empty_answer_is_asked_for_again_up_to_three_times() {
    let sandbox = suite(&[], 1);
    let state = sandbox.path("state");
    let state = state.to_str().unwrap();
    sandbox.configure(&["empty-then-answer", state, "3"], &json!({}));
    sandbox
        .run(&["run"])
        .exits(0)
        .warns("retry 3/3")
        .says("PASSED: 1 judged");
    std::fs::remove_file(state).unwrap();
    sandbox.configure(&["empty-then-answer", state, "4"], &json!({}));
    sandbox.run(&["run"]).exits(2);
}

#[test]
fn repeat_stops_at_the_first_run_that_does_not_pass() {
    let sandbox = suite(&["answer"], 1);
    sandbox
        .run(&["run", "--repeat", "3"])
        .exits(0)
        .warns("run 3/3");
    sandbox.configure(&["fail"], &json!({}));
    let run = sandbox
        .run(&["run", "--repeat", "3"])
        .exits(1)
        .warns("run 1/3");
    assert!(!run.stderr.contains("run 2/3"), "{}", run.stderr);
}

#[test]
fn repeat_stops_at_an_invalid_verdict_and_keeps_what_all_runs_showed() {
    let sandbox = suite(&[], 0).file("a.spec.md", "# S\n\n## One\n\nx\n\n## Two\n\ny\n");
    let first = r#"[{"id":"one","status":"pass"},{"id":"two","status":"pass"},{"id":"zz","status":"pass"}]"#;
    let second = r#"[{"id":"one","status":"pass"},{"id":"two","status":"invalid"}]"#;
    let script =
        format!("cat >/dev/null; if mkdir called; then echo '{first}'; else echo '{second}'; fi");
    sandbox.configure_script(&script);
    let run = sandbox.run(&["run", "--repeat", "3"]).exits(0);
    assert!(!run.stderr.contains("run 3/3"), "{}", run.stderr);
    assert_eq!(sandbox.verdicts(), ["one=pass", "two=invalid"]);
    assert!(
        run.stdout.contains("unexpected-id a.spec.md#zz"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_process_that_fails_is_not_asked_again() {
    let sandbox = suite(&["exit", "7"], 1);
    let run = sandbox.run(&["run"]).exits(2).says("exit code 7");
    assert!(!run.stderr.contains("retry"), "{}", run.stderr);
}

#[test]
fn a_file_level_failure_makes_an_error_of_each_of_its_scenarios() {
    let sandbox = suite(&["garbage"], 0).file("a.spec.md", "# S\n\n## One\n\nx\n\n## Two\n\ny\n");
    sandbox.run(&["run"]).exits(2);
    assert_eq!(sandbox.verdicts(), ["one=error", "two=error"]);
}

#[test]
fn a_timeout_ends_the_call_and_the_run_goes_on() {
    let sandbox = suite(&["slow"], 1).file(
        "z.spec.md",
        "---\nllm: checks\n---\n# B\n\n```check\nexists z.spec.md\n```\n",
    );
    sandbox
        .run(&["run", "--timeout", "200ms", "--jobs", "1"])
        .exits(2)
        .says("no answer within 200 ms");
    assert_eq!(sandbox.verdicts(), ["s0=error", "z=pass"]);
}

#[test]
fn a_limit_in_the_frontmatter_beats_the_default_of_ci() {
    let sandbox =
        suite(&["slow"], 0).file("a.spec.md", &format!("---\ntimeout: 150\n---\n{STATEMENT}"));
    let mut command = sandbox.command(&["run"]);
    command.env("CI", "true");
    crate::sandbox::finish(&mut command)
        .exits(2)
        .says("no answer within 150 ms");
}

#[test]
fn a_signal_ends_the_agents_and_writes_what_is_known() {
    for (name, code, word) in [("INT", 130, "SIGINT"), ("TERM", 143, "SIGTERM")] {
        let sandbox = gated(3);
        let child = sandbox.start(&["run", "--jobs", "1"]);
        wait_until("the agent", || entries(&sandbox, "gate") == 1);
        let started = Instant::now();
        signal(&child, name);
        let (exit, stdout) = end(child);
        assert_eq!(exit, Some(code), "{stdout}");
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "reports within 5 s"
        );
        assert_eq!(sandbox.results()["interrupted"], word);
        assert!(
            sandbox
                .verdicts()
                .iter()
                .all(|verdict| verdict.ends_with("=skip")),
            "{stdout}"
        );
    }
}

#[test]
fn a_second_signal_kills_an_agent_that_ignores_the_first() {
    let sandbox = suite(&["ignore-term"], 1);
    let child = sandbox.start(&["run"]);
    let pid = child.id().to_string();
    let children = || {
        let found = Command::new("pgrep").args(["-P", &pid]).output().unwrap();
        String::from_utf8(found.stdout)
            .unwrap()
            .split_whitespace()
            .count()
    };
    wait_until("the agent", || children() > 0);
    signal(&child, "INT");
    signal(&child, "INT");
    let (exit, _) = end(child);
    assert_eq!(exit, Some(130));
}
