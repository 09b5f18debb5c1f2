//! Sends one request from a process of its own: certificates and proxies come from the environment,
//! and a test can't change its own.

use std::process::Command;
use std::time::{Duration, Instant};

use bytes::Bytes;
use semtest::chain::chain;
use semtest::http::{Client, HttpError, IsRateLimit, Options, SafeToRepeat};
use serde_json::{Value, json};

/// What the child is told, and where it writes what came of it.
const ORDER: &str = "SEMTEST_TEST_HTTP_ORDER";

/// What the child sends as its token.
pub(crate) const TOKEN: &str = "Bearer the-token";

pub(crate) struct Request {
    order: Value,
    variables: Vec<(String, String)>,
}

/// What came of a request.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// `STATUS BODY`, or the error with its causes.
    pub(crate) said: String,
    /// What the error advises.
    pub(crate) hint: Option<String>,
    /// All that could ever be printed of the error.
    pub(crate) debug: String,
    /// How long the request took.
    pub(crate) took: Duration,
}

/// A request with a token, with 20 s for an attempt and none for pauses, so that nothing is repeated.
pub(crate) fn request(method: &str, url: &str) -> Request {
    let order =
        json!({"method": method, "url": url, "timeout": 20_000, "patience": 0, "safe": false});
    Request {
        order,
        variables: Vec::new(),
    }
}

impl Request {
    pub(crate) fn timeout(mut self, milliseconds: u64) -> Self {
        self.order["timeout"] = milliseconds.into();
        self
    }

    pub(crate) fn patience(mut self, seconds: u64) -> Self {
        self.order["patience"] = (seconds * 1_000).into();
        self
    }

    pub(crate) fn safe_to_repeat(mut self) -> Self {
        self.order["safe"] = true.into();
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn send(self) -> Outcome {
        let folder = tempfile::tempdir().unwrap();
        let order = folder.path().join("order.json");
        std::fs::write(&order, self.order.to_string()).unwrap();
        let output = Command::new(std::env::current_exe().unwrap())
            .args([
                "child::sends_what_it_is_told",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env_clear()
            .envs(self.variables)
            .env(ORDER, &order)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let answer = std::fs::read_to_string(order.with_file_name("outcome.json"));
        let answer: Value = serde_json::from_str(&answer.unwrap()).unwrap();
        Outcome {
            said: answer["said"].as_str().unwrap().to_owned(),
            hint: answer["hint"].as_str().map(str::to_owned),
            debug: answer["debug"].as_str().unwrap().to_owned(),
            took: Duration::from_millis(answer["took"].as_u64().unwrap()),
        }
    }
}

#[test]
#[ignore = "the other tests start it"]
fn sends_what_it_is_told() {
    let Some(path) = std::env::var_os(ORDER) else {
        return;
    };
    let order = std::fs::read_to_string(&path).unwrap();
    let order: Value = serde_json::from_str(&order).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let started = Instant::now();
    let result = runtime.block_on(send(&order));
    let took = u64::try_from(started.elapsed().as_millis()).unwrap();
    let outcome = match result {
        Ok(response) => {
            let body = String::from_utf8_lossy(response.body());
            let said = format!("{} {body}", response.status().as_u16());
            json!({"said": said, "hint": null, "debug": "", "took": took})
        }
        Err(error) => {
            let debug = format!("{error:?}");
            json!({"said": chain(&error), "hint": error.hint(), "debug": debug, "took": took})
        }
    };
    let path = std::path::PathBuf::from(path).with_file_name("outcome.json");
    std::fs::write(path, outcome.to_string()).unwrap();
}

async fn send(order: &Value) -> Result<http::Response<Bytes>, HttpError> {
    let milliseconds = |name: &str| Duration::from_millis(order[name].as_u64().unwrap());
    let client = Client::new(Options {
        timeout: milliseconds("timeout"),
        patience: milliseconds("patience"),
    })?;
    let mut request = http::Request::builder()
        .extension(IsRateLimit(|answer| answer.body() != "forbidden"))
        .method(order["method"].as_str().unwrap())
        .uri(order["url"].as_str().unwrap())
        .header("authorization", TOKEN);
    if order["safe"] == true {
        request = request.extension(SafeToRepeat);
    }
    client
        .send(request.body(Bytes::from_static(b"a text")).unwrap())
        .await
}
