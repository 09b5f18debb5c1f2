//! One request to its answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::Value;

use super::connection::Line;
use super::documents::REPOSITORY_ID;
use super::{Answer, REPOSITORY, Recorded, Reply, Route, Shared, State};

/// The longest body that is read.
const LONGEST_BODY: usize = 4 << 20;

/// Records a request, then does what the script says.
pub(super) async fn answer(
    axum::extract::State(shared): axum::extract::State<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, LONGEST_BODY).await.unwrap_or_default();
    let body = String::from_utf8_lossy(&body).into_owned();
    let asked = Asked::read(&shared, &head, body);
    let (index, reply) = shared.state().begin(&asked);
    let token = shared.state().token.clone();
    if let Some(refusal) = asked.refusal(&token) {
        if refusal.is_violation {
            let told = format!("{} {}: {}", asked.method, asked.path, refusal.answer.body);
            shared.state().violations.push(told);
        }
        return end(&shared, index, refusal.answer);
    }
    let done = || asked.perform(&shared);
    match reply {
        Reply::Normal => end(&shared, index, done()),
        Reply::Say(said) => end(&shared, index, said),
        Reply::DoneThen(said) => {
            done();
            end(&shared, index, said)
        }
        Reply::Reset => {
            line.reset();
            Response::default()
        }
        Reply::DoneThenReset => {
            done();
            line.reset();
            Response::default()
        }
        Reply::Hang => std::future::pending().await,
        Reply::DoneThenHang => {
            done();
            std::future::pending().await
        }
        Reply::DoneThenMeet(barrier) => {
            let answer = done();
            barrier.wait().await;
            end(&shared, index, answer)
        }
        Reply::After(change) => {
            change(&mut shared.state());
            end(&shared, index, done())
        }
    }
}

fn end(shared: &Shared, index: usize, answer: Answer) -> Response {
    let mut state = shared.state();
    state.log[index].status = answer.status;
    let recorded = state.log[index].clone();
    if let Some(listener) = &mut state.listener {
        listener(&recorded);
    }
    drop(state);
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).unwrap()
}

impl State {
    /// Keeps the request, and tells what is to happen to it.
    fn begin(&mut self, asked: &Asked) -> (usize, Reply) {
        self.log.push(Recorded {
            route: asked.place.map(|place| place.route),
            path: asked.path.clone(),
            query: asked.query.clone(),
            headers: asked.headers.clone(),
            body: asked.body.clone(),
            status: 0,
        });
        let reply = asked.place.and_then(|place| {
            let scripted = self.scripts.get_mut(&place.route);
            let next = scripted.and_then(std::collections::VecDeque::pop_front);
            next.or_else(|| self.always.get(&place.route).cloned())
        });
        (self.log.len() - 1, reply.unwrap_or(Reply::Normal))
    }
}

/// Which of the routes, and for which number.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) route: Route,
    pub(super) number: u64,
}

pub(super) struct Asked {
    pub(super) place: Option<Place>,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    pub(super) body: String,
}

struct Refusal {
    answer: Answer,
    /// Whether no program should ever send this.
    is_violation: bool,
}

impl Asked {
    fn read(shared: &Shared, head: &Parts, body: String) -> Self {
        let whole = head.uri.path();
        let method = head.method.to_string();
        let (path, place) = if whole == shared.graphql {
            let is_post = method == "POST";
            let (route, number) = (Route::GraphQl, 0);
            (whole, is_post.then_some(Place { route, number }))
        } else {
            match whole.strip_prefix(shared.rest) {
                Some(path) => (path, place(&method, path)),
                None => (whole, None),
            }
        };
        let query = head.uri.query().unwrap_or_default();
        let headers = head.headers.iter();
        Self {
            place,
            method,
            path: path.to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            headers: headers
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes());
                    (name.to_string(), value.into_owned())
                })
                .collect(),
            body,
        }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// What is wrong with it, whatever it asks.
    fn refusal(&self, token: &str) -> Option<Refusal> {
        let never = |status, message: &str| {
            Some(Refusal {
                answer: Answer::error(status, message),
                is_violation: true,
            })
        };
        if self.header("user-agent").is_empty() {
            return never(403, "Request forbidden by administrative rules.");
        }
        if self.place.is_none() {
            return never(404, "Not Found");
        }
        let version = self.header("x-github-api-version");
        if !["", "2022-11-28"].contains(&version) {
            return never(400, "There is no such version of this API.");
        }
        let kinds = ["application/vnd.github+json", "application/json", "*/*"];
        if !kinds.contains(&self.header("accept")) {
            return never(
                415,
                "Unsupported 'Accept' header. Must accept 'application/json'.",
            );
        }
        let wants_body = ["POST", "PATCH"].contains(&self.method.as_str());
        if wants_body && !self.header("content-type").starts_with("application/json") {
            return never(415, "Unsupported Media Type");
        }
        if wants_body && self.json().is_none() {
            return never(400, "Problems parsing JSON");
        }
        let schemes = ["Bearer", "token"];
        let is_token = |scheme| self.header("authorization") == format!("{scheme} {token}");
        if !schemes.into_iter().any(is_token) {
            // A wrong token is its owner's mistake. None at all is ours.
            let is_violation = self.header("authorization").is_empty();
            let message = ["Bad credentials", "Requires authentication"][usize::from(is_violation)];
            let answer = Answer::error(401, message);
            return Some(Refusal {
                answer,
                is_violation,
            });
        }
        None
    }

    pub(super) fn json(&self) -> Option<Value> {
        let value: Value = serde_json::from_str(&self.body).ok()?;
        value.is_object().then_some(value)
    }
}

fn place(method: &str, path: &str) -> Option<Place> {
    if (method, path) == ("GET", "/user") {
        let (route, number) = (Route::User, 0);
        return Some(Place { route, number });
    }
    let by_number = format!("/repositories/{REPOSITORY_ID}/");
    let inner = path.strip_prefix(&format!("/repos/{REPOSITORY}/"));
    let inner = inner.or_else(|| path.strip_prefix(&by_number))?;
    let parts: Vec<&str> = inner.split('/').collect();
    let (route, number) = match (method, &parts[..]) {
        ("GET", ["issues", number, "comments"]) => (Route::List, *number),
        ("POST", ["issues", number, "comments"]) => (Route::Create, *number),
        ("PATCH", ["issues", "comments", id]) => (Route::Update, *id),
        ("DELETE", ["issues", "comments", id]) => (Route::Delete, *id),
        ("GET", ["pulls"]) => (Route::Pulls, "0"),
        ("GET", ["pulls", number]) => (Route::Pull, *number),
        ("GET", ["commits", _, "pulls"]) => (Route::CommitPulls, "0"),
        _ => return None,
    };
    let number = number.parse().ok()?;
    Some(Place { route, number })
}
