//! What the comment should say, by what it says now.

use jiff::Timestamp;

use crate::model::{CommentPolicy, RunReport, RunStatus};
use crate::publish::{Found, Wish};
use crate::report::comment::{Change, Detail, Memory};

use super::Material;

/// Stands before what a comment remembers, if its text says that there were no results: what is fixed
/// later is compared with what was judged last. A memory itself never begins so.
const NO_RESULTS: &str = "none";

/// How much the clocks of two machines may differ, in milliseconds.
const CLOCKS_DIFFER: i64 = 10 * 60 * 1000;

/// What a comment is made of.
pub(super) struct Draft<'run> {
    pub(super) material: &'run Material,
    pub(super) policy: CommentPolicy,
    pub(super) now: Timestamp,
}

/// Why the comment stays as it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// There is none, and nothing failed.
    NothingFailed,
    /// It is one of a run that started later; its page.
    Newer(Option<String>),
    /// It is of this very run; its page.
    Same(Option<String>),
}

impl Draft<'_> {
    /// What the comment should say instead of `found`, or why it should stay as it is. `tried` is what
    /// was wanted before in this attempt: if its answer got lost, what is found may be just that.
    pub(super) fn wish(&self, found: Option<&Found>, tried: Option<&Wish>) -> Result<Wish, Left> {
        if found.is_none() && !self.is_due() {
            return Err(Left::NothingFailed);
        }
        let url = || found.and_then(|found| found.url.clone());
        let (before, says_results) = remembered(found);
        let Some(memory) = self.memory(before.as_ref()) else {
            let before = before.map(|before| before.encode()).unwrap_or_default();
            return Ok(self.saying(None, format!("{NO_RESULTS}{before}")));
        };
        let Some(before) = before else {
            return Ok(self.saying(None, memory.encode()));
        };
        // A time that is yet to come was forged, or told by a wrong clock: nothing would ever be newer.
        let is_possible = before.started <= self.now.as_millisecond() + CLOCKS_DIFFER;
        if before.started > memory.started && is_possible {
            return Err(Left::Newer(url()));
        }
        let is_same = before.started == memory.started && before.commit == memory.commit;
        if is_same && says_results {
            // Only who reads the text can tell whether it is what was tried.
            return tried.cloned().ok_or_else(|| Left::Same(url()));
        }
        let report = self.material.report().filter(|_| !is_same);
        let change = report.map(|report| before.change(report));
        Ok(self.saying(change.as_ref(), memory.encode()))
    }

    /// The comment where there is none yet.
    pub(super) fn first(&self) -> Wish {
        let memory = self.memory(None).map(|memory| memory.encode());
        self.saying(None, memory.unwrap_or_else(|| NO_RESULTS.to_owned()))
    }

    /// Whether a comment is made where there is none.
    pub(super) fn is_due(&self) -> bool {
        // A green run may owe that to a rule, or to what its pull request changes about what blocks.
        let is_news = |report: &RunReport| {
            let is_green = report.status() == RunStatus::Pass && report.excused() == 0;
            !is_green || !report.rule_changes.is_empty()
        };
        self.policy == CommentPolicy::Always || self.material.report().is_none_or(is_news)
    }

    /// What is to be remembered of the results, if there are any.
    fn memory(&self, before: Option<&Memory>) -> Option<Memory> {
        let mut memory = Memory::after(before, self.material.report()?);
        // Results of a stranger may say that they are of next year: nothing would ever replace them.
        memory.started = memory.started.min(self.now.as_millisecond());
        Some(memory)
    }

    fn saying(&self, change: Option<&Change>, memory: String) -> Wish {
        let rendered = |detail| self.material.rendered(change.cloned(), detail);
        Wish {
            renderings: Detail::ALL.map(rendered).into(),
            memory,
        }
    }
}

/// What a comment remembers, and whether its text is about that.
fn remembered(found: Option<&Found>) -> (Option<Memory>, bool) {
    let word = found.and_then(|found| found.memory.as_deref());
    let word = word.unwrap_or_default();
    match word.strip_prefix(NO_RESULTS) {
        Some(rest) => (Memory::decode(rest), false),
        None => (Memory::decode(word), true),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::Unusable;
    use super::*;
    use crate::model::TestResult;
    use crate::report::LoadError;
    use crate::report::comment::Options;

    fn of(results: Result<RunReport, Unusable>) -> Material {
        Material {
            results,
            options: Options::default(),
        }
    }

    fn draft(material: &Material) -> Draft<'_> {
        Draft {
            material,
            policy: CommentPolicy::Failures,
            now: Timestamp::MAX,
        }
    }

    fn saying(wish: &Wish) -> Found {
        Found {
            url: Some("#1".to_owned()),
            memory: Some(wish.memory.clone()),
        }
    }

    #[test]
    fn the_comment_of_this_very_run_stays_unless_it_may_be_what_was_just_tried() {
        let material = of(Ok(RunReport::sample()));
        let draft = draft(&material);
        let first = draft.wish(None, None).unwrap();
        let found = saying(&first);
        let left = draft.wish(Some(&found), None).unwrap_err();
        assert_eq!(left, Left::Same(Some("#1".to_owned())));
        let again = draft.wish(Some(&found), Some(&first)).unwrap();
        assert_eq!(again.renderings, first.renderings);
    }

    #[test]
    fn a_green_run_whose_pull_request_changes_what_blocks_gets_a_comment() {
        let mut report = RunReport::sample_passed();
        let is_due = |report: &RunReport| {
            let material = of(Ok(report.clone()));
            draft(&material).is_due()
        };
        assert!(!is_due(&report));
        report.rule_changes = RunReport::sample().rule_changes;
        assert!(is_due(&report));
    }

    #[test]
    fn a_green_run_with_a_failure_that_does_not_block_gets_a_comment() {
        let mut report = RunReport::sample_passed();
        let sample = RunReport::sample();
        let excused = sample.results.into_iter().find(TestResult::is_excused);
        report.results.push(excused.unwrap());
        assert_eq!(report.status(), RunStatus::Pass);
        assert!(draft(&of(Ok(report))).is_due());
    }

    #[test]
    fn a_comment_from_a_time_to_come_is_not_newer_for_ever() {
        let material = of(Ok(RunReport::sample()));
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let draft = Draft {
            now,
            ..draft(&material)
        };
        let mut memory = Memory::of(&RunReport::sample());
        let mut left_to = |started| {
            memory.started = started;
            let found = Found {
                url: None,
                memory: Some(memory.encode()),
            };
            draft.wish(Some(&found), None).err()
        };
        let minute = 60_000;
        let now = now.as_millisecond();
        assert_eq!(left_to(now + minute), Some(Left::Newer(None)));
        for forged in [now + 60 * minute, i64::MAX] {
            assert_eq!(left_to(forged), None);
        }
    }

    #[test]
    fn that_there_were_no_results_is_replaced_and_what_was_judged_before_not_forgotten() {
        let (run, none) = (
            of(Ok(RunReport::sample())),
            of(Err(LoadError::Missing(PathBuf::from("out")).into())),
        );
        let first = draft(&run).wish(None, None).unwrap();
        let missing = draft(&none).wish(Some(&saying(&first)), None).unwrap();
        assert!(missing.renderings[0].contains("no results"));
        let twice = draft(&none).wish(Some(&saying(&missing)), None).unwrap();
        assert_eq!(twice.memory, missing.memory);
        let again = draft(&run).wish(Some(&saying(&twice)), None).unwrap();
        assert_eq!(
            (again.renderings, again.memory),
            (first.renderings, first.memory)
        );
        let alone = draft(&none).wish(None, None).unwrap();
        assert_eq!(remembered(Some(&saying(&alone))), (None, false));
    }

    #[test]
    fn a_memory_is_never_taken_for_the_word_before_it() {
        let memory = Memory::of(&RunReport::sample()).encode();
        assert!(!memory.starts_with(NO_RESULTS));
    }
}
