//! The text of one file of the user, and positions in it.

use std::ops::Range;
use std::sync::Arc;

/// A file's text, without a byte order mark, and the name that messages use for it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// Relative to the project, with `/` between parts.
    pub(super) name: String,
    pub(super) text: String,
}

/// A range of bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) source: Arc<Source>,
    pub(super) range: Range<usize>,
}

impl Source {
    pub(super) fn new(name: String, text: String) -> Arc<Self> {
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        };
        Arc::new(Self { name, text })
    }

    /// A place, moved to what the text really has.
    pub(super) fn place(self: &Arc<Self>, range: Range<usize>) -> Place {
        let start = self.text.floor_char_boundary(range.start);
        let end = self.text.ceil_char_boundary(range.end).max(start);
        Place {
            source: Arc::clone(self),
            range: start..end,
        }
    }

    /// The byte offset of a line and a column, both from zero, the column in UTF-16 code units as
    /// source maps count.
    pub(super) fn offset_of_utf16(&self, line: usize, column: usize) -> usize {
        let mut start = 0;
        for text in self.text.split_inclusive('\n').take(line) {
            start += text.len();
        }
        let mut units = 0;
        for (offset, character) in self.text[start..].char_indices() {
            if units >= column || character == '\n' {
                return start + offset;
            }
            units += character.len_utf16();
        }
        self.text.len()
    }

    /// The byte offset of a line and a column, both from one, the column in bytes as `serde_json`
    /// counts.
    pub(super) fn offset_of_bytes(&self, line: usize, column: usize) -> usize {
        let lines = self.text.split_inclusive('\n');
        let start: usize = lines.take(line.saturating_sub(1)).map(str::len).sum();
        (start + column.saturating_sub(1)).min(self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_utf16_units_and_stay_on_their_line() {
        let source = Source::new("a".to_owned(), "é😀x\r\nb\n".to_owned());
        assert_eq!(source.offset_of_utf16(0, 0), 0);
        assert_eq!(source.offset_of_utf16(0, 1), 2);
        assert_eq!(source.offset_of_utf16(0, 3), 6);
        assert_eq!(source.offset_of_utf16(0, 99), 8);
        assert_eq!(source.offset_of_utf16(1, 0), 9);
        assert_eq!(source.offset_of_utf16(9, 9), 11);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        let source = Source::new("a".to_owned(), "\u{feff}x".to_owned());
        assert_eq!(source.text, "x");
    }
}
