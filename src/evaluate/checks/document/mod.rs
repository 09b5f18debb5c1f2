//! JSON, TOML and YAML files as one tree of values that know their line.

mod json;
mod pointer;
mod toml;
mod yaml;

use serde_json::Value;

use crate::nearest::nearest;

pub(super) use pointer::Pointer;

/// How a file is written, told by its extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Comments and trailing commas are accepted: `tsconfig.json` has them.
    Json,
    Toml,
    Yaml,
}

impl Format {
    /// `None` for a file that `value` can't read.
    pub(super) fn of(path: &str) -> Option<Self> {
        let (_, extension) = path.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "json" | "jsonc" => Some(Self::Json),
            "toml" => Some(Self::Toml),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }

    /// Reads a whole document.
    pub(super) fn parse(self, text: &str) -> Result<Node, Unparsable> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        match self {
            Self::Json => json::parse(text),
            Self::Toml => toml::parse(text),
            Self::Yaml => yaml::parse(text),
        }
    }
}

/// Why a file is no document.
#[derive(Debug)]
pub(super) struct Unparsable {
    /// From 1, where it is known.
    pub(super) line: Option<u32>,
    /// A fragment for the user.
    pub(super) reason: String,
}

/// A value in a document.
#[derive(Debug)]
pub(super) struct Node {
    /// The line (from 1) of its key, or of itself where it has none.
    pub(super) line: u32,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
    Scalar(Value),
}

/// Where a pointer leaves the document.
#[derive(Debug)]
pub(super) struct Missing {
    /// The line (from 1) of the last value that is there.
    pub(super) line: u32,
    /// A fragment for the user.
    pub(super) reason: String,
}

impl Node {
    /// The value that `pointer` names.
    pub(super) fn find(&self, pointer: &Pointer) -> Result<&Self, Missing> {
        let mut node = self;
        for (depth, token) in pointer.tokens().iter().enumerate() {
            node = node.child(token).ok_or_else(|| Missing {
                line: node.line,
                reason: node.missing(&pointer.parent(depth), token),
            })?;
        }
        Ok(node)
    }

    fn child(&self, token: &str) -> Option<&Self> {
        match &self.content {
            // The last of several equal keys, as most readers take it.
            Content::Object(members) => members
                .iter()
                .rev()
                .find(|(key, _)| key == token)
                .map(|(_, node)| node),
            Content::Array(items) => {
                let canonical = token == "0" || !token.starts_with(['0', '+']);
                items.get(token.parse::<usize>().ok().filter(|_| canonical)?)
            }
            Content::Scalar(_) => None,
        }
    }

    fn missing(&self, parent: &str, token: &str) -> String {
        let parent = if parent.is_empty() {
            "the document".to_owned()
        } else {
            format!("`{parent}`")
        };
        match &self.content {
            Content::Object(members) => {
                match nearest(token, members.iter().map(|(key, _)| key.as_str())).first() {
                    Some(near) => {
                        format!("{parent} has no key `{token}`; the nearest one is `{near}`")
                    }
                    None => format!("{parent} has no key `{token}`"),
                }
            }
            Content::Array(items) => {
                format!(
                    "{parent} is an array of length {} and has no `{token}`",
                    items.len()
                )
            }
            Content::Scalar(value) => format!("{parent} is {value} and holds nothing"),
        }
    }

    /// The value as JSON, without lines.
    pub(super) fn to_json(&self) -> Value {
        match &self.content {
            Content::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(key, node)| (key.clone(), node.to_json()))
                    .collect(),
            ),
            Content::Array(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            Content::Scalar(value) => value.clone(),
        }
    }
}

/// Whether two values are equal: numbers by their amount (`1` is `1.0`), objects in any order.
pub(super) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right || (left.is_f64() || right.is_f64()) && left.as_f64() == right.as_f64()
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, left)| right.get(key).is_some_and(|right| equal(left, right)))
        }
        _ => left == right,
    }
}

/// Finds the line of a byte.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    fn line(&self, byte: usize) -> u32 {
        let before = self.0.partition_point(|end| *end < byte);
        u32::try_from(before).map_or(u32::MAX, |before| before.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn at(format: Format, text: &str, pointer: &str) -> (u32, Value) {
        let document = format.parse(text).unwrap();
        let node = document.find(&Pointer::parse(pointer).unwrap()).unwrap();
        (node.line, node.to_json())
    }

    #[test]
    fn the_same_document_reads_the_same_in_every_format() {
        let json = "{\n  // a comment\n  \"a\": {\n    \"b\": [1, 2.5, null],\n    \"c/d\": \"x\",\n  },\n}";
        let toml = "[a]\n\nb = [1, 2.5]\n\"c/d\" = 'x'\n";
        let yaml = "a:\n\n  b:\n  - 1\n  - 2.5\n  - ~\n  c/d: x\n";
        assert_eq!(at(Format::Json, json, "/a/b"), (4, json!([1, 2.5, null])));
        assert_eq!(at(Format::Json, json, "/a/c~1d"), (5, json!("x")));
        assert_eq!(at(Format::Toml, toml, "/a/b"), (3, json!([1, 2.5])));
        assert_eq!(at(Format::Toml, toml, "/a/c~1d"), (4, json!("x")));
        assert_eq!(at(Format::Yaml, yaml, "/a/b"), (3, json!([1, 2.5, null])));
        assert_eq!(at(Format::Yaml, yaml, "/a/b/1"), (5, json!(2.5)));
        assert_eq!(at(Format::Yaml, yaml, "/a/c~1d"), (7, json!("x")));
    }

    #[test]
    fn a_missing_value_names_what_is_there() {
        let document = Format::Json.parse("{\"a\": {\n\"strict\": [1]}}").unwrap();
        let reason = |pointer: &str| {
            let missing = document
                .find(&Pointer::parse(pointer).unwrap())
                .unwrap_err();
            format!("{} {}", missing.line, missing.reason)
        };
        assert_eq!(
            reason("/a/strikt"),
            "1 `/a` has no key `strikt`; the nearest one is `strict`"
        );
        assert_eq!(reason("/b"), "1 the document has no key `b`");
        assert_eq!(
            reason("/a/strict/1"),
            "2 `/a/strict` is an array of length 1 and has no `1`"
        );
        assert_eq!(
            reason("/a/strict/00"),
            reason("/a/strict/1").replace("`1`", "`00`")
        );
        assert_eq!(
            reason("/a/strict/0/x"),
            "2 `/a/strict/0` is 1 and holds nothing"
        );
    }

    #[test]
    fn numbers_are_compared_by_amount_and_objects_in_any_order() {
        assert!(equal(&json!(1), &json!(1.0)));
        assert!(equal(
            &json!({"a": 1, "b": [2.0]}),
            &json!({"b": [2], "a": 1})
        ));
        assert!(!equal(&json!(1), &json!("1")));
        assert!(!equal(&json!([1]), &json!([1, 1])));
        assert!(!equal(
            &json!(9_007_199_254_740_993_i64),
            &json!(9_007_199_254_740_992_i64)
        ));
    }

    #[test]
    fn the_last_of_equal_json_keys_counts() {
        assert_eq!(
            at(Format::Json, "{\"a\": 1,\n\"a\": 2}", "/a"),
            (2, json!(2))
        );
    }

    proptest! {
        #[test]
        fn foreign_text_never_panics(text in "[\\PC\\n]{0,60}") {
            for format in [Format::Json, Format::Toml, Format::Yaml] {
                let _ = format.parse(&text);
            }
        }

        #[test]
        fn structural_text_never_panics(text in "[\\[\\]{}:,&*!|>'\"#a1 \\-=\\n]{0,40}") {
            for format in [Format::Json, Format::Toml, Format::Yaml] {
                let _ = format.parse(&text);
            }
        }

        #[test]
        fn json_is_read_as_serde_reads_it(number in any::<i64>(), text in ".*") {
            let value = json!({"a": [number, text, {"b": null}], "c": true});
            prop_assert_eq!(at(Format::Json, &value.to_string(), "").1, value);
        }
    }
}
