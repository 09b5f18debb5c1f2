//! Any report at all, for property tests.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::model::{
    Attempt, Because, Calibration, Cost, Failure, Interruption, IssueKind, Judged, Location, Noise,
    Outcome, RuleChange, RunReport, SpecUsage, TestResult, Tokens, ToolCalls, Usage,
    ValidationIssue, Waiver,
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

/// Boxed, as all that is made of many parts: the whole of a report would not fit onto a stack.
fn failure() -> BoxedStrategy<Failure> {
    let texts = (filled(), filled(), filled(), filled(), filled());
    (texts, location())
        .prop_map(|(texts, location)| {
            let (expectation, observed, location_note, evidence, resolution) = texts;
            Failure {
                expectation,
                observed,
                location,
                location_note,
                evidence,
                resolution,
            }
        })
        .boxed()
}

fn outcome() -> BoxedStrategy<Outcome> {
    prop_oneof![
        Just(Outcome::Pass),
        failure().prop_map(Outcome::Fail),
        text().prop_map(Outcome::error),
        option::of(text()).prop_map(|reason| Outcome::Invalid { reason }),
        text().prop_map(Outcome::skip),
    ]
    .boxed()
}

fn attempt() -> impl Strategy<Value = Attempt> {
    (outcome(), duration()).prop_map(|(outcome, duration)| Attempt { outcome, duration })
}

fn noise() -> impl Strategy<Value = Noise> {
    (any::<u32>(), any::<u32>()).prop_map(|(one, other)| Noise {
        votes: one.max(other),
        minority: one.min(other),
    })
}

fn calibration() -> impl Strategy<Value = Calibration> {
    prop_oneof![
        Just(Calibration::Unknown),
        noise().prop_map(Calibration::Quiet),
        noise()
            .prop_map(|Noise { votes, minority }| Noise {
                votes: votes.max(1),
                minority: minority.max(1),
            })
            .prop_map(Calibration::Noisy),
        noise().prop_map(Calibration::Unclear),
    ]
}

fn waiver() -> impl Strategy<Value = Waiver> {
    let until = (1..=9999_i16, 1..=12_i8, 1..=28_i8)
        .prop_map(|(year, month, day)| Date::constant(year, month, day));
    (text(), text(), option::of(text()), until).prop_map(|(id, reason, owner, until)| Waiver {
        id,
        reason,
        owner,
        until,
    })
}

/// Why a failure blocks or not, as the rules would have it for a statement of this calibration.
fn because(calibration: Calibration) -> BoxedStrategy<Option<Because>> {
    let known = match calibration {
        Calibration::Unknown => Because::New,
        Calibration::Noisy(noise) => Because::Noisy(noise),
        Calibration::Quiet(_) | Calibration::Unclear(_) => Because::Level,
    };
    option::of(prop_oneof![
        waiver().prop_map(Because::Waived),
        waiver().prop_map(Because::Expired),
        Just(Because::Level),
        Just(known),
    ])
    .boxed()
}

/// Outcome and attempts, and whether there can be a reason for blocking or not.
fn verdict() -> BoxedStrategy<(Outcome, Vec<Attempt>)> {
    let undecided = (1..4_u32, failure(), duration()).prop_map(|(count, failure, duration)| {
        let votes = [Outcome::Pass, Outcome::Fail(failure)];
        let votes = votes.into_iter().cycle().take(2 * count as usize);
        let attempts = votes.map(|outcome| Attempt { outcome, duration });
        let said = format!("undecided ({count} pass, {count} fail)");
        (Outcome::error(said), attempts.collect())
    });
    prop_oneof![4 => (outcome(), vec(attempt(), 0..3)), 1 => undecided].boxed()
}

fn result() -> BoxedStrategy<TestResult> {
    let names = (text(), text(), path(), 1..=u32::MAX, option::of(text()));
    let standing = calibration().prop_flat_map(|known| (Just(known), because(known)));
    (names, verdict(), duration(), standing)
        .prop_map(
            |(
                (id, title, path, line, group),
                (outcome, attempts),
                duration,
                (calibration, because),
            )| {
                let mut result = TestResult {
                    id,
                    title,
                    path,
                    line,
                    group,
                    outcome,
                    duration,
                    attempts,
                    calibration,
                    because: None,
                };
                if result.outcome == Outcome::Pass {
                    result.attempts.retain(|one| one.outcome == Outcome::Pass);
                }
                let is_fail = matches!(result.outcome, Outcome::Fail(_));
                let is_asked = result.tally().fails > 0;
                let may_stand = |because: &Because| match because {
                    Because::Noisy(_) | Because::New => {
                        is_asked && (is_fail || result.is_undecided())
                    }
                    Because::Waived(_) | Because::Level | Because::Expired(_) => {
                        is_fail || result.is_undecided()
                    }
                };
                result.because = because.filter(may_stand);
                result
            },
        )
        .boxed()
}

/// Makes a waiver one of this statement, which holds or has ended on the day of the run.
fn bear_out(result: &mut TestResult, started: Timestamp) {
    let today = started.to_zoned(TimeZone::UTC).date();
    let own = format!("{}#{}", result.path, result.id);
    if let Some(Because::Waived(waiver) | Because::Expired(waiver)) = &mut result.because {
        waiver.id = if waiver.id.len().is_multiple_of(2) {
            own
        } else {
            result.id.clone()
        };
    }
    let swapped = match &result.because {
        Some(Because::Waived(waiver)) if !waiver.holds_on(today) => {
            Some(Because::Expired(waiver.clone()))
        }
        Some(Because::Expired(waiver)) if waiver.holds_on(today) => {
            Some(Because::Waived(waiver.clone()))
        }
        Some(_) | None => None,
    };
    result.because = swapped.or(result.because.take());
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

fn rule_change() -> impl Strategy<Value = RuleChange> {
    (path(), text()).prop_map(|(file, text)| RuleChange { file, text })
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
        vec(rule_change(), 0..3),
    );
    (head, parts, flags).prop_filter_map(
        "a moment that can be told",
        |(
            (version, started, duration, project, judge),
            (results, issues, usage, judged, rule_changes),
            flags,
        )| {
            let (strict, allow_empty, interruption, untrusted) = flags;
            let started = Timestamp::from_millisecond(started).ok()?;
            let mut results = results;
            for result in &mut results {
                bear_out(result, started);
            }
            Some(RunReport {
                version,
                started,
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
                rule_changes,
            })
        },
    )
}
