//! One failure or error, in at most ten lines: the statement, what was observed, where, and the
//! commands that judge just this one again and let it be for a while.

use super::Options;
use super::text::{path, prose};
use crate::model::{Outcome, RunReport, TestResult};
use crate::report::again::again;
use crate::report::waive::waive;
use crate::sanitize::markdown_block;

/// Ends a line within a paragraph: GitHub breaks there anyway, GitLab does not.
const BREAK: &str = "  \n";

/// How much of a location is shown, in bytes.
const LONGEST_PLACE: usize = 80;

/// A failure or error of the run that blocks.
#[derive(Clone, Copy)]
pub(super) struct Problem<'a> {
    pub(super) report: &'a RunReport,
    pub(super) result: &'a TestResult,
    /// Whether it did not fail when the last comment was written.
    pub(super) is_new: bool,
}

/// Failures that block, the new ones first, then errors; each in run order.
pub(super) fn problems<'a>(report: &'a RunReport, options: &Options) -> Vec<Problem<'a>> {
    let new = options
        .change
        .as_ref()
        .map_or(&[][..], |change| &change.new);
    let of = |(position, result)| Problem {
        report,
        result,
        is_new: new.binary_search(&position).is_ok(),
    };
    let all = report.results.iter().enumerate().map(of);
    let mut problems: Vec<Problem<'_>> = all.filter(|one| one.rank().is_some()).collect();
    problems.sort_by_key(Problem::rank);
    problems
}

impl Problem<'_> {
    fn rank(&self) -> Option<u8> {
        match self.result.outcome {
            _ if !self.result.blocks() => None,
            Outcome::Fail(_) if self.is_new => Some(0),
            Outcome::Fail(_) => Some(1),
            Outcome::Error { .. } => Some(2),
            Outcome::Pass | Outcome::Invalid { .. } | Outcome::Skip { .. } => None,
        }
    }

    fn sign(&self) -> &'static str {
        match self.result.outcome {
            Outcome::Fail(_) => "❌",
            Outcome::Error { .. }
            | Outcome::Pass
            | Outcome::Invalid { .. }
            | Outcome::Skip { .. } => "⚠️",
        }
    }

    /// In full; `most` bytes of each text are shown.
    pub(super) fn in_full(&self, options: &Options, most: usize) -> String {
        let mut lines = vec![self.heading(most)];
        lines.extend(self.observed(most));
        let last = [self.place(options, most)]
            .into_iter()
            .chain(self.expired(most));
        lines.push(last.collect::<Vec<_>>().join(" · "));
        let mut shown = lines.join(BREAK);
        let (report, result) = (self.report, self.result);
        if let Some(command) = again(report, result) {
            shown.push('\n');
            shown.push_str(markdown_block(&command).trim_end());
        }
        if let Some(command) = waive(report, result) {
            shown.push_str("\nOr let it pass for a while:\n");
            shown.push_str(markdown_block(&command).trim_end());
        }
        shown
    }

    /// In one line of a list.
    pub(super) fn in_one_line(&self, most: usize) -> String {
        format!("- {}", self.heading(most))
    }

    fn heading(&self, most: usize) -> String {
        let new = if self.is_new { " `new`" } else { "" };
        format!("{} **{}**{new}", self.sign(), title(self.result, most))
    }

    fn observed(&self, most: usize) -> Option<String> {
        let (label, told) = match &self.result.outcome {
            Outcome::Fail(failure) => match (&failure.observed, &failure.expectation) {
                (Some(observed), _) => ("Observed", observed),
                (None, Some(expectation)) => ("Expected", expectation),
                (None, None) => return None,
            },
            Outcome::Error { message } => ("Could not be judged", message),
            Outcome::Pass | Outcome::Invalid { .. } | Outcome::Skip { .. } => return None,
        };
        let told = prose(told, most);
        let advice = self.result.advice();
        let advice = advice.map_or_else(String::new, |advice| format!("; {advice}"));
        (!told.is_empty()).then(|| format!("{label}: {told}{advice}"))
    }

    /// That its waiver does not excuse it any more; on the line of the place, so that lines stay few.
    fn expired(&self, most: usize) -> Option<String> {
        let because = self.result.because.as_ref()?;
        let told = prose(&because.in_words(), most);
        (!told.is_empty()).then(|| format!("blocks: {told}"))
    }

    /// The place in the code, and the statement's in its spec. An error has the former of a failing
    /// vote, behind what that saw.
    fn place(&self, options: &Options, most: usize) -> String {
        // Of an undecided one the message has them.
        let votes = self.result.votes_in_words();
        let votes = votes.filter(|_| !self.result.is_undecided());
        let votes = votes.map_or_else(String::new, |votes| format!(" · votes: {votes}"));
        let (report, result) = (self.report, self.result);
        let statement = options.links.statement(report, result);
        let vote = result.failing_vote();
        let location = match &result.outcome {
            Outcome::Fail(failure) => failure.location.as_ref(),
            Outcome::Error { .. }
            | Outcome::Pass
            | Outcome::Invalid { .. }
            | Outcome::Skip { .. } => vote.and_then(|(_, location)| location),
        };
        let observed = vote.map(|(observed, _)| prose(observed, most));
        let observed = observed.filter(|observed| !observed.is_empty());
        let start = |word: &str| match &observed {
            Some(observed) => {
                let word = word.to_lowercase();
                format!("Observed by a failing vote: {observed} · {word}")
            }
            None => word.to_owned(),
        };
        let Some(location) = location else {
            let source = format!("{}:{}", result.path, result.line);
            return format!(
                "{} {}{votes}",
                start("Stated in"),
                linked(&path(&source, LONGEST_PLACE), statement)
            );
        };
        let shown = path(location.as_str(), LONGEST_PLACE);
        let place = linked(&shown, options.links.location(report, location));
        let stated =
            statement.map_or_else(String::new, |address| format!(" · [statement]({address})"));
        format!("{} {place}{stated}{votes}", start("At"))
    }
}

/// The title, or what there is instead of one.
pub(super) fn title(result: &TestResult, most: usize) -> String {
    let named = [&result.title, &result.id, &result.path];
    let mut shown = named.map(|name| prose(name, most)).into_iter();
    let shown = shown.find(|name| !name.is_empty());
    shown.unwrap_or_else(|| "(no title)".to_owned())
}

fn linked(shown: &str, address: Option<String>) -> String {
    match address {
        Some(address) if !shown.is_empty() => format!("[{shown}]({address})"),
        Some(_) | None if shown.is_empty() => "(no name)".to_owned(),
        Some(_) | None => shown.to_owned(),
    }
}
