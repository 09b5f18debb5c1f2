//! Foreign texts of the comment, each cut to what a phone shows before it goes through its gate.

use crate::sanitize::{markdown_code, markdown_text, truncate};

/// One line of plain text, of which at most `most` bytes are shown.
pub(super) fn text(foreign: &str, most: usize) -> String {
    markdown_text(&truncate(foreign.trim(), most))
}

/// One line of code, of which at most `most` bytes are shown.
pub(super) fn code(foreign: &str, most: usize) -> String {
    markdown_code(&truncate(foreign.trim(), most))
}

/// The end of a path as code: that is where it tells most.
pub(super) fn path(foreign: &str, most: usize) -> String {
    let foreign = foreign.trim();
    if foreign.len() <= most {
        return markdown_code(foreign);
    }
    let start = foreign.ceil_char_boundary(foreign.len() - most);
    markdown_code(&format!("…{}", &foreign[start..]))
}

/// As [`text`], but what the author put between backticks is code: agents quote what they read so.
///
/// A piece of code has to stand by itself, with blanks around it and at most some punctuation behind
/// it. Plain text and code go through a gate each and are joined by blanks, so that neither
/// changes what the other is.
pub(super) fn prose(foreign: &str, most: usize) -> String {
    let cut = truncate(foreign.trim(), most);
    let words: Vec<&str> = cut.split_whitespace().collect();
    let mut pieces = Vec::new();
    let mut plain = 0;
    let mut at = 0;
    while at < words.len() {
        let Some((last, code, punctuation)) = code_at(&words[at..]) else {
            at += 1;
            continue;
        };
        pieces.push(markdown_text(&words[plain..at].join(" ")));
        pieces.push(markdown_code(&code) + punctuation);
        at += last + 1;
        plain = at;
    }
    pieces.push(markdown_text(&words[plain..].join(" ")));
    pieces.retain(|piece| !piece.is_empty());
    pieces.join(" ")
}

/// The code that begins with the first word: its last word's position, what stands between the
/// backticks, and the punctuation behind them.
fn code_at<'a>(words: &[&'a str]) -> Option<(usize, String, &'a str)> {
    let first = words.first()?.strip_prefix('`')?;
    let mut inside = Vec::new();
    for (position, word) in words.iter().enumerate() {
        let word = if position == 0 { first } else { word };
        let Some((code, after)) = word.split_once('`') else {
            inside.push(word);
            continue;
        };
        inside.push(code);
        let code = inside.join(" ");
        let is_code = code.contains(char::is_alphanumeric);
        let is_end = ["", ".", ",", ";", ":", "?", ")", ")."].contains(&after);
        return (is_code && is_end).then_some((position, code, after));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_between_backticks_is_code() {
        for (foreign, shown) in [
            ("a `b c`, `d`.", "a `b c`, `d`."),
            ("`a|b`", "`a`\\|`b`"),
            ("a `Vec<u8>` b", "a `Vec<u8>` b"),
            ("two\n\nlines of `code\nhere`", "two lines of `code here`"),
            ("an `open one", "an \\`open one"),
            ("a ``b`` c", "a \\`\\`b\\`\\` c"),
            ("x`a`y `a`y", "x\\`a\\`y \\`a\\`y"),
            ("- `a` #1", "\\- `a` `#1`"),
            ("`@` x", "`` `@` `` x"),
            ("`@a` *x*", "`@a` \\*x\\*"),
        ] {
            assert_eq!(prose(foreign, 300), shown);
        }
    }

    #[test]
    fn a_cut_that_opens_code_leaves_none_open() {
        assert_eq!(prose("a `bcd efg`", 10), "a \\`bcd …");
    }

    #[test]
    fn of_a_path_the_end_is_shown() {
        assert_eq!(path("src/a.rs:1", 10), "`src/a.rs:1`");
        assert_eq!(path("long/src/é/a.rs:1", 10), "`…/é/a.rs:1`");
    }
}
