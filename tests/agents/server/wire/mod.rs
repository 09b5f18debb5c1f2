//! The four wire formats: where a request goes, and what comes back. A file each for the texts.

mod chat;
mod gemini;
mod messages;
mod responses;

use axum::http::Method;
use serde_json::{Value, json};

use super::offer::Call;

/// Tokens that every turn of the model costs: what the tests expect to be reported.
pub(crate) const INPUT_TOKENS: u64 = 1000;
/// See [`INPUT_TOKENS`].
pub(crate) const OUTPUT_TOKENS: u64 = 50;

/// What a service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    /// Anthropic Messages.
    Messages,
    /// `OpenAI` chat completions.
    Chat,
    /// `OpenAI` responses.
    Responses,
    /// Gemini.
    Gemini,
}

/// What the model does in one turn.
#[derive(Clone, Copy, Debug)]
pub(super) enum Turn<'a> {
    Words(&'a str),
    Call(&'a Call),
}

/// Server-sent events of a turn.
#[derive(Debug)]
pub(super) struct Events {
    /// Up to the middle of the words.
    pub(super) begun: Vec<String>,
    pub(super) rest: Vec<String>,
}

/// What a path stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Endpoint {
    /// A question to the model.
    Model(Wire),
    /// How many tokens a question has.
    Count(Wire),
}

impl Endpoint {
    pub(super) fn wire(self) -> Wire {
        match self {
            Self::Model(wire) | Self::Count(wire) => wire,
        }
    }
}

/// What `path` asks for; `None` where the real services answer 404.
pub(super) fn endpoint(method: &Method, path: &str) -> Option<Endpoint> {
    if method != Method::POST {
        return None;
    }
    match path {
        "/v1/messages" => Some(Endpoint::Model(Wire::Messages)),
        "/v1/messages/count_tokens" => Some(Endpoint::Count(Wire::Messages)),
        "/v1/chat/completions" => Some(Endpoint::Model(Wire::Chat)),
        "/v1/responses" => Some(Endpoint::Model(Wire::Responses)),
        _ => match path.strip_prefix("/v1beta/models/")?.split_once(':')?.1 {
            "generateContent" | "streamGenerateContent" => Some(Endpoint::Model(Wire::Gemini)),
            "countTokens" => Some(Endpoint::Count(Wire::Gemini)),
            _ => None,
        },
    }
}

impl Wire {
    /// The model that is asked.
    pub(super) fn model(self, path: &str, body: &Value) -> String {
        let in_body = || body["model"].as_str().map(str::to_owned);
        let in_path = || {
            let rest = path.strip_prefix("/v1beta/models/")?;
            Some(rest.split_once(':')?.0.to_owned())
        };
        let model = match self {
            Self::Gemini => in_path(),
            Self::Messages | Self::Chat | Self::Responses => in_body(),
        };
        model.unwrap_or_default()
    }

    /// Whether the answer is to come as events.
    pub(super) fn is_stream(self, path: &str, body: &Value) -> bool {
        match self {
            Self::Gemini => path.ends_with(":streamGenerateContent"),
            Self::Messages | Self::Chat | Self::Responses => body["stream"] == true,
        }
    }

    /// A turn in one document.
    pub(super) fn document(self, turn: &Turn<'_>, model: &str) -> Value {
        match self {
            Self::Messages => messages::document(turn, model),
            Self::Chat => chat::document(turn, model),
            Self::Responses => responses::document(turn, model),
            Self::Gemini => gemini::document(turn, model),
        }
    }

    /// A turn as events.
    pub(super) fn events(self, turn: &Turn<'_>, model: &str) -> Events {
        match self {
            Self::Messages => messages::events(turn, model),
            Self::Chat => chat::events(turn, model),
            Self::Responses => responses::events(turn, model),
            Self::Gemini => gemini::events(turn, model),
        }
    }

    /// The answer to [`Endpoint::Count`].
    pub(super) fn token_count(self) -> Value {
        match self {
            Self::Messages | Self::Chat | Self::Responses => json!({"input_tokens": INPUT_TOKENS}),
            Self::Gemini => json!({"totalTokens": INPUT_TOKENS}),
        }
    }
}

/// `text` in two pieces, cut in its middle.
fn halves(text: &str) -> (&str, &str) {
    text.split_at(text.floor_char_boundary(text.len() / 2))
}

/// An event with its type as its name.
fn named(event: &Value) -> String {
    let kind = event["type"].as_str().unwrap_or_default();
    format!("event: {kind}\ndata: {event}\n\n")
}

/// An event without a name.
fn unnamed(event: &Value) -> String {
    format!("data: {event}\n\n")
}
