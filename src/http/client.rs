//! The client: one request, one answer, both whole in memory and of bounded size.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use super::retry::{self, Patience, Rule};
use super::{HttpError, redirect, roots};

/// The most of an answer that is read, in bytes. A page of 100 comments of 65,536 characters has
/// 26 MB at most.
const MOST: usize = 32 << 20;

/// The longest time until a connection stands, TLS included: whoever does not answer by then is
/// not there.
const CONNECT: Duration = Duration::from_secs(10);

/// The longest time until a connection stands, where an attempt may take `timeout`.
pub(super) fn connect_limit(timeout: Duration) -> Duration {
    CONNECT.min(timeout)
}

/// How a client behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// The longest time of one attempt, its answer included.
    pub timeout: Duration,
    /// The longest time of all pauses of a client and its clones together: those that services ask
    /// for, and those between attempts.
    pub patience: Duration,
}

/// Sends requests. Clones share connections and patience.
#[derive(Clone, Debug)]
pub struct Client {
    inner: reqwest::Client,
    options: Options,
    patience: Arc<Patience>,
}

impl Client {
    /// A client that trusts the system's certificates (or those that `SSL_CERT_FILE` and
    /// `SSL_CERT_DIR` name), or Mozilla's where there are none, and uses the proxy that the
    /// environment names (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`).
    ///
    /// # Errors
    /// When TLS can't be set up, or when there are certificates and they can't be read.
    pub fn new(options: Options) -> Result<Self, HttpError> {
        let inner = reqwest::Client::builder()
            .user_agent(concat!("semtest/", env!("CARGO_PKG_VERSION")))
            .timeout(options.timeout)
            .connect_timeout(connect_limit(options.timeout))
            // What is followed and what is repeated is decided here, in one place.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .tls_backend_preconfigured(roots::tls()?)
            .build()
            .map_err(|error| HttpError::Setup(error.into()))?;
        Ok(Self {
            inner,
            patience: Arc::new(Patience::new(options.patience)),
            options,
        })
    }

    /// Sends `request` and reads the whole answer, whatever its status.
    ///
    /// What is safe to repeat (`GET`, `HEAD`, `PUT`, `PATCH`, `DELETE`, or marked [`SafeToRepeat`])
    /// is sent up to three times more after a broken connection, a 500, 502, 503 or 504, or a
    /// rate limit (429, or a 403 that [`IsRateLimit`] takes for one). Everything else, a `POST` above all, is sent once: its answer or error is handed
    /// back when the pause that it calls for has passed, so that the caller may look at once whether
    /// it had an effect, and then try again.
    ///
    /// Redirects are followed within one origin, up to three.
    ///
    /// # Errors
    /// When there is no answer, or when the service asks for a longer pause than is left of
    /// [`Options::patience`].
    ///
    /// [`SafeToRepeat`]: super::SafeToRepeat
    /// [`IsRateLimit`]: super::IsRateLimit
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let host = host(&request);
        let rule = Rule::of(&request);
        retry::send(&self.patience, &host, rule, || self.follow(request.clone())).await
    }

    /// One attempt, through redirects.
    async fn follow(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        for _ in 0..redirect::MOST {
            let response = self.exchange(request.clone()).await?;
            match redirect::target(request.method(), request.uri(), &response) {
                Some(target) => *request.uri_mut() = target,
                None => return Ok(response),
            }
        }
        self.exchange(request).await
    }

    /// One request on the wire.
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let host = host(&request);
        let failed = |error| HttpError::of(error, &host, self.options.timeout);
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let mut answer = self.inner.execute(request).await.map_err(failed)?;
        let too_large = || HttpError::TooLarge {
            host: host.clone(),
            most: MOST,
        };
        if answer.content_length() > Some(MOST as u64) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > MOST {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        Ok(response)
    }
}

fn host(request: &Request<Bytes>) -> String {
    request.uri().host().unwrap_or_default().to_owned()
}
