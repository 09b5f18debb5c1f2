//! What a comment remembers of its run, so that the next one can tell what is new and what is fixed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::model::{Outcome, RunReport, TestResult};

/// The first byte; a later form has another one.
const FORM: u8 = 1;

/// How many failures are remembered.
const MOST: usize = 400;

/// The longest word that is read, in bytes; the longest that is written has 4,323.
const LONGEST: usize = 8_192;

/// In the second byte: not every failure is remembered.
const INCOMPLETE: u8 = 1;

/// In the second byte: how many bytes the commit has.
const COMMITS: [(u8, usize); 3] = [(0, 0), (2, 20), (4, 32)];

/// What a comment remembers: kept small, since it lies in the comment itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// The judged commit, hexadecimal.
    pub commit: Option<String>,
    /// When the run started, in milliseconds since 1970.
    pub started: i64,
    /// What failed: the first bytes of the SHA-256 of path, NUL and id.
    pub failing: BTreeSet<[u8; 8]>,
    /// Whether more failed than is remembered.
    pub is_incomplete: bool,
}

/// What is different since the last comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The commit of the last comment.
    pub since: Option<String>,
    /// Positions in `results` of what fails now and did not then.
    pub new: Vec<usize>,
    /// Positions in `results` of what passes now and failed then.
    pub fixed: Vec<usize>,
    /// Whether there may be more that is new or fixed: not everything was remembered.
    pub is_partial: bool,
}

impl Memory {
    /// What is to be remembered of a run.
    #[must_use]
    pub fn of(report: &RunReport) -> Self {
        let failing = report.results.iter().filter(|result| is_failure(result));
        Self::with(report, failing.map(digest).collect(), false)
    }

    /// What is to be remembered of a run after another one. What failed then and has no verdict now
    /// (an agent timed out, it was skipped) is still remembered: it is not new when it fails
    /// again, and fixed only once it passes.
    #[must_use]
    pub fn after(before: Option<&Self>, report: &RunReport) -> Self {
        let now = Self::of(report);
        let Some(before) = before else { return now };
        let has_no_verdict =
            |result: &&TestResult| !is_failure(result) && result.outcome != Outcome::Pass;
        let undecided = report.results.iter().filter(has_no_verdict).map(digest);
        let (kept, others): (BTreeSet<_>, BTreeSet<_>) =
            undecided.partition(|digest| before.failing.contains(digest));
        // Each of the others may be one that failed then and was too many to be remembered.
        let is_incomplete = now.is_incomplete || (before.is_incomplete && !others.is_empty());
        let failing = kept.into_iter().chain(now.failing).collect();
        Self::with(report, failing, is_incomplete)
    }

    fn with(report: &RunReport, mut failing: BTreeSet<[u8; 8]>, is_incomplete: bool) -> Self {
        let is_incomplete = is_incomplete || failing.len() > MOST;
        // By digest, not by position: the next run remembers the same ones.
        while failing.len() > MOST {
            failing.pop_last();
        }
        Self {
            commit: report.judged.commit.clone(),
            started: report.started.as_millisecond(),
            failing,
            is_incomplete,
        }
    }

    /// What `report` changed. Nothing is said to be new if it may just have been forgotten.
    #[must_use]
    pub fn change(&self, report: &RunReport) -> Change {
        let mut change = Change {
            since: self.commit.clone(),
            is_partial: self.is_incomplete,
            ..Change::default()
        };
        for (position, result) in report.results.iter().enumerate() {
            let failed_then = || self.failing.contains(&digest(result));
            if is_failure(result) {
                if !self.is_incomplete && !failed_then() {
                    change.new.push(position);
                }
            } else if result.outcome == Outcome::Pass && failed_then() {
                change.fixed.push(position);
            }
        }
        change
    }

    /// One word of letters, digits, `-` and `_`.
    #[must_use]
    pub fn encode(&self) -> String {
        let commit = self.commit.as_deref().and_then(from_hexadecimal);
        let commit = commit.unwrap_or_default();
        let length = COMMITS.iter().find(|(_, bytes)| *bytes == commit.len());
        let (flag, known) = length.copied().unwrap_or_default();
        let mut bytes = vec![FORM, flag | if self.is_incomplete { INCOMPLETE } else { 0 }];
        bytes.extend(commit.iter().take(known));
        bytes.extend(self.started.to_be_bytes());
        bytes.extend(self.failing.iter().flatten());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what [`Self::encode`] made; `None` for anything else.
    #[must_use]
    pub fn decode(word: &str) -> Option<Self> {
        if word.len() > LONGEST {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(word).ok()?;
        let (&[form, flags], rest) = bytes.split_first_chunk()?;
        let (_, commit) = COMMITS
            .iter()
            .find(|(flag, _)| *flag == flags & !INCOMPLETE)?;
        let (commit, rest) = rest.split_at_checked(*commit)?;
        let (&started, rest) = rest.split_first_chunk()?;
        let (digests, remainder) = rest.as_chunks();
        if form != FORM
            || !remainder.is_empty()
            || digests.len() > MOST
            || !digests.is_sorted_by(|left, right| left < right)
        {
            return None;
        }
        Some(Self {
            commit: (!commit.is_empty()).then(|| to_hexadecimal(commit)),
            started: i64::from_be_bytes(started),
            failing: digests.iter().copied().collect(),
            is_incomplete: flags & INCOMPLETE != 0,
        })
    }
}

/// One that blocks: what is excused is no news, and neither fixed once it is not.
fn is_failure(result: &TestResult) -> bool {
    matches!(result.outcome, Outcome::Fail(_)) && result.blocks()
}

fn digest(result: &TestResult) -> [u8; 8] {
    let mut sum = Sha256::new();
    for part in [result.path.as_str(), "\0", result.id.as_str()] {
        sum.update(part);
    }
    let sum: [u8; 32] = sum.finalize().into();
    sum.first_chunk().copied().unwrap_or_default()
}

fn to_hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    pairs.iter().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Because, Failure};
    use crate::report::arbitrary;

    fn run(outcomes: &[(&str, Outcome)]) -> RunReport {
        let mut report = RunReport::sample_passed();
        let template = report.results[0].clone();
        let result = |(id, outcome): &(&str, Outcome)| TestResult {
            id: (*id).into(),
            outcome: outcome.clone(),
            ..template.clone()
        };
        report.results = outcomes.iter().map(result).collect();
        report
    }

    fn fail() -> Outcome {
        Outcome::Fail(Failure::default())
    }

    fn many(count: usize) -> RunReport {
        let ids: Vec<String> = (0..count).map(|number| number.to_string()).collect();
        let outcomes: Vec<_> = ids.iter().map(|id| (id.as_str(), fail())).collect();
        run(&outcomes)
    }

    #[test]
    fn new_is_what_fails_now_and_fixed_is_only_what_passes_now() {
        let names = ["still", "mended", "timed out", "later", "removed", "fine"];
        let then = names.map(|name| {
            (
                name,
                if name == "fine" {
                    Outcome::Pass
                } else {
                    fail()
                },
            )
        });
        let now = run(&[
            ("still", fail()),
            ("mended", Outcome::Pass),
            ("timed out", Outcome::error("x")),
            ("later", Outcome::skip("x")),
            ("fine", fail()),
            ("added", fail()),
            ("added and fine", Outcome::Pass),
        ]);
        let change = Memory::of(&run(&then)).change(&now);
        assert_eq!((change.new, change.fixed), (vec![4, 5], vec![1]));
        assert_eq!(change.since, now.judged.commit);
    }

    #[test]
    fn a_failure_that_does_not_block_is_neither_new_nor_fixed() {
        let mut waived = run(&[("a", fail())]);
        waived.results[0].because = Some(Because::Level);
        let nothing = Memory::of(&run(&[("a", Outcome::Pass)]));
        assert!(nothing.change(&waived).new.is_empty());
        // Once it blocks, it is new: no comment has told of it as a failure.
        assert_eq!(Memory::of(&waived).change(&run(&[("a", fail())])).new, [0]);
        // One that failed before is no news when its excuse has ended.
        let failed = Memory::of(&run(&[("a", fail())]));
        assert!(failed.change(&waived).fixed.is_empty());
        let later = Memory::after(Some(&failed), &waived);
        assert!(later.change(&run(&[("a", fail())])).new.is_empty());
    }

    #[test]
    fn the_same_id_in_another_file_is_another_scenario() {
        let then = run(&[("a", fail())]);
        let mut now = then.clone();
        now.results[0].path = "other.spec.md".into();
        assert_eq!(Memory::of(&then).change(&now).new, [0]);
    }

    #[test]
    fn a_failure_is_not_forgotten_while_nobody_can_judge_it() {
        let first = Memory::of(&run(&[("a", fail()), ("b", fail()), ("c", fail())]));
        let undecided = run(&[("a", Outcome::error("x")), ("b", Outcome::Pass)]);
        let second = Memory::after(Some(&first), &undecided);
        let third = run(&[("a", fail()), ("b", fail()), ("c", fail())]);
        // `b` passed in between; `c` was not there any more.
        assert_eq!(second.change(&third).new, [1, 2]);
        assert_eq!(second.change(&run(&[("a", Outcome::Pass)])).fixed, [0]);
        assert_eq!(Memory::after(None, &third), Memory::of(&third));
    }

    #[test]
    fn what_may_have_been_forgotten_is_not_called_new() {
        let memory = Memory::of(&many(MOST));
        assert!(!memory.is_incomplete && memory.change(&many(MOST + 1)).new == [MOST]);
        let memory = Memory::of(&many(MOST + 1));
        assert_eq!((memory.failing.len(), memory.is_incomplete), (MOST, true));
        let change = memory.change(&many(MOST + 2));
        assert!(change.new.is_empty() && change.is_partial, "{change:?}");
        let word = memory.encode();
        assert!(word.len() < 4_400, "{}", word.len());
        assert_eq!(Memory::decode(&word), Some(memory));
    }

    #[test]
    fn what_was_too_much_to_remember_is_not_new_after_a_run_that_judged_nothing() {
        let many = many(MOST + 50);
        let mut undecided = many.clone();
        for result in &mut undecided.results {
            result.outcome = Outcome::error("the agent timed out");
        }
        let first = Memory::of(&many);
        let second = Memory::after(Some(&first), &undecided);
        let change = second.change(&many);
        assert!(change.new.is_empty() && change.is_partial, "{change:?}");
        // Once everything has a verdict, nothing is missing.
        let green = run(&[("a", Outcome::Pass)]);
        assert!(!Memory::after(Some(&second), &green).is_incomplete);
        // Nor where all that has none is remembered.
        undecided.results.truncate(1);
        undecided.results[0].id = known(&many, &first);
        assert!(!Memory::after(Some(&first), &undecided).is_incomplete);
    }

    /// The id of a result of `report` that `memory` has.
    fn known(report: &RunReport, memory: &Memory) -> String {
        let mut results = report.results.iter();
        let known = results.find(|result| memory.failing.contains(&digest(result)));
        known.unwrap().id.clone()
    }

    #[test]
    fn another_form_is_not_read() {
        let word = Memory::of(&many(2)).encode();
        let bytes = URL_SAFE_NO_PAD.decode(&word).unwrap();
        for (place, value) in [(0, 2), (0, 0), (1, 8), (1, 6)] {
            let mut changed = bytes.clone();
            changed[place] = value;
            assert_eq!(Memory::decode(&URL_SAFE_NO_PAD.encode(changed)), None);
        }
        let cut = URL_SAFE_NO_PAD.encode(&bytes[..bytes.len() - 1]);
        assert_eq!(Memory::decode(&cut), None);
        for foreign in ["", "none", "!", "é", &"A".repeat(LONGEST + 1)] {
            assert_eq!(Memory::decode(foreign), None);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(report in arbitrary::report()) {
            let memory = Memory::of(&report);
            let word = memory.encode();
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            prop_assert!(word.bytes().all(is_plain));
            prop_assert_eq!(Memory::decode(&word), Some(memory));
        }

        /// Whatever is read is what would be written: nothing hides in a word.
        #[test]
        fn any_bytes_are_read_or_refused(
            start in prop_oneof![Just(vec![]), Just(vec![1, 0]), Just(vec![1, 3]), Just(vec![1, 4])],
            rest in prop::collection::vec(any::<u8>(), 0..80),
        ) {
            let word = URL_SAFE_NO_PAD.encode([start, rest].concat());
            if let Some(memory) = Memory::decode(&word) {
                prop_assert_eq!(memory.encode(), word);
            }
        }

        #[test]
        fn any_word_is_read_or_refused(word in any::<String>()) {
            let _ = Memory::decode(&word);
        }
    }
}
