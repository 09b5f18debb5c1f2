//! The fields of the frontmatter: what each may be, and what to say when it is not.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;

use super::yaml::Entry;
use crate::model::{Frontmatter, Level, Votes, Word as _};
use crate::nearest::nearest;
use crate::timeout::{TimeoutError, from_milliseconds, parse_timeout};

const FIELDS: [&str; 8] = [
    "id",
    "tags",
    "timeout",
    "llm",
    "skipPermissionsIfPossible",
    "maySkip",
    "votes",
    "level",
];

/// What was read, and sentences about what was not.
pub(super) struct Read {
    pub(super) frontmatter: Frontmatter,
    pub(super) tags_known: bool,
    pub(super) problems: Vec<String>,
}

/// Whether `key` is a field of ours.
pub(super) fn is_known(key: &str) -> bool {
    FIELDS.contains(&key)
}

/// Reads every field that can be read. Of a repeated field the first one counts.
pub(super) fn read(entries: Vec<Entry>) -> Read {
    let mut read = Read {
        frontmatter: Frontmatter::default(),
        tags_known: true,
        problems: Vec::new(),
    };
    let mut first_lines = HashMap::new();
    for Entry { key, value, line } in entries {
        if !is_known(&key) {
            if let Some(field) = nearest(&key, FIELDS).first() {
                read.tags_known &= *field != "tags";
                read.problems.push(format!(
                    "line {line}: `{key}` is not a field and was ignored; did you mean `{field}`?"
                ));
            }
            continue;
        }
        if let Some(first) = first_lines.get(&key) {
            read.problems.push(format!(
                "line {line}: `{key}` stands here again and was ignored; line {first} counts"
            ));
            continue;
        }
        if let Err(expected) = set(&mut read, &key, &value) {
            let done = match key.as_str() {
                "level" => "failures of this file block",
                _ => "it was ignored",
            };
            read.problems.push(format!(
                "line {line}: `{key}` must be {expected}, not {}; {done}",
                shown(&value)
            ));
        }
        first_lines.insert(key, line);
    }
    read
}

/// An `Err` says what was expected. An empty value is an absent one.
fn set(read: &mut Read, key: &str, value: &Value) -> Result<(), &'static str> {
    let frontmatter = &mut read.frontmatter;
    if value.is_null() {
        return Ok(());
    }
    match key {
        "id" => frontmatter.id = Some(text(value)?),
        "llm" => frontmatter.llm = Some(text(value)?),
        "timeout" => frontmatter.timeout = Some(time(value)?),
        "skipPermissionsIfPossible" => {
            frontmatter.skip_permissions_if_possible = Some(boolean(value)?);
        }
        "maySkip" => frontmatter.may_skip = boolean(value)?,
        "votes" => frontmatter.votes = Some(votes(value)?),
        "level" => {
            // What nobody understood must not make failures count less, whatever `newSpecs` says.
            let level = level(value);
            frontmatter.level = Some(level.unwrap_or(Level::Block));
            level?;
        }
        _ => {
            let (tags, all) = tags(value);
            frontmatter.tags = tags;
            read.tags_known &= all;
            if !all {
                return Err("a list of words or words with commas between them");
            }
        }
    }
    Ok(())
}

fn text(value: &Value) -> Result<String, &'static str> {
    let folded = value
        .as_str()
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    folded
        .filter(|text| !text.is_empty())
        .ok_or("a text (put it in quotes)")
}

/// A text, or the number 1.
fn votes(value: &Value) -> Result<Votes, &'static str> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    };
    text.parse()
        .map_err(|_| "auto, 1, lead:D/CAP or confirm:D/CAP (such as lead:2/7)")
}

fn level(value: &Value) -> Result<Level, &'static str> {
    let known = value.as_str().and_then(Level::from_word);
    known.ok_or("block or warn")
}

fn boolean(value: &Value) -> Result<bool, &'static str> {
    value.as_bool().ok_or("true or false")
}

/// Milliseconds, or a text such as `90s` or `2m`.
fn time(value: &Value) -> Result<Duration, &'static str> {
    let parsed = match (value.as_u64(), value.as_str()) {
        (Some(milliseconds), _) => from_milliseconds(milliseconds),
        (None, Some(text)) => parse_timeout(text),
        (None, None) => Err(TimeoutError::Unreadable),
    };
    parsed.map_err(|error| match error {
        TimeoutError::TooLong => "a shorter time, or 0 for none",
        TimeoutError::Unreadable | TimeoutError::Negative => {
            "a number of milliseconds or a duration such as 90s or 2m"
        }
    })
}

/// The tags that are texts, and whether these are all.
fn tags(value: &Value) -> (Vec<String>, bool) {
    let words: Vec<Option<&str>> = match value {
        Value::String(text) => text.split(',').map(Some).collect(),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => vec![None],
    };
    let all = words.iter().all(Option::is_some);
    let tags = words
        .into_iter()
        .flatten()
        .map(str::trim)
        .filter(|tag| !tag.is_empty())
        .map(str::to_owned);
    (tags.collect(), all)
}

fn shown(value: &Value) -> String {
    format!("`{}`", shorten(&value.to_string()))
}

/// Enough of a text to know it again.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
