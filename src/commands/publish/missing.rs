//! Why there is no comment, where there should be one.

use crate::chain::chain;
use crate::cli::PublishArgs;
use crate::model::{Annotation, CiContext, CiSystem, Severity, Trust};
use crate::publish::{self, Forge, GITLAB_TOKEN, PublishError};
use crate::sanitize::Secrets;
use crate::ui::Ui;

use super::super::Place;
use super::target::{Nowhere, token_variables};

/// Why, and what the user can do about it.
pub(super) struct Missing {
    pub(super) reason: String,
    pub(super) hint: Option<String>,
}

impl From<Nowhere> for Missing {
    fn from(nowhere: Nowhere) -> Self {
        let (reason, hint) = match nowhere {
            Nowhere::NoRepository => (
                "nothing here tells the repository; name it with `--repository` and \
                 `--pull-request`"
                    .to_owned(),
                None,
            ),
            Nowhere::EmptyInput => (
                "no token; the input `github_token` is empty".to_owned(),
                None,
            ),
            Nowhere::NoToken(Forge::GitLab) => (
                "no token; GitLab's `CI_JOB_TOKEN` can't write notes".to_owned(),
                Some(GITLAB_TOKEN.to_owned()),
            ),
            Nowhere::NoToken(forge) => {
                let variables = token_variables(forge).join("` or `");
                (format!("no token; set `{variables}`"), None)
            }
        };
        Self { reason, hint }
    }
}

impl Missing {
    /// For what the forge, or the way there, said to us.
    pub(super) fn by(error: &PublishError, forge: Forge, context: &CiContext) -> Self {
        Self {
            reason: chain(error),
            hint: hint(error, forge, context),
        }
    }

    /// Says so in the log and, in GitHub Actions, on the page of the job: few people read a log that
    /// ends in success.
    pub(super) fn tell(
        &self,
        arguments: &PublishArgs,
        context: &CiContext,
        place: &Place,
        ui: &Ui,
    ) {
        let mut message = format!("no comment: {}", self.reason);
        ui.warning(&message);
        if context.system == Some(CiSystem::GitHub) && arguments.annotations != Some(false) {
            Secrets::from_env(&place.env, &[]).redact_in(&mut message);
            let annotation = Annotation {
                severity: Severity::Warning,
                spot: None,
                title: "semtest".to_owned(),
                message,
            };
            for command in publish::workflow_commands(&[annotation], "") {
                ui.data(&command);
            }
        }
        if let Some(hint) = &self.hint {
            ui.hint(hint);
        }
    }
}

/// What the user can do about it, which for a stranger's pull request is nothing in this workflow.
fn hint(error: &PublishError, forge: Forge, context: &CiContext) -> Option<String> {
    let hint = error.hint(forge)?;
    let is_read_only = matches!(error, PublishError::ReadOnly) && forge == Forge::GitHub;
    if !is_read_only {
        return Some(hint.to_owned());
    }
    Some(match &context.trust {
        Trust::Untrusted { reason } if context.has_forks_token() => format!(
            "{hint}\n\nHere that is not enough: {reason}, so the token is read-only whatever the workflow \
             says. Publish from a second workflow, on `workflow_run`."
        ),
        Trust::Untrusted { .. } | Trust::Trusted => format!(
            "{hint}\n\nIn a pull request from a fork the token is read-only whatever the workflow says."
        ),
    })
}
