//! `latest.md`: a run as a person reads it, in GitHub-flavoured Markdown.
//!
//! The headings, labels and numbers are ours; every other text is foreign and goes through
//! `sanitize`. As the summary of a CI job the same page has links to the judged lines.

mod contested;
mod cost;
mod noise;
mod result;

use std::time::Duration;

use crate::model::{CHECKS, Outcome, RuleChange, RunReport, TestResult, ValidationIssue};
use crate::report::comment::Links;
use crate::report::grouping;
use crate::report::headline::{headline, signal_name};
use crate::sanitize::{markdown_code, markdown_text, truncate};

/// The most bytes of one foreign text that are shown. The JSON has all of it.
const MAX_FIELD: usize = 4096;

/// What a page is like.
#[derive(Clone, Debug)]
pub(super) struct Options<'a> {
    /// Whether passing scenarios are listed.
    pub(super) include_passing: bool,
    /// Where the judged files are shown; none in a file that lies beside them.
    pub(super) links: Links,
    /// Why a reader should not trust the results, if so. Foreign.
    pub(super) caution: Option<&'a str>,
    /// The most bytes of one foreign text that are shown.
    pub(super) longest_text: usize,
}

/// Renders a run; passing scenarios are listed only with `include_passing`.
#[must_use]
pub fn render(report: &RunReport, include_passing: bool) -> String {
    let options = Options {
        include_passing,
        links: Links::default(),
        caution: None,
        longest_text: MAX_FIELD,
    };
    render_with(report, &options)
}

/// Renders a run as a page of its own kind.
pub(super) fn render_with(report: &RunReport, options: &Options<'_>) -> String {
    let mut page = Page::default();
    page.line("# semtest results");
    page.line(format!("\n**{}**\n", headline(report)));
    if let Some(caution) = options.caution {
        page.line(format!("> ⚠️ **Caution:** {}\n", text(caution)));
    }
    push_interruption(&mut page, report);
    push_untrusted(&mut page, report);
    push_run(&mut page, report);
    push_summary(&mut page, report);
    push_rule_changes(&mut page, report);
    cost::push_specs(&mut page, report);
    push_results(&mut page, report, options);
    contested::push(&mut page, report, options);
    noise::push(&mut page, report, options);
    push_issues(&mut page, report);
    page.line(format!("\n---\n\nsemtest {}", version(&report.version)));
    page.0
}

/// The text so far, whole lines only.
#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, line: impl AsRef<str>) {
        self.0.push_str(line.as_ref());
        self.0.push('\n');
    }
}

/// Foreign text on one line, at most [`MAX_FIELD`] bytes of it.
fn text(foreign: &str) -> String {
    markdown_text(&truncate(foreign, MAX_FIELD))
}

/// Foreign text as code, at most [`MAX_FIELD`] bytes of it.
fn code(foreign: &str) -> String {
    markdown_code(&truncate(foreign, MAX_FIELD))
}

fn push_interruption(page: &mut Page, report: &RunReport) {
    if let Some(signal) = report.interruption {
        let signal = signal_name(signal);
        page.line(format!(
            "> **{signal} ended this run early.** What had no verdict by then is listed as skip.\n"
        ));
    }
}

fn push_untrusted(page: &mut Page, report: &RunReport) {
    if let Some(reason) = &report.untrusted {
        page.line(format!(
            "> **Untrusted pull request:** {}. Specs come from the base revision; only their \
             deterministic checks ran, and no agent was asked.\n",
            text(reason)
        ));
    }
}

fn push_run(page: &mut Page, report: &RunReport) {
    let started = report.started.strftime("%Y-%m-%d %H:%M:%S UTC");
    let judge = if report.judge == CHECKS {
        "checks only (deterministic checks, no model was asked)".to_owned()
    } else {
        code(&report.judge)
    };
    page.line(format!(
        "- **Run:** {started}, took {}",
        took(report.duration)
    ));
    page.line(format!("- **Project:** {}", text(&report.project)));
    page.line(format!("- **Judge:** {judge}"));
    cost::push_total(page, report);
    page.line("");
}

/// Plain if it is three numbers, as ours are. A report that was read back may say anything.
fn version(version: &str) -> String {
    let parts: Vec<Option<u16>> = version.split('.').map(|part| part.parse().ok()).collect();
    match parts[..] {
        [Some(major), Some(minor), Some(patch)] => format!("{major}.{minor}.{patch}"),
        _ => text(version),
    }
}

fn took(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 1 {
        format!("{} ms", duration.as_millis())
    } else if seconds < 60 {
        format!("{seconds}.{} s", duration.subsec_millis() / 100)
    } else {
        format!("{} min {} s", seconds / 60, seconds % 60)
    }
}

fn push_summary(page: &mut Page, report: &RunReport) {
    let counts = report.counts();
    let always = [
        ("Total", counts.total),
        ("Passed", counts.passed),
        ("Failed", counts.failed),
    ];
    let rest = [
        ("Errored", counts.errored),
        ("Skipped", counts.skipped),
        ("Invalid", counts.invalid),
        ("Don't block", report.excused()),
    ];
    let rest = rest.into_iter().filter(|(_, count)| *count > 0);
    let columns: Vec<_> = always.into_iter().chain(rest).collect();
    let row = |cell: &dyn Fn(&(&str, usize)) -> String| {
        let cells: Vec<String> = columns.iter().map(cell).collect();
        format!("| {} |", cells.join(" | "))
    };
    page.line("## Summary\n");
    page.line(row(&|(name, _)| (*name).to_owned()));
    page.line(row(&|_| "---:".to_owned()));
    page.line(row(&|(_, count)| count.to_string()));
}

/// What a pull request changes about which failures block: its author may excuse what it breaks.
fn push_rule_changes(page: &mut Page, report: &RunReport) {
    if report.rule_changes.is_empty() {
        return;
    }
    page.line("\n## Changes to rules\n");
    page.line("This pull request changes which failures block:\n");
    for RuleChange { file, text: what } in &report.rule_changes {
        page.line(format!("- **In** {}: {}", code(file), text(what)));
    }
}

fn push_results(page: &mut Page, report: &RunReport, options: &Options<'_>) {
    page.line("\n## Results");
    let is_shown = |result: &TestResult| options.include_passing || result.outcome != Outcome::Pass;
    let mut groups = grouping::by(&report.results, |result| result.group.as_deref());
    groups.sort_by_key(|(group, _)| group.is_some());
    for (group, results) in groups {
        let shown: Vec<&TestResult> = results.into_iter().filter(|one| is_shown(one)).collect();
        if shown.is_empty() {
            continue;
        }
        if let Some(group) = group {
            page.line(format!("\n### {}", text(group)));
        }
        result::push_all(page, &shown, report, options);
    }
    if report.results.is_empty() {
        page.line("\nThere was no scenario to judge.");
    } else if !report.results.iter().any(is_shown) {
        page.line("\nEvery scenario passed; `--include-passing` lists them here.");
    }
}

fn push_issues(page: &mut Page, report: &RunReport) {
    if report.issues.is_empty() {
        return;
    }
    page.line("\n## Validation Issues\n");
    page.line(if report.strict {
        "Under `--strict` these make the run an error.\n"
    } else {
        "These do not change the result; with `--strict` they make the run an error.\n"
    });
    for ValidationIssue {
        kind,
        path,
        id,
        message,
    } in &report.issues
    {
        let id = id
            .as_deref()
            .map_or(String::new(), |id| format!(" {}", code(id)));
        let (kind, path, message) = (kind.word(), code(path), text(message));
        page.line(format!("- **{kind}** {path}{id}: {message}"));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Location;
    use crate::report::arbitrary;

    #[test]
    fn every_kind_of_result_is_on_the_page() {
        insta::assert_snapshot!(render(&RunReport::sample(), false));
    }

    #[test]
    fn passing_scenarios_are_listed_on_request() {
        insta::assert_snapshot!(render(&RunReport::sample(), true));
    }

    #[test]
    fn a_page_without_failures_is_short() {
        insta::assert_snapshot!(render(&RunReport::sample_passed(), false));
    }

    #[test]
    fn a_run_of_checks_says_that_no_model_was_asked() {
        insta::assert_snapshot!(render(&RunReport::sample_checks(), true));
    }

    #[test]
    fn a_strangers_run_says_why_nobody_was_asked() {
        let mut report = RunReport::sample_checks();
        report.untrusted = Some("the fork `a/b` <!-- @all -->".into());
        let page = render(&report, false);
        assert!(
            page.contains("\n> **Untrusted pull request:** the fork"),
            "{page}"
        );
        assert!(!page.contains("<!--"), "{page}");
    }

    #[test]
    fn an_interrupted_run_says_so_at_the_top() {
        insta::assert_snapshot!(render(&RunReport::sample_interrupted(), false));
    }

    #[test]
    fn a_run_that_judged_nothing_is_no_success() {
        insta::assert_snapshot!(render(&RunReport::sample_nothing_judged(), false));
    }

    #[test]
    fn short_runs_are_told_in_milliseconds() {
        let took = |milliseconds| took(Duration::from_millis(milliseconds));
        assert_eq!(
            [took(0), took(999), took(1000), took(59_999), took(60_000)],
            ["0 ms", "999 ms", "1.0 s", "59.9 s", "1 min 0 s"]
        );
    }

    #[test]
    fn a_version_that_is_not_ours_is_foreign_text() {
        assert_eq!(version("0.12.3"), "0.12.3");
        let mut report = RunReport::sample_passed();
        report.version = "<b>1.2.3 @team".into();
        let page = render(&report, false);
        assert!(!page.contains("<b>") && !page.contains(" @team"), "{page}");
    }

    #[test]
    fn long_texts_are_cut() {
        let mut report = RunReport::sample_passed();
        report.results[0].outcome = Outcome::error("x".repeat(1_000_000));
        let page = render(&report, false);
        assert!(page.len() < 8_000 && page.contains('…'));
    }

    #[test]
    fn a_failure_that_tells_nothing_still_has_its_source_and_status() {
        let mut report = RunReport::sample_passed();
        report.results[0].outcome = Outcome::Fail(crate::model::Failure {
            location: Location::parse("src/a.rs"),
            ..Default::default()
        });
        let page = render(&report, false);
        assert!(
            page.contains("- **Status:** fail\n- **Location:** `src/a.rs`\n"),
            "{page}"
        );
    }

    proptest! {
        /// Outside of fences each line starts with something of ours; inside, it is indented.
        #[test]
        fn foreign_text_never_starts_a_line(report in arbitrary::report()) {
            let ours = ["# ", "## ", "### ", "#### ", "- **", "  ", "| ", "**", "> **", "---", "semtest "];
            let sentences = [
                "These do", "Under `", "There was", "Every scenario", "This pull request changes",
                "The judge contradicts",
            ];
            for line in render(&report, true).split(['\n', '\r']) {
                let known = ours.iter().chain(&sentences).any(|start| line.starts_with(start));
                prop_assert!(line.is_empty() || known, "{line:?}");
            }
        }
    }
}
