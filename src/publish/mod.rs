//! Finished texts and remarks in, places where people look: the one comment of a pull request on
//! GitHub or GitLab, annotations, the job's summary and outputs.
//!
//! What the texts say is `report`'s; whose pull request it is, `ci`'s. Nothing here changes a
//! verdict: what can't be published is an error value, and whoever calls goes on without it.

mod error;
mod files;
mod github;
mod gitlab;
mod marker;
mod outputs;
mod sticky;
mod token;
mod workflow_command;

use crate::http;
pub use error::PublishError;
pub use files::{append_summary, write_outputs};
use github::GitHub;
pub use gitlab::GITLAB_TOKEN;
use gitlab::GitLab;
use marker::Key;
pub use outputs::Output;
pub use sticky::{Done, Posted, Wish, preview};
pub use token::Token;
pub use workflow_command::workflow_commands;

/// The most pages of 100 that are read of anything.
const MOST_PAGES: usize = 300;

/// A place that holds pull requests, or merge requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forge {
    /// github.com or a GitHub Enterprise Server.
    GitHub,
    /// gitlab.com or one's own GitLab.
    GitLab,
}

/// Where to publish, and as whom.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which API is spoken.
    pub forge: Forge,
    /// GitHub: `owner/name`. GitLab: the project's number or `group/name`.
    pub repository: String,
    /// The API's address, without a slash at the end: `https://api.github.com`,
    /// `https://gitlab.com/api/v4`.
    pub api: String,
    /// The address of GitHub's GraphQL API; made from `api` where it is `None`.
    pub graphql: Option<String>,
    /// Proves who we are.
    pub token: Token,
    /// Tells our comments of one pull request apart: the same in every run of the same job.
    pub key: String,
    /// How requests are sent.
    pub http: http::Options,
}

/// What is known about the pull request before anybody asks the forge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// Its number.
    pub number: Option<u64>,
    /// How sure it is that `number` and `commit` belong together.
    pub certainty: Certainty,
    /// The commit that was judged.
    pub commit: Option<String>,
    /// The repository that the branch lies in: `owner/name`.
    pub head_repository: Option<String>,
    /// The branch that was judged.
    pub branch: Option<String>,
}

/// How sure it is that a commit is what a pull request is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Certainty {
    /// Nobody says so: the forge has to confirm it.
    #[default]
    Unknown,
    /// The CI system said so when the pipeline's event happened. Since then somebody may have pushed,
    /// so the forge is asked; where the token may not look, the event counts.
    Then,
    /// Whatever the pull request's newest commit is, there is no need to ask.
    Always,
}

/// A pull request that may be commented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// Its newest commit, which is the one that was judged.
    pub head: Option<String>,
    /// Other pull requests, open too, with the same newest commit.
    pub others: Vec<u64>,
}

/// Our comment as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its page.
    pub url: Option<String>,
    /// What the comment was told to remember; `None` if somebody has changed it.
    pub memory: Option<String>,
}

/// Publishes to one forge.
pub struct Publisher {
    forge: Connection,
    key: Key,
}

enum Connection {
    GitHub(GitHub),
    GitLab(GitLab),
}

impl Publisher {
    /// Connects; nothing is sent yet.
    ///
    /// # Errors
    /// When the address or the repository's name makes no sense, or TLS can't be set up.
    pub fn new(options: &Options) -> Result<Self, PublishError> {
        let forge = match options.forge {
            Forge::GitHub => Connection::GitHub(GitHub::new(options)?),
            Forge::GitLab => Connection::GitLab(GitLab::new(options)?),
        };
        let key = Key::of(&options.key);
        Ok(Self { forge, key })
    }

    /// The pull request that `hints` lead to; `None` if there is none, as for a branch that nobody
    /// has proposed.
    ///
    /// # Errors
    /// When the forge can't be asked, or when the pull request's newest commit is not the judged one.
    pub async fn pull_request(&self, hints: &Hints) -> Result<Option<PullRequest>, PublishError> {
        match &self.forge {
            Connection::GitHub(github) => github.pull_request(hints).await,
            Connection::GitLab(gitlab) => gitlab.pull_request(hints).await,
        }
    }

    /// Brings our comment on it up to date. `decide` is told what is there, and says what the comment
    /// should be; `None` leaves everything as it is. It is asked again where somebody has changed the
    /// comment meanwhile. `None` if nothing is ours to say.
    ///
    /// # Errors
    /// When the forge refuses, or nobody can tell which comments are ours.
    pub async fn bring_up_to_date(
        &self,
        pull_request: &PullRequest,
        decide: impl FnMut(Option<&Found>) -> Option<Wish>,
    ) -> Result<Option<Posted>, PublishError> {
        match &self.forge {
            Connection::GitHub(github) => {
                sticky::bring_up_to_date(&github.conversation(pull_request), &self.key, decide)
                    .await
            }
            Connection::GitLab(gitlab) => {
                sticky::bring_up_to_date(&gitlab.conversation(pull_request), &self.key, decide)
                    .await
            }
        }
    }
}
