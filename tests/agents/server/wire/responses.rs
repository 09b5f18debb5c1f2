//! The responses API of `OpenAI`.

use serde_json::{Value, json};

use super::super::offer::Call;
use super::{Events, INPUT_TOKENS, OUTPUT_TOKENS, Turn, halves, named};

fn part(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": []})
}

fn item(turn: &Turn<'_>) -> Value {
    match turn {
        Turn::Words(text) => json!({
            "id": "msg_loopback", "type": "message", "status": "completed", "role": "assistant",
            "content": [part(text)],
        }),
        Turn::Call(Call {
            name,
            arguments: Value::String(text),
        }) => json!({
            "id": "ctc_loopback", "type": "custom_tool_call", "status": "completed",
            "call_id": "call_loopback_1", "name": name, "input": text,
        }),
        Turn::Call(call) => json!({
            "id": "fc_loopback", "type": "function_call", "status": "completed",
            "call_id": "call_loopback_1", "name": call.name,
            "arguments": call.arguments.to_string(),
        }),
    }
}

fn response(status: &str, output: &Value, model: &str) -> Value {
    json!({
        "id": "resp_loopback", "object": "response", "created_at": 1, "status": status,
        "model": model, "output": output, "error": null,
    })
}

pub(super) fn document(turn: &Turn<'_>, model: &str) -> Value {
    let mut response = response("completed", &json!([item(turn)]), model);
    response["usage"] = json!({
        "input_tokens": INPUT_TOKENS, "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": OUTPUT_TOKENS, "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
    });
    response
}

pub(super) fn events(turn: &Turn<'_>, model: &str) -> Events {
    let unfinished = response("in_progress", &json!([]), model);
    let mut open = item(turn);
    open["status"] = json!("in_progress");
    match turn {
        Turn::Words(_) => open["content"] = json!([]),
        Turn::Call(call) if call.arguments.is_string() => open["input"] = json!(""),
        Turn::Call(_) => open["arguments"] = json!(""),
    }
    let mut begun = vec![
        json!({"type": "response.created", "response": unfinished}),
        json!({"type": "response.output_item.added", "output_index": 0, "item": open}),
    ];
    let mut rest = Vec::new();
    let of_item = |kind: &str, field: &str, value: Value| {
        let mut event = json!({
            "type": kind, "item_id": open["id"], "output_index": 0, "content_index": 0,
        });
        event[field] = value;
        event
    };
    match turn {
        Turn::Words(text) => {
            let (first, second) = halves(text);
            begun.push(of_item("response.content_part.added", "part", part("")));
            begun.push(of_item("response.output_text.delta", "delta", json!(first)));
            rest.push(of_item(
                "response.output_text.delta",
                "delta",
                json!(second),
            ));
            rest.push(of_item("response.output_text.done", "text", json!(text)));
            rest.push(of_item("response.content_part.done", "part", part(text)));
        }
        Turn::Call(call) if call.arguments.is_string() => {
            let kind = "response.custom_tool_call_input.done";
            rest.push(of_item(kind, "input", call.arguments.clone()));
        }
        Turn::Call(call) => {
            let arguments = json!(call.arguments.to_string());
            let kind = "response.function_call_arguments.done";
            rest.push(of_item(kind, "arguments", arguments));
        }
    }
    rest.push(json!({"type": "response.output_item.done", "output_index": 0, "item": item(turn)}));
    rest.push(json!({"type": "response.completed", "response": document(turn, model)}));
    let mut number = 0;
    let mut numbered = |mut event: Value| {
        event["sequence_number"] = json!(number);
        number += 1;
        named(&event)
    };
    Events {
        begun: begun.into_iter().map(&mut numbered).collect(),
        rest: rest.into_iter().map(&mut numbered).collect(),
    }
}
