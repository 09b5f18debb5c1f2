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

/// How much of a reason stands before what was observed.
const MAX_REASON: usize = 150;

pub(super) fn outcome(result: &TestResult) -> CaseOutcome {
    if let Some(message) = excused(result) {
        return CaseOutcome::Skipped { message };
    }
    match &result.outcome {
        Outcome::Pass => CaseOutcome::Passed,
        Outcome::Fail(failure) => CaseOutcome::Failed(Problem {
            kind: "fail",
            message: failure_message(failure),
            text: failure_text(failure, &end(result)),
        }),
        Outcome::Error { message } => CaseOutcome::Errored(Problem {
            kind: "error",
            message: short(message, MAX_MESSAGE),
            text: format!("{}\n{}", truncate(message, MAX_FIELD), end(result)),
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

/// That a failure does not block: readers would call the run failed for anything but a skip.
fn excused(result: &TestResult) -> Option<String> {
    let because = result.because.as_ref().filter(|_| result.is_excused())?;
    let point = match &result.outcome {
        Outcome::Fail(failure) => failure_message(failure),
        Outcome::Error { message } => short(message, MAX_MESSAGE),
        Outcome::Pass | Outcome::Invalid { .. } | Outcome::Skip { .. } => return None,
    };
    let (word, reason) = (
        result.outcome.word(),
        short(&because.in_words(), MAX_REASON),
    );
    let message = format!("does not block: {reason}; {word}: {point}");
    Some(short(&message, MAX_MESSAGE))
}

/// The failing votes besides the one that is told as the verdict.
pub(super) fn others(result: &TestResult) -> Vec<Problem> {
    let failures = result
        .attempts
        .iter()
        .filter_map(|attempt| match &attempt.outcome {
            Outcome::Fail(failure) => Some(failure),
            Outcome::Pass
            | Outcome::Error { .. }
            | Outcome::Invalid { .. }
            | Outcome::Skip { .. } => None,
        });
    let mut failures: Vec<&Failure> = failures.collect();
    if let Outcome::Fail(verdict) = &result.outcome
        && !failures.is_empty()
    {
        let told = failures.iter().position(|failure| *failure == verdict);
        failures.remove(told.unwrap_or_default());
    }
    let problem = |failure: &Failure| Problem {
        kind: "fail",
        message: failure_message(failure),
        text: failure_text(failure, &source(result)),
    };
    failures.into_iter().map(problem).collect()
}

fn failure_message(failure: &Failure) -> String {
    let point = failure
        .observed
        .as_deref()
        .or(failure.expectation.as_deref());
    short(point.unwrap_or("the statement does not hold"), MAX_MESSAGE)
}

/// `end` stands behind it, in the full form only.
fn failure_text(failure: &Failure, end: &str) -> String {
    let fields = fields(failure);
    let all: Vec<_> = fields.iter().copied().chain(details(failure)).collect();
    let full = lines(&all, |text, _| truncate(text, MAX_FIELD).into_owned());
    let full = format!("{full}{end}");
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

/// What is too much for the short form.
fn details(failure: &Failure) -> impl Iterator<Item = (&'static str, &str)> {
    let note = failure.location_note.as_deref();
    let evidence = failure.evidence.as_deref();
    let details = [("Location note", note), ("Evidence", evidence)];
    details
        .into_iter()
        .filter_map(|(label, text)| Some((label, text?)))
}

fn lines(fields: &[(&'static str, &str)], show: impl Fn(&str, &str) -> String) -> String {
    let line = |(label, text): &(&'static str, &str)| format!("{label}: {}\n", show(text, label));
    fields.iter().map(line).collect()
}

/// Tally, why it blocks if that is not plain, and where it is stated.
fn end(result: &TestResult) -> String {
    let votes = result.votes_in_words();
    let votes = votes.map_or_else(String::new, |votes| format!("Votes: {votes}\n"));
    let because = result.because.as_ref().map_or_else(String::new, |because| {
        format!("Blocks: {}\n", short(&because.in_words(), MAX_FIELD))
    });
    format!("{votes}{because}{}", source(result))
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
