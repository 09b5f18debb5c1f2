//! How many answers make a verdict: the policies, and what a tally amounts to under one.
//!
//! An LLM judge is noisy: asked the same again, it may answer otherwise. A vote is the answer of one
//! fresh call. Nothing here calls anybody; `evaluate` counts the votes and asks on.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::Calibration;

/// More votes than anybody pays for.
const MOST: u32 = 1_000;

/// How the votes of a statement are chosen: what a user writes as `votes`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Votes {
    /// By what is known about the statement: `auto`.
    #[default]
    Auto,
    /// Always this.
    Fixed(VotePolicy),
}

/// When there are enough votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VotePolicy {
    /// The first answer is the verdict: `1`.
    One,
    /// Until one verdict leads: `lead:D/CAP`.
    Lead {
        /// By so many votes.
        by: u32,
        /// After so many votes without a leader it is undecided.
        cap: u32,
    },
    /// A first pass is the verdict; a first failure has to be confirmed, until failures lead by `by`
    /// or passes by one: `confirm:D/CAP`.
    Confirm {
        /// By so many votes.
        by: u32,
        /// After so many votes without a leader it is undecided.
        cap: u32,
    },
    /// So many answers whatever they say, and no verdict: for calibration. No user can write it.
    Count(u32),
}

impl Votes {
    /// What this is for a statement of which `calibration` is known.
    #[must_use]
    pub fn policy(self, calibration: Calibration) -> VotePolicy {
        match (self, calibration) {
            (Self::Fixed(policy), _) => policy,
            (Self::Auto, Calibration::Quiet(_)) => VotePolicy::QUIET,
            (
                Self::Auto,
                Calibration::Unknown | Calibration::Noisy(_) | Calibration::Unclear(_),
            ) => VotePolicy::OTHERWISE,
        }
    }
}

impl VotePolicy {
    /// What `auto` is for a statement that is known to be quiet.
    pub const QUIET: Self = Self::Confirm { by: 3, cap: 11 };
    /// What `auto` is for any other.
    pub const OTHERWISE: Self = Self::Lead { by: 2, cap: 7 };

    /// The fewest votes that it takes.
    #[must_use]
    pub fn least(self) -> u32 {
        match self {
            Self::One | Self::Confirm { .. } => 1,
            Self::Lead { by, .. } => by,
            Self::Count(count) => count,
        }
    }

    /// The most votes that it takes.
    #[must_use]
    pub fn cap(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Lead { cap, .. } | Self::Confirm { cap, .. } | Self::Count(cap) => cap,
        }
    }

    /// What `tally` amounts to.
    #[must_use]
    pub fn decide(self, tally: Tally) -> Decision {
        let Tally { passes, fails } = tally;
        let (pass_lead, fail_lead) = match self {
            Self::One => (1, 1),
            Self::Lead { by, .. } => (by, by),
            Self::Confirm { by, .. } => (1, by),
            Self::Count(_) => (u32::MAX, u32::MAX),
        };
        if passes.saturating_sub(fails) >= pass_lead {
            Decision::Pass
        } else if fails.saturating_sub(passes) >= fail_lead {
            Decision::Fail
        } else if tally.total() >= self.cap() {
            Decision::Undecided
        } else {
            Decision::Open
        }
    }
}

/// Votes of one judge on one statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Votes that it holds.
    pub passes: u32,
    /// Votes that it does not hold.
    pub fails: u32,
}

impl Tally {
    /// All votes.
    #[must_use]
    pub fn total(self) -> u32 {
        self.passes.saturating_add(self.fails)
    }
}

/// As messages have it: `4 pass, 3 fail`.
impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} pass, {} fail", self.passes, self.fails)
    }
}

/// What a tally amounts to under a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// One more vote is needed.
    Open,
    /// The statement holds.
    Pass,
    /// It does not hold.
    Fail,
    /// The votes are used up and nobody leads. Never a coin toss.
    Undecided,
}

impl fmt::Display for Votes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => formatter.write_str("auto"),
            Self::Fixed(policy) => policy.fmt(formatter),
        }
    }
}

impl fmt::Display for VotePolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One => formatter.write_str("1"),
            Self::Count(count) => write!(formatter, "{count} answers"),
            Self::Lead { by, cap } => write!(formatter, "lead:{by}/{cap}"),
            Self::Confirm { by, cap } => write!(formatter, "confirm:{by}/{cap}"),
        }
    }
}

/// Why a text is no choice of votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VotesError {
    /// Another word or form.
    #[error("expected auto, 1, lead:D/CAP or confirm:D/CAP, such as lead:2/7")]
    Unreadable,
    /// A number that can't be meant.
    #[error("in D/CAP, D must be at least 1 and CAP at least D, and at most {MOST}")]
    Range,
}

impl FromStr for Votes {
    type Err = VotesError;

    fn from_str(text: &str) -> Result<Self, VotesError> {
        match text {
            "auto" => return Ok(Self::Auto),
            "1" => return Ok(Self::Fixed(VotePolicy::One)),
            _ => {}
        }
        let (word, numbers) = text.split_once(':').ok_or(VotesError::Unreadable)?;
        let (by, cap) = numbers.split_once('/').ok_or(VotesError::Unreadable)?;
        let (by, cap) = (number(by)?, number(cap)?);
        if by == 0 || cap < by || cap > MOST {
            return Err(VotesError::Range);
        }
        match word {
            "lead" => Ok(Self::Fixed(VotePolicy::Lead { by, cap })),
            "confirm" => Ok(Self::Fixed(VotePolicy::Confirm { by, cap })),
            _ => Err(VotesError::Unreadable),
        }
    }
}

/// Digits only: `+2` is no number here.
fn number(text: &str) -> Result<u32, VotesError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(VotesError::Unreadable);
    }
    text.parse().map_err(|_| VotesError::Range)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn policy(text: &str) -> VotePolicy {
        match text.parse().unwrap() {
            Votes::Fixed(policy) => policy,
            Votes::Auto => panic!("auto is no policy"),
        }
    }

    /// Asks on until it is decided: `votes` are `p` and `f`.
    fn verdict(text: &str, votes: &str) -> (Decision, u32) {
        let mut tally = Tally::default();
        for vote in votes.chars() {
            assert_eq!(policy(text).decide(tally), Decision::Open, "{text} {votes}");
            match vote {
                'p' => tally.passes += 1,
                _ => tally.fails += 1,
            }
        }
        (policy(text).decide(tally), tally.total())
    }

    #[test]
    fn each_policy_ends_where_it_should() {
        for (text, votes, expected) in [
            ("1", "p", Decision::Pass),
            ("1", "f", Decision::Fail),
            ("lead:2/7", "p", Decision::Open),
            ("lead:2/7", "pp", Decision::Pass),
            ("lead:2/7", "ff", Decision::Fail),
            ("lead:2/7", "pfpp", Decision::Pass),
            ("lead:2/7", "pfpfpfp", Decision::Undecided),
            ("confirm:3/11", "p", Decision::Pass),
            ("confirm:3/11", "f", Decision::Open),
            ("confirm:3/11", "ff", Decision::Open),
            ("confirm:3/11", "fff", Decision::Fail),
            ("confirm:3/11", "fpp", Decision::Pass),
            ("confirm:3/11", "fpfff", Decision::Fail),
            ("confirm:3/4", "fpff", Decision::Undecided),
        ] {
            assert_eq!(verdict(text, votes).0, expected, "{text} {votes}");
        }
    }

    #[test]
    fn a_violation_confirmed_four_to_one_is_a_failure() {
        assert_eq!(verdict("lead:3/11", "fpfff"), (Decision::Fail, 5));
        assert_eq!(verdict("confirm:3/11", "fpfff"), (Decision::Fail, 5));
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        for text in ["auto", "1", "lead:2/7", "confirm:3/11", "lead:1/1"] {
            assert_eq!(text.parse::<Votes>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "3",
            "lead",
            "lead:2",
            "lead:2/",
            "lead:+2/7",
            "first:2/7",
            "Auto",
            "1 ",
            "lead: 2/7",
        ] {
            assert_eq!(text.parse::<Votes>(), Err(VotesError::Unreadable), "{text}");
        }
        for text in [
            "lead:0/7",
            "lead:3/2",
            "confirm:3/1001",
            "lead:2/99999999999",
        ] {
            assert_eq!(text.parse::<Votes>(), Err(VotesError::Range), "{text}");
        }
    }

    #[test]
    fn no_verdict_is_reached_with_fewer_votes_than_the_least() {
        for text in ["1", "lead:2/7", "lead:4/4", "confirm:3/11"] {
            let policy = policy(text);
            let decide = |passes, fails| policy.decide(Tally { passes, fails });
            for votes in 1..policy.least() {
                let both = [decide(votes, 0), decide(0, votes)];
                assert_eq!(both, [Decision::Open; 2], "{text} {votes}");
            }
            assert_eq!(decide(policy.least(), 0), Decision::Pass, "{text}");
        }
    }

    #[test]
    fn auto_asks_little_only_about_what_is_known_to_be_quiet() {
        let noise = crate::model::Noise {
            votes: 12,
            minority: 0,
        };
        let auto = |calibration| Votes::Auto.policy(calibration).to_string();
        assert_eq!(auto(Calibration::Quiet(noise)), "confirm:3/11");
        for other in [
            Calibration::Unknown,
            Calibration::Noisy(noise),
            Calibration::Unclear(noise),
        ] {
            assert_eq!(auto(other), "lead:2/7");
        }
        let fixed = Votes::Fixed(VotePolicy::One);
        assert_eq!(fixed.policy(Calibration::Quiet(noise)), VotePolicy::One);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in any::<String>()) {
            let _ = text.parse::<Votes>();
        }

        #[test]
        fn voting_ends_at_the_cap_at_the_latest(
            by in 1..5_u32, more in 0..8_u32, confirm in any::<bool>(), votes in any::<u64>(),
        ) {
            let cap = by + more;
            let policy = if confirm { VotePolicy::Confirm { by, cap } } else { VotePolicy::Lead { by, cap } };
            let mut tally = Tally::default();
            while policy.decide(tally) == Decision::Open {
                prop_assert!(tally.total() < cap);
                match votes >> tally.total() & 1 {
                    0 => tally.passes += 1,
                    _ => tally.fails += 1,
                }
            }
            let lead = tally.fails > tally.passes;
            prop_assert!(policy.decide(tally) != Decision::Pass || !lead);
            prop_assert!(policy.decide(tally) != Decision::Fail || lead);
        }
    }
}
