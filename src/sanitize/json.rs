//! Foreign text inside a JSON document that a pipeline may print into its log.

use super::characters::{is_line_break, is_visible};
use super::command::{is_overlooked, opens_attachment};

/// A rendered JSON document in which whatever a terminal or a CI system acts on, and whatever can't
/// be seen, is written as `\u` escapes. All of it can only stand inside a string, so every JSON reader
/// gets the same values as before. The layout's own `\n` stays.
///
/// Guarantees what the whole module promises, provided that strings do not start a line: a
/// serializer puts at least a quote before them.
#[must_use]
pub fn json_text(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut previous = None;
    for (index, character) in json.char_indices() {
        let starts_command = previous == Some(character)
            && match character {
                '#' => true,
                '[' => opens_attachment(&json[index + 1..]),
                _ => false,
            };
        let is_layout = character == '\n';
        let is_shown = is_visible(character) && !is_line_break(character);
        if is_layout || (is_shown && !starts_command) {
            text.push(character);
            if !is_overlooked(character) {
                previous = Some(character);
            }
        } else {
            push_escape(character, &mut text);
            previous = None;
        }
    }
    text
}

fn push_escape(character: char, out: &mut String) {
    let mut units = [0; 2];
    let units = character.encode_utf16(&mut units).iter();
    out.extend(units.map(|unit| format!("\\u{unit:04x}")));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::json_text;

    fn of(text: &str) -> String {
        json_text(&serde_json::to_string(text).unwrap())
    }

    #[test]
    fn commands_and_attachments_are_escaped() {
        assert_eq!(of("###[a]"), r##""#\u0023#[a]""##);
        assert_eq!(of("#\u{20dd}#[a]"), "\"#\u{20dd}\\u0023[a]\"");
        assert_eq!(of("[[attachment|a]]"), r#""[\u005battachment|a]]""#);
        assert_eq!(json_text("[[1],[2]]"), "[[1],[2]]");
    }

    #[test]
    fn every_character_that_can_not_be_seen_is_escaped() {
        let hidden = [
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{ad}',
            '\u{34f}',
            '\u{115f}',
            '\u{180b}',
            '\u{200b}',
            '\u{2028}',
            '\u{202e}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{ffa0}',
            '\u{fffe}',
            '\u{e0041}',
            '\u{e0080}',
        ];
        for character in hidden {
            let json = of(&character.to_string());
            assert!(json.is_ascii() && json.len() >= 8, "{json}");
        }
        assert_eq!(of("Grüße, 世界 🚀"), "\"Grüße, 世界 🚀\"");
    }

    proptest! {
        #[test]
        fn a_reader_gets_the_same_text(text in any::<String>(), tail in "[\\[#A\u{200b}\u{20dd}\n]*") {
            let text = text + &tail;
            let read: String = serde_json::from_str(&of(&text)).unwrap();
            prop_assert_eq!(read, text);
        }
    }
}
