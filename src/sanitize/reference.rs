//! Tells the words that GitHub or GitLab act on after Markdown was rendered, wherever they stand in
//! plain text. What Markdown itself makes of a word is not judged here.
//!
//! Sources: GitHub's "Autolinked references and URLs", GitLab's "GitLab-specific references". Rules
//! are wider than theirs where that costs little: a word too many is shown as code, a word too few
//! notifies a stranger. Not covered are references that a project defines itself (Jira keys, custom
//! autolinks), because `UTF-8` looks the same.

/// Whether a word (without blanks) holds something that a forge would act on.
pub(super) fn is_reference(word: &str) -> bool {
    word.contains('@')
        || is_link(word)
        || has_marked_name(word)
        || has_github_issue(word)
        || has_commit(word)
        || has_emoji(word)
        || has_gitlab_bracket(word)
        || has_gitlab_change(word)
}

fn is_link(word: &str) -> bool {
    word.contains("://") || find_ignoring_case(word, b"www.").next().is_some()
}

/// `#1`, GitLab's `!1`, `&1`, `%milestone`, `~label`, `*iteration:1`, `group/project>`; and `$`, which
/// opens a snippet's number for GitLab and a formula for both; at the end of a word too, since other
/// text may be joined to it.
fn has_marked_name(word: &str) -> bool {
    let in_path = word.contains('/');
    let mut previous = None;
    word.char_indices().any(|(index, character)| {
        let rest = &word[index + character.len_utf8()..];
        let found = match character {
            '#' | '!' | '&' => rest.starts_with(|next: char| next.is_ascii_digit()),
            '$' => true,
            '%' | '~' => rest
                .trim_start_matches(['"', '{', '-', '.', '?', '&'])
                .starts_with(|next: char| {
                    next == '_' || next.is_alphanumeric() || !next.is_ascii()
                }),
            '*' => rest.starts_with("iteration:"),
            '>' => in_path && previous.is_some_and(char::is_alphanumeric),
            _ => false,
        };
        previous = Some(character);
        found
    })
}

/// `GH-1`, in any case.
fn has_github_issue(word: &str) -> bool {
    let bytes = word.as_bytes();
    find_ignoring_case(word, b"gh-").any(|index| {
        let starts = index == 0 || !bytes[index - 1].is_ascii_alphanumeric();
        starts && bytes.get(index + 3).is_some_and(u8::is_ascii_digit)
    })
}

/// Seven hexadecimal digits or more, the shortest commit id that is linked. No upper limit: SHA-256
/// repositories have 64.
fn has_commit(word: &str) -> bool {
    word.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| part.len() >= 7 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// `:name:`. Numbers count, because `:100:` is an emoji and `main.rs:100:5` a location.
fn has_emoji(word: &str) -> bool {
    let is_name = |part: &str| {
        let mut bytes = part.bytes();
        part.contains(|c: char| c.is_ascii_alphanumeric())
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
    };
    let mut parts = word.split(':');
    parts.next();
    parts.next_back();
    parts.any(is_name)
}

/// GitLab's `[issue:1]` and its kin, `[[page]]` and `[TOC]`.
fn has_gitlab_bracket(word: &str) -> bool {
    if word.contains("[[") || find_ignoring_case(word, b"[toc]").next().is_some() {
        return true;
    }
    word.split('[').skip(1).any(|inside| {
        let kind = inside.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '_');
        kind.len() < inside.len() && kind.starts_with(':')
    })
}

/// GitLab's `{+added+}` and `[-removed-]`, which would lose their signs and strike a text through. The
/// end may be words away.
fn has_gitlab_change(word: &str) -> bool {
    ["{+", "{-", "[+", "[-"]
        .iter()
        .any(|start| word.contains(start))
}

/// Where `needle` (ASCII, lower case) begins in `word`.
fn find_ignoring_case(word: &str, needle: &[u8]) -> impl Iterator<Item = usize> {
    word.as_bytes()
        .windows(needle.len())
        .enumerate()
        .filter(move |(_, window)| window.eq_ignore_ascii_case(needle))
        .map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::is_reference;

    #[test]
    fn what_a_forge_acts_on_is_found() {
        for word in [
            "@user",
            "x@y.z",
            "@org/team",
            "https://x.y",
            "irc://x",
            "WWW.x.y",
            "#1",
            "o/r#1",
            "o/r@abc",
            "GH-1",
            "(gh-12)",
            "0123abc",
            "0123ABC...4567def",
            "1234567",
            "!1",
            "$1",
            "$x^2$",
            "&1",
            "%v1",
            "%\"v",
            "%{name}",
            "~bug",
            "~\"a",
            "~.a",
            "*iteration:1",
            "a/b>",
            "[work_item:1]",
            "[[page]]",
            "[TOC]",
            "{+added+}",
            "[-removed",
            "::key::",
            "a.rs:100:5",
        ] {
            assert!(is_reference(word), "{word}");
        }
    }

    #[test]
    fn ordinary_words_are_not() {
        for word in [
            "C#",
            "#define",
            "100%",
            "(50%),",
            "a&&b",
            "!=",
            "wow!",
            "UTF-8",
            "high-1",
            "12:30",
            "std::env",
            "::",
            "~/.config",
            "~",
            "abcdef",
            "123456",
            "deadline",
            "src/a_b.rs:12",
            "->",
            "Vec<u8>",
            "[x]",
            "[0]",
            "+}",
            "{x-}",
            "＠user",
            "＃1",
            "a/b",
        ] {
            assert!(!is_reference(word), "{word}");
        }
    }
}
