//! How a step ends, and that the pull request knows before.

use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::{FAIL, OWNER, PASS, Stage, as_root};
use crate::publish::server::{Reply, Route};

/// Polls `condition` until it holds.
#[track_caller]
pub(crate) fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn signal(name: &str, process: u32) {
    let number = process.to_string();
    let sent = Command::new("kill").args([name, &number]).status();
    assert!(sent.unwrap().success());
}

/// Whether `process` is there and has not ended.
fn runs(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().unwrap_or_default().trim_start();
    !state.is_empty() && !state.starts_with('Z')
}

#[test]
fn the_pull_request_knows_of_a_failure_before_the_step_ends() {
    let Some(stage) = Stage::of(OWNER, FAIL) else {
        return;
    };
    let step: Arc<OnceLock<u32>> = Arc::default();
    let seen = Arc::new(OnceLock::new());
    let (asked, noted) = (Arc::clone(&step), Arc::clone(&seen));
    let look = move |_: &mut _| {
        let _ = noted.set(asked.get().is_some_and(|process| runs(*process)));
    };
    stage
        .server
        .next(Route::Create, [Reply::After(Arc::new(look))]);
    let mut command = stage.command(&[], &[]);
    let child = command.stdout(Stdio::piped()).spawn().unwrap();
    step.set(child.id()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(seen.get(), Some(&true));
    assert!(stage.comments()[0].contains("FAILED"));
}

#[test]
fn a_step_ends_as_its_run_does_and_the_pull_request_knows_whoever_ended_it() {
    for (script, code, comment) in [
        (PASS, 0, "PASSED"),
        (FAIL, 1, "FAILED"),
        ("exit 3", 2, "ERROR"),
        ("kill -KILL $PPID", 2, "ERROR"),
        ("kill -USR1 $PPID; exec sleep 60", 2, "ERROR"),
        (
            "kill -INT $PPID; exec sleep 60",
            130,
            "ERROR: ended early by SIGINT",
        ),
        (
            "kill -TERM $PPID; exec sleep 60",
            143,
            "ERROR: ended early by SIGTERM",
        ),
    ] {
        let Some(stage) = Stage::of(OWNER, script) else {
            return;
        };
        stage.step(&as_root(), &[]).exits(code);
        let comments = stage.comments();
        assert_eq!(comments.len(), 1, "{script}");
        assert!(comments[0].contains(comment), "{}", comments[0]);
    }
}

#[test]
fn an_agent_that_stops_the_run_again_and_again_does_not_hold_up_the_step() {
    let always = "run=$PPID; while kill -STOP $run; do :; done; exec sleep 60";
    for (script, code, comment) in [
        (&*format!("kill -STOP $PPID; {PASS}"), 0, "PASSED"),
        (always, 2, "ERROR"),
    ] {
        let Some(stage) = Stage::of(OWNER, script) else {
            return;
        };
        let mut command = stage.command(&[], &[]);
        let child = command.stdout(Stdio::null()).spawn().unwrap();
        assert_eq!(ended(child), Some(code));
        let comments = stage.comments();
        assert!(comments[0].contains(comment), "{}", comments[0]);
    }
}

#[test]
fn one_signal_ends_a_step_whose_run_is_stopped_again_and_again() {
    let script = "run=$PPID; trap 'while kill -STOP $run; do :; done' TERM; \
        : > semtest-results/started; while :; do sleep 0.1; done";
    let Some(stage) = Stage::of(OWNER, script) else {
        return;
    };
    let child = started(&stage);
    signal("-TERM", child.id());
    assert_eq!(ended(child), Some(143));
    assert!(stage.comments().is_empty());
}

#[test]
fn a_run_that_could_not_start_is_told_to_the_pull_request() {
    let Some(stage) = Stage::of(OWNER, PASS) else {
        return;
    };
    // An older verdict must not look like this one's.
    stage.step(&as_root(), &[]).exits(0);
    assert!(stage.comments()[0].contains("PASSED"));
    for inputs in [
        &[("llm", "nonsense:")][..],
        &[("on_write", "nonsense")],
        &[("output", "../elsewhere")],
        &[("working_directory", "nowhere")],
        &[("strict", "yes")],
        &[("summary", "True")],
        &[("comment", "allways")],
        &[("pull_request", "#12")],
    ] {
        stage.step(&as_root(), inputs).exits(2);
        let comments = stage.comments();
        assert_eq!(comments.len(), 1);
        assert!(comments[0].contains("ERROR"), "{}", comments[0]);
        stage.step(&as_root(), &[]).exits(0);
        assert!(stage.comments()[0].contains("PASSED"));
    }
}

#[test]
fn without_a_token_the_input_is_named() {
    let Some(stage) = Stage::of(OWNER, PASS) else {
        return;
    };
    let run = stage.step(&as_root(), &[("github_token", "")]);
    run.exits(0).warns("the input `github_token` is empty");
}

#[test]
fn what_a_step_says_is_a_single_word_to_every_program() {
    let Some(stage) = Stage::of(OWNER, PASS) else {
        return;
    };
    let hostile = "x; touch /tmp/semtest-was-here; $(touch called) `touch called` --help\n-x";
    for (input, named) in [
        ("working_directory", "touch called"),
        ("llm", "touch called"),
        ("specs", "touch called"),
        ("output", ""),
        ("on_write", "touch called"),
        ("comment", "touch called"),
        ("comment_key", ""),
    ] {
        let run = stage.step(&as_root(), &[(input, hostile)]);
        let code = if named.is_empty() { 0 } else { 2 };
        run.exits(code).warns(named);
    }
    assert!(!stage.sandbox.path("called").exists());
    for (input, value) in [
        ("strict", "yes"),
        ("summary", "True"),
        ("matrix", "{"),
        ("comment", "allways"),
        ("pull_request", "#12"),
        ("on_write", "nonsense"),
        ("timeout", "soon"),
    ] {
        stage
            .step(&as_root(), &[(input, value)])
            .exits(2)
            .warns(&format!("the input `{input}` is "));
    }
}

/// The exit code of a step that is to end by itself.
fn ended(mut step: Child) -> Option<i32> {
    wait_for("the step did not end", || !runs(step.id()));
    step.wait().unwrap().code()
}

/// The step with a judge that says so in the directory of the reports once it runs.
fn started(stage: &Stage) -> Child {
    let mut command = stage.command(&[], &[]);
    let child = command.stdout(Stdio::null()).spawn().unwrap();
    let sign = stage.sandbox.path("semtest-results/started");
    wait_for("the judge did not start", || sign.exists());
    child
}

#[test]
fn a_cancelled_step_leaves_reports_and_publishes_nothing() {
    let script = ": > semtest-results/started; exec sleep 60";
    let Some(stage) = Stage::of(OWNER, script) else {
        return;
    };
    for (name, code) in [("-TERM", 143), ("-INT", 130)] {
        let mut child = started(&stage);
        signal(name, child.id());
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert_eq!(stage.sandbox.verdicts(), ["a=skip"]);
        assert!(stage.comments().is_empty());
        std::fs::remove_file(stage.sandbox.path("semtest-results/started")).unwrap();
    }
}

#[test]
fn a_step_that_is_cancelled_before_its_run_starts_publishes_nothing_either() {
    let Some(stage) = Stage::of(OWNER, PASS) else {
        return;
    };
    let slow = "#!/bin/sh\n: > git-started\nexec sleep 60\n";
    stage.sandbox.install_script("git", slow);
    let mut command = stage.command(&[], &[]);
    command.env("PATH", stage.sandbox.tool_path());
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let sign = stage.sandbox.path("git-started");
    wait_for("git was not asked", || sign.exists());
    signal("-TERM", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert!(stage.comments().is_empty());
}

#[test]
fn a_run_that_was_stopped_ends_soon_after_the_second_signal() {
    let script = "kill -STOP $PPID; : > semtest-results/started; exec sleep 60";
    let Some(stage) = Stage::of(OWNER, script) else {
        return;
    };
    let mut child = started(&stage);
    signal("-INT", child.id());
    signal("-TERM", child.id());
    let asked = Instant::now();
    assert_eq!(
        child.wait().unwrap().code().map(|code| code > 128),
        Some(true)
    );
    assert!(asked.elapsed() < Duration::from_secs(20));
    assert!(stage.comments().is_empty());
}

#[test]
fn a_program_that_an_agent_left_is_dead_before_the_results_are_read() {
    // In a session of its own, without a parent, deaf: it overwrites the results for as long as it can.
    let script = "cat > /dev/null; cd semtest-results; \
        setsid sh -c 'trap \"\" TERM INT HUP; (while :; do echo $$ > daemon; \
            [ ! -e ci-results.json ] || echo {} > ci-results.json; done) &' < /dev/null > /dev/null 2>&1; \
        while [ ! -s daemon ]; do sleep 0.01; done; \
        echo '[{\"id\":\"a\",\"status\":\"fail\",\"expectation\":\"e\",\"observed\":\"o\"}]'";
    let Some(stage) = Stage::of(OWNER, script) else {
        return;
    };
    let run = stage.step(&as_root(), &[]);
    // Whoever was faster.
    assert!([Some(1), Some(2)].contains(&run.code), "{run:?}");
    assert!(!stage.comments()[0].contains("PASSED"));
    let marker = b"> ci-results.json".to_vec();
    let left = std::fs::read_dir("/proc").unwrap().filter(|entry| {
        let path = entry.as_ref().unwrap().path().join("cmdline");
        let line = std::fs::read(path).unwrap_or_default();
        let cwd = std::fs::read_link(entry.as_ref().unwrap().path().join("cwd"));
        line.windows(marker.len()).any(|part| part == marker)
            && cwd.is_ok_and(|cwd| cwd.starts_with(stage.sandbox.path("")))
    });
    assert_eq!(left.count(), 0);
}
