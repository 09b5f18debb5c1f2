//! `gl-code-quality.json`: failures as GitLab's Code Quality widget shows them in a merge request.
//!
//! Source: "Code Quality report format" in GitLab's documentation, a part of Code Climate's
//! specification; `type` and `categories` are for other readers of the latter.

use serde::Serialize;

use super::finding::{Finding, findings, problem, statement};
use crate::model::{Outcome, RunReport};
use crate::sanitize::{json_text, terminal_line, truncate};

/// The most bytes of the parts of an entry. They stand in a list, on one line.
const MAX_STATEMENT: usize = 200;
const MAX_PROBLEM: usize = 600;
const MAX_REASON: usize = 200;
const MAX_ID: usize = 100;

/// Renders what failed and what could not be judged; `[]` if there is neither.
///
/// Scenarios that could not be judged are there as `info`: were they missing, GitLab would list the
/// failures of the target branch as fixed. A failure that does not block is `minor`. All texts are plain: GitLab escapes what it shows.
#[must_use]
pub fn render(report: &RunReport) -> String {
    let is_wanted = |outcome: &Outcome| Entry::words(outcome).is_some();
    let findings = findings(report, is_wanted);
    let entries: Vec<Entry<'_>> = findings.iter().filter_map(Entry::of).collect();
    // Serializing fails for non-string keys only, and there are none.
    let json = serde_json::to_string_pretty(&entries).unwrap_or_default();
    let mut text = json_text(&json);
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Entry<'finding> {
    #[serde(rename = "type")]
    kind: &'static str,
    check_name: String,
    description: String,
    categories: [&'static str; 1],
    severity: &'static str,
    fingerprint: &'finding str,
    location: Place<'finding>,
}

#[derive(Serialize)]
struct Place<'finding> {
    path: &'finding str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    /// Code Climate demands it.
    end: u32,
}

impl<'finding> Entry<'finding> {
    fn of(finding: &'finding Finding<'_>) -> Option<Self> {
        let result = finding.result;
        let (mut severity, mut words) = Self::words(&result.outcome)?;
        if let Some(because) = result.because.as_ref().filter(|_| result.is_excused()) {
            let reason = truncate(&because.in_words(), MAX_REASON).into_owned();
            words = format!("does not block ({reason}): {words}");
            severity = if severity == "major" {
                "minor"
            } else {
                severity
            };
        }
        Some(Self {
            kind: "issue",
            check_name: format!("semtest/{}", line(&result.id, MAX_ID)),
            description: format!(
                "{}: {}",
                line(statement(result), MAX_STATEMENT),
                line(&words, MAX_PROBLEM)
            ),
            categories: ["Bug Risk"],
            severity,
            fingerprint: &finding.fingerprint,
            location: Place {
                path: &finding.path,
                lines: Lines {
                    begin: finding.line,
                    end: finding.line,
                },
            },
        })
    }

    /// How much it matters and what there is to say; `None` for what is no finding.
    fn words(outcome: &Outcome) -> Option<(&'static str, String)> {
        match outcome {
            Outcome::Fail(failure) => Some(("major", problem(failure).to_owned())),
            Outcome::Error { message } => Some(("info", format!("could not be judged: {message}"))),
            Outcome::Pass | Outcome::Invalid { .. } | Outcome::Skip { .. } => None,
        }
    }
}

fn line(text: &str, most: usize) -> String {
    terminal_line(&truncate(text, most))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::report::arbitrary;

    #[test]
    fn failures_and_errors_are_in_the_document() {
        insta::assert_snapshot!(render(&RunReport::sample()));
    }

    #[test]
    fn a_run_without_findings_is_an_empty_list() {
        assert_eq!(render(&RunReport::sample_passed()), "[]\n");
        assert_eq!(render(&RunReport::sample_interrupted()), "[]\n");
    }

    proptest! {
        #[test]
        fn every_failure_and_error_is_an_entry_that_gitlab_takes(report in arbitrary::report()) {
            let text = render(&report);
            prop_assert!(!text.contains("##"), "{}", text);
            let entries: Vec<Value> = serde_json::from_str(&text).unwrap();
            let counts = report.counts();
            prop_assert!(entries.len() <= counts.failed + counts.errored);
            let major = entries.iter().filter(|entry| entry["severity"] == "major").count();
            prop_assert!(major <= report.blocking().failed);
            for entry in entries {
                let text = |field: &str| entry[field].as_str().unwrap().to_owned();
                prop_assert!(!text("description").contains('\n'));
                prop_assert!(text("check_name").starts_with("semtest/"));
                prop_assert_eq!(text("fingerprint").len(), 64);
                prop_assert!(["major", "minor", "info"].contains(&text("severity").as_str()));
                let path = entry["location"]["path"].as_str().unwrap();
                prop_assert!(!path.is_empty() && !path.starts_with('/') && !path.starts_with("./"));
                prop_assert!(entry["location"]["lines"]["begin"].as_u64().unwrap() > 0);
            }
        }
    }
}
