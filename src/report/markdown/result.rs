//! The results of one group on the page: what needs a reader first.

use super::{MAX_FIELD, Page, code, text};
use crate::model::{Failure, Outcome, TestResult};
use crate::sanitize::{markdown_block, markdown_text, truncate};

/// Failures and errors in full, then what was not judged, then what passed; each in run order.
pub(super) fn push_all(page: &mut Page, results: &[&TestResult]) {
    let (mut passed, mut not_judged) = (Vec::new(), Vec::new());
    for result in results {
        match &result.outcome {
            Outcome::Fail(failure) => {
                push_heading(page, "✗ FAIL", result);
                push_failure(page, failure);
            }
            Outcome::Error { message } => {
                push_heading(page, "⚠ ERROR", result);
                push_field(page, "Error", message);
            }
            Outcome::Invalid { reason } => {
                let reason = reason.as_deref().unwrap_or("no testable statement");
                not_judged.push(entry(result, reason));
            }
            Outcome::Skip { reason } => not_judged.push(entry(result, reason)),
            Outcome::Pass => passed.push(entry(result, "")),
        }
    }
    // The label keeps these lists apart from the list of the failure above.
    for (label, entries) in [("Not judged", not_judged), ("Passed", passed)] {
        if !entries.is_empty() {
            page.line(format!("\n**{label}**\n\n{}", entries.join("\n")));
        }
    }
}

fn push_heading(page: &mut Page, verdict: &str, result: &TestResult) {
    page.line(format!("\n#### {verdict}: {}\n", title(result)));
    page.line(format!("- **Source:** {}", source(result)));
    page.line(format!("- **Status:** {}", result.outcome.word()));
}

fn push_failure(page: &mut Page, failure: &Failure) {
    if let Some(expectation) = &failure.expectation {
        push_field(page, "Expectation", expectation);
    }
    if let Some(observed) = &failure.observed {
        push_field(page, "Observed", observed);
    }
    if let Some(location) = &failure.location {
        page.line(format!("- **Location:** {}", code(location.as_str())));
    }
    if let Some(resolution) = &failure.resolution {
        push_field(page, "Resolution", resolution);
    }
}

/// One line of text stays in the list; several lines are a fenced block that belongs to its item.
fn push_field(page: &mut Page, label: &str, foreign: &str) {
    let foreign = truncate(foreign.trim(), MAX_FIELD);
    if !foreign.contains('\n') {
        page.line(format!("- **{label}:** {}", markdown_text(&foreign)));
        return;
    }
    page.line(format!("- **{label}:**"));
    for line in markdown_block(&foreign).lines() {
        page.line(format!("  {line}").trim_end());
    }
}

fn entry(result: &TestResult, reason: &str) -> String {
    let (word, title, source) = (result.outcome.word(), title(result), source(result));
    let reason = if reason.trim().is_empty() {
        String::new()
    } else {
        format!(": {}", text(reason))
    };
    format!("- **{word}** {title} ({source}){reason}")
}

fn title(result: &TestResult) -> String {
    let title = result.title.trim();
    text(if title.is_empty() { &result.id } else { title })
}

fn source(result: &TestResult) -> String {
    code(&format!("{}:{}", result.path, result.line))
}
