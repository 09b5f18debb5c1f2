//! The lines of a run: one a file, and the end. Pure functions from results to text.

use crate::model::{Counts, Location, Outcome, RunReport, RunStatus, TestResult, time_in_words};
use crate::sanitize::{shell_word, terminal_line, truncate};

use super::Verbosity;
use super::palette::Palette;

/// How much of an observation or an error stands at the end of a run. The reports have all of it.
pub(super) const DETAIL_BYTES: usize = 600;

/// How many reasons are given for nothing having been judged.
const MOST_REASONS: usize = 5;

/// What is shown when a file is done: its line, and with `--verbose` one a scenario.
pub(super) fn file_lines(
    label: &str,
    path: &str,
    results: &[TestResult],
    verbosity: Verbosity,
    palette: Palette,
) -> Vec<String> {
    if verbosity == Verbosity::Quiet {
        return Vec::new();
    }
    let counts = Counts::of(results.iter().map(|result| &result.outcome));
    let block = results.iter().filter(|result| result.blocks());
    let block = Counts::of(block.map(|result| &result.outcome));
    let sign = if block.errored > 0 {
        palette.warning("⚠")
    } else if block.failed > 0 {
        palette.failure("✗")
    } else if counts.judged() == 0 {
        palette.faint("-")
    } else {
        palette.success("✔")
    };
    let mut lines = vec![format!(
        "{sign} {label} {} · {}",
        terminal_line(path),
        in_words(&counts, &block)
    )];
    if verbosity == Verbosity::Verbose {
        lines.extend(
            results
                .iter()
                .flat_map(|result| scenario_lines(result, palette)),
        );
    }
    lines
}

/// What does not block is told apart from what does.
fn in_words(counts: &Counts, block: &Counts) -> String {
    let parts = [
        (counts.passed, "passed"),
        (block.failed, "failed"),
        (block.errored, "errored"),
        (counts.failed - block.failed, "failed (not blocking)"),
        (counts.errored - block.errored, "undecided (not blocking)"),
        (counts.invalid, "invalid"),
        (counts.skipped, "skipped"),
    ];
    let shown: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    shown.join(", ")
}

fn scenario_lines(result: &TestResult, palette: Palette) -> Vec<String> {
    let sign = match &result.outcome {
        _ if result.is_excused() => palette.faint("○"),
        Outcome::Pass => palette.success("✔"),
        Outcome::Fail(_) => palette.failure("✗"),
        Outcome::Error { .. } => palette.warning("⚠"),
        Outcome::Invalid { .. } | Outcome::Skip { .. } => palette.faint("-"),
    };
    let mut lines = vec![format!("    {sign} {}", terminal_line(&result.id))];
    match &result.outcome {
        Outcome::Pass => {}
        Outcome::Fail(failure) => {
            lines.extend(labelled("expected", failure.expectation.as_deref()));
            lines.extend(labelled("observed", failure.observed.as_deref()));
            lines.extend(labelled("evidence", failure.evidence.as_deref()));
            lines.extend(labelled("place", failure.location_note.as_deref()));
        }
        Outcome::Error { message } => {
            lines.extend(labelled("error", Some(message)));
            let more = without_verdict(result).into_iter();
            lines.extend(
                more.map(|(label, text)| format!("        {label}{}", terminal_line(text))),
            );
        }
        Outcome::Invalid { reason } => lines.extend(labelled("invalid", reason.as_deref())),
        Outcome::Skip { reason } => lines.extend(labelled("skip", Some(reason))),
    }
    let votes = result.votes_in_words();
    lines.extend(labelled("votes", votes.as_deref()));
    lines.extend(reason(result).map(|(label, text)| format!("        {label}: {text}")));
    lines
}

/// Why it blocks or does not, where its outcome alone does not say so.
fn reason(result: &TestResult) -> Option<(&'static str, String)> {
    let because = result.because.as_ref()?;
    let label = if because.blocks() {
        "blocks"
    } else {
        "does not block"
    };
    let words = because.in_words();
    Some((label, terminal_line(&truncate(&words, DETAIL_BYTES))))
}

fn labelled(label: &str, text: Option<&str>) -> Option<String> {
    text.map(|text| format!("        {label}: {}", terminal_line(text)))
}

/// What the end of a run is made of.
pub struct Ending<'a> {
    /// The run.
    pub report: &'a RunReport,
    /// The written report files.
    pub paths: &'a [String],
    /// The verdict in one line.
    pub headline: &'a str,
    /// How a single scenario is run again: the command without the scenario.
    pub again: &'a [String],
}

/// The end of a run. The last line says what was judged; a bare verdict would hide a suite in which
/// almost nothing was.
pub(super) fn end_lines(
    ending: &Ending<'_>,
    verbosity: Verbosity,
    palette: Palette,
) -> Vec<String> {
    let report = ending.report;
    let mut lines = Vec::new();
    // What blocks stands last, where it is seen.
    let (excused, others): (Vec<&TestResult>, Vec<&TestResult>) =
        report.results.iter().partition(|one| one.is_excused());
    for result in excused.into_iter().chain(others) {
        lines.extend(problem_lines(result, ending.again, palette));
    }
    if report.counts().judged() == 0 {
        lines.extend(not_judged_lines(report));
    }
    lines.extend(issue_lines(report, palette));
    if verbosity > Verbosity::Quiet {
        let path = |path: &String| format!("  {}", terminal_line(path));
        lines.extend([String::new(), "Reports:".into()]);
        lines.extend(ending.paths.iter().map(path));
        lines.push(String::new());
        lines.extend(cost_lines(report, verbosity));
    }
    lines.push(match report.status() {
        RunStatus::Pass if report.counts().judged() == 0 => palette.warning(ending.headline),
        RunStatus::Pass => palette.success(ending.headline),
        RunStatus::Fail | RunStatus::Error => palette.failure(ending.headline),
    });
    lines
}

/// Findings about the suite, under a heading.
pub(super) fn issue_lines(report: &RunReport, palette: Palette) -> Vec<String> {
    let mut lines = Vec::new();
    if !report.issues.is_empty() {
        lines.extend([String::new(), "Validation issues:".into()]);
    }
    for issue in &report.issues {
        let place = match &issue.id {
            Some(id) => format!("{}#{id}", issue.path),
            None => issue.path.clone(),
        };
        lines.push(format!(
            "  {} {}: {}",
            palette.warning(issue.kind.word()),
            terminal_line(&place),
            terminal_line(&issue.message)
        ));
    }
    lines
}

/// What the run cost, if a model was asked, and with `--verbose` each spec file's part.
pub(super) fn cost_lines(report: &RunReport, verbosity: Verbosity) -> Vec<String> {
    let Some(total) = report.cost_in_words() else {
        return Vec::new();
    };
    // Files that are judged side by side take less time on the clock than their calls add up to.
    let mut lines = vec![format!("Cost: {total}, {}", time_in_words(report.duration))];
    if verbosity == Verbosity::Verbose {
        lines.extend(report.usage.iter().map(|spec| {
            let (path, judge) = (terminal_line(&spec.path), terminal_line(&spec.judge));
            let used = (spec.usage.in_words(), time_in_words(spec.usage.duration));
            let tools = spec.tools_in_words().map_or_else(String::new, |tools| {
                format!(" · tools: {}", terminal_line(&tools))
            });
            format!("  {path} · {judge} · {}, {}{tools}", used.0, used.1)
        }));
    }
    lines
}

/// Why nothing was judged: each reason once.
fn not_judged_lines(report: &RunReport) -> Vec<String> {
    let mut reasons: Vec<&str> = Vec::new();
    for result in &report.results {
        let reason = match &result.outcome {
            Outcome::Skip { reason } => reason.as_str(),
            Outcome::Invalid { reason } => reason.as_deref().unwrap_or("no testable statement"),
            Outcome::Pass | Outcome::Fail(_) | Outcome::Error { .. } => continue,
        };
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    let line = |reason: &&str| {
        let reason = truncate(reason, DETAIL_BYTES);
        format!("not judged: {}", terminal_line(&reason))
    };
    let blank = (!reasons.is_empty()).then(String::new);
    let shown = reasons.iter().take(MOST_REASONS).map(line);
    blank.into_iter().chain(shown).collect()
}

/// What spoke against a statement whose votes came to no verdict, and what to do about it.
pub(super) fn without_verdict(result: &TestResult) -> Vec<(&'static str, &str)> {
    let vote = result.failing_vote();
    let observed = vote.map(|(observed, _)| ("observed by a failing vote: ", observed));
    let place = vote.and_then(|(_, place)| Some(("at ", place?.as_str())));
    let advice = result.advice().map(|advice| ("what to do: ", advice));
    [observed, place, advice].into_iter().flatten().collect()
}

/// A failure or an error, with its place and how to run it again.
fn problem_lines(result: &TestResult, again: &[String], palette: Palette) -> Vec<String> {
    let mut details: Vec<(&str, &str)> = Vec::new();
    let word = match &result.outcome {
        Outcome::Fail(failure) => {
            let place = failure.location.as_ref().map(Location::as_str);
            let texts = [
                ("expected: ", failure.expectation.as_deref()),
                ("observed: ", failure.observed.as_deref()),
                ("at ", place),
                ("place: ", failure.location_note.as_deref()),
                ("evidence: ", failure.evidence.as_deref()),
                ("what to do: ", failure.resolution.as_deref()),
            ];
            let present = texts
                .into_iter()
                .filter_map(|(label, text)| Some((label, text?)));
            details.extend(present);
            if result.is_excused() {
                palette.warning("FAIL (does not block)")
            } else {
                palette.failure("FAIL")
            }
        }
        Outcome::Error { message } => {
            details.push(("", message));
            details.extend(without_verdict(result));
            let excused = result.is_excused();
            palette.warning(if excused {
                "ERROR (does not block)"
            } else {
                "ERROR"
            })
        }
        Outcome::Pass | Outcome::Invalid { .. } | Outcome::Skip { .. } => return Vec::new(),
    };
    let target = format!("{}#{}", result.path, result.id);
    let title = truncate(&result.title, DETAIL_BYTES);
    let mut lines = vec![
        String::new(),
        format!("{word} {}", terminal_line(&target)),
        format!("  {}", terminal_line(&title)),
    ];
    for (label, text) in details {
        let text = truncate(text, DETAIL_BYTES);
        lines.push(format!("  {label}{}", terminal_line(&text)));
    }
    let votes = result.votes_in_words().filter(|_| !result.is_undecided());
    lines.extend(votes.map(|votes| format!("  votes: {votes}")));
    lines.extend(reason(result).map(|(label, text)| format!("  {label}: {text}")));
    // A name that looks like an option would be one.
    let start = if target.starts_with('-') { "./" } else { "" };
    let argument = format!("{start}{target}");
    let words = again.iter().map(String::as_str).chain([argument.as_str()]);
    let command: Vec<String> = words.map(shell_word).collect();
    let command = format!("again: {}", command.join(" "));
    lines.push(format!("  {}", palette.faint(&terminal_line(&command))));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_run_reads_well_without_colour() {
        let report = RunReport::sample();
        let paths = ["semtest-results/latest.md".to_owned()];
        let ending = Ending {
            report: &report,
            paths: &paths,
            headline: "FAILED: 2 judged",
            again: &["semtest".to_owned(), "run".to_owned()],
        };
        let end = end_lines(&ending, Verbosity::Normal, Palette::plain());
        insta::assert_snapshot!(end.join("\n"));
    }

    #[test]
    fn a_file_that_is_called_like_an_option_is_an_argument_all_the_same() {
        let mut result = RunReport::sample_passed().results.swap_remove(0);
        result.outcome = Outcome::error("x");
        result.path = "--config=evil.spec.md".into();
        let again = ["semtest".to_owned(), "run".to_owned()];
        let lines = problem_lines(&result, &again, Palette::plain()).join("\n");
        assert!(
            lines.contains("semtest run './--config=evil.spec.md#"),
            "{lines}"
        );
    }

    #[test]
    fn the_cost_of_each_file_is_shown_on_request_and_none_where_no_model_was_asked() {
        let lines = |report: &RunReport, verbosity| cost_lines(report, verbosity).join("\n");
        let report = RunReport::sample();
        insta::assert_snapshot!(lines(&report, Verbosity::Verbose));
        assert_eq!(cost_lines(&report, Verbosity::Normal).len(), 1);
        assert_eq!(lines(&RunReport::sample_checks(), Verbosity::Verbose), "");
    }

    #[test]
    fn a_file_has_one_line_and_with_verbose_one_a_scenario() {
        let report = RunReport::sample();
        let lines = |verbosity| {
            file_lines(
                "[1/2]",
                "a.spec.md",
                &report.results,
                verbosity,
                Palette::plain(),
            )
        };
        assert!(lines(Verbosity::Quiet).is_empty());
        assert_eq!(lines(Verbosity::Normal).len(), 1);
        insta::assert_snapshot!(lines(Verbosity::Verbose).join("\n"));
    }
}
