//! What JSON is about, told without keeping it: a stranger's megabyte of JSON would take a hundred in
//! memory.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Whether some JSON has the shape of verdicts.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// An object with a status.
    Verdict,
    /// An array with at least one such object.
    Verdicts {
        /// How many items it has, of any kind.
        length: usize,
    },
    /// Anything else.
    Other,
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut has_status = false;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            has_status |= key == "status";
            map.next_value::<IgnoredAny>()?;
        }
        Ok(if has_status {
            Shape::Verdict
        } else {
            Shape::Other
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        let (mut length, mut has_verdict) = (0, false);
        while let Some(item) = items.next_element::<Shape>()? {
            length += 1;
            has_verdict |= item == Shape::Verdict;
        }
        Ok(if has_verdict {
            Shape::Verdicts { length }
        } else {
            Shape::Other
        })
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_makes_a_verdict() {
        let shape = |json: &str| serde_json::from_str::<Shape>(json).unwrap();
        assert_eq!(shape(r#"{"id": "a", "status": "pass"}"#), Shape::Verdict);
        assert_eq!(
            shape(r#"[1, {"status": null}]"#),
            Shape::Verdicts { length: 2 }
        );
        for other in [
            r#"{"id": "a"}"#,
            "[]",
            "[[]]",
            "1",
            "-1",
            "1.5",
            "true",
            "null",
            r#""status""#,
        ] {
            assert_eq!(shape(other), Shape::Other, "{other}");
        }
        assert_eq!(
            json5::from_str::<Shape>("[{status: 'pass',},]").unwrap(),
            Shape::Verdicts { length: 1 }
        );
    }
}
