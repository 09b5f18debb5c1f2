//! A GitHub on the loopback interface: keeps pull requests and comments, does what its script says,
//! and keeps every request. Strict where the real one is: what that refuses is refused here, and
//! what no program should ever ask makes the test fail.

mod connection;
mod documents;
mod resources;
mod routes;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::Barrier;

pub(crate) use documents::too_long;

/// The one repository.
pub(crate) const REPOSITORY: &str = "octo/shop";
/// The one token that is accepted, unless a test says another.
pub(crate) const TOKEN: &str = "ghs_loopback0123456789abcdefghijklmnopq";
/// Whose token that is.
pub(crate) const US: User = User {
    id: 41_898_282,
    login: "github-actions[bot]",
    kind: "Bot",
};
/// Somebody else.
pub(crate) const STRANGER: User = User {
    id: 583_231,
    login: "octocat",
    kind: "User",
};
/// The pull request that is there from the start.
pub(crate) const NUMBER: u64 = 7;
/// Its newest commit.
pub(crate) const HEAD: &str = "6dcb09b5b57875f334f61aebed695e2e4193db5e";

/// An account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) login: &'static str,
    pub(crate) kind: &'static str,
}

/// A comment.
#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) number: u64,
    pub(crate) author: User,
    pub(crate) body: String,
}

/// A pull request of [`REPOSITORY`].
#[derive(Clone, Debug)]
pub(crate) struct Pull {
    pub(crate) number: u64,
    pub(crate) is_open: bool,
    /// Its newest commit.
    pub(crate) head: String,
    /// The branch that is proposed.
    pub(crate) branch: String,
    /// Where that branch lies; `None` for a fork that is gone.
    pub(crate) head_repository: Option<String>,
    /// What it is to be merged into.
    pub(crate) base_branch: String,
    /// Usually [`REPOSITORY`]; another one for a fork's commit that is proposed elsewhere too.
    pub(crate) base_repository: String,
    /// The commit by which it is or would be merged.
    pub(crate) merge: Option<String>,
    /// Older commits of it, for which it is found too.
    pub(crate) older: Vec<String>,
}

impl Pull {
    /// An open one from a branch of the same repository.
    pub(crate) fn open(number: u64, head: &str, branch: &str) -> Self {
        Self {
            number,
            is_open: true,
            head: head.to_owned(),
            branch: branch.to_owned(),
            head_repository: Some(REPOSITORY.to_owned()),
            base_branch: "main".to_owned(),
            base_repository: REPOSITORY.to_owned(),
            merge: None,
            older: Vec::new(),
        }
    }
}

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Route {
    /// `GET repos/O/R/issues/N/comments`
    List,
    /// `POST repos/O/R/issues/N/comments`
    Create,
    /// `PATCH repos/O/R/issues/comments/ID`
    Update,
    /// `DELETE repos/O/R/issues/comments/ID`
    Delete,
    /// `POST graphql`
    GraphQl,
    /// `GET user`
    User,
    /// `GET repos/O/R/pulls/N`
    Pull,
    /// `GET repos/O/R/pulls?…`
    Pulls,
    /// `GET repos/O/R/commits/SHA/pulls`
    CommitPulls,
}

/// What happens to one request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// What it asks for.
    Normal,
    /// Nothing is done, and this is said.
    Say(Answer),
    /// It is done, and something else is said.
    DoneThen(Answer),
    /// Nothing is done, and the connection is reset.
    Reset,
    /// It is done, and the connection is reset.
    DoneThenReset,
    /// Nothing is done or said for as long as anybody waits.
    Hang,
    /// It is done, and nobody is told.
    DoneThenHang,
    /// It is done, and answered once all whom the barrier counts have come as far.
    DoneThenMeet(Arc<Barrier>),
    /// This happens first.
    After(Arc<dyn Fn(&mut State) + Send + Sync>),
}

/// An answer as it is written in a script.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// GitHub's usual error document.
    pub(crate) fn error(status: u16, message: &str) -> Self {
        let documentation = "https://docs.github.com/rest/issues/comments";
        let body = json!({
            "message": message, "documentation_url": documentation, "status": status.to_string(),
        });
        Self::json(status, &body)
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json; charset=utf-8".to_owned())],
            body: body.to_string(),
        }
    }

    pub(crate) fn with(mut self, header: &'static str, value: &str) -> Self {
        self.headers.push((header, value.to_owned()));
        self
    }
}

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) route: Option<Route>,
    /// Without the prefix of the API.
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
    /// What was answered; 0 before that, and for a connection that was reset.
    pub(crate) status: u16,
}

impl Recorded {
    /// Whether `secret` stands anywhere but where it belongs.
    fn shows(&self, secret: &str) -> bool {
        let headers = self.headers.iter();
        let others = headers.filter(|(name, _)| *name != "authorization");
        let texts = others.map(|(_, value)| value).chain(self.query.values());
        let mut texts = texts.chain([&self.path, &self.body]);
        texts.any(|text| text.contains(secret))
    }
}

/// What is told of each request.
pub(crate) type Listener = Box<dyn FnMut(&Recorded) + Send>;

/// What the server knows.
pub(crate) struct State {
    pub(crate) pulls: Vec<Pull>,
    pub(crate) comments: Vec<Comment>,
    /// The most comments of one page, whatever is asked for.
    pub(crate) page_size: usize,
    /// The one token that is accepted.
    pub(crate) token: String,
    /// Whether the token is one of an app's installation, as `GITHUB_TOKEN` is: it has no user.
    pub(crate) is_installation: bool,
    /// Whether GraphQL tells who wrote a comment; `false` is an API without that field.
    pub(crate) tells_authors: bool,
    /// Whose comments the token may not see in GraphQL.
    pub(crate) hidden: Option<User>,
    next_id: u64,
    scripts: BTreeMap<Route, VecDeque<Reply>>,
    always: BTreeMap<Route, Reply>,
    log: Vec<Recorded>,
    /// Gets each request, once its answer is known.
    pub(crate) listener: Option<Listener>,
    violations: Vec<String>,
}

impl State {
    /// Adds a comment to [`NUMBER`], and returns its id.
    pub(crate) fn comment(&mut self, author: User, body: &str) -> u64 {
        self.add(NUMBER, author, body)
    }

    fn add(&mut self, number: u64, author: User, body: &str) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.comments.push(Comment {
            id,
            number,
            author,
            body: body.to_owned(),
        });
        id
    }
}

/// What the handler of every request shares.
struct Shared {
    state: Mutex<State>,
    address: String,
    /// Where the two APIs are: nothing and `/graphql`, or `/api/v3` and `/api/graphql`.
    rest: &'static str,
    graphql: &'static str,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A server that listens until it is dropped; then the test fails if a request was one that no
/// program should send.
pub(crate) struct Server {
    shared: Arc<Shared>,
    // Its end closes every connection.
    runtime: Option<Runtime>,
}

impl Server {
    /// As on github.com.
    pub(crate) fn start() -> Self {
        Self::at("", "/graphql")
    }

    /// As on an Enterprise Server.
    pub(crate) fn enterprise() -> Self {
        Self::at("/api/v3", "/api/graphql")
    }

    fn at(rest: &'static str, graphql: &'static str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(connection::Listener::bind());
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                pulls: vec![Pull::open(NUMBER, HEAD, "change")],
                comments: Vec::new(),
                page_size: 100,
                token: TOKEN.to_owned(),
                is_installation: true,
                tells_authors: true,
                hidden: None,
                next_id: 1_000_001,
                scripts: BTreeMap::new(),
                always: BTreeMap::new(),
                log: Vec::new(),
                listener: None,
                violations: Vec::new(),
            }),
            address: listener.address(),
            rest,
            graphql,
        });
        // No router: everything that arrives has to be recorded, the wrong paths too.
        let service = Router::new()
            .fallback(routes::answer)
            .with_state(Arc::clone(&shared))
            .into_make_service_with_connect_info::<connection::Line>();
        runtime.spawn(async move { axum::serve(listener, service).await });
        Self {
            shared,
            runtime: Some(runtime),
        }
    }

    /// The address of the REST API.
    pub(crate) fn api(&self) -> String {
        format!("{}{}", self.shared.address, self.shared.rest)
    }

    /// The address of the GraphQL API.
    pub(crate) fn graphql(&self) -> String {
        format!("{}{}", self.shared.address, self.shared.graphql)
    }

    /// What a job of GitHub Actions has in its environment, without event and commit.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        [
            ("CI", "true".to_owned()),
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_API_URL", self.api()),
            ("GITHUB_GRAPHQL_URL", self.graphql()),
            ("GITHUB_SERVER_URL", "https://github.com".to_owned()),
            ("GITHUB_REPOSITORY", REPOSITORY.to_owned()),
            ("GITHUB_RUN_ID", "9001".to_owned()),
            ("GITHUB_WORKFLOW", "CI".to_owned()),
            ("GITHUB_JOB", "semtest".to_owned()),
            ("GITHUB_TOKEN", self.with(|state| state.token.clone())),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Looks at what the server knows, or changes it.
    pub(crate) fn with<Out>(&self, look: impl FnOnce(&mut State) -> Out) -> Out {
        look(&mut self.shared.state())
    }

    /// What happens to the next requests of `route`, one each; then it is as usual again.
    pub(crate) fn next(&self, route: Route, replies: impl IntoIterator<Item = Reply>) {
        let mut state = self.shared.state();
        state.scripts.entry(route).or_default().extend(replies);
    }

    /// What happens to every request of `route` that [`Self::next`] says nothing about.
    pub(crate) fn always(&self, route: Route, reply: Reply) {
        self.shared.state().always.insert(route, reply);
    }

    /// All comments, oldest first.
    pub(crate) fn comments(&self) -> Vec<Comment> {
        self.shared.state().comments.clone()
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.shared.state().log.clone()
    }

    /// Every request so far, by what it asked.
    pub(crate) fn routes(&self) -> Vec<Route> {
        let log = self.requests();
        log.iter().filter_map(|request| request.route).collect()
    }

    /// How often `route` was asked.
    pub(crate) fn count(&self, route: Route) -> usize {
        let routes = self.routes();
        routes.iter().filter(|asked| **asked == route).count()
    }

    /// What no program should have sent; the test does not fail for it any more.
    pub(crate) fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.state().violations)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        let violations = self.take_violations();
        if !std::thread::panicking() {
            assert!(violations.is_empty(), "{}", violations.join("\n"));
            let log = self.requests();
            let shown = log.iter().find(|request| request.shows(TOKEN));
            assert!(shown.is_none(), "the token is in {shown:?}");
        }
    }
}
