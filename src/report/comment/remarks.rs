//! What there is to say besides the failures, at most a line each.

use super::problem::title;
use super::text::{path, prose};
use super::{Options, Sizes};
use crate::model::{Outcome, RunReport, TestResult, grouped};
use crate::report::headline::signal_name;

/// How many names stand in one line.
const MOST_FIXED: usize = 10;
const MOST_INVALID: usize = 3;

/// What a reader must know before believing anything below.
pub(super) fn warnings(report: &RunReport, options: &Options, sizes: &Sizes) -> Vec<String> {
    let caution = options
        .caution
        .as_ref()
        .map(|caution| format!("> ⚠️ **Caution:** {}", sentence(caution, sizes.remark)));
    let untrusted = report.untrusted.as_ref().map(|reason| {
        format!(
            "> **Untrusted pull request:** {} Specs come from the base revision; only their \
             deterministic checks ran, and no agent was asked.",
            sentence(reason, sizes.remark)
        )
    });
    caution.into_iter().chain(untrusted).collect()
}

/// What was mended since the last comment.
pub(super) fn fixed(report: &RunReport, options: &Options, sizes: &Sizes) -> Option<String> {
    let change = options.change.as_ref()?;
    let results = change
        .fixed
        .iter()
        .filter_map(|&position| report.results.get(position));
    names(results, MOST_FIXED, sizes.name).map(|names| format!("✅ Fixed: {names}"))
}

/// What has no verdict, what is wrong with the suite, and why the run ended early.
pub(super) fn rest(report: &RunReport, sizes: &Sizes) -> Option<String> {
    let lines = [
        interrupted(report),
        not_judged(report, sizes),
        issues(report, sizes),
    ];
    let lines: Vec<String> = lines.into_iter().flatten().collect();
    (!lines.is_empty()).then(|| lines.join("  \n"))
}

fn interrupted(report: &RunReport) -> Option<String> {
    let signal = signal_name(report.interruption?);
    Some(format!(
        "{signal} ended this run early; what had no verdict by then counts as skip."
    ))
}

fn not_judged(report: &RunReport, sizes: &Sizes) -> Option<String> {
    let results = report.results.iter();
    let invalid = results.filter(|result| matches!(result.outcome, Outcome::Invalid { .. }));
    let mut parts = Vec::new();
    parts.extend(
        names(invalid, MOST_INVALID, sizes.name)
            .map(|names| format!("no testable statement: {names}")),
    );
    let mut reasons = report
        .results
        .iter()
        .filter_map(|result| match &result.outcome {
            Outcome::Skip { reason } => Some(reason),
            Outcome::Pass | Outcome::Fail(_) | Outcome::Error { .. } | Outcome::Invalid { .. } => {
                None
            }
        });
    if let Some(first) = reasons.next() {
        let others = reasons.clone().filter(|reason| *reason != first).count();
        let count = grouped_count(1 + reasons.count());
        let more = if others > 0 {
            ", and for other reasons"
        } else {
            ""
        };
        let why = prose(first, sizes.name);
        let why = if why.is_empty() {
            "no reason told"
        } else {
            &why
        };
        parts.push(format!("{count} skipped: {why}{more}"));
    }
    (!parts.is_empty()).then(|| format!("Not judged: {}", parts.join("; ")))
}

fn issues(report: &RunReport, sizes: &Sizes) -> Option<String> {
    let (first, rest) = report.issues.split_first()?;
    let more = match rest.len() {
        0 => String::new(),
        more => format!(" (and {} more)", grouped_count(more)),
    };
    let (kind, path) = (first.kind.word(), path(&first.path, sizes.name));
    let message = prose(&first.message, sizes.name);
    Some(format!("Validation issue: {kind} {path} {message}{more}"))
}

pub(super) fn names<'a>(
    results: impl Iterator<Item = &'a TestResult>,
    most: usize,
    bytes: usize,
) -> Option<String> {
    let mut shown = Vec::new();
    let mut more = 0;
    for result in results {
        if shown.len() < most {
            shown.push(title(result, bytes));
        } else {
            more += 1;
        }
    }
    if more > 0 {
        shown.push(format!("and {} more", grouped_count(more)));
    }
    (!shown.is_empty()).then(|| shown.join(" · "))
}

/// Foreign words, ended with a full stop if they had no end of their own.
pub(super) fn sentence(foreign: &str, most: usize) -> String {
    let foreign = foreign.trim();
    let shown = prose(foreign, most);
    if foreign.ends_with(['.', '!', '?']) || shown.ends_with('…') {
        shown
    } else {
        shown + "."
    }
}

/// A number of things, with separators.
pub(super) fn grouped_count(count: usize) -> String {
    grouped(u64::try_from(count).unwrap_or(u64::MAX))
}
