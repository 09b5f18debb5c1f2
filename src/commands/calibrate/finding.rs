//! What came of the answers about one scenario.

use jiff::civil::Date;

use crate::evaluate::Plan;
use crate::model::{
    Attempt, IssueKind, Noise, NoiseEntry, OnWrite, Outcome, RunReport, Tally, TestResult,
};
use crate::sanitize::truncate;

use super::table::Class;

/// How much of a message is shown, in bytes.
const SHOWN_BYTES: usize = 300;

/// How the message of an answer begins that is none, since the budget let no call start.
const SPENT: &str = "budget spent";

/// A scenario that is asked about.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// As the spec file has it: in a report a secret may have been taken out of it.
    pub(super) id: String,
    pub(super) path: String,
    statement: String,
    model: String,
}

impl Subject {
    /// Those of a plan, in the order of its results.
    pub(super) fn all(plan: &Plan) -> Vec<Self> {
        let of_spec = plan.specs.iter().flat_map(|spec| {
            spec.scenarios().map(|scenario| Self {
                id: scenario.id.clone(),
                path: spec.file.path.clone(),
                statement: scenario.fingerprint.clone(),
                model: spec.key.clone(),
            })
        });
        of_spec.collect()
    }
}

/// What is known about a scenario now.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) subject: Subject,
    /// Its votes.
    pub(super) tally: Tally,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// It was asked about as often as it should be. Answers that were no verdict: how many, and the
    /// first one.
    Asked(Option<(usize, String)>),
    /// Its checks decided it, so no model was asked.
    Checked,
    /// It was asked about less often: why.
    Open(String),
}

/// Joins results to what they are about.
pub(super) fn findings(
    subjects: Vec<Subject>,
    report: &RunReport,
    number: u32,
    on_write: OnWrite,
) -> Vec<Finding> {
    let is_touched = |path: &str| {
        let mut issues = report.issues.iter();
        issues.any(|issue| issue.kind == IssueKind::WorkspaceChanged && issue.path == path)
    };
    let interrupted = report.interruption.is_some();
    let find = |(subject, result): (Subject, &TestResult)| Finding {
        subject,
        tally: result.tally(),
        kind: if on_write == OnWrite::Error && is_touched(&result.path) {
            Kind::Open("the working tree changed meanwhile".to_owned())
        } else {
            kind(result, number, interrupted)
        },
    };
    subjects
        .into_iter()
        .zip(&report.results)
        .map(find)
        .collect()
}

fn kind(result: &TestResult, number: u32, interrupted: bool) -> Kind {
    let attempts = &result.attempts;
    let no_verdicts = attempts.iter().filter(|attempt| !is_vote(attempt));
    let first = no_verdicts.clone().next();
    let first = first.map(|attempt| in_words(&attempt.outcome));
    let spent = attempts.iter().find(|attempt| is_spent(&attempt.outcome));
    let asked = u32::try_from(attempts.len()).unwrap_or(u32::MAX);
    // A signal that cuts a call short leaves an answer that is none.
    let is_whole = if interrupted {
        result.tally().total() >= number
    } else {
        asked >= number
    };
    if let Some(spent) = spent {
        return Kind::Open(in_words(&spent.outcome));
    }
    match (&result.outcome, attempts.is_empty()) {
        (Outcome::Pass | Outcome::Fail(_), true) => Kind::Checked,
        (outcome, true) => Kind::Open(in_words(outcome)),
        (_, false) if is_whole => Kind::Asked(first.map(|words| (no_verdicts.count(), words))),
        (outcome, false) => Kind::Open(first.unwrap_or_else(|| in_words(outcome))),
    }
}

fn is_vote(attempt: &Attempt) -> bool {
    matches!(attempt.outcome, Outcome::Pass | Outcome::Fail(_))
}

fn is_spent(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Error { message } if message.starts_with(SPENT))
}

/// Why this is no verdict.
fn in_words(outcome: &Outcome) -> String {
    let words = match outcome {
        Outcome::Error { message } => message.as_str(),
        Outcome::Invalid { reason } => reason.as_deref().unwrap_or("no testable statement"),
        Outcome::Skip { reason } => reason.as_str(),
        Outcome::Pass | Outcome::Fail(_) => "the answers ended early",
    };
    truncate(words, SHOWN_BYTES).into_owned()
}

impl Finding {
    /// What is to be kept of it: nothing of what was asked less often than it should, or gave no
    /// verdict at all.
    pub(super) fn entry(&self, date: Date) -> Option<NoiseEntry> {
        let Subject {
            id,
            statement,
            model,
            ..
        } = self.subject.clone();
        self.noise().map(|noise| NoiseEntry {
            id,
            statement,
            model,
            noise,
            date,
        })
    }

    pub(super) fn noise(&self) -> Option<Noise> {
        let votes = self.tally.total();
        match self.kind {
            Kind::Asked(_) if votes > 0 => Some(Noise {
                votes,
                minority: self.tally.passes.min(self.tally.fails),
            }),
            Kind::Asked(_) | Kind::Checked | Kind::Open(_) => None,
        }
    }

    pub(super) fn class(&self, max_flip: f64) -> Option<Class> {
        self.noise().map(|noise| Class::of(noise, max_flip))
    }

    /// Whether every answer was a verdict.
    pub(super) fn is_clean(&self) -> bool {
        matches!(self.kind, Kind::Asked(None) | Kind::Checked)
    }

    /// What the table says where there is no noise to tell.
    pub(super) fn remark(&self) -> &'static str {
        match self.kind {
            Kind::Asked(_) => "no verdict",
            Kind::Checked => "decided by its checks",
            Kind::Open(_) => "not finished",
        }
    }

    /// What went wrong, if something did. Holds foreign text.
    pub(super) fn trouble(&self) -> Option<String> {
        let Subject { path, id, .. } = &self.subject;
        match &self.kind {
            Kind::Asked(None) | Kind::Checked => None,
            Kind::Asked(Some((1, why))) => Some(format!(
                "`{path}#{id}`: 1 answer was no verdict and does not count: {why}"
            )),
            Kind::Asked(Some((count, why))) => Some(format!(
                "`{path}#{id}`: {count} answers were no verdict and don't count: {why}"
            )),
            Kind::Open(why) => Some(format!(
                "`{path}#{id}` is not calibrated, after {}: {why}",
                match self.tally.total() {
                    1 => "1 vote".to_owned(),
                    votes => format!("{votes} votes"),
                }
            )),
        }
    }
}

#[cfg(test)]
impl Finding {
    /// What so many votes about `id` amount to; none at all is one that its checks decided.
    pub(super) fn of(id: &str, passes: u32, fails: u32) -> Self {
        Self {
            subject: Subject {
                id: id.to_owned(),
                path: "a.spec.md".to_owned(),
                statement: String::new(),
                model: "m".to_owned(),
            },
            tally: Tally { passes, fails },
            kind: if passes + fails == 0 {
                Kind::Checked
            } else {
                Kind::Asked(None)
            },
        }
    }
}
