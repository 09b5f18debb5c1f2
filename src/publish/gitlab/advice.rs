//! What to do where GitLab takes no note, in its own roles and scopes.

use super::super::PublishError;

/// How to get a token that may write notes
/// (<https://docs.gitlab.com/user/project/settings/project_access_tokens/>).
pub const GITLAB_TOKEN: &str = "\
create a project access token (Settings > Access tokens) with the scope `api` and the role Reporter;
on gitlab.com without a subscription, a personal access token of a user made for this.
Store it as the masked CI/CD variable `SEMTEST_GITLAB_TOKEN` (Settings > CI/CD > Variables).
A protected variable is absent on unprotected branches, and a fork's pipelines get none at all.";

const ROLE: &str = "\
the token needs the scope `api`, and its user at least the role Reporter in the project of the merge
request, which must not be archived";

const SIGHT: &str = "\
GitLab says so too where the token may not look: a project access token sees its own project only,
and in a private project its user needs at least the role Reporter";

const IDENTITY: &str = "the token needs the scope `api`: `GET /user` tells whose notes are ours";

/// What a refusal may mean.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the others say enough by themselves"
)]
pub(in super::super) fn hint(error: &PublishError) -> Option<&'static str> {
    match error {
        PublishError::Unauthorized | PublishError::JobToken => Some(GITLAB_TOKEN),
        PublishError::ReadOnly => Some(ROLE),
        PublishError::NotFound => Some(SIGHT),
        PublishError::Authorship => Some(IDENTITY),
        _ => None,
    }
}
