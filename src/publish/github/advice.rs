//! What to do where GitHub does not let us publish.

use super::super::PublishError;

/// What a workflow that comments has to be given.
const PERMISSIONS: &str = "the workflow needs

permissions:
  contents: read
  pull-requests: write";

const TOKEN: &str = "in a workflow, `GITHUB_TOKEN: ${{ github.token }}` is enough";

const SIGHT: &str = "look at `--repository` and `--pull-request`, and at what the token may see";

const IDENTITY: &str =
    "give the workflow's own token, `${{ github.token }}`: GitHub tells it what it wrote";

const LOCKED: &str = "unlock the conversation, and the next run comments";

const MOVED: &str = "the run of the newest commit comments";

/// What the user can do about `error`.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the others say enough by themselves"
)]
pub(in super::super) fn hint(error: &PublishError) -> Option<&'static str> {
    match error {
        PublishError::ReadOnly => Some(PERMISSIONS),
        PublishError::Unauthorized => Some(TOKEN),
        PublishError::NotFound => Some(SIGHT),
        PublishError::Authorship => Some(IDENTITY),
        PublishError::Locked => Some(LOCKED),
        PublishError::Moved { .. } => Some(MOVED),
        _ => None,
    }
}
