//! TOML. Dates and times are texts, since JSON has none.

use serde_json::{Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Content, Lines, Node, Unparsable};

pub(super) fn parse(text: &str) -> Result<Node, Unparsable> {
    let lines = Lines::of(text);
    let document = DeTable::parse(text).map_err(|error| Unparsable {
        line: error.span().map(|span| lines.line(span.start)),
        reason: error.message().replace('\n', " "),
    })?;
    Ok(Node {
        line: 1,
        content: members(document.get_ref(), &lines)?,
    })
}

fn members(table: &DeTable<'_>, lines: &Lines) -> Result<Content, Unparsable> {
    table
        .iter()
        .map(|(key, value)| {
            let line = lines.line(key.span().start);
            Ok((key.get_ref().to_string(), node(value, line, lines)?))
        })
        .collect::<Result<_, _>>()
        .map(Content::Object)
}

fn node(value: &Spanned<DeValue<'_>>, line: u32, lines: &Lines) -> Result<Node, Unparsable> {
    let content = match value.get_ref() {
        DeValue::Table(table) => members(table, lines)?,
        DeValue::Array(items) => Content::Array(
            items
                .iter()
                .map(|item| node(item, lines.line(item.span().start), lines))
                .collect::<Result<_, _>>()?,
        ),
        DeValue::String(text) => Content::Scalar(Value::from(text.as_ref())),
        DeValue::Boolean(boolean) => Content::Scalar(Value::Bool(*boolean)),
        DeValue::Datetime(time) => Content::Scalar(Value::from(time.to_string())),
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
            .map(|integer| Content::Scalar(Value::from(integer)))
            .map_err(|_| Unparsable {
                line: Some(line),
                reason: format!("{integer} is out of range"),
            })?,
        DeValue::Float(float) => Content::Scalar(
            float
                .as_str()
                .parse()
                .ok()
                .and_then(Number::from_f64)
                // `inf` and `nan`, which JSON does not have.
                .map_or_else(|| Value::from(float.as_str()), Value::Number),
        ),
    };
    Ok(Node { line, content })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_value_becomes_json() {
        let text =
            "a = 0xFF\nb = 1_000.5\nc = 1979-05-27\nd = inf\ne = {f = true}\n[[g]]\nh = '1'\n";
        assert_eq!(
            parse(text).unwrap().to_json(),
            json!({"a": 255, "b": 1000.5, "c": "1979-05-27", "d": "inf", "e": {"f": true},
                "g": [{"h": "1"}]})
        );
    }

    #[test]
    fn errors_have_a_line() {
        assert_eq!(parse("a = 1\nb = \n").unwrap_err().line, Some(2));
        assert_eq!(parse("a = 1\na = 2\n").unwrap_err().line, Some(2));
        assert!(parse("a = 99999999999999999999").is_err());
        assert!(parse(&format!("a = {}", "[".repeat(100_000))).is_err());
    }
}
