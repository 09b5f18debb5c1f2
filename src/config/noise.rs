//! `semtest.noise.json`: what calibration found about each statement, a file to commit.
//!
//! Strict, as whoever can change an entry can change what blocks: anything that is not understood
//! is an error, never an entry that silently does not count.

use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::error::ConfigError;
use super::json;
use super::problem::Problem;
use super::project::Project;
use super::source::Source;
use crate::model::{Noise, NoiseEntry};

/// The name of the file, beside the configuration.
pub const NOISE_NAME: &str = "semtest.noise.json";

/// The most bytes of the file: some 40,000 entries.
const LARGEST_FILE: u64 = 10 * 1024 * 1024;

/// The only version there is. A later one may say things that would be misread here.
const SCHEMA_VERSION: u32 = 1;

/// Up to here four decimals of the rate give the number of votes back.
const MOST_VOTES: u32 = 10_000;

const HINT: &str =
    "`semtest calibrate` writes this file; take the wrong entry out, and calibrate again";

/// Hexadecimal digits of a statement's hash, SHA-256.
const HASH_DIGITS: usize = 64;

/// Reads the file in `directory`; none is no entry.
///
/// # Errors
/// A file that can't be read or says something that can't be.
pub fn load_noise(directory: &Path) -> Result<Vec<NoiseEntry>, ConfigError> {
    let path = directory.join(NOISE_NAME);
    if let Err(error) = fs_err::symlink_metadata(&path)
        && [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind())
    {
        return Ok(Vec::new());
    }
    let project = Project::around(directory).map_err(ConfigError::Read)?;
    let source = project.read_text(&path, NOISE_NAME, LARGEST_FILE)?;
    parse(&source)
}

/// Understands the text of a file. Entries are in the order of the file.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn parse_noise(text: &str) -> Result<Vec<NoiseEntry>, ConfigError> {
    if text.len() as u64 > LARGEST_FILE {
        let most = LARGEST_FILE / 1024 / 1024;
        let message = format!("`{NOISE_NAME}` is larger than {most} MiB");
        return Err(Problem::new(message).into());
    }
    parse(&Source::new(NOISE_NAME.to_owned(), text.to_owned()))
}

fn parse(source: &Arc<Source>) -> Result<Vec<NoiseEntry>, ConfigError> {
    let file: File = json::read(source).map_err(|problem| problem.hint(HINT))?;
    let entries: Vec<NoiseEntry> = file.entries.into_iter().map(Read::entry).collect();
    match repeated(&entries, source) {
        Some(problem) => Err(problem.hint(HINT).into()),
        None => Ok(entries),
    }
}

/// The text of a file with these entries, an entry a line, in an order that does not depend on
/// theirs: a change to one is a change to one line.
#[must_use]
pub fn render_noise(entries: &[NoiseEntry]) -> String {
    let mut sorted: Vec<&NoiseEntry> = entries.iter().collect();
    sorted.sort_by_key(|entry| (&entry.id, &entry.model, &entry.statement));
    let line = |entry: &NoiseEntry| {
        let rate = format!("{:.4}", entry.noise.rate());
        let written = Written {
            id: &entry.id,
            statement: &entry.statement,
            model: &entry.model,
            n: entry.noise.votes,
            minority_rate: rate.parse().unwrap_or(0.0),
            date: entry.date.to_string(),
        };
        // Strings and numbers always have a JSON form.
        serde_json::to_string(&written).unwrap_or_default()
    };
    let lines: Vec<String> = sorted
        .into_iter()
        .map(|entry| format!("    {}", line(entry)))
        .collect();
    let entries = if lines.is_empty() {
        "[]".to_owned()
    } else {
        format!("[\n{}\n  ]", lines.join(",\n"))
    };
    format!("{{\n  \"schemaVersion\": {SCHEMA_VERSION},\n  \"entries\": {entries}\n}}\n")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    id: &'a str,
    statement: &'a str,
    model: &'a str,
    n: u32,
    minority_rate: f64,
    date: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    #[serde(rename = "schemaVersion")]
    _schema_version: Version,
    entries: Vec<Read>,
}

struct Version;

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            SCHEMA_VERSION => Ok(Self),
            other => Err(D::Error::custom(format!(
                "this semtest knows schemaVersion {SCHEMA_VERSION}, not {other}"
            ))),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Read {
    #[serde(deserialize_with = "text")]
    id: String,
    #[serde(deserialize_with = "hash")]
    statement: String,
    #[serde(deserialize_with = "text")]
    model: String,
    #[serde(deserialize_with = "votes")]
    n: u32,
    #[serde(deserialize_with = "rate")]
    minority_rate: f64,
    #[serde(deserialize_with = "day")]
    date: Date,
}

impl Read {
    fn entry(self) -> NoiseEntry {
        // At most 5,000, so nothing is cut off; of an odd number no half can be in the minority.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at most half of MOST_VOTES, and never negative"
        )]
        let minority = (self.minority_rate * f64::from(self.n)).round() as u32;
        NoiseEntry {
            id: self.id,
            statement: self.statement,
            model: self.model,
            noise: Noise {
                votes: self.n,
                minority: minority.min(self.n / 2),
            },
            date: self.date,
        }
    }
}

/// The first entry that is about the same as one before it.
fn repeated(entries: &[NoiseEntry], source: &Arc<Source>) -> Option<Problem> {
    let (mut known, mut seen) = (HashSet::new(), HashMap::<&str, usize>::new());
    for entry in entries {
        let before = seen.entry(&entry.statement).or_default();
        if !known.insert((&entry.id, &entry.statement, &entry.model)) {
            let quoted = format!("\"{}\"", entry.statement);
            let found = source.text.match_indices(&quoted).nth(*before);
            let start = found.map_or(0, |(start, _)| start);
            let message = format!(
                "a second entry of `{}` with the same statement and model",
                entry.id
            );
            return Some(Problem::new(message).at(source.place(start..start + quoted.len())));
        }
        *before += 1;
    }
    None
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Err(D::Error::custom("must not be empty"));
    }
    Ok(text)
}

fn hash<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != HASH_DIGITS || !text.bytes().all(is_digit) {
        return Err(D::Error::custom(format!(
            "`statement` must be {HASH_DIGITS} hexadecimal digits, in lower case"
        )));
    }
    Ok(text)
}

fn votes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let number = u32::deserialize(deserializer)?;
    if !(1..=MOST_VOTES).contains(&number) {
        let message = format!("`n` must be a whole number from 1 to {MOST_VOTES}, not {number}");
        return Err(D::Error::custom(message));
    }
    Ok(number)
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let number = f64::deserialize(deserializer)?;
    if !(0.0..=0.5).contains(&number) {
        let message = format!("`minorityRate` must be a number from 0 to 0.5, not {number}");
        return Err(D::Error::custom(message));
    }
    Ok(number)
}

fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    let date: Option<Date> = text.parse().ok();
    // Times and other forms of a date are read too.
    let date = date.filter(|date| date.to_string() == text);
    date.ok_or_else(|| D::Error::custom("`date` must be a day such as 2026-12-31"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(id: &str, model: &str, votes: u32, minority: u32) -> NoiseEntry {
        NoiseEntry {
            id: id.to_owned(),
            statement: "0123456789abcdef".repeat(4),
            model: model.to_owned(),
            noise: Noise { votes, minority },
            date: Date::constant(2026, 11, 22),
        }
    }

    /// A file with one entry, in which `from` is `to`.
    fn changed(from: &str, to: &str) -> String {
        let text = render_noise(&[entry("a", "m", 12, 5)]);
        assert!(text.contains(from), "{text}");
        text.replacen(from, to, 1)
    }

    #[test]
    fn an_entry_is_a_line_and_the_order_is_always_the_same() {
        let entries = [
            entry("b", "m", 12, 1),
            entry("a", "n", 12, 0),
            entry("a", "m", 12, 5),
        ];
        let text = render_noise(&entries);
        insta::assert_snapshot!(text);
        let mut other = entries.clone();
        other.reverse();
        assert_eq!(render_noise(&other), text);
        let read = parse_noise(&text).unwrap();
        assert_eq!(
            read,
            [&entries[2], &entries[1], &entries[0]].map(Clone::clone)
        );
        assert_eq!(parse_noise(&render_noise(&[])).unwrap(), []);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (from, to, expected) in [
            (
                "\"n\":12",
                "\"n\":0",
                "`n` must be a whole number from 1 to 10000, not 0",
            ),
            (
                "\"n\":12",
                "\"n\":10001",
                "`n` must be a whole number from 1 to 10000",
            ),
            ("\"n\":12", "\"n\":-1", "expected u32"),
            ("\"n\":12", "\"n\":12,\"n\":12", "duplicate field `n`"),
            ("\"n\":12,", "", "missing field `n`"),
            (
                "0.4167",
                "0.51",
                "`minorityRate` must be a number from 0 to 0.5, not 0.51",
            ),
            ("0.4167", "-0.1", "`minorityRate` must be"),
            ("0.4167", "null", "expected f64"),
            (
                "2026-11-22",
                "2026-02-30",
                "`date` must be a day such as 2026-12-31",
            ),
            ("2026-11-22", "2026-11-22T00:00", "`date` must be a day"),
            ("2026-11-22", "20261122", "`date` must be a day"),
            (
                "0123456789abcdef",
                "0123456789abcdeg",
                "`statement` must be 64 hexadecimal",
            ),
            (
                "0123456789abcdef",
                "0123456789ABCDEF",
                "`statement` must be 64 hexadecimal",
            ),
            ("0123456789abcdef", "", "`statement` must be 64 hexadecimal"),
            ("\"id\":\"a\"", "\"id\":\"\"", "must not be empty"),
            (
                "\"n\":12",
                "\"n\":12,\"level\":\"warn\"",
                "unknown field `level`",
            ),
        ] {
            let error = parse_noise(&changed(from, to)).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert!(error.contains("--> semtest.noise.json:4:"), "{error}");
            assert!(error.contains("hint: "), "{error}");
        }
    }

    #[test]
    fn the_file_as_a_whole_is_as_strict() {
        let later = changed("\"schemaVersion\": 1", "\"schemaVersion\": 2");
        let error = parse_noise(&later).unwrap_err().to_string();
        assert!(error.contains("knows schemaVersion 1, not 2"), "{error}");
        let other = changed("\"entries\"", "\"maxFlip\": 0.5, \"entries\"");
        assert!(
            parse_noise(&other)
                .unwrap_err()
                .to_string()
                .contains("unknown field `maxFlip`")
        );
        for text in ["", "[]", "{}", "{\"schemaVersion\": 1}", "null"] {
            assert!(parse_noise(text).is_err(), "{text}");
        }
        let twice = render_noise(&[entry("a", "m", 12, 5), entry("a", "m", 9, 0)]);
        let error = parse_noise(&twice).unwrap_err().to_string();
        assert!(error.contains("a second entry of `a`"), "{error}");
        assert!(error.contains("--> semtest.noise.json:5:"), "{error}");
        let large = " ".repeat(10 * 1024 * 1024 + 1);
        assert!(
            parse_noise(&large)
                .unwrap_err()
                .to_string()
                .contains("larger than 10 MiB")
        );
    }

    #[test]
    fn the_file_is_read_beside_the_configuration_and_inside_the_project_only() {
        let outside = tempfile::tempdir().unwrap();
        let project = tempfile::tempdir().unwrap();
        let (directory, path) = (project.path(), project.path().join(NOISE_NAME));
        fs_err::create_dir(directory.join(".git")).unwrap();
        assert_eq!(load_noise(directory).unwrap(), []);
        assert_eq!(load_noise(&directory.join("nowhere")).unwrap(), []);
        let text = render_noise(&[entry("a", "m", 12, 5)]);
        fs_err::write(&path, &text).unwrap();
        assert_eq!(load_noise(directory).unwrap(), [entry("a", "m", 12, 5)]);

        let refused = |target: &Path| {
            fs_err::remove_file(&path).unwrap();
            std::os::unix::fs::symlink(target, &path).unwrap();
            load_noise(directory).unwrap_err().to_string()
        };
        let other = outside.path().join("other.json");
        fs_err::write(&other, &text).unwrap();
        assert!(refused(&other).contains("is outside the project"));
        fs_err::write(directory.join(".git/config"), "token").unwrap();
        let quoted = refused(&directory.join(".git/config"));
        assert!(!quoted.contains("token"), "{quoted}");
        assert!(refused(&directory.join("gone.json")).contains("there is no such file"));
        fs_err::create_dir(directory.join("folder.json")).unwrap();
        assert!(refused(&directory.join("folder.json")).contains("is not a regular file"));
        fs_err::remove_file(&path).unwrap();
        fs_err::write(&path, [0xff, 0xfe]).unwrap();
        assert!(
            load_noise(directory)
                .unwrap_err()
                .to_string()
                .contains("is not UTF-8")
        );
    }

    fn entries() -> impl Strategy<Value = Vec<NoiseEntry>> {
        let one = (
            "\\PC{1,12}",
            "[0-9a-f]{64}",
            "[a-z\"\\\\]{1,6}",
            1..=1000_u32,
            0.0..=1.0_f64,
        );
        let one = one.prop_map(|(id, statement, model, votes, part)| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a part of a small number"
            )]
            let minority = (f64::from(votes / 2) * part).round() as u32;
            NoiseEntry {
                statement,
                ..entry(&id, &model, votes, minority)
            }
        });
        proptest::collection::vec(one, 0..6)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(mut entries in entries()) {
            let read = parse_noise(&render_noise(&entries)).unwrap();
            entries.sort_by_key(|entry| (entry.id.clone(), entry.model.clone(), entry.statement.clone()));
            prop_assert_eq!(read, entries);
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in any::<String>()) {
            let _ = parse_noise(&text);
        }

        #[test]
        fn a_file_that_was_cut_or_changed_is_read_without_a_panic(
            at in 0..400_usize, with in any::<char>(),
        ) {
            let text = render_noise(&[entry("a", "m", 12, 5), entry("b", "m", 7, 0)]);
            let at = text.floor_char_boundary(at);
            let (start, end) = text.split_at(at);
            let _ = parse_noise(start);
            for entry in parse_noise(&format!("{start}{with}{end}")).unwrap_or_default() {
                prop_assert!(entry.noise.votes > 0 && entry.noise.rate() <= 0.5);
            }
        }
    }
}
