//! What a case says: one line for lists, and a text whose start holds the point.

use crate::junit::{CaseOutcome, Problem};
use crate::model::{Failure, Location, Outcome, TestResult};
use crate::sanitize::truncate;

/// The most bytes of the one-line message.
const MAX_MESSAGE: usize = 300;

/// Some readers cut a text after 2,000 characters; a longer one starts with a short form of itself.
const MAX_SHORT: usize = 2000;

/// The most bytes of a field in the short form: three of them, a location and labels fit.
const MAX_SHORT_FIELD: usize = 500;
const MAX_SHORT_LOCATION: usize = 250;

/// The most bytes of a field at all. GitLab's XML reader refuses texts of 10 MB.
const MAX_FIELD: usize = 64 * 1024;

pub(super) fn outcome(result: &TestResult) -> CaseOutcome {
    match &result.outcome {
        Outcome::Pass => CaseOutcome::Passed,
        Outcome::Fail(failure) => CaseOutcome::Failed(Problem {
            kind: "fail",
            message: failure_message(failure),
            text: failure_text(result, failure),
        }),
        Outcome::Error { message } => CaseOutcome::Errored(Problem {
            kind: "error",
            message: short(message, MAX_MESSAGE),
            text: format!("{}\n{}", truncate(message, MAX_FIELD), source(result)),
        }),
        Outcome::Invalid { reason } => {
            let reason = reason.as_deref().unwrap_or("no testable statement");
            CaseOutcome::Skipped {
                message: short(&format!("invalid: {reason}"), MAX_MESSAGE),
            }
        }
        Outcome::Skip { reason } => CaseOutcome::Skipped {
            message: short(&format!("skip: {reason}"), MAX_MESSAGE),
        },
    }
}

fn failure_message(failure: &Failure) -> String {
    let point = failure
        .observed
        .as_deref()
        .or(failure.expectation.as_deref());
    short(point.unwrap_or("the statement does not hold"), MAX_MESSAGE)
}

fn failure_text(result: &TestResult, failure: &Failure) -> String {
    let fields = fields(failure);
    let full = lines(&fields, |text, _| truncate(text, MAX_FIELD).into_owned());
    let full = format!("{full}{}", source(result));
    if full.chars().count() <= MAX_SHORT {
        return full;
    }
    let point = lines(&fields, |text, label| {
        let is_location = label == "Location";
        short(
            text,
            if is_location {
                MAX_SHORT_LOCATION
            } else {
                MAX_SHORT_FIELD
            },
        )
    });
    format!("{point}\nIn full:\n{full}")
}

fn fields(failure: &Failure) -> Vec<(&'static str, &str)> {
    let fields = [
        ("Expectation", failure.expectation.as_deref()),
        ("Observed", failure.observed.as_deref()),
        ("Location", failure.location.as_ref().map(Location::as_str)),
        ("Resolution", failure.resolution.as_deref()),
    ];
    fields
        .into_iter()
        .filter_map(|(label, text)| Some((label, text?)))
        .collect()
}

fn lines(fields: &[(&'static str, &str)], show: impl Fn(&str, &str) -> String) -> String {
    let line = |(label, text): &(&'static str, &str)| format!("{label}: {}\n", show(text, label));
    fields.iter().map(line).collect()
}

fn source(result: &TestResult) -> String {
    format!("Source: {}:{}", result.path, result.line)
}

/// On one line, with runs of white space folded.
fn short(text: &str, most: usize) -> String {
    let folded: Vec<&str> = text.split_whitespace().collect();
    truncate(&folded.join(" "), most).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RunReport;

    fn text_of(failure: Failure) -> (String, String) {
        let mut result = RunReport::sample().results.remove(0);
        result.outcome = Outcome::Fail(failure);
        let CaseOutcome::Failed(problem) = outcome(&result) else {
            panic!("not a failure");
        };
        (problem.message, problem.text)
    }

    #[test]
    fn the_first_2000_characters_of_a_long_text_hold_all_four_points() {
        let long = |word: &str| Some(format!("{word} {}", "x\n".repeat(5_000)));
        let (message, text) = text_of(Failure {
            expectation: long("expected"),
            observed: long("observed"),
            location: Location::parse(&"directory/".repeat(100)),
            location_note: None,
            evidence: None,
            resolution: long("resolve"),
        });
        let start: String = text.chars().take(2_000).collect();
        let points = [
            "Expectation: expected",
            "Observed: observed",
            "Location: dir",
            "Resolution: resolve",
        ];
        let places: Vec<usize> = points
            .iter()
            .map(|point| start.find(point).unwrap())
            .collect();
        assert!(places.is_sorted(), "{places:?}");
        assert!(
            text.matches("x\n").count() > 14_000,
            "the full text is there too"
        );
        assert!(message.starts_with("observed x x") && message.chars().count() <= 301);
    }

    #[test]
    fn a_text_is_bounded() {
        let (_, text) = text_of(Failure {
            observed: Some("é".repeat(1_000_000)),
            ..Failure::default()
        });
        assert!(text.len() < 200_000);
    }

    #[test]
    fn a_failure_that_tells_nothing_has_a_message() {
        let (message, text) = text_of(Failure::default());
        assert_eq!(message, "the statement does not hold");
        assert_eq!(text, "Source: specs/structure.spec.md:1");
    }
}
