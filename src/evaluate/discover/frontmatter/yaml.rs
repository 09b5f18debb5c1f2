//! YAML text to the entries of its top-level mapping, with lines. Which fields there are is
//! [`super::fields`]'s.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_saphyr::Spanned;
use serde_saphyr::options::DuplicateKeyPolicy;

/// One `key: value`. A key may come twice.
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) value: Value,
    /// The line of the file, from 1.
    pub(super) line: u64,
}

/// Reads the text between the `---` lines; an `Err` is a sentence for the user.
pub(super) fn entries(yaml: &str) -> Result<Vec<Entry>, String> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        with_snippet: false,
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 1_000 },
    };
    // The opening `---` is line 1 of the file: with it, lines count as in the file.
    let yaml = format!("\n{yaml}");
    serde_saphyr::from_str_with_options::<Option<Entries>>(&yaml, options)
        .map(|entries| entries.map(|entries| entries.0).unwrap_or_default())
        .map_err(|error| {
            let error = error.to_string();
            let reason = error.lines().next().unwrap_or_default();
            format!("the frontmatter is not valid YAML and was ignored: {reason}")
        })
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
