//! GitHub Copilot CLI's `--output-format json`: one event a line, `result` last.
//!
//! It tells neither tokens nor money there: its account is billed in premium requests.

use serde_json::Value;

use super::{Decoded, Said, events, text_at};
use crate::model::ToolCalls;

/// `None` where the tool printed something else.
pub(super) fn decode(printed: &str) -> Option<Decoded> {
    let events = events(printed)?;
    // Messages of a sub-agent carry its id.
    let messages: Vec<&Value> = events
        .iter()
        .filter(|event| is(event, "assistant.message") && event.get("agentId").is_none())
        .collect();
    Some(Decoded {
        said: said(&events, &messages),
        turns: u32::try_from(messages.len()).ok(),
        tools: tools(&events),
        ..Decoded::default()
    })
}

/// Calls in messages, joined by id with how they ended.
fn tools(events: &[Value]) -> Vec<ToolCalls> {
    let mut tools = Vec::new();
    let failed: Vec<&str> = events
        .iter()
        .filter(|event| is(event, "tool.execution_complete"))
        .filter(|event| event.pointer("/data/success") != Some(&Value::Bool(true)))
        .filter_map(|event| text_at(event, "/data/toolCallId"))
        .collect();
    let requests = events
        .iter()
        .filter(|event| is(event, "assistant.message"))
        .filter_map(|event| event.pointer("/data/toolRequests")?.as_array());
    for request in requests.flatten() {
        let name = text_at(request, "/name").unwrap_or("a tool without a name");
        let id = text_at(request, "/toolCallId").unwrap_or_default();
        ToolCalls::add(&mut tools, name, 1, u32::from(failed.contains(&id)));
    }
    tools
}

fn said(events: &[Value], messages: &[&Value]) -> Said {
    if let Some(error) = events.iter().rfind(|event| is(event, "session.error")) {
        let message = text_at(error, "/data/message").unwrap_or("an error without a message");
        return Said::ToolError(message.to_owned());
    }
    let result = events.last().filter(|event| is(event, "result"));
    match result.and_then(|result| result.get("exitCode")?.as_i64()) {
        Some(0) => {}
        Some(code) => return Said::ToolError(format!("ended with exit code {code}")),
        None => return Said::ToolError("its output has no end".into()),
    }
    let Some(last) = messages.last() else {
        return Said::Answer(String::new());
    };
    let requests = last.pointer("/data/toolRequests").and_then(Value::as_array);
    if requests.is_some_and(|requests| !requests.is_empty()) {
        return Said::ToolError("ended in the middle of a tool call".into());
    }
    Said::Answer(
        text_at(last, "/data/content")
            .unwrap_or_default()
            .to_owned(),
    )
}

fn is(event: &Value, kind: &str) -> bool {
    text_at(event, "/type") == Some(kind)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Recorded from 1.0.102, with ids shortened and other events left out.
    pub(in super::super) const RECORDED: &str = r#"{"type":"session.tools_updated","data":{"model":"gpt-4.1"},"ephemeral":true,"id":"1","timestamp":"2026-11-21T15:59:41.609Z","parentId":"0"}
{"type":"user.message","data":{"content":"judge","transformedContent":"judge","messageId":"m0","turnId":"0"},"id":"2","timestamp":"2026-11-21T15:59:41.618Z","parentId":"0"}
{"type":"assistant.turn_start","data":{"turnId":"0"},"id":"3","timestamp":"2026-11-21T15:59:41.660Z","parentId":"2"}
{"type":"assistant.message","data":{"messageId":"m1","model":"gpt-4.1","content":"","toolRequests":[{"toolCallId":"call_1","name":"view","arguments":{"path":"src/main.rs"},"type":"function"}],"turnId":"0"},"id":"4","timestamp":"2026-11-21T15:59:41.700Z","parentId":"3"}
{"type":"assistant.turn_start","data":{"turnId":"1"},"id":"5","timestamp":"2026-11-21T15:59:41.760Z","parentId":"4"}
{"type":"assistant.message","data":{"messageId":"m2","model":"gpt-4.1","content":"[{\"id\":\"a\",\"status\":\"pass\"}]","toolRequests":[],"turnId":"1"},"id":"6","timestamp":"2026-11-21T15:59:41.866Z","parentId":"5"}
{"type":"assistant.idle","data":{},"ephemeral":true,"id":"7","timestamp":"2026-11-21T15:59:41.911Z","parentId":"6"}
{"type":"result","timestamp":"2026-11-21T15:59:41.928Z","sessionId":"s","exitCode":0,"usage":{"premiumRequests":0,"totalApiDurationMs":153,"sessionDurationMs":1791,"codeChanges":{"linesAdded":0,"linesRemoved":0,"filesModified":[]}}}
"#;

    const REFUSED: &str = r#"{"type":"session.error","data":{"errorType":"authentication","message":"Authentication failed with provider at http://127.0.0.1:7023/v1 (HTTP 401).","statusCode":401},"id":"8","timestamp":"2026-11-21T16:02:09.530Z","parentId":"7"}
{"type":"result","timestamp":"2026-11-21T16:02:09.549Z","sessionId":"s","exitCode":1,"usage":{"premiumRequests":0}}"#;

    #[test]
    fn the_answer_is_the_last_message() {
        let decoded = decode(RECORDED).unwrap();
        let answer = r#"[{"id":"a","status":"pass"}]"#;
        assert_eq!(decoded.said, Said::Answer(answer.into()));
        assert_eq!(decoded.turns, Some(2));
        assert_eq!((decoded.tokens, decoded.cost), (None, None));
        assert_eq!(decoded.tools[0].name, "view");
    }

    #[test]
    fn what_a_sub_agent_says_is_no_answer() {
        let of_another = RECORDED.replace(
            r#"{"type":"assistant.message","data":{"messageId":"m2""#,
            r#"{"type":"assistant.message","agentId":"x","data":{"messageId":"m2""#,
        );
        let said = decode(&of_another).unwrap().said;
        assert!(matches!(said, Said::ToolError(_)), "{said:?}");
    }

    #[test]
    fn an_error_is_an_error_in_its_own_words() {
        let Said::ToolError(text) = decode(REFUSED).unwrap().said else {
            panic!();
        };
        assert!(text.contains("(HTTP 401)"), "{text}");
        let beside_an_answer = RECORDED.replace("\"exitCode\":0", "\"exitCode\":1");
        let said = decode(&beside_an_answer).unwrap().said;
        assert_eq!(said, Said::ToolError("ended with exit code 1".into()));
    }

    #[test]
    fn no_part_of_a_recording_passes() {
        super::super::tests::no_part_is_an_answer(RECORDED, decode);
    }
}
