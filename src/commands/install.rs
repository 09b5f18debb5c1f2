//! `semtest install`: LLM CLIs into a directory.

use crate::ci;
use crate::cli::InstallArgs;
use crate::evaluate::{self, Installer, Wanted};
use crate::exit::Exit;
use crate::model::{CiContext, OnUntrusted, Trust};
use crate::process::{self, Cancel};
use crate::ui::Ui;

use super::Place;
use super::error::CommandError;
use super::project::load_project;
use super::run::options;
use super::untrusted::{Stranger, wait, without_own_programs};

/// Installs what `arguments` name, else what `run` would start.
pub(super) fn install(
    arguments: &InstallArgs,
    place: &Place,
    ui: &Ui,
) -> Result<Exit, CommandError> {
    let context = ci::detect(&place.env);
    match context.trust {
        Trust::Trusted => install_in(&context, arguments, place, ui),
        Trust::Untrusted { .. } => {
            install_in(&context, arguments, &without_own_programs(place), ui)
        }
    }
}

fn install_in(
    context: &CiContext,
    arguments: &InstallArgs,
    place: &Place,
    ui: &Ui,
) -> Result<Exit, CommandError> {
    let wanted = if arguments.tools.is_empty() {
        needed(context, arguments, place)?
    } else {
        Wanted::read(&arguments.tools)?
    };
    if wanted.is_empty() {
        ui.item("nothing to install: what `semtest run` would start is on PATH, or it starts none");
        return Ok(Exit::Passed);
    }
    process::hide_from_children();
    let directory = place.directory.join(&arguments.directory);
    let installer = Installer::open(&directory, &place.env)?;
    for one in &wanted {
        let cancel = Cancel::new();
        let done = wait(&cancel, installer.install(one, &cancel))??;
        let how = if done.was_there {
            "already there"
        } else {
            "installed"
        };
        let (tool, version) = (one.tool.key, &done.version);
        ui.item(&format!(
            "{tool} {version}: {how}, {}",
            done.program.display()
        ));
    }
    Ok(Exit::Passed)
}

/// What `semtest run` would start and does not find, in the versions that were tested.
fn needed(
    context: &CiContext,
    arguments: &InstallArgs,
    place: &Place,
) -> Result<Vec<Wanted>, CommandError> {
    let run = arguments.run_arguments().map_err(|error| {
        let text = error.to_string();
        CommandError::RunArguments(text.trim_start_matches("error: ").trim_end().to_owned())
    })?;
    let stranger = Stranger::look(context, place)?;
    let stranger = stranger.as_ref();
    let project = load_project(run.config.as_deref(), &run.to_config(), place, stranger)?;
    if stranger.is_some() && project.settings.on_untrusted != OnUntrusted::Run {
        return Ok(Vec::new());
    }
    let guest = stranger.map(|stranger| stranger.sketch(&project, place));
    project.check_model_key()?;
    let tools = evaluate::needed(&options(&run, &project, guest.as_ref()))?;
    let wanted = tools.into_iter().map(Wanted::tested);
    Ok(wanted.collect::<Result<_, _>>()?)
}
