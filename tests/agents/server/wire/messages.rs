//! Anthropic Messages.

use serde_json::{Value, json};

use super::{Events, INPUT_TOKENS, OUTPUT_TOKENS, Turn, halves, named};

const CALL_ID: &str = "toolu_loopback_1";

fn stop_reason(turn: &Turn<'_>) -> &'static str {
    match turn {
        Turn::Words(_) => "end_turn",
        Turn::Call(_) => "tool_use",
    }
}

pub(super) fn document(turn: &Turn<'_>, model: &str) -> Value {
    let content = match turn {
        Turn::Words(text) => json!({"type": "text", "text": text}),
        Turn::Call(call) => {
            json!({"type": "tool_use", "id": CALL_ID, "name": call.name, "input": call.arguments})
        }
    };
    json!({
        "id": "msg_loopback", "type": "message", "role": "assistant", "model": model,
        "content": [content], "stop_reason": stop_reason(turn), "stop_sequence": null,
        "usage": {
            "input_tokens": INPUT_TOKENS, "output_tokens": OUTPUT_TOKENS,
            "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
        },
    })
}

pub(super) fn events(turn: &Turn<'_>, model: &str) -> Events {
    let mut message = document(turn, model);
    message["content"] = json!([]);
    message["stop_reason"] = Value::Null;
    message["usage"]["output_tokens"] = json!(1);
    let start =
        |block: Value| json!({"type": "content_block_start", "index": 0, "content_block": block});
    let delta = |delta: Value| json!({"type": "content_block_delta", "index": 0, "delta": delta});
    let mut begun = vec![json!({"type": "message_start", "message": message})];
    let mut rest = Vec::new();
    match turn {
        Turn::Words(text) => {
            let (first, second) = halves(text);
            begun.push(start(json!({"type": "text", "text": ""})));
            begun.push(delta(json!({"type": "text_delta", "text": first})));
            rest.push(delta(json!({"type": "text_delta", "text": second})));
        }
        Turn::Call(call) => {
            begun.push(start(
                json!({"type": "tool_use", "id": CALL_ID, "name": call.name, "input": {}}),
            ));
            let arguments = call.arguments.to_string();
            rest.push(delta(
                json!({"type": "input_json_delta", "partial_json": arguments}),
            ));
        }
    }
    rest.push(json!({"type": "content_block_stop", "index": 0}));
    rest.push(json!({
        "type": "message_delta",
        "delta": {"stop_reason": stop_reason(turn), "stop_sequence": null},
        "usage": {"output_tokens": OUTPUT_TOKENS},
    }));
    rest.push(json!({"type": "message_stop"}));
    Events {
        begun: begun.iter().map(named).collect(),
        rest: rest.iter().map(named).collect(),
    }
}
