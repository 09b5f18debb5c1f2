//! The comment of the pull request, found and brought up to date.

use std::time::Duration;

use jiff::Timestamp;

use crate::cli::PublishArgs;
use crate::model::{CiContext, CommentPolicy};
use crate::publish::{
    Done, Found, Hints, Options, Posted, PublishError, Publisher, PullRequest, Wish,
};
use crate::ui::Ui;

use super::super::Place;
use super::Material;
use super::contradiction::contradiction;
use super::draft::{Draft, Left};
use super::missing::Missing;
use super::target::{self, DEADLINE};

/// What came of it.
enum Outcome {
    Posted(Posted),
    /// The commit is in no pull request.
    NoPullRequest,
    Left(Left),
}

/// Posts, updates or leaves the comment; whatever stands in the way is told and changes nothing.
pub(super) fn bring_up_to_date(
    arguments: &PublishArgs,
    context: &CiContext,
    material: &Material,
    place: &Place,
    ui: &Ui,
) -> Option<Posted> {
    let policy = arguments.comment.unwrap_or_default();
    if policy == CommentPolicy::Off {
        return None;
    }
    let draft = Draft {
        material,
        policy,
        now: Timestamp::now(),
    };
    let hints = target::hints(arguments, context, material.report());
    let outcome = ready(arguments, context, place).and_then(|target| {
        let outcome = in_time(DEADLINE, post(&target, &hints, &draft, ui));
        outcome.map_err(|error| Missing::by(&error, target.forge, context))
    });
    match outcome {
        Ok(outcome) => tell(outcome, ui),
        Err(missing) => {
            missing.tell(arguments, context, place, ui);
            None
        }
    }
}

/// Where to, and as whom, if nothing speaks against it.
pub(super) fn ready(
    arguments: &PublishArgs,
    context: &CiContext,
    place: &Place,
) -> Result<Options, Missing> {
    if let Some(reason) = contradiction(arguments, context, place) {
        return Err(Missing { reason, hint: None });
    }
    Ok(target::options(arguments, context, place)?)
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
    let mut left = Left::NothingFailed;
    let mut tried: Option<Wish> = None;
    let decide = |found: Option<&Found>| match draft.wish(found, tried.as_ref()) {
        Ok(wish) => {
            tried = Some(wish.clone());
            Some(wish)
        }
        Err(reason) => {
            left = reason;
            None
        }
    };
    let posted = publisher.bring_up_to_date(request, decide).await?;
    Ok(posted.map_or(Outcome::Left(left), Outcome::Posted))
}

fn tell(outcome: Outcome, ui: &Ui) -> Option<Posted> {
    let at = |words: &str, url: Option<&str>| match url {
        Some(url) => ui.item(&format!("{words}: {url}")),
        None => ui.item(&format!("{words}.")),
    };
    let posted = match outcome {
        Outcome::Posted(posted) => posted,
        Outcome::Left(Left::Same(url)) => Posted {
            url,
            done: Done::Unchanged,
        },
        Outcome::NoPullRequest => {
            ui.item("No comment: this commit is in no open pull request.");
            return None;
        }
        Outcome::Left(Left::NothingFailed) => {
            ui.item("No comment: nothing failed.");
            return None;
        }
        Outcome::Left(Left::Newer(url)) => {
            at("Comment left to a newer run", url.as_deref());
            return None;
        }
    };
    let words = match posted.done {
        Done::Added => "Comment added",
        Done::Updated => "Comment updated",
        Done::Unchanged => "Comment is up to date",
    };
    at(words, posted.url.as_deref());
    Some(posted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forge_that_never_ends_is_left() {
        let result = in_time(Duration::from_millis(1), std::future::pending());
        assert!(matches!(result, Err(PublishError::Late { .. })));
        let result = in_time(DEADLINE, async { Ok(Outcome::NoPullRequest) });
        assert!(matches!(result, Ok(Outcome::NoPullRequest)));
    }
}
