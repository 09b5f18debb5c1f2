//! The files that a run leaves, and what it removes.

use serde_json::json;

use crate::sandbox::{STATEMENT, Sandbox};

fn json_file(sandbox: &Sandbox, name: &str) -> serde_json::Value {
    serde_json::from_str(&sandbox.read(&format!("semtest-results/{name}"))).unwrap()
}

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
        "gl-code-quality.json",
        "semtest.sarif",
        "debug/x.json",
        "keep.md",
    ] {
        sandbox.write(&format!("semtest-results/{name}"), br#"{"path":"stale"}"#);
    }
    sandbox.run(&["run", "missing.spec.md"]).exits(2);
    for name in [
        "latest.md",
        "ci-results.json",
        "junit-results.xml",
        "gl-code-quality.json",
        "semtest.sarif",
        "debug",
    ] {
        assert!(
            !sandbox.path(&format!("semtest-results/{name}")).exists(),
            "{name}"
        );
    }
    assert!(sandbox.path("semtest-results/keep.md").exists());
}

#[test]
fn files_for_one_ci_system_are_written_where_they_are_asked_for() {
    let sandbox = Sandbox::judged_by(&["fail"])
        .file("a.spec.md", STATEMENT)
        .file("src/lib.rs", "a\nb\nc\n");
    sandbox
        .run(&["run", "--junit", "--format", "sarif,code-quality"])
        .exits(1)
        .says("gl-code-quality.json")
        .says("semtest.sarif");
    assert!(sandbox.path("semtest-results/junit-results.xml").is_file());
    let entries = json_file(&sandbox, "gl-code-quality.json");
    assert_eq!(
        entries[0]["location"],
        json!({"path": "src/lib.rs", "lines": {"begin": 3, "end": 3}})
    );
    assert_eq!(entries[0]["severity"], "major");
    let results = &json_file(&sandbox, "semtest.sarif")["runs"][0]["results"];
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "src/lib.rs");
    assert_eq!(place["region"]["startLine"], 3);
    assert_eq!(results[0]["ruleId"], "a.spec.md#a");
    // Not asked for any more: nobody takes the old ones for this run's.
    sandbox.run(&["run"]).exits(1);
    for name in ["gl-code-quality.json", "semtest.sarif"] {
        assert!(!sandbox.path("semtest-results").join(name).exists());
    }
}

#[test]
fn a_configuration_asks_for_formats_and_the_flag_overrides_it() {
    let sandbox = Sandbox::checked()
        .file(
            "semtest.config.json",
            r#"{"llm": "checks", "format": ["sarif"]}"#,
        )
        .file("a.spec.md", "# A\n\n```check\nexists a.spec.md\n```\n");
    sandbox.run(&["run"]).exits(0);
    let run = &json_file(&sandbox, "semtest.sarif")["runs"][0];
    assert_eq!(run["results"], json!([]));
    assert!(
        !sandbox
            .path("semtest-results/gl-code-quality.json")
            .exists()
    );
    sandbox.run(&["run", "--format", "code-quality"]).exits(0);
    assert_eq!(json_file(&sandbox, "gl-code-quality.json"), json!([]));
    assert!(!sandbox.path("semtest-results/semtest.sarif").exists());
}

#[test]
fn an_unknown_format_is_refused_and_the_known_ones_are_named() {
    let sandbox = Sandbox::checked().file("a.spec.md", STATEMENT);
    sandbox
        .run(&["run", "--format", "sarif,html"])
        .exits(2)
        .warns(r#"expected "code-quality" or "sarif""#);
    sandbox.write(
        "semtest.config.json",
        br#"{"llm": "checks", "format": ["sarif", "html"]}"#,
    );
    sandbox
        .run(&["run"])
        .exits(2)
        .warns(r#"`format[1]` must be "code-quality" or "sarif", not "html""#);
    sandbox.write(
        "semtest.config.json",
        br#"{"llm": "checks", "format": "sarif"}"#,
    );
    sandbox
        .run(&["run"])
        .exits(2)
        .warns("`format` must be a list of");
}

#[test]
fn a_format_that_can_not_be_written_costs_no_other_report() {
    let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
    // The agent takes the file's place while it judges.
    let script = "cat >/dev/null; mkdir -p semtest-results/semtest.sarif/mine; \
        echo '[{\"status\":\"pass\"}]'";
    sandbox.configure_script(script);
    sandbox
        .run(&["run", "--format", "code-quality,sarif"])
        .exits(2)
        .says("PASSED: 1 judged")
        .warns("semtest.sarif");
    assert_eq!(json_file(&sandbox, "gl-code-quality.json"), json!([]));
    // The next run can't tell whose it is, and asks for nothing first.
    sandbox
        .run(&["run"])
        .exits(2)
        .warns("the results of an earlier run can not be removed");
    assert!(sandbox.path("semtest-results/semtest.sarif/mine").is_dir());
}

#[test]
fn a_failure_keeps_its_details_in_every_report() {
    let sandbox = Sandbox::judged_by(&["fail"])
        .file("a.spec.md", STATEMENT)
        .file("src/lib.rs", "a\nb\nc\n");
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
    sandbox
        .run(&["run", "--junit=semtest-results/semtest.sarif"])
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
