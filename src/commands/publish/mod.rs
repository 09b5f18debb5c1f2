//! `semtest publish`: the results of a run, brought to where people look.
//!
//! What the runner itself takes (summary, annotations) comes first, then the comment, which needs
//! the network. Nothing of this changes a verdict: what can't be published is a warning.

mod contradiction;
mod conversation;
mod job;
mod target;

use crate::ci;
use crate::cli::PublishArgs;
use crate::exit::Exit;
use crate::model::{CiContext, RunReport, Trust};
use crate::process;
use crate::report::comment::{self, Detail};
use crate::report::{self, LoadError};
use crate::sanitize::Secrets;
use crate::ui::Ui;

use super::Place;
use super::error::CommandError;

/// The results, or why there are none.
type Results = Result<RunReport, LoadError>;

/// Publishes what is in the directory that `arguments` name.
pub(super) fn publish(
    arguments: &PublishArgs,
    place: &Place,
    ui: &Ui,
) -> Result<Exit, CommandError> {
    process::hide_from_children();
    let context = ci::detect(&place.env);
    let results = load(arguments, place);
    let options = comment::Options {
        links: target::links(arguments, &context, results.as_ref().ok()),
        title: arguments.key.clone(),
        change: None,
        caution: caution(&context),
    };
    if arguments.dry_run {
        ui.data(&rendered(&results, &options, Detail::Full));
        return done(results);
    }
    job::show(arguments, &context, &results, &options, place, ui);
    let posted = conversation::bring_up_to_date(arguments, &context, &results, options, place, ui);
    job::tell_outputs(arguments, &results, posted, place, ui);
    done(results)
}

/// Reads the results; secrets that an agent found its way to are taken out once more, by what this
/// environment holds.
fn load(arguments: &PublishArgs, place: &Place) -> Results {
    let mut report = report::load(&place.directory.join(&arguments.directory))?;
    let secrets = Secrets::from_env(&place.env, &[]);
    report.for_each_text(&mut |text| secrets.redact_in(text));
    Ok(report)
}

/// A verdict is the business of `run`, whose exit code tells it.
fn done(results: Results) -> Result<Exit, CommandError> {
    results.map(|_| Exit::Passed).map_err(CommandError::from)
}

fn rendered(results: &Results, options: &comment::Options, detail: Detail) -> String {
    match results {
        Ok(report) => comment::render(report, options, detail),
        Err(error) => comment::render_missing(&error.to_string(), options),
    }
}

/// In a workflow that follows another one, the results are an artifact of code that may be a
/// stranger's: with the workflow file, the stranger can write any results.
fn caution(context: &CiContext) -> Option<String> {
    match (&context.trust, context.event.as_deref()) {
        (Trust::Untrusted { reason }, Some("workflow_run")) => Some(format!(
            "{reason}, so its author could have written these results too"
        )),
        (Trust::Untrusted { .. } | Trust::Trusted, _) => None,
    }
}
