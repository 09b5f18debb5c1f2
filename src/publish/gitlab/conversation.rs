//! The notes of one merge request.

use std::fmt::Write as _;

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::super::PublishError;
use super::super::marker::{Key, is_marked};
use super::super::sticky::{Comment, Conversation};
use super::{GitLab, answer};

/// The conversation of one merge request.
pub(in super::super) struct Notes<'forge> {
    pub(super) gitlab: &'forge GitLab,
    pub(super) number: u64,
}

/// What is read of a note.
#[derive(Deserialize)]
struct Note {
    id: u64,
    body: Option<String>,
    author: Option<User>,
    /// Whether GitLab itself tells of something that happened.
    system: Option<bool>,
}

#[derive(Deserialize)]
struct User {
    id: u64,
}

impl GitLab {
    /// Whose notes are ours. The token of a project or group belongs to a user of its own.
    async fn identity(&self) -> Result<u64, PublishError> {
        if let Some(known) = self.identity.get() {
            return Ok(*known);
        }
        let asked: Result<User, _> = self.get("user").await;
        // The token may be good for notes and not for this.
        if let Err(PublishError::ReadOnly | PublishError::NotFound) = asked {
            return Err(PublishError::Authorship);
        }
        let user = asked?;
        Ok(*self.identity.get_or_init(|| user.id))
    }
}

impl Notes<'_> {
    fn notes(&self) -> String {
        let (project, number) = (&self.gitlab.project, self.number);
        format!("projects/{project}/merge_requests/{number}/notes")
    }

    fn comment(&self, note: Note) -> Comment {
        let page = self.gitlab.page.get();
        Comment {
            id: note.id,
            body: note.body.unwrap_or_default(),
            url: page.map(|page| format!("{page}#note_{}", note.id)),
        }
    }

    async fn write(&self, method: Method, path: &str, body: &str) -> Result<Comment, PublishError> {
        let body = json!({ "body": without_quick_actions(body) });
        let answer = self.gitlab.send(method, path, Some(body)).await?;
        Ok(self.comment(answer::read(&answer)?))
    }
}

impl Conversation for Notes<'_> {
    async fn ours(&self, key: &Key) -> Result<Vec<Comment>, PublishError> {
        let mut marked: Vec<Note> = Vec::new();
        let take = |note: Note| {
            let body = note.body.as_deref().unwrap_or_default();
            if note.system != Some(true) && is_marked(body, key) {
                marked.push(note);
            }
        };
        let sorted = "sort=asc&order_by=created_at";
        self.gitlab.list(&self.notes(), sorted, take).await?;
        if !marked.is_empty() {
            let us = self.gitlab.identity().await?;
            marked.retain(|note| note.author.as_ref().is_some_and(|author| author.id == us));
        }
        marked.sort_by_key(|note| note.id);
        marked.dedup_by_key(|note| note.id);
        Ok(marked.into_iter().map(|note| self.comment(note)).collect())
    }

    async fn create(&self, body: &str) -> Result<Comment, PublishError> {
        self.write(Method::POST, &self.notes(), body).await
    }

    async fn update(&self, id: u64, body: &str) -> Result<Comment, PublishError> {
        let path = format!("{}/{id}", self.notes());
        self.write(Method::PUT, &path, body).await
    }

    async fn delete(&self, id: u64) -> Result<(), PublishError> {
        let path = format!("{}/{id}", self.notes());
        match self.gitlab.send(Method::DELETE, &path, None).await {
            Ok(_) | Err(PublishError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// The same text without a line that starts with `/`, which GitLab might carry out (`/merge`).
///
/// The renderers write none outside of code. But GitLab's older versions tell code by a regular
/// expression that knows three backticks only, so that longer fences and tildes don't protect what
/// they hold (`lib/gitlab/quick_actions/extractor.rb`). One blank before it is enough, and in code
/// it is all that changes.
fn without_quick_actions(body: &str) -> String {
    let mut safe = String::with_capacity(body.len() + 16);
    for line in body.split_inclusive('\n') {
        let blank = if line.trim_start_matches('\r').starts_with('/') {
            " "
        } else {
            ""
        };
        let _ = write!(safe, "{blank}{line}");
    }
    safe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_line_starts_with_a_slash() {
        let body = "/close\na /b\n~~~\n/merge now\n\r/label ~x\r\n~~~\n";
        let safe = " /close\na /b\n~~~\n /merge now\n \r/label ~x\r\n~~~\n";
        assert_eq!(without_quick_actions(body), safe);
        assert_eq!(without_quick_actions("plain\n"), "plain\n");
    }

    proptest! {
        #[test]
        fn nothing_is_left_to_carry_out(body in "[/a \r\n`~]{0,40}") {
            // GitLab takes carriage returns out before it looks.
            let seen = without_quick_actions(&body).replace('\r', "");
            prop_assert!(!seen.lines().any(|line| line.starts_with('/')), "{seen:?}");
            let words = |text: &str| text.replace(' ', "");
            prop_assert_eq!(words(&without_quick_actions(&body)), words(&body));
        }
    }
}
