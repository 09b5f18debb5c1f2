//! The client: one request, one answer, both whole in memory and of bounded size.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use super::{HttpError, roots};

/// The most of an answer that is read, in bytes. A page of 100 comments of 65,536 characters has
/// 26 MB at most.
const MOST: usize = 32 << 20;

/// How a client behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// The longest time of one request, its answer included.
    pub timeout: Duration,
    /// The longest time of all pauses together that services ask for.
    pub patience: Duration,
}

/// Sends requests. Clones share connections and patience.
#[derive(Clone, Debug)]
pub struct Client {
    inner: reqwest::Client,
    options: Options,
}

impl Client {
    /// A client that trusts the system's certificates, or else Mozilla's, and uses the proxy that
    /// the environment names (`HTTPS_PROXY`, `NO_PROXY`).
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new(options: Options) -> Result<Self, HttpError> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("semtest/", env!("CARGO_PKG_VERSION")))
            .timeout(options.timeout)
            .redirect(reqwest::redirect::Policy::none());
        if let Ok(tls) = roots::tls() {
            builder = builder.tls_backend_preconfigured(tls);
        }
        let inner = builder.build().map_err(HttpError::Setup)?;
        Ok(Self { inner, options })
    }

    /// Sends `request` and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let failed = |source: reqwest::Error| {
            if source.is_timeout() {
                HttpError::Slow {
                    host: host.clone(),
                    limit: self.options.timeout,
                }
            } else {
                HttpError::Unreachable {
                    host: host.clone(),
                    source: source.without_url(),
                }
            }
        };
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let mut answer = self.inner.execute(request).await.map_err(failed)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            body.extend_from_slice(&chunk);
            if body.len() > MOST {
                return Err(HttpError::TooLarge { host, most: MOST });
            }
        }
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        Ok(response)
    }
}
