//! What a text says to somebody who reads behind its escapes: its bytes one by one, each with its
//! place in the text.

use std::collections::VecDeque;

pub(super) use crate::sanitize::characters::opens_escape;
use crate::sanitize::characters::visible_places;

/// A byte of a view, and the part of the text that it stands for.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    pub(super) byte: u8,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The text as it is.
pub(super) fn plain(text: &str) -> impl Iterator<Item = Unit> {
    text.bytes().enumerate().map(|(start, byte)| Unit {
        byte,
        start,
        end: start + 1,
    })
}

/// What is left when a sink takes out what can't be seen, without any blank: secrets are wrapped
/// over several lines, and spelled with invisible characters.
pub(super) fn visible(text: &str) -> impl Iterator<Item = Unit> {
    visible_places(text)
        .filter(|(_, character)| !character.is_whitespace())
        .flat_map(|(start, character)| {
            let mut bytes = [0; 4];
            let length = character.encode_utf8(&mut bytes).len();
            let end = start + length;
            bytes
                .into_iter()
                .take(length)
                .map(move |byte| Unit { byte, start, end })
        })
}

/// Without blanks.
pub(super) fn compact(units: impl Iterator<Item = Unit>) -> impl Iterator<Item = Unit> {
    units.filter(|unit| !unit.byte.is_ascii_whitespace())
}

/// With the escapes of JSON strings (RFC 8259, section 7) replaced by what they mean.
pub(super) fn unescaped(units: impl Iterator<Item = Unit>) -> impl Iterator<Item = Unit> {
    Decoded::new(units, b'\\', |ahead| {
        let (length, character) = escape(ahead)?;
        let mut bytes = [0; 4];
        let text = character.encode_utf8(&mut bytes);
        Some((length, text.as_bytes().to_vec()))
    })
}

/// What follows a backslash: how many bytes, and what they mean.
fn escape(ahead: &mut Ahead<impl Iterator<Item = Unit>>) -> Option<(usize, char)> {
    let byte = ahead.peek(0)?.byte;
    let plain = match byte {
        b'"' | b'\\' | b'/' => char::from(byte),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let first = ahead.hexadecimal(1, 4)?;
            if let Some(character) = char::from_u32(first) {
                return Some((5, character));
            }
            let is_pair = ahead.peek(5)?.byte == b'\\' && ahead.peek(6)?.byte == b'u';
            let second = ahead.hexadecimal(7, 4).filter(|_| is_pair)?;
            let pair = [first, second].map(|half| u16::try_from(half).unwrap_or(0));
            let character = char::decode_utf16(pair).next()?.ok()?;
            return Some((11, character));
        }
        _ => return None,
    };
    Some((1, plain))
}

/// With `%41` replaced by `A` (RFC 3986, section 2.1).
pub(super) fn percent_decoded(units: impl Iterator<Item = Unit>) -> impl Iterator<Item = Unit> {
    Decoded::new(units, b'%', |ahead| {
        let byte = u8::try_from(ahead.hexadecimal(0, 2)?).ok()?;
        Some((2, vec![byte]))
    })
}

/// Replaces escapes that begin with `mark`. `decode` tells from what follows how many bytes belong
/// to the escape and what they mean.
struct Decoded<Units, Decode> {
    ahead: Ahead<Units>,
    mark: u8,
    decode: Decode,
    ready: VecDeque<Unit>,
}

impl<Units, Decode> Decoded<Units, Decode>
where
    Units: Iterator<Item = Unit>,
    Decode: Fn(&mut Ahead<Units>) -> Option<(usize, Vec<u8>)>,
{
    fn new(units: Units, mark: u8, decode: Decode) -> Self {
        Self {
            ahead: Ahead {
                units,
                read: VecDeque::new(),
            },
            mark,
            decode,
            ready: VecDeque::new(),
        }
    }
}

impl<Units, Decode> Iterator for Decoded<Units, Decode>
where
    Units: Iterator<Item = Unit>,
    Decode: Fn(&mut Ahead<Units>) -> Option<(usize, Vec<u8>)>,
{
    type Item = Unit;

    fn next(&mut self) -> Option<Unit> {
        if let Some(unit) = self.ready.pop_front() {
            return Some(unit);
        }
        let unit = self.ahead.next()?;
        if unit.byte != self.mark {
            return Some(unit);
        }
        let Some((length, bytes)) = (self.decode)(&mut self.ahead) else {
            return Some(unit);
        };
        let mut end = unit.end;
        for _ in 0..length {
            end = self.ahead.next().map_or(end, |last| last.end);
        }
        let start = unit.start;
        let units = bytes.into_iter().map(|byte| Unit { byte, start, end });
        self.ready.extend(units);
        self.ready.pop_front()
    }
}

/// Units that can be looked at before they are taken.
struct Ahead<Units> {
    units: Units,
    read: VecDeque<Unit>,
}

impl<Units: Iterator<Item = Unit>> Ahead<Units> {
    fn next(&mut self) -> Option<Unit> {
        self.read.pop_front().or_else(|| self.units.next())
    }

    fn peek(&mut self, place: usize) -> Option<Unit> {
        while self.read.len() <= place {
            self.read.push_back(self.units.next()?);
        }
        self.read.get(place).copied()
    }

    /// The number of so many digits.
    fn hexadecimal(&mut self, from: usize, digits: usize) -> Option<u32> {
        (from..from + digits).try_fold(0, |number, place| {
            let digit = char::from(self.peek(place)?.byte).to_digit(16)?;
            Some(number * 16 + digit)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(units: impl Iterator<Item = Unit>) -> String {
        String::from_utf8(units.map(|unit| unit.byte).collect()).unwrap()
    }

    #[test]
    fn escapes_are_read_and_what_is_none_is_kept() {
        let text = r#"a\"\\\/\n\u00e9\ud83d\ude00\ud83dx\q\u12\"#;
        let expected = "a\"\\/\né😀\\ud83dx\\q\\u12\\";
        assert_eq!(read(unescaped(plain(text))), expected);
        assert_eq!(
            read(percent_decoded(plain("a%41%c3%A9%4%zz%"))),
            "aAé%4%zz%"
        );
        assert_eq!(read(unescaped(unescaped(plain(r#"\\\""#)))), "\"");
    }

    #[test]
    fn what_no_reader_sees_is_not_there() {
        let text = "a b\u{200b}c\r\n\u{1b}[31md\u{1b}[m\u{7}é";
        assert_eq!(read(visible(text)), "abcdé");
        assert_eq!(read(compact(plain("a b\n\tc"))), "abc");
    }

    #[test]
    fn each_byte_knows_its_place() {
        let text = "x\\u0041y";
        let unit = unescaped(plain(text)).nth(1).unwrap();
        assert_eq!(&text[unit.start..unit.end], "\\u0041");
        let after = unescaped(plain(text)).nth(2).unwrap();
        assert_eq!(&text[after.start..after.end], "y");
    }
}
