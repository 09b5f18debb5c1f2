//! Why there is no answer.

use std::error::Error;
use std::time::Duration;

use rustls::CertificateError;

use super::client::connect_limit;

/// A request that got no answer. Any answer at all, 404 or 500 too, is a value.
///
/// No text holds more of an address than its host: the rest may hold a secret, as a proxy's may.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The client could not be made.
    #[error("the HTTPS client can't be set up")]
    Setup(#[source] Box<dyn Error + Send + Sync>),
    /// There are trusted certificates, and they can't be read.
    #[error("the trusted certificates can't be read")]
    Roots(#[source] Cause),
    /// Who answered can't prove to be `host`.
    #[error("the certificate of {host} is not trusted: {}", why(.problem))]
    Certificate {
        /// Whom we asked.
        host: String,
        /// What is wrong with it.
        problem: CertificateError,
    },
    /// Somebody answered who does not speak TLS as we do, or no TLS at all.
    #[error("{host} can't be reached securely")]
    Insecure {
        /// Whom we asked.
        host: String,
        /// What TLS says.
        #[source]
        source: rustls::Error,
    },
    /// No usable answer: the name is not known, the connection failed or ended early.
    #[error("{host} can't be reached")]
    Unreachable {
        /// Whom we asked.
        host: String,
        /// What happened.
        #[source]
        source: Cause,
    },
    /// No answer within the limit of one attempt.
    #[error("{host} gave no answer within {} s", .limit.as_secs_f32())]
    Slow {
        /// Whom we asked.
        host: String,
        /// The limit.
        limit: Duration,
    },
    /// More than we read.
    #[error("{host} answered with more than {} MB", .most >> 20)]
    TooLarge {
        /// Whom we asked.
        host: String,
        /// The most that is read, in bytes.
        most: usize,
    },
    /// The service asks for a longer pause than anybody wants to wait.
    #[error("{host} asks for a pause of {} s", .pause.as_secs())]
    Pause {
        /// Whom we asked.
        host: String,
        /// What it asks for.
        pause: Duration,
    },
}

/// What happened to a connection, in the words of whoever saw it first: the libraries in between
/// only say that a request failed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Cause(pub(super) String);

impl HttpError {
    /// What `error` means for a request to `host`, which may take `limit`.
    pub(super) fn of(error: reqwest::Error, host: &str, limit: Duration) -> Self {
        let host = host.to_owned();
        match tls(&error) {
            Some(rustls::Error::InvalidCertificate(problem)) => {
                return Self::Certificate { host, problem };
            }
            Some(source) => return Self::Insecure { host, source },
            None => {}
        }
        let source = match (error.is_timeout(), error.is_connect()) {
            (true, false) => return Self::Slow { host, limit },
            (true, true) => {
                let limit = connect_limit(limit).as_secs_f32();
                Cause(format!("no connection within {limit} s"))
            }
            (false, _) => Cause(root(&error.without_url())),
        };
        Self::Unreachable { host, source }
    }

    /// Whether the same request may get an answer soon.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Slow { .. })
    }

    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Roots(_) => Some(
                "`SSL_CERT_FILE` and `SSL_CERT_DIR` name the certificates to trust; without both, \
                 the system's are used",
            ),
            Self::Certificate { problem, .. } if *problem == CertificateError::UnknownIssuer => {
                Some(
                    "to trust an authority of your own, or a proxy that reads along, name a file with \
                 its certificate in `SSL_CERT_FILE`",
                )
            }
            Self::Certificate { .. } => Some("look at the address, and at the clock here"),
            Self::Unreachable { .. } => Some(
                "look at the address and the network; a proxy is named by `HTTPS_PROXY`, what needs \
                 none by `NO_PROXY`",
            ),
            Self::Insecure { .. } => Some("look at the address: its port may speak no TLS"),
            Self::Slow { .. } => Some("allow more time with `--timeout`"),
            Self::Pause { .. } => Some("run it again later"),
            Self::Setup(_) | Self::TooLarge { .. } => None,
        }
    }
}

/// What TLS says, if that is what failed.
fn tls(error: &(dyn Error + 'static)) -> Option<rustls::Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found.clone());
        }
        // Such an error shows what is in it, and as its cause the cause of that.
        let inside = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        cause = match inside {
            Some(inside) => Some(inside),
            None => error.source(),
        };
    }
    None
}

/// What the reader of a certificate says, without its vocabulary and without names that whoever
/// answered made up.
fn why(problem: &CertificateError) -> String {
    use CertificateError as Problem;
    if *problem == Problem::UnknownIssuer {
        "none of the trusted authorities has signed it".to_owned()
    } else if matches!(problem, Problem::Expired | Problem::ExpiredContext { .. }) {
        "it has expired".to_owned()
    } else if matches!(
        problem,
        Problem::NotValidForName | Problem::NotValidForNameContext { .. }
    ) {
        "it belongs to another name".to_owned()
    } else {
        problem.to_string()
    }
}

fn root(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
