//! Breaks what a CI system would read as a command out of a log line. Expects visible characters
//! only (`characters`).
//!
//! | form | read by | where |
//! |---|---|---|
//! | `::name …::data` | GitHub Actions | at the start of a line, after blanks |
//! | `##[name …]data` | GitHub Actions, Azure Pipelines | anywhere |
//! | `##vso[…]data` | Azure Pipelines | anywhere |
//! | `##teamcity[…]` | TeamCity | anywhere |
//! | `[[ATTACHMENT\|…]]` | Jenkins and GitLab, in JUnit output | anywhere |
//!
//! The break is a backslash that everybody can see. A zero-width character would not do: GitHub's
//! runner compares by culture (`StartsWith` and `IndexOf` without an ordinal comparison, in
//! `ActionCommand.cs`), and ICU overlooks characters without weight. For the same reason a mark
//! between the characters of a command does not count as a break.

/// Where the text will stand, as far as it matters to the readers of commands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// After other text of the same line.
    Within,
    /// On a line of its own.
    Line,
    /// On a line of its own, or right before or after another such piece.
    Piece,
}

/// Appends `line` with every command in it broken.
pub(super) fn push_broken(line: &str, place: Place, out: &mut String) {
    let mut at_start = true;
    let mut previous = None;
    for (index, character) in line.char_indices() {
        let rest = &line[index + character.len_utf8()..];
        let breaks = match character {
            ':' => at_start && place != Place::Within,
            '#' if previous == Some('#') => opens_legacy(rest, place),
            '#' => previous.is_none() && place == Place::Piece && opens_legacy(rest, place),
            '[' => previous == Some('[') && opens_attachment(rest),
            _ => false,
        };
        if breaks {
            out.push('\\');
        }
        out.push(character);
        if !is_overlooked(character) {
            at_start &= character.is_whitespace();
            previous = Some(character);
        }
    }
}

/// Whether a comparison by culture might not see this character. The question is answered on the
/// safe side: letters, digits and blanks are seen, everything else beyond ASCII may not be.
pub(super) fn is_overlooked(character: char) -> bool {
    !character.is_ascii() && !character.is_alphanumeric() && !character.is_whitespace()
}

fn opens_legacy(rest: &str, place: Place) -> bool {
    let after_name =
        rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || is_overlooked(c));
    after_name.starts_with('[') || (after_name.is_empty() && place == Place::Piece)
}

/// Whether a text that comes after `[[` makes it an attachment.
pub(super) fn opens_attachment(rest: &str) -> bool {
    const NAME: &[u8] = b"ATTACHMENT";
    rest.as_bytes()
        .get(..NAME.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(NAME))
}

#[cfg(test)]
mod tests {
    use super::{Place, push_broken};

    fn broken(line: &str, place: Place) -> String {
        let mut out = String::new();
        push_broken(line, place, &mut out);
        out
    }

    #[test]
    fn a_command_at_the_start_of_a_line_is_broken() {
        assert_eq!(broken("::error::x", Place::Line), "\\::error::x");
        assert_eq!(
            broken(" \t\u{3000}::error::x", Place::Line),
            " \t\u{3000}\\::error::x"
        );
        assert_eq!(
            broken("\u{488}::error::x", Place::Line),
            "\u{488}\\::error::x"
        );
    }

    #[test]
    fn a_legacy_command_is_broken_anywhere() {
        for place in [Place::Within, Place::Line, Place::Piece] {
            assert_eq!(broken("a ##[error]x", place), "a #\\#[error]x");
            assert_eq!(broken("a ###[x]", place), "a ##\\#[x]");
            assert_eq!(broken("a ##vso[x]", place), "a #\\#vso[x]");
            assert_eq!(broken("a ##teamcity[x]", place), "a #\\#teamcity[x]");
            assert_eq!(
                broken("a #\u{488}#\u{20dd}[x]", place),
                "a #\u{488}\\#\u{20dd}[x]"
            );
        }
    }

    #[test]
    fn an_attachment_is_broken() {
        assert_eq!(
            broken("[[ATTACHMENT|/etc/passwd]]", Place::Within),
            "[\\[ATTACHMENT|/etc/passwd]]"
        );
    }

    #[test]
    fn ordinary_text_is_untouched() {
        for line in [
            "std::env::var is called",
            "## Heading",
            "#[test] fn",
            "a ## b",
            "glue(a##b)",
            "#123",
            "if [[ -f x ]]",
            "＃＃［error］",
        ] {
            assert_eq!(broken(line, Place::Line), line);
        }
    }

    #[test]
    fn the_ends_of_a_piece_are_broken_too() {
        assert_eq!(broken("title ##", Place::Piece), "title #\\#");
        assert_eq!(broken("#[error]x", Place::Piece), "\\#[error]x");
        assert_eq!(broken("#", Place::Piece), "\\#");
    }
}
