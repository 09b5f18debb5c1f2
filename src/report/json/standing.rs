//! Votes, calibration and why a failure blocks or not, as `ci-results.json` has them.

use std::time::Duration;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::document::milliseconds;
use super::told::{TestWord, Told};
use crate::model::{
    Attempt, Because, Calibration, Noise, Outcome, RuleChange, Tally, TestResult, Waiver,
};

/// One answer about a scenario.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    status: TestWord,
    duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    expectation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// How many answers said what.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct VoteCounts {
    pass: u32,
    fail: u32,
}

/// What calibration found about the statement.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct Calibrated {
    class: Class,
    votes: u32,
    minority: u32,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Class {
    Quiet,
    Noisy,
    Unclear,
}

/// Why a result blocks or does not. Not an enumeration with fields: its reader would keep the whole
/// value in memory, in another form, before it knows the kind.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Ground {
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    votes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minority: Option<u32>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Waived,
    Level,
    Noisy,
    New,
    WaiverExpired,
}

/// What a pull request changed about which failures block.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Change {
    file: String,
    text: String,
}

impl Answer {
    pub(super) fn of(attempt: &Attempt) -> Self {
        let told = Told::of(&attempt.outcome);
        Self {
            status: told.status,
            duration_ms: milliseconds(attempt.duration),
            expectation: told.expectation,
            observed: told.observed,
            location: told.location,
            location_note: told.location_note,
            evidence: told.evidence,
            resolution: told.resolution,
            error: told.error,
            reason: told.reason,
        }
    }

    /// The answer, or a field and what is wrong with it.
    pub(super) fn to_model(&self) -> Result<Attempt, (&'static str, &'static str)> {
        let told = Told {
            status: self.status,
            expectation: self.expectation.clone(),
            observed: self.observed.clone(),
            location: self.location.clone(),
            location_note: self.location_note.clone(),
            evidence: self.evidence.clone(),
            resolution: self.resolution.clone(),
            error: self.error.clone(),
            reason: self.reason.clone(),
        };
        Ok(Attempt {
            outcome: told.into_outcome()?,
            duration: Duration::from_millis(self.duration_ms),
        })
    }
}

impl VoteCounts {
    /// `None` where there were no votes.
    pub(super) fn of(tally: Tally) -> Option<Self> {
        (tally.total() > 0).then_some(Self {
            pass: tally.passes,
            fail: tally.fails,
        })
    }
}

impl Calibrated {
    /// `None` where nothing is known.
    pub(super) fn of(calibration: Calibration) -> Option<Self> {
        let (class, Noise { votes, minority }) = match calibration {
            Calibration::Unknown => return None,
            Calibration::Quiet(noise) => (Class::Quiet, noise),
            Calibration::Noisy(noise) => (Class::Noisy, noise),
            Calibration::Unclear(noise) => (Class::Unclear, noise),
        };
        Some(Self {
            class,
            votes,
            minority,
        })
    }

    /// `None` for numbers that no calibration has.
    pub(super) fn to_model(self) -> Option<Calibration> {
        let Self {
            class,
            votes,
            minority,
        } = self;
        let noise = Noise { votes, minority };
        // The rate of a judge without votes, or without dissent, is above no limit.
        let can_be = minority <= votes && (class != Class::Noisy || minority > 0);
        can_be.then_some(match class {
            Class::Quiet => Calibration::Quiet(noise),
            Class::Noisy => Calibration::Noisy(noise),
            Class::Unclear => Calibration::Unclear(noise),
        })
    }
}

impl Ground {
    pub(super) fn of(because: &Because) -> Self {
        let only = |kind| Self {
            kind,
            id: None,
            reason: None,
            owner: None,
            until: None,
            votes: None,
            minority: None,
        };
        let of = |kind, waiver: &Waiver| Self {
            id: Some(waiver.id.clone()),
            reason: Some(waiver.reason.clone()),
            owner: waiver.owner.clone(),
            until: Some(waiver.until.to_string()),
            ..only(kind)
        };
        match because {
            Because::Waived(waiver) => of(Kind::Waived, waiver),
            Because::Expired(waiver) => of(Kind::WaiverExpired, waiver),
            Because::Level => only(Kind::Level),
            Because::New => only(Kind::New),
            Because::Noisy(Noise { votes, minority }) => Self {
                votes: Some(*votes),
                minority: Some(*minority),
                ..only(Kind::Noisy)
            },
        }
    }

    /// `None` where a field is missing that the kind has, or is there that it does not have.
    fn to_model(&self) -> Option<Because> {
        let noise = self.votes.zip(self.minority);
        let noise = noise.map(|(votes, minority)| Noise { votes, minority });
        let has_numbers = self.votes.is_some() || self.minority.is_some();
        let has_texts = [&self.id, &self.reason, &self.owner, &self.until];
        let has_texts = has_texts.into_iter().any(Option::is_some);
        match (self.kind, has_texts, has_numbers) {
            (Kind::Waived, _, false) => self.waiver().map(Because::Waived),
            (Kind::WaiverExpired, _, false) => self.waiver().map(Because::Expired),
            (Kind::Level, false, false) => Some(Because::Level),
            (Kind::New, false, false) => Some(Because::New),
            (Kind::Noisy, false, _) => noise.map(Because::Noisy),
            (Kind::Waived | Kind::WaiverExpired, _, true)
            | (Kind::Level | Kind::New, _, _)
            | (Kind::Noisy, true, _) => None,
        }
    }

    fn waiver(&self) -> Option<Waiver> {
        let until = self.until.as_deref()?;
        let day: Date = until.parse().ok()?;
        // A time of the day behind it would be read and left out.
        (day.to_string() == until).then_some(Waiver {
            id: self.id.clone()?,
            reason: self.reason.clone()?,
            owner: self.owner.clone(),
            until: day,
        })
    }
}

/// Why `result` of a run that started on the day `today`, which lacks just that, blocks or does not; or a
/// field and what is wrong with it. A file could call every failure harmless: only those that the
/// rules can excuse may be.
pub(super) fn because(
    result: &TestResult,
    today: Date,
    blocking: Option<bool>,
    ground: Option<&Ground>,
) -> Result<Option<Because>, (&'static str, &'static str)> {
    let (blocking, ground) = match (blocking, ground) {
        (None, None) => return Ok(None),
        (Some(_), None) => return Err(("blocking", "is there without `because`")),
        (None, Some(_)) => return Err(("because", "is there without `blocking`")),
        (Some(blocking), Some(ground)) => (blocking, ground),
    };
    if !matches!(result.outcome, Outcome::Fail(_)) && !result.is_undecided() {
        return Err((
            "because",
            "goes with failures and undecided statements only",
        ));
    }
    let because = ground.to_model();
    let because = because.ok_or(("because", "does not have the fields of its kind"))?;
    if because.blocks() != blocking {
        return Err(("blocking", "does not follow from `because`"));
    }
    check_ground(result, &because, today)?;
    Ok(Some(because))
}

/// Whether the rules could have come to this on that day.
fn check_ground(
    result: &TestResult,
    because: &Because,
    today: Date,
) -> Result<(), (&'static str, &'static str)> {
    let own = || format!("{}#{}", result.path, result.id);
    let (known, waiver) = match because {
        Because::Noisy(noise) => (Some(Calibration::Noisy(*noise)), None),
        Because::New => (Some(Calibration::Unknown), None),
        Because::Waived(waiver) => (None, Some((waiver, true))),
        Because::Expired(waiver) => (None, Some((waiver, false))),
        Because::Level => (None, None),
    };
    if known.is_some_and(|known| result.calibration != known) {
        return Err(("because", "does not follow from `calibration`"));
    }
    // Noise never excuses what no model was asked about.
    if known.is_some() && result.tally().fails == 0 && !result.is_undecided() {
        return Err(("because", "goes with failing votes only"));
    }
    let Some((waiver, holds)) = waiver else {
        return Ok(());
    };
    if waiver.id != result.id && waiver.id != own() {
        return Err(("because", "is a waiver of another statement"));
    }
    if waiver.holds_on(today) != holds {
        return Err(("because", "does not follow from the day of `startedAt`"));
    }
    Ok(())
}

/// Whether votes can have come to the verdict: several runs of a statement, each with more passes than
/// failures, have more together too.
pub(super) fn check_votes(result: &TestResult) -> Result<(), (&'static str, &'static str)> {
    let Tally { passes, fails } = result.tally();
    let is_pass = result.outcome == Outcome::Pass;
    if is_pass && !result.attempts.is_empty() && fails >= passes {
        return Err(("votes", "do not make it pass"));
    }
    Ok(())
}

impl Change {
    pub(super) fn of(change: &RuleChange) -> Self {
        Self {
            file: change.file.clone(),
            text: change.text.clone(),
        }
    }

    pub(super) fn to_model(&self) -> RuleChange {
        RuleChange {
            file: self.file.clone(),
            text: self.text.clone(),
        }
    }
}
