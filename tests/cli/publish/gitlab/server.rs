//! A GitLab on the loopback interface that refuses what the real one refuses, and fails the test for
//! whatever it does not know.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// The project's number, its path, and the same path as one part of an address.
pub(super) const PROJECT: [&str; 3] = ["42", "group/sub.app", "group%2Fsub.app"];

/// The token and whose it is.
pub(super) const TOKEN: &str = "glpat-loopback-0123456789";
pub(super) const US: u64 = 1001;

/// What GitLab takes, in characters.
const LONGEST: usize = 1_000_000;

/// One note.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub(super) id: u64,
    pub(super) author: u64,
    pub(super) body: String,
    pub(super) system: bool,
}

/// One open merge request.
#[derive(Clone, Debug)]
pub(super) struct MergeRequest {
    pub(super) iid: u64,
    pub(super) sha: String,
    pub(super) branch: &'static str,
    /// The project that the branch lies in.
    pub(super) source: u64,
}

/// An answer that is given instead of the right one, so often.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) times: usize,
    pub(super) method: Method,
    /// The end of the path.
    pub(super) path: &'static str,
    pub(super) status: u16,
    pub(super) headers: &'static [(&'static str, &'static str)],
    pub(super) body: &'static str,
}

/// What the server knows, and what it has seen.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) merge_requests: Vec<MergeRequest>,
    pub(super) notes: Vec<Note>,
    pub(super) faults: Vec<Fault>,
    /// Whether the next page is told by `Link` alone, as behind some proxies, and under an address
    /// that leads nowhere.
    pub(super) links_only: bool,
    /// Whether somebody deletes a note in the very moment in which it is replaced.
    pub(super) vanishing: bool,
    /// `METHOD path?query` of every request.
    pub(super) seen: Vec<String>,
    /// What the real GitLab does not have or would act on.
    pub(super) problems: Vec<String>,
}

/// The server; it listens until it is dropped.
pub(super) struct GitLab {
    /// `http://127.0.0.1:PORT`
    pub(super) address: String,
    world: Arc<Mutex<World>>,
    runtime: Option<Runtime>,
}

impl GitLab {
    pub(super) fn start(world: World) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let world = Arc::new(Mutex::new(world));
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&world));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self {
            address,
            world,
            runtime: Some(runtime),
        }
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// The notes that are no system notes, as `author: body`.
    pub(super) fn said(&self) -> Vec<String> {
        let world = self.world();
        let notes = world.notes.iter().filter(|note| !note.system);
        notes
            .map(|note| format!("{}: {}", note.author, note.body))
            .collect()
    }

    /// What was asked since the last time, without the API's part of the address.
    pub(super) fn asked(&self) -> Vec<String> {
        let mut world = self.world();
        assert_eq!(world.problems, Vec::<String>::new());
        let seen = std::mem::take(&mut world.seen);
        seen.iter()
            .map(|line| line.replace("/api/v4/", ""))
            .collect()
    }
}

impl Drop for GitLab {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        if !std::thread::panicking() {
            assert_eq!(self.world().problems, Vec::<String>::new());
        }
    }
}

async fn answer(State(world): State<Arc<Mutex<World>>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let mut world = world.lock().unwrap();
    world.seen.push(format!("{} {}", head.method, head.uri));
    let path = head.uri.path().to_owned();
    let fault = world
        .faults
        .iter_mut()
        .find(|fault| fault.times > 0 && fault.method == head.method && path.ends_with(fault.path));
    if let Some(fault) = fault {
        fault.times -= 1;
        let mut response = Response::builder().status(fault.status);
        for (name, value) in fault.headers {
            response = response.header(*name, *value);
        }
        return response.body(fault.body.into()).unwrap();
    }
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
    let asked = Asked {
        method: head.method,
        headers: head.headers,
        query,
        body: body.to_vec(),
    };
    asked.answer(&path, &mut world)
}

struct Asked {
    method: Method,
    headers: HeaderMap,
    query: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Asked {
    fn answer(&self, path: &str, world: &mut World) -> Response<Body> {
        let Some(path) = path.strip_prefix("/api/v4/") else {
            return unknown(path, world);
        };
        if !self.is_known() {
            return reply(401, &json!({"message": "401 Unauthorized"}));
        }
        let parts: Vec<&str> = path.split('/').collect();
        if parts == ["user"] && self.method == Method::GET {
            return reply(
                200,
                &json!({"id": US, "username": "project_42_bot_ab", "bot": true}),
            );
        }
        let [first, project, rest @ ..] = &parts[..] else {
            return unknown(path, world);
        };
        if *first != "projects" {
            return unknown(path, world);
        }
        if *project != PROJECT[0] && *project != PROJECT[2] {
            return reply(404, &json!({"message": "404 Project Not Found"}));
        }
        match (self.method.as_str(), rest) {
            ("GET", ["merge_requests"]) => self.merge_requests(world),
            (_, ["merge_requests", number, rest @ ..]) => {
                let number: u64 = number.parse().unwrap();
                let mut open = world.merge_requests.iter();
                let Some(found) = open.find(|found| found.iid == number).cloned() else {
                    return reply(404, &json!({"message": "404 Not found"}));
                };
                match (self.method.as_str(), rest) {
                    ("GET", []) => reply(200, &merge_request(&found)),
                    ("GET", ["notes"]) => self.notes(world),
                    ("POST", ["notes"]) => self.create(world),
                    ("PUT", ["notes", id]) => self.update(id.parse().unwrap(), world),
                    ("DELETE", ["notes", id]) => delete(id.parse().unwrap(), world),
                    _ => unknown(path, world),
                }
            }
            _ => unknown(path, world),
        }
    }

    /// The job token reads merge requests; it writes nothing.
    fn is_known(&self) -> bool {
        let get = |name: &str| self.headers.get(name)?.to_str().ok();
        let tokens = ["private-token", "job-token", "authorization"].map(get);
        match tokens {
            [Some(token), None, None] => token == TOKEN,
            [None, Some(_), None] => self.method == Method::GET,
            _ => false,
        }
    }

    fn merge_requests(&self, world: &mut World) -> Response<Body> {
        self.expect("state", "opened", world);
        let branch = self.query.get("source_branch");
        let found = world
            .merge_requests
            .iter()
            .filter(|found| branch.is_none_or(|branch| branch == found.branch));
        self.page(found.map(merge_request).collect(), world)
    }

    fn notes(&self, world: &mut World) -> Response<Body> {
        // From the newest on, a new note would move one from page to page.
        self.expect("sort", "asc", world);
        self.page(world.notes.iter().map(note).collect(), world)
    }

    fn expect(&self, name: &str, value: &str, world: &mut World) {
        if self.query.get(name).map(String::as_str) != Some(value) {
            world
                .problems
                .push(format!("not {name}={value}: {:?}", self.query));
        }
    }

    /// One page, and how to get the next: 20 elements if nothing is said, 100 at most.
    fn page(&self, all: Vec<Value>, world: &World) -> Response<Body> {
        let number = |name: &str, default: usize| {
            let value = self.query.get(name);
            value.map_or(default, |value| value.parse().unwrap())
        };
        let (size, page) = (number("per_page", 20).clamp(1, 100), number("page", 1));
        let is_last = page * size >= all.len();
        let elements: Vec<Value> = all.into_iter().skip((page - 1) * size).take(size).collect();
        let mut response = Response::builder().status(200);
        if !world.links_only {
            let next = if is_last {
                String::new()
            } else {
                (page + 1).to_string()
            };
            response = response.header("x-next-page", next);
        }
        if !is_last {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            let others = self.query.iter().filter(|(name, _)| *name != "page");
            query
                .extend_pairs(others)
                .append_pair("page", &(page + 1).to_string());
            let address = format!("http://gitlab.invalid/api/v4/x?{}", query.finish());
            response = response.header("link", format!("<{address}>; rel=\"next\""));
        }
        let body = Value::Array(elements).to_string();
        response.body(body.into()).unwrap()
    }

    fn text(&self, world: &mut World) -> Result<String, Value> {
        let kind = self
            .headers
            .get("content-type")
            .map(|kind| kind.to_str().unwrap());
        let body: Value = match kind {
            Some("application/json") => serde_json::from_slice(&self.body).unwrap_or_default(),
            _ => Value::Null,
        };
        let Some(text) = body["body"].as_str().filter(|text| !text.trim().is_empty()) else {
            return Err(json!({"error": "body is missing"}));
        };
        if text.chars().count() > LONGEST {
            let message = "Note {:note=>[\"is too long (maximum is 1000000 characters)\"]}";
            return Err(json!({"message": message}));
        }
        // What it would carry out is neither shown nor harmless.
        let mut lines = text.lines();
        if lines.any(|line| line.trim_start_matches('\r').starts_with('/')) {
            world.problems.push(format!("a quick action in {text}"));
        }
        Ok(text.to_owned())
    }

    fn create(&self, world: &mut World) -> Response<Body> {
        let body = match self.text(world) {
            Ok(body) => body,
            Err(refused) => return reply(400, &refused),
        };
        let id = world.notes.iter().map(|note| note.id).max().unwrap_or(500) + 1;
        let new = Note {
            id,
            author: US,
            body,
            system: false,
        };
        world.notes.push(new.clone());
        reply(201, &note(&new))
    }

    fn update(&self, id: u64, world: &mut World) -> Response<Body> {
        let body = match self.text(world) {
            Ok(body) => body,
            Err(refused) => return reply(400, &refused),
        };
        if world.vanishing {
            world.notes.retain(|note| note.id != id);
        }
        let Some(found) = world.notes.iter_mut().find(|note| note.id == id) else {
            return reply(404, &json!({"message": "404 Note Not Found"}));
        };
        if found.author != US {
            return reply(403, &json!({"message": "403 Forbidden"}));
        }
        found.body = body;
        reply(200, &note(found))
    }
}

fn delete(id: u64, world: &mut World) -> Response<Body> {
    let before = world.notes.len();
    world
        .notes
        .retain(|note| note.id != id || note.author != US);
    let is_gone = world.notes.len() < before;
    let status = if is_gone { 204 } else { 404 };
    Response::builder()
        .status(status)
        .body(Body::empty())
        .unwrap()
}

/// A route that nobody should take.
fn unknown(path: &str, world: &mut World) -> Response<Body> {
    world.problems.push(format!("unknown route {path}"));
    reply(404, &json!({"error": "404 Not Found"}))
}

fn reply(status: u16, body: &Value) -> Response<Body> {
    let response = Response::builder().status(status);
    let response = response.header("content-type", "application/json");
    response.body(body.to_string().into()).unwrap()
}

fn merge_request(found: &MergeRequest) -> Value {
    json!({
        "id": 90_000 + found.iid,
        "iid": found.iid,
        "project_id": 42,
        "state": "opened",
        "sha": found.sha,
        "source_branch": found.branch,
        "target_branch": "main",
        "source_project_id": found.source,
        "target_project_id": 42,
        "merge_commit_sha": null,
        "draft": false,
        "web_url": format!("https://gitlab.example.com/group/sub.app/-/merge_requests/{}", found.iid),
    })
}

fn note(note: &Note) -> Value {
    json!({
        "id": note.id,
        "type": null,
        "body": note.body,
        "attachment": null,
        "author": {"id": note.author, "username": "x", "state": "active"},
        "created_at": "2026-01-02T03:04:05.678Z",
        "system": note.system,
        "noteable_type": "MergeRequest",
        "noteable_iid": 7,
        "resolvable": false,
        "confidential": false,
        "internal": false,
        "commands_changes": {},
    })
}
