//! The loopback GitHub on its own, for programs that no Rust test starts:
//!
//! ```text
//! github-server --head FILE --log FILE [--branch NAME] [--fork OWNER/NAME] [--read-only]
//! ```
//!
//! There is one open pull request. Its newest commit is what stands in the file `--head` at the moment
//! of a request; a token that may only read gets to know that when it writes. Each request becomes a line of JSON in the file `--log`, once its answer is known.
//! Comments stay for as long as it runs, which is until it is killed. Prints its address as the first
//! line.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    dead_code,
    unused_imports,
    reason = "a program for tests: its output is the address, and tests use more of the server"
)]

mod server;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use server::{Answer, Recorded, Reply, Route, Server, State};

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (mut head, mut log) = (None, None);
    let (mut branch, mut fork) = ("topic".to_owned(), None);
    let mut is_read_only = false;
    while let Some(flag) = arguments.next() {
        let mut value = || {
            let missing = || io::Error::other(format!("{flag} needs a value"));
            arguments.next().ok_or_else(missing)
        };
        match flag.as_str() {
            "--head" => head = Some(PathBuf::from(value()?)),
            "--log" => log = Some(std::fs::File::create(value()?)?),
            "--branch" => branch = value()?,
            "--fork" => fork = Some(value()?),
            "--read-only" => is_read_only = true,
            _ => return Err(io::Error::other(format!("unknown flag {flag}"))),
        }
    }
    let (Some(head), Some(mut log)) = (head, log) else {
        return Err(io::Error::other("--head and --log are needed"));
    };
    let server = Server::start();
    server.with(|state| {
        state.pulls[0].branch = branch;
        if fork.is_some() {
            state.pulls[0].head_repository = fork;
        }
        state.listener = Some(Box::new(move |request| {
            // Nobody could be told of an error: whoever reads the file misses a line.
            let _ = writeln!(log, "{}", line(request));
        }));
    });
    for route in [Route::Pull, Route::Pulls, Route::CommitPulls] {
        let head = head.clone();
        let push = move |state: &mut State| {
            let commit = std::fs::read_to_string(&head).unwrap_or_default();
            commit.trim().clone_into(&mut state.pulls[0].head);
        };
        server.always(route, Reply::After(Arc::new(push)));
    }
    if is_read_only {
        let refusal = Answer::error(403, "Resource not accessible by integration");
        for route in [Route::Create, Route::Update, Route::Delete] {
            server.always(route, Reply::Say(refusal.clone()));
        }
    }
    println!("{}", server.api());
    io::stdout().flush()?;
    loop {
        std::thread::park();
    }
}

fn line(request: &Recorded) -> serde_json::Value {
    json!({
        "route": request.route.map(|route| format!("{route:?}")), "path": request.path, "query": request.query,
        "headers": request.headers, "body": request.body, "status": request.status,
    })
}
