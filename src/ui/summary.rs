//! The lines of a run: one a file, and the end. Pure functions from results to text.

use crate::model::{Counts, Failure, Location, Outcome, RunReport, RunStatus, TestResult};
use crate::sanitize::{terminal_line, truncate};

use super::Verbosity;
use super::palette::Palette;

/// How much of an observation or an error stands at the end of a run. The reports have all of it.
const DETAIL_BYTES: usize = 600;

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
    let sign = if counts.errored > 0 {
        palette.warning("⚠")
    } else if counts.failed > 0 {
        palette.failure("✗")
    } else if counts.judged() == 0 {
        palette.faint("-")
    } else {
        palette.success("✔")
    };
    let mut lines = vec![format!(
        "{sign} {label} {} · {}",
        terminal_line(path),
        in_words(&counts)
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

fn in_words(counts: &Counts) -> String {
    let parts = [
        (counts.passed, "passed"),
        (counts.failed, "failed"),
        (counts.errored, "errored"),
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
        }
        Outcome::Error { message } => lines.extend(labelled("error", Some(message))),
        Outcome::Invalid { reason } => lines.extend(labelled("invalid", reason.as_deref())),
        Outcome::Skip { reason } => lines.extend(labelled("skip", Some(reason))),
    }
    lines
}

fn labelled(label: &str, text: Option<&str>) -> Option<String> {
    text.map(|text| format!("        {label}: {}", terminal_line(text)))
}

/// The end of a run. The last line says what was judged; a bare verdict would hide a suite in which
/// almost nothing was.
pub(super) fn end_lines(
    report: &RunReport,
    paths: &[String],
    headline: &str,
    verbosity: Verbosity,
    palette: Palette,
) -> Vec<String> {
    let mut lines = Vec::new();
    for result in &report.results {
        lines.extend(problem_lines(result, palette));
    }
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
    if verbosity > Verbosity::Quiet {
        let path = |path: &String| format!("  {}", terminal_line(path));
        lines.extend([String::new(), "Reports:".into()]);
        lines.extend(paths.iter().map(path));
        lines.push(String::new());
    }
    lines.push(match report.status() {
        RunStatus::Pass => palette.success(headline),
        RunStatus::Fail | RunStatus::Error => palette.failure(headline),
    });
    lines
}

/// A failure or an error, with its place and how to run it again.
fn problem_lines(result: &TestResult, palette: Palette) -> Vec<String> {
    let (word, detail, place) = match &result.outcome {
        Outcome::Fail(Failure {
            observed, location, ..
        }) => (
            palette.failure("FAIL"),
            observed.as_deref(),
            location.as_ref().map(Location::as_str),
        ),
        Outcome::Error { message } => (palette.warning("ERROR"), Some(message.as_str()), None),
        Outcome::Pass | Outcome::Invalid { .. } | Outcome::Skip { .. } => return Vec::new(),
    };
    let target = format!("{}#{}", result.path, result.id);
    let title = truncate(&result.title, DETAIL_BYTES);
    let mut lines = vec![
        String::new(),
        format!("{word} {}", terminal_line(&target)),
        format!("  {}", terminal_line(&title)),
    ];
    if let Some(detail) = detail {
        lines.push(format!(
            "  {}",
            terminal_line(&truncate(detail, DETAIL_BYTES))
        ));
    }
    if let Some(place) = place {
        lines.push(format!("  at {}", terminal_line(place)));
    }
    lines.push(format!("  {}", palette.faint(&rerun(&target))));
    lines
}

fn rerun(target: &str) -> String {
    format!(
        "again: semtest run {}",
        terminal_line(&shell_quoted(target))
    )
}

/// In single quotes unless it is plainly one word for every shell.
fn shell_quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-#".contains(letter);
    if text.chars().all(plain) && !text.starts_with(['-', '#']) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_run_reads_well_without_colour() {
        let report = RunReport::sample();
        let paths = ["semtest-results/latest.md".to_owned()];
        let headline = "FAILED: 2 judged";
        let end = end_lines(
            &report,
            &paths,
            headline,
            Verbosity::Normal,
            Palette::plain(),
        );
        insta::assert_snapshot!(end.join("\n"));
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

    #[test]
    fn the_command_to_run_again_survives_a_shell() {
        assert_eq!(shell_quoted("a/b.spec.md#x-1"), "a/b.spec.md#x-1");
        assert_eq!(shell_quoted("it's $HOME.md#x"), r"'it'\''s $HOME.md#x'");
    }
}
