//! What a run found: one result a scenario, and what they add up to.

use std::time::Duration;

use jiff::Timestamp;

use crate::exit::Exit;

use super::{
    Attempt, Because, Calibration, Location, Noise, RuleChange, SpecUsage, Usage, ValidationIssue,
};

/// Everything that the report files and the last lines of the terminal say.
#[derive(Clone, Debug, PartialEq)]
pub struct RunReport {
    /// The version of semtest that ran.
    pub version: String,
    /// When the run started.
    pub started: Timestamp,
    /// How long it took, whole milliseconds.
    pub duration: Duration,
    /// The name of the project's directory.
    pub project: String,
    /// The model key that judged files without one of their own; `checks` for deterministic checks.
    pub judge: String,
    /// In discovery order, never sorted by outcome.
    pub results: Vec<TestResult>,
    /// Suite-level findings, in the order of the files they are about.
    pub issues: Vec<ValidationIssue>,
    /// Whether `issues` make the run an error.
    pub strict: bool,
    /// Whether a run in which nothing was judged may end well.
    pub allow_empty: bool,
    /// Set when a signal ended the run early.
    pub interruption: Option<Interruption>,
    /// What each spec file cost that a model was asked about, in discovery order.
    pub usage: Vec<SpecUsage>,
    /// Set when the code is a stranger's and so was not shown to an agent: why, in words for the
    /// user. A run that judged nothing for this reason ends well.
    pub untrusted: Option<String>,
    /// Which code was judged.
    pub judged: Judged,
    /// What the pull request changes about which failures block, in the order of the files.
    pub rule_changes: Vec<RuleChange>,
}

/// Which code a run judged, for links to it and to tell whether it is still the newest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// The commit, 40 or 64 hexadecimal digits in lower case; of a pull request its head. `None`
    /// where nobody could tell.
    pub commit: Option<String>,
    /// The project's directory relative to the top of its repository, `/` between components, no
    /// `.` or `..`; empty where they are the same.
    pub directory: String,
}

/// The signal that ended a run early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// SIGINT, such as Ctrl-C.
    Interrupt,
    /// SIGTERM, such as a cancelled CI job.
    Terminate,
}

/// What a run amounts to, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// Something was judged, and all of it passed.
    Pass,
    /// Something failed that blocks.
    Fail,
    /// Nothing that blocks failed, but something that should have been judged was not.
    Error,
}

/// How many results ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All results.
    pub total: usize,
    /// [`Outcome::Pass`].
    pub passed: usize,
    /// [`Outcome::Fail`], those that don't block too.
    pub failed: usize,
    /// [`Outcome::Error`], those that don't block too.
    pub errored: usize,
    /// [`Outcome::Invalid`].
    pub invalid: usize,
    /// [`Outcome::Skip`].
    pub skipped: usize,
}

impl Counts {
    /// Counts outcomes.
    pub fn of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            counts.total += 1;
            match outcome {
                Outcome::Pass => counts.passed += 1,
                Outcome::Fail(_) => counts.failed += 1,
                Outcome::Error { .. } => counts.errored += 1,
                Outcome::Invalid { .. } => counts.invalid += 1,
                Outcome::Skip { .. } => counts.skipped += 1,
            }
        }
        counts
    }

    /// Those with a verdict: passed or failed.
    #[must_use]
    pub fn judged(&self) -> usize {
        self.passed + self.failed
    }
}

impl RunReport {
    /// How many results ended in which way.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::of(self.results.iter().map(|result| &result.outcome))
    }

    /// `Fail` wins over `Error` here (the report's reader wants to see the failure); the exit code
    /// has it the other way round.
    #[must_use]
    pub fn status(&self) -> RunStatus {
        if self.blocking().failed > 0 {
            RunStatus::Fail
        } else if self.exit() == Exit::Passed {
            RunStatus::Pass
        } else {
            RunStatus::Error
        }
    }

    /// How many of the results that block ended in which way.
    #[must_use]
    pub fn blocking(&self) -> Counts {
        let blocking = self.results.iter().filter(|result| result.blocks());
        Counts::of(blocking.map(|result| &result.outcome))
    }

    /// How many results failed or stayed undecided and don't block.
    #[must_use]
    pub fn excused(&self) -> usize {
        let excused = self.results.iter().filter(|result| result.is_excused());
        excused.count()
    }

    /// What all calls together used; `None` if no model was asked.
    #[must_use]
    pub fn total_usage(&self) -> Option<Usage> {
        let each = self.usage.iter().map(|spec| spec.usage);
        each.reduce(Usage::plus)
    }

    /// The exit code that this run has earned.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let (counts, blocking) = (self.counts(), self.blocking());
        match self.interruption {
            Some(Interruption::Interrupt) => return Exit::Interrupted,
            Some(Interruption::Terminate) => return Exit::Terminated,
            None => {}
        }
        let broken = blocking.errored > 0 || (self.strict && !self.issues.is_empty());
        let may_be_empty = self.allow_empty || self.untrusted.is_some();
        if broken || (counts.judged() == 0 && !may_be_empty) {
            Exit::Error
        } else if blocking.failed > 0 {
            Exit::Failed
        } else {
            Exit::Passed
        }
    }
}

/// One scenario and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct TestResult {
    /// Stable id, unique in its file.
    pub id: String,
    /// What the scenario is called in its file.
    pub title: String,
    /// The spec file, relative to the project root, `/` between components.
    pub path: String,
    /// The line of the spec file (from 1) on which the scenario starts.
    pub line: u32,
    /// The directory relative to the test root, absent for a top-level file.
    pub group: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// How long the scenario's file took, whole milliseconds: one call judges a whole file, so its
    /// scenarios share one number.
    pub duration: Duration,
    /// Every answer about it in order, of one judge; empty where no model was asked. The last one
    /// is not always the verdict.
    pub attempts: Vec<Attempt>,
    /// What is known about the judge's noise on it.
    pub calibration: Calibration,
    /// Why it blocks or does not, if the outcome alone does not say so. Only on [`Outcome::Fail`],
    /// and on an [`Outcome::Error`] whose votes left it undecided.
    pub because: Option<Because>,
}

impl TestResult {
    /// Whether it makes the run fail or an error.
    #[must_use]
    pub fn blocks(&self) -> bool {
        match self.outcome {
            Outcome::Fail(_) | Outcome::Error { .. } => {
                self.because.as_ref().is_none_or(Because::blocks)
            }
            Outcome::Pass | Outcome::Invalid { .. } | Outcome::Skip { .. } => false,
        }
    }

    /// Whether its failure, or its being left undecided, is reported only.
    #[must_use]
    pub fn is_excused(&self) -> bool {
        let is_bad = matches!(self.outcome, Outcome::Fail(_) | Outcome::Error { .. });
        is_bad && !self.blocks()
    }

    /// What calibration found if the judge is too noisy about it.
    #[must_use]
    pub fn noise(&self) -> Option<Noise> {
        match self.calibration {
            Calibration::Noisy(noise) => Some(noise),
            Calibration::Unknown | Calibration::Quiet(_) | Calibration::Unclear(_) => None,
        }
    }

    /// The spec file's name without its directory.
    #[must_use]
    pub fn source_file(&self) -> &str {
        self.path
            .rsplit_once('/')
            .map_or(self.path.as_str(), |(_, name)| name)
    }
}

/// What came of one scenario. Texts are foreign: they go through `sanitize` before they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The statement holds.
    Pass,
    /// The statement does not hold.
    Fail(Failure),
    /// It could not be judged.
    Error {
        /// Why, in words for the user.
        message: String,
    },
    /// The text is no testable statement.
    Invalid {
        /// Why, where that is known.
        reason: Option<String>,
    },
    /// It was not judged, on purpose.
    Skip {
        /// Why, in words for the user.
        reason: String,
    },
}

impl Outcome {
    /// The word that report files use.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail(_) => "fail",
            Self::Error { .. } => "error",
            Self::Invalid { .. } => "invalid",
            Self::Skip { .. } => "skip",
        }
    }

    /// An error with this message.
    pub fn error(message: impl Into<String>) -> Self {
        Self::Error {
            message: message.into(),
        }
    }

    /// A skip with this reason.
    pub fn skip(reason: impl Into<String>) -> Self {
        Self::Skip {
            reason: reason.into(),
        }
    }
}

/// What a failing verdict tells. Empty strings are stored as `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// What the statement asks for.
    pub expectation: Option<String>,
    /// What the code does instead.
    pub observed: Option<String>,
    /// Where: a place that exists, or `None`.
    pub location: Option<Location>,
    /// What was amiss with the place that the answer gave, in words for the user: it was repaired, or
    /// is not in the tree.
    pub location_note: Option<String>,
    /// The code that shows it, quoted from there.
    pub evidence: Option<String>,
    /// What to do about it.
    pub resolution: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::IssueKind;

    fn report(outcomes: Vec<Outcome>) -> RunReport {
        let result = |(index, outcome)| TestResult {
            id: format!("s{index}"),
            title: String::new(),
            path: "a/b.spec.md".into(),
            line: 1,
            group: None,
            outcome,
            duration: Duration::ZERO,
            attempts: Vec::new(),
            calibration: Calibration::Unknown,
            because: None,
        };
        RunReport {
            version: "0".into(),
            started: Timestamp::UNIX_EPOCH,
            duration: Duration::ZERO,
            project: "p".into(),
            judge: "checks".into(),
            results: outcomes.into_iter().enumerate().map(result).collect(),
            issues: Vec::new(),
            strict: false,
            allow_empty: false,
            interruption: None,
            usage: Vec::new(),
            untrusted: None,
            judged: Judged::default(),
            rule_changes: Vec::new(),
        }
    }

    #[test]
    fn exit_codes_follow_two_beats_one_beats_zero() {
        let fail = || Outcome::Fail(Failure::default());
        let exit = |outcomes| report(outcomes).exit();
        assert_eq!(exit(vec![Outcome::Pass]), Exit::Passed);
        assert_eq!(exit(vec![Outcome::Pass, fail()]), Exit::Failed);
        assert_eq!(exit(vec![fail(), Outcome::error("x")]), Exit::Error);
        let skipped = vec![Outcome::Pass, Outcome::skip("x")];
        assert_eq!(exit(skipped), Exit::Passed);
    }

    #[test]
    fn nothing_judged_is_an_error_unless_allowed() {
        let mut nothing = report(vec![Outcome::skip("x")]);
        assert_eq!(
            (nothing.exit(), nothing.status()),
            (Exit::Error, RunStatus::Error)
        );
        nothing.allow_empty = true;
        assert_eq!(
            (nothing.exit(), nothing.status()),
            (Exit::Passed, RunStatus::Pass)
        );
    }

    #[test]
    fn a_failure_beside_an_error_is_status_fail_and_exit_two() {
        let both = report(vec![Outcome::error("x"), Outcome::Fail(Failure::default())]);
        assert_eq!((both.status(), both.exit()), (RunStatus::Fail, Exit::Error));
    }

    #[test]
    fn only_votes_leave_a_statement_undecided_whatever_an_error_says() {
        let is_undecided = |said: &str, answers: &[Outcome]| {
            let mut result = report(vec![Outcome::error(said)]).results.remove(0);
            let attempt = |outcome: &Outcome| Attempt {
                outcome: outcome.clone(),
                duration: Duration::ZERO,
            };
            result.attempts = answers.iter().map(attempt).collect();
            result.is_undecided()
        };
        let (pass, fail) = (Outcome::Pass, Outcome::Fail(Failure::default()));
        let none = "undecided (0 pass, 0 fail)";
        assert!(!is_undecided(none, &[]));
        assert!(!is_undecided(none, &[Outcome::error(none)]));
        let one = "undecided (1 pass, 1 fail)";
        assert!(is_undecided(one, &[pass.clone(), fail.clone()]));
        assert!(!is_undecided(one, &[pass, fail, Outcome::error(one)]));
    }

    #[test]
    fn issues_count_only_under_strict() {
        let mut run = report(vec![Outcome::Pass]);
        run.issues.push(ValidationIssue {
            kind: IssueKind::Invalid,
            path: "a".into(),
            id: None,
            message: String::new(),
        });
        assert_eq!(run.exit(), Exit::Passed);
        run.strict = true;
        assert_eq!(run.exit(), Exit::Error);
    }
}
