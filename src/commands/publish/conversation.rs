//! The comment of the pull request, found and brought up to date.

use std::time::Duration;

use jiff::Timestamp;

use crate::chain::chain;
use crate::cli::PublishArgs;
use crate::model::{CiContext, CommentPolicy, RunStatus, Trust};
use crate::publish::{
    Done, Forge, Found, GITLAB_TOKEN, Hints, Options, Posted, PublishError, Publisher, PullRequest,
    Wish,
};
use crate::report::comment::{self, Detail, Memory};
use crate::ui::Ui;

use super::super::Place;
use super::contradiction::contradiction;
use super::target::{self, DEADLINE, Nowhere};
use super::{Results, rendered};

/// What came of it.
enum Outcome {
    Posted(Posted),
    /// The commit is in no pull request.
    NoPullRequest,
    /// There is no comment, and nothing failed.
    NothingFailed,
    /// The comment is one of a run that started later; its page.
    Newer(Option<String>),
}

/// What a comment is made of.
struct Draft<'run> {
    results: &'run Results,
    options: comment::Options,
    policy: CommentPolicy,
    now: Timestamp,
}

/// Posts, updates or leaves the comment; whatever stands in the way is told and changes nothing.
pub(super) fn bring_up_to_date(
    arguments: &PublishArgs,
    context: &CiContext,
    results: &Results,
    options: comment::Options,
    place: &Place,
    ui: &Ui,
) -> Option<Posted> {
    let policy = arguments.comment.unwrap_or_default();
    if policy == CommentPolicy::Off {
        return None;
    }
    if let Some(reason) = contradiction(arguments, context, results.as_ref().ok(), place) {
        ui.warning(&format!("no comment: {reason}"));
        return None;
    }
    let target = match target::options(arguments, context, place) {
        Ok(target) => target,
        Err(nowhere) => {
            tell_nowhere(&nowhere, ui);
            return None;
        }
    };
    let draft = Draft {
        results,
        options,
        policy,
        now: Timestamp::now(),
    };
    let hints = target::hints(arguments, context, results.as_ref().ok());
    match in_time(DEADLINE, post(&target, &hints, &draft, ui)) {
        Ok(outcome) => tell(outcome, ui),
        Err(error) => {
            ui.warning(&format!("no comment: {}", chain(&error)));
            if let Some(hint) = hint(&error, target.forge, context) {
                ui.hint(&hint);
            }
            None
        }
    }
}

/// Runs `posting` to its end, or for as long as `limit`.
fn in_time(
    limit: Duration,
    posting: impl Future<Output = Result<Outcome, PublishError>>,
) -> Result<Outcome, PublishError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(PublishError::Runtime)?;
    let result = runtime.block_on(async {
        let limited = tokio::time::timeout(limit, posting).await;
        limited.unwrap_or(Err(PublishError::Late { limit }))
    });
    // A name that nobody resolves is not waited for.
    runtime.shutdown_background();
    result
}

async fn post(
    target: &Options,
    hints: &Hints,
    draft: &Draft<'_>,
    ui: &Ui,
) -> Result<Outcome, PublishError> {
    let publisher = Publisher::new(target)?;
    let Some(request) = publisher.pull_request(hints).await? else {
        return Ok(Outcome::NoPullRequest);
    };
    if let Some(note) = target::several(&request) {
        ui.item(&note);
    }
    keep(&publisher, &request, draft).await
}

async fn keep(
    publisher: &Publisher,
    request: &PullRequest,
    draft: &Draft<'_>,
) -> Result<Outcome, PublishError> {
    let mut instead = Outcome::NothingFailed;
    let decide = |found: Option<&Found>| match draft.wish(found) {
        Ok(wish) => Some(wish),
        Err(reason) => {
            instead = reason;
            None
        }
    };
    let posted = publisher.bring_up_to_date(request, decide).await?;
    Ok(posted.map_or(instead, Outcome::Posted))
}

impl Draft<'_> {
    /// What the comment should say instead of `found`, or why it should stay as it is.
    fn wish(&self, found: Option<&Found>) -> Result<Wish, Outcome> {
        let memory = found.and_then(|found| found.memory.as_deref());
        let before = memory.and_then(Memory::decode);
        if found.is_none() && !self.is_due() {
            return Err(Outcome::NothingFailed);
        }
        let mut options = self.options.clone();
        let memory = match self.results {
            Ok(report) => {
                let mut memory = Memory::after(before.as_ref(), report);
                // Results of a stranger may say that they are of next year: nothing would ever
                // replace them.
                memory.started = memory.started.min(self.now.as_millisecond());
                if before
                    .as_ref()
                    .is_some_and(|before| before.started > memory.started)
                {
                    return Err(Outcome::Newer(found.and_then(|found| found.url.clone())));
                }
                // A comment of this very run (whose answer got lost) says already what is new.
                let earlier = before.filter(|before| before.started != memory.started);
                options.change = earlier.map(|before| before.change(report));
                memory.encode()
            }
            // What is fixed is compared with what was judged last.
            Err(_) => before.map_or_else(|| "none".to_owned(), |before| before.encode()),
        };
        let renderings = Detail::ALL.map(|detail| rendered(self.results, &options, detail));
        Ok(Wish {
            renderings: renderings.into(),
            memory,
        })
    }

    /// Whether a comment is made where there is none.
    fn is_due(&self) -> bool {
        let results = self.results.as_ref();
        let is_bad = results.map_or(true, |report| report.status() != RunStatus::Pass);
        self.policy == CommentPolicy::Always || is_bad
    }
}

fn tell(outcome: Outcome, ui: &Ui) -> Option<Posted> {
    let at = |words: &str, url: Option<&str>| match url {
        Some(url) => ui.item(&format!("{words}: {url}")),
        None => ui.item(&format!("{words}.")),
    };
    match outcome {
        Outcome::Posted(posted) => {
            let words = match posted.done {
                Done::Added => "Comment added",
                Done::Updated => "Comment updated",
                Done::Unchanged => "Comment is up to date",
            };
            at(words, posted.url.as_deref());
            return Some(posted);
        }
        Outcome::NoPullRequest => ui.item("No comment: this commit is in no open pull request."),
        Outcome::NothingFailed => ui.item("No comment: nothing failed."),
        Outcome::Newer(url) => at("Comment left to a newer run", url.as_deref()),
    }
    None
}

fn tell_nowhere(nowhere: &Nowhere, ui: &Ui) {
    match nowhere {
        Nowhere::NoRepository => ui.warning(
            "no comment: nothing here tells the repository; name it with `--repository` and \
             `--pull-request`",
        ),
        Nowhere::NoToken(Forge::GitLab) => {
            ui.warning("no comment: no token; GitLab's `CI_JOB_TOKEN` can't write notes");
            ui.hint(GITLAB_TOKEN);
        }
        Nowhere::NoToken(forge) => ui.warning(&format!(
            "no comment: no token; set `{}`",
            target::token_variables(*forge).join("` or `")
        )),
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
        Trust::Untrusted { reason } => format!(
            "{hint}\n\nHere that is not enough: {reason}, so the token is read-only whatever the workflow \
             says. Publish from a second workflow, on `workflow_run`."
        ),
        Trust::Trusted => format!(
            "{hint}\n\nIn a pull request from a fork or by Dependabot the token is read-only whatever \
             the workflow says."
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forge_that_never_ends_is_left() {
        let result = in_time(Duration::from_millis(1), std::future::pending());
        assert!(matches!(result, Err(PublishError::Late { .. })));
        let result = in_time(DEADLINE, async { Ok(Outcome::NothingFailed) });
        assert!(matches!(result, Ok(Outcome::NothingFailed)));
    }
}
