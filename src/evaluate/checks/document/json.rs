//! JSON, with comments and trailing commas.

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::{Number, Value};

use super::{Content, Lines, Node, Unparsable};

/// What `tsconfig.json` and its like may hold beyond JSON, and nothing more.
const DIALECT: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(super) fn parse(text: &str) -> Result<Node, Unparsable> {
    let lines = Lines::of(text);
    let parsed =
        parse_to_ast(text, &CollectOptions::default(), &DIALECT).map_err(|error| Unparsable {
            line: u32::try_from(error.line_display()).ok(),
            reason: error.kind().to_string(),
        })?;
    let value = parsed.value.ok_or_else(|| Unparsable {
        line: None,
        reason: "it is empty".into(),
    })?;
    node(&value, lines.line(value.start()), &lines)
}

fn node(value: &ast::Value<'_>, line: u32, lines: &Lines) -> Result<Node, Unparsable> {
    let content =
        match value {
            ast::Value::Object(object) => Content::Object(
                object
                    .properties
                    .iter()
                    .map(|property| {
                        let key = property.name.as_str().to_owned();
                        let line = lines.line(property.range.start);
                        Ok((key, node(&property.value, line, lines)?))
                    })
                    .collect::<Result<_, _>>()?,
            ),
            ast::Value::Array(array) => Content::Array(
                array
                    .elements
                    .iter()
                    .map(|item| node(item, lines.line(item.start()), lines))
                    .collect::<Result<_, _>>()?,
            ),
            ast::Value::StringLit(text) => Content::Scalar(Value::from(text.value.as_ref())),
            ast::Value::BooleanLit(boolean) => Content::Scalar(Value::Bool(boolean.value)),
            ast::Value::NullKeyword(_) => Content::Scalar(Value::Null),
            ast::Value::NumberLit(number) => {
                Content::Scalar(number.value.parse::<Number>().map(Value::Number).map_err(
                    |_| Unparsable {
                        line: Some(line),
                        reason: format!("{} is no number", number.value),
                    },
                )?)
            }
        };
    Ok(Node { line, content })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_comments_and_trailing_commas_are_added_to_json() {
        assert!(parse("{\"a\": [1,], /* x */ \"b\": -1.5e3 // y\n}").is_ok());
        for text in [
            "",
            "{a: 1}",
            "{'a': 1}",
            "[1 2]",
            "[0x1]",
            "[+1]",
            "[NaN]",
            "[.5]",
            "[01]",
            "[1e999]",
            "[1] 2",
            "[",
            "{\"a\": 1",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_line_of_an_error_is_told_and_depth_is_limited() {
        assert_eq!(parse("{\n\"a\": 1\n\"b\": 2}").unwrap_err().line, Some(2));
        assert!(parse(&"[".repeat(1_000_000)).is_err());
    }
}
