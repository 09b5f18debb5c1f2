//! A server that does, request by request, what its script says, and keeps what it was sent.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// What happens after a request.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// These bytes, then the end.
    Bytes(Vec<u8>),
    /// The connection is torn down.
    Reset,
    /// Nothing.
    Silence,
    /// The beginning of an answer, then a byte now and then.
    Trickle,
    /// An answer that has no end.
    Flood,
    /// What a proxy does for `CONNECT`: everything goes on to this address.
    Tunnel(SocketAddr),
}

/// An answer with `headers`, each ended by a line break.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Step {
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status} Said\r\nconnection: close\r\ncontent-length: {length}\r\n{}\r\n{body}",
        headers.replace('\n', "\r\n")
    );
    Step::Bytes(text.into_bytes())
}

/// A port that is taken and where nobody listens.
pub(crate) struct Closed(TcpSocket);

impl Closed {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self(socket)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
    /// Serves until it is dropped.
    _runtime: Runtime,
}

impl Server {
    pub(crate) fn start(script: impl IntoIterator<Item = Step>) -> Self {
        Self::with(script, None)
    }

    pub(crate) fn start_tls(
        script: impl IntoIterator<Item = Step>,
        config: Arc<ServerConfig>,
    ) -> Self {
        Self::with(script, Some(config.into()))
    }

    fn with(script: impl IntoIterator<Item = Step>, tls: Option<TlsAcceptor>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(0));
        let mut script = script.into_iter().collect::<Vec<_>>();
        script.reverse();
        let script = Arc::new(Mutex::new(script));
        let (log, count) = (Arc::clone(&seen), Arc::clone(&connections));
        runtime.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                *count.lock().unwrap() += 1;
                let (log, script, tls) = (Arc::clone(&log), Arc::clone(&script), tls.clone());
                tokio::spawn(async move {
                    let Some(tls) = tls else {
                        let reset = |stream: &TcpStream| stream.set_zero_linger().unwrap();
                        return serve(stream, &script, &log, reset).await;
                    };
                    // The other side may have turned away.
                    if let Ok(stream) = tls.accept(stream).await {
                        serve(stream, &script, &log, |_| {}).await;
                    }
                });
            }
        });
        Self {
            address,
            seen,
            connections,
            _runtime: runtime,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Every request so far: head and body.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// The first line of every request so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        let first = |request: &String| request.lines().next().unwrap_or_default().to_owned();
        self.seen().iter().map(first).collect()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

async fn serve<Stream: AsyncRead + AsyncWrite + Unpin>(
    mut stream: Stream,
    script: &Mutex<Vec<Step>>,
    log: &Mutex<Vec<String>>,
    reset: impl Fn(&Stream),
) {
    let Some(request) = read(&mut stream).await else {
        return;
    };
    log.lock().unwrap().push(request);
    let step = script.lock().unwrap().pop();
    // Whoever was answered enough hangs up, so writing may fail.
    match step.unwrap_or_else(|| answer(418, "", "the script is at its end")) {
        Step::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Step::Reset => reset(&stream),
        Step::Silence => std::future::pending().await,
        Step::Trickle => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while stream.write_all(b".").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Step::Flood => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            let megabyte = vec![b'.'; 1 << 20];
            while stream.write_all(&megabyte).await.is_ok() {}
        }
        Step::Tunnel(target) => {
            let mut onward = TcpStream::connect(target).await.unwrap();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            let _ = tokio::io::copy_bidirectional(&mut stream, &mut onward).await;
        }
    }
}

/// One request, head and body; `None` if it never came.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                let is_length = name.eq_ignore_ascii_case("content-length");
                is_length.then(|| value.trim().parse().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
