//! Why there is no answer.

use std::time::Duration;

/// A request that got no answer. Any answer at all, 404 or 500 too, is a value.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The client could not be made.
    #[error("the HTTPS client can't be set up")]
    Setup(#[source] reqwest::Error),
    /// No usable answer: the name is not known, the connection failed or ended early.
    #[error("{host} can't be reached")]
    Unreachable {
        /// Whom we asked.
        host: String,
        /// What happened.
        #[source]
        source: reqwest::Error,
    },
    /// No answer within the limit of one request.
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
