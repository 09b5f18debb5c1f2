//! Names of repositories and of what is in them.

/// How many digits of a commit people see.
const SHORT: usize = 9;

/// Whether `text` is the full name of a commit: 40 hexadecimal digits, or 64 in a repository with
/// SHA-256. Either may stand in an address or a command as it is.
#[must_use]
pub fn is_commit(text: &str) -> bool {
    [40, 64].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A commit as people write it: its first digits, and nothing that is no digit.
#[must_use]
pub fn short_commit(commit: &str) -> &str {
    let digits = commit.bytes().take_while(u8::is_ascii_hexdigit);
    &commit[..digits.take(SHORT).count()]
}

/// Owner and name of a repository as GitHub has them, `owner/name`. Anything else is `None`: it could
/// lead an address elsewhere.
#[must_use]
pub fn owner_and_name(text: &str) -> Option<(&str, &str)> {
    let parts = text.split_once('/')?;
    (is_name(parts.0) && is_name(parts.1)).then_some(parts)
}

fn is_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=100).contains(&text.len()) && text.bytes().all(is_letter) && ![".", ".."].contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_its_full_name() {
        let full = "0123456789ABCDEF0123456789abcdef01234567";
        let newer = "a".repeat(64);
        assert!(is_commit(full) && is_commit(&newer));
        let foreign = "é".repeat(20);
        for bad in ["", "main", "--upload-pack=x", &full[1..], &foreign] {
            assert!(!is_commit(bad), "{bad}");
        }
        assert_eq!(short_commit(full), "012345678");
        assert_eq!(short_commit("abc`é"), "abc");
    }

    #[test]
    fn a_name_can_lead_nowhere_else() {
        for (text, parts) in [
            ("octocat/a.b_c-d", ("octocat", "a.b_c-d")),
            ("o-1/.github", ("o-1", ".github")),
            ("o/...", ("o", "...")),
        ] {
            assert_eq!(owner_and_name(text), Some(parts), "{text}");
        }
        let long = format!("o/{}", "a".repeat(101));
        for bad in [
            "", "o", "/r", "o/", "o/r/s", "o/.", "o/..", "./r", "o/r?x", "o/r#x", "o/r\n", "o r/x",
            "ö/r", "o/%2e", &long,
        ] {
            assert_eq!(owner_and_name(bad), None, "{bad}");
        }
    }
}
