//! A run in which every text is a stranger's.

use std::time::Duration;

use semtest::model::{
    Attempt, Because, Calibration, Failure, IssueKind, Judged, Location, Noise, Outcome,
    RuleChange, RunReport, SpecUsage, TestResult, ToolCalls, Usage, ValidationIssue, Waiver,
};

/// Excuses and grounds with this text in all their fields; what has none besides. A waiver gets the id of
/// its scenario later.
fn grounds(text: &str) -> Vec<(Calibration, Option<Because>)> {
    let waiver = |until: &str| Waiver {
        id: String::new(),
        reason: text.to_owned(),
        owner: Some(text.to_owned()),
        until: until.parse().expect("a day"),
    };
    let noise = Noise {
        votes: 12,
        minority: 6,
    };
    vec![
        (Calibration::Unknown, None),
        (
            Calibration::Unknown,
            Some(Because::Waived(waiver("2026-12-31"))),
        ),
        (
            Calibration::Unknown,
            Some(Because::Expired(waiver("2026-11-01"))),
        ),
        (Calibration::Noisy(noise), Some(Because::Noisy(noise))),
    ]
}

/// What came of scenarios with this text everywhere.
fn results_of(index: usize, text: &str) -> Vec<TestResult> {
    let filled = || Some(text.to_owned()).filter(|text| !text.is_empty());
    let fail = Outcome::Fail(Failure {
        expectation: filled(),
        observed: filled(),
        location: Location::parse(text),
        location_note: filled(),
        evidence: filled(),
        resolution: filled(),
    });
    let others = [
        Outcome::error(text),
        Outcome::Invalid { reason: filled() },
        Outcome::skip(text),
    ];
    let attempt = |outcome| Attempt {
        outcome,
        duration: Duration::ZERO,
    };
    let votes = [Outcome::Pass, fail.clone(), fail.clone()];
    let attempts: Vec<Attempt> = votes
        .into_iter()
        .chain(others.clone())
        .map(attempt)
        .collect();
    let grounds = grounds(text).into_iter();
    let mut all: Vec<_> = grounds.map(|ground| (fail.clone(), ground)).collect();
    // A pass that some votes were against.
    let held = others.into_iter().chain([Outcome::Pass]);
    all.extend(held.map(|outcome| (outcome, (Calibration::Unknown, None))));
    let result = |(kind, (outcome, (calibration, mut because)))| {
        // Two with the same id would be refused.
        let id = format!("{text}{index}-{kind}");
        if let Some(Because::Waived(waiver) | Because::Expired(waiver)) = &mut because {
            waiver.id.clone_from(&id);
        }
        let mut attempts = attempts.clone();
        if outcome == Outcome::Pass {
            attempts.extend([Outcome::Pass, Outcome::Pass].map(attempt));
        }
        TestResult {
            id,
            title: text.to_owned(),
            path: text.to_owned(),
            line: 7,
            group: filled(),
            outcome,
            duration: Duration::ZERO,
            attempts,
            calibration,
            because,
        }
    };
    all.into_iter().enumerate().map(result).collect()
}

/// A failure of each ground, an error, an invalid and a skipped scenario, an issue and a changed rule,
/// for each text: it stands wherever a run holds a text.
pub(crate) fn hostile_run(texts: &[String]) -> RunReport {
    let issue = |text: &String| ValidationIssue {
        kind: IssueKind::Invalid,
        path: text.clone(),
        id: Some(text.clone()),
        message: text.clone(),
    };
    let change = |text: &String| RuleChange {
        file: text.clone(),
        text: text.clone(),
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
    let results = texts.iter().enumerate();
    let first = texts.first().cloned().unwrap_or_default();
    RunReport {
        version: first.clone(),
        started: "2026-11-21T11:30:00Z".parse().expect("a moment"),
        duration: Duration::ZERO,
        project: first.clone(),
        judge: first.clone(),
        results: results
            .flat_map(|(index, text)| results_of(index, text))
            .collect(),
        issues: texts.iter().map(issue).collect(),
        strict: false,
        allow_empty: false,
        interruption: None,
        usage: texts.iter().map(usage).collect(),
        untrusted: Some(first),
        rule_changes: texts.iter().map(change).collect(),
        judged: Judged::default(),
    }
}
