//! Which pull request a commit belongs to.

use super::super::{Hints, PublishError, PullRequest};
use super::GitHub;

impl GitHub {
    /// The pull request that `hints` lead to.
    #[expect(
        clippy::unused_async,
        reason = "asks GitHub once the lookup is written"
    )]
    pub(in super::super) async fn pull_request(
        &self,
        hints: &Hints,
    ) -> Result<Option<PullRequest>, PublishError> {
        let _ = &self.graphql;
        Ok(hints.number.map(|number| PullRequest {
            number,
            head: hints.commit.clone(),
        }))
    }
}
