//! Foreign text for XML 1.0 reports. The `<`, `>`, `&` and quotes stay: escaping is the XML writer's.

use super::characters::lines;
use super::terminal::{safe_lines, terminal_line};

/// The text for the content of an element, line breaks kept as `\n`.
///
/// Guarantees: legal XML 1.0 characters only, no escape sequence, nothing invisible, no CI command in
/// any line (CI systems print reports too), and no `[[ATTACHMENT|…]]`, by which a JUnit reader would
/// fetch a file. The result does not grow when it is passed through again.
#[must_use]
pub fn xml_text(text: &str) -> String {
    let mut safe = safe_lines(lines(text));
    safe.pop();
    safe
}

/// The text on one line, for an attribute: as [`terminal_line`], whose result holds legal XML 1.0
/// characters only.
#[must_use]
pub fn xml_line(text: &str) -> String {
    terminal_line(text)
}

#[cfg(test)]
mod tests {
    use super::{xml_line, xml_text};

    #[test]
    fn line_breaks_are_kept_in_one_form() {
        assert_eq!(xml_text("a\r\n b\r\u{2028}c\n"), "a\n b\n\nc\n");
        assert_eq!(xml_text(""), "");
    }

    #[test]
    fn only_legal_characters_are_left() {
        assert_eq!(xml_text("\0\u{1}<a>\u{fffe}\u{ffff}&\u{1b}[1mb"), "<a>&b");
    }

    #[test]
    fn commands_and_attachments_are_broken_in_every_line() {
        assert_eq!(
            xml_text("::set-output name=a::b\n[[ATTACHMENT|/etc/passwd]]"),
            "\\::set-output name=a::b\n[\\[ATTACHMENT|/etc/passwd]]"
        );
        assert_eq!(xml_line("a\n##[error]b"), "a #\\#[error]b");
    }
}
