//! The files that a run leaves, and what it removes.

use serde_json::json;

use crate::sandbox::{STATEMENT, Sandbox};

#[test]
fn a_run_that_can_not_start_leaves_no_directory() {
    let no_specs = Sandbox::checked();
    no_specs.run(&["run"]).exits(2);
    let no_judge = Sandbox::new().file("a.spec.md", STATEMENT);
    no_judge.run(&["run"]).exits(2);
    for sandbox in [no_specs, no_judge] {
        assert!(!sandbox.path("semtest-results").exists());
    }
}

#[test]
fn three_files_with_junit_and_two_without() {
    let sandbox = Sandbox::judged_by(&["answer"]).file("a.spec.md", STATEMENT);
    sandbox.run(&["run"]).exits(0);
    assert!(sandbox.path("semtest-results/latest.md").is_file());
    assert!(sandbox.path("semtest-results/ci-results.json").is_file());
    assert!(!sandbox.path("semtest-results/junit-results.xml").exists());
    sandbox.run(&["run", "--junit"]).exits(0);
    assert!(
        sandbox
            .read("semtest-results/junit-results.xml")
            .contains("name=\"semtest\"")
    );
}

#[test]
fn paths_on_the_command_line_are_relative_to_the_current_directory() {
    let sandbox = Sandbox::judged_by(&["answer"]).file("sub/a.spec.md", STATEMENT);
    sandbox
        .run(&[
            "-C",
            "sub",
            "run",
            "--output",
            "out",
            "--junit=reports/semtest.xml",
        ])
        .exits(0);
    assert!(sandbox.path("sub/out/latest.md").is_file());
    assert!(sandbox.path("sub/reports/semtest.xml").is_file());
}

#[test]
fn stale_results_are_removed_when_a_run_starts_and_nothing_else_is() {
    let sandbox = Sandbox::judged_by(&["answer"]).file("a.spec.md", STATEMENT);
    for name in [
        "latest.md",
        "ci-results.json",
        "junit-results.xml",
        "debug/x.json",
        "keep.md",
    ] {
        sandbox.write(&format!("semtest-results/{name}"), br#"{"path":"stale"}"#);
    }
    sandbox.run(&["run", "missing.spec.md"]).exits(2);
    for name in ["latest.md", "ci-results.json", "junit-results.xml", "debug"] {
        assert!(
            !sandbox.path(&format!("semtest-results/{name}")).exists(),
            "{name}"
        );
    }
    assert!(sandbox.path("semtest-results/keep.md").exists());
}

#[test]
fn a_failure_keeps_its_details_in_every_report() {
    let sandbox = Sandbox::judged_by(&["fail"]).file("a.spec.md", STATEMENT);
    sandbox
        .run(&["run", "--junit"])
        .exits(1)
        .says("at src/lib.rs:3");
    let results = sandbox.results();
    assert_eq!(results["status"], "fail");
    assert_eq!(results["tests"][0]["location"], "src/lib.rs:3");
    assert!(
        sandbox
            .read("semtest-results/latest.md")
            .contains("src/lib.rs:3")
    );
    assert!(
        sandbox
            .read("semtest-results/junit-results.xml")
            .contains("src/lib.rs:3")
    );
}

#[test]
fn a_timestamp_keeps_a_copy_of_the_report() {
    let sandbox = Sandbox::judged_by(&["answer"]).file("a.spec.md", STATEMENT);
    sandbox.run(&["run", "--timestamp"]).exits(0);
    let names = std::fs::read_dir(sandbox.path("semtest-results")).unwrap();
    let copies = names.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name().into_string().unwrap();
        name.starts_with("20") && name.ends_with("Z.md")
    });
    assert_eq!(copies.count(), 1);
}

#[test]
fn debug_keeps_every_attempt() {
    let sandbox = Sandbox::judged_by(&["answer"]).file("api/a.spec.md", STATEMENT);
    sandbox.run(&["run", "--debug"]).exits(0);
    let text = sandbox.read("semtest-results/debug/api/a.spec.md.json");
    let record: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(record["attempts"][0]["exitCode"], 0);
    assert!(
        record["attempts"][0]["stdout"]
            .as_str()
            .unwrap()
            .contains("pass")
    );
}

#[test]
fn a_junit_path_never_replaces_what_semtest_did_not_write() {
    let sandbox = Sandbox::judged_by(&["answer"])
        .file("a.spec.md", STATEMENT)
        .file("README.md", "mine");
    sandbox
        .run(&["run", "--junit=README.md"])
        .exits(2)
        .warns("README.md");
    assert_eq!(sandbox.read("README.md"), "mine");
    sandbox
        .run(&["run", "--junit=semtest-results/ci-results.json"])
        .exits(2);
    sandbox.run(&["run", "--junit=new/semtest.xml"]).exits(0);
    sandbox.run(&["run", "--junit=new/semtest.xml"]).exits(0);
}

#[test]
fn the_output_directory_does_not_hide_code_from_checks() {
    let sandbox = Sandbox::checked()
        .file(
            "a.spec.md",
            "# A\n\n```check\nlacks src/**/*.js \"eval(\"\n```\n",
        )
        .file("src/x.js", "eval(1)\n");
    sandbox
        .run(&["run", "--output", "src"])
        .exits(1)
        .says("src/x.js:1");
}

#[test]
fn a_check_without_a_place_in_the_code_is_at_its_own_line() {
    let sandbox = Sandbox::checked().file("a.spec.md", "# A\n\n```check\nexists missing\n```\n");
    sandbox.run(&["run"]).exits(1).says("at a.spec.md:4");
}

#[test]
fn debug_records_do_not_follow_links() {
    let sandbox = Sandbox::judged_by(&["answer"])
        .file("a.spec.md", STATEMENT)
        .file("precious", "mine")
        .file("semtest-results/debug/other.txt", "not ours");
    let link = sandbox.path("semtest-results/debug/a.spec.md.json");
    std::os::unix::fs::symlink(sandbox.path("precious"), link).unwrap();
    sandbox
        .run(&["run", "--debug"])
        .exits(2)
        .warns("semtest-results/debug");
    assert_eq!(sandbox.read("precious"), "mine");
    std::fs::remove_dir_all(sandbox.path("semtest-results/debug")).unwrap();
    std::os::unix::fs::symlink(sandbox.path(""), sandbox.path("semtest-results/debug")).unwrap();
    sandbox.run(&["run", "--debug"]).exits(0);
    assert!(
        sandbox
            .path("semtest-results/debug/a.spec.md.json")
            .is_file()
    );
    assert!(!sandbox.path("a.spec.md.json").exists());
}

#[test]
fn a_debug_record_that_cannot_be_written_costs_no_verdict() {
    // The agent takes the place of the directory that the second file's record needs.
    let sandbox = Sandbox::new()
        .file("a.spec.md", STATEMENT)
        .file("b/b.spec.md", STATEMENT);
    let script = "cat >/dev/null; touch semtest-results/debug/b; echo '[{\"status\":\"pass\"}]'";
    sandbox.configure_script(script);
    sandbox
        .run(&["run", "--debug", "--jobs", "1"])
        .exits(0)
        .says("PASSED: 2 judged")
        .warns("b/b.spec.md");
}

#[test]
fn a_run_without_any_verdict_says_why() {
    let sandbox = Sandbox::checked().file("a.spec.md", STATEMENT);
    sandbox
        .run(&["run"])
        .exits(2)
        .says("not judged: has no deterministic checks");
}

#[test]
fn what_a_model_says_cannot_steer_the_log() {
    let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
    let observed =
        "\u{1b}[31mred\n::set-output name=x::y\n  ::error::z ##[error]w ##vso[task.complete]";
    let answer =
        json!([{"id": "a", "status": "fail", "observed": observed, "location": "::error::a.rs:1"}]);
    sandbox.write("answer.json", answer.to_string().as_bytes());
    let answer = sandbox.path("answer.json");
    sandbox.configure(&["literal", answer.to_str().unwrap()], &json!({}));
    let run = sandbox.run(&["run", "--verbose"]).exits(1);
    for line in run.stdout.lines().chain(run.stderr.lines()) {
        assert!(!line.trim_start().starts_with("::"), "{line}");
        assert!(!line.contains("##[") && !line.contains("##vso["), "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
    }
}

#[test]
fn quiet_shows_problems_and_the_last_line() {
    let sandbox = Sandbox::judged_by(&["answer"]).file("a.spec.md", STATEMENT);
    let run = sandbox.run(&["run", "--quiet"]).exits(0);
    assert_eq!(run.stdout, "PASSED: 1 judged\n");
}

#[test]
fn verbose_shows_a_line_per_scenario() {
    let sandbox =
        Sandbox::judged_by(&["fail"]).file("a.spec.md", "# S\n\n## One\n\nx\n\n## Two\n\ny\n");
    sandbox
        .run(&["run", "--verbose"])
        .exits(1)
        .says("✗ one")
        .says("✔ two")
        .says("observed:");
}
