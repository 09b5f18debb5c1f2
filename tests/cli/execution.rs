//! How files are run: order, parallelism, repeats, stops, signals.

use std::io::Read as _;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

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
        // A condition is polled, not a time waited for; the pause leaves the processor to the run.
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The agents that wait at the gate, by pid.
fn waiting(sandbox: &Sandbox) -> Vec<String> {
    let names = std::fs::read_dir(sandbox.path("gate")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        .collect()
}

/// Lets one agent answer, and waits until it has left the gate.
fn let_one_through(sandbox: &Sandbox) {
    let agent = waiting(sandbox).remove(0);
    sandbox.write(&format!("gate/{agent}.go"), b"");
    wait_until("the agent to go on", || !waiting(sandbox).contains(&agent));
}

/// Runs `files` specs and holds that `at_once` of them are judged at any time, or all that are left.
fn run_side_by_side(files: usize, arguments: &[&str], at_once: usize) {
    let sandbox = gated(files);
    let child = sandbox.start(arguments);
    for left in (1..=files).rev() {
        let expected = at_once.min(left);
        wait_until("the agents", || waiting(&sandbox).len() == expected);
        let_one_through(&sandbox);
    }
    assert_eq!(end(child).0, Some(0));
}

fn gated(count: usize) -> Sandbox {
    gated_with(count, &json!({}))
}

fn gated_with(count: usize, extra: &Value) -> Sandbox {
    let sandbox = suite(&[], count);
    std::fs::create_dir(sandbox.path("gate")).unwrap();
    let gate = sandbox.path("gate");
    sandbox.configure(&["gate", gate.to_str().unwrap()], extra);
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
    run_side_by_side(3, &["run", "--jobs", "1"], 1);
    run_side_by_side(5, &["run", "--jobs", "3"], 3);
}

#[test]
fn four_files_run_at_once_by_default() {
    run_side_by_side(6, &["run"], 4);
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

/// Whether a process runs. A zombie does not.
fn is_alive(pid: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = status.rsplit(')').next().unwrap_or_default().trim_start();
    !state.is_empty() && !state.starts_with('Z')
}

#[test]
fn a_signal_ends_the_agents_and_writes_what_is_known() {
    for (name, code, word) in [
        ("INT", 130, "SIGINT"),
        ("TERM", 143, "SIGTERM"),
        ("HUP", 143, "SIGTERM"),
    ] {
        let sandbox = gated(3);
        let child = sandbox.start(&["run", "--jobs", "1"]);
        wait_until("the first agent", || waiting(&sandbox).len() == 1);
        let_one_through(&sandbox);
        wait_until("the second agent", || waiting(&sandbox).len() == 1);
        let agent = waiting(&sandbox).remove(0);
        signal(&child, name);
        let (exit, stdout) = end(child);
        assert_eq!(exit, Some(code), "{stdout}");
        assert!(!is_alive(&agent), "the agent outlived the run");
        assert_eq!(sandbox.results()["interrupted"], word);
        assert_eq!(sandbox.verdicts(), ["s0=pass", "s1=skip", "s2=skip"]);
    }
}

#[test]
fn a_signal_between_two_votes_leaves_no_verdict() {
    let sandbox = gated_with(1, &json!({"votes": "lead:2/7"}));
    let child = sandbox.start(&["run"]);
    wait_until("the first vote", || waiting(&sandbox).len() == 1);
    let_one_through(&sandbox);
    wait_until("the second vote", || waiting(&sandbox).len() == 1);
    signal(&child, "INT");
    let (exit, stdout) = end(child);
    assert_eq!(exit, Some(130), "{stdout}");
    assert_eq!(sandbox.verdicts(), ["s0=skip"]);
}

#[test]
fn an_agent_that_ignores_the_signal_is_killed() {
    for signals in [&["INT"][..], &["INT", "TERM"]] {
        let sandbox = suite(&[], 1);
        let ready = sandbox.path("ready");
        sandbox.configure(&["ignore-term", ready.to_str().unwrap()], &json!({}));
        let child = sandbox.start(&["run"]);
        wait_until("the agent", || ready.exists());
        for name in signals {
            signal(&child, name);
        }
        let (exit, stdout) = end(child);
        // Which of two signals is seen first is not for us to say.
        assert!(matches!(exit, Some(130 | 143)), "{exit:?} {stdout}");
        assert_eq!(sandbox.verdicts(), ["s0=skip"]);
        let why = "\nnot judged: the run was interrupted\n";
        assert!(stdout.contains(why), "{stdout}");
    }
}
