//! A request as the server sees it.

use axum::http::{HeaderMap, Method, Uri};
use serde::Serialize;
use serde_json::Value;

use super::offer::{Offer, offers};
use super::wire::Wire;

/// What begins the last line of semtest's prompt.
const MARK: &str = "Scenario ids: ";

/// Why a request was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// It asks for verdicts.
    Main,
    /// The CLI's own business: a title, a route, a count of tokens.
    Auxiliary,
    /// It asks for something that this server does not have.
    Unknown,
}

/// A request that was received.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Recorded {
    pub(crate) kind: Kind,
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Recorded {
    pub(super) fn new(
        kind: Kind,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &str,
    ) -> Self {
        let headers = headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        Self {
            kind,
            method: method.to_string(),
            path: uri.to_string(),
            headers: headers.collect(),
            body: body.to_owned(),
        }
    }
}

/// What is asked of the model.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) wire: Wire,
    pub(super) model: String,
    pub(super) is_stream: bool,
    pub(super) offers: Vec<Offer>,
    pub(super) kind: Kind,
    /// The scenarios that the prompt asks for.
    pub(super) ids: Vec<String>,
}

impl Question {
    /// Reads the body of a request on `wire`; `path` has what Gemini puts there.
    /// With `any_prompt`, what does not come from semtest may be a main question, too.
    pub(super) fn read(
        wire: Wire,
        path: &str,
        headers: &HeaderMap,
        body: &Value,
        any_prompt: bool,
    ) -> Self {
        let offers = offers(body);
        let ids = ids(body);
        // A title is made from the same prompt, but without tools. Aider never has any; it is the
        // one that speaks through a Python library.
        let agent = headers.get("user-agent");
        let is_python = agent.is_some_and(|agent| {
            let agent = String::from_utf8_lossy(agent.as_bytes()).to_lowercase();
            agent.contains("python") || agent.contains("litellm")
        });
        let is_main = (any_prompt || ids.is_some()) && (!offers.is_empty() || is_python);
        Self {
            wire,
            model: wire.model(path, body),
            is_stream: wire.is_stream(path, body),
            offers,
            kind: if is_main { Kind::Main } else { Kind::Auxiliary },
            ids: ids.unwrap_or_default(),
        }
    }
}

/// The list after the last [`MARK`] in any text of `body`.
fn ids(body: &Value) -> Option<Vec<String>> {
    match body {
        Value::String(text) => {
            let list = text.rsplit_once(MARK)?.1;
            let first = serde_json::Deserializer::from_str(list).into_iter().next();
            first?.ok()
        }
        Value::Array(values) => values.iter().rev().find_map(ids),
        Value::Object(fields) => fields.values().find_map(ids),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}
