//! A run in which every text is a stranger's.

use std::time::Duration;

use semtest::model::{
    Failure, IssueKind, Judged, Location, Outcome, RunReport, SpecUsage, TestResult, ToolCalls,
    Usage, ValidationIssue,
};

/// A failure, an error, an invalid and a skipped scenario, and an issue, for each text: it stands
/// wherever a run holds a text.
pub(crate) fn hostile_run(texts: &[String]) -> RunReport {
    let mut results = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let filled = || Some(text.clone()).filter(|text| !text.is_empty());
        let outcomes = [
            Outcome::Fail(Failure {
                expectation: filled(),
                observed: filled(),
                location: Location::parse(text),
                location_note: None,
                evidence: None,
                resolution: filled(),
            }),
            Outcome::error(text),
            Outcome::Invalid { reason: filled() },
            Outcome::skip(text),
        ];
        for (kind, outcome) in outcomes.into_iter().enumerate() {
            results.push(TestResult {
                // Two with the same id would be refused.
                id: format!("{text}{index}-{kind}"),
                title: text.clone(),
                path: text.clone(),
                line: 7,
                group: filled(),
                outcome,
                duration: Duration::ZERO,
                attempts: Vec::new(),
                calibration: semtest::model::Calibration::Unknown,
                because: None,
            });
        }
    }
    let issue = |text: &String| ValidationIssue {
        kind: IssueKind::Invalid,
        path: text.clone(),
        id: Some(text.clone()),
        message: text.clone(),
    };
    let usage = |text: &String| SpecUsage {
        path: text.clone(),
        judge: text.clone(),
        usage: Usage::default(),
        tools: vec![ToolCalls {
            name: text.clone(),
            calls: 1,
            failed: 1,
        }],
    };
    let first = texts.first().cloned().unwrap_or_default();
    RunReport {
        version: first.clone(),
        started: "2026-11-21T11:30:00Z".parse().expect("a moment"),
        duration: Duration::ZERO,
        project: first.clone(),
        judge: first.clone(),
        results,
        issues: texts.iter().map(issue).collect(),
        strict: false,
        allow_empty: false,
        interruption: None,
        usage: texts.iter().map(usage).collect(),
        untrusted: Some(first),
        rule_changes: Vec::new(),
        judged: Judged::default(),
    }
}
