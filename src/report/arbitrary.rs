//! Any report at all, for property tests.

use std::time::Duration;

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::model::{
    Calibration, Cost, Failure, Interruption, IssueKind, Judged, Location, Outcome, RunReport,
    SpecUsage, TestResult, Tokens, ToolCalls, Usage, ValidationIssue,
};

/// Mostly texts that some format gives a meaning to.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,8}",
        "[-#:/._a-zA-Z\\[\\]<>&\"'`|@ \n\r\t\u{0}\u{7f}\u{9b}\u{202e}\u{feff}é𐍈]{0,40}",
        any::<String>(),
    ]
}

fn filled() -> impl Strategy<Value = Option<String>> {
    option::of(text().prop_filter("empty texts are stored as `None`", |text| !text.is_empty()))
}

fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        "([ab._]{1,3}/){0,2}[ab._]{0,3}(\\.spec\\.md|\\.test\\.md|\\.md|)",
        text(),
    ]
}

fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![0..100_000_u64, any::<u64>()].prop_map(Duration::from_millis)
}

fn location() -> impl Strategy<Value = Option<Location>> {
    prop_oneof![
        text().prop_map(|text| Location::parse(&text)),
        (text(), any::<u32>()).prop_map(|(path, line)| Some(Location::at(&path, line))),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Pass),
        (filled(), filled(), location(), filled()).prop_map(
            |(expectation, observed, location, resolution)| Outcome::Fail(Failure {
                expectation,
                observed,
                location,
                location_note: None,
                evidence: None,
                resolution,
            })
        ),
        text().prop_map(Outcome::error),
        option::of(text()).prop_map(|reason| Outcome::Invalid { reason }),
        text().prop_map(Outcome::skip),
    ]
}

fn result() -> impl Strategy<Value = TestResult> {
    let line = 1..=u32::MAX;
    (
        text(),
        text(),
        path(),
        line,
        option::of(text()),
        outcome(),
        duration(),
    )
        .prop_map(
            |(id, title, path, line, group, outcome, duration)| TestResult {
                id,
                title,
                path,
                line,
                group,
                outcome,
                duration,
                attempts: Vec::new(),
                calibration: Calibration::Unknown,
                because: None,
            },
        )
}

fn issue() -> impl Strategy<Value = ValidationIssue> {
    let kind = prop::sample::select(IssueKind::ALL.as_slice());
    (kind, path(), option::of(text()), text()).prop_map(|(kind, path, id, message)| {
        ValidationIssue {
            kind,
            path,
            id,
            message,
        }
    })
}

fn tokens() -> impl Strategy<Value = Tokens> {
    any::<[u64; 4]>().prop_map(|[input, cache_read, cache_write, output]| Tokens {
        input,
        cache_read,
        cache_write,
        output,
    })
}

/// Money up to what [`Cost::from_dollars`] takes, also where that of three files is added up.
fn cost() -> impl Strategy<Value = Cost> {
    let micro_dollars = prop_oneof![0..1_000_000_u64, 0..300_000_000_000_000_u64];
    (micro_dollars, any::<bool>()).prop_map(|(micro_dollars, is_estimate)| Cost {
        micro_dollars,
        is_estimate,
    })
}

fn spec_usage() -> impl Strategy<Value = SpecUsage> {
    let numbers = (
        any::<u32>(),
        option::of(any::<u32>()),
        option::of(tokens()),
        option::of(cost()),
        duration(),
    );
    let tool = (text(), any::<u32>(), any::<u32>());
    let tools = vec(tool, 0..3);
    (path(), text(), numbers, tools).prop_map(|(path, judge, numbers, tools)| {
        let (calls, turns, tokens, cost, duration) = numbers;
        let tool = |(name, calls, failed)| ToolCalls {
            name,
            calls,
            failed,
        };
        SpecUsage {
            path,
            judge,
            tools: tools.into_iter().map(tool).collect(),
            usage: Usage {
                calls,
                turns,
                tokens,
                cost,
                duration,
            },
        }
    })
}

/// Any report that the model allows: times in whole milliseconds, years 1 to 9999.
fn judged() -> impl Strategy<Value = Judged> {
    let commit = option::of("[0-9a-f]{40}|[0-9a-f]{64}");
    let directory = "(([a-z]|[.][a-z]|[\\PC&&[^/]][a-z]){1,3}(/[^/.]{1,5}){0,2})?";
    (commit, directory).prop_map(|(commit, directory)| Judged { commit, directory })
}

pub(crate) fn report() -> impl Strategy<Value = RunReport> {
    let signals = [Interruption::Interrupt, Interruption::Terminate];
    let head = (
        text(),
        -62_135_596_800_000..253_402_207_200_000_i64,
        duration(),
        text(),
        prop_oneof![Just("checks".to_owned()), text()],
    );
    let flags = (
        any::<bool>(),
        any::<bool>(),
        option::of(prop::sample::select(signals.to_vec())),
        option::of(text()),
    );
    let parts = (
        vec(result(), 0..8),
        vec(issue(), 0..3),
        vec(spec_usage(), 0..=3),
        judged(),
    );
    (head, parts, flags).prop_filter_map(
        "a moment that can be told",
        |(
            (version, started, duration, project, judge),
            (results, issues, usage, judged),
            flags,
        )| {
            let (strict, allow_empty, interruption, untrusted) = flags;
            Some(RunReport {
                version,
                started: Timestamp::from_millisecond(started).ok()?,
                duration,
                project,
                judge,
                results,
                issues,
                strict,
                allow_empty,
                interruption,
                usage,
                untrusted,
                judged,
                rule_changes: Vec::new(),
            })
        },
    )
}
