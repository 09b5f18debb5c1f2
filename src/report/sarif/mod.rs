//! `semtest.sarif`: failures as GitHub's code scanning shows them, in SARIF 2.1.0.
//!
//! Sources: the OASIS standard, and "SARIF support for code scanning" in GitHub's documentation for
//! what must be there and for the limits. The shape is plain structs ([`document`]), a small part of
//! the standard: the crate that has all of it generates its code while it is built, and needs eight
//! more crates for that.

mod document;

use std::collections::BTreeMap;

use percent_encoding::utf8_percent_encode;

use super::again::again;
use super::finding::{Finding, findings, problem, statement};
use super::place::ESCAPED;
use crate::digest::digest;
use crate::exit::Exit;
use crate::model::{Failure, Interruption, Outcome, RunReport, TestResult};
use crate::sanitize::{json_text, sarif_text, truncate};
use document::{
    Artifact, Descriptor, Document, Driver, Fingerprints, Invocation, Level, Location, Message,
    Notification, PhysicalLocation, Properties, Region, Run, Severity, Tool,
};

/// The most results of a run that GitHub takes; it shows the first 5,000. There is a rule for each.
const MAX_RESULTS: usize = 25_000;

/// The most characters of a text that describes a rule. Messages keep to it too: GitHub repeats
/// them beside the code.
const MAX_TEXT: usize = 1024;

/// The most characters of a rule's name. Its id keeps to it too.
const MAX_NAME: usize = 255;

/// Renders what failed. What could not be judged is no finding about the code: it stands among the
/// notifications of the tool.
///
/// A failure is a `warning`, not an `error`: an `error` would make GitHub's own check block a merge,
/// beside the exit code whose business that is. One that does not block is a `note`.
#[must_use]
pub fn render(report: &RunReport) -> String {
    let failures = findings(report, |outcome| matches!(outcome, Outcome::Fail(_)));
    let shown = failures.get(..MAX_RESULTS).unwrap_or(&failures);
    let (rules, results) = rules_and_results(report, shown);
    let document = Document::of(Run {
        tool: Tool {
            driver: Driver {
                name: "semtest",
                semantic_version: text(&report.version, MAX_NAME, "unknown"),
                information_uri: env!("CARGO_PKG_REPOSITORY"),
                rules,
            },
        },
        invocations: [invocation(report, failures.len() - shown.len())],
        results,
    });
    // Serializing fails for non-string keys only, and there are none.
    let json = serde_json::to_string_pretty(&document).unwrap_or_default();
    let mut text = json_text(&json);
    text.push('\n');
    text
}

fn rules_and_results(
    report: &RunReport,
    findings: &[Finding<'_>],
) -> (Vec<Descriptor>, Vec<document::Finding>) {
    let (mut rules, mut results) = (Vec::new(), Vec::new());
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        let Outcome::Fail(failure) = &finding.result.outcome else {
            continue;
        };
        let id = rule_id(finding);
        let index = *places.entry(id.clone()).or_insert_with(|| {
            rules.push(rule(report, finding, id.clone()));
            rules.len() - 1
        });
        results.push(document::Finding {
            rule_id: id,
            rule_index: index,
            level: if finding.result.blocks() {
                Level::Warning
            } else {
                Level::Note
            },
            message: Message {
                text: message(finding.result, failure),
            },
            locations: [location(&finding.path, finding.line)],
            partial_fingerprints: Fingerprints {
                primary_location_line_hash: finding.fingerprint.clone(),
            },
        });
    }
    (rules, results)
}

/// The path of the spec and the id, as a user names a single scenario, for as long as it can be shown
/// like that; else what can be shown and a hash of the whole.
fn rule_id(finding: &Finding<'_>) -> String {
    let whole = format!("{}#{}", finding.spec, finding.result.id);
    let shown = text(&whole, MAX_NAME, "");
    if shown == whole {
        return whole;
    }
    let start = text(&whole, MAX_NAME - 17, "");
    let digits = digest(&[&whole]);
    format!("{start}~{}", &digits[..16])
}

/// Nothing here is a model's, so that a rule stays the same from run to run.
fn rule(report: &RunReport, finding: &Finding<'_>, id: String) -> Descriptor {
    let result = finding.result;
    let title = statement(result);
    Descriptor {
        id,
        name: text(title, MAX_NAME, "statement"),
        short_description: Message {
            text: text(title, MAX_TEXT, "statement"),
        },
        full_description: Message {
            text: text(
                &format!("The code does not do what {} says: {title}", finding.spec),
                MAX_TEXT,
                "statement",
            ),
        },
        help: Message {
            text: help(report, finding),
        },
        default_configuration: Severity {
            level: Level::Warning,
        },
        properties: Properties {
            precision: "medium",
            severity: "warning",
            tags: ["semtest"],
        },
    }
}

/// Where the statement stands and how it is judged again. A command that would have to be changed to
/// be shown is no use.
fn help(report: &RunReport, finding: &Finding<'_>) -> String {
    let result = finding.result;
    let source = format!("It stands in {}, line {}.", finding.spec, result.line);
    let command = again(report, result);
    let whole = command.map(|command| format!("{source} To judge it again: {command}"));
    let shown = whole.filter(|whole| text(whole, MAX_TEXT, "") == *whole);
    shown.unwrap_or_else(|| text(&source, MAX_TEXT, "statement"))
}

/// What was observed and what to do about it, as sentences.
fn message(result: &TestResult, failure: &Failure) -> String {
    let mut words = match result.because.as_ref().filter(|_| result.is_excused()) {
        Some(because) => {
            let reason = because.in_words();
            let reason = sentence(&truncate(&reason, MAX_NAME));
            format!("Does not block: {reason} {}", sentence(problem(failure)))
        }
        None => sentence(problem(failure)),
    };
    if let Some(resolution) = failure.resolution.as_deref().map(str::trim)
        && !sarif_text(resolution).is_empty()
    {
        // A remedy behind an endless observation would be cut off.
        words = truncate(&words, MAX_TEXT / 2).into_owned();
        words.push_str(" What to do: ");
        words.push_str(&sentence(resolution));
    }
    text(&words, MAX_TEXT, "The statement does not hold.")
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    let end = if text.ends_with(['.', '!', '?', '…', ':']) {
        ""
    } else {
        "."
    };
    format!("{text}{end}")
}

fn invocation(report: &RunReport, left_out: usize) -> Invocation {
    let exit = report.exit();
    let signal = report.interruption.map(|signal| match signal {
        Interruption::Interrupt => "SIGINT",
        Interruption::Terminate => "SIGTERM",
    });
    let errors = findings(report, |outcome| matches!(outcome, Outcome::Error { .. }));
    let mut notifications: Vec<Notification> = errors.iter().filter_map(not_judged).collect();
    // As with results, more than anybody reads.
    notifications.truncate(MAX_RESULTS);
    if left_out > 0 {
        notifications.push(Notification {
            level: Level::Warning,
            message: Message {
                text: format!("{left_out} more failures are in ci-results.json."),
            },
            locations: Vec::new(),
        });
    }
    let end = report.started.checked_add(report.duration).ok();
    Invocation {
        execution_successful: match exit {
            Exit::Passed | Exit::Failed => true,
            Exit::Error | Exit::Interrupted | Exit::Terminated => false,
        },
        exit_code: exit.code(),
        exit_signal_name: signal,
        start_time_utc: format!("{:.3}", report.started),
        end_time_utc: end.map(|moment| format!("{moment:.3}")),
        tool_execution_notifications: notifications,
    }
}

fn not_judged(finding: &Finding<'_>) -> Option<Notification> {
    let result: &TestResult = finding.result;
    let Outcome::Error { message } = &result.outcome else {
        return None;
    };
    let words = format!(
        "{} could not be judged: {}",
        truncate(statement(result), MAX_NAME),
        sentence(message)
    );
    Some(Notification {
        level: if result.blocks() {
            Level::Error
        } else {
            Level::Warning
        },
        message: Message {
            text: text(&words, MAX_TEXT, "Something could not be judged."),
        },
        locations: vec![location(&finding.path, finding.line)],
    })
}

fn location(path: &str, line: u32) -> Location {
    Location {
        physical_location: PhysicalLocation {
            artifact_location: Artifact {
                uri: utf8_percent_encode(path, ESCAPED).to_string(),
            },
            region: Region { start_line: line },
        },
    }
}

/// At most so many characters that are safe to show, or `fallback`: GitHub refuses empty texts.
fn text(foreign: &str, most: usize, fallback: &str) -> String {
    let mut bytes = most;
    loop {
        // What makes a text safe can make it longer, and has to come after the cut.
        let safe = sarif_text(&truncate(foreign, bytes));
        if safe.is_empty() {
            return fallback.to_owned();
        }
        if safe.chars().count() <= most {
            return safe;
        }
        bytes = bytes / 4 * 3;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::report::arbitrary;

    fn run(report: &RunReport) -> Value {
        let document: Value = serde_json::from_str(&render(report)).unwrap();
        document["runs"][0].clone()
    }

    fn items<'a>(value: &'a Value, field: &str) -> &'a [Value] {
        value[field].as_array().map_or(&[], Vec::as_slice)
    }

    fn failing(failure: Failure) -> RunReport {
        let mut report = RunReport::sample();
        report.results.truncate(1);
        report.results[0].outcome = Outcome::Fail(failure);
        report
    }

    #[test]
    fn every_failure_is_a_result_and_every_error_a_notification() {
        insta::assert_snapshot!(render(&RunReport::sample()));
    }

    #[test]
    fn a_run_without_findings_has_an_empty_list_of_results() {
        let run = run(&RunReport::sample_passed());
        assert_eq!(run["results"], serde_json::json!([]));
        assert_eq!(run["tool"]["driver"]["rules"], serde_json::json!([]));
        assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    }

    #[test]
    fn a_run_that_was_cut_short_says_so() {
        let run = run(&RunReport::sample_interrupted());
        let invocation = &run["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        assert_eq!(invocation["exitSignalName"], "SIGINT");
        assert_eq!(invocation["exitCode"], 130);
    }

    #[test]
    fn paths_are_relative_references() {
        let location = crate::model::Location::parse("src/a b#c%20/é?.rs:3");
        let mut report = failing(Failure {
            location,
            ..Failure::default()
        });
        report.judged.directory.clear();
        let place = &run(&report)["results"][0]["locations"][0]["physicalLocation"];
        let uri = "src/a%20b%23c%2520/%C3%A9%3F.rs";
        assert_eq!(place["artifactLocation"]["uri"], uri);
        assert_eq!(place["region"]["startLine"], 3);
    }

    #[test]
    fn an_endless_observation_leaves_room_for_the_remedy() {
        let failure = Failure {
            observed: Some("a](b ".repeat(1000)),
            resolution: Some("Close it".into()),
            ..Failure::default()
        };
        let report = failing(failure.clone());
        let message = message(&report.results[0], &failure);
        assert!(message.ends_with("… What to do: Close it."), "{message}");
        assert!(message.chars().count() <= MAX_TEXT && !message.contains("]("));
    }

    #[test]
    fn scenarios_whose_ids_can_not_be_shown_stay_apart() {
        let mut report = failing(Failure::default());
        let mut other = report.results[0].clone();
        report.results[0].id = "x".repeat(300) + "a";
        other.id = "x".repeat(300) + "b";
        report.results.push(other);
        let run = run(&report);
        let ids: Vec<&str> = items(&run, "results")
            .iter()
            .map(|result| result["ruleId"].as_str().unwrap())
            .collect();
        assert!(ids[0] != ids[1] && ids.iter().all(|id| id.len() <= MAX_NAME));
    }

    #[test]
    fn more_failures_than_github_takes_are_counted() {
        let mut report = failing(Failure::default());
        report.results = vec![report.results[0].clone(); MAX_RESULTS + 2];
        let run = run(&report);
        assert_eq!(items(&run, "results").len(), MAX_RESULTS);
        let notifications = &run["invocations"][0]["toolExecutionNotifications"];
        assert_eq!(
            notifications[0]["message"]["text"],
            "2 more failures are in ci-results.json."
        );
    }

    #[test]
    fn nothing_in_a_rule_is_the_models() {
        let rule_of = |failure| run(&failing(failure))["tool"]["driver"]["rules"].clone();
        let told = Failure {
            expectation: Some("e".into()),
            observed: Some("o".into()),
            location: None,
            location_note: None,
            evidence: None,
            resolution: Some("r".into()),
        };
        assert_eq!(rule_of(told), rule_of(Failure::default()));
    }

    /// Every `text` below `value`.
    fn texts(value: &Value) -> Vec<&str> {
        match value {
            Value::Object(fields) => {
                let own = value["text"].as_str();
                own.into_iter()
                    .chain(fields.values().flat_map(texts))
                    .collect()
            }
            Value::Array(values) => values.iter().flat_map(texts).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
        }
    }

    proptest! {
        #[test]
        fn what_github_demands_is_there(report in arbitrary::report()) {
            prop_assert!(!render(&report).contains("##"));
            let run = run(&report);
            for text in texts(&run) {
                let length = text.chars().count();
                prop_assert!((1..=MAX_TEXT).contains(&length), "{}", text);
                prop_assert!(!text.contains("](") && !text.contains('\n'), "{}", text);
            }
            let rules = items(&run["tool"]["driver"], "rules");
            let ids: BTreeSet<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
            prop_assert_eq!(ids.len(), rules.len());
            prop_assert!(items(&run, "results").len() <= report.counts().failed);
            for result in items(&run, "results") {
                let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                prop_assert_eq!(&rules[index]["id"], &result["ruleId"]);
                prop_assert!(!result["ruleId"].as_str().unwrap().is_empty());
                let is_note = result["level"] == "note";
                let text = result["message"]["text"].as_str().unwrap();
                prop_assert_eq!(is_note, text.starts_with("Does not block: "));
                let place = &result["locations"][0]["physicalLocation"];
                let uri = place["artifactLocation"]["uri"].as_str().unwrap();
                prop_assert!(!uri.is_empty() && !uri.starts_with('/'));
                prop_assert!(uri.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte)), "{}", uri);
                prop_assert!(place["region"]["startLine"].as_u64().unwrap() > 0);
            }
        }
    }
}
