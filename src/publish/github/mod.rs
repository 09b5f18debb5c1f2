//! GitHub's REST API, by octocrab over our own HTTP client.

mod advice;
mod conversation;
mod lookup;
mod refusal;
mod send;

use octocrab::{AuthState, Octocrab, OctocrabBuilder};

use super::{Options, PublishError, PullRequest};
pub(super) use advice::hint;
use conversation::Conversation;
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
        let (owner, name) = options
            .repository
            .split_once('/')
            .filter(|(owner, name)| is_name(owner) && is_name(name))
            .ok_or_else(|| PublishError::Malformed {
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

    pub(super) fn thread(&self, request: &PullRequest) -> Conversation<'_> {
        Conversation {
            github: self,
            number: request.number,
        }
    }
}

/// What names of owners and repositories are made of.
fn is_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !text.is_empty()
        && text.len() <= 100
        && text.bytes().all(is_letter)
        && ![".", ".."].contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_lead_nowhere_else_in_the_api() {
        for name in ["octocat", "a.b_c-d", "..."] {
            assert!(is_name(name), "{name}");
        }
        for bad in [
            "",
            ".",
            "..",
            "a/b",
            "a?b",
            "a#b",
            "a b",
            "ä",
            "%2e",
            &"a".repeat(101),
        ] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
