//! `semtest publish`: the results of a run, brought to where people look.
//!
//! What the runner itself takes (summary, annotations) comes first, then the comment, which needs
//! the network. Nothing of this changes a verdict: what can't be published is a warning.

mod contradiction;
mod conversation;
mod draft;
mod job;
mod missing;
mod preview;
mod target;
mod unusable;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::ci;
use crate::cli::PublishArgs;
use crate::exit::Exit;
use crate::model::{CiContext, RunReport, Trust};
use crate::process;
use crate::report::comment::{self, Change, Detail};
use crate::report::{self, LoadError};
use crate::sanitize::Secrets;
use crate::ui::Ui;

use super::Place;
use super::error::CommandError;
use contradiction::of_commits;
pub(super) use unusable::Unusable;

/// No token is longer, in bytes.
const LONGEST_TOKEN: u64 = 4096;

/// What is published.
struct Material {
    /// The results, or why there are none.
    results: Result<RunReport, Unusable>,
    /// How they are shown.
    options: comment::Options,
}

/// Publishes what is in the directory that `arguments` name.
pub(super) fn publish(
    arguments: &PublishArgs,
    place: &Place,
    ui: &Ui,
) -> Result<Exit, CommandError> {
    if let Some(value) = flag_value(&arguments.directory, place) {
        return Err(CommandError::FlagValue(value));
    }
    let context = ci::detect(&place.env);
    let material = gathered(arguments, &context, place);
    if arguments.dry_run {
        preview::show(arguments, &context, &material, place, ui);
    } else {
        job::show(arguments, &context, &material, place, ui);
        let posted = conversation::bring_up_to_date(arguments, &context, &material, place, ui);
        job::tell_outputs(arguments, &context, &material, posted, place, ui);
    }
    // A verdict is the business of `run`, whose exit code tells it.
    material
        .results
        .map(|_| Exit::Passed)
        .map_err(CommandError::from)
}

/// `place` with the token that stdin brings, as if a variable held it: so no text shows it either.
pub(super) fn with_token(arguments: &PublishArgs, mut place: Place) -> Result<Place, CommandError> {
    process::hide_from_children();
    if arguments.token_stdin {
        let mut token = String::new();
        let read = std::io::stdin()
            .take(LONGEST_TOKEN)
            .read_to_string(&mut token);
        read.map_err(CommandError::Stdin)?;
        let token = Some(token.trim()).filter(|token| !token.is_empty());
        let variables = target::token_variables(target::forge(&ci::detect(&place.env)));
        let variable = variables.first().copied().ok_or(CommandError::NoToken)?;
        place.env = place
            .env
            .with(variable, token.ok_or(CommandError::NoToken)?);
    }
    Ok(place)
}

/// `--annotations false` makes a directory of what was meant as a value: without this, the pull
/// request would be told that there are no results.
fn flag_value(directory: &Path, place: &Place) -> Option<&'static str> {
    let mut values = ["true", "false"].into_iter();
    let value = values.find(|value| directory.as_os_str() == *value)?;
    let is_there = fs_err::symlink_metadata(place.directory.join(directory)).is_ok();
    (!is_there).then_some(value)
}

fn gathered(arguments: &PublishArgs, context: &CiContext, place: &Place) -> Material {
    let loaded = load(arguments, place).map_err(|error| match (error, arguments.run_exit_code) {
        (LoadError::Missing(_), Some(ended)) => Unusable::NoneLeft { ended },
        (error, _) => error.into(),
    });
    let results = loaded.and_then(|report| {
        let unusable = of_run(arguments, &report);
        match unusable.or_else(|| of_commits(arguments, context, &report)) {
            Some(unusable) => Err(unusable),
            None => Ok(report),
        }
    });
    let report = results.as_ref().ok();
    let options = comment::Options {
        links: target::links(arguments, context, report),
        title: arguments.key.clone().filter(|key| !key.trim().is_empty()),
        change: None,
        // Nobody would make up that there are none.
        caution: report.and_then(|_| caution(context)),
        commit: target::commit(arguments, context, report),
    };
    Material { results, options }
}

/// Why the results can't be those of the run just now, if so.
fn of_run(arguments: &PublishArgs, report: &RunReport) -> Option<Unusable> {
    let (ended, told) = (arguments.run_exit_code?, report.exit().code());
    (ended != told).then_some(Unusable::OfAnotherRun { ended, told })
}

/// Reads the results; secrets that an agent found its way to are taken out once more, by what this
/// environment holds.
fn load(arguments: &PublishArgs, place: &Place) -> Result<RunReport, LoadError> {
    let directory = place.directory.join(&arguments.directory);
    let workspace = place.env.get("GITHUB_WORKSPACE");
    let shown = if arguments.directory.is_relative() {
        arguments.directory.clone()
    } else {
        job::in_workspace(&directory, workspace)
    };
    let loaded = report::load(&directory);
    let mut report = loaded.map_err(|error| showing(error, &directory, &shown))?;
    let secrets = Secrets::from_env(&place.env, &[]);
    report.for_each_text(&mut |text| secrets.redact_in(text));
    Ok(report)
}

/// The same with `directory` as the reader knows it: where a runner keeps its files is no news to
/// a pull request.
fn showing(mut error: LoadError, directory: &Path, shown: &Path) -> LoadError {
    let (LoadError::Missing(path)
    | LoadError::NotAFile(path)
    | LoadError::NotText(path)
    | LoadError::Unreadable { path, .. }
    | LoadError::Refused { path, .. }) = &mut error;
    if let Ok(below) = path.strip_prefix(directory) {
        let is_itself = below.as_os_str().is_empty();
        *path = if is_itself {
            PathBuf::from(shown)
        } else {
            shown.join(below)
        };
    }
    error
}

impl Material {
    fn report(&self) -> Option<&RunReport> {
        self.results.as_ref().ok()
    }

    /// The comment, where `change` is what is different since the last one.
    fn rendered(&self, change: Option<Change>, detail: Detail) -> String {
        let options = comment::Options {
            change,
            ..self.options.clone()
        };
        match &self.results {
            Ok(report) => comment::render(report, &options, detail),
            Err(error) => comment::render_missing(&error.to_string(), &options),
        }
    }
}

/// In an event that follows what was done elsewhere, the results are an artifact of code that may be
/// a stranger's: with the workflow file, the stranger can write any results.
fn caution(context: &CiContext) -> Option<String> {
    match &context.trust {
        Trust::Untrusted { reason } if context.is_elsewhere() => Some(format!(
            "{reason}, so whoever wrote that code could have written these results too"
        )),
        Trust::Untrusted { .. } | Trust::Trusted => None,
    }
}
