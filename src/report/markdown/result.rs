//! The results of one group on the page: what needs a reader first.

use super::{Options, Page, code};
use crate::model::{Failure, Location, Outcome, RunReport, TestResult};
use crate::report::finding::statement;
use crate::report::waive::waive;
use crate::sanitize::{markdown_block, markdown_text, truncate};

/// Failures and errors in full, those that don't block behind the others, then what was not judged,
/// then what passed; each in run order.
pub(super) fn push_all(
    page: &mut Page,
    results: &[&TestResult],
    report: &RunReport,
    options: &Options<'_>,
) {
    let writer = Writer { report, options };
    let (mut passed, mut not_judged) = (Vec::new(), Vec::new());
    let (excused, others): (Vec<&TestResult>, Vec<&TestResult>) =
        results.iter().partition(|result| result.is_excused());
    for result in others.into_iter().chain(excused) {
        match &result.outcome {
            Outcome::Fail(_) | Outcome::Error { .. } => writer.push_problem(page, result),
            Outcome::Invalid { reason } => {
                let reason = reason.as_deref().unwrap_or("no testable statement");
                not_judged.push(writer.entry(result, reason));
            }
            Outcome::Skip { reason } => not_judged.push(writer.entry(result, reason)),
            Outcome::Pass => {
                let votes = result.contested_votes();
                passed.push(writer.entry(result, votes.as_deref().unwrap_or_default()));
            }
        }
    }
    // The label keeps these lists apart from the list of the failure above.
    for (label, entries) in [("Not judged", not_judged), ("Passed", passed)] {
        if !entries.is_empty() {
            page.line(format!("\n**{label}**\n\n{}", entries.join("\n")));
        }
    }
}

/// What all results of a page have in common.
pub(super) struct Writer<'a> {
    pub(super) report: &'a RunReport,
    pub(super) options: &'a Options<'a>,
}

impl Writer<'_> {
    /// A failure or an error, with what excuses it or how it can be.
    fn push_problem(&self, page: &mut Page, result: &TestResult) {
        let verdict = match result.outcome {
            Outcome::Fail(_) => "✗ FAIL",
            Outcome::Error { .. }
            | Outcome::Pass
            | Outcome::Invalid { .. }
            | Outcome::Skip { .. } => "⚠ ERROR",
        };
        let excused = if result.is_excused() {
            " (does not block)"
        } else {
            ""
        };
        page.line(format!(
            "\n#### {verdict}{excused}: {}\n",
            self.title(result)
        ));
        page.line(format!("- **Source:** {}", self.source(result)));
        page.line(format!("- **Status:** {}", result.outcome.word()));
        if let Some(votes) = result.votes_in_words() {
            page.line(format!("- **Votes:** {votes}"));
        }
        if let Some(because) = &result.because {
            let label = if because.blocks() {
                "Blocks"
            } else {
                "Does not block"
            };
            self.push_field(page, label, &one_line(&because.in_words()));
        }
        match &result.outcome {
            Outcome::Fail(failure) => self.push_failure(page, failure),
            Outcome::Error { message } => {
                self.push_field(page, "Error", message);
                self.push_failing_vote(page, result);
            }
            Outcome::Pass | Outcome::Invalid { .. } | Outcome::Skip { .. } => {}
        }
        if let Some(command) = waive(self.report, result) {
            page.line(format!("- **To let it be for now:** {}", code(&command)));
        }
    }

    /// What spoke against a statement that has no verdict.
    fn push_failing_vote(&self, page: &mut Page, result: &TestResult) {
        if let Some((observed, location)) = result.failing_vote() {
            self.push_field(page, "Observed by a failing vote", observed);
            if let Some(location) = location {
                self.push_place(page, "At", location);
            }
        }
        if let Some(advice) = result.advice() {
            page.line(format!("- **What to do:** {advice}"));
        }
    }

    fn push_failure(&self, page: &mut Page, failure: &Failure) {
        if let Some(expectation) = &failure.expectation {
            self.push_field(page, "Expectation", expectation);
        }
        if let Some(observed) = &failure.observed {
            self.push_field(page, "Observed", observed);
        }
        if let Some(location) = &failure.location {
            self.push_place(page, "Location", location);
        }
        if let Some(note) = &failure.location_note {
            self.push_field(page, "Location note", note);
        }
        if let Some(evidence) = &failure.evidence {
            self.push_block(page, "Evidence", evidence);
        }
        if let Some(resolution) = &failure.resolution {
            self.push_field(page, "Resolution", resolution);
        }
    }

    fn push_place(&self, page: &mut Page, label: &str, location: &Location) {
        let address = self.options.links.location(self.report, location);
        let place = linked(code(location.as_str()), address);
        page.line(format!("- **{label}:** {place}"));
    }

    /// One line of text stays in the list; several lines are a fenced block that belongs to its item.
    fn push_field(&self, page: &mut Page, label: &str, foreign: &str) {
        let foreign = truncate(foreign.trim(), self.options.longest_text);
        if !foreign.contains('\n') {
            page.line(format!("- **{label}:** {}", markdown_text(&foreign)));
            return;
        }
        self.push_block(page, label, &foreign);
    }

    /// A fenced block that belongs to an item of the list.
    fn push_block(&self, page: &mut Page, label: &str, foreign: &str) {
        let foreign = truncate(foreign, self.options.longest_text);
        page.line(format!("- **{label}:**"));
        for line in markdown_block(&foreign).lines() {
            page.line(format!("  {line}").trim_end());
        }
    }

    pub(super) fn entry(&self, result: &TestResult, reason: &str) -> String {
        let word = result.outcome.word();
        let (title, source) = (self.title(result), self.source(result));
        let reason = if reason.trim().is_empty() {
            String::new()
        } else {
            format!(": {}", self.text(reason))
        };
        format!("- **{word}** {title} ({source}){reason}")
    }

    pub(super) fn title(&self, result: &TestResult) -> String {
        self.text(statement(result))
    }

    pub(super) fn source(&self, result: &TestResult) -> String {
        let address = self.options.links.statement(self.report, result);
        linked(code(&format!("{}:{}", result.path, result.line)), address)
    }

    fn text(&self, foreign: &str) -> String {
        markdown_text(&truncate(foreign, self.options.longest_text))
    }
}

/// Blanks folded: a reason is a sentence.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn linked(shown: String, address: Option<String>) -> String {
    match address {
        Some(address) => format!("[{shown}]({address})"),
        None => shown,
    }
}
