//! Gemini.

use serde_json::{Value, json};

use super::{Events, INPUT_TOKENS, OUTPUT_TOKENS, Turn, halves, unnamed};

/// A response with one part; with `is_last`, the one that ends the turn.
fn response(part: &Value, model: &str, is_last: bool) -> Value {
    let mut candidate = json!({"index": 0, "content": {"role": "model", "parts": [part]}});
    if is_last {
        candidate["finishReason"] = json!("STOP");
    }
    json!({
        "responseId": "loopback", "modelVersion": model, "candidates": [candidate],
        "usageMetadata": {
            "promptTokenCount": INPUT_TOKENS, "candidatesTokenCount": OUTPUT_TOKENS,
            "totalTokenCount": INPUT_TOKENS + OUTPUT_TOKENS,
        },
    })
}

fn part(turn: &Turn<'_>) -> Value {
    match turn {
        Turn::Words(text) => json!({"text": text}),
        Turn::Call(call) => {
            json!({"functionCall": {"id": "loopback-1", "name": call.name, "args": call.arguments}})
        }
    }
}

pub(super) fn document(turn: &Turn<'_>, model: &str) -> Value {
    response(&part(turn), model, true)
}

pub(super) fn events(turn: &Turn<'_>, model: &str) -> Events {
    match turn {
        Turn::Words(text) => {
            let (first, second) = halves(text);
            let piece = |text: &str, is_last| {
                vec![unnamed(&response(&json!({"text": text}), model, is_last))]
            };
            Events {
                begun: piece(first, false),
                rest: piece(second, true),
            }
        }
        Turn::Call(_) => Events {
            begun: Vec::new(),
            rest: vec![unnamed(&document(turn, model))],
        },
    }
}
