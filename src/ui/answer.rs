//! The verdict on a statement that was asked about: what a run shows at its end, without reports.

use crate::model::{Location, Outcome, RunReport, TestResult};
use crate::sanitize::{terminal_line, truncate};

use super::Verbosity;
use super::palette::Palette;
use super::summary::{DETAIL_BYTES, cost_lines, issue_lines, without_verdict};

/// What an answer is made of.
pub struct Answer<'a> {
    /// The run.
    pub report: &'a RunReport,
    /// The verdict in one line.
    pub headline: &'a str,
    /// Where the statement was saved, if it was.
    pub saved: Option<&'a str>,
}

/// The verdict on each statement, who judged, what it cost; of several, the sum in the last line.
pub(super) fn answer_lines(answer: &Answer<'_>, palette: Palette) -> Vec<String> {
    let report = answer.report;
    let mut lines = Vec::new();
    for result in &report.results {
        lines.extend(verdict_lines(result, palette));
    }
    lines.extend(issue_lines(report, palette));
    lines.push(String::new());
    lines.push(format!("Judge: {}", terminal_line(&report.judge)));
    lines.extend(cost_lines(report, Verbosity::Normal));
    lines.extend(
        answer
            .saved
            .map(|path| format!("Saved: {}", terminal_line(path))),
    );
    if report.results.len() != 1 {
        lines.extend([String::new(), answer.headline.to_owned()]);
    }
    lines
}

fn verdict_lines(result: &TestResult, palette: Palette) -> Vec<String> {
    let mut details: Vec<(&str, Option<&str>)> = Vec::new();
    let verdict = match &result.outcome {
        Outcome::Pass => palette.success("PASSED:"),
        Outcome::Fail(failure) => {
            let place = failure.location.as_ref().map(Location::as_str);
            details.push(("expected: ", failure.expectation.as_deref()));
            details.push(("observed: ", failure.observed.as_deref()));
            details.push(("at ", place));
            details.push(("place: ", failure.location_note.as_deref()));
            details.push(("evidence: ", failure.evidence.as_deref()));
            details.push(("what to do: ", failure.resolution.as_deref()));
            palette.failure("FAILED:")
        }
        Outcome::Error { message } => {
            details.push(("", Some(message)));
            let more = without_verdict(result).into_iter();
            details.extend(more.map(|(label, text)| (label, Some(text))));
            palette.warning("ERROR:")
        }
        Outcome::Invalid { reason } => {
            let reason = reason.as_deref().unwrap_or("no testable statement");
            details.push(("invalid: ", Some(reason)));
            palette.warning("NOT JUDGED:")
        }
        Outcome::Skip { reason } => {
            details.push(("", Some(reason)));
            palette.warning("NOT JUDGED:")
        }
    };
    let line = |text: &str| terminal_line(&truncate(text, DETAIL_BYTES));
    let mut lines = vec![format!("{verdict} {}", line(&result.title))];
    for (label, text) in details {
        lines.extend(text.map(|text| format!("  {label}{}", line(text))));
    }
    let votes = result.votes_in_words().filter(|_| !result.is_undecided());
    lines.extend(votes.map(|votes| format!("  votes: {votes}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(report: &RunReport, saved: Option<&str>) -> String {
        let answer = Answer {
            report,
            headline: "FAILED: 6 judged",
            saved,
        };
        answer_lines(&answer, Palette::plain()).join("\n")
    }

    #[test]
    fn every_kind_of_verdict_reads_well_without_colour() {
        insta::assert_snapshot!(answer(&RunReport::sample(), None));
    }

    #[test]
    fn one_verdict_needs_no_sum() {
        let mut report = RunReport::sample_passed();
        report.results.truncate(1);
        let shown = answer(&report, Some("semtests/a.spec.md"));
        assert_eq!(
            shown,
            "PASSED: readme exists\n\nJudge: claude-code-sonnet-4-6\n\
             Cost: 2 calls, 9 turns, 48,210 tokens, $0.18, 1m 23s\nSaved: semtests/a.spec.md"
        );
    }
}
