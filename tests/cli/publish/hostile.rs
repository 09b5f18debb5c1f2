//! Results in which every text is a stranger's, through everything that `publish` prints and writes.

use std::collections::BTreeMap;

use semtest::report::json;

use super::hostile_run::hostile_run;
use super::job::Job;
use super::runner::{commands, outputs};
use super::server::HEAD;
use super::{github, gitlab};
use crate::sandbox::Sandbox;

/// So many texts at a time that all annotations are shown: each makes two errors and a warning.
const AT_ONCE: usize = 3;

fn hostile() -> Vec<String> {
    let kinds: BTreeMap<String, Vec<String>> =
        serde_json::from_str(include_str!("../../sanitize/hostile.json")).unwrap();
    kinds.into_values().flatten().collect()
}

#[test]
fn no_text_of_the_results_becomes_a_command_an_output_or_a_marker() {
    let sandbox = Sandbox::new();
    for texts in hostile().chunks(AT_ONCE) {
        let run = hostile_run(texts);
        sandbox.write(
            "semtest-results/ci-results.json",
            json::render(&run).as_bytes(),
        );
        let job = Job::new(&sandbox);
        let done = job.publish(&[]).exits(0);
        let read = commands(&done.stdout);
        assert_eq!(commands(&done.stderr), [], "{texts:?}");
        let names: Vec<&str> = read.iter().map(|command| command.name.as_str()).collect();
        let expected = [["error"; 3], ["warning"; 3]].map(|one| one.repeat(texts.len()));
        assert_eq!(names, expected.concat(), "{texts:?}");
        for command in &read {
            let known = |key: &String| ["file", "line", "title"].contains(&key.as_str());
            assert!(command.properties.keys().all(known), "{command:?}");
        }
        let outputs = outputs(&job.outputs()).unwrap();
        let names: Vec<&str> = outputs.keys().map(String::as_str).collect();
        assert_eq!(
            names.join(" "),
            "duration_ms errored exit_code failed invalid judged non_blocking passed report_directory \
             report_json skipped status total",
            "{texts:?}"
        );
        assert_eq!(outputs["status"], "fail");
        assert_eq!(outputs["failed"], run.counts().failed.to_string());
        assert!(run.blocking().failed > 0 && run.counts().failed > run.blocking().failed);
        for page in [job.summary(), sandbox.run(&["publish", "--dry-run"]).stdout] {
            assert!(!page.is_empty());
            let last = page.trim_end().lines().next_back().unwrap_or_default();
            assert!(!last.trim_start().starts_with("<!--"), "{texts:?}: {page}");
            assert_eq!(commands(&page), [], "{texts:?}");
        }
    }
}

/// The longest comment, in bytes.
const LONGEST: usize = 60_000;

#[test]
fn no_text_of_the_results_adds_a_marker_or_a_command_to_what_is_posted() {
    let sandbox = Sandbox::new();
    for texts in hostile().chunks(AT_ONCE) {
        let mut run = hostile_run(texts);
        run.judged.commit = Some(HEAD.to_owned());
        sandbox.write(
            "semtest-results/ci-results.json",
            json::render(&run).as_bytes(),
        );
        for body in [github::text_of(&sandbox, &[]), gitlab::text_of(&sandbox)] {
            assert!(body.len() <= LONGEST, "{} bytes: {texts:?}", body.len());
            let is_hidden = |line: &&str| line.trim_start().starts_with("<!--");
            let hidden: Vec<&str> = body.lines().filter(is_hidden).collect();
            let last: Vec<&str> = body.lines().next_back().into_iter().collect();
            assert_eq!(hidden, last, "{texts:?}: {body}");
            assert!(last[0].starts_with("<!-- semtest-comment "), "{body}");
            assert_eq!(commands(&body), [], "{texts:?}: {body}");
        }
    }
}
