//! The frozen shape of `ci-results.json`.
//!
//! `status`, `summary` and `tests` with `id`, `sourceFile`, `status`, `group`, `location` and `error`
//! are the contract that earlier versions of semtest have set: never rename or drop one.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::SCHEMA_VERSION;
use super::bounded;
use super::usage::{Spec, Used};
use crate::model::{
    Counts, Interruption, Location, Outcome, RunReport, RunStatus, TestResult, ValidationIssue,
};

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
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Issue {
    pub(super) kind: String,
    pub(super) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    pub(super) message: String,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TestWord {
    Pass,
    Fail,
    Error,
    Invalid,
    Skip,
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
}

impl Document {
    pub(super) fn of(report: &RunReport) -> Self {
        let counts = report.counts();
        Self {
            schema_version: SCHEMA_VERSION,
            version: report.version.clone(),
            status: RunWord::of(report.status()),
            exit_code: report.exit().code(),
            summary: Summary::of(counts),
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
    fn of(counts: Counts) -> Self {
        Self {
            total: count(counts.total),
            passed: count(counts.passed),
            failed: count(counts.failed),
            errored: count(counts.errored),
            invalid: count(counts.invalid),
            skipped: count(counts.skipped),
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
        let mut test = Self {
            id: result.id.clone(),
            source_file: result.source_file().to_owned(),
            status: TestWord::Pass,
            group: result.group.clone(),
            location: None,
            error: None,
            path: result.path.clone(),
            title: result.title.clone(),
            line: result.line,
            duration_ms: milliseconds(result.duration),
            expectation: None,
            observed: None,
            resolution: None,
            reason: None,
        };
        match &result.outcome {
            Outcome::Pass => {}
            Outcome::Fail(failure) => {
                test.status = TestWord::Fail;
                test.expectation.clone_from(&failure.expectation);
                test.observed.clone_from(&failure.observed);
                test.location = failure
                    .location
                    .as_ref()
                    .map(Location::as_str)
                    .map(str::to_owned);
                test.resolution.clone_from(&failure.resolution);
            }
            Outcome::Error { message } => {
                test.status = TestWord::Error;
                test.error = Some(message.clone());
            }
            Outcome::Invalid { reason } => {
                test.status = TestWord::Invalid;
                test.reason.clone_from(reason);
            }
            Outcome::Skip { reason } => {
                test.status = TestWord::Skip;
                test.reason = Some(reason.clone());
            }
        }
        test
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
