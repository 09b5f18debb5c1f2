//! Which pull request a commit belongs to.
//!
//! Only the newest commit of a pull request counts: a verdict about an older one is no news to
//! anybody, and one about a stranger's commit must not stand below somebody else's change.

use serde::{Deserialize, Serialize};

use super::super::{Certainty, Hints, PublishError, PullRequest};
use super::{GitHub, understood};
use crate::model::short_commit;

/// What is read of a pull request
/// (<https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request>). octocrab's own model wants
/// fields that not every server sends that speaks this API.
#[derive(Deserialize)]
struct Proposed {
    number: u64,
    state: String,
    head: Side,
    base: Side,
    /// Of an open one the merge by which GitHub tries it out; of a merged one what it became.
    merge_commit_sha: Option<String>,
}

#[derive(Deserialize)]
struct Side {
    sha: String,
    /// Gone with a fork that was deleted.
    repo: Option<Repository>,
}

#[derive(Deserialize)]
struct Repository {
    full_name: String,
}

/// What a list is asked for. octocrab writes it as a query, so that no branch can say more.
#[derive(Serialize)]
struct Filter {
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<String>,
    per_page: u8,
}

impl GitHub {
    /// The pull request that `hints` lead to.
    pub(in super::super) async fn pull_request(
        &self,
        hints: &Hints,
    ) -> Result<Option<PullRequest>, PublishError> {
        let told = |number| PullRequest {
            number,
            head: hints.commit.clone(),
            others: Vec::new(),
        };
        match (hints.number, hints.commit.as_deref()) {
            (Some(number), _) if hints.certainty == Certainty::Always => Ok(Some(told(number))),
            (Some(number), Some(commit)) => match self.verified(number, commit).await {
                // A token may be good for comments and not for this.
                Err(error) if hints.certainty == Certainty::Then && is_hidden(&error) => {
                    Ok(Some(told(number)))
                }
                verified => verified.map(Some),
            },
            (None, Some(commit)) if is_commit(commit) => self.looked_up(commit, hints).await,
            (_, _) => Err(PublishError::NoCommit),
        }
    }

    /// The number is named, so it may be closed by now: its readers still want to know.
    async fn verified(&self, number: u64, judged: &str) -> Result<PullRequest, PublishError> {
        let route = format!("/repos/{}/{}/pulls/{number}", self.owner, self.name);
        let found: Proposed = self.api.get(route, None::<&()>).await.map_err(understood)?;
        if found.is_at(judged) {
            return Ok(found.into());
        }
        Err(PublishError::Moved {
            number,
            head: short_commit(&found.head.sha).to_owned(),
            judged: short_commit(judged).to_owned(),
        })
    }

    /// By the commit, and where that leads nowhere, as for a fork's, by the branch.
    async fn looked_up(
        &self,
        commit: &str,
        hints: &Hints,
    ) -> Result<Option<PullRequest>, PublishError> {
        let filter = Filter {
            state: None,
            head: None,
            per_page: 100,
        };
        let of_commit = format!("commits/{commit}/pulls");
        let found = match self.list(&of_commit, &filter).await {
            Ok(found) => found,
            // The server does not know the commit.
            Err(PublishError::Unexpected { status: 422, .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        let own = format!("{}/{}", self.owner, self.name);
        let home = hints.head_repository.as_deref().unwrap_or(&own);
        let place = Place { own: &own, home };
        if let Some(request) = place.newest(found, commit) {
            return Ok(Some(request));
        }
        let (true, Some((owner, _)), Some(branch)) =
            (place.is_fork(), home.split_once('/'), &hints.branch)
        else {
            return Ok(None);
        };
        let filter = Filter {
            state: Some("open"),
            head: Some(format!("{owner}:{branch}")),
            per_page: 100,
        };
        let found = self.list("pulls", &filter).await?;
        Ok(place.newest(found, commit))
    }

    /// The first page only: nobody proposes one commit more than a hundred times.
    async fn list(&self, what: &str, filter: &Filter) -> Result<Vec<Proposed>, PublishError> {
        let route = format!("/repos/{}/{}/{what}", self.owner, self.name);
        self.api.get(route, Some(filter)).await.map_err(understood)
    }
}

/// Two repositories: where pull requests are looked for, and where the judged branch lies.
struct Place<'a> {
    own: &'a str,
    home: &'a str,
}

impl Place<'_> {
    fn is_fork(&self) -> bool {
        !self.own.eq_ignore_ascii_case(self.home)
    }

    /// Of those that are open, ours and at `commit`, the one that was proposed last, from `home` if
    /// there is one. Anybody can propose somebody else's commit once more, from a fork: that must
    /// not draw the comment there. A fork's results in turn are for its own pull request only.
    fn newest(&self, found: Vec<Proposed>, commit: &str) -> Option<PullRequest> {
        let fits = |one: &Proposed| {
            one.state == "open"
                && one.base.is_in(self.own)
                && one.is_at(commit)
                && (one.head.is_in(self.home) || !self.is_fork())
        };
        let mut fitting: Vec<Proposed> = found.into_iter().filter(fits).collect();
        fitting.sort_by_key(|one| (one.head.is_in(self.home), one.number));
        let newest = fitting.pop()?;
        let mut others: Vec<u64> = fitting.iter().map(|one| one.number).collect();
        others.sort_unstable();
        Some(PullRequest {
            others,
            ..newest.into()
        })
    }
}

impl Side {
    fn is_in(&self, name: &str) -> bool {
        let repository = self.repo.as_ref();
        repository.is_some_and(|repository| repository.full_name.eq_ignore_ascii_case(name))
    }
}

impl Proposed {
    fn is_at(&self, commit: &str) -> bool {
        self.head.sha == commit || self.merge_commit_sha.as_deref() == Some(commit)
    }
}

impl From<Proposed> for PullRequest {
    fn from(found: Proposed) -> Self {
        Self {
            number: found.number,
            head: Some(found.head.sha),
            others: Vec::new(),
        }
    }
}

/// Whether the token may not see what was asked for.
fn is_hidden(error: &PublishError) -> bool {
    matches!(
        error,
        PublishError::ReadOnly
            | PublishError::NotFound
            | PublishError::Unexpected { status: 403, .. }
    )
}

/// What may stand in the middle of an address.
fn is_commit(text: &str) -> bool {
    [40, 64].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
