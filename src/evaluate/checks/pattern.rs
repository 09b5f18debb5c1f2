//! What a check looks for in a file: a literal text or a regular expression.
//!
//! Both run on the file's bytes, so that a binary file or one in another encoding is searched like
//! any other and can't hide anything; only UTF-16 with its mark at the start is decoded first.

use std::borrow::Cow;

use regex::bytes::{Regex, RegexBuilder};

use super::grammar::shorten;

/// Bytes that a compiled pattern may take: a written one needs far less, a hostile one gets no more.
const COMPILED_LIMIT: usize = 2 << 20;

/// A pattern that compiles. It is compiled again for each use, so that a spec with very many of them
/// costs no memory.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// As it is written, without the delimiters.
    text: String,
    is_literal: bool,
    ignore_case: bool,
    dot_matches_newline: bool,
}

impl Pattern {
    /// The text itself. The error is a fragment for the user.
    pub(super) fn literal(text: &str) -> Result<Self, String> {
        Self {
            text: text.to_owned(),
            is_literal: true,
            ignore_case: false,
            dot_matches_newline: false,
        }
        .checked()
    }

    /// A regular expression. `^` and `$` always stand for the start and end of a line, so the flag
    /// `m` changes nothing. The error is a fragment for the user.
    pub(super) fn regex(source: &str, flags: &str) -> Result<Self, String> {
        if let Some(unknown) = flags.chars().find(|flag| !matches!(flag, 'i' | 'm' | 's')) {
            return Err(format!(
                "`{unknown}` after the closing `/` is no flag: the flags are i, m and s, and a slash \
                 inside the pattern is written `\\/`"
            ));
        }
        Self {
            text: source.to_owned(),
            is_literal: false,
            ignore_case: flags.contains('i'),
            dot_matches_newline: flags.contains('s'),
        }
        .checked()
    }

    fn checked(self) -> Result<Self, String> {
        if self.text.is_empty() {
            return Err("an empty pattern is found everywhere: write what to look for".into());
        }
        self.compile()?;
        Ok(self)
    }

    /// What is looked for, in words for the user: at most `most` characters of it.
    pub(super) fn named(&self, most: usize) -> String {
        let text = shorten(&self.text, most);
        if self.is_literal {
            format!("`{text}`")
        } else {
            let flags = [(self.ignore_case, "i"), (self.dot_matches_newline, "s")];
            let flags = flags.map(|(is_set, flag)| if is_set { flag } else { "" });
            format!("`/{text}/{}`", flags.concat())
        }
    }

    /// A searcher for many files.
    pub(super) fn compile(&self) -> Result<Searcher, String> {
        let source = if self.is_literal {
            Cow::Owned(regex::escape(&self.text))
        } else {
            Cow::Borrowed(self.text.as_str())
        };
        RegexBuilder::new(&source)
            .multi_line(true)
            .crlf(true)
            .case_insensitive(self.ignore_case)
            .dot_matches_new_line(self.dot_matches_newline)
            .size_limit(COMPILED_LIMIT)
            .build()
            .map(Searcher)
            .map_err(|error| {
                if matches!(error, regex::Error::CompiledTooBig(_)) {
                    return "the regular expression is too large: use smaller repetitions".into();
                }
                let error = error.to_string();
                format!(
                    "the regular expression can't be read: {}",
                    last_line(&error)
                )
            })
    }
}

/// A compiled [`Pattern`].
pub(super) struct Searcher(Regex);

impl Searcher {
    /// The line (from 1) of the first match.
    ///
    /// Looks at every way in which a program may read the file: two odd bytes at its start or one
    /// in its middle must not hide a match.
    pub(super) fn find(&self, content: &[u8]) -> Option<u32> {
        let decoded = decode(content);
        let lossy = String::from_utf8_lossy(content);
        let readings = [
            Some(&*decoded),
            (*decoded != *content).then_some(content),
            (lossy.as_bytes() != content).then_some(lossy.as_bytes()),
        ];
        readings
            .into_iter()
            .flatten()
            .find_map(|text| self.first_line(text))
    }

    fn first_line(&self, text: &[u8]) -> Option<u32> {
        let start = self.0.find(text)?.start();
        let breaks = text[..start].iter().filter(|byte| **byte == b'\n');
        Some(u32::try_from(breaks.count()).map_or(u32::MAX, |count| count.saturating_add(1)))
    }
}

/// Drops a UTF-8 mark, which would stand between `^` and the first word; decodes UTF-16 with a mark.
fn decode(content: &[u8]) -> Cow<'_, [u8]> {
    if let Some(rest) = content.strip_prefix(b"\xEF\xBB\xBF") {
        return Cow::Borrowed(rest);
    }
    let unit: fn([u8; 2]) -> u16 = match content {
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] => u16::from_be_bytes,
        _ => return Cow::Borrowed(content),
    };
    let units = content[2..]
        .chunks_exact(2)
        .map(|pair| unit([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units)
        .map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    Cow::Owned(text.into_bytes())
}

/// A syntax error of `regex` is a drawing; its last line says what is wrong.
fn last_line(drawing: &str) -> &str {
    let last = drawing.lines().last().unwrap_or_default().trim();
    last.strip_prefix("error: ").unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(pattern: &Pattern, content: &[u8]) -> Option<u32> {
        pattern.compile().unwrap().find(content)
    }

    fn regex(source: &str, flags: &str) -> Pattern {
        Pattern::regex(source, flags).unwrap()
    }

    #[test]
    fn odd_bytes_hide_nothing_that_another_reader_sees() {
        let call = regex("exec.*user", "");
        for content in [
            &b"\xff\xfe\nexec(\"user\")\n"[..],
            b"\xfe\xff\nexec(\"user\")\n",
            b"exec(/*\xff*/\"user\")\n",
        ] {
            assert!(find(&call, content).is_some(), "{content:?}");
        }
        assert_eq!(
            find(&regex("[^a-z]evil[^a-z]", ""), b"\n\xffevil\xff"),
            Some(2)
        );
    }

    #[test]
    fn the_line_of_the_first_match_is_found() {
        assert_eq!(find(&Pattern::literal("b").unwrap(), b"a\nb\nb\n"), Some(2));
        assert_eq!(find(&Pattern::literal("a.c").unwrap(), b"abc"), None);
        assert_eq!(find(&regex("^b$", ""), b"ab\nb\n"), Some(2));
        assert_eq!(find(&regex("^b$", ""), b"ab\r\nb\r\n"), Some(2));
        assert_eq!(find(&regex("B", "i"), b"b"), Some(1));
        assert_eq!(find(&regex("a.b", ""), b"a\nb"), None);
        assert_eq!(find(&regex("a.b", "s"), b"a\nb"), Some(1));
        assert_eq!(find(&regex(r"a\nb", "m"), b"x\na\nb"), Some(2));
    }

    #[test]
    fn binary_and_utf16_hide_nothing() {
        assert_eq!(find(&regex("key", ""), b"\0\xFF\nkey\0"), Some(2));
        assert_eq!(find(&regex("^key", ""), b"\xEF\xBB\xBFkey"), Some(1));
        let little: Vec<u8> = "\u{FEFF}a\nkey"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(find(&regex("^key$", ""), &little), Some(2));
        let big: Vec<u8> = "\u{FEFF}a\nkey"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(find(&regex("^key$", ""), &big), Some(2));
    }

    #[test]
    fn a_pattern_that_can_not_work_is_refused_with_a_reason() {
        let refused = |source: &str, flags: &str| Pattern::regex(source, flags).unwrap_err();
        assert_eq!(
            refused("(", ""),
            "the regular expression can't be read: unclosed group"
        );
        assert!(refused("(?=a)", "").contains("look-around"));
        assert!(refused("a", "g").contains("`g` after the closing `/` is no flag"));
        assert!(refused("(\\w{1000}){1000}", "").contains("too large"));
        assert!(Pattern::literal("").is_err());
    }
}
