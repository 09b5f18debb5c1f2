//! `--dry-run`: the comment as it would be posted, and where; nobody is asked.

use jiff::Timestamp;

use crate::cli::PublishArgs;
use crate::model::{CiContext, CommentPolicy, short_commit};
use crate::publish::{self, Certainty};
use crate::ui::Ui;

use super::super::Place;
use super::Material;
use super::conversation::ready;
use super::draft::Draft;
use super::target;

/// Shows the comment on stdout, and on stderr what would become of it.
pub(super) fn show(
    arguments: &PublishArgs,
    context: &CiContext,
    material: &Material,
    place: &Place,
    ui: &Ui,
) {
    let draft = Draft {
        material,
        policy: arguments.comment.unwrap_or_default(),
        now: Timestamp::now(),
    };
    if let Some(text) = publish::preview(&draft.first()) {
        ui.data(&text);
    }
    match would(arguments, context, &draft, place) {
        Ok(deed) => ui.aside(&format!("Dry run: would {deed}.")),
        Err(reason) => ui.aside(&format!("Dry run: no comment would be made: {reason}.")),
    }
}

/// What would be done, or why nothing would be.
fn would(
    arguments: &PublishArgs,
    context: &CiContext,
    draft: &Draft<'_>,
    place: &Place,
) -> Result<String, String> {
    if draft.policy == CommentPolicy::Off {
        return Err("`--comment off`".to_owned());
    }
    let target = ready(arguments, context, place).map_err(|why| why.reason)?;
    let hints = target::hints(arguments, context, draft.material.report());
    let named = arguments
        .repository
        .as_ref()
        .or(context.repository.as_ref());
    let repository = named.unwrap_or(&target.repository);
    let is_all = hints.certainty == Certainty::Always;
    let whose = match (hints.number, &hints.commit) {
        (Some(number), commit) if is_all || commit.is_some() => {
            format!("pull request {number} of {repository}")
        }
        (None, Some(commit)) => format!(
            "the open pull request of commit {} in {repository}, if there is one",
            short_commit(commit)
        ),
        (_, _) => return Err("nothing tells which commit was judged".to_owned()),
    };
    Ok(if draft.is_due() {
        format!("comment on {whose}")
    } else {
        format!("update the comment on {whose}, and make none: nothing failed")
    })
}
