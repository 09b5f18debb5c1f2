//! The frozen shape of `ci-results.json`.
//!
//! `status`, `summary` and `tests` with `id`, `sourceFile`, `status`, `group`, `location` and `error`
//! are the contract that earlier versions of semtest have set: never rename or drop one.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::SCHEMA_VERSION;
use super::bounded;
use super::standing::{Answer, Calibrated, Change, Ground, VoteCounts};
use super::told::{TestWord, Told};
use super::usage::{Spec, Used};
use crate::model::{Interruption, RunReport, RunStatus, TestResult, ValidationIssue};

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    pub(super) schema_version: u32,
    pub(super) version: String,
    pub(super) status: RunWord,
    pub(super) exit_code: u8,
    pub(super) summary: Summary,
    pub(super) judged: u64,
    pub(super) started_at: String,
    pub(super) duration_ms: u64,
    pub(super) project: String,
    pub(super) judge: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) commit: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) directory: String,
    pub(super) strict: bool,
    pub(super) allow_empty: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) interrupted: Option<Signal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) untrusted: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) usage: Option<Used>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(deserialize_with = "bounded::list")]
    pub(super) specs: Vec<Spec>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(deserialize_with = "bounded::list")]
    pub(super) rule_changes: Vec<Change>,
    #[serde(deserialize_with = "bounded::list")]
    pub(super) issues: Vec<Issue>,
    #[serde(deserialize_with = "bounded::list")]
    pub(super) tests: Vec<Test>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RunWord {
    Pass,
    Fail,
    Error,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(super) enum Signal {
    #[serde(rename = "SIGINT")]
    Interrupt,
    #[serde(rename = "SIGTERM")]
    Terminate,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    pub(super) total: u64,
    pub(super) passed: u64,
    pub(super) failed: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) errored: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) invalid: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) skipped: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) non_blocking: u64,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Issue {
    pub(super) kind: String,
    pub(super) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    pub(super) message: String,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Test {
    pub(super) id: String,
    pub(super) source_file: String,
    pub(super) status: TestWord,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    pub(super) path: String,
    pub(super) title: String,
    pub(super) line: u32,
    pub(super) duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expectation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) observed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resolution: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location_note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) evidence: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) blocking: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) because: Option<Ground>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) calibration: Option<Calibrated>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) votes: Option<VoteCounts>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(deserialize_with = "bounded::list")]
    pub(super) attempts: Vec<Answer>,
}

impl Document {
    pub(super) fn of(report: &RunReport) -> Self {
        let counts = report.counts();
        Self {
            schema_version: SCHEMA_VERSION,
            version: report.version.clone(),
            status: RunWord::of(report.status()),
            exit_code: report.exit().code(),
            summary: Summary::of(report),
            judged: count(counts.judged()),
            started_at: timestamp(report.started),
            duration_ms: milliseconds(report.duration),
            project: report.project.clone(),
            judge: report.judge.clone(),
            commit: report.judged.commit.clone(),
            directory: report.judged.directory.clone(),
            strict: report.strict,
            allow_empty: report.allow_empty,
            interrupted: report.interruption.map(|signal| match signal {
                Interruption::Interrupt => Signal::Interrupt,
                Interruption::Terminate => Signal::Terminate,
            }),
            untrusted: report.untrusted.clone(),
            usage: report.total_usage().as_ref().map(Used::of),
            specs: report.usage.iter().map(Spec::of).collect(),
            rule_changes: report.rule_changes.iter().map(Change::of).collect(),
            issues: report.issues.iter().map(Issue::of).collect(),
            tests: report.results.iter().map(Test::of).collect(),
        }
    }
}

impl RunWord {
    fn of(status: RunStatus) -> Self {
        match status {
            RunStatus::Pass => Self::Pass,
            RunStatus::Fail => Self::Fail,
            RunStatus::Error => Self::Error,
        }
    }
}

impl Summary {
    fn of(report: &RunReport) -> Self {
        let counts = report.counts();
        Self {
            total: count(counts.total),
            passed: count(counts.passed),
            failed: count(counts.failed),
            errored: count(counts.errored),
            invalid: count(counts.invalid),
            skipped: count(counts.skipped),
            non_blocking: count(report.excused()),
        }
    }
}

impl Issue {
    fn of(issue: &ValidationIssue) -> Self {
        Self {
            kind: issue.kind.word().to_owned(),
            path: issue.path.clone(),
            id: issue.id.clone(),
            message: issue.message.clone(),
        }
    }
}

impl Test {
    fn of(result: &TestResult) -> Self {
        let told = Told::of(&result.outcome);
        Self {
            id: result.id.clone(),
            source_file: result.source_file().to_owned(),
            status: told.status,
            group: result.group.clone(),
            location: told.location,
            error: told.error,
            path: result.path.clone(),
            title: result.title.clone(),
            line: result.line,
            duration_ms: milliseconds(result.duration),
            expectation: told.expectation,
            observed: told.observed,
            resolution: told.resolution,
            reason: told.reason,
            location_note: told.location_note,
            evidence: told.evidence,
            blocking: result.because.as_ref().map(|_| result.blocks()),
            because: result.because.as_ref().map(Ground::of),
            calibration: Calibrated::of(result.calibration),
            votes: VoteCounts::of(result.tally()),
            attempts: result.attempts.iter().map(Answer::of).collect(),
        }
    }

    /// What the fields of the outcome say.
    pub(super) fn told(&self) -> Told {
        Told {
            status: self.status,
            expectation: self.expectation.clone(),
            observed: self.observed.clone(),
            location: self.location.clone(),
            location_note: self.location_note.clone(),
            evidence: self.evidence.clone(),
            resolution: self.resolution.clone(),
            error: self.error.clone(),
            reason: self.reason.clone(),
        }
    }
}

/// RFC 3339 in UTC, always with three decimals.
fn timestamp(moment: Timestamp) -> String {
    format!("{moment:.3}")
}

pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
