//! Two versions of a file in, sentences out. Sentences hold foreign text.

use std::collections::BTreeMap;

use crate::model::{Calibration, Noise, NoiseEntry, Waiver};

/// An entry before and after.
type Change<'a, Entry> = (Option<&'a Entry>, Option<&'a Entry>);

/// What is different about calibrations, in the order of ids.
pub(super) fn noise_changes(
    before: &[NoiseEntry],
    after: &[NoiseEntry],
    max_flip: f64,
) -> Vec<String> {
    let changes = differences(before, after, |entry| (&entry.id, &entry.model));
    let sentence = |change: &Change<'_, NoiseEntry>| noise_sentence(*change, max_flip);
    changes.iter().filter_map(sentence).collect()
}

/// What is different about waivers, in the order of ids.
pub(super) fn waiver_changes(before: &[Waiver], after: &[Waiver]) -> Vec<String> {
    let changes = differences(before, after, |waiver| &waiver.id);
    let sentence = |change: &Change<'_, Waiver>| waiver_sentence(*change);
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

fn noise_sentence(change: Change<'_, NoiseEntry>, max_flip: f64) -> Option<String> {
    let class = |entry: &NoiseEntry| word(entry.noise.class(max_flip));
    let votes = |entry: &NoiseEntry| {
        let Noise { votes, minority } = entry.noise;
        format!("{minority} of {votes}")
    };
    let (id, model) = change
        .1
        .or(change.0)
        .map(|entry| (&entry.id, &entry.model))?;
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

fn word(calibration: Calibration) -> &'static str {
    match calibration {
        Calibration::Quiet(_) => "quiet",
        Calibration::Noisy(_) => "noisy",
        Calibration::Unclear(_) => "unclear",
        Calibration::Unknown => "unknown",
    }
}

fn waiver_sentence(change: Change<'_, Waiver>) -> Option<String> {
    let whole = |waiver: &Waiver| {
        let by = waiver.owner.as_ref().map(|owner| format!(" by {owner}"));
        let by = by.unwrap_or_default();
        format!(
            "{} until {}{by}: {}",
            waiver.id, waiver.until, waiver.reason
        )
    };
    let owner = |waiver: &Waiver| waiver.owner.clone().unwrap_or_else(|| "nobody".to_owned());
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
                parts.push(format!("reason: {}", new.reason));
            }
            format!("changes the waiver of {}: {}", new.id, parts.join("; "))
        }
        (None, None) => return None,
    })
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
            noise_changes(&before, &after, 0.2),
            [
                "calibrates again for fake again, still quiet: 1 of 30 votes disagreed, before 0 of 12",
                "removes the calibration of gone for fake, which was quiet: 0 of 12 votes disagreed",
                "marks louder as noisy for fake, which was quiet: 5 of 12 votes disagreed, before 0 of 12",
                "marks new as noisy for fake: 6 of 12 votes disagreed",
                "calibrates other-text for fake again, still noisy, for another text: \
                 5 of 12 votes disagreed, before 5 of 12",
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
            noise_changes(&[entry("a", "s", 12, 5)], &[other], 0.2),
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
            waiver_changes(&before, &after),
            [
                "removes the waiver of gone until 2026-12-01: old",
                "changes the waiver of longer: until 2026-12-31, before 2026-12-01; owner nobody, \
                 before @api; reason: new",
                "adds a waiver of new until 2026-12-31 by @api: legacy routes",
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
            prop_assert!(noise_changes(&entries, &other, 0.2).is_empty());
            prop_assert_eq!(noise_changes(&[], &entries, 0.2).len(), entries.len());
        }
    }
}
