//! Which paths a check speaks about: a glob, relative to the project root.
//!
//! `globset` matches one path component at a time; the walk over components is ours, because only
//! so a wildcard can leave names with a leading dot alone, as it does in a shell.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

/// More alternatives than this in one glob are nobody's intention.
const MOST_ALTERNATIVES: usize = 64;

/// One glob with its braces expanded.
#[derive(Clone, Debug)]
pub(super) struct Glob {
    text: String,
    alternatives: Vec<Alternative>,
}

/// One path shape of a glob.
#[derive(Clone, Debug)]
pub(super) struct Alternative(Vec<Component>);

#[derive(Clone, Debug)]
enum Component {
    /// `**`: any number of components, none of them hidden.
    Any,
    /// A name without wildcards.
    Literal(String),
    /// A name with wildcards.
    Wild {
        matcher: GlobMatcher,
        /// Whether the glob spells the leading dot, and so may match a hidden name.
        hidden: bool,
    },
}

impl Glob {
    /// Reads a glob. The error is a fragment for the user.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with('!') {
            return Err("a glob can't be negated: use `absent` or `lacks`".into());
        }
        let alternatives = expand(text)?
            .iter()
            .map(|alternative| Alternative::parse(alternative))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            text: text.to_owned(),
            alternatives,
        })
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn alternatives(&self) -> &[Alternative] {
        &self.alternatives
    }

    /// The path, if the glob has no wildcard and so can only name one.
    pub(super) fn one_path(&self) -> Option<PathBuf> {
        let [Alternative(components)] = self.alternatives.as_slice() else {
            return None;
        };
        components
            .iter()
            .all(|component| matches!(component, Component::Literal(_)))
            .then(|| self.alternatives[0].anchor())
    }
}

impl Alternative {
    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("a glob can't be empty".into());
        }
        if text.starts_with('/') {
            return Err("a glob is relative to the project root, without a leading `/`".into());
        }
        let mut components = text
            .split('/')
            .filter(|name| !matches!(*name, "" | "."))
            .map(Component::parse)
            .collect::<Result<Vec<_>, _>>()?;
        if text.ends_with('/') {
            components.push(Component::Any);
        }
        if matches!(components.last(), Some(Component::Any)) {
            components.push(Component::parse("*")?);
        }
        if components.is_empty() {
            return Err("a glob names files: write `**` for all of them".into());
        }
        Ok(Self(components))
    }

    /// The leading part without wildcards: nothing outside it can match.
    pub(super) fn anchor(&self) -> PathBuf {
        self.0
            .iter()
            .map_while(|component| match component {
                Component::Literal(name) => Some(name),
                Component::Any | Component::Wild { .. } => None,
            })
            .collect()
    }

    /// Whether something below the directory `path` could have this shape.
    pub(super) fn reaches_below(&self, path: &Path) -> bool {
        let mut names = path.components().map(std::path::Component::as_os_str);
        for component in &self.0 {
            if matches!(component, Component::Any) {
                return !names.any(is_hidden);
            }
            match names.next() {
                None => return true,
                Some(name) if component.matches(name) => {}
                Some(_) => return false,
            }
        }
        false
    }

    /// Whether it matches at any depth below its anchor.
    pub(super) fn is_recursive(&self) -> bool {
        self.0
            .iter()
            .any(|component| matches!(component, Component::Any))
    }

    /// Whether `path`, relative to the project root, has this shape.
    pub(super) fn matches(&self, path: &Path) -> bool {
        let names: Vec<&OsStr> = path
            .components()
            .map(std::path::Component::as_os_str)
            .collect();
        let (mut at, mut name) = (0, 0);
        // Where to go on when the last `**` takes one more name.
        let mut again = None;
        while name < names.len() {
            match self.0.get(at) {
                Some(Component::Any) => {
                    at += 1;
                    again = Some((at, name));
                }
                Some(component) if component.matches(names[name]) => {
                    at += 1;
                    name += 1;
                }
                _ => match again {
                    Some((after, taken)) if !is_hidden(names[taken]) => {
                        (at, name) = (after, taken + 1);
                        again = Some((at, name));
                    }
                    _ => return false,
                },
            }
        }
        at == self.0.len()
    }
}

impl Component {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "**" {
            return Ok(Self::Any);
        }
        if text.contains(['*', '?', '[']) && unescape(text).is_none_or(|(_, wild)| wild) {
            let matcher = GlobBuilder::new(text)
                .literal_separator(true)
                .backslash_escape(true)
                .build()
                .map_err(|error| format!("`{text}` is no glob: {}", error.kind()))?
                .compile_matcher();
            let hidden = text.starts_with('.') || text.starts_with("\\.");
            return Ok(Self::Wild { matcher, hidden });
        }
        match unescape(text) {
            None => Err(format!("`{text}` ends in a backslash that escapes nothing")),
            Some((name, _)) if name == ".." => {
                Err("a glob stays inside the project: `..` is not allowed".into())
            }
            Some((name, _)) if name.eq_ignore_ascii_case(".git") => {
                Err("checks don't look into `.git`".into())
            }
            Some((name, _)) => Ok(Self::Literal(name)),
        }
    }

    fn matches(&self, name: &OsStr) -> bool {
        match self {
            Self::Any => false,
            Self::Literal(literal) => name == OsStr::new(literal),
            Self::Wild { matcher, hidden } => {
                (*hidden || !is_hidden(name)) && matcher.is_match(name)
            }
        }
    }
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().first() == Some(&b'.')
}

/// The text without escapes, and whether a wildcard stood outside them; `None` for a lone backslash
/// at the end.
fn unescape(text: &str) -> Option<(String, bool)> {
    let mut name = String::new();
    let mut wild = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        wild |= matches!(character, '*' | '?' | '[');
        name.push(if character == '\\' {
            characters.next()?
        } else {
            character
        });
    }
    Some((name, wild))
}

/// Replaces `{a,b}` by its alternatives, the leftmost brace first.
fn expand(text: &str) -> Result<Vec<String>, String> {
    let mut done = Vec::new();
    let mut open = vec![text.to_owned()];
    while let Some(text) = open.pop() {
        match first_brace(&text)? {
            None => done.push(text),
            Some(brace) => {
                open.extend(brace.choices.iter().rev().map(|choice| {
                    format!("{}{choice}{}", &text[..brace.start], &text[brace.end..])
                }));
            }
        }
        if done.len() + open.len() > MOST_ALTERNATIVES {
            return Err(format!(
                "the braces have more than {MOST_ALTERNATIVES} alternatives"
            ));
        }
    }
    Ok(done)
}

struct Brace<'a> {
    start: usize,
    end: usize,
    choices: Vec<&'a str>,
}

/// The leftmost outermost `{…}` that is neither escaped nor inside a `[…]`.
fn first_brace(text: &str) -> Result<Option<Brace<'_>>, String> {
    let (mut depth, mut start, mut from) = (0_usize, 0, 0);
    let mut choices = Vec::new();
    let mut position = 0;
    while let Some(character) = text[position..].chars().next() {
        let next = position + character.len_utf8();
        match character {
            '\\' => {
                position = next + text[next..].chars().next().map_or(0, char::len_utf8);
                continue;
            }
            '[' => {
                position = class_end(text, position).unwrap_or(next);
                continue;
            }
            '{' => {
                depth += 1;
                if depth == 1 {
                    (start, from) = (position, next);
                }
            }
            ',' if depth == 1 => {
                choices.push(&text[from..position]);
                from = next;
            }
            '}' if depth == 1 => {
                choices.push(&text[from..position]);
                let end = next;
                return Ok(Some(Brace {
                    start,
                    end,
                    choices,
                }));
            }
            '}' if depth > 1 => depth -= 1,
            '}' => return Err("the glob closes a brace `}` that it never opened".into()),
            _ => {}
        }
        position = next;
    }
    if depth > 0 {
        return Err("the glob opens a brace `{` that it never closes".into());
    }
    Ok(None)
}

/// Where the `[…]` that opens at `open` ends; a `]` right after the start belongs to it.
fn class_end(text: &str, open: usize) -> Option<usize> {
    let inside = &text[open + 1..];
    let skipped = inside.strip_prefix(['!', '^']).unwrap_or(inside);
    let first = skipped.chars().next()?.len_utf8();
    let body = open + 1 + (inside.len() - skipped.len()) + first;
    text[body..].find(']').map(|found| body + found + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(glob: &str, path: &str) -> bool {
        Glob::parse(glob)
            .unwrap()
            .alternatives()
            .iter()
            .any(|alternative| alternative.matches(Path::new(path)))
    }

    #[test]
    fn a_star_stays_in_its_component_and_two_stars_do_not() {
        assert!(matches("src/*.rs", "src/a.rs"));
        assert!(!matches("src/*.rs", "src/b/a.rs"));
        assert!(matches("src/**/*.rs", "src/a.rs"));
        assert!(matches("src/**/*.rs", "src/b/c/a.rs"));
        assert!(matches("**/a.rs", "a.rs"));
        assert!(matches("src/**", "src/b/a.rs"));
        assert!(!matches("src/**", "src"));
        assert!(matches("src/", "src/b/a.rs"));
        assert!(matches("./src//a.rs", "src/a.rs"));
        assert!(matches("a?c.[jt]s", "abc.ts"));
        assert!(matches("a/**/b/**/c", "a/b/x/b/c"));
        assert!(!matches("a/**/b/**/c", "a/x/c"));
    }

    #[test]
    fn a_leading_dot_has_to_be_spelled() {
        assert!(!matches("*", ".env"));
        assert!(!matches("?env", ".env"));
        assert!(!matches("[.]env", ".env"));
        assert!(!matches("**/*.yml", ".github/workflows/ci.yml"));
        assert!(!matches("**", "a/.env"));
        assert!(!matches("*.yml", ".yml"));
        assert!(matches(".env", ".env"));
        assert!(matches(".e*", ".env"));
        assert!(matches("**/.env", "a/b/.env"));
        assert!(matches(
            ".github/workflows/*.yml",
            ".github/workflows/ci.yml"
        ));
        assert!(matches(".github/**", ".github/workflows/ci.yml"));
        assert!(matches("{.github,docs}/*.yml", ".github/ci.yml"));
        assert!(!matches("**/.x/**/b", "a/.x/.x/b"));
    }

    #[test]
    fn braces_classes_and_escapes() {
        assert!(matches("src/*.{ts,tsx}", "src/a.tsx"));
        assert!(matches("{src,lib/{a,b}}/x", "lib/b/x"));
        assert!(matches("a{,.min}.js", "a.js"));
        assert!(matches("[{]x", "{x"));
        assert!(matches(r"\{x\}", "{x}"));
        assert!(matches(r"app/\[id\]/page.ts", "app/[id]/page.ts"));
        assert!(matches("app/[[]id]/page.ts", "app/[id]/page.ts"));
        assert!(matches("[!a]b", "cb"));
    }

    #[test]
    fn what_leaves_the_project_or_means_nothing_is_refused() {
        for glob in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            r"\.\./x",
            "{..,a}/x",
            "{/etc,a}/x",
            "!a",
            ".",
            "{a",
            "a}",
            "[a",
            "a\\",
            ".git/config",
            "x/.GIT/config",
            "{a,}",
            "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}",
        ] {
            assert!(Glob::parse(glob).is_err(), "{glob}");
        }
    }

    #[test]
    fn the_anchor_is_the_part_without_wildcards() {
        let anchor = |glob: &str| Glob::parse(glob).unwrap().alternatives()[0].anchor();
        assert_eq!(anchor("src/api/*.rs"), Path::new("src/api"));
        assert_eq!(anchor(r"app/\[id\]/page.ts"), Path::new("app/[id]/page.ts"));
        assert_eq!(anchor("*.rs"), Path::new(""));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let _ = Glob::parse(&text);
        }

        #[test]
        fn without_hidden_names_it_agrees_with_globset(
            glob in "(a|b|\\*|\\*\\*|a\\*|\\?|\\{a,bb\\}|[a-b]\\{a/b,a\\})(/(a|b|\\*|\\*\\*|\\*b|\\[ab\\]|\\{a,a/b\\})){0,4}",
            path in "[ab]{1,2}(/[ab]{1,2}){0,5}",
        ) {
            let reference = GlobBuilder::new(&glob)
                .literal_separator(true)
                .build()
                .unwrap()
                .compile_matcher();
            prop_assert_eq!(matches(&glob, &path), reference.is_match(&path), "{} {}", glob, path);
        }
    }
}
