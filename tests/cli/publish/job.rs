//! What the runner of GitHub Actions takes: annotations, summary, outputs.

use std::collections::BTreeMap;

use semtest::publish::Output;
use serde_json::json;

use super::runner::{Command, commands, outputs};
use super::{failed, passed};
use crate::sandbox::{Run, Sandbox, finish};

/// A step of a job in GitHub Actions, with the files that the runner makes for it.
pub(super) struct Job<'sandbox> {
    sandbox: &'sandbox Sandbox,
    variables: BTreeMap<String, String>,
}

const SUMMARY: &str = "runner/summary";
const OUTPUTS: &str = "runner/outputs";

impl<'sandbox> Job<'sandbox> {
    pub(super) fn new(sandbox: &'sandbox Sandbox) -> Self {
        sandbox.write(SUMMARY, b"");
        sandbox.write(OUTPUTS, b"");
        let path = |path| sandbox.path(path).display().to_string();
        let variables = [
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_EVENT_NAME", "push".to_owned()),
            ("GITHUB_REPOSITORY", "octo/shop".to_owned()),
            ("GITHUB_STEP_SUMMARY", path(SUMMARY)),
            ("GITHUB_OUTPUT", path(OUTPUTS)),
            ("GITHUB_WORKSPACE", path("")),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value));
        Self {
            sandbox,
            variables: variables.into(),
        }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Publishes without a comment, which has its own tests.
    pub(super) fn publish(&self, arguments: &[&str]) -> Run {
        let own = ["publish", "--comment", "off"];
        let arguments: Vec<&str> = own.iter().chain(arguments).copied().collect();
        finish(self.sandbox.command(&arguments).envs(&self.variables))
    }

    pub(super) fn summary(&self) -> String {
        self.sandbox.read(SUMMARY)
    }

    pub(super) fn outputs(&self) -> String {
        self.sandbox.read(OUTPUTS)
    }

    /// The outputs, one a line.
    fn listed(&self) -> String {
        let read = outputs(&self.outputs()).unwrap();
        let lines = read.iter().map(|(name, value)| format!("{name}={value}"));
        let stable = lines.filter(|line| !line.starts_with("duration_ms="));
        stable.collect::<Vec<_>>().join("\n")
    }
}

fn names(run: &Run) -> Vec<String> {
    let read = commands(&run.stdout).into_iter();
    read.map(|command: Command| command.name).collect()
}

/// A project with this many statements that do not hold.
fn failing(count: usize) -> Sandbox {
    let statement = |index| format!("# S{index}\n\n```check\nexists missing-{index}.txt\n```\n\n");
    let spec: String = (0..count).map(statement).collect();
    let sandbox = Sandbox::checked().file("a.spec.md", &spec);
    sandbox.run(&["run"]).exits(1);
    sandbox
}

#[test]
fn a_failed_run_has_a_remark_a_summary_and_outputs() {
    let sandbox = failed();
    let job = Job::new(&sandbox);
    let done = job.publish(&[]).exits(0);
    let read = commands(&done.stdout);
    assert_eq!(read.len(), 1, "{}", done.stdout);
    assert_eq!(read[0].name, "error");
    assert_eq!(read[0].properties["title"], "Complete");
    let line = &read[0].properties["line"];
    assert_eq!(
        (read[0].properties["file"].as_str(), line.as_str()),
        ("a.spec.md", "10")
    );
    assert!(
        read[0]
            .data
            .contains("\nJudge it again: semtest run 'a.spec.md#complete'")
    );
    assert!(
        job.summary()
            .starts_with("# semtest results\n\n**FAILED: 2 judged")
    );
    assert_eq!(
        job.listed(),
        "errored=0\nexit_code=1\nfailed=1\ninvalid=0\njudged=2\nnon_blocking=0\npassed=1\n\
         report_directory=semtest-results\nreport_json=semtest-results/ci-results.json\n\
         report_markdown=semtest-results/latest.md\nskipped=0\nstatus=fail\ntotal=2"
    );
}

/// Results in which the one failure is excused, by `because`.
fn excused(because: serde_json::Value) -> Sandbox {
    let sandbox = failed();
    let path = "semtest-results/ci-results.json";
    let mut results: serde_json::Value = serde_json::from_str(&sandbox.read(path)).unwrap();
    results["status"] = "pass".into();
    results["exitCode"] = 0.into();
    results["summary"]["nonBlocking"] = 1.into();
    results["tests"][1]["blocking"] = false.into();
    results["tests"][1]["because"] = because;
    sandbox.write(path, results.to_string().as_bytes());
    sandbox
}

#[test]
fn a_failure_that_does_not_block_is_a_warning_and_the_outputs_are_those_of_a_pass() {
    let sandbox = excused(json!({
        "kind": "waived", "id": "complete", "owner": "@api", "until": "2999-12-31",
        "reason": "old\n::error::x",
    }));
    let job = Job::new(&sandbox);
    let done = job.publish(&[]).exits(0);
    assert_eq!(names(&done), ["warning"]);
    let data = &commands(&done.stdout)[0].data;
    assert!(
        data.starts_with("Does not block: waived until 2999-12-31 by @api: old "),
        "{data}"
    );
    let summary = job.summary();
    assert!(
        summary.contains("PASSED: 2 judged, 1 failed but does not block (waived)"),
        "{summary}"
    );
    assert!(
        summary.contains("FAIL (does not block): Complete"),
        "{summary}"
    );
    assert!(!summary.contains("semtest waive"), "{summary}");
    let listed = job.listed();
    assert!(listed.contains("exit_code=0\nfailed=1\n"), "{listed}");
    assert!(
        listed.contains("non_blocking=1\n") && listed.contains("status=pass\n"),
        "{listed}"
    );
}

#[test]
fn a_failure_that_is_called_harmless_for_no_known_reason_is_not_believed() {
    for because in [
        json!(null),
        json!({"kind": "noisy", "votes": 12, "minority": 6}),
    ] {
        let sandbox = excused(because);
        let job = Job::new(&sandbox);
        let done = job.publish(&[]);
        assert_eq!(names(&done), ["error"], "{}", done.stdout);
        assert!(job.listed().contains("status=error"), "{}", job.listed());
    }
}

#[test]
fn a_passed_run_has_no_remark() {
    let sandbox = passed();
    sandbox.run(&["run", "--junit"]).exits(0);
    let job = Job::new(&sandbox);
    let done = job.publish(&[]).exits(0);
    assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("", ""));
    assert!(job.summary().contains("PASSED: 2 judged"));
    let listed = job.listed();
    assert!(listed.contains("status=pass\ntotal=2"), "{listed}");
    assert!(
        listed.contains("report_junit=semtest-results/junit-results.xml"),
        "{listed}"
    );
}

#[test]
fn every_output_is_one_of_the_table() {
    let sandbox = failed();
    let job = Job::new(&sandbox);
    job.publish(&[]).exits(0);
    let known = Output::ALL.map(Output::name);
    let read = outputs(&job.outputs()).unwrap();
    assert!(
        read.keys().all(|name| known.contains(&name.as_str())),
        "{read:?}"
    );
}

#[test]
fn without_usable_results_nothing_looks_green() {
    let sandbox = Sandbox::new();
    sandbox.write("semtest-results/ci-results.json", b"{}");
    let job = Job::new(&sandbox);
    let done = job.publish(&[]).exits(2).warns("can't be used");
    // The page of the job shows why it failed.
    assert_eq!(names(&done), ["error"]);
    assert!(job.summary().contains("ERROR"), "{}", job.summary());
    assert_eq!(
        job.listed(),
        "exit_code=2\nreport_directory=semtest-results\n\
         report_json=semtest-results/ci-results.json\nstatus=error"
    );
    let elsewhere = Job::new(&sandbox);
    elsewhere
        .publish(&["nowhere"])
        .exits(2)
        .warns("no results in");
    assert_eq!(elsewhere.listed(), "exit_code=2\nstatus=error");
}

#[test]
fn what_stood_in_the_files_before_stays() {
    let sandbox = failed();
    let job = Job::new(&sandbox);
    sandbox.write(SUMMARY, b"## Mine");
    sandbox.write(OUTPUTS, b"mine=1");
    job.publish(&[]).exits(0);
    job.publish(&[]).exits(0);
    let summary = job.summary();
    assert!(
        summary.starts_with("## Mine\n\n# semtest results\n"),
        "{summary}"
    );
    assert_eq!(summary.matches("\n\n# semtest results\n").count(), 2);
    let read = outputs(&job.outputs()).unwrap();
    assert_eq!(
        (read["mine"].as_str(), read["status"].as_str()),
        ("1", "fail")
    );
}

#[test]
fn files_that_can_not_be_written_are_a_warning() {
    let sandbox = failed();
    let directory = sandbox.path("runner").display().to_string();
    let job = Job::new(&sandbox)
        .with("GITHUB_STEP_SUMMARY", &directory)
        .with("GITHUB_OUTPUT", &directory);
    let done = job.publish(&[]).exits(0);
    let done = done
        .warns("no summary: `GITHUB_STEP_SUMMARY` can't be written")
        .warns("no outputs: `GITHUB_OUTPUT` can't be written");
    assert_eq!(names(&done), ["error"]);
}

#[test]
fn a_summary_that_does_not_fit_any_more_is_not_added() {
    const MOST: usize = 1024 * 1024;
    let sandbox = failed();
    let job = Job::new(&sandbox);
    sandbox.write(SUMMARY, &vec![b'x'; MOST - 2]);
    job.publish(&[]).exits(0).warns("no summary");
    assert_eq!(job.summary().len(), MOST - 2);
    // Some room is left: a shorter text takes it.
    let page = sandbox.read("semtest-results/latest.md").len();
    sandbox.write(SUMMARY, &vec![b'x'; MOST - page]);
    job.publish(&[]).exits(0);
    let added = job.summary().split_off(MOST - page);
    assert!(added.contains("FAILED: 2 judged"), "{added}");
    assert!(added.len() <= page);
}

#[test]
fn remarks_beyond_ten_are_one_notice() {
    let sandbox = failing(12);
    let job = Job::new(&sandbox);
    let done = job.publish(&[]).exits(0);
    let names = names(&done);
    assert_eq!(names, [vec!["error"; 10], vec!["notice"]].concat());
    done.says("2 more (2 errors). The job's summary has them all.");
    let done = job.publish(&["--summary=false"]).exits(0);
    done.says("2 more (2 errors). The report has them all.");
}

#[test]
fn each_part_can_be_turned_off() {
    let sandbox = failed();
    let job = Job::new(&sandbox);
    let done = job
        .publish(&["--annotations=false", "--summary=false"])
        .exits(0);
    assert_eq!((done.stdout.as_str(), job.summary().as_str()), ("", ""));
    assert!(job.listed().contains("status=fail"));
}

#[test]
fn remarks_on_other_code_are_left_out_unless_asked_for() {
    let sandbox = failed();
    for event in ["workflow_run", "issue_comment"] {
        let job = Job::new(&sandbox).with("GITHUB_EVENT_NAME", event);
        let done = job.publish(&[]).exits(0);
        assert_eq!(names(&done), [""; 0], "{event}");
        assert!(job.summary().contains("FAILED"), "{event}");
        let done = job.publish(&["--annotations"]).exits(0);
        assert_eq!(names(&done), ["error"], "{event}");
    }
}

#[test]
fn outside_of_github_actions_nothing_of_it_is_written() {
    let sandbox = failed();
    for system in ["GITLAB_CI", "CI"] {
        let job = Job::new(&sandbox)
            .with("GITHUB_ACTIONS", "")
            .with(system, "true");
        let done = job.publish(&[]).exits(0);
        assert_eq!(done.stdout, "", "{system}");
        assert_eq!(job.summary() + &job.outputs(), "", "{system}");
    }
}

#[test]
fn a_remark_stands_at_the_line_that_the_judge_names_below_the_projects_directory() {
    let sandbox = failed();
    let mut results = sandbox.results();
    let is_failure = |test: &&mut serde_json::Value| test["status"] == "fail";
    let tests = results["tests"].as_array_mut().unwrap();
    let test = tests.iter_mut().find(is_failure).unwrap();
    test["location"] = json!("src/a, b.rs:42:7");
    results["directory"] = json!("services/shop");
    sandbox.write(
        "semtest-results/ci-results.json",
        results.to_string().as_bytes(),
    );
    let done = Job::new(&sandbox).publish(&[]).exits(0);
    let properties = &commands(&done.stdout)[0].properties;
    assert_eq!(properties["file"], "services/shop/src/a, b.rs");
    assert_eq!(properties["line"], "42");
}
