//! Words of a command that people copy into a shell.

/// In single quotes unless it is plainly one word for every shell.
#[must_use]
pub fn shell_word(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-#=".contains(letter);
    if !text.is_empty() && text.chars().all(plain) && !text.starts_with('#') {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn the_command_to_run_again_survives_a_shell() {
        assert_eq!(shell_word("a/b.spec.md#x-1"), "a/b.spec.md#x-1");
        assert_eq!(shell_word("it's $HOME.md#x"), r"'it'\''s $HOME.md#x'");
    }
}
