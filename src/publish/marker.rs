//! The last line of our comment, which nobody sees: whose it is, and what it has to remember.
//!
//! `<!-- semtest-comment <key> <memory> <checksum> -->`. Only the last line counts: everything above
//! holds text by strangers. The checksum tells a line that somebody has edited, not one that
//! somebody forged on purpose; against that, only comments that we wrote ourselves are looked at.

use sha2::{Digest as _, Sha256};

const START: &str = "<!-- semtest-comment ";
const END: &str = " -->";

/// Which of our comments it is, as 16 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key(String);

impl Key {
    /// The key that a name of any length stands for.
    pub(super) fn of(name: &str) -> Self {
        Self(digest(name))
    }
}

/// The first 16 hexadecimal digits of SHA-256.
fn digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let first = digest.iter().take(8);
    let number = first.fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{number:016x}")
}

/// The hidden line. `memory` is one word of letters, digits, `-` and `_`.
pub(super) fn line(key: &Key, memory: &str) -> String {
    let sum = digest(&format!("{} {memory}", key.0));
    format!("{START}{} {memory} {sum}{END}", key.0)
}

/// Whether a comment is marked with `key`.
pub(super) fn is_marked(body: &str, key: &Key) -> bool {
    words(body).is_some_and(|words| words.first() == Some(&key.0.as_str()))
}

/// What the comment remembers, if nobody has changed it.
pub(super) fn memory(body: &str, key: &Key) -> Option<String> {
    let words = words(body)?;
    let [found, memory, sum] = words[..] else {
        return None;
    };
    let intact = found == key.0 && sum == digest(&format!("{found} {memory}"));
    intact.then(|| memory.to_owned())
}

fn words(body: &str) -> Option<Vec<&str>> {
    let last = body.trim_end().lines().next_back()?;
    let inner = last.strip_prefix(START)?.strip_suffix(END)?;
    Some(inner.split(' ').collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let key = Key::of("CI / semtest");
        let body = format!("text\n\n{}\r\n", line(&key, "abc"));
        assert!(is_marked(&body, &key));
        assert_eq!(memory(&body, &key).as_deref(), Some("abc"));
    }

    #[test]
    fn a_changed_memory_is_forgotten_but_the_comment_stays_ours() {
        let key = Key::of("a");
        let body = line(&key, "abc").replace(" abc ", " abd ");
        assert!(is_marked(&body, &key));
        assert_eq!(memory(&body, &key), None);
    }

    #[test]
    fn only_the_last_line_counts() {
        let key = Key::of("a");
        let body = format!("{}\nmore", line(&key, "abc"));
        assert!(!is_marked(&body, &key));
        assert!(!is_marked(&line(&key, "abc"), &Key::of("b")));
    }

    proptest! {
        #[test]
        fn what_strangers_write_is_marked_by_no_accident(
            text in "(?s).{0,200}",
            start in 0_usize..80,
            memory in "[A-Za-z0-9_-]{1,40}",
        ) {
            let key = Key::of("a");
            prop_assert!(!is_marked(&text, &key));
            // Whatever stands above, the last line is read.
            let ours = line(&key, &memory);
            let body = format!("{text}\n{ours}");
            prop_assert_eq!(super::memory(&body, &key), Some(memory));
            // A part of it is nothing, nor is one with something behind it.
            let part = &ours[start.min(ours.len() - 1) + 1..];
            prop_assert_eq!(super::memory(&format!("{text}\n{part}"), &key), None);
            let followed = format!("{ours}{}x", text.trim_end());
            prop_assert!(!is_marked(&followed, &key));
        }
    }
}
