//! YAML text to the entries of its top-level mapping, with lines. Which fields there are is
//! [`super::fields`]'s.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_saphyr::options::DuplicateKeyPolicy;
use serde_saphyr::{DefaultMessageFormatter, MessageFormatter as _, Spanned};

use super::super::lines;

/// One `key: value`. A key may come twice.
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) value: Value,
    /// The line of the file, from 1.
    pub(super) line: u64,
}

/// What the text between the `---` lines holds.
#[derive(Default)]
pub(super) struct Parsed<'yaml> {
    pub(super) entries: Vec<Entry>,
    /// In the order of the text.
    pub(super) unreadable: Vec<Unreadable<'yaml>>,
    /// Why the text as a whole is no YAML, if it is none: then it was read entry by entry.
    pub(super) problem: Option<String>,
}

/// An entry that is no YAML.
pub(super) struct Unreadable<'yaml> {
    pub(super) text: &'yaml str,
    /// The line of the file, from 1.
    pub(super) line: u32,
    pub(super) reason: String,
}

/// The line of the file on which the text starts, below the opening `---`.
const FIRST_LINE: u32 = 2;

/// More are not read one by one, but all the rest as one: no author has as many, and a stranger's
/// would take its time.
const MOST_ENTRIES: usize = 1_000;

/// Reads the text between the `---` lines. Where it is no YAML as a whole, one bad entry does not
/// cost the others: each is read on its own. `is_key` tells the lines that start one.
pub(super) fn parse(yaml: &str, is_key: impl Fn(&str) -> bool) -> Parsed<'_> {
    let mut parsed = Parsed::default();
    match entries(yaml, FIRST_LINE) {
        Ok(entries) => parsed.entries = entries,
        Err(problem) => {
            parsed.problem = Some(problem);
            for (line, text) in one_by_one(yaml, is_key) {
                match entries(text, line) {
                    Ok(entries) => parsed.entries.extend(entries),
                    Err(reason) => parsed.unreadable.push(Unreadable { text, line, reason }),
                }
            }
        }
    }
    parsed
}

/// Each entry with the lines that continue it, and the line of the file on which it starts.
fn one_by_one(yaml: &str, is_key: impl Fn(&str) -> bool) -> Vec<(u32, &str)> {
    let mut starts = vec![(FIRST_LINE, 0)];
    let mut offset = 0;
    for (number, line) in lines::numbered(yaml) {
        if offset > 0 && starts.len() < MOST_ENTRIES && !line.starts_with('#') && is_key(line) {
            starts.push((number + FIRST_LINE - 1, offset));
        }
        offset += line.len();
    }
    let ends: Vec<_> = starts.iter().skip(1).map(|(_, start)| *start).collect();
    let ends = ends.into_iter().chain([yaml.len()]);
    let text = |((line, start), end): ((u32, usize), usize)| (line, &yaml[start..end]);
    starts.into_iter().zip(ends).map(text).collect()
}

/// An `Err` is a fragment for the user.
fn entries(yaml: &str, first_line: u32) -> Result<Vec<Entry>, String> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        with_snippet: false,
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 1_000 },
    };
    let read = serde_saphyr::from_str_with_options::<Option<Entries>>(yaml, options);
    let mut entries = read
        .map(|entries| entries.map(|entries| entries.0).unwrap_or_default())
        .map_err(|error| {
            let reason = DefaultMessageFormatter.format_message(&error);
            reason.lines().next().unwrap_or_default().to_owned()
        })?;
    for entry in &mut entries {
        entry.line += u64::from(first_line) - 1;
    }
    Ok(entries)
}

struct Entries(Vec<Entry>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("fields like `tags: [smoke]`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            entries.push(Entry {
                key: key.value,
                value: map.next_value()?,
                line: key.referenced.line(),
            });
        }
        Ok(Entries(entries))
    }
}
