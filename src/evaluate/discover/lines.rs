//! Where the lines of a spec file start: one rule, so that every line that is told is the one that
//! an editor shows.

use std::borrow::Cow;

/// The byte offsets at which lines start.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    /// A line ends as Markdown has it: with `\n`, `\r\n` or `\r`.
    pub(super) fn of(text: impl AsRef<[u8]>) -> Self {
        let bytes = text.as_ref();
        let ends = (0..bytes.len()).filter(|at| match bytes[*at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        Self(std::iter::once(0).chain(ends.map(|end| end + 1)).collect())
    }

    /// How many lines stand above the one that `offset` is in.
    pub(super) fn above(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset) - 1
    }

    /// Where the line that `offset` is in starts.
    pub(super) fn start_of(&self, offset: usize) -> usize {
        self.0[self.above(offset)]
    }

    /// Where the line after the one that `offset` is in starts; the last line is its own next.
    pub(super) fn start_of_next(&self, offset: usize) -> usize {
        let next = self.0.get(self.above(offset) + 1);
        next.copied().unwrap_or(offset)
    }
}

/// `text` with `\n` for each lone `\r`, so every offset stays: readers of Markdown differ in where
/// they see an end of line in it, and a check must not hide behind that.
pub(super) fn with_line_feeds(text: &str) -> Cow<'_, str> {
    let lone = |(at, _): &(usize, &str)| !text[at + 1..].starts_with('\n');
    let mut at = 0;
    let mut changed = String::new();
    for (end, _) in text.match_indices('\r').filter(lone) {
        changed.push_str(&text[at..end]);
        changed.push('\n');
        at = end + 1;
    }
    if at == 0 {
        return Cow::Borrowed(text);
    }
    changed.push_str(&text[at..]);
    Cow::Owned(changed)
}

/// The lines of `text` with their ends, each with its number from 1.
pub(super) fn numbered(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let starts = Lines::of(text).0;
    let ends: Vec<_> = starts.iter().skip(1).copied().chain([text.len()]).collect();
    let lines = starts.into_iter().zip(ends);
    (1..).zip(lines.map(|(start, end)| &text[start..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_markdown_has_it() {
        let lines = Lines::of("a\nb\r\nc\rd");
        let above: Vec<_> = [0, 2, 3, 4, 5, 7].map(|at| lines.above(at)).into();
        assert_eq!(above, [0, 1, 1, 1, 2, 3]);
        assert_eq!(Lines::of("").above(0), 0);
    }

    #[test]
    fn lone_carriage_returns_become_line_feeds() {
        assert_eq!(with_line_feeds("a\r\nb\n\r\r\nc\r"), "a\r\nb\n\n\r\nc\n");
        assert!(matches!(with_line_feeds("a\r\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn lines_keep_their_ends() {
        let lines: Vec<_> = numbered("a\n\rb\r\n").collect();
        assert_eq!(lines, [(1, "a\n"), (2, "\r"), (3, "b\r\n"), (4, "")]);
    }
}
