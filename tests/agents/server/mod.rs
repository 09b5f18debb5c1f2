//! A loopback model server: speaks the wire formats of the real services to the real CLIs, answers
//! from a script, and keeps every request. Strict where the real ones are: a wrong path, no
//! credential and broken JSON are refused.

mod answer;
mod offer;
mod question;
mod script;
mod wire;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

#[allow(unused_imports, reason = "the test and the example each use a part")]
pub(crate) use question::{Kind, Recorded};
pub(crate) use script::{Action, Reply, Script};

/// What the handler of every request shares.
struct Shared {
    script: Script,
    recorded: Mutex<Vec<Recorded>>,
    log: Option<Mutex<std::fs::File>>,
}

/// A server that listens until it is dropped.
pub(crate) struct ModelServer {
    /// `http://127.0.0.1:PORT`
    pub(crate) address: String,
    /// The port that it listens on.
    #[allow(dead_code, reason = "the test and the example each use a part")]
    pub(crate) port: u16,
    shared: Arc<Shared>,
    // Dropped last: its end closes every connection.
    runtime: Option<Runtime>,
}

impl ModelServer {
    /// Listens on a free port of the loopback interface. With `log`, a JSON line is written for each
    /// request when it arrives.
    pub(crate) fn start(script: Script, log: Option<std::fs::File>) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            script,
            recorded: Mutex::default(),
            log: log.map(Mutex::new),
        });
        // No routes: everything that arrives has to be recorded, the wrong paths too.
        let router = Router::new()
            .fallback(answer::answer)
            .with_state(Arc::clone(&shared));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            address: format!("http://{address}"),
            port: address.port(),
            shared,
            runtime: Some(runtime),
        })
    }

    /// Everything that was received until now.
    #[allow(dead_code, reason = "the test and the example each use a part")]
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        let recorded = self.shared.recorded.lock();
        recorded.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        // A script that hangs would otherwise hold the drop up.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
