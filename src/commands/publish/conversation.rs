//! The comment of the pull request, found and brought up to date.

use crate::chain::chain;
use crate::cli::PublishArgs;
use crate::model::{CiContext, CommentPolicy, RunStatus};
use crate::publish::{Found, Posted, PublishError, Publisher, Wish};
use crate::report::comment::{self, Detail, Memory};
use crate::ui::Ui;

use super::super::Place;
use super::contradiction::contradiction;
use super::target::{self, Nowhere};
use super::{Results, rendered};

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
    let posting = async {
        let publisher = Publisher::new(&target)?;
        let hints = target::hints(arguments, context, results.as_ref().ok());
        let Some(request) = publisher.pull_request(&hints).await? else {
            return Ok(None);
        };
        if let Some(note) = target::several(&request) {
            ui.item(&note);
        }
        let found = publisher.find(&request).await?;
        let wish = wish(results, options, policy, found.as_ref());
        let posted = publisher.post(&request, found.as_ref(), &wish).await?;
        Ok::<_, PublishError>(posted)
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            ui.warning(&format!("no comment: {error}"));
            return None;
        }
    };
    match runtime.block_on(posting) {
        Ok(posted) => posted,
        Err(error) => {
            ui.warning(&format!("no comment: {}", chain(&error)));
            None
        }
    }
}

fn tell_nowhere(nowhere: &Nowhere, ui: &Ui) {
    match nowhere {
        Nowhere::NoRepository => ui.warning(
            "no comment: nothing here tells the repository; name it with `--repository` and \
             `--pull-request`",
        ),
        Nowhere::NoToken(forge) => ui.warning(&format!(
            "no comment: no token; set `{}`",
            target::token_variables(*forge).join("` or `")
        )),
    }
}

fn wish(
    results: &Results,
    mut options: comment::Options,
    policy: CommentPolicy,
    found: Option<&Found>,
) -> Wish {
    let before = found
        .and_then(|found| found.memory.as_deref())
        .and_then(Memory::decode);
    let memory = match results {
        Ok(report) => {
            options.change = before.map(|before| before.change(report));
            Memory::of(report).encode()
        }
        // What is fixed is compared with what was judged last.
        Err(_) => before.map_or_else(|| "none".to_owned(), |before| before.encode()),
    };
    let is_bad = results
        .as_ref()
        .map_or(true, |report| report.status() != RunStatus::Pass);
    Wish {
        renderings: Detail::ALL
            .map(|detail| rendered(results, &options, detail))
            .into(),
        memory,
        create: policy == CommentPolicy::Always || is_bad,
    }
}
