//! Foreign text in a message of a SARIF file.

use super::terminal::terminal_line;

/// Plain text for a `text` of a SARIF message; one line, no blanks at the ends.
///
/// Readers show it as it is, but for links: `[words](target)` is one even in plain text (SARIF 2.1.0,
/// 3.11.6), and a click away from whatever the target names. A visible backslash between its two
/// parts breaks it; brackets and parentheses elsewhere stay. Markdown is not escaped, because plain
/// text is what GitHub escapes itself: the reader would see every backslash. On top of that, the same
/// holds as for [`terminal_line`], as a pipeline may print the message into its log.
#[must_use]
pub fn sarif_text(text: &str) -> String {
    terminal_line(text).replace("](", "]\\(")
}

#[cfg(test)]
mod tests {
    use super::sarif_text;

    #[test]
    fn a_link_is_broken_and_brackets_stay() {
        assert_eq!(
            sarif_text("see [here](https://evil.example) and [a](1)"),
            "see [here]\\(https://evil.example) and [a]\\(1)"
        );
        assert_eq!(sarif_text("a]\u{200b}(b"), "a]\\(b");
        assert_eq!(sarif_text("names[0] (the first)"), "names[0] (the first)");
    }

    #[test]
    fn prose_with_code_is_untouched() {
        let text = "`Vec<u8>` of a_b & *c*, not {0}";
        assert_eq!(sarif_text(text), text);
        assert_eq!(sarif_text("a\n::error::b ##[x]"), "a ::error::b #\\#[x]");
    }
}
