//! YAML 1.2: `on`, `yes` and `no` are texts. One document a file.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use serde_saphyr::{
    MessageFormatter, Options, Spanned, UserMessageFormatter, alias_limits, budget, options,
};

use super::{Content, Node, Unparsable};

/// Nodes of one document, those that aliases repeat included.
const MOST_NODES: usize = 200_000;

/// The reader recurses, and an unoptimised build has little stack for it.
const DEEPEST: usize = 32;

pub(super) fn parse(text: &str) -> Result<Node, Unparsable> {
    serde_saphyr::from_str_with_options(text, limits()).map_err(|error| Unparsable {
        line: error
            .location()
            .and_then(|location| u32::try_from(location.line()).ok())
            .filter(|line| *line > 0),
        reason: UserMessageFormatter
            .format_message(error.without_snippet())
            .replace('\n', " "),
    })
}

/// An alias bomb ends here, not at the machine's memory.
fn limits() -> Options {
    options! {
        strict_booleans: true,
        with_snippet: false,
        budget: budget! {
            max_nodes: MOST_NODES,
            max_depth: DEEPEST,
            max_aliases: 10_000,
            max_anchors: 10_000,
        },
        alias_limits: alias_limits! {
            max_total_replayed_events: MOST_NODES,
        },
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Content>::deserialize(deserializer)?;
        Ok(Self {
            line: line(&spanned),
            content: spanned.value,
        })
    }
}

fn line<T>(spanned: &Spanned<T>) -> u32 {
    u32::try_from(spanned.referenced.line())
        .unwrap_or(u32::MAX)
        .max(1)
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value that JSON has too")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Content, E> {
        Ok(Content::Scalar(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Content, E> {
        Ok(Content::Scalar(Value::from(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Content, E> {
        Ok(Content::Scalar(Value::from(value)))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Content, E> {
        Number::from_f64(value)
            .map(|number| Content::Scalar(Value::Number(number)))
            .ok_or_else(|| E::custom("a number that JSON does not have"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Content, E> {
        Ok(Content::Scalar(Value::from(value)))
    }

    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Content, E> {
        Ok(Content::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Content, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Content, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = items.next_element()? {
            nodes.push(node);
        }
        Ok(Content::Array(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Content, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = entries.next_key::<Node>()? {
            let node: Node = entries.next_value()?;
            let name = match key.content {
                Content::Scalar(Value::String(text)) => text,
                Content::Scalar(other) => other.to_string(),
                Content::Object(_) | Content::Array(_) => {
                    return Err(A::Error::custom("a key that is no text"));
                }
            };
            let line = key.line;
            members.push((name, Node { line, ..node }));
        }
        Ok(Content::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scalars_follow_yaml_1_2() {
        let text = "on: push\na: yes\nb: true\nc: 1.10\nd: '1'\n1: x\ne: ~\nf: !Ref name\ng: |\n  h\n  i\n";
        assert_eq!(
            parse(text).unwrap().to_json(),
            json!({"on": "push", "a": "yes", "b": true, "c": 1.1, "d": "1", "1": "x", "e": null,
                "f": "name", "g": "h\ni\n"})
        );
    }

    #[test]
    fn aliases_and_merges_are_followed_up_to_a_limit() {
        let merged = "a: &a\n  x: 1\nb:\n  <<: *a\n  y: 2\n";
        assert_eq!(
            parse(merged).unwrap().to_json(),
            json!({"a": {"x": 1}, "b": {"x": 1, "y": 2}})
        );
        let mut bomb = "a0: &a0 [x, x]\n".to_owned();
        for level in 1..40 {
            let below = level - 1;
            bomb.extend([format!("a{level}: &a{level} [*a{below}, *a{below}]\n")]);
        }
        assert!(parse(&bomb).is_err());
    }

    #[test]
    fn what_is_not_one_document_is_refused() {
        for text in ["a: [", "a: 1\n---\nb: 2\n", "a: 1\na: 2\n", "? [x]\n: y\n"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse("a: 1\nb: [\n").unwrap_err().line, Some(2));
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
