//! `semtest action`: a step of GitHub Actions, from its inputs to its exit code.
//!
//! The token is taken out first. What runs before `publish` has an environment without it and, where this
//! started as root, is another user; `publish` starts no program and gets the token through a pipe. Each
//! half is a process of its own, since the environment that a process was started with stays readable in
//! `/proc` for as long as it lives.

mod agents;
mod ground;

use std::ffi::OsString;
use std::path::PathBuf;

use crate::action::{self, Step};
use crate::env::Env;
use crate::exit::Exit;
use crate::process::{self, Relayed, StandardInput};
use crate::ui::Ui;

use super::Place;
use super::error::CommandError;
use ground::Ground;

/// Does what the step's inputs say.
pub(super) fn action(place: &Place, ui: &Ui) -> Result<Exit, CommandError> {
    process::hide_from_children();
    let step = action::step(&place.env)?;
    let directory = place.directory.join(&step.working_directory);
    if !directory.is_dir() {
        return Err(CommandError::NoDirectory(directory));
    }
    let own = std::env::current_exe()?;
    let ran = run(&step, &own, &directory, place, ui)?;
    if matches!(ran, Exit::Interrupted | Exit::Terminated) {
        // Somebody cancelled the job: what it found is in the reports, and nobody waits for a comment.
        return Ok(ran);
    }
    let published = publish(&step, &own, &directory)?;
    Ok(worse(ran, published))
}

/// Judges, without the token.
fn run(
    step: &Step,
    own: &std::path::Path,
    directory: &std::path::Path,
    place: &Place,
    ui: &Ui,
) -> Result<Exit, CommandError> {
    let ground = Ground::prepare(&step.output, directory, &place.directory)?;
    let programs = match agents::install(step, own, directory, place, &ground, ui) {
        Ok(programs) => programs,
        Err(code) => {
            let _ = ground.hand_back();
            return Ok(Exit::of(code));
        }
    };
    let mut environment = variables(&programs.first_on_path(&step.run_environment));
    environment.retain(|(name, _)| name != "HOME");
    environment.push(("HOME".into(), ground.home().into()));
    let token = step.token.as_ref();
    let code = process::relay(&Relayed {
        program: own.to_owned(),
        arguments: [vec!["run".into()], step.run.clone()].concat(),
        directory: directory.to_owned(),
        environment,
        stdin: StandardInput::Nothing,
        user: ground.user(),
        is_confined: true,
        hidden: token.map(|token| token.reveal().to_owned()),
    });
    if let Err(error) = ground.hand_back() {
        ui.warning(&format!("the reports keep their owner: {error}"));
    }
    Ok(Exit::of(code?))
}

/// Brings the results to the pull request.
fn publish(
    step: &Step,
    own: &std::path::Path,
    directory: &std::path::Path,
) -> Result<Exit, CommandError> {
    let (flag, stdin): (Vec<OsString>, _) = match &step.token {
        Some(token) => (
            vec!["--token-stdin".into()],
            StandardInput::Text(token.reveal().to_owned()),
        ),
        None => (Vec::new(), StandardInput::Nothing),
    };
    let code = process::relay(&Relayed {
        program: own.to_owned(),
        arguments: [vec!["publish".into()], flag, step.publish.clone()].concat(),
        directory: PathBuf::from(directory),
        environment: variables(&step.publish_environment),
        stdin,
        user: None,
        is_confined: false,
        hidden: None,
    });
    Ok(Exit::of(code?))
}

/// What a step with both comes to: no results to publish are an error, whatever `run` said.
fn worse(ran: Exit, published: Exit) -> Exit {
    if published == Exit::Passed {
        ran
    } else {
        Exit::Error
    }
}

fn variables(env: &Env) -> Vec<(OsString, OsString)> {
    env.iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
