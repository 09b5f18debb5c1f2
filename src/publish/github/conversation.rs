//! The comments of one pull request on GitHub.
//!
//! Which of them are ours is not told by the marker, which anybody can copy, nor by a name: a token of
//! GitHub Actions can't ask who it is. GraphQL tells of each comment whether whoever asks wrote it.

use std::collections::BTreeSet;

use http::Uri;
use octocrab::Page;
use serde::Deserialize;
use serde_json::json;

use super::super::marker::{Key, is_marked};
use super::super::sticky::{Comment, Conversation};
use super::super::{MOST_PAGES, PublishError};
use super::{GitHub, understood};

/// The most bytes of a comment: GitHub takes 65,536 characters.
const MOST_BYTES: usize = 4 * 65_536;

/// The most comments with our marker that anybody is asked about.
const MOST_CANDIDATES: usize = 1_000;

/// The most that GraphQL tells about at once.
const MOST_NODES: usize = 100;

const QUERY: &str = "query($ids: [ID!]!) \
                     { nodes(ids: $ids) { ... on IssueComment { id viewerDidAuthor } } }";

/// The conversation of one pull request.
pub(in super::super) struct IssueComments<'forge> {
    pub(super) github: &'forge GitHub,
    pub(super) number: u64,
}

/// The part of a comment that we look at: GitHub says more, and not always.
#[derive(Deserialize)]
struct Row {
    id: u64,
    /// Its name in GraphQL, which copies of GitHub don't have.
    node_id: Option<String>,
    body: Option<String>,
    html_url: Option<String>,
    user: Option<User>,
}

#[derive(Deserialize)]
struct User {
    id: u64,
}

#[derive(Deserialize)]
struct Told {
    data: Option<Nodes>,
    #[serde(default)]
    errors: Vec<Failure>,
}

#[derive(Deserialize)]
struct Nodes {
    nodes: Option<Vec<Option<Node>>>,
}

/// Empty for what is no comment.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    id: Option<String>,
    viewer_did_author: Option<bool>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl From<Row> for Comment {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            body: row.body.unwrap_or_default(),
            url: row.html_url,
        }
    }
}

impl IssueComments<'_> {
    fn repository(&self) -> String {
        format!("/repos/{}/{}", self.github.owner, self.github.name)
    }

    /// All comments with the marker, whoever wrote them.
    async fn marked(&self, key: &Key) -> Result<Vec<Row>, PublishError> {
        let mut rows = Vec::new();
        let (repository, number) = (self.repository(), self.number);
        let mut address = format!("{repository}/issues/{number}/comments?per_page=100");
        let mut seen = BTreeSet::new();
        while seen.insert(address.clone()) {
            if seen.len() > MOST_PAGES {
                return Err(PublishError::TooMany { pages: MOST_PAGES });
            }
            let page = self.github.api.get(&address, None::<&()>).await;
            let page: Page<Row> = page.map_err(understood)?;
            // The others are dropped at once: there may be thousands.
            let is_candidate = |row: &Row| {
                let body = row.body.as_deref().unwrap_or_default();
                body.len() <= MOST_BYTES && is_marked(body, key)
            };
            rows.extend(page.items.into_iter().filter(is_candidate));
            if rows.len() > MOST_CANDIDATES {
                return Err(PublishError::Authorship);
            }
            match page.next {
                Some(next) => address = Uri::to_string(&next),
                None => return Ok(rows),
            }
        }
        Err(PublishError::Circle)
    }

    /// The node ids of those `rows` that we wrote; `None` if GraphQL can't tell.
    async fn written_by_us(&self, rows: &[Row]) -> Result<Option<BTreeSet<String>>, PublishError> {
        let (mut ours, mut is_partial) = (BTreeSet::new(), false);
        for rows in rows.chunks(MOST_NODES) {
            let ids: Option<Vec<&str>> = rows.iter().map(|row| row.node_id.as_deref()).collect();
            let Some(ids) = ids else {
                return Ok(None);
            };
            let question = json!({"query": QUERY, "variables": {"ids": ids}});
            let api = &self.github.api;
            let told = api.post(&self.github.graphql, Some(&question)).await;
            let told: Told = told.map_err(understood)?;
            let is_kind = |failure: &Failure, kind| failure.kind.as_deref() == Some(kind);
            if told
                .errors
                .iter()
                .any(|failure| is_kind(failure, "RATE_LIMITED"))
            {
                return Err(PublishError::RateLimited);
            }
            // What is not found was deleted since it was listed; what is forbidden may be anybody's.
            let is_of_one =
                |failure: &&Failure| is_kind(failure, "NOT_FOUND") || is_kind(failure, "FORBIDDEN");
            if !told.errors.iter().all(|failure| is_of_one(&failure)) {
                return Ok(None);
            }
            is_partial |= told
                .errors
                .iter()
                .any(|failure| is_kind(failure, "FORBIDDEN"));
            let Some(nodes) = told.data.and_then(|data| data.nodes) else {
                return Ok(None);
            };
            for node in nodes.into_iter().flatten() {
                match (node.id, node.viewer_did_author) {
                    (Some(id), Some(true)) => {
                        ours.insert(id);
                    }
                    (Some(_), Some(false)) => {}
                    _ => return Ok(None),
                }
            }
        }
        Ok(Some(ours).filter(|ours| !(is_partial && ours.is_empty())))
    }

    /// Our number as a user; not for the token of an app, which is none.
    async fn our_number(&self) -> Result<u64, PublishError> {
        let user: octocrab::Result<User> = self.github.api.get("/user", None::<&()>).await;
        user.map(|user| user.id).map_err(understood)
    }
}

/// Whether `error` is about us and the service, not about what was asked: to ask in another way does
/// not help.
fn says_enough(error: &PublishError) -> bool {
    matches!(
        error,
        PublishError::Http(_) | PublishError::Unauthorized | PublishError::RateLimited
    )
}

impl Conversation for IssueComments<'_> {
    async fn ours(&self, key: &Key) -> Result<Vec<Comment>, PublishError> {
        let mut rows = self.marked(key).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        match self.written_by_us(&rows).await {
            Ok(Some(ours)) => {
                let is_ours = |id: &String| ours.contains(id);
                rows.retain(|row| row.node_id.as_ref().is_some_and(is_ours));
            }
            Err(error) if says_enough(&error) => return Err(error),
            // Not every GitHub has GraphQL, or lets this token use it.
            told => {
                let number = match (self.our_number().await, told) {
                    (Ok(number), _) => number,
                    (Err(error), _) if says_enough(&error) => return Err(error),
                    (Err(_), Err(error)) if error.is_passing() => return Err(error),
                    (Err(_), _) => return Err(PublishError::Authorship),
                };
                rows.retain(|row| row.user.as_ref().is_some_and(|user| user.id == number));
            }
        }
        rows.sort_by_key(|row| row.id);
        Ok(rows.into_iter().map(Comment::from).collect())
    }

    async fn create(&self, body: &str) -> Result<Comment, PublishError> {
        let address = format!("{}/issues/{}/comments", self.repository(), self.number);
        let text = json!({"body": body});
        let made: octocrab::Result<Row> = self.github.api.post(address, Some(&text)).await;
        made.map(Comment::from).map_err(understood)
    }

    async fn update(&self, id: u64, body: &str) -> Result<Comment, PublishError> {
        let address = format!("{}/issues/comments/{id}", self.repository());
        let text = json!({"body": body});
        let changed: octocrab::Result<Row> = self.github.api.patch(address, Some(&text)).await;
        match changed.map(Comment::from).map_err(understood) {
            // Whether the whole conversation is closed to us, listing it again will tell.
            Err(PublishError::Disabled) => Err(PublishError::NotFound),
            result => result,
        }
    }

    async fn delete(&self, id: u64) -> Result<(), PublishError> {
        let issues = self
            .github
            .api
            .issues(&self.github.owner, &self.github.name);
        match issues.delete_comment(id.into()).await.map_err(understood) {
            Ok(()) | Err(PublishError::NotFound | PublishError::Disabled) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
