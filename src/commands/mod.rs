//! What each command does: wiring that joins the rooms with values and reads top to bottom.

mod action;
mod again;
mod ask;
mod calibrate;
mod completions;
mod doctor;
mod entrypoint;
mod error;
mod init;
mod install;
mod judged;
mod list;
mod plan;
mod project;
mod publish;
mod rule_changes;
mod run;
mod signals;
mod uninstall;
mod untrusted;
mod waive;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::chain::chain;
use crate::cli::{self, Command};
use crate::env::Env;
use crate::exit::Exit;
use crate::ui::{Ui, Verbosity};
use error::CommandError;

/// Where a command runs.
struct Place {
    /// The current directory, after `-C`; canonical.
    directory: PathBuf,
    /// The same as the user wrote it, where that is known: it may lead through links.
    written: PathBuf,
    /// The `-C` options as given.
    moves: Vec<PathBuf>,
    env: Env,
}

/// Does what `arguments` (the program's name first) ask for, started in `directory`.
#[must_use]
pub fn main(
    arguments: impl IntoIterator<Item = OsString>,
    env: Env,
    directory: std::io::Result<PathBuf>,
) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match cli::parse(arguments.iter().cloned()) {
        Ok(cli) => cli,
        Err(error) => return help_or_usage(&error, &arguments, &env),
    };
    let without_place = env.clone();
    let place = directory
        .map_err(CommandError::CurrentDirectory)
        .and_then(|start| Place::new(&start, &cli.global.directory, env))
        .and_then(|place| with_token(&cli.command, place));
    // After the token is known, so that no message shows it.
    let known = place.as_ref().map_or(&without_place, |place| &place.env);
    let ui = Ui::new(known, Verbosity::Normal);
    let done = place.and_then(|place| match &cli.command {
        Command::Run(arguments) => run::run(arguments, &place),
        Command::Ask(arguments) => ask::ask(arguments, &place),
        Command::Calibrate(arguments) => calibrate::calibrate(arguments, &place),
        Command::Waive(arguments) => waive::waive(arguments, &place, &ui),
        Command::Publish(arguments) => publish::publish(arguments, &place, &ui),
        Command::Init(_) => init::init(&place, &ui),
        Command::List(arguments) => list::list(arguments, &place, &ui),
        Command::Doctor(arguments) => doctor::doctor(arguments, &place, &ui),
        Command::Install(arguments) => install::install(arguments, &place, &ui),
        Command::Completions(arguments) => Ok(completions::completions(arguments, &ui)),
        Command::Uninstall(_) => uninstall::uninstall(&place, &ui),
        Command::Action => action::action(&place, &ui),
        Command::Entrypoint(arguments) => entrypoint::entrypoint(arguments, &place),
    });
    done.unwrap_or_else(|error| {
        ui.error(&chain(&error), error.hint().as_deref());
        error.exit()
    })
}

/// `place` with the token that a command reads for itself.
fn with_token(command: &Command, place: Place) -> Result<Place, CommandError> {
    if let Command::Publish(arguments) = command {
        publish::with_token(arguments, place)
    } else {
        Ok(place)
    }
}

/// clap reports help and version as errors. Real errors quote the command line, which may hold what
/// strangers wrote.
fn help_or_usage(error: &clap::Error, arguments: &[OsString], env: &Env) -> Exit {
    let ui = Ui::new(env, Verbosity::Normal);
    let text = error.to_string();
    if cli::is_missing_command(error) {
        ui.about(text.trim_end());
        Exit::Error
    } else if error.use_stderr() {
        let hint = cli::hint(error, arguments);
        let text = text.trim_start_matches("error: ").trim_end();
        ui.error(text, hint.as_deref());
        Exit::Error
    } else {
        ui.about(text.trim_end());
        Exit::Passed
    }
}

impl Place {
    fn new(start: &Path, moves: &[PathBuf], env: Env) -> Result<Self, CommandError> {
        let mut directory = start.to_owned();
        for step in moves {
            directory.push(step);
        }
        if !moves.is_empty() && !directory.is_dir() {
            return Err(CommandError::NoDirectory(directory));
        }
        let directory = fs_err::canonicalize(directory).map_err(CommandError::CurrentDirectory)?;
        // What the system tells is canonical; shells keep what was written.
        let shell = env.get("PWD").map(Path::new);
        let shell = shell.filter(|shell| {
            shell.is_absolute() && fs_err::canonicalize(shell).is_ok_and(|real| real == start)
        });
        let mut written = shell.unwrap_or(start).to_owned();
        written.extend(moves);
        Ok(Self {
            directory,
            written,
            moves: moves.to_vec(),
            env,
        })
    }
}
