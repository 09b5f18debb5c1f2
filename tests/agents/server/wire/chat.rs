//! The chat completions of `OpenAI`.

use serde_json::{Value, json};

use super::{Events, INPUT_TOKENS, OUTPUT_TOKENS, Turn, halves, unnamed};

fn finish_reason(turn: &Turn<'_>) -> &'static str {
    match turn {
        Turn::Words(_) => "stop",
        Turn::Call(_) => "tool_calls",
    }
}

fn usage() -> Value {
    json!({
        "prompt_tokens": INPUT_TOKENS, "completion_tokens": OUTPUT_TOKENS,
        "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
    })
}

/// The one call, in the list that a message or a delta has.
fn calls(turn: &Turn<'_>) -> Option<Value> {
    let Turn::Call(call) = turn else {
        return None;
    };
    let function = json!({"name": call.name, "arguments": call.arguments.to_string()});
    Some(json!([{"index": 0, "id": "call_loopback_1", "type": "function", "function": function}]))
}

pub(super) fn document(turn: &Turn<'_>, model: &str) -> Value {
    let mut message = json!({"role": "assistant", "content": null});
    match turn {
        Turn::Words(text) => message["content"] = json!(text),
        Turn::Call(_) => message["tool_calls"] = json!(calls(turn)),
    }
    json!({
        "id": "chatcmpl-loopback", "object": "chat.completion", "created": 1, "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason(turn)}],
        "usage": usage(),
    })
}

pub(super) fn events(turn: &Turn<'_>, model: &str) -> Events {
    let chunk = |delta: Value, finish: Value| {
        unnamed(&json!({
            "id": "chatcmpl-loopback", "object": "chat.completion.chunk", "created": 1,
            "model": model, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }))
    };
    let mut begun = vec![chunk(
        json!({"role": "assistant", "content": ""}),
        Value::Null,
    )];
    let mut rest = Vec::new();
    match turn {
        Turn::Words(text) => {
            let (first, second) = halves(text);
            begun.push(chunk(json!({"content": first}), Value::Null));
            rest.push(chunk(json!({"content": second}), Value::Null));
        }
        Turn::Call(_) => rest.push(chunk(json!({"tool_calls": calls(turn)}), Value::Null)),
    }
    rest.push(chunk(json!({}), json!(finish_reason(turn))));
    rest.push(unnamed(&json!({
        "id": "chatcmpl-loopback", "object": "chat.completion.chunk", "created": 1,
        "model": model, "choices": [], "usage": usage(),
    })));
    rest.push("data: [DONE]\n\n".to_owned());
    Events { begun, rest }
}
