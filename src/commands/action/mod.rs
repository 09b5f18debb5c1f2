//! `semtest action`: a step of GitHub Actions, from its inputs to its exit code.
//!
//! The token is taken out first. What runs before `publish` has an environment without it and, where this
//! started as root, is another user; `publish` starts no program and gets the token through a pipe. Each
//! half is a process of its own, since the environment that a process was started with stays readable in
//! `/proc` for as long as it lives.

mod agents;
mod ground;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::action::{self, InputError, Step};
use crate::chain::chain;
use crate::cli;
use crate::env::Env;
use crate::exit::Exit;
use crate::git;
use crate::model::Interruption;
use crate::process::{self, Cancel, Relay, Relayed, StandardInput};
use crate::ui::Ui;

use super::Place;
use super::error::CommandError;
use super::untrusted::wait;
use agents::Installation;
use ground::{Ground, inside};

/// What `publish` is told where `run` was not started, as shells say it: no results say that of
/// themselves.
const NOT_STARTED: u8 = 126;

/// What separates flags from names.
const BORDER: &str = "--";

/// How long a run may go on after it was asked twice to end: it has reports to write. Asked once, it
/// has fifteen times that.
const PATIENCE: Duration = Duration::from_secs(2);

/// Does what the step's inputs say.
pub(super) fn action(place: &Place, ui: &Ui) -> Result<Exit, CommandError> {
    process::hide_from_children();
    let step = action::step(&place.env)?;
    let own = std::env::current_exe()?;
    let code = match judged(&step, &own, place, ui) {
        Ok(ran) => {
            if let Some(interrupted) = interrupted(ran) {
                // Somebody cancelled the job: what it found is in the reports, and nobody waits for a
                // comment.
                return Ok(interrupted);
            }
            ran.code
        }
        Err(error @ CommandError::Interrupted(_)) => return Err(error),
        Err(error) => {
            // The pull request is told, too: an older verdict would stay there.
            ui.error(&chain(&error), error.hint().as_deref());
            NOT_STARTED
        }
    };
    // Without a place of its own, a step has no results to tell of, but still something to tell.
    let directory = working_directory(&step, place).unwrap_or_else(|_| place.directory.clone());
    let published = publish(&step, code, &own, &directory)?;
    Ok(interrupted(published).unwrap_or_else(|| worse(Exit::of(code), Exit::of(published.code))))
}

/// What checkout left in the repository's configuration is there for every program that may read it.
fn warn_of_credentials(directory: &Path, place: &Place, ui: &Ui) -> Result<(), CommandError> {
    let cancel = Cancel::new();
    let asked = git::keeps_credentials(directory, &place.env, &cancel);
    if wait(&cancel, asked)? {
        ui.warning(
            "the checkout keeps a login in `.git/config`, which agents can read; set \
             `persist-credentials: false` for actions/checkout",
        );
    }
    Ok(())
}

/// What stands before the names.
fn flags_of(arguments: &[OsString]) -> impl Iterator<Item = &OsString> {
    arguments.iter().take_while(|word| *word != BORDER)
}

/// Why `command` does not take the flag that an input became.
fn refused(command: &str, flag: &OsString) -> Option<InputError> {
    let line = ["semtest".into(), command.into(), flag.clone()];
    let error = cli::parse(line).err()?.to_string();
    let flag = flag.to_string_lossy();
    let (name, value) = flag.trim_start_matches('-').split_once('=')?;
    // "error: invalid value '…' for '--flag <VALUE>': why"
    let line = error.lines().next().unwrap_or_default();
    let why = line.rsplit_once(">': ").map_or(line, |(_, why)| why);
    Some(InputError::Refused {
        name: name.replace('-', "_"),
        value: value.to_owned(),
        why: why.to_owned(),
    })
}

/// Where the step works: in the workspace, by any way.
fn working_directory(step: &Step, place: &Place) -> Result<PathBuf, CommandError> {
    let named = place.directory.join(&step.working_directory);
    if !named.is_dir() {
        return Err(CommandError::NoWorkingDirectory(named));
    }
    let directory = fs_err::canonicalize(named)?;
    let is_inside = directory.starts_with(&place.directory);
    is_inside
        .then_some(directory)
        .ok_or_else(|| CommandError::OutsideWorkspace(step.working_directory.clone()))
}

/// Judges, without the token.
fn judged(step: &Step, own: &Path, place: &Place, ui: &Ui) -> Result<Relay, CommandError> {
    let run = step.run.as_ref().map_err(Clone::clone)?;
    // Before anything is paid for: what `publish` would not understand, too.
    for (command, arguments) in [("publish", &step.publish), ("run", run)] {
        if let Some(error) = flags_of(arguments).find_map(|flag| refused(command, flag)) {
            return Err(error.into());
        }
    }
    let directory = working_directory(step, place)?;
    warn_of_credentials(&directory, place, ui)?;
    let directory = directory.as_path();
    let output = inside(&place.directory, directory, &step.output)?;
    let ground = Ground::prepare(output, place)?;
    let installation = Installation {
        step,
        run,
        own,
        directory,
    };
    let programs = match installation.install(place, &ground) {
        Ok(Ok(programs)) => programs,
        Ok(Err(ended)) => {
            ground.give_back(ui);
            return Ok(ended);
        }
        Err(error) => {
            ground.give_back(ui);
            return Err(error);
        }
    };
    let mut environment = variables(&programs.first_on_path(&step.run_environment));
    environment.retain(|(name, _)| name != "HOME");
    environment.push(("HOME".into(), ground.home().into()));
    if ground.user().is_some() {
        environment.retain(|(name, _)| name != "TMPDIR");
        environment.push(("TMPDIR".into(), ground.temporary().into()));
    }
    let token = step.token.as_ref();
    let ran = process::relay(&Relayed {
        program: own.to_owned(),
        arguments: [vec!["run".into()], run.clone()].concat(),
        directory: directory.to_owned(),
        environment,
        stdin: StandardInput::Nothing,
        user: ground.user(),
        is_confined: true,
        hidden: token.map(|token| token.reveal().to_owned()),
        patience: Some(PATIENCE),
    });
    if ran.as_ref().is_ok_and(|ran| !ran.is_over) {
        // It could still change the results, or put a link where they are.
        return Err(CommandError::LeftOver);
    }
    ground.give_back(ui);
    Ok(ran?)
}

/// Brings the results of a run that ended with `code` to the pull request.
fn publish(step: &Step, code: u8, own: &Path, directory: &Path) -> Result<Relay, CommandError> {
    let mut arguments: Vec<OsString> =
        vec!["publish".into(), format!("--run-exit-code={code}").into()];
    let mut stdin = StandardInput::Nothing;
    if let Some(token) = &step.token {
        arguments.push("--token-stdin".into());
        stdin = StandardInput::Text(token.reveal().to_owned());
    }
    let flags = flags_of(&step.publish).filter(|flag| refused("publish", flag).is_none());
    arguments.extend(flags.cloned());
    arguments.extend(
        step.publish
            .iter()
            .skip_while(|word| *word != BORDER)
            .cloned(),
    );
    Ok(process::relay(&Relayed {
        program: own.to_owned(),
        arguments,
        directory: directory.to_owned(),
        environment: variables(&step.publish_environment),
        stdin,
        user: None,
        is_confined: false,
        hidden: None,
        patience: Some(PATIENCE),
    })?)
}

/// How the step ends if a signal asked it to. What ended by a signal that did not come through here is
/// not cancelled: an agent may have sent it.
fn interrupted(relay: Relay) -> Option<Exit> {
    let asked = relay.interruption?;
    Some(match (Exit::of(relay.code), asked) {
        (exit @ (Exit::Interrupted | Exit::Terminated), _) => exit,
        (_, Interruption::Interrupt) => Exit::Interrupted,
        (_, Interruption::Terminate) => Exit::Terminated,
    })
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
