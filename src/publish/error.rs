//! Why something could not be published, and what the user can do about it.

use std::time::Duration;

use super::{Forge, github, gitlab};
use crate::http::HttpError;

/// Something was not published. The verdict stays what it was.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The repository's name or the API's address makes no sense.
    #[error("`{text}` is not {expected}")]
    Malformed {
        /// What was given.
        text: String,
        /// What it should be.
        expected: &'static str,
    },
    /// There was no answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The token is not valid (any more).
    #[error("the token is not accepted")]
    Unauthorized,
    /// The token may read, not write: a fork's pull request, Dependabot, or a missing permission.
    #[error("the token may not write comments")]
    ReadOnly,
    /// Neither the pull request nor the repository is visible for this token.
    #[error("there is no such pull request, or the token may not see it")]
    NotFound,
    /// Somebody has locked the conversation.
    #[error("the conversation is locked")]
    Locked,
    /// The repository takes no comments.
    #[error("the repository takes no comments")]
    Disabled,
    /// The service wants no more requests for now.
    #[error("the rate limit is reached")]
    RateLimited,
    /// There are comments with our marker, and it can't be told whether we wrote them.
    #[error("it can't be told which comments are ours")]
    Authorship,
    /// The pull request has another newest commit than the one that was judged.
    #[error("pull request {number} is at {head} by now, this run was of {judged}")]
    Moved {
        /// The pull request.
        number: u64,
        /// Its newest commit.
        head: String,
        /// The judged commit.
        judged: String,
    },
    /// Nothing tells which commit was judged, so it can't be told whether it is the pull request's.
    #[error("nothing tells which commit was judged")]
    NoCommit,
    /// An answer that is not what the service's documentation says.
    #[error("the service's answer can't be understood: {message}")]
    Garbled {
        /// What is wrong with it.
        message: String,
    },
    /// A list that is longer than anything we read.
    #[error("the list of the service has more than {pages} pages")]
    TooMany {
        /// How many pages are read.
        pages: usize,
    },
    /// A list whose pages have no end.
    #[error("a page of the service's list leads back to an earlier one")]
    Circle,
    /// An answer that leads to another host, which must not see the token.
    #[error("the service sends us to {host}, which is not its own address")]
    Elsewhere {
        /// Where to.
        host: String,
    },
    /// All requests and pauses together took too long.
    #[error("that took longer than {} s", .limit.as_secs())]
    Late {
        /// The limit.
        limit: Duration,
    },
    /// Nothing can be sent from here.
    #[error("requests can't be sent")]
    Runtime(#[source] std::io::Error),
    /// Not even the shortest text is accepted.
    #[error("the comment is too long")]
    TooLong,
    /// GitLab's job token was given, which can't write.
    #[error("`CI_JOB_TOKEN` can't write merge request notes")]
    JobToken,
    /// An answer that we have no words for.
    #[error("the service answered {status}: {message}")]
    Unexpected {
        /// The HTTP status.
        status: u16,
        /// What it says.
        message: String,
    },
    /// A command file of the runner can't be written.
    #[error("`{name}` can't be written")]
    File {
        /// The variable that names the file.
        name: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl PublishError {
    /// What the user can do about it, in words for the user.
    #[must_use]
    pub fn hint(&self, forge: Forge) -> Option<&'static str> {
        if let Self::Http(error) = self {
            return error.hint();
        }
        match forge {
            Forge::GitHub => github::hint(self),
            Forge::GitLab => gitlab::hint(self),
        }
    }

    /// Whether the same may work soon, and what was asked for may even have been done.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Http(error) => matches!(
                error,
                HttpError::Unreachable { .. } | HttpError::Slow { .. } | HttpError::TooLarge { .. }
            ),
            Self::Unexpected { status, .. } => *status >= 500,
            Self::RateLimited | Self::Garbled { .. } => true,
            Self::Malformed { .. }
            | Self::Unauthorized
            | Self::ReadOnly
            | Self::NotFound
            | Self::Locked
            | Self::Disabled
            | Self::Authorship
            | Self::Moved { .. }
            | Self::NoCommit
            | Self::TooMany { .. }
            | Self::Circle
            | Self::Elsewhere { .. }
            | Self::Late { .. }
            | Self::Runtime(_)
            | Self::TooLong
            | Self::JobToken
            | Self::File { .. } => false,
        }
    }
}
