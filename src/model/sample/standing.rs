//! What votes, calibration, levels and waivers make of statements, one of each kind.

use std::time::Duration;

use jiff::civil::Date;

use super::{HOSTILE, result};
use crate::model::{
    Attempt, Because, Calibration, Failure, Location, Noise, Outcome, RuleChange, TestResult,
    Waiver,
};

const PATH: &str = "specs/votes.spec.md";

/// What the votes of a statement were, in order: `p` and `f`.
fn attempts(votes: &str, failure: &Failure) -> Vec<Attempt> {
    let attempt = |vote| Attempt {
        outcome: match vote {
            'p' => Outcome::Pass,
            _ => Outcome::Fail(failure.clone()),
        },
        duration: Duration::from_millis(900),
    };
    votes.chars().map(attempt).collect()
}

fn observed(text: &str) -> Failure {
    Failure {
        observed: Some(text.into()),
        location: Some(Location::at("src/orders.rs", 7)),
        ..Failure::default()
    }
}

fn waiver(id: &str, until: Date, owner: Option<&str>) -> Waiver {
    Waiver {
        id: id.into(),
        reason: "the old routes go in December".into(),
        owner: owner.map(Into::into),
        until,
    }
}

/// Every text of it is a stranger's.
fn hostile() -> TestResult {
    let failure = Failure {
        expectation: Some(HOSTILE.into()),
        observed: Some(HOSTILE.into()),
        location: Location::parse(HOSTILE),
        location_note: Some(HOSTILE.into()),
        evidence: Some(HOSTILE.into()),
        resolution: Some(HOSTILE.into()),
    };
    let mut all = attempts("ff", &failure);
    all.extend(
        [
            Outcome::error(HOSTILE),
            Outcome::Invalid {
                reason: Some(HOSTILE.into()),
            },
            Outcome::skip(HOSTILE),
        ]
        .map(|outcome| Attempt {
            outcome,
            duration: Duration::ZERO,
        }),
    );
    TestResult {
        attempts: all,
        because: Some(Because::Waived(Waiver {
            id: format!("waived {HOSTILE}"),
            reason: HOSTILE.into(),
            owner: Some(HOSTILE.into()),
            until: Date::constant(2026, 12, 31),
        })),
        ..result(
            PATH,
            &format!("waived {HOSTILE}"),
            51,
            Outcome::Fail(failure),
        )
    }
}

/// A pass against the first vote, a confirmed violation, and whatever else the votes and rules make
/// of a statement.
pub(super) fn results() -> Vec<TestResult> {
    let late = observed("Local times are stored.");
    let unsigned = Failure {
        expectation: Some("Each order is signed.".into()),
        location_note: Some("repaired; the answer says `shop/src/orders.rs:7`".into()),
        evidence: Some("fn save(order: &Order) {\n    store.put(order);\n}".into()),
        ..observed("`save` stores orders without a signature.")
    };
    let undecided = Outcome::error("undecided (4 pass, 3 fail)");
    let of = |id, line, votes, failure: &Failure, outcome| TestResult {
        attempts: attempts(votes, failure),
        ..result(PATH, id, line, outcome)
    };
    let mut results = vec![
        of("dates-are-utc", 1, "fpp", &late, Outcome::Pass),
        TestResult {
            calibration: Calibration::Quiet(noise(12, 0)),
            ..of(
                "orders-are-signed",
                6,
                "fpfff",
                &unsigned,
                Outcome::Fail(unsigned.clone()),
            )
        },
        TestResult {
            calibration: Calibration::Unclear(noise(12, 3)),
            ..of(
                "retries-are-bounded",
                11,
                "pfpfpfp",
                &late,
                undecided.clone(),
            )
        },
        TestResult {
            calibration: Calibration::Noisy(noise(12, 6)),
            ..of("errors-are-kind", 41, "pfpp", &late, Outcome::Pass)
        },
        TestResult {
            because: Some(Because::Level),
            ..of("caches-expire", 46, "pfpfpfp", &late, undecided)
        },
    ];
    results.splice(3..3, grounded(&late));
    results.push(hostile());
    results
}

/// A failure for each ground that there is.
fn grounded(failure: &Failure) -> Vec<TestResult> {
    let (none, some) = (noise(12, 0), noise(12, 5));
    let of = |id, line, calibration, because| TestResult {
        calibration,
        because: Some(because),
        attempts: attempts("ff", failure),
        ..result(PATH, id, line, Outcome::Fail(failure.clone()))
    };
    let (quiet, noisy) = (Calibration::Quiet(none), Calibration::Noisy(some));
    let until = Date::constant(2026, 12, 31);
    let waived = Because::Waived(waiver("admin-needs-a-login", until, Some("@api")));
    let ended = Date::constant(2026, 11, 1);
    let ended = Because::Expired(waiver("specs/votes.spec.md#exports-are-small", ended, None));
    vec![
        of("admin-needs-a-login", 16, Calibration::Unknown, waived),
        of("exports-are-small", 21, Calibration::Unknown, ended),
        of("names-are-clear", 26, noisy, Because::Noisy(some)),
        of("comments-say-why", 31, quiet, Because::Level),
        of("flags-are-removed", 36, Calibration::Unknown, Because::New),
    ]
}

fn noise(votes: u32, minority: u32) -> Noise {
    Noise { votes, minority }
}

/// What a pull request changed about which failures block.
pub(super) fn rule_changes() -> Vec<RuleChange> {
    let change = |file: &str, text: &str| RuleChange {
        file: file.into(),
        text: text.into(),
    };
    vec![
        change(
            "semtest.waivers.yaml",
            "adds a waiver of admin-needs-a-login until 2026-12-31: the old routes go in December",
        ),
        change(HOSTILE, HOSTILE),
    ]
}
