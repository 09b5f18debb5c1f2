//! A service that takes no more calls for now.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::sandbox::{STATEMENT, Sandbox, fake_agent, finish};

/// A project whose judge is refused so many times, told to wait so long, and leaves a byte a call in
/// `calls`.
fn limited(refusals: &str, wait: &str) -> Sandbox {
    let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
    let calls = sandbox.path("calls");
    let mode = ["limited", calls.to_str().unwrap(), refusals, wait];
    sandbox.configure(&mode, &json!({"votes": "1"}));
    sandbox
}

/// A project whose judge is a script that notes its calls.
fn scripted(script: &str) -> Sandbox {
    let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
    sandbox.configure_script(&format!("cat > /dev/null; printf . >> calls; {script}"));
    sandbox
}

const SLOWED: &str = "takes no more calls for now";

#[test]
fn a_call_that_is_refused_for_now_is_made_again_and_the_user_is_told_once() {
    let sandbox = limited("1", "10ms").file("b.spec.md", STATEMENT);
    let run = sandbox.run(&["run", "--jobs", "1"]).exits(0);
    assert_eq!(run.stderr.matches(SLOWED).count(), 1, "{}", run.stderr);
    assert!(run.stderr.contains("fake takes"), "{}", run.stderr);
    assert_eq!(sandbox.verdicts().len(), 2);
    assert_eq!(sandbox.results()["usage"]["calls"], 3);
}

#[test]
fn a_service_that_goes_on_refusing_is_an_error_after_six_repeats() {
    let sandbox = limited("99", "10ms");
    let why = "429 Too Many Requests, retry after 10ms (refused 7 times in a row)";
    sandbox.run(&["run"]).exits(2).says(why);
    assert_eq!(sandbox.read("calls").len(), 7);
}

#[test]
fn a_service_that_was_given_up_is_not_asked_for_every_other_file() {
    let sandbox = limited("99", "10ms");
    for number in 1..=5 {
        sandbox.write(&format!("b{number}.spec.md"), STATEMENT.as_bytes());
    }
    sandbox.run(&["run", "--jobs", "1"]).exits(2);
    assert_eq!(sandbox.read("calls").len(), 7);
    let results = sandbox.results();
    for test in results["tests"].as_array().unwrap() {
        assert_eq!(test["status"], "error", "{test}");
    }
    let last = results["tests"][5]["error"].to_string();
    assert!(
        last.contains("an earlier one was refused again and again"),
        "{last}"
    );
}

#[test]
fn calls_that_were_refused_count_in_the_budget() {
    let sandbox = limited("99", "10ms");
    let why = "budget spent: 2 calls started (`--max-calls 2`), while a refused call waited: exit \
        code 1: 429 Too Many Requests";
    sandbox.run(&["run", "--max-calls", "2"]).exits(2);
    let error = sandbox.results()["tests"][0]["error"].to_string();
    assert!(error.contains(why), "{error}");
    assert_eq!(sandbox.read("calls").len(), 2);
}

#[test]
fn waiting_counts_against_the_time_of_the_run() {
    let sandbox = limited("99", "90s");
    let run = sandbox.run(&["run", "--max-time", "1s"]).exits(2);
    assert!(run.stdout.contains("`--max-time 1s`"), "{}", run.stdout);
    assert_eq!(sandbox.verdicts(), ["a=error"]);
}

#[test]
fn a_signal_ends_a_wait_at_once() {
    let sandbox = limited("99", "90s");
    let mut child = sandbox.start(&["run"]);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains(SLOWED)));
    let signalled = Instant::now();
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-s", "INT", &pid]).status();
    assert!(sent.unwrap().success());
    let mut stdout = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut stdout)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{stdout}");
    assert!(signalled.elapsed() < Duration::from_mins(1), "{stdout}");
    assert_eq!(sandbox.verdicts(), ["a=skip"]);
    assert_eq!(sandbox.read("calls").len(), 1);
}

#[test]
fn what_is_used_up_for_hours_is_not_asked_for_again() {
    let sandbox = scripted("echo '429: usage limit reached, resets at 3pm' >&2; exit 1");
    let run = sandbox.run(&["run"]).exits(2).says("usage limit reached");
    assert!(!run.stderr.contains(SLOWED), "{}", run.stderr);
    assert_eq!(sandbox.read("calls"), ".");
}

#[test]
fn an_answer_about_rate_limits_is_an_answer() {
    let verdict = r#"[{"status": "fail", "observed": "429 Too Many Requests, retry after 1h"}]"#;
    let sandbox = scripted(&format!("echo '{verdict}'"));
    let run = sandbox.run(&["run", "--votes", "1"]).exits(1);
    assert!(!run.stderr.contains(SLOWED), "{}", run.stderr);
    assert_eq!(sandbox.read("calls"), ".");
}

#[test]
fn a_secret_in_the_words_of_a_refusal_stays_one() {
    let script = "cat > /dev/null; echo \"429 Too Many Requests for $API_TOKEN, retry after 1ms\" >&2; exit 1";
    let agent = json!({"command": "sh", "args": ["-c", script], "passEnv": ["API_TOKEN"]});
    let config = json!({"llm": "script", "agents": {"script": agent}}).to_string();
    let sandbox = Sandbox::new()
        .file("a.spec.md", STATEMENT)
        .file("semtest.config.json", &config);
    let secret = "q8Zr2Kw7Vt5Xn3Bm";
    let run = finish(sandbox.command(&["run"]).env("API_TOKEN", secret)).exits(2);
    assert!(run.stderr.contains(SLOWED), "{}", run.stderr);
    for text in [run.stdout, run.stderr, sandbox.results().to_string()] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn ask_waits_as_well() {
    let sandbox = Sandbox::new();
    let calls = sandbox.path("calls");
    let mode = ["limited", calls.to_str().unwrap(), "1", "10ms"];
    let agents = json!({"fake": {"command": fake_agent(), "args": mode}}).to_string();
    let ask = [
        "ask",
        "--agents",
        &agents,
        "--llm",
        "fake",
        "Errors are JSON.",
    ];
    let run = sandbox.run(&ask).exits(0);
    assert!(run.stderr.contains(SLOWED), "{}", run.stderr);
    assert_eq!(sandbox.read("calls").len(), 2);
}
