//! GitHub's REST API, by octocrab over our own HTTP client.

mod advice;
mod conversation;
mod lookup;
mod refusal;
mod send;

use octocrab::{AuthState, Octocrab, OctocrabBuilder};

use super::{Options, PublishError, PullRequest};
use crate::model::owner_and_name;
pub(super) use advice::hint;
use conversation::IssueComments;
use refusal::understood;
use send::Sender;

/// One repository on GitHub.
pub(super) struct GitHub {
    api: Octocrab,
    owner: String,
    name: String,
    /// Where GraphQL is spoken.
    graphql: String,
}

impl GitHub {
    /// Needs a tokio runtime.
    pub(super) fn new(options: &Options) -> Result<Self, PublishError> {
        let named = owner_and_name(&options.repository);
        let (owner, name) = named.ok_or_else(|| PublishError::Malformed {
            text: options.repository.clone(),
            expected: "a repository as `owner/name`",
        })?;
        let sender = Sender::new(options)?;
        let graphql = sender.graphql();
        // Without octocrab's layers: what they complete is completed in one place, which sees every
        // address before the token goes there.
        let api = OctocrabBuilder::new_empty()
            .with_service(tower::service_fn(move |request| {
                sender.clone().send(request)
            }))
            .with_auth(AuthState::None)
            .build()
            .unwrap_or_else(|never| match never {});
        Ok(Self {
            api,
            owner: owner.to_owned(),
            name: name.to_owned(),
            graphql,
        })
    }

    pub(super) fn conversation(&self, pull_request: &PullRequest) -> IssueComments<'_> {
        IssueComments {
            github: self,
            number: pull_request.number,
        }
    }
}
