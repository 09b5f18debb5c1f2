//! What changed while a file was judged, and what that makes of its verdicts.

use std::collections::BTreeSet;

use crate::evaluate::judge::FileVerdict;
use crate::model::{IssueKind, OnWrite, Outcome, ValidationIssue};

/// How many files are named.
const MOST_NAMED: usize = 5;

/// Something that happened to the working tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    names: BTreeSet<String>,
    has_moved: bool,
    touches_git: bool,
    unknown: Option<String>,
    /// The other spec files that were being judged.
    beside: BTreeSet<String>,
}

impl Change {
    /// These files changed; `has_moved` tells that another commit or branch is checked out.
    pub(super) fn of_files(names: Vec<String>, has_moved: bool) -> Self {
        Self {
            names: names.into_iter().collect(),
            has_moved,
            ..Self::default()
        }
    }

    /// These files of git's own changed.
    pub(super) fn of_controls(names: Vec<String>) -> Self {
        Self {
            names: names.into_iter().collect(),
            touches_git: true,
            ..Self::default()
        }
    }

    /// It can't be told whether something changed.
    pub(super) fn unknown(why: &str) -> Self {
        Self {
            unknown: Some(why.to_owned()),
            ..Self::default()
        }
    }

    pub(super) fn beside(self, others: impl Iterator<Item = String>) -> Self {
        Self {
            beside: others.collect(),
            ..self
        }
    }

    pub(super) fn and(mut self, other: Self) -> Self {
        self.names.extend(other.names);
        self.beside.extend(other.beside);
        Self {
            has_moved: self.has_moved || other.has_moved,
            touches_git: self.touches_git || other.touches_git,
            unknown: self.unknown.or(other.unknown),
            ..self
        }
    }

    /// Makes an issue or errors of it.
    pub(crate) fn note(&self, path: &str, on_write: OnWrite, verdict: &mut FileVerdict) {
        let message = self.message();
        match on_write {
            OnWrite::Warn => verdict.issues.push(ValidationIssue {
                kind: IssueKind::WorkspaceChanged,
                path: path.to_owned(),
                id: None,
                message,
            }),
            OnWrite::Error => {
                for result in &mut verdict.results {
                    let message = match &result.outcome {
                        // What nobody judged has no verdict that could be wrong.
                        Outcome::Skip { .. } => continue,
                        Outcome::Error { message: own } => format!("{message}. Besides: {own}"),
                        Outcome::Pass | Outcome::Fail(_) | Outcome::Invalid { .. } => {
                            message.clone()
                        }
                    };
                    result.outcome = Outcome::Error { message };
                    // Whatever let the verdict pass does not let this.
                    result.because = None;
                }
            }
        }
    }

    fn message(&self) -> String {
        let beside = match listed(&self.beside) {
            None => String::new(),
            Some(others) => format!(" (judged at the same time: {others})"),
        };
        let mut what: Vec<String> = listed(&self.names).into_iter().collect();
        if self.has_moved {
            what.push("another commit or branch is checked out".into());
        }
        if let (true, Some(why)) = (what.is_empty(), &self.unknown) {
            return format!(
                "can't tell whether the working tree changed while it was being judged: {why}"
            );
        }
        let advice = if self.touches_git {
            "git runs what stands there, so look at it before you use git again"
        } else {
            "if that was not you, the tool wrote: look at the changes with `git status`, and leave \
             out `--skip-permissions-if-possible` where it is set"
        };
        format!(
            "the working tree changed while it was being judged{beside}: {}; {advice}",
            what.join(", ")
        )
    }
}

/// The first few, in order, and how many more there are.
fn listed(names: &BTreeSet<String>) -> Option<String> {
    let mut shown: Vec<String> = names
        .iter()
        .take(MOST_NAMED)
        .map(|name| format!("`{name}`"))
        .collect();
    let last = match names.len().checked_sub(MOST_NAMED) {
        None | Some(0) => shown.pop()?,
        Some(more) => format!("{more} more"),
    };
    if shown.is_empty() {
        Some(last)
    } else {
        Some(format!("{} and {last}", shown.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{Because, Calibration, TestResult};

    fn names(count: usize) -> Vec<String> {
        (1..=count).map(|number| format!("f{number}")).collect()
    }

    #[test]
    fn a_few_files_are_named_and_the_rest_is_counted() {
        let list = |count| listed(&names(count).into_iter().collect());
        assert_eq!(list(0), None);
        assert_eq!(list(1).unwrap(), "`f1`");
        assert_eq!(list(5).unwrap(), "`f1`, `f2`, `f3`, `f4` and `f5`");
        assert_eq!(list(7).unwrap(), "`f1`, `f2`, `f3`, `f4`, `f5` and 2 more");
    }

    #[test]
    fn what_changed_is_told_together() {
        let both = Change::of_files(names(1), true)
            .and(Change::unknown("git is gone"))
            .and(Change::of_files(names(2), false).beside(["b.spec.md".to_owned()].into_iter()));
        let message = both.message();
        assert!(
            message.starts_with(
                "the working tree changed while it was being judged (judged at the same time: \
                 `b.spec.md`): `f1` and `f2`, another commit or branch is checked out; if that was"
            ),
            "{message}"
        );
        let unknown = Change::unknown("git is gone").message();
        assert!(unknown.ends_with("judged: git is gone"), "{unknown}");
        let hook = Change::of_controls(vec![".git/hooks/x".into()]).message();
        assert!(hook.contains("before you use git again"), "{hook}");
    }

    #[test]
    fn what_let_a_failure_pass_does_not_let_a_judge_write() {
        let result = TestResult {
            id: "a".into(),
            title: String::new(),
            path: "a.spec.md".into(),
            line: 1,
            group: None,
            outcome: Outcome::error("undecided (1 pass, 1 fail)"),
            duration: Duration::ZERO,
            attempts: Vec::new(),
            calibration: Calibration::Unknown,
            because: Some(Because::Level),
        };
        let mut verdict = FileVerdict {
            results: vec![result],
            issues: Vec::new(),
            usage: None,
        };
        assert!(!verdict.results[0].blocks());
        let change = Change::of_files(names(1), false);
        change.note("a.spec.md", OnWrite::Warn, &mut verdict);
        assert!(!verdict.results[0].blocks());
        change.note("a.spec.md", OnWrite::Error, &mut verdict);
        assert!(verdict.results[0].blocks());
    }
}
