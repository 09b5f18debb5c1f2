//! The first or last bytes of a secret, where a text was cut in the middle of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::Found;

/// Fewer bytes of a secret are no secret: they may be anything.
const FEWEST: usize = 8;

/// More than this is found as a part of its own.
const MOST: usize = 32;

/// Nobody cuts a text more often than this.
const MOST_CUTS: usize = 1_000;

/// What a cut is marked with.
const MARK: char = '…';

/// The beginnings and the ends of all forms.
#[derive(Default)]
pub(super) struct Cuts {
    beginnings: BTreeMap<Vec<u8>, usize>,
    /// Each written backwards.
    ends: BTreeMap<Vec<u8>, usize>,
}

impl Cuts {
    pub(super) fn new(forms: &BTreeMap<Vec<u8>, usize>) -> Self {
        let mut cuts = Self::default();
        for (form, owner) in forms {
            let beginning = form.iter().take(MOST).copied().collect();
            let end = form.iter().rev().take(MOST).copied().collect();
            cuts.beginnings.insert(beginning, *owner);
            cuts.ends.insert(end, *owner);
        }
        cuts
    }

    pub(super) fn find(&self, text: &str, found: &mut Vec<Found>) {
        let marks = text
            .char_indices()
            .filter(|(_, character)| *character == MARK);
        let mut places: BTreeSet<usize> = marks.map(|(place, _)| place).take(MOST_CUTS).collect();
        places.extend([0, text.len()]);
        for place in places {
            let before = text[..place].trim_end_matches(is_beside_cut);
            let nearest = before.bytes().rev().take(MOST).collect::<Vec<u8>>();
            for length in (FEWEST..=nearest.len()).rev() {
                let cut: Vec<u8> = nearest[..length].iter().rev().copied().collect();
                if let Some(owner) = starting_with(&self.beginnings, &cut) {
                    let start = before.len() - length;
                    found.push(Found {
                        place: start..before.len(),
                        owner: Some(owner),
                    });
                    break;
                }
            }
            let after = text[place..].trim_start_matches(is_beside_cut);
            let start = text.len() - after.len();
            let nearest = &after.as_bytes()[..after.len().min(MOST)];
            for length in (FEWEST..=nearest.len()).rev() {
                let cut: Vec<u8> = nearest[..length].iter().rev().copied().collect();
                if let Some(owner) = starting_with(&self.ends, &cut) {
                    found.push(Found {
                        place: start..start + length,
                        owner: Some(owner),
                    });
                    break;
                }
            }
        }
    }
}

/// The mark, blanks, and what is left of a character that was cut.
fn is_beside_cut(character: char) -> bool {
    character == MARK || character == char::REPLACEMENT_CHARACTER || character.is_whitespace()
}

fn starting_with(sorted: &BTreeMap<Vec<u8>, usize>, start: &[u8]) -> Option<usize> {
    let mut range = sorted.range::<[u8], _>((Bound::Included(start), Bound::Unbounded));
    let (form, owner) = range.next()?;
    form.starts_with(start).then_some(*owner)
}
