//! Words of a command that people copy into a shell.
//!
//! Quotes are no gate for the place where the command is shown: the sink's own function comes behind.

use std::fmt::Write as _;

use super::characters::is_visible;

/// One word for a shell like sh, bash, zsh or fish, with the same meaning in all of them.
///
/// Quotes and backslashes stand outside of the quoted parts, because fish reads a backslash in
/// single quotes; so does `!`, which some shells take for history. What can't be seen (a line break,
/// an escape sequence) would act on the terminal while it is pasted: it is written as `$'…'`, which
/// is one word for bash, zsh and ksh and an error for the rest.
///
/// A word that begins with `-` is still an option to the program that is called: that is the
/// caller's to prevent.
#[must_use]
pub fn shell_word(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    if text.is_empty() {
        return "''".to_owned();
    }
    if text
        .chars()
        .any(|letter| letter == '\t' || !is_visible(letter))
    {
        return escaped(text);
    }
    let mut word = String::with_capacity(text.len() + 2);
    let mut is_open = false;
    for letter in text.chars() {
        let is_loose = matches!(letter, '\'' | '\\' | '!');
        if is_loose == is_open {
            word.push('\'');
            is_open = !is_open;
        }
        if is_loose {
            word.push('\\');
        }
        word.push(letter);
    }
    if is_open {
        word.push('\'');
    }
    word
}

/// One word for a shell that nobody knows, PowerShell and Windows' `cmd` included; `None` if
/// there is no way of writing it that is harmless in all of them.
///
/// For commands with names by strangers. What is refused could end its quotes in one of them or
/// means something within: quotes of any kind, `\`, `` ` ``, `$`, `!`, `%`, `^`, `&`, `|`, `;`,
/// `<`, `>`, `*`, `?`, characters that nobody sees, and a `-` at the start or after a blank, which `cmd` takes for an
/// option: it knows no single quotes.
#[must_use]
pub fn pasted_word(text: &str) -> Option<String> {
    let is_harmless = |letter: char| match letter {
        ' ' => true,
        _ if letter.is_ascii() => {
            letter.is_ascii_alphanumeric() || "/._-#=@+,:~()[]{}".contains(letter)
        }
        // PowerShell ends a string at typographic quotes too.
        '\u{2018}'..='\u{201f}' => false,
        _ => is_visible(letter) && !letter.is_whitespace(),
    };
    let is_option = text.starts_with('-') || text.contains(" -");
    if text.is_empty() || is_option || !text.chars().all(is_harmless) {
        return None;
    }
    Some(if is_plain(text) {
        text.to_owned()
    } else {
        format!("'{text}'")
    })
}

/// One word for every shell as it is. Not `#`, a pattern in zsh for who asks for those, nor `=` and
/// `~` at the start.
fn is_plain(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-=".contains(letter);
    !text.is_empty() && text.chars().all(plain) && !text.starts_with('=')
}

/// The word in quotes that know escapes.
fn escaped(text: &str) -> String {
    let mut word = "$'".to_owned();
    for letter in text.chars() {
        match letter {
            '\'' | '\\' => word.extend(['\\', letter]),
            '!' => word.push_str("\\x21"),
            '\t' => word.push_str("\\t"),
            '\n' => word.push_str("\\n"),
            '\r' => word.push_str("\\r"),
            _ if is_visible(letter) => word.push(letter),
            // By bytes: what `\u` means depends on the shell's locale.
            _ => {
                let mut bytes = [0; 4];
                for byte in letter.encode_utf8(&mut bytes).bytes() {
                    // Writing to a string can't fail.
                    let _ = write!(word, "\\x{byte:02x}");
                }
            }
        }
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::{pasted_word, shell_word};

    #[test]
    fn the_command_to_run_again_survives_a_shell() {
        for (text, word) in [
            ("a/b.spec.md", "a/b.spec.md"),
            ("--llm=x", "--llm=x"),
            ("a/b.spec.md#x-1", "'a/b.spec.md#x-1'"),
            ("", "''"),
            ("=ls", "'=ls'"),
            ("$HOME `a` x", "'$HOME `a` x'"),
            ("it's", r"'it'\''s'"),
            ("a\\", r"'a'\\"),
            ("wow!", r"'wow'\!"),
            ("größe", "'größe'"),
        ] {
            assert_eq!(shell_word(text), word);
        }
    }

    #[test]
    fn what_nobody_sees_is_written_so_that_one_sees_it() {
        assert_eq!(shell_word("a\nb'\u{1b}!"), r"$'a\nb\'\x1b\x21'");
        assert_eq!(shell_word("a\u{200b}b"), r"$'a\xe2\x80\x8bb'");
    }

    #[test]
    fn a_word_for_any_shell_is_refused_where_one_of_them_would_act_on_it() {
        for (text, word) in [
            ("specs/a.spec.md", Some("specs/a.spec.md")),
            ("specs/a.spec.md#x", Some("'specs/a.spec.md#x'")),
            ("app/(shop)/[id]/a b.md", Some("'app/(shop)/[id]/a b.md'")),
            ("größe/ü.md", Some("'größe/ü.md'")),
            ("", None),
            ("-x", None),
            ("a'; rm -rf ~ '", None),
            ("a’; calc ‘", None),
            ("a&calc", None),
            ("%PATH%", None),
            ("$(id)", None),
            ("a\\", None),
            ("a\nb", None),
            ("a\u{202e}b", None),
            ("a\u{a0}b", None),
        ] {
            assert_eq!(pasted_word(text).as_deref(), word, "{text:?}");
        }
    }

    #[test]
    fn what_some_shell_takes_for_an_option_is_not_offered() {
        for text in ["--config=x", "a --config=x.json b.spec.md#a"] {
            assert_eq!(pasted_word(text), None, "{text}");
        }
        assert_eq!(
            pasted_word("a-b c.spec.md").as_deref(),
            Some("'a-b c.spec.md'")
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Asked of a real shell: each text is one word, and comes out as it went in.
        #[test]
        fn a_shell_reads_what_was_written(text in "[ab '\"\\\\!$`;&|<>(){}#~*?=\n\r\t\u{1b}\u{200b}é-]{0,12}") {
            let word = shell_word(&text);
            let script = format!("printf %s {word}");
            let output = Command::new("bash").args(["-c", &script]).output().unwrap();
            prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), text.clone());
            prop_assert_eq!(output.stderr, b"");
            let is_shown = !word.contains(['\n', '\r', '\t', '\u{1b}']);
            prop_assert!(is_shown, "{word:?}");
            if let Some(pasted) = pasted_word(&text) {
                let script = format!("printf %s {pasted}");
                let output = Command::new("sh").args(["-c", &script]).output().unwrap();
                prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
            }
        }
    }
}
