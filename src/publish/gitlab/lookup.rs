//! Which merge request it is.

use std::cmp::Reverse;

use serde::Deserialize;

use super::super::{Certainty, Hints, PublishError, PullRequest};
use super::{GitLab, encode};
use crate::model::short_commit;

/// What is read of a merge request.
#[derive(Deserialize)]
struct MergeRequest {
    iid: u64,
    /// Its newest commit. GitLab takes a moment to know it.
    sha: Option<String>,
    web_url: Option<String>,
    source_project_id: Option<u64>,
    target_project_id: Option<u64>,
}

impl GitLab {
    /// The merge request that `hints` lead to.
    ///
    /// Its page is remembered, since a note doesn't tell its own address.
    pub(in super::super) async fn pull_request(
        &self,
        hints: &Hints,
    ) -> Result<Option<PullRequest>, PublishError> {
        let Some(number) = hints.number else {
            return self.proposed(hints).await;
        };
        let path = format!("projects/{}/merge_requests/{number}", self.project);
        let found: MergeRequest = self.get(&path).await?;
        match hints.certainty {
            Certainty::Always => {}
            // GitLab takes a moment to know it.
            Certainty::Then if found.sha.is_none() => {}
            Certainty::Then | Certainty::Unknown => is_at(&found, hints.commit.as_deref())?,
        }
        let head = hints.commit.clone().or(found.sha);
        self.remember(found.web_url);
        Ok(Some(PullRequest {
            number,
            head,
            others: Vec::new(),
        }))
    }

    /// An open merge request of the branch, if its newest commit is the judged one; of several, as
    /// for two target branches, the one that was opened last. A fork may have a branch of the same
    /// name and the same commit: the project's own branch comes first.
    async fn proposed(&self, hints: &Hints) -> Result<Option<PullRequest>, PublishError> {
        let commit = hints.commit.as_ref().ok_or(PublishError::NoCommit)?;
        let Some(branch) = &hints.branch else {
            return Ok(None);
        };
        let path = format!("projects/{}/merge_requests", self.project);
        let branch = encode(branch);
        let query = format!("state=opened&order_by=created_at&sort=asc&source_branch={branch}");
        let mut all = Vec::new();
        self.list(&path, &query, |found: MergeRequest| {
            if is_at(&found, Some(commit)).is_ok() {
                all.push(found);
            }
        })
        .await?;
        all.sort_by_key(|found| {
            let is_fork = found.source_project_id != found.target_project_id;
            (is_fork, Reverse(found.iid))
        });
        let mut all = all.into_iter();
        Ok(all.next().map(|found| {
            self.remember(found.web_url);
            PullRequest {
                number: found.iid,
                head: Some(commit.clone()),
                others: all.map(|other| other.iid).collect(),
            }
        }))
    }

    fn remember(&self, page: Option<String>) {
        let page = page.filter(|page| page.starts_with("https://") || page.starts_with("http://"));
        if let Some(page) = page {
            let _ = self.page.set(page);
        }
    }
}

fn is_at(found: &MergeRequest, commit: Option<&str>) -> Result<(), PublishError> {
    let judged = commit.ok_or(PublishError::NoCommit)?;
    match &found.sha {
        Some(head) if head.eq_ignore_ascii_case(judged) => Ok(()),
        head => Err(PublishError::Moved {
            number: found.iid,
            head: head
                .as_deref()
                .map_or("an unknown commit", |head| short_commit(head))
                .to_owned(),
            judged: short_commit(judged).to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(sha: &str) -> MergeRequest {
        let text = format!(r#"{{"iid": 7, "sha": {sha}, "added_in_gitlab_99": {{}}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_merge_request_counts_if_its_newest_commit_was_judged() {
        assert!(is_at(&at("\"abc\""), Some("ABC")).is_ok());
        let moved = is_at(&at("\"abc\""), Some("abd")).unwrap_err();
        assert!(matches!(moved, PublishError::Moved { number: 7, .. }));
        let unknown = is_at(&at("null"), Some("abd")).unwrap_err();
        assert!(matches!(unknown, PublishError::Moved { .. }));
        let none = is_at(&at("\"abc\""), None).unwrap_err();
        assert!(matches!(none, PublishError::NoCommit));
    }
}
