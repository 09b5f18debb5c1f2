//! Which characters of a foreign text reach any sink at all: lines are found, escape sequences,
//! control characters and invisible characters go. What the visible rest means to a CI system or a
//! forge is not judged here.

/// The lines of a text, by every line break that some reader knows: LF, CR LF, CR, VT, FF, NEL and
/// the two Unicode separators. As with `str::split`, a final line break is followed by an empty line.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let line = rest?;
        let Some(end) = line.find(is_line_break) else {
            rest = None;
            return Some(line);
        };
        let after = &line[end..];
        rest = after
            .strip_prefix("\r\n")
            .or_else(|| after.strip_prefix(is_line_break));
        Some(&line[..end])
    })
}

/// Whether some reader ends a line here.
pub(super) fn is_line_break(character: char) -> bool {
    matches!(
        character,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Appends what can be seen of one line, and its tabs.
///
/// A sequence that the line leaves open ends with the line, so it can't swallow the next ones.
pub(super) fn push_visible(line: &str, out: &mut String) {
    if !line.contains(opens_escape) {
        out.extend(line.chars().filter(|character| is_visible(*character)));
        return;
    }
    let mut parser = vte::Parser::new();
    let mut visible = Visible(out);
    for character in line.chars() {
        advance(&mut parser, character, &mut visible);
    }
}

fn advance(parser: &mut vte::Parser, character: char, visible: &mut Visible<'_>) {
    // The parser reads UTF-8, where the one-character forms of the introducers mean nothing; some
    // terminals act on them all the same.
    if let Some(letter) = c1_letter(character) {
        parser.advance(visible, &[b'\x1b', letter]);
    } else {
        let mut bytes = [0; 4];
        parser.advance(visible, character.encode_utf8(&mut bytes).as_bytes());
    }
}

/// What [`push_visible`] lets through of each line, with the place in `text` where it stands.
pub(super) fn visible_places(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut parser = vte::Parser::new();
    // Without an escape sequence the parser would only cost time.
    let has_escapes = text.contains(opens_escape);
    let mut seen = String::new();
    text.char_indices().filter_map(move |(place, character)| {
        if is_line_break(character) {
            parser = vte::Parser::new();
            return None;
        }
        if !has_escapes {
            return is_visible(character).then_some((place, character));
        }
        seen.clear();
        advance(&mut parser, character, &mut Visible(&mut seen));
        seen.chars().next().map(|shown| (place, shown))
    })
}

/// The text on one line: line breaks with the blanks around them, and tabs, become one space.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut visible = String::new();
    for line in lines(text) {
        visible.clear();
        push_visible(line, &mut visible);
        let line = visible.trim();
        if !line.is_empty() && !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(line.chars().map(|c| if c == '\t' { ' ' } else { c }));
    }
    folded
}

struct Visible<'out>(&'out mut String);

impl vte::Perform for Visible<'_> {
    fn print(&mut self, character: char) {
        if is_visible(character) {
            self.0.push(character);
        }
    }

    fn execute(&mut self, byte: u8) {
        if byte == b'\t' {
            self.0.push('\t');
        }
    }
}

/// Whether an escape sequence may begin here.
pub(super) fn opens_escape(character: char) -> bool {
    character == '\u{1b}' || c1_letter(character).is_some()
}

/// The letter that makes the same C1 control with an ESC before it (ECMA-48, 5.3).
fn c1_letter(character: char) -> Option<u8> {
    match character {
        '\u{80}'..='\u{9f}' => u8::try_from(u32::from(character) - 0x40).ok(),
        _ => None,
    }
}

/// Whether a reader sees the character, or sees a tab.
pub(super) fn is_visible(character: char) -> bool {
    if character.is_ascii() {
        return character == '\t' || !character.is_ascii_control();
    }
    !(character.is_control() || is_invisible(character) || is_noncharacter(character))
}

/// `Default_Ignorable_Code_Point` of Unicode 16, and the format characters (`Cf`) beyond it that
/// have no glyph of their own.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Code points that are never characters; two of them are illegal in XML.
fn is_noncharacter(character: char) -> bool {
    matches!(character, '\u{fdd0}'..='\u{fdef}') || u32::from(character) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::{fold, lines, push_visible};

    fn visible(line: &str) -> String {
        let mut out = String::new();
        push_visible(line, &mut out);
        out
    }

    #[test]
    fn every_kind_of_line_break_ends_a_line() {
        let text = "a\nb\r\nc\rd\u{b}e\u{c}f\u{85}g\u{2028}h\u{2029}i\r\n";
        assert_eq!(
            lines(text).collect::<Vec<_>>(),
            ["a", "b", "c", "d", "e", "f", "g", "h", "i", ""]
        );
    }

    #[test]
    fn escape_sequences_go_with_all_they_hold() {
        assert_eq!(visible("\u{1b}[1;31mred\u{1b}[0m"), "red");
        assert_eq!(visible("\u{9b}31mred\u{9b}m"), "red");
        assert_eq!(visible("\u{1b}]0;title\u{7}x\u{9d}0;title\u{9c}y"), "xy");
        assert_eq!(
            visible("\u{1b}]8;;http://a\u{1b}\\link\u{1b}]8;;\u{1b}\\"),
            "link"
        );
        assert_eq!(
            visible("\u{1b}Pdcs\u{1b}\\a\u{90}dcs\u{9c}b\u{1b}_apc\u{1b}\\"),
            "ab"
        );
        assert_eq!(visible("\u{1b}(Ba\u{1b}cb\u{1b}\u{1b}[2Jc\u{1b}"), "abc");
    }

    #[test]
    fn an_open_sequence_can_not_hide_the_next_line() {
        assert_eq!(fold("a\u{1b}]0;hidden\nshown"), "a shown");
        assert_eq!(fold("a\u{1b}Phidden\rshown"), "a shown");
    }

    #[test]
    fn control_and_invisible_characters_go_and_tabs_stay() {
        assert_eq!(visible("a\0\u{7}\u{8}\u{7f}\tb"), "a\tb");
        assert_eq!(visible("a\u{202e}\u{2066}\u{200b}\u{feff}\u{ad}b"), "ab");
        assert_eq!(
            visible("\u{e0041}\u{fe0f}\u{e0100}\u{fffe}\u{10ffff}x"),
            "x"
        );
    }

    #[test]
    fn visible_text_of_any_script_is_untouched() {
        let text = "Grüße, 世界, שלום, नमस्ते, e\u{301}, ＃［, 🚀, \u{e000}\u{fffd}";
        assert_eq!(visible(text), text);
    }

    #[test]
    fn folding_leaves_one_space_for_a_line_break() {
        assert_eq!(
            fold("  one  \r\n\r\n\ttwo\tthree  four\n"),
            "one two three  four"
        );
        assert_eq!(fold("\n\u{200b}\n"), "");
    }
}
