//! The text of a place, taken apart: `path`, `path:12`, `path:12-20`, `path:12:3`, `path#L12`, or a list
//! of such. Whether there is such a place is `tree`'s matter.

use std::fmt;

/// How many places of a list are looked for.
const MOST_PLACES: usize = 8;

/// One place, as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written<'a> {
    pub(super) path: &'a str,
    pub(super) lines: Option<Lines>,
}

/// Where in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lines {
    /// From 1, but an answer may say 0.
    pub(super) first: u32,
    /// The last line of a range.
    pub(super) last: Option<u32>,
    pub(super) column: Option<u32>,
}

impl Lines {
    /// Just one line.
    pub(super) fn only(first: u32) -> Self {
        Self {
            first,
            last: None,
            column: None,
        }
    }
}

/// As [`crate::model::Location`] reads it behind a path: `12`, `12-20`, `12:3`.
impl fmt::Display for Lines {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.first)?;
        match (self.last, self.column) {
            (Some(last), _) => write!(formatter, "-{last}"),
            (None, Some(column)) => write!(formatter, ":{column}"),
            (None, None) => Ok(()),
        }
    }
}

/// The places that `text` may mean, in the order in which to look for them: all of it as one, since
/// the name of a file may hold anything, then the items of a list.
pub(super) fn places(text: &str) -> impl Iterator<Item = Written<'_>> {
    let whole = bare(text);
    let items = whole.split([',', ';', '\n']).map(|item| {
        let item = item.split_once(" (").map_or(item, |(place, _)| place);
        bare(item)
    });
    let items = items.filter(move |item| *item != whole && !item.is_empty());
    [whole]
        .into_iter()
        .chain(items)
        .take(MOST_PLACES)
        .map(split)
}

/// Without what Markdown and quotation put around it.
fn bare(text: &str) -> &str {
    text.trim_matches(|letter: char| letter.is_whitespace() || ['`', '\'', '"'].contains(&letter))
}

fn split(text: &str) -> Written<'_> {
    let just = |path, (first, last), column| {
        let lines = Some(Lines {
            first,
            last,
            column,
        });
        Written { path, lines }
    };
    if let Some((path, lines)) = text.rsplit_once("#L")
        && let Some(lines) = range(lines)
    {
        return just(path, lines, None);
    }
    let numbered = |text: &'_ str| {
        let (head, last) = text.rsplit_once(':')?;
        Some((head.len(), range(last)?))
    };
    let Some((end, last)) = numbered(text) else {
        return Written {
            path: text,
            lines: None,
        };
    };
    match numbered(&text[..end]) {
        Some((start, lines)) => just(&text[..start], lines, Some(last.0)),
        None => just(&text[..end], last, None),
    }
}

/// `12`, `L12`, `12-20`, `L12-L20`.
fn range(text: &str) -> Option<(u32, Option<u32>)> {
    match text.split_once(['-', '–']) {
        Some((first, last)) => Some((number(first)?, Some(number(last)?))),
        None => Some((number(text)?, None)),
    }
}

fn number(text: &str) -> Option<u32> {
    let digits = text.strip_prefix('L').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // No file has so many lines, so what is too large for the type stays too large.
    is_number.then(|| digits.parse().unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The path and the lines, as a location has them.
    fn first(text: &str) -> (&str, String) {
        let place = places(text).next().unwrap();
        let lines = place.lines.map(|lines| lines.to_string());
        (place.path, lines.unwrap_or_default())
    }

    #[test]
    fn lines_are_taken_off_in_the_forms_that_judges_write() {
        for (text, path, lines) in [
            ("src/a.rs", "src/a.rs", ""),
            ("src/a.rs:12", "src/a.rs", "12"),
            ("`src/a.rs:12`", "src/a.rs", "12"),
            ("src/a.rs:12:3", "src/a.rs", "12:3"),
            ("src/a.rs:12-20", "src/a.rs", "12-20"),
            ("src/a.rs#L12-L20", "src/a.rs", "12-20"),
            ("src/a.rs:0", "src/a.rs", "0"),
            ("src/a.rs:99999999999", "src/a.rs", "4294967295"),
            ("C:\\a.rs", "C:\\a.rs", ""),
            ("a:b:c", "a:b:c", ""),
        ] {
            assert_eq!(first(text), (path, lines.to_owned()), "{text}");
        }
    }

    #[test]
    fn of_a_list_each_place_is_looked_for() {
        let paths = |text| places(text).map(|place| place.path).collect::<Vec<_>>();
        assert_eq!(
            paths("a.rs:3, `b.rs:5` (twice)\nc.rs"),
            ["a.rs:3, `b.rs:5` (twice)\nc.rs", "a.rs", "b.rs", "c.rs"]
        );
        assert_eq!(paths("a.rs"), ["a.rs"]);
        assert_eq!(paths(&"a,".repeat(1000)).len(), MOST_PLACES);
    }

    proptest! {
        #[test]
        fn any_text_is_taken_apart_without_a_panic(text in "(\\PC|[:,#L0-9\n–-]){0,60}") {
            for place in places(&text) {
                prop_assert!(text.contains(place.path));
            }
        }
    }
}
