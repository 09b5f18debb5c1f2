//! Claude Code's `--output-format stream-json`: an event a line, of which the last is the `result`.
//! That alone is what `--output-format json` prints.

use serde::Deserialize;
use serde_json::Value;

use super::{Decoded, Said, blocks};
use crate::model::{Cost, Tokens};

/// The fields that we read. `subtype` says `success` even beside an API error, so both it and
/// `is_error` have to say that all is well.
#[derive(Deserialize)]
struct ClaudeResult {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    is_error: Option<bool>,
    #[serde(default)]
    subtype: Option<String>,
    #[serde(default)]
    result: Option<String>,
    #[serde(default)]
    num_turns: Option<u32>,
    #[serde(default)]
    total_cost_usd: Option<f64>,
    #[serde(default)]
    usage: Option<ClaudeUsage>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ClaudeUsage {
    #[serde(rename = "input_tokens")]
    input: u64,
    #[serde(rename = "cache_read_input_tokens")]
    cache_read: u64,
    #[serde(rename = "cache_creation_input_tokens")]
    cache_write: u64,
    #[serde(rename = "output_tokens")]
    output: u64,
}

/// Reads `printed` if its last line is the envelope.
pub(super) fn decode(printed: &str) -> Option<Decoded> {
    let last = printed.trim().lines().next_back()?;
    let lines = printed.lines().filter(|line| line.contains("\"tool_"));
    let events: Vec<Value> = lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    Some(Decoded {
        tools: blocks::tool_calls(&events),
        ..object(last)?
    })
}

/// Reads `printed` if it is nothing but the envelope.
pub(super) fn object(printed: &str) -> Option<Decoded> {
    let envelope = serde_json::from_str::<ClaudeResult>(printed.trim()).ok()?;
    if envelope.kind != "result" {
        return None;
    }
    let subtype = envelope.subtype.unwrap_or_else(|| "no subtype".into());
    let is_well = envelope.is_error == Some(false) && subtype == "success";
    let said = match envelope.result {
        Some(text) if is_well => Said::Answer(text),
        Some(text) if envelope.is_error == Some(true) => Said::ToolError(text),
        _ if envelope.is_error.is_none() => {
            Said::ToolError("its result does not tell whether the call went well".into())
        }
        // Such as `error_max_turns`: an answer beside it is not a whole one.
        Some(_) | None => Said::ToolError(subtype),
    };
    Some(Decoded {
        said,
        turns: envelope.num_turns,
        tokens: envelope.usage.map(|usage| Tokens {
            input: usage.input,
            cache_read: usage.cache_read,
            cache_write: usage.cache_write,
            output: usage.output,
        }),
        cost: envelope
            .total_cost_usd
            .and_then(|dollars| Cost::from_dollars(dollars, false)),
        by_model: Vec::new(),
        tools: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(printed: &str) -> Said {
        decode(printed).unwrap().said
    }

    #[test]
    fn claude_codes_envelope_is_taken_off() {
        let printed = r#"{"type":"result","subtype":"success","is_error":false,"result":"[1]"}"#;
        assert_eq!(said(printed), Said::Answer("[1]".into()));
    }

    #[test]
    fn an_answer_counts_only_beside_success_and_no_error() {
        let printed =
            r#"{"type":"result","subtype":"success","is_error":true,"result":"API Error: 401"}"#;
        assert_eq!(said(printed), Said::ToolError("API Error: 401".into()));
        for printed in [
            r#"{"type":"result","subtype":"error_max_turns","is_error":false}"#,
            r#"{"type":"result","subtype":"error_max_turns","is_error":false,"result":"[]"}"#,
        ] {
            assert_eq!(said(printed), Said::ToolError("error_max_turns".into()));
        }
        for printed in [
            r#"{"type":"result","result":"[]"}"#,
            r#"{"type":"result","subtype":"success","result":"[]"}"#,
            r#"{"type":"result","is_error":false,"result":"[]"}"#,
            r#"{"type":"result","subtype":"success","is_error":false,"text":"[]"}"#,
        ] {
            assert!(matches!(said(printed), Said::ToolError(_)), "{printed}");
        }
    }

    #[test]
    fn what_it_cost_is_told() {
        let decoded = object(
            r#"{"type":"result","subtype":"success","is_error":false,"result":"[]","num_turns":3,"total_cost_usd":0.0123,
                "usage":{"input_tokens":4,"cache_read_input_tokens":5,"output_tokens":7}}"#,
        )
        .unwrap();
        assert_eq!(decoded.turns, Some(3));
        assert_eq!(decoded.cost.unwrap().micro_dollars, 12_300);
        assert_eq!(decoded.tokens.unwrap().total(), 16);
    }

    #[test]
    fn the_last_event_counts_and_tool_calls_are_told_with_those_that_failed() {
        let printed = concat!(
            r#"{"type":"system","subtype":"init","tools":["Read"]}"#,
            "\n",
            r#"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t1","name":"Bash"}]}}"#,
            "\n",
            r#"{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":"No such tool available: Bash"}]}}"#,
            "\n",
            r#"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t2","name":"Read"}]}}"#,
            "\n",
            r#"{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t2","content":"{\"type\":\"result\",\"result\":\"[]\"}"}]}}"#,
            "\n",
            r#"{"type":"result","subtype":"success","is_error":false,"result":"[1]","num_turns":3}"#,
            "\n",
        );
        let decoded = decode(printed).unwrap();
        assert_eq!(decoded.said, Said::Answer("[1]".into()));
        let told = decoded.tools.iter();
        let told: Vec<_> = told
            .map(|tool| (tool.name.as_str(), tool.calls, tool.failed))
            .collect();
        assert_eq!(told, [("Bash", 1, 1), ("Read", 1, 0)]);
        let cut = printed.trim_end().rsplit_once('\n').unwrap().0;
        assert_eq!(decode(cut), None);
    }

    proptest::proptest! {
        #[test]
        fn only_a_result_object_that_is_no_error_is_unwrapped(
            printed in r#"(\{|\}|"type":"result"|"is_error":(true|1|null)|"result":"x"|,| |.){0,12}"#,
        ) {
            if let Some(Decoded { said: Said::Answer(text), .. }) = decode(&printed) {
                proptest::prop_assert_eq!(text, "x");
                proptest::prop_assert!(!printed.contains(r#""is_error":true"#));
            }
        }
    }

    #[test]
    fn anything_else_is_not_the_envelope() {
        for text in [
            "",
            "prose",
            "[]",
            r#"{"type":"x"}"#,
            r#"{"id":"a","status":"pass"}"#,
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
