//! One request to its response.

use std::convert::Infallible;
use std::io::{self, Write as _};
use std::sync::{Arc, PoisonError};
use std::task::Poll;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use serde_json::{Value, json};

use super::Shared;
use super::offer;
use super::question::{Kind, Question, Recorded};
use super::script::Reply;
use super::wire::{Endpoint, Turn, Wire, endpoint};

/// The longest body that is read.
const LONGEST_BODY: usize = 64 << 20;

/// Records a request, then does what the script says.
pub(super) async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, LONGEST_BODY).await.unwrap_or_default();
    let body = String::from_utf8_lossy(&body).into_owned();
    let path = head.uri.path();
    let asked = endpoint(&head.method, path);
    let parsed: Result<Value, _> = serde_json::from_str(&body);
    let question = match (asked, &parsed) {
        (Some(Endpoint::Model(wire)), Ok(body)) => {
            let any_prompt = shared.script.any_prompt;
            Some(Question::read(wire, path, &head.headers, body, any_prompt))
        }
        _ => None,
    };
    let kind = match (&asked, &question) {
        (None, _) => Kind::Unknown,
        (_, Some(question)) => question.kind,
        (_, None) => Kind::Auxiliary,
    };
    let recorded = Recorded::new(kind, &head.method, &head.uri, &head.headers, &body);
    let before = shared.record(recorded);
    let Some(asked) = asked else {
        return refusal(StatusCode::NOT_FOUND, "not_found_error");
    };
    if !has_credential(asked.wire(), &head.uri, &head.headers) {
        return refusal(StatusCode::UNAUTHORIZED, "authentication_error");
    }
    if parsed.is_err() {
        return refusal(StatusCode::BAD_REQUEST, "invalid_request_error");
    }
    let Some(question) = question else {
        return document(&asked.wire().token_count());
    };
    let reply = match question.kind {
        Kind::Main => shared.script.reply(before).clone(),
        Kind::Auxiliary | Kind::Unknown => shared.script.auxiliary(before),
    };
    respond(&question, reply).await
}

impl Shared {
    /// Keeps `recorded`, and tells how many main questions were asked before it.
    fn record(&self, recorded: Recorded) -> usize {
        if let Some(log) = &self.log {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            let line = serde_json::to_string(&recorded).unwrap_or_default();
            let _ = writeln!(log, "{line}");
        }
        let mut all = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        let is_main = |other: &&Recorded| other.kind == Kind::Main;
        let before = all.iter().filter(is_main).count();
        all.push(recorded);
        before
    }
}

async fn respond(question: &Question, reply: Reply) -> Response {
    match reply {
        Reply::Text(text) => say(question, &Turn::Words(&text)),
        Reply::Passes => say(question, &Turn::Words(&passes(&question.ids))),
        Reply::Empty => say(question, &Turn::Words("")),
        Reply::Use(action) => {
            let call = offer::call(&action, &question.offers);
            say(question, &Turn::Call(&call))
        }
        Reply::Cut(text) => cut(question, &text),
        Reply::Status(code) => {
            let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            refusal(status, error_type(code))
        }
        Reply::Hang => std::future::pending().await,
    }
}

fn passes(ids: &[String]) -> String {
    let verdict = |id: &String| json!({"id": id, "status": "pass"});
    ids.iter().map(verdict).collect::<Value>().to_string()
}

fn say(question: &Question, turn: &Turn<'_>) -> Response {
    if !question.is_stream {
        return document(&question.wire.document(turn, &question.model));
    }
    let events = question.wire.events(turn, &question.model);
    let all = events.begun.into_iter().chain(events.rest);
    let chunks = all.map(|chunk| Ok::<_, Infallible>(Bytes::from(chunk)));
    event_stream(Body::from_stream(stream::iter(chunks)))
}

/// The first half of the words, and then the connection is gone.
fn cut(question: &Question, text: &str) -> Response {
    let turn = Turn::Words(text);
    let begun = if question.is_stream {
        question.wire.events(&turn, &question.model).begun.concat()
    } else {
        let mut whole = question.wire.document(&turn, &question.model).to_string();
        whole.truncate(whole.floor_char_boundary(whole.len() / 2));
        whole
    };
    let mut chunk = Some(Bytes::from(begun));
    let mut has_waited = false;
    let stream = stream::poll_fn(move |context| {
        if let Some(chunk) = chunk.take() {
            return Poll::Ready(Some(Ok(chunk)));
        }
        // One pause, in which the part is flushed: an error at once would take it along.
        if !has_waited {
            has_waited = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::ConnectionReset))))
    });
    let body = Body::from_stream(stream);
    if question.is_stream {
        event_stream(body)
    } else {
        ([(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}

fn event_stream(body: Body) -> Response {
    ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
}

fn document(body: &Value) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}

/// Whether the header is there in which the service of `wire` expects its key.
fn has_credential(wire: Wire, uri: &Uri, headers: &HeaderMap) -> bool {
    let has = |name| headers.get(name).is_some_and(|value| !value.is_empty());
    match wire {
        Wire::Messages => has("x-api-key") || has("authorization"),
        Wire::Chat | Wire::Responses => has("authorization"),
        Wire::Gemini => {
            has("x-goog-api-key") || uri.query().is_some_and(|query| query.contains("key="))
        }
    }
}

fn error_type(code: u16) -> &'static str {
    match code {
        401 => "authentication_error",
        429 => "rate_limit_error",
        _ => "api_error",
    }
}

/// An error document that has the fields of all four services.
fn refusal(status: StatusCode, kind: &str) -> Response {
    let message = format!("loopback: {kind}");
    let error = json!({
        "type": kind, "code": status.as_u16(), "message": message,
        "status": kind.to_uppercase(), "param": null,
    });
    let mut response = document(&json!({"type": "error", "error": error}));
    *response.status_mut() = status;
    response
}
