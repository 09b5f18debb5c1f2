//! Takes a tool's own wrapping off its answer. Today one tool wraps: Claude Code prints one JSON
//! object. The rest answer in plain text.

use serde::Deserialize;

/// What a tool printed, without its wrapping.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unwrapped {
    /// The model's words.
    Answer(String),
    /// The tool says that it failed, whatever its exit code.
    ToolError(String),
}

/// The fields that we read of Claude Code's `--output-format json`. `subtype` says `success` even
/// beside an API error, so only `is_error` counts.
#[derive(Deserialize)]
struct ClaudeResult {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    is_error: bool,
    #[serde(default)]
    subtype: Option<String>,
    #[serde(default, alias = "text")]
    result: Option<String>,
}

/// Unwraps `printed` if it is an envelope that we know; any other text is the answer itself.
pub(super) fn unwrap(printed: &str) -> Unwrapped {
    let Ok(envelope) = serde_json::from_str::<ClaudeResult>(printed.trim()) else {
        return Unwrapped::Answer(printed.to_owned());
    };
    if envelope.kind != "result" {
        return Unwrapped::Answer(printed.to_owned());
    }
    let subtype = envelope.subtype.unwrap_or_else(|| "no result".into());
    match envelope.result {
        Some(text) if envelope.is_error => Unwrapped::ToolError(text),
        // Such as `error_max_turns`: an answer beside it is not a whole one.
        _ if subtype.starts_with("error") => Unwrapped::ToolError(subtype),
        None => Unwrapped::ToolError(subtype),
        Some(text) => Unwrapped::Answer(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claude_codes_envelope_is_taken_off() {
        let printed = r#"{"type":"result","subtype":"success","is_error":false,"result":"[1]"}"#;
        assert_eq!(unwrap(printed), Unwrapped::Answer("[1]".into()));
    }

    #[test]
    fn is_error_counts_and_subtype_does_not() {
        let printed =
            r#"{"type":"result","subtype":"success","is_error":true,"result":"API Error: 401"}"#;
        assert_eq!(
            unwrap(printed),
            Unwrapped::ToolError("API Error: 401".into())
        );
        let printed = r#"{"type":"result","subtype":"error_max_turns","is_error":false}"#;
        assert_eq!(
            unwrap(printed),
            Unwrapped::ToolError("error_max_turns".into())
        );
        let printed = r#"{"type":"result","subtype":"error_max_turns","result":"[]"}"#;
        assert_eq!(
            unwrap(printed),
            Unwrapped::ToolError("error_max_turns".into())
        );
    }

    #[test]
    fn anything_else_is_the_answer() {
        for text in [
            "",
            "prose",
            "[]",
            r#"{"type":"x"}"#,
            r#"{"id":"a","status":"pass"}"#,
        ] {
            assert_eq!(unwrap(text), Unwrapped::Answer(text.into()));
        }
    }
}
