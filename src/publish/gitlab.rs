//! GitLab's REST API: notes of merge requests.

use super::marker::Key;
use super::sticky::{Comment, Thread};
use super::{Hints, Options, PublishError, PullRequest};

/// One project on GitLab.
pub(super) struct GitLab {}

impl GitLab {
    pub(super) fn new(_options: &Options) -> Result<Self, PublishError> {
        Ok(Self {})
    }

    #[expect(clippy::unused_async, reason = "to be written")]
    pub(super) async fn pull_request(
        &self,
        _hints: &Hints,
    ) -> Result<Option<PullRequest>, PublishError> {
        Ok(None)
    }

    pub(super) fn thread(&self, request: &PullRequest) -> Conversation {
        Conversation {
            number: request.number,
        }
    }
}

/// The conversation of one pull request.
pub(super) struct Conversation {
    number: u64,
}

impl Thread for Conversation {
    async fn ours(&self, _key: &Key) -> Result<Vec<Comment>, PublishError> {
        let _ = self.number;
        Err(PublishError::NotFound)
    }

    async fn create(&self, _body: &str) -> Result<Comment, PublishError> {
        Err(PublishError::NotFound)
    }

    async fn update(&self, _id: u64, _body: &str) -> Result<Comment, PublishError> {
        Err(PublishError::NotFound)
    }

    async fn delete(&self, _id: u64) -> Result<(), PublishError> {
        Err(PublishError::NotFound)
    }
}
