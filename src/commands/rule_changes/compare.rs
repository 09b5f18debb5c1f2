//! Two versions of a file in, sentences out. Sentences hold foreign text, each part of which became a
//! line before they were joined, so that none can swallow the next.

use std::collections::BTreeMap;

use crate::model::{Calibration, Noise, NoiseEntry, Waiver};
use crate::sanitize::{Secrets, terminal_line, truncate};

/// From how many statements on that get quiet they are told together.
const MANY: usize = 4;

/// How many of those are named.
const NAMED: usize = 3;

/// How much of a name is told there, in bytes.
const LONGEST_NAME: usize = 80;

/// An entry before and after.
type Change<'a, Entry> = (Option<&'a Entry>, Option<&'a Entry>);

/// How much a change deserves a reviewer's eyes, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// It excuses failures: a waiver, or noise.
    Excuses,
    /// What was quiet is so no more.
    Louder,
    /// Anything else.
    Other,
    /// A statement gets quiet: with many others that is one sentence.
    Quiet,
}

/// How foreign parts are told.
pub(super) struct Telling<'a> {
    pub(super) max_flip: f64,
    pub(super) secrets: &'a Secrets,
}

/// What is different about calibrations, the gravest first, then in the order of ids.
pub(super) fn noise_changes(
    before: &[NoiseEntry],
    after: &[NoiseEntry],
    telling: &Telling<'_>,
) -> Vec<String> {
    let mut changes = differences(before, after, |entry| (&entry.id, &entry.model));
    let weight = |change: &Change<'_, NoiseEntry>| telling.noise_weight(*change);
    changes.sort_by_key(weight);
    let first_quiet = changes.partition_point(|change| weight(change) < Weight::Quiet);
    let (others, quiet) = changes.split_at(first_quiet);
    let sentence = |change: &Change<'_, NoiseEntry>| telling.noise_sentence(*change);
    let mut texts: Vec<String> = others.iter().filter_map(sentence).collect();
    if quiet.len() < MANY {
        texts.extend(quiet.iter().filter_map(sentence));
    } else {
        texts.push(telling.quiet_sentence(quiet));
    }
    texts
}

/// What is different about waivers, those that excuse something first, then in the order of ids.
pub(super) fn waiver_changes(
    before: &[Waiver],
    after: &[Waiver],
    telling: &Telling<'_>,
) -> Vec<String> {
    let mut changes = differences(before, after, |waiver| &waiver.id);
    changes.sort_by_key(|(_, after)| match after {
        Some(_) => Weight::Excuses,
        None => Weight::Other,
    });
    let sentence = |change: &Change<'_, Waiver>| telling.waiver_sentence(*change);
    changes.iter().filter_map(sentence).collect()
}

/// What only one side has. Two entries with the same key are one that was changed.
fn differences<'a, Entry: PartialEq, Key: Ord>(
    before: &'a [Entry],
    after: &'a [Entry],
    key: impl Fn(&'a Entry) -> Key,
) -> Vec<Change<'a, Entry>> {
    let mut by_key = BTreeMap::<Key, (Vec<&Entry>, Vec<&Entry>)>::new();
    for entry in before {
        by_key.entry(key(entry)).or_default().0.push(entry);
    }
    for entry in after {
        let (gone, come) = by_key.entry(key(entry)).or_default();
        match gone.iter().position(|old| *old == entry) {
            Some(at) => drop(gone.remove(at)),
            None => come.push(entry),
        }
    }
    let paired = by_key.into_values().flat_map(|(gone, come)| {
        let length = gone.len().max(come.len());
        (0..length).map(move |at| (gone.get(at).copied(), come.get(at).copied()))
    });
    paired.collect()
}

impl Telling<'_> {
    /// One line without secrets, which are found only before a text is changed.
    fn part(&self, foreign: &str) -> String {
        terminal_line(&self.secrets.redact(foreign))
    }

    fn noise_weight(&self, change: Change<'_, NoiseEntry>) -> Weight {
        let class = |entry: Option<&NoiseEntry>| entry.map(|one| one.noise.class(self.max_flip));
        match (class(change.0), class(change.1)) {
            (_, Some(Calibration::Noisy(_))) => Weight::Excuses,
            (_, Some(Calibration::Quiet(_))) => Weight::Quiet,
            (Some(Calibration::Quiet(_)), _) => Weight::Louder,
            (_, Some(Calibration::Unclear(_) | Calibration::Unknown) | None) => Weight::Other,
        }
    }

    /// What is said of many statements that get quiet.
    fn quiet_sentence(&self, changes: &[Change<'_, NoiseEntry>]) -> String {
        let ids = changes.iter().filter_map(|(_, new)| new.map(|new| &new.id));
        let name = |id: &String| truncate(&self.part(id), LONGEST_NAME).into_owned();
        let named: Vec<String> = ids.take(NAMED).map(name).collect();
        let (all, more) = (changes.len(), changes.len() - named.len());
        format!(
            "marks {all} as quiet: {}, … and {more} more",
            named.join(", ")
        )
    }

    fn noise_sentence(&self, change: Change<'_, NoiseEntry>) -> Option<String> {
        let class = |entry: &NoiseEntry| word(entry.noise.class(self.max_flip));
        let votes = |entry: &NoiseEntry| {
            let Noise { votes, minority } = entry.noise;
            format!("{minority} of {votes}")
        };
        let (id, model) = change
            .1
            .or(change.0)
            .map(|entry| (self.part(&entry.id), self.part(&entry.model)))?;
        Some(match change {
            (None, Some(new)) => format!(
                "marks {id} as {} for {model}: {} votes disagreed",
                class(new),
                votes(new)
            ),
            (Some(old), None) => format!(
                "removes the calibration of {id} for {model}, which was {}: {} votes disagreed",
                class(old),
                votes(old)
            ),
            (Some(old), Some(new)) => {
                let what = if class(old) == class(new) {
                    format!("calibrates {id} for {model} again, still {}", class(new))
                } else {
                    let (old, new) = (class(old), class(new));
                    format!("marks {id} as {new} for {model}, which was {old}")
                };
                let text = if old.statement == new.statement {
                    ""
                } else {
                    ", for another text"
                };
                let (old, new) = (votes(old), votes(new));
                format!("{what}{text}: {new} votes disagreed, before {old}")
            }
            (None, None) => return None,
        })
    }

    fn waiver_sentence(&self, change: Change<'_, Waiver>) -> Option<String> {
        let whole = |waiver: &Waiver| {
            let owner = waiver.owner.as_deref();
            let by = owner.map(|owner| format!(" by {}", self.part(owner)));
            let by = by.unwrap_or_default();
            let (id, reason) = (self.part(&waiver.id), self.part(&waiver.reason));
            format!("{id} until {}{by}: {reason}", waiver.until)
        };
        let owner = |waiver: &Waiver| {
            let owner = waiver.owner.as_deref();
            owner.map_or_else(|| "nobody".to_owned(), |owner| self.part(owner))
        };
        Some(match change {
            (None, Some(new)) => format!("adds a waiver of {}", whole(new)),
            (Some(old), None) => format!("removes the waiver of {}", whole(old)),
            (Some(old), Some(new)) => {
                let mut parts = Vec::new();
                if old.until != new.until {
                    parts.push(format!("until {}, before {}", new.until, old.until));
                }
                if old.owner != new.owner {
                    parts.push(format!("owner {}, before {}", owner(new), owner(old)));
                }
                if old.reason != new.reason {
                    parts.push(format!("reason: {}", self.part(&new.reason)));
                }
                format!(
                    "changes the waiver of {}: {}",
                    self.part(&new.id),
                    parts.join("; ")
                )
            }
            (None, None) => return None,
        })
    }
}

fn word(calibration: Calibration) -> &'static str {
    match calibration {
        Calibration::Quiet(_) => "quiet",
        Calibration::Noisy(_) => "noisy",
        Calibration::Unclear(_) => "unclear",
        Calibration::Unknown => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;
    use proptest::prelude::*;

    use super::*;

    fn entry(id: &str, statement: &str, votes: u32, minority: u32) -> NoiseEntry {
        NoiseEntry {
            id: id.to_owned(),
            statement: statement.to_owned(),
            model: "fake".to_owned(),
            noise: Noise { votes, minority },
            date: Date::constant(2026, 11, 22),
        }
    }

    fn waiver(id: &str, day: i8, owner: Option<&str>, reason: &str) -> Waiver {
        Waiver {
            id: id.to_owned(),
            reason: reason.to_owned(),
            owner: owner.map(str::to_owned),
            until: Date::constant(2026, 12, day),
        }
    }

    fn noise_told(before: &[NoiseEntry], after: &[NoiseEntry]) -> Vec<String> {
        let (max_flip, secrets) = (0.2, &Secrets::default());
        noise_changes(before, after, &Telling { max_flip, secrets })
    }

    fn waivers_told(before: &[Waiver], after: &[Waiver]) -> Vec<String> {
        let (max_flip, secrets) = (0.2, &Secrets::default());
        waiver_changes(before, after, &Telling { max_flip, secrets })
    }

    #[test]
    fn the_gravest_comes_first_and_many_that_get_quiet_are_one() {
        let ids: Vec<String> = (0..58).map(|number| format!("x{number:02}")).collect();
        let mut after: Vec<NoiseEntry> = ids.iter().map(|id| entry(id, "s", 12, 0)).collect();
        after.push(entry("y-unclear", "s", 12, 3));
        after.push(entry("z-noisy", "s", 12, 6));
        after.push(entry("z-louder", "s", 12, 3));
        assert_eq!(
            noise_told(&[entry("z-louder", "s", 12, 0)], &after),
            [
                "marks z-noisy as noisy for fake: 6 of 12 votes disagreed",
                "marks z-louder as unclear for fake, which was quiet: 3 of 12 votes disagreed, before 0 of 12",
                "marks y-unclear as unclear for fake: 3 of 12 votes disagreed",
                "marks 58 as quiet: x00, x01, x02, … and 55 more",
            ]
        );
    }

    #[test]
    fn no_part_can_swallow_the_next() {
        let open = "x\u{1b}]y";
        let told = waivers_told(&[], &[waiver(open, 1, Some(open), "the reason")]);
        assert_eq!(
            told,
            ["adds a waiver of x until 2026-12-01 by x: the reason"]
        );
        let changed = [waiver("a", 2, Some(open), "the reason")];
        let told = waivers_told(&[waiver("a", 1, Some(open), open)], &changed);
        assert!(told[0].ends_with("reason: the reason"), "{told:?}");
        let told = noise_told(&[], &[entry(open, "s", 12, 6)]);
        assert_eq!(told, ["marks x as noisy for fake: 6 of 12 votes disagreed"]);
    }

    #[test]
    fn each_change_of_a_calibration_is_told() {
        let before = [
            entry("gone", "s", 12, 0),
            entry("louder", "s", 12, 0),
            entry("again", "s", 12, 0),
            entry("same", "s", 12, 3),
            entry("other-text", "s", 12, 5),
        ];
        let after = [
            entry("other-text", "t", 12, 5),
            entry("same", "s", 12, 3),
            entry("again", "s", 30, 1),
            entry("louder", "s", 12, 5),
            entry("new", "s", 12, 6),
        ];
        assert_eq!(
            noise_told(&before, &after),
            [
                "marks louder as noisy for fake, which was quiet: 5 of 12 votes disagreed, before 0 of 12",
                "marks new as noisy for fake: 6 of 12 votes disagreed",
                "calibrates other-text for fake again, still noisy, for another text: \
                 5 of 12 votes disagreed, before 5 of 12",
                "removes the calibration of gone for fake, which was quiet: 0 of 12 votes disagreed",
                "calibrates again for fake again, still quiet: 1 of 30 votes disagreed, before 0 of 12",
            ]
        );
    }

    #[test]
    fn another_model_is_another_calibration() {
        let other = NoiseEntry {
            model: "other".to_owned(),
            ..entry("a", "s", 12, 0)
        };
        assert_eq!(
            noise_told(&[entry("a", "s", 12, 5)], &[other]),
            [
                "removes the calibration of a for fake, which was noisy: 5 of 12 votes disagreed",
                "marks a as quiet for other: 0 of 12 votes disagreed",
            ]
        );
    }

    #[test]
    fn each_change_of_a_waiver_is_told() {
        let before = [
            waiver("gone", 1, None, "old"),
            waiver("longer", 1, Some("@api"), "old"),
            waiver("same", 1, Some("@api"), "old"),
        ];
        let after = [
            waiver("same", 1, Some("@api"), "old"),
            waiver("longer", 31, None, "new"),
            waiver("new", 31, Some("@api"), "legacy routes"),
        ];
        assert_eq!(
            waivers_told(&before, &after),
            [
                "changes the waiver of longer: until 2026-12-31, before 2026-12-01; owner nobody, \
                 before @api; reason: new",
                "adds a waiver of new until 2026-12-31 by @api: legacy routes",
                "removes the waiver of gone until 2026-12-01: old",
            ]
        );
    }

    proptest! {
        #[test]
        fn nothing_is_told_of_the_same_in_another_order(
            parts in proptest::collection::vec(("[ab]", "[st]", 0..6_u32), 0..8),
        ) {
            let entries: Vec<NoiseEntry> = parts
                .iter()
                .map(|(id, statement, minority)| entry(id, statement, 12, *minority))
                .collect();
            let mut other = entries.clone();
            other.reverse();
            prop_assert!(noise_told(&entries, &other).is_empty());
            let quiet = entries.iter().filter(|entry| entry.noise.minority == 0).count();
            let told_together = if quiet < MANY { 0 } else { quiet - 1 };
            prop_assert_eq!(noise_told(&[], &entries).len(), entries.len() - told_together);
        }
    }
}
