//! How a secret may look in a text: as it is, in base64 and hexadecimal, whole or in part. Escapes
//! need no form of their own: `views` reads behind them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::values::Secret;

/// A secret of at least this many bytes is found in parts too. Half of a shorter one is found only
/// where text was cut.
const LONG: usize = 32;

/// How much of a long secret makes a part: enough not to be somebody's word.
const PART: usize = 16;

/// The same in characters of base64 and of hexadecimal.
const BASE64_PART: usize = 20;
const HEXADECIMAL_PART: usize = 32;

/// Parts of an encoded secret start at every fourth character: all of them would be many, and what
/// is missed at either end says less than three bytes.
const STEP: usize = 4;

/// A longer value, such as a whole configuration file, is found as it is and line by line only.
const MOST_ENCODED: usize = 8 * 1024;

/// Parts of longer values would be too many. Their lines have parts.
const MOST_IN_PARTS: usize = 512;

/// All parts of all secrets: more would take more memory than finding them is worth. What comes
/// after is found whole, in every encoding.
const MOST_PARTS: usize = 20_000;

/// Half an escape right before a secret (`%A`, `\\u00`) takes so many of its bytes for its own, for
/// whoever reads behind escapes.
const MOST_SWALLOWED: usize = 4;

/// What is left of it then has to be longer than a word.
const SHORTEST_TAIL: usize = 8;

/// Every form, in order, with the index of the secret that it is of.
pub(super) fn forms(secrets: &[Secret]) -> BTreeMap<Vec<u8>, usize> {
    let mut forms = Forms {
        found: BTreeMap::new(),
        owner: 0,
        parts_left: MOST_PARTS,
    };
    for (owner, secret) in secrets.iter().enumerate() {
        forms.owner = owner;
        forms.add_value(&secret.value);
    }
    forms.found
}

struct Forms {
    found: BTreeMap<Vec<u8>, usize>,
    owner: usize,
    parts_left: usize,
}

impl Forms {
    fn add_value(&mut self, value: &[u8]) {
        self.add_text(value);
        for swallowed in 1..=MOST_SWALLOWED {
            if value.len() >= SHORTEST_TAIL + swallowed {
                self.add(&value[swallowed..]);
            }
        }
        let lossy = String::from_utf8_lossy(value);
        if lossy.as_bytes() != value {
            self.add_text(lossy.as_bytes());
        }
        if value.len() > MOST_ENCODED {
            return;
        }
        let hexadecimal = |digits: &[u8; 16]| -> Vec<u8> {
            let pair = |byte: &u8| {
                [
                    digits[usize::from(byte >> 4)],
                    digits[usize::from(byte & 15)],
                ]
            };
            value.iter().flat_map(pair).collect()
        };
        self.add_encoded(&hexadecimal(b"0123456789abcdef"), HEXADECIMAL_PART);
        self.add_encoded(&hexadecimal(b"0123456789ABCDEF"), HEXADECIMAL_PART);
        for engine in [STANDARD, URL_SAFE] {
            for before in 0..3 {
                let aligned = [&vec![0; before], value].concat();
                let encoded = engine.encode(&aligned).into_bytes();
                // Characters at both ends that depend on what stands beside are left out.
                let (first, last) = ((before * 8).div_ceil(6), aligned.len() * 8 / 6);
                self.add_encoded(&encoded[first..last], BASE64_PART);
            }
        }
    }

    fn add_text(&mut self, value: &[u8]) {
        self.add(value);
        if (LONG..=MOST_IN_PARTS).contains(&value.len()) && !has_known_parts(value) {
            value.windows(PART).for_each(|part| self.add_part(part));
        }
        if value.contains(&b' ') {
            let plus = |byte: &u8| if *byte == b' ' { b'+' } else { *byte };
            self.add(&value.iter().map(plus).collect::<Vec<u8>>());
        }
        // As the views without blanks have it.
        let compact = without_blanks(value);
        if compact.len() < value.len() && compact.len() > PART {
            self.add(&compact);
        }
    }

    fn add_encoded(&mut self, encoded: &[u8], part: usize) {
        self.add(encoded);
        if encoded.len() >= 2 * part && encoded.len() <= 2 * MOST_IN_PARTS {
            let parts = encoded.windows(part).step_by(STEP);
            parts.for_each(|part| self.add_part(part));
            self.add_part(&encoded[encoded.len() - part..]);
        }
    }

    fn add_part(&mut self, part: &[u8]) {
        if self.parts_left > 0 {
            self.parts_left -= 1;
            self.add(part);
        }
    }

    fn add(&mut self, form: &[u8]) {
        self.found.entry(form.to_owned()).or_insert(self.owner);
    }
}

fn without_blanks(value: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(value);
    let visible = text.chars().filter(|character| !character.is_whitespace());
    visible.collect::<String>().into_bytes()
}

/// The beginning of an address, the frame of a key and the field names of a document are no secrets;
/// lines and fields are values of their own.
fn has_known_parts(value: &[u8]) -> bool {
    value.starts_with(b"{") || value.contains(&b'\n') || value.windows(3).any(|part| part == b"://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_long_secrets_have_a_bounded_number_of_parts_and_are_all_found_whole() {
        let secret = |number: usize| Secret {
            name: format!("KEY_{number}"),
            value: format!("{number:07}").repeat(70).into_bytes(),
        };
        let secrets: Vec<Secret> = (0..200).map(secret).collect();
        let forms = forms(&secrets);
        assert!(forms.len() < MOST_PARTS + 200 * 12, "{}", forms.len());
        assert!(
            secrets
                .iter()
                .all(|secret| forms.contains_key(&secret.value))
        );
    }
}
