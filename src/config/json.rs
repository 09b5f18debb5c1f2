//! `semtest.config.json`: strict JSON, with the place of every value.

use std::sync::Arc;

use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::SourceType;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::places::Places;
use super::problem::Problem;
use super::source::Source;
use super::value::Value;

/// Reads a JSON file.
pub(super) fn parse(source: &Arc<Source>) -> Result<(Value, Places), Problem> {
    let value: serde_json::Value = check(source)?;
    // JSON is JavaScript, so the one reader of places does for both. `serde_json` has made sure
    // that it nests no deeper than 128.
    let allocator = Allocator::default();
    let places = Parser::new(&allocator, &source.text, SourceType::mjs())
        .parse_expression()
        .map(|expression| Places::of_expression(&expression))
        .unwrap_or_default();
    Ok((Value::from(value), places))
}

/// Reads a JSON file without its places.
pub(super) fn check(source: &Arc<Source>) -> Result<serde_json::Value, Problem> {
    read(source)
}

/// Reads a JSON file that says just what `T` has.
pub(super) fn read<T: DeserializeOwned>(source: &Arc<Source>) -> Result<T, Problem> {
    serde_json::from_str(&source.text).map_err(|error| {
        let offset = source.offset_of_bytes(error.line(), error.column());
        let text = error.to_string();
        let message = text
            .rsplit_once(" at line")
            .map_or(text.as_str(), |(message, _)| message);
        let message = match error.classify() {
            Category::Data => message.to_owned(),
            Category::Io | Category::Syntax | Category::Eof => {
                format!("this is not JSON: {message}")
            }
        };
        Problem::new(message).at(source.place(offset..offset + 1))
    })
}
