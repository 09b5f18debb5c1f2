//! Qwen Code's `-o json`: one array of events, `result` last.

use serde_json::Value;

use super::{Decoded, Said, blocks, number_at, text_at};
use crate::model::Tokens;

/// `None` where the tool printed something else.
pub(super) fn decode(printed: &str) -> Option<Decoded> {
    let events: Vec<Value> = serde_json::from_str(printed.trim()).ok()?;
    let result = events
        .last()
        .filter(|event| text_at(event, "/type") == Some("result"))?;
    let turns = result.get("num_turns").and_then(Value::as_u64);
    Some(Decoded {
        said: said(result),
        turns: turns.and_then(|turns| u32::try_from(turns).ok()),
        tokens: result.get("usage").map(tokens),
        cost: None,
        by_model: Vec::new(),
        tools: blocks::tool_calls(&events),
    })
}

fn said(result: &Value) -> Said {
    let subtype = text_at(result, "/subtype").unwrap_or("no subtype");
    let is_error = result.get("is_error") != Some(&Value::Bool(false));
    match text_at(result, "/result") {
        Some(text) if subtype == "success" && !is_error => Said::Answer(text.to_owned()),
        text => {
            let message = text_at(result, "/error/message").or(text);
            Said::ToolError(message.unwrap_or(subtype).to_owned())
        }
    }
}

/// Its input tokens include those read from the cache.
fn tokens(usage: &Value) -> Tokens {
    let cache_read = number_at(usage, "/cache_read_input_tokens");
    Tokens {
        input: number_at(usage, "/input_tokens").saturating_sub(cache_read),
        cache_read,
        cache_write: 0,
        output: number_at(usage, "/output_tokens"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Recorded from 0.24.4, with ids and lists shortened.
    pub(in super::super) const RECORDED: &str = r#"[{"type":"system","subtype":"init","uuid":"1","session_id":"1","cwd":"/p","tools":["read_file","glob"],"mcp_servers":[],"model":"gpt-4.1","permission_mode":"default","qwen_code_version":"0.24.4"},{"type":"assistant","uuid":"2","session_id":"1","parent_tool_use_id":null,"message":{"id":"2","type":"message","role":"assistant","model":"gpt-4.1","content":[{"type":"text","text":"[{\"id\":\"a\",\"status\":\"pass\"}]"}],"stop_reason":null,"usage":{"input_tokens":100,"output_tokens":20,"cache_read_input_tokens":30,"total_tokens":120}}},{"type":"result","subtype":"success","uuid":"3","session_id":"1","is_error":false,"duration_ms":832,"duration_api_ms":625,"num_turns":1,"result":"[{\"id\":\"a\",\"status\":\"pass\"}]","usage":{"input_tokens":100,"output_tokens":20,"cache_read_input_tokens":30,"total_tokens":120},"permission_denials":[]}]"#;

    const REFUSED: &str = r#"[{"type":"system","subtype":"init","uuid":"1","session_id":"1","model":"gpt-4.1"},{"type":"assistant","uuid":"2","session_id":"1","message":{"role":"assistant","content":[{"type":"text","text":"[API Error: 401 invalid key]"}]}},{"type":"result","subtype":"error_during_execution","uuid":"3","session_id":"1","is_error":true,"duration_ms":393,"num_turns":1,"usage":{"input_tokens":0,"output_tokens":0,"cache_read_input_tokens":0},"permission_denials":[],"error":{"message":"[API Error: 401 invalid key]"}}]"#;

    #[test]
    fn the_answer_is_the_result() {
        let decoded = decode(RECORDED).unwrap();
        let answer = r#"[{"id":"a","status":"pass"}]"#;
        assert_eq!(decoded.said, Said::Answer(answer.into()));
        assert_eq!(decoded.turns, Some(1));
        let tokens = decoded.tokens.unwrap();
        assert_eq!(
            (tokens.input, tokens.cache_read, tokens.output),
            (70, 30, 20)
        );
    }

    #[test]
    fn an_error_is_an_error_in_its_own_words() {
        let said = decode(REFUSED).unwrap().said;
        assert_eq!(said, Said::ToolError("[API Error: 401 invalid key]".into()));
    }

    #[test]
    fn a_result_counts_only_beside_success_and_no_error() {
        for (from, to) in [
            ("\"is_error\":false", "\"is_error\":true"),
            ("\"is_error\":false", "\"is_error\":\"no\""),
            ("\"is_error\":false,", ""),
            ("\"subtype\":\"success\"", "\"subtype\":\"error_max_turns\""),
        ] {
            let said = decode(&RECORDED.replace(from, to)).unwrap().said;
            assert!(matches!(said, Said::ToolError(_)), "{to}: {said:?}");
        }
    }

    #[test]
    fn no_part_of_a_recording_passes() {
        super::super::tests::no_part_is_an_answer(RECORDED, decode);
    }
}
