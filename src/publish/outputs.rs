//! What a step of GitHub Actions tells the next ones: names that never change their meaning.

/// One output of the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Output {
    /// What the run amounts to.
    Status,
    /// The run's exit code.
    ExitCode,
    /// All scenarios.
    Total,
    /// Those with a verdict.
    Judged,
    /// Those that passed.
    Passed,
    /// Those that failed.
    Failed,
    /// Those that could not be judged.
    Errored,
    /// Those that are no testable statement.
    Invalid,
    /// Those that were left out on purpose.
    Skipped,
    /// Those that failed or stayed undecided and don't block.
    NonBlocking,
    /// What the run cost.
    CostUsd,
    /// How long the run took.
    DurationMs,
    /// Where the reports are.
    ReportDirectory,
    /// The report for people.
    ReportMarkdown,
    /// The report for programs.
    ReportJson,
    /// The report for CI systems.
    ReportJunit,
    /// Where the comment is.
    CommentUrl,
}

impl Output {
    /// Every output, in the order in which documents list them.
    pub const ALL: [Self; 17] = [
        Self::Status,
        Self::ExitCode,
        Self::Total,
        Self::Judged,
        Self::Passed,
        Self::Failed,
        Self::Errored,
        Self::Invalid,
        Self::Skipped,
        Self::NonBlocking,
        Self::CostUsd,
        Self::DurationMs,
        Self::ReportDirectory,
        Self::ReportMarkdown,
        Self::ReportJson,
        Self::ReportJunit,
        Self::CommentUrl,
    ];

    /// Its name in a workflow file: `steps.<id>.outputs.<name>`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// What it holds, for documents, in Markdown. An output that has no value is not set, which a
    /// workflow reads as an empty text.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.row().1
    }

    fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Status => (
                "status",
                "`pass`, `fail` or `error`; `error` too if there are no usable results, and `pass` also where an untrusted pull request was not judged (then `judged` is 0)",
            ),
            Self::ExitCode => ("exit_code", "the exit code of the run: 0, 1, 2, 130 or 143"),
            Self::Total => ("total", "number of scenarios"),
            Self::Judged => ("judged", "number of scenarios that passed or failed"),
            Self::Passed => ("passed", "number of scenarios that passed"),
            Self::Failed => (
                "failed",
                "number of scenarios that failed, those that do not block too",
            ),
            Self::Errored => ("errored", "number of scenarios that could not be judged"),
            Self::Invalid => ("invalid", "number of texts that are no testable statement"),
            Self::Skipped => (
                "skipped",
                "number of scenarios that were not judged, on purpose",
            ),
            Self::NonBlocking => (
                "non_blocking",
                "number of scenarios that failed or stayed undecided and do not block, such as waived ones; they are counted in `failed` or `errored` too",
            ),
            Self::CostUsd => (
                "cost_usd",
                "US dollars, such as `0.204302`; empty where no tool told a cost",
            ),
            Self::DurationMs => ("duration_ms", "how long the run took, in milliseconds"),
            Self::ReportDirectory => (
                "report_directory",
                "directory of the report files, relative to the workspace if it is below it",
            ),
            Self::ReportMarkdown => ("report_markdown", "path of `latest.md`, if it is there"),
            Self::ReportJson => ("report_json", "path of `ci-results.json`, if it is there"),
            Self::ReportJunit => (
                "report_junit",
                "path of `junit-results.xml`, if it is there",
            ),
            Self::CommentUrl => ("comment_url", "address of the comment, if there is one"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_those_that_workflows_rely_on() {
        let names = Output::ALL.map(Output::name);
        assert_eq!(
            names.join(" "),
            "status exit_code total judged passed failed errored invalid skipped \
             non_blocking cost_usd duration_ms report_directory report_markdown report_json report_junit comment_url"
        );
        let different: BTreeSet<&str> = names.into_iter().collect();
        assert_eq!(different.len(), Output::ALL.len());
    }
}
