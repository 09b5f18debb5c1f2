//! Scenario ids: read from a heading, made from a title, unique in a file.

use std::collections::{BTreeSet, HashMap};

/// Longer ids make file names, tables and URLs unwieldy.
const LONGEST_SLUG: usize = 80;

/// Cuts `Title - id: x` into title and id, the id with its white space folded. `None` if there is
/// no such ending; the id is empty where the author left it out.
pub(super) fn split_given(heading: &str) -> Option<(&str, &str)> {
    let (before, id) = heading
        .rmatch_indices(':')
        .map(|(at, _)| (&heading[..at], heading[at + 1..].trim()))
        .find_map(|(before, id)| Some((without_id_word(before)?, id)))?;
    let title = before.trim_end_matches(['-', '–', '—']);
    let dashed = title.len() < before.len();
    let apart = title.is_empty() || title.ends_with(char::is_whitespace);
    (dashed && apart).then(|| (title.trim(), id))
}

/// `… - id` without `id`.
fn without_id_word(text: &str) -> Option<&str> {
    let text = text.trim_end();
    let cut = text.len().checked_sub(2)?;
    let word = text.get(cut..)?;
    word.eq_ignore_ascii_case("id")
        .then(|| text[..cut].trim_end())
}

/// Cuts `x, level: warn` into the id and the word for its level. `None` if it has no such ending:
/// then commas and colons are the id's own.
pub(super) fn split_level(given: &str) -> (&str, Option<&str>) {
    let ending = given.rsplit_once(',').and_then(|(id, ending)| {
        let (name, word) = ending.split_once(':')?;
        let is_level = name.trim().eq_ignore_ascii_case("level");
        is_level.then(|| (id.trim_end(), Some(word.trim())))
    });
    ending.unwrap_or((given, None))
}

/// Whether `id` is surely meant to hold a level, which is not where one is read: `x level: warn`.
pub(super) fn has_level(id: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || ['-', '_'].contains(&letter);
    id.match_indices(':').any(|(colon, _)| {
        let before = id[..colon].trim_end();
        let word = before.rsplit(|letter| !is_part(letter)).next();
        let word = word.unwrap_or_default().trim_start_matches(['-', '_']);
        ["level", "lvl"]
            .iter()
            .any(|name| word.eq_ignore_ascii_case(name))
    })
}

/// Lowercase letters and digits of any script, all else a single `-`. `None` if nothing is left.
pub(super) fn slug(title: &str) -> Option<String> {
    let mut slug = String::new();
    let mut gap = false;
    for character in title.chars() {
        if !character.is_alphanumeric() {
            gap = true;
            continue;
        }
        if gap && !slug.is_empty() {
            slug.push('-');
        }
        gap = false;
        slug.extend(character.to_lowercase());
    }
    shorten(&mut slug);
    (!slug.is_empty()).then_some(slug)
}

/// Cuts between words where it can.
fn shorten(slug: &mut String) {
    if slug.len() <= LONGEST_SLUG {
        return;
    }
    let most = slug.floor_char_boundary(LONGEST_SLUG);
    let between_words = slug[most..].starts_with('-');
    let end = slug[..most].rfind('-').filter(|_| !between_words);
    slug.truncate(end.unwrap_or(most));
}

/// Hands out the ids of one file: a repeated one gets `-2`, `-3` and so on.
pub(super) struct Ids {
    /// What the text says: none of these is given to another scenario.
    reserved: BTreeSet<String>,
    used: BTreeSet<String>,
    /// Where to go on counting, so that a thousand equal headings stay fast.
    last: HashMap<String, usize>,
}

impl Ids {
    /// `wanted` are the ids that the text itself gives.
    pub(super) fn reserving(wanted: impl Iterator<Item = String>) -> Self {
        Self {
            reserved: wanted.collect(),
            used: BTreeSet::new(),
            last: HashMap::new(),
        }
    }

    /// The id for a scenario that wants `wanted`, or `fallback` where it wants none.
    pub(super) fn assign(
        &mut self,
        wanted: Option<&str>,
        fallback: impl FnOnce() -> String,
    ) -> String {
        if let Some(id) = wanted
            && self.used.insert(id.to_owned())
        {
            return id.to_owned();
        }
        let base = match wanted {
            Some(id) => id.to_owned(),
            None => fallback(),
        };
        if wanted.is_none() && self.take(&base) {
            return base;
        }
        let mut number = self.last.get(&base).copied().unwrap_or(1);
        loop {
            number += 1;
            let id = format!("{base}-{number}");
            if self.take(&id) {
                self.last.insert(base, number);
                return id;
            }
        }
    }

    fn take(&mut self, id: &str) -> bool {
        !self.reserved.contains(id) && self.used.insert(id.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_id_ends_the_heading() {
        let given = |title, id| Some((title, id));
        assert_eq!(split_given("Login - id: log-in"), given("Login", "log-in"));
        assert_eq!(split_given("Login – ID: x"), given("Login", "x"));
        assert_eq!(split_given("Login — Id : a b"), given("Login", "a b"));
        assert_eq!(split_given("Login -- id:x"), given("Login", "x"));
        assert_eq!(split_given("a - id: b - id: c"), given("a - id: b", "c"));
        assert_eq!(split_given("Login - id: a:b"), given("Login", "a:b"));
        assert_eq!(split_given("- id: x"), given("", "x"));
        assert_eq!(split_given("Login - id:"), given("Login", ""));
        for none in [
            "Grid-id: x",
            "Login id: x",
            "Login - id x",
            "Login - valid: x",
            "",
            ":",
        ] {
            assert_eq!(split_given(none), None, "{none:?}");
        }
    }

    #[test]
    fn a_level_ends_the_id_and_nothing_else_does() {
        for (given, id, level) in [
            ("x, level: warn", "x", "warn"),
            ("x,level:block", "x", "block"),
            ("a b , LEVEL : Warn", "a b", "Warn"),
            ("a, b: c, level: soft", "a, b: c", "soft"),
            ("x, level:", "x", ""),
            (", level: warn", "", "warn"),
        ] {
            assert_eq!(split_level(given), (id, Some(level)), "{given:?}");
        }
        for whole in [
            "x",
            "",
            "a, b",
            "a:b",
            "a, b: c",
            "x level: warn",
            "level: warn",
            "x, level",
            "x, levels: warn",
            "x, level: warn, y",
        ] {
            assert_eq!(split_level(whole), (whole, None), "{whole:?}");
        }
    }

    #[test]
    fn a_level_in_the_wrong_place_is_seen() {
        for wrong in [
            "x level: warn",
            "x; level: warn",
            "x, lvl: warn",
            "x (Level : warn)",
            "level: warn",
            "x, level: warn, y",
            "é level:",
            "x --level: warn",
        ] {
            assert!(has_level(wrong), "{wrong:?}");
        }
        for id in [
            "x",
            "level",
            "x-level: y",
            "levels: x",
            "a:b",
            "log level",
            "",
        ] {
            assert!(!has_level(id), "{id:?}");
        }
    }

    #[test]
    fn slugs_keep_letters_of_any_script() {
        let slugged = |title| slug(title).unwrap_or_default();
        assert_eq!(slugged("API errors: 404 & `500`!"), "api-errors-404-500");
        assert_eq!(slugged("  Größe — prüfen  "), "größe-prüfen");
        assert_eq!(slugged("ログイン 画面"), "ログイン-画面");
        assert_eq!(slugged("snake_case"), "snake-case");
        assert_eq!(slug("!!! 🎉"), None);
    }

    #[test]
    fn long_slugs_end_between_words() {
        let long = slug(&"word ".repeat(40)).unwrap();
        assert_eq!(long, ["word"; 16].join("-"));
        assert_eq!(slug(&"é".repeat(100)).unwrap(), "é".repeat(40));
        let exact = format!("{}-b", "a".repeat(80));
        assert_eq!(slug(&exact).unwrap(), "a".repeat(80));
    }

    #[test]
    fn repeated_ids_are_numbered_around_those_in_the_text() {
        let wanted = ["x", "x", "x-2", "x"];
        let mut ids = Ids::reserving(wanted.iter().map(ToString::to_string));
        let given = wanted.map(|id| ids.assign(Some(id), String::new));
        assert_eq!(given, ["x", "x-3", "x-2", "x-4"]);
        let fallback = || "a.md#1".to_owned();
        assert_eq!(ids.assign(None, fallback), "a.md#1");
        assert_eq!(ids.assign(None, fallback), "a.md#1-2");
    }
}
