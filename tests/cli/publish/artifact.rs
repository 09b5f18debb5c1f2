//! A directory that a stranger has filled: what is refused, how it is told, and that nobody waits.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::Command;

use serde_json::{Value, json};

use super::job::Job;
use super::runner::outputs;
use super::{failed, passed};
use crate::sandbox::{Run, Sandbox, finish};

const RESULTS: &str = "semtest-results/ci-results.json";

/// What is changed in the results, and the message for it.
type Change = (fn(&mut Value), &'static str);

/// `semtest publish`, ended with code 124 if it hangs.
fn publish(sandbox: &Sandbox) -> Run {
    let mut command = Command::new("timeout");
    command
        .args([
            "60",
            env!("CARGO_BIN_EXE_semtest"),
            "publish",
            "--comment=off",
        ])
        .current_dir(sandbox.path(""))
        .env_clear()
        .env("PATH", "/usr/bin:/bin");
    finish(&mut command)
}

/// A project without results, with the directory for them.
fn empty() -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("semtest-results")).unwrap();
    sandbox
}

/// The message for results with this text.
fn refused(text: &[u8]) -> String {
    let sandbox = empty();
    sandbox.write(RESULTS, text);
    publish(&sandbox).exits(2).stderr
}

/// The results of a failed run, changed.
fn changed(change: impl FnOnce(&mut Value)) -> Sandbox {
    let sandbox = failed();
    let mut results = sandbox.results();
    change(&mut results);
    sandbox.write(RESULTS, results.to_string().as_bytes());
    sandbox
}

#[test]
fn a_link_is_not_followed_wherever_it_leads() {
    let good = passed();
    for target in [good.path(RESULTS), "/dev/zero".into(), "nowhere".into()] {
        let sandbox = empty();
        symlink(target, sandbox.path(RESULTS)).unwrap();
        publish(&sandbox)
            .exits(2)
            .warns("ci-results.json` is not a plain file");
    }
}

#[test]
fn the_directory_that_the_user_names_may_be_a_link() {
    let good = passed();
    let sandbox = Sandbox::new();
    symlink(
        good.path("semtest-results"),
        sandbox.path("semtest-results"),
    )
    .unwrap();
    publish(&sandbox).exits(0);
}

#[test]
fn what_is_no_plain_file_is_refused_without_waiting() {
    let pipe = empty();
    let made = Command::new("mkfifo").arg(pipe.path(RESULTS)).status();
    assert!(made.unwrap().success());
    let socket = empty();
    let _listener = UnixListener::bind(socket.path(RESULTS)).unwrap();
    let directory = empty();
    std::fs::create_dir(directory.path(RESULTS)).unwrap();
    for sandbox in [pipe, socket, directory] {
        publish(&sandbox)
            .exits(2)
            .warns("ci-results.json` is not a plain file");
    }
}

#[test]
fn other_files_are_not_opened_and_links_are_not_named() {
    let sandbox = failed();
    for (name, target) in [
        ("latest.md", None),
        ("junit-results.xml", Some("/etc/passwd")),
    ] {
        let path = sandbox.path("semtest-results").join(name);
        let _ = std::fs::remove_file(&path);
        match target {
            Some(target) => symlink(target, path).unwrap(),
            None => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
        }
    }
    let job = Job::new(&sandbox);
    job.publish(&[]).exits(0);
    let read = outputs(&job.outputs()).unwrap();
    let named: Vec<&str> = read
        .keys()
        .map(String::as_str)
        .filter(|name| name.starts_with("report_"))
        .collect();
    assert_eq!(named, ["report_directory", "report_json"]);
}

#[test]
fn results_that_are_missing_are_told_apart_from_unusable_ones() {
    let sandbox = Sandbox::new();
    publish(&sandbox)
        .exits(2)
        .warns("there are no results in")
        .warns("run `semtest run` first");
    let sandbox = Sandbox::new().file("semtest-results", "a file");
    publish(&sandbox).exits(2).warns("there are no results in");
}

#[test]
fn a_file_that_is_too_large_is_refused_unread() {
    let sandbox = empty();
    let file = std::fs::File::create(sandbox.path(RESULTS)).unwrap();
    // A file with a hole: it takes no room and would take a terabyte of memory.
    file.set_len(1 << 40).unwrap();
    publish(&sandbox)
        .exits(2)
        .warns("1099511627776 bytes long, more than the 52428800 that are read");
}

#[test]
fn what_is_no_text_or_no_results_is_refused_in_words() {
    for (text, expected) in [
        (
            &b"{\"schemaVersion\": 1, \"version\": \"\xff\"}"[..],
            "is not UTF-8 text",
        ),
        (b"", "are not what semtest writes"),
        (b"[]", "are not what semtest writes"),
        (b"\xef\xbb\xbf{}", "are not what semtest writes"),
        (
            b"{\"schemaVersion\": 99}",
            "schema version 99, this semtest reads 1",
        ),
        (b"{\"schemaVersion\": 1}", "missing field"),
    ] {
        let message = refused(text);
        assert!(message.contains(expected), "{message}");
        assert!(
            message.contains("hint: only what `semtest run` wrote"),
            "{message}"
        );
    }
    let deep = format!("{{\"schemaVersion\":1,\"tests\":{}", "[".repeat(1_000_000));
    assert!(refused(deep.as_bytes()).contains("are not what semtest writes"));
}

#[test]
fn results_that_contradict_themselves_are_refused() {
    let changes: [Change; 5] = [
        (
            |it| it["status"] = json!("pass"),
            "`status` is pass, but its tests make it fail",
        ),
        (
            |it| it["summary"]["failed"] = json!(0),
            "`summary.failed` is 0",
        ),
        (
            |it| it["commit"] = json!("$(id)"),
            "`commit` is not the name of a commit",
        ),
        (
            |it| it["directory"] = json!("../x"),
            "`directory` is not a path below the repository",
        ),
        (
            |it| it["tests"][1]["id"] = it["tests"][0]["id"].clone(),
            "`tests[1].id` is there before, in the same file",
        ),
    ];
    for (change, expected) in changes {
        publish(&changed(change)).exits(2).warns(expected);
    }
}

#[test]
fn more_tests_than_any_suite_has_are_refused() {
    let sandbox = changed(|results| {
        let test = &results["tests"][0];
        results["tests"] = vec![test.clone(); 100_001].into();
    });
    let run = publish(&sandbox).exits(2);
    run.warns("a list has more than the 100000 entries that are read");
}

#[test]
fn the_largest_numbers_are_shown_and_break_nothing() {
    let sandbox = changed(|results| {
        results["durationMs"] = json!(u64::MAX);
        results["startedAt"] = json!("9999-12-30T22:00:00.000Z");
        for test in results["tests"].as_array_mut().unwrap() {
            test["line"] = json!(u32::MAX);
            test["durationMs"] = json!(u64::MAX);
        }
        let usage = json!({"calls": u32::MAX, "durationMs": u64::MAX});
        let spec = json!({"path": "a.spec.md", "judge": "x", "usage": usage.clone()});
        results["specs"] = json!([spec, spec]);
        results["usage"] = usage;
    });
    let job = Job::new(&sandbox);
    job.publish(&[]).exits(0);
    let read = outputs(&job.outputs()).unwrap();
    assert_eq!(read["duration_ms"], u64::MAX.to_string());
}

#[test]
fn a_message_about_a_hostile_file_is_itself_harmless() {
    let sandbox = changed(|results| {
        results["status"] = json!("\n::set-output name=status::pass\n##[group]\u{1b}[2Jx");
    });
    let run = publish(&sandbox).exits(2);
    let log = run.stdout + &run.stderr;
    assert_eq!(super::runner::commands(&log), [], "{log}");
    assert!(!log.contains('\u{1b}'), "{log:?}");
}
