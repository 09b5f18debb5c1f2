//! Foreign text for a terminal or a CI log. Colours, prefixes and indentation are the caller's.

use super::characters::{fold, lines, push_visible};
use super::command::{Place, push_broken};

/// The text on one line, for a terminal or a log.
///
/// Guarantees, on top of what the whole module promises: no line break and no tab (each becomes a
/// space), no blanks at either end. No CI command can be found in the result, at the start of a line,
/// after a prefix, or right before or after another result of this function. Passing a result
/// through again changes nothing.
#[must_use]
pub fn terminal_line(text: &str) -> String {
    let folded = fold(text);
    let mut line = String::with_capacity(folded.len());
    push_broken(&folded, Place::Piece, &mut line);
    line
}

/// The text on at most `max_lines` lines, each as safe as [`terminal_line`] makes it, without a line
/// break at the end. Indentation and tabs stay.
///
/// What is cut is counted in one more line: `… 3 more lines`. The block wants to start on a line of
/// its own.
#[must_use]
pub fn terminal_block(text: &str, max_lines: usize) -> String {
    let text = text.trim_end();
    if text.is_empty() {
        return String::new();
    }
    let mut lines = lines(text);
    let block = safe_lines(lines.by_ref().take(max_lines));
    match lines.count() {
        0 => block.trim_end().to_owned(),
        1 => block + "… 1 more line",
        more => format!("{block}… {more} more lines"),
    }
}

/// Each line made visible, without commands, and ended by `\n`.
pub(super) fn safe_lines<'text>(lines: impl Iterator<Item = &'text str>) -> String {
    let mut safe = String::new();
    let mut visible = String::new();
    for line in lines {
        visible.clear();
        push_visible(line, &mut visible);
        push_broken(&visible, Place::Line, &mut safe);
        safe.push('\n');
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::{terminal_block, terminal_line};

    #[test]
    fn a_line_is_folded_stripped_and_broken() {
        assert_eq!(
            terminal_line("\u{1b}[2K\r::error file=x::boom\n\tnext ##[group]y\n"),
            "\\::error file=x::boom next #\\#[group]y"
        );
    }

    #[test]
    fn removing_a_character_never_makes_a_command() {
        assert_eq!(terminal_line("#\u{200b}#\u{1b}[m[error]x"), "#\\#[error]x");
        assert_eq!(terminal_line(":\u{2060}:error::x"), "\\::error::x");
    }

    #[test]
    fn a_block_keeps_indentation_and_breaks_every_line() {
        assert_eq!(
            terminal_block("  a\r\n\t::warning::b\n##[error]c\n\n", 9),
            "  a\n\t\\::warning::b\n#\\#[error]c"
        );
    }

    #[test]
    fn a_block_says_how_many_lines_were_cut() {
        assert_eq!(terminal_block("a\nb\nc\n", 3), "a\nb\nc");
        assert_eq!(terminal_block("a\nb\nc\n", 2), "a\nb\n… 1 more line");
        assert_eq!(terminal_block("a\nb\nc\n", 0), "… 3 more lines");
        assert_eq!(terminal_block("\n \n", 5), "");
    }
}
