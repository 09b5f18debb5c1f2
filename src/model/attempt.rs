//! The answers about one statement: what its votes came to, and what those saw that failed.

use std::time::Duration;

use super::{Failure, Location, Outcome, Tally, TestResult};

/// One answer about a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What it says: a vote if it is a pass or a failure.
    pub outcome: Outcome,
    /// How long its call took, whole milliseconds.
    pub duration: Duration,
}

impl Attempt {
    /// The failure that tells most: the first with a place and what is there, else the first.
    #[must_use]
    pub fn best_failure(attempts: &[Self]) -> Option<&Failure> {
        let failures = || {
            attempts
                .iter()
                .filter_map(|attempt| match &attempt.outcome {
                    Outcome::Fail(failure) => Some(failure),
                    Outcome::Pass
                    | Outcome::Error { .. }
                    | Outcome::Invalid { .. }
                    | Outcome::Skip { .. } => None,
                })
        };
        let tells = |failure: &&Failure| failure.location.is_some() && failure.observed.is_some();
        failures().find(tells).or_else(|| failures().next())
    }
}

impl TestResult {
    /// What the best failing vote saw, and where, if the votes came to no verdict. Foreign.
    #[must_use]
    pub fn failing_vote(&self) -> Option<(&str, Option<&Location>)> {
        let is_open = matches!(self.outcome, Outcome::Error { .. });
        let failure = Attempt::best_failure(&self.attempts).filter(|_| is_open)?;
        let observed = failure.observed.as_deref().unwrap_or("it does not say");
        Some((observed, failure.location.as_ref()))
    }

    /// Its votes, if it passed against some: `votes: 2 pass, 1 fail`.
    #[must_use]
    pub fn contested_votes(&self) -> Option<String> {
        let is_contested = self.outcome == Outcome::Pass && self.tally().fails > 0;
        is_contested.then(|| format!("votes: {}", self.tally()))
    }

    /// What to do about a statement that its votes left undecided.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        let advice = "reword the statement, or see how noisy it is with `semtest calibrate`";
        self.is_undecided().then_some(advice)
    }

    /// Whether its votes were used up and no verdict led. A model may call its own error so: only
    /// votes, and nothing but votes, leave a statement undecided.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        let tally = self.tally();
        let all_vote = tally.total() > 0 && tally.total() as usize == self.attempts.len();
        let said = format!("undecided ({tally})");
        all_vote && matches!(&self.outcome, Outcome::Error { message } if *message == said)
    }

    /// Its votes, those of the verdict first: `4 fail, 1 pass`; `None` where there was but one.
    #[must_use]
    pub fn votes_in_words(&self) -> Option<String> {
        let tally = self.tally();
        let Tally { passes, fails } = tally;
        (tally.total() > 1).then(|| match self.outcome {
            Outcome::Fail(_) => format!("{fails} fail, {passes} pass"),
            Outcome::Pass
            | Outcome::Error { .. }
            | Outcome::Invalid { .. }
            | Outcome::Skip { .. } => tally.to_string(),
        })
    }

    /// The votes of its attempts.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for attempt in &self.attempts {
            match attempt.outcome {
                Outcome::Pass => tally.passes += 1,
                Outcome::Fail(_) => tally.fails += 1,
                Outcome::Error { .. } | Outcome::Invalid { .. } | Outcome::Skip { .. } => {}
            }
        }
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RunReport;

    fn failing(observed: Option<&str>, place: Option<&str>) -> Outcome {
        Outcome::Fail(Failure {
            observed: observed.map(Into::into),
            location: place.and_then(Location::parse),
            ..Failure::default()
        })
    }

    fn result(outcome: Outcome, attempts: &[Outcome]) -> TestResult {
        let attempt = |outcome: &Outcome| Attempt {
            outcome: outcome.clone(),
            duration: Duration::ZERO,
        };
        TestResult {
            outcome,
            attempts: attempts.iter().map(attempt).collect(),
            ..RunReport::sample().results.remove(0)
        }
    }

    #[test]
    fn what_failing_votes_saw_is_told_only_without_a_verdict() {
        let error = || Outcome::error("x");
        let (vague, silent) = (failing(Some("vague"), None), failing(None, Some("a.rs:1")));
        let exact = failing(Some("exact"), Some("a.rs:3"));
        let saw = |outcome, attempts: &[Outcome]| {
            let result = result(outcome, attempts);
            let vote = result.failing_vote();
            vote.map(|(text, place)| {
                (
                    text.to_owned(),
                    place.map(|place| place.as_str().to_owned()),
                )
            })
        };
        let told = |text: &str, place: Option<&str>| Some((text.to_owned(), place.map(Into::into)));
        let votes = [Outcome::Pass, vague.clone(), exact.clone(), error()];
        assert_eq!(saw(error(), &votes), told("exact", Some("a.rs:3")));
        assert_eq!(
            saw(error(), std::slice::from_ref(&vague)),
            told("vague", None)
        );
        assert_eq!(
            saw(error(), &[silent]),
            told("it does not say", Some("a.rs:1"))
        );
        assert_eq!(saw(error(), &[Outcome::Pass, error()]), None);
        assert_eq!(saw(Outcome::Pass, &votes), None);
        assert_eq!(saw(exact, &votes), None);
    }

    #[test]
    fn only_a_pass_against_a_failing_vote_is_contested() {
        let votes = [Outcome::Pass, failing(None, None), Outcome::Pass];
        let contested = |outcome, votes: &[Outcome]| result(outcome, votes).contested_votes();
        let tally = Some("votes: 2 pass, 1 fail".to_owned());
        assert_eq!(contested(Outcome::Pass, &votes), tally);
        assert_eq!(contested(Outcome::Pass, &votes[..1]), None);
        assert_eq!(contested(failing(None, None), &votes), None);
    }
}
