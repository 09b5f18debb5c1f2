//! The comments of one pull request on GitHub.

use super::super::PublishError;
use super::super::marker::{Key, is_marked};
use super::super::sticky::{Comment, Thread};
use super::{GitHub, understood};

/// The conversation of one pull request.
pub(in super::super) struct Conversation<'forge> {
    pub(super) github: &'forge GitHub,
    pub(super) number: u64,
}

fn comment(found: octocrab::models::issues::Comment) -> Comment {
    Comment {
        id: *found.id,
        body: found.body.unwrap_or_default(),
        url: Some(found.html_url.into()),
    }
}

impl Thread for Conversation<'_> {
    async fn ours(&self, key: &Key) -> Result<Vec<Comment>, PublishError> {
        let (owner, name) = (&self.github.owner, &self.github.name);
        let issues = self.github.api.issues(owner, name);
        let first = issues.list_comments(self.number).per_page(100).send().await;
        let page = first.map_err(understood)?;
        let all = self.github.api.all_pages(page).await.map_err(understood)?;
        let mut marked: Vec<Comment> = all.into_iter().map(comment).collect();
        marked.retain(|comment| is_marked(&comment.body, key));
        marked.sort_by_key(|comment| comment.id);
        Ok(marked)
    }

    async fn create(&self, body: &str) -> Result<Comment, PublishError> {
        let issues = self
            .github
            .api
            .issues(&self.github.owner, &self.github.name);
        let made = issues.create_comment(self.number, body).await;
        made.map(comment).map_err(understood)
    }

    async fn update(&self, id: u64, body: &str) -> Result<Comment, PublishError> {
        let issues = self
            .github
            .api
            .issues(&self.github.owner, &self.github.name);
        let changed = issues.update_comment(id.into(), body).await;
        changed.map(comment).map_err(understood)
    }

    async fn delete(&self, id: u64) -> Result<(), PublishError> {
        let issues = self
            .github
            .api
            .issues(&self.github.owner, &self.github.name);
        match issues.delete_comment(id.into()).await.map_err(understood) {
            Ok(()) | Err(PublishError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
