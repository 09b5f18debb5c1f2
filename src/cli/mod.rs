//! What a user can type: argument structs, a file a command, and nothing else. Flags become
//! [`crate::config::PartialConfig`]; what a command does is `commands`' business.

mod ask;
mod calibrate;
mod completions;
mod doctor;
mod entrypoint;
mod init;
mod install;
mod judging;
mod list;
mod publish;
mod run;
mod uninstall;
mod waive;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};

pub use ask::AskArgs;
pub use calibrate::CalibrateArgs;
pub use completions::CompletionsArgs;
pub use doctor::DoctorArgs;
pub use entrypoint::EntrypointArgs;
pub use init::InitArgs;
pub use install::InstallArgs;
pub use judging::JudgingArgs;
pub use list::ListArgs;
pub use publish::PublishArgs;
pub use run::RunArgs;
pub use uninstall::UninstallArgs;
pub use waive::WaiveArgs;

const AFTER_HELP: &str = "Exit codes: 0 nothing failed that blocks, 1 something failed that blocks, 2 \
something could not be judged or the configuration is invalid. 130 and 143: ended by SIGINT or SIGTERM.";

/// Tests a codebase against statements in plain language, judged by an LLM coding CLI.
#[derive(Debug, Parser)]
#[command(
    name = "semtest",
    version,
    after_help = AFTER_HELP,
    args_override_self = true
)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options that stand before the command.
#[derive(Args, Debug)]
pub struct GlobalArgs {
    /// Run as if started in DIR; given several times, each is relative to the one before
    #[arg(short = 'C', value_name = "DIR", action = clap::ArgAction::Append)]
    pub directory: Vec<PathBuf>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge spec files and write the reports
    Run(Box<RunArgs>),
    /// Judge one statement, without a spec file, a configuration or reports
    Ask(Box<AskArgs>),
    /// Find out how noisy the judge is about each statement, and write semtest.noise.json
    Calibrate(Box<CalibrateArgs>),
    /// Let a failure not block until a date, in semtest.waivers.yaml
    Waive(Box<WaiveArgs>),
    /// Bring a run's results to the pull request: comment, annotations, summary
    Publish(Box<PublishArgs>),
    /// Write a semtest.config.ts with the defaults; never overwrites one
    Init(InitArgs),
    /// Show the model keys of every known LLM CLI
    List(ListArgs),
    /// Tell whether a run could start here, and what to do if not
    Doctor(DoctorArgs),
    /// Install LLM CLIs from the npm registry, in the versions that semtest was tested with
    Install(Box<InstallArgs>),
    /// Print a script that lets your shell complete semtest's commands and flags
    Completions(CompletionsArgs),
    /// Tell how to remove this installation
    Uninstall(UninstallArgs),
    /// Do what the inputs of a step of GitHub Actions say
    #[command(hide = true)]
    Action,
    /// Start as the first process of a container
    #[command(hide = true)]
    Entrypoint(EntrypointArgs),
}

/// Reads a command line; the first item is the program's name.
///
/// # Errors
/// clap's own error, which is also how `--help` and `--version` arrive.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(arguments)
}

/// Whether nothing but the help was to be told, since no command was given.
#[must_use]
pub fn is_missing_command(error: &clap::Error) -> bool {
    error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
}

/// What was meant by a command line that is wrong, where we know it.
#[must_use]
pub fn hint(error: &clap::Error, arguments: &[OsString]) -> Option<String> {
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let place = arguments.iter().position(|word| word == "--save")?;
    let path = arguments.get(place + 1).and_then(|word| word.to_str());
    let path = path.filter(|word| word.to_lowercase().ends_with(".md"));
    Some(format!(
        "PATH follows `=`: `--save={}`",
        path.unwrap_or("PATH")
    ))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_config_field_has_a_flag() {
        let command = Cli::command();
        let run = command.find_subcommand("run").unwrap();
        let flags: Vec<&str> = run
            .get_arguments()
            .filter_map(clap::Arg::get_long)
            .collect();
        for field in crate::config::FIELDS {
            let flag: String = field
                .name
                .chars()
                .flat_map(|letter| {
                    let dash = letter.is_uppercase().then_some('-');
                    dash.into_iter().chain(letter.to_lowercase())
                })
                .collect();
            assert!(flags.contains(&flag.as_str()), "--{flag}");
        }
    }
}
