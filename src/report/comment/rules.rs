//! Failures that don't block and why, statements that no verdict can be trusted about, and what the
//! pull request changes about all that.

use super::Sizes;
use super::problem::title;
use super::remarks::{grouped_count, names};
use super::text::{path, prose};
use crate::model::{Because, Outcome, RuleChange, RunReport, TestResult};

/// How many noisy statements are named.
const MOST_NOISY: usize = 10;

/// How many files are named. There are two; results that a stranger wrote may tell of more.
const MOST_FILES: usize = 2;

/// What is different about which failures block, for the eyes of a reviewer: whoever writes the code
/// could excuse what it breaks. At the least detail only that there is something.
pub(super) fn changed(report: &RunReport, sizes: &Sizes) -> Option<String> {
    let changes = &report.rule_changes;
    if changes.is_empty() {
        return None;
    }
    if sizes.rules == 0 {
        let count = grouped_count(changes.len());
        let files = files(changes).map(|first| path(&changes[first].file, sizes.name));
        let files: Vec<String> = files.filter(|file| !file.is_empty()).collect();
        let files = match &files[..] {
            [] => String::new(),
            some => format!(" in {}", some.join(" and ")),
        };
        return Some(format!(
            "**Changes which failures block:** {count}{files}, see the full report."
        ));
    }
    let line = |RuleChange { file, text }: &RuleChange| {
        let (file, text) = (path(file, sizes.name), prose(text, sizes.text));
        let file = if file.is_empty() { "a file" } else { &file };
        format!("- In {file}: {text}").trim_end().to_owned()
    };
    let mut lines = vec!["**Changes which failures block:**\n".to_owned()];
    lines.extend(chosen(changes, sizes.rules).map(line));
    lines.extend(and_more(changes.len(), sizes.rules));
    Some(lines.join("\n"))
}

/// The places of the first change of each file, of the few files that there can be.
fn files(changes: &[RuleChange]) -> impl Iterator<Item = usize> {
    let mut seen = Vec::new();
    let firsts = changes.iter().enumerate().filter(move |(_, change)| {
        let is_new = !seen.contains(&&change.file);
        if is_new && seen.len() < MOST_FILES {
            seen.push(&change.file);
            return true;
        }
        false
    });
    firsts.map(|(at, _)| at)
}

/// The first so many changes, but one at least of each file: a long list of one must not hide that the
/// other changed too.
fn chosen(changes: &[RuleChange], most: usize) -> impl Iterator<Item = &RuleChange> {
    let firsts: Vec<usize> = files(changes).take(most).collect();
    let is_first = |at: &usize| firsts.contains(at);
    let others = (0..changes.len()).filter(|at| !is_first(at));
    let mut chosen: Vec<usize> = others.take(most - firsts.len()).collect();
    chosen.extend(&firsts);
    chosen.sort_unstable();
    chosen.into_iter().map(|at| &changes[at])
}

/// Each failure that does not block in one line, with the reason.
pub(super) fn excused(report: &RunReport, sizes: &Sizes) -> Option<String> {
    let excused = report.results.iter().filter(|result| result.is_excused());
    let line = |result: &TestResult| {
        let because = result.because.as_ref().map(Because::in_words);
        let reason = prose(&because.unwrap_or_default(), sizes.text);
        let title = title(result, sizes.name);
        let came = match result.outcome {
            Outcome::Error { .. } => format!("is undecided ({})", result.tally()),
            Outcome::Fail(_) | Outcome::Pass | Outcome::Invalid { .. } | Outcome::Skip { .. } => {
                "failed".to_owned()
            }
        };
        format!("- ⚪ **{title}** {came}: {reason}")
            .trim_end()
            .to_owned()
    };
    let shown: Vec<String> = excused.clone().take(sizes.rules).map(line).collect();
    if shown.is_empty() {
        return None;
    }
    // Without a paragraph between them two lists would be one.
    let mut lines = vec!["**Don't block:**\n".to_owned()];
    lines.extend(shown);
    lines.extend(and_more(excused.count(), sizes.rules));
    Some(lines.join("\n"))
}

/// The statements that the judge contradicts itself about, whatever came of them.
pub(super) fn noisy(report: &RunReport, sizes: &Sizes) -> Option<String> {
    let noisy = report
        .results
        .iter()
        .filter(|result| result.noise().is_some());
    let names = names(noisy, MOST_NOISY, sizes.name)?;
    Some(format!(
        "Noisy, so their failures don't block until they are rewritten and calibrated again: {names}"
    ))
}

fn and_more(count: usize, shown: usize) -> Option<String> {
    let more = count.checked_sub(shown).filter(|more| *more > 0)?;
    Some(format!("- and {} more", grouped_count(more)))
}
