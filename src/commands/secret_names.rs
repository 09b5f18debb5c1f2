//! Which variables look as if their value were a secret, by their names.

/// Words of a name that stand for a secret.
const WORDS: [&str; 10] = [
    "APIKEY",
    "AUTH",
    "CREDENTIAL",
    "CREDENTIALS",
    "KEY",
    "PASSWD",
    "PASSWORD",
    "PAT",
    "SECRET",
    "TOKEN",
];

/// Whether `name` has such a word: `MY_API_KEY`, but not `MONKEY_ISLAND`.
pub(super) fn looks_secret(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    upper.split('_').any(|word| WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_by_whole_words() {
        for secret in [
            "GITHUB_TOKEN",
            "ANTHROPIC_API_KEY",
            "AWS_SECRET_ACCESS_KEY",
            "db_password",
        ] {
            assert!(looks_secret(secret), "{secret}");
        }
        for plain in ["PATH", "MONKEY_ISLAND", "LC_ALL", "KEYBOARD", "HTTPS_PROXY"] {
            assert!(!looks_secret(plain), "{plain}");
        }
    }
}
