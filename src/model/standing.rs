//! Which failures count: levels, waivers, and why one does not block.

use jiff::civil::Date;

use super::{Noise, Word};
use crate::sanitize::terminal_line;

/// The name of the file with the waivers, beside the configuration.
pub const WAIVERS_NAME: &str = "semtest.waivers.yaml";

/// Whether the failure of a statement blocks: what a user writes as `level` or `newSpecs`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// It makes the run fail: `block`.
    #[default]
    Block,
    /// It is reported only: `warn`.
    Warn,
}

impl Word for Level {
    const WORDS: &'static [(&'static str, Self)] = &[("block", Self::Block), ("warn", Self::Warn)];
}

/// A failure that somebody answers for, an entry of `semtest.waivers.yaml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The scenario's id, or `path#id` where several files have it. Foreign, as all texts here.
    pub id: String,
    /// Why the failure is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day (UTC) on which it holds.
    pub until: Date,
}

impl Waiver {
    /// Whether it holds on the day `today`.
    #[must_use]
    pub fn holds_on(&self, today: Date) -> bool {
        today <= self.until
    }
}

/// Why a failure or an undecided statement blocks or does not, where its outcome alone does not say
/// so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// Somebody answers for it: it does not block.
    Waived(Waiver),
    /// Its level is [`Level::Warn`]: it does not block.
    Level,
    /// Calibration found the judge too noisy about it: it does not block.
    Noisy(Noise),
    /// It was never calibrated, and `newSpecs` is [`Level::Warn`]: it does not block.
    New,
    /// Its waiver has ended: it blocks.
    Expired(Waiver),
}

impl Because {
    /// Whether the result blocks all the same.
    #[must_use]
    pub fn blocks(&self) -> bool {
        match self {
            Self::Expired(_) => true,
            Self::Waived(_) | Self::Level | Self::Noisy(_) | Self::New => false,
        }
    }

    /// The word that report files use.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Waived(_) => "waived",
            Self::Level => "level",
            Self::Noisy(_) => "noisy",
            Self::New => "new",
            Self::Expired(_) => "waiver-expired",
        }
    }

    /// In words for the user: `waived until 2026-12-31 by @api: legacy routes`. Holds foreign text.
    /// Each part of it is a line of its own before they are joined, so none can swallow the next.
    #[must_use]
    pub fn in_words(&self) -> String {
        let by = |waiver: &Waiver| {
            let reason = terminal_line(&waiver.reason);
            match waiver.owner.as_deref().map(terminal_line) {
                Some(owner) => format!(" by {owner}: {reason}"),
                None => format!(": {reason}"),
            }
        };
        match self {
            Self::Waived(waiver) => format!("waived until {}{}", waiver.until, by(waiver)),
            Self::Level => "its level is warn".to_owned(),
            Self::Noisy(Noise { votes, minority }) => format!(
                "the judge is noisy about it: {minority} of {votes} calibration votes disagreed; \
                 rewrite the statement"
            ),
            Self::New => "it is not calibrated yet, and newSpecs is warn".to_owned(),
            Self::Expired(waiver) => format!("its waiver ended on {}{}", waiver.until, by(waiver)),
        }
    }
}

/// Something that a pull request changes about which failures block, for its comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleChange {
    /// The file, relative to the project root.
    pub file: String,
    /// What is different, in words for the user: `adds a waiver of admin-auth until 2026-12-31:
    /// legacy routes`. Holds foreign text.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_can_not_hide_the_reason() {
        let waiver = Waiver {
            id: "a".into(),
            reason: "old routes\u{1b}]y".into(),
            owner: Some("@api\u{1b}]x".into()),
            until: Date::constant(2026, 12, 31),
        };
        let words = Because::Waived(waiver).in_words();
        assert_eq!(words, "waived until 2026-12-31 by @api: old routes");
        assert_eq!(terminal_line(&words), words);
    }
}
