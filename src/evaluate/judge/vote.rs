//! Calls until every scenario of a file has its verdict: the votes on each, and `--repeat`.
//!
//! When there are enough votes is for [`VotePolicy`] to say. A vote is one fresh call, which asks only
//! for the scenarios that are still open.

use crate::model::{
    Attempt, Calibration, Decision, IssueKind, Outcome, RunEvent, Scenario, Spent, Tally,
    ValidationIssue, VotePolicy,
};

use super::super::agents::Agent;
use super::super::plan::PlannedSpec;
use super::super::rules::Ruled;
use super::call::{self, Question};
use super::debug::Record;
use super::{Context, INTERRUPTED, Settled};

/// Who asks whom about which file.
pub(super) struct Poll<'a> {
    /// The file's place in the run, from 1.
    pub(super) index: usize,
    pub(super) spec: &'a PlannedSpec,
    pub(super) agent: &'a Agent,
    /// What deterministic checks found.
    pub(super) evidence: &'a [String],
    pub(super) context: &'a Context,
}

/// What came of all questions about a file.
pub(super) struct Answered {
    /// One for each scenario that a model was asked about.
    pub(super) settled: Vec<Settled>,
    pub(super) issues: Vec<ValidationIssue>,
    pub(super) spent: Spent,
}

impl Poll<'_> {
    /// Asks for the scenarios of `ballots` until each has its verdict.
    pub(super) async fn ask(&self, ballots: &[(&Scenario, VotePolicy)]) -> Answered {
        let mut ballots: Vec<Ballot<'_>> = ballots.iter().map(Ballot::new).collect();
        let mut log = Log {
            record: Record::start(self.context, &self.spec.file.path, &self.agent.key),
            issues: Vec::new(),
            spent: Spent::default(),
        };
        if self.context.repeat > 1 {
            self.repeat(&mut ballots, &mut log).await;
        } else {
            self.vote(&mut ballots, &mut log).await;
        }
        if let Err(error) = log.record.close() {
            (self.context.on_event)(&RunEvent::Warning {
                message: format!(
                    "the debug file of `{}` is incomplete: {error}",
                    self.spec.file.path
                ),
            });
        }
        Answered {
            issues: about_verdicts(log.issues, &ballots),
            settled: ballots.into_iter().map(Ballot::settle).collect(),
            spent: log.spent,
        }
    }

    async fn vote(&self, ballots: &mut [Ballot<'_>], log: &mut Log) {
        for vote in 1.. {
            let mut open: Vec<&mut Ballot<'_>> =
                ballots.iter_mut().filter(|one| one.is_open()).collect();
            if open.is_empty() {
                break;
            }
            if vote > 1 {
                (self.context.on_event)(&RunEvent::Vote {
                    index: self.index,
                    vote,
                    open: open.len(),
                });
            }
            self.call(&mut open, log).await;
        }
    }

    /// Asks for all of them up to so many times, and stops at the first run that does not pass; a
    /// failure that does not block ends no repeats of what does. The last run's outcome counts: an
    /// interrupted file has not passed.
    async fn repeat(&self, ballots: &mut [Ballot<'_>], log: &mut Log) {
        for run in 1..=self.context.repeat {
            (self.context.on_event)(&RunEvent::Repeat {
                index: self.index,
                run,
                of: self.context.repeat,
            });
            // What failed and does not block stays failed; the others are still to be asked so often.
            let passed = |one: &&mut Ballot<'_>| run == 1 || one.end == Some(Outcome::Pass);
            let mut again: Vec<&mut Ballot<'_>> = ballots.iter_mut().filter(passed).collect();
            for one in &mut again {
                one.begin_again();
            }
            self.call(&mut again, log).await;
            let is_over = |one: &Ballot<'_>| one.end != Some(Outcome::Pass);
            let ends = |one: &Ballot<'_>| is_over(one) && !self.is_excused(one);
            if ballots.iter().any(ends) || ballots.iter().all(is_over) {
                break;
            }
        }
    }

    /// Whether it ended as a failure that does not block.
    fn is_excused(&self, ballot: &Ballot<'_>) -> bool {
        let Some(outcome @ Outcome::Fail(_)) = &ballot.end else {
            return false;
        };
        let scenarios = &self.spec.file.scenarios;
        let mut selected = self.spec.selected.iter();
        let selected = selected.find(|one| scenarios.get(one.at) == Some(ballot.scenario));
        let facts = Ruled {
            outcome,
            is_undecided: false,
            by_model: true,
            calibration: selected.map_or(Calibration::Unknown, |one| one.calibration),
        };
        let rules = &self.context.rules;
        let because = rules.because(&self.spec.file, ballot.scenario, &facts);
        because.is_some_and(|because| !because.blocks())
    }

    /// One vote on each of `open`.
    async fn call(&self, open: &mut [&mut Ballot<'_>], log: &mut Log) {
        let scenarios: Vec<&Scenario> = open.iter().map(|one| one.scenario).collect();
        let question = Question {
            index: self.index,
            spec: self.spec,
            agent: self.agent,
            open: &scenarios,
            evidence: self.evidence,
        };
        let asked = call::ask_once(&question, self.context, &mut log.record).await;
        let duration = asked.spent.usage.duration;
        log.spent = std::mem::take(&mut log.spent).plus(asked.spent);
        for issue in asked.issues {
            if !log.issues.contains(&issue) {
                log.issues.push(issue);
            }
        }
        let cancelled = self.context.cancel.is_cancelled();
        for (ballot, outcome) in open.iter_mut().zip(asked.outcomes) {
            if cancelled && outcome == Outcome::skip(INTERRUPTED) {
                ballot.end = Some(outcome);
            } else {
                ballot.add(Attempt { outcome, duration });
            }
        }
    }
}

/// What calls leave besides their verdicts.
struct Log {
    record: Record,
    issues: Vec<ValidationIssue>,
    spent: Spent,
}

/// The votes on one scenario.
struct Ballot<'a> {
    scenario: &'a Scenario,
    policy: VotePolicy,
    /// Every answer, in order.
    attempts: Vec<Attempt>,
    tally: Tally,
    /// What came of it, once no further vote is needed.
    end: Option<Outcome>,
    is_undecided: bool,
    /// The word of a first answer that the statement can't be judged, which waits for a second one.
    excuse: Option<&'static str>,
}

impl<'a> Ballot<'a> {
    fn new(&(scenario, policy): &(&'a Scenario, VotePolicy)) -> Self {
        Self {
            scenario,
            policy,
            attempts: Vec::new(),
            tally: Tally::default(),
            end: None,
            is_undecided: false,
            excuse: None,
        }
    }

    /// For another run, in which the first answer is the verdict.
    fn begin_again(&mut self) {
        self.policy = VotePolicy::One;
        self.tally = Tally::default();
        self.end = None;
    }

    fn is_open(&self) -> bool {
        self.end.is_none()
    }

    fn add(&mut self, attempt: Attempt) {
        let outcome = attempt.outcome.clone();
        self.attempts.push(attempt);
        let before = self.tally;
        match outcome {
            Outcome::Pass => self.tally.passes += 1,
            Outcome::Fail(_) => self.tally.fails += 1,
            Outcome::Error { .. } | Outcome::Invalid { .. } | Outcome::Skip { .. } => {}
        }
        let is_vote = self.tally != before;
        match self.excuse {
            // Whoever counts goes on: that there was no vote is a part of the picture.
            _ if matches!(self.policy, VotePolicy::Count(_)) => self.decide(),
            None if is_vote => self.decide(),
            None if self.is_excuse(&outcome) => self.excuse = Some(outcome.word()),
            Some(first) if first != outcome.word() && !matches!(outcome, Outcome::Error { .. }) => {
                self.end = Some(Outcome::error(format!(
                    "the model does not know whether this can be judged: it answered {first}, then {}",
                    outcome.word()
                )));
            }
            Some(_) | None => self.end = Some(after_votes(outcome, before)),
        }
    }

    /// Whether it is a first answer that would let a run pass without a vote: then, as for a verdict,
    /// one answer is not enough.
    fn is_excuse(&self, outcome: &Outcome) -> bool {
        let excuses = matches!(outcome, Outcome::Invalid { .. } | Outcome::Skip { .. });
        excuses && self.tally == Tally::default() && self.policy.cap() > 1
    }

    fn decide(&mut self) {
        let decision = match self.policy {
            VotePolicy::Count(count) if self.attempts.len() >= count as usize => {
                Decision::Undecided
            }
            policy @ (VotePolicy::One
            | VotePolicy::Lead { .. }
            | VotePolicy::Confirm { .. }
            | VotePolicy::Count(_)) => policy.decide(self.tally),
        };
        self.end = match decision {
            Decision::Open => None,
            Decision::Pass => Some(Outcome::Pass),
            Decision::Fail => {
                let best = Attempt::best_failure(&self.attempts).cloned();
                Some(Outcome::Fail(best.unwrap_or_default()))
            }
            Decision::Undecided => {
                self.is_undecided = true;
                Some(Outcome::error(format!("undecided ({})", self.tally)))
            }
        };
    }

    fn settle(self) -> Settled {
        Settled {
            outcome: self
                .end
                .unwrap_or_else(|| Outcome::error("was not asked; this is a bug")),
            attempts: self.attempts,
            is_undecided: self.is_undecided,
        }
    }
}

/// `issues` without doubts about the places of answers that became no verdict: one is kept for each
/// failure that ends up without a place.
fn about_verdicts(issues: Vec<ValidationIssue>, ballots: &[Ballot<'_>]) -> Vec<ValidationIssue> {
    let placeless = |id: &str| {
        let mut ballots = ballots.iter().filter(|one| one.scenario.id == id);
        ballots.any(|one| match &one.end {
            Some(Outcome::Fail(failure)) => failure.location.is_none(),
            Some(_) | None => false,
        })
    };
    let mut kept: Vec<ValidationIssue> = Vec::new();
    for issue in issues {
        let is_doubt = issue.kind == IssueKind::LocationNotFound;
        let is_known = |other: &ValidationIssue| other.kind == issue.kind && other.id == issue.id;
        let id = issue.id.as_deref().unwrap_or_default();
        if !is_doubt || (placeless(id) && !kept.iter().any(is_known)) {
            kept.push(issue);
        }
    }
    kept
}

/// What an answer without a verdict amounts to after `votes`. Nothing may hide them: a failing vote
/// before an `invalid` or a `skip` must not end as one.
fn after_votes(outcome: Outcome, votes: Tally) -> Outcome {
    if votes == Tally::default() {
        return outcome;
    }
    let what = match outcome {
        Outcome::Error { message } => message,
        Outcome::Invalid { reason: None } => "the model then called the statement invalid".into(),
        Outcome::Invalid {
            reason: Some(reason),
        } => format!("the model then called the statement invalid: {reason}"),
        Outcome::Skip { reason } => format!("the model then skipped it: {reason}"),
        outcome @ (Outcome::Pass | Outcome::Fail(_)) => return outcome,
    };
    // Ours first: nothing in foreign words can hide it.
    Outcome::error(format!("after {votes}: {what}"))
}

#[cfg(test)]
mod tests {
    use crate::model::{Failure, Location};

    use super::*;

    fn failing(observed: &str, location: Option<&str>) -> Outcome {
        Outcome::Fail(Failure {
            observed: Some(observed.into()),
            location: location.and_then(Location::parse),
            ..Failure::default()
        })
    }

    /// What a scenario ends as after these answers, and after how many; all are made if it stays open.
    fn end(policy: VotePolicy, answers: &[Outcome]) -> (Option<Outcome>, usize) {
        let scenario = Scenario {
            id: "a".into(),
            title: String::new(),
            line: 1,
            span: 0..0,
            checks: Vec::new(),
            level: None,
            fingerprint: String::new(),
        };
        let mut ballot = Ballot::new(&(&scenario, policy));
        for answer in answers {
            if ballot.is_open() {
                ballot.add(Attempt {
                    outcome: answer.clone(),
                    duration: std::time::Duration::ZERO,
                });
            }
        }
        (ballot.end.clone(), ballot.attempts.len())
    }

    #[test]
    fn whoever_counts_gets_as_many_answers_whatever_they_say() {
        let fail = || failing("x", None);
        let answers = [
            Outcome::Pass,
            Outcome::error("x"),
            fail(),
            Outcome::skip("y"),
            fail(),
        ];
        let count = VotePolicy::Count(4);
        assert_eq!(end(count, &answers[..3]), (None, 3));
        let undecided = Some(Outcome::error("undecided (1 pass, 1 fail)"));
        assert_eq!(end(count, &answers), (undecided, 4));
        let errors = [Outcome::error("x"), Outcome::error("x")];
        let none = Some(Outcome::error("undecided (0 pass, 0 fail)"));
        assert_eq!(end(VotePolicy::Count(2), &errors), (none, 2));
    }

    #[test]
    fn the_failure_with_a_place_and_what_is_there_stands_for_the_verdict() {
        let lead = VotePolicy::Lead { by: 2, cap: 7 };
        let (vague, exact) = (failing("vague", None), failing("exact", Some("src/a.rs:3")));
        for answers in [
            [vague.clone(), exact.clone()],
            [exact.clone(), vague.clone()],
        ] {
            assert_eq!(end(lead, &answers).0, Some(exact.clone()));
        }
        let second = failing("second", None);
        assert_eq!(end(lead, &[vague.clone(), second]).0, Some(vague));
    }

    #[test]
    fn what_is_no_vote_ends_it_and_names_the_votes_before() {
        let lead = VotePolicy::Lead { by: 2, cap: 7 };
        let invalid = |reason: Option<&str>| Outcome::Invalid {
            reason: reason.map(Into::into),
        };
        for (other, needed) in [
            (Outcome::error("x"), 1),
            (invalid(None), 2),
            (Outcome::skip("x"), 2),
        ] {
            assert_eq!(
                end(lead, &[other.clone(), other.clone()]),
                (Some(other.clone()), needed)
            );
            let (end, answers) = end(lead, &[failing("x", None), other]);
            let Some(Outcome::Error { message }) = end else {
                panic!("{end:?}");
            };
            assert!(message.starts_with("after 0 pass, 1 fail: "), "{message}");
            assert_eq!(answers, 2);
        }
    }

    #[test]
    fn no_verdict_comes_of_answers_that_do_not_know_whether_it_can_be_judged() {
        let lead = VotePolicy::Lead { by: 2, cap: 7 };
        let invalid = || Outcome::Invalid { reason: None };
        for answers in [
            [invalid(), failing("x", None)],
            [invalid(), Outcome::Pass],
            [invalid(), Outcome::skip("x")],
            [Outcome::skip("x"), Outcome::Pass],
        ] {
            let (end, made) = end(lead, &answers);
            assert!(matches!(end, Some(Outcome::Error { .. })), "{end:?}");
            assert_eq!(made, 2);
        }
    }
}
