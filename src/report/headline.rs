//! The run in one line, for every place that has room for just one.

use crate::model::{Because, Counts, Interruption, Outcome, RunReport, RunStatus, TestResult};

/// What came of the run, such as `PASSED: 12 judged, 3 not judged (2 skip, 1 invalid)`. Numbers and
/// fixed words only, so it may be shown anywhere. Never a bare verdict: a run in which little was
/// judged must not look like one in which everything passed.
#[must_use]
pub fn headline(report: &RunReport) -> String {
    let counts = report.counts();
    let untrusted = report.untrusted.is_some();
    let verdict = match report.status() {
        RunStatus::Pass if untrusted && counts.judged() == 0 => "NOT JUDGED",
        RunStatus::Pass => "PASSED",
        RunStatus::Fail => "FAILED",
        RunStatus::Error => "ERROR",
    };
    let mut parts = Vec::new();
    if untrusted {
        parts.push("untrusted pull request".to_owned());
    }
    if let Some(signal) = report.interruption {
        parts.push(format!("ended early by {}", signal_name(signal)));
    }
    match counts.judged() {
        0 if verdict == "NOT JUDGED" => {}
        0 => parts.push("nothing judged".to_owned()),
        judged => parts.push(format!("{judged} judged")),
    }
    let blocking = report.blocking();
    if blocking.failed > 0 {
        parts.push(format!("{} failed", blocking.failed));
    }
    parts.extend(excused(report));
    parts.extend(not_judged(counts, counts.errored - blocking.errored));
    if report.strict && !report.issues.is_empty() {
        parts.push(match report.issues.len() {
            1 => "1 validation issue".to_owned(),
            several => format!("{several} validation issues"),
        });
    }
    format!("{verdict}: {}", parts.join(", "))
}

/// The name that users and shells know.
pub(super) fn signal_name(signal: Interruption) -> &'static str {
    match signal {
        Interruption::Interrupt => "SIGINT",
        Interruption::Terminate => "SIGTERM",
    }
}

/// The failures that don't block, and why: `2 failed but don't block (1 waived, 1 noisy)`.
fn excused(report: &RunReport) -> Option<String> {
    let is_failure =
        |result: &&TestResult| result.is_excused() && matches!(result.outcome, Outcome::Fail(_));
    let kind = |result: &TestResult| match &result.because {
        Some(Because::Waived(_)) => 0,
        Some(Because::Noisy(_)) => 1,
        Some(Because::Level) => 2,
        Some(Because::New) => 3,
        // These block.
        Some(Because::Expired(_)) | None => 4,
    };
    let mut counts = [0_usize; 5];
    for result in report.results.iter().filter(is_failure) {
        counts[kind(result)] += 1;
    }
    let words = ["waived", "noisy", "level warn", "new"];
    let kinds = std::iter::zip(counts, words).filter(|(count, _)| *count > 0);
    let kinds: Vec<(usize, &str)> = kinds.collect();
    match kinds[..] {
        [] => None,
        [(1, word)] => Some(format!("1 failed but does not block ({word})")),
        _ => {
            let total: usize = kinds.iter().map(|(count, _)| count).sum();
            let each: Vec<String> = kinds
                .iter()
                .map(|(count, word)| format!("{count} {word}"))
                .collect();
            Some(format!(
                "{total} failed but don't block ({})",
                each.join(", ")
            ))
        }
    }
}

/// `excused` of the errors are statements that stayed undecided and don't block.
fn not_judged(counts: Counts, excused: usize) -> Option<String> {
    let kinds = [
        (counts.errored - excused, "error"),
        (excused, "undecided but not blocking"),
        (counts.skipped, "skip"),
        (counts.invalid, "invalid"),
    ];
    let kinds: Vec<String> = kinds
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, kind)| format!("{count} {kind}"))
        .collect();
    let total = counts.total - counts.judged();
    (total > 0).then(|| format!("{total} not judged ({})", kinds.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_was_judged_and_what_was_not() {
        let lines = [
            RunReport::sample(),
            RunReport::sample_passed(),
            RunReport::sample_checks(),
            RunReport::sample_interrupted(),
            RunReport::sample_nothing_judged(),
        ]
        .map(|report| headline(&report));
        assert_eq!(
            lines,
            [
                "FAILED: 15 judged, 5 failed, 5 failed but don't block (2 waived, 1 noisy, 1 level warn, 1 new), \
                 6 not judged (2 error, 1 undecided but not blocking, 1 skip, 2 invalid)",
                "PASSED: 3 judged",
                "PASSED: 2 judged, 1 not judged (1 skip)",
                "ERROR: ended early by SIGINT, 1 judged, 2 not judged (2 skip)",
                "ERROR: nothing judged, 3 not judged (3 skip)",
            ]
        );
    }

    #[test]
    fn a_green_run_still_counts_what_failed_and_does_not_block() {
        let mut report = RunReport::sample();
        let is_excused = |result: &TestResult| match &result.because {
            Some(because) => matches!(because, Because::Noisy(_) | Because::New),
            None => result.outcome == Outcome::Pass,
        };
        report.results.retain(is_excused);
        let expected = "PASSED: 7 judged, 2 failed but don't block (1 noisy, 1 new)";
        assert_eq!(headline(&report), expected);
        report
            .results
            .retain(|result| result.because != Some(Because::New));
        let expected = "PASSED: 6 judged, 1 failed but does not block (noisy)";
        assert_eq!(headline(&report), expected);
    }

    #[test]
    fn an_error_by_strict_names_its_cause() {
        let mut report = RunReport::sample_passed();
        report.issues = RunReport::sample().issues;
        assert_eq!(headline(&report), "PASSED: 3 judged");
        report.strict = true;
        assert_eq!(headline(&report), "ERROR: 3 judged, 7 validation issues");
    }

    #[test]
    fn a_strangers_run_never_reads_like_any_other() {
        let mut report = RunReport::sample_nothing_judged();
        report.untrusted = Some("a `fork`\n::error::".into());
        let expected = "NOT JUDGED: untrusted pull request, 3 not judged (3 skip)";
        assert_eq!(headline(&report), expected);
        report.results = RunReport::sample_checks().results;
        let expected = "PASSED: untrusted pull request, 2 judged, 1 not judged (1 skip)";
        assert_eq!(headline(&report), expected);
        report.results = RunReport::sample().results;
        assert!(headline(&report).starts_with("FAILED: untrusted pull request, 15 judged"));
    }

    #[test]
    fn an_empty_run_that_is_allowed_still_says_that_nothing_was_judged() {
        let mut report = RunReport::sample_nothing_judged();
        report.results.clear();
        report.allow_empty = true;
        assert_eq!(headline(&report), "PASSED: nothing judged");
    }
}
