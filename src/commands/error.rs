//! Why a command could not do its job, and what the user can do about it.

use std::path::PathBuf;

use thiserror::Error;

use crate::action::InputError;
use crate::config::ConfigError;
use crate::evaluate::discover::DiscoverError;
use crate::evaluate::{EvaluateError, InstallError, StatementError};
use crate::exit::Exit;
use crate::git::GitError;
use crate::model::{CiSystem, Interruption};
use crate::process::RelayError;
use crate::report::{FilesError, LoadError};

use super::publish::Unusable;
use super::waive::WaiveError;

const NO_SHELF_HINT: &str =
    "`cache_directory` names another place; `agents: none` installs nothing";

const NO_TOOL_HINT: &str = "install one of those that `semtest list` shows and log in to it, or \
    describe your own with `--agents` and choose it with `--llm`";

const NO_NOISE_HINT: &str =
    "deterministic checks never contradict themselves; name a model with `--llm`";

const NOISE_CHANGED_HINT: &str = "if that was not you, it was the judge: look at it, put it back, and \
    calibrate again";

const UNTRUSTED_HINT: &str = "a maintainer reads the change, then runs it from a branch of this \
    repository, or sets `onUntrusted` to \"checks\" on the base branch";

/// Any room's error, on its way to the terminal.
#[derive(Debug, Error)]
pub(super) enum CommandError {
    #[error("the current directory can't be read")]
    CurrentDirectory(#[source] std::io::Error),
    #[error("`-C {}`: there is no such directory", .0.display())]
    NoDirectory(PathBuf),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    #[error("no model judges these specs, so there is no noise to find")]
    NothingToCalibrate,
    #[error("`semtest.noise.json` can't be written")]
    NoiseFile(#[source] std::io::Error),
    #[error("`semtest.noise.json` changed while agents ran, so nothing is written")]
    NoiseChanged,
    #[error("`--max-calls {most}` is not enough: each file takes {number} calls")]
    TooFewCalls { most: u32, number: u32, all: u64 },
    #[error("no spec files found in {}", .root.display())]
    NoSpecs {
        root: PathBuf,
        patterns: Vec<String>,
        filtered: usize,
    },
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error("`--junit={}` is the name of another report", .0.display())]
    JunitName(PathBuf),
    #[error("`{}` holds what semtest did not write, so `--debug` can't use it", .0.display())]
    ForeignDebug(PathBuf),
    #[error("`{}` is there already, and `init` never overwrites", .0.display())]
    AlreadyThere(PathBuf),
    #[error(transparent)]
    Statement(#[from] StatementError),
    #[error("standard input can't be read")]
    Stdin(#[source] std::io::Error),
    #[error("no known LLM CLI is on PATH")]
    NoTool,
    #[error("{reason}, so no agent is asked about its code")]
    UntrustedStatement { reason: String },
    #[error("`{}` is there already, and `--save` never overwrites", .0.display())]
    SpecThere(PathBuf),
    #[error("`{}`: `semtest run` finds files that end in `.spec.md` or `.test.md`", .0.display())]
    SpecName(PathBuf),
    #[error(transparent)]
    File(#[from] std::io::Error),
    #[error("this is an untrusted pull request: {reason}")]
    Untrusted { reason: String },
    #[error("this is an untrusted pull request ({reason}), and its base can't be read")]
    Base {
        reason: String,
        system: Option<CiSystem>,
        source: GitError,
    },
    #[error("the pull request can't be copied for agents")]
    Head(#[source] GitError),
    #[error("`{}` leads through a symbolic link, and this is an untrusted pull request", .0.display())]
    ThroughLink(PathBuf),
    #[error("`{}` is outside the checkout, and this is an untrusted pull request", .0.display())]
    OutsideCheckout(PathBuf),
    #[error("git can't list the tracked files, and this is an untrusted pull request")]
    Unlisted,
    #[error(transparent)]
    Results(#[from] Unusable),
    #[error("there is no directory `{0}`")]
    FlagValue(&'static str),
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    Relay(#[from] RelayError),
    #[error(transparent)]
    Install(#[from] InstallError),
    #[error("the arguments after `--` are none of `semtest run`: {0}")]
    RunArguments(String),
    #[error("the input `working_directory`: there is no directory `{}`", .0.display())]
    NoWorkingDirectory(PathBuf),
    #[error("`{0}` leads out of the workspace")]
    OutsideWorkspace(String),
    #[error("`{}` is a symbolic link, and no reports are written through one", .0.display())]
    ReportsThroughLink(PathBuf),
    #[error("LLM CLIs can't be installed")]
    NoShelf(#[source] std::io::Error),
    #[error("a process that was left behind can't be ended, so results don't count")]
    LeftOver,
    #[error("`--token-stdin`: no token came")]
    NoToken,
    #[error(transparent)]
    Waive(#[from] WaiveError),
    #[error("ended by a signal")]
    Interrupted(Interruption),
}

impl CommandError {
    /// How the command ends.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Interrupted(Interruption::Interrupt) => Exit::Interrupted,
            Self::Interrupted(Interruption::Terminate) => Exit::Terminated,
            Self::CurrentDirectory(_)
            | Self::NoDirectory(_)
            | Self::Config(_)
            | Self::Evaluate(_)
            | Self::NoSpecs { .. }
            | Self::NothingToCalibrate
            | Self::NoiseFile(_)
            | Self::NoiseChanged
            | Self::TooFewCalls { .. }
            | Self::Files(_)
            | Self::JunitName(_)
            | Self::ForeignDebug(_)
            | Self::AlreadyThere(_)
            | Self::Statement(_)
            | Self::Stdin(_)
            | Self::NoTool
            | Self::UntrustedStatement { .. }
            | Self::SpecThere(_)
            | Self::SpecName(_)
            | Self::File(_)
            | Self::Untrusted { .. }
            | Self::Base { .. }
            | Self::Head(_)
            | Self::ThroughLink(_)
            | Self::OutsideCheckout(_)
            | Self::Unlisted
            | Self::Results(_)
            | Self::FlagValue(_)
            | Self::Input(_)
            | Self::Relay(_)
            | Self::Install(_)
            | Self::RunArguments(_)
            | Self::NoWorkingDirectory(_)
            | Self::OutsideWorkspace(_)
            | Self::ReportsThroughLink(_)
            | Self::NoShelf(_)
            | Self::LeftOver
            | Self::Waive(_)
            | Self::NoToken => Exit::Error,
        }
    }

    /// What the user can do, where we know it. Errors that show a place bring their own.
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::Evaluate(error) => evaluate_hint(error),
            Self::NoSpecs {
                patterns, filtered, ..
            } => Some(no_specs_hint(patterns, *filtered)),
            Self::NothingToCalibrate => Some(NO_NOISE_HINT.to_owned()),
            Self::NoiseChanged => Some(NOISE_CHANGED_HINT.to_owned()),
            Self::TooFewCalls { number, all, .. } => Some(format!(
                "raise it to {all} for all that are named, or name fewer files and raise it to \
                 {number} for each"
            )),
            Self::Files(error) => error.hint().map(str::to_owned),
            Self::ForeignDebug(_) => Some("move it away, or name another `--output`".into()),
            Self::AlreadyThere(_) => Some("edit it, or move it away first".into()),
            Self::Statement(_) => {
                Some("write one in quotes: `semtest ask \"No handler logs a password.\"`".into())
            }
            Self::NoTool => Some(NO_TOOL_HINT.to_owned()),
            Self::UntrustedStatement { .. } => {
                Some("`semtest run` does what `onUntrusted` says for such a pull request".into())
            }
            Self::SpecThere(_) => Some("name another with `--save=PATH`".into()),
            Self::JunitName(_) | Self::SpecName(_) => Some("choose another name".into()),
            Self::Untrusted { .. } => Some(UNTRUSTED_HINT.to_owned()),
            Self::Base { system, .. } => Some(base_hint(*system)),
            Self::ThroughLink(_) => {
                Some("a stranger may have made it; name the directory itself".into())
            }
            Self::Results(unusable) => unusable_hint(unusable),
            Self::FlagValue(value) => Some(format!(
                "the optional value of a flag follows `=`, such as `--annotations={value}`"
            )),
            Self::Install(error) => error.hint(),
            Self::NoShelf(_) => Some(NO_SHELF_HINT.to_owned()),
            Self::Relay(error) => relay_hint(error).map(str::to_owned),
            Self::Waive(error) => Some(error.hint()),
            Self::NoToken => {
                Some("pipe it in: `printf %s \"$TOKEN\" | semtest publish --token-stdin`".into())
            }
            Self::OutsideWorkspace(_) | Self::ReportsThroughLink(_) => Some(
                "`working_directory` and `output` name real directories in the workspace".into(),
            ),
            Self::OutsideCheckout(_) => {
                Some("the base revision's copy is used, so it has to be in the repository".into())
            }
            Self::CurrentDirectory(_)
            | Self::NoDirectory(_)
            | Self::Config(_)
            | Self::NoiseFile(_)
            | Self::File(_)
            | Self::Head(_)
            | Self::Unlisted
            | Self::Input(_)
            | Self::RunArguments(_)
            | Self::NoWorkingDirectory(_)
            | Self::LeftOver
            | Self::Stdin(_)
            | Self::Interrupted(_) => None,
        }
    }
}

/// What the user can do where there is nothing to judge.
fn no_specs_hint(patterns: &[String], filtered: usize) -> String {
    if filtered > 0 {
        return format!(
            "`--tag` or `-t` left out all that there are ({filtered}); `semtest run --plan` \
             without them shows which"
        );
    }
    format!(
        "spec files match {}; name others with `testMatch` in the configuration or as \
         arguments, or let a run without specs pass with `--allow-empty`",
        patterns.join(", ")
    )
}

/// What the user can do where a half of the action could not be started.
fn relay_hint(error: &RelayError) -> Option<&'static str> {
    match error {
        RelayError::InReach { .. } => Some(
            "start the container without `--init`, or as root: then agents run as another user",
        ),
        RelayError::OnCommandLine { .. } => {
            Some("a token on a command line can be read by all: pass it by a variable")
        }
        RelayError::User { .. } => Some(
            "leave the container the capabilities SETUID and SETGID, or start it as another user \
             than root with `--user`",
        ),
        RelayError::Closed { .. } => Some(
            "let everybody read the checkout, with `chmod -R a+rX .` in a step before, or start the \
             container as the checkout's owner with `--user`",
        ),
        RelayError::Start { .. } | RelayError::System(_) => None,
    }
}

/// What the user can do where nothing could be judged.
fn evaluate_hint(error: &EvaluateError) -> Option<String> {
    match error {
        EvaluateError::Agent(error) | EvaluateError::SpecAgent { source: error, .. } => {
            Some(error.hint())
        }
        EvaluateError::Discover(DiscoverError::NotFound { argument, .. })
            if looks_like_a_value(argument) =>
        {
            Some(format!(
                "the optional value of a flag follows `=`, such as `--junit={argument}`"
            ))
        }
        EvaluateError::Obeyed { .. } => Some(
            "take it out of the repository (`git rm --cached`), or choose another judge".into(),
        ),
        EvaluateError::Uncapped { .. } => Some(
            "`--max-calls N` limits any judge; Claude Code, OpenCode and Aider tell what they cost, and \
             others do with a model of a known price"
                .into(),
        ),
        EvaluateError::Unwatched(_) => Some(
            "run in a git checkout, or leave out `--on-write error` (`onWrite` in the \
             configuration)"
                .into(),
        ),
        EvaluateError::Discover(error) => error.hint().map(str::to_owned),
        EvaluateError::Checks(_) => None,
    }
}

/// What the user can do where results are no use.
fn unusable_hint(unusable: &Unusable) -> Option<String> {
    Some(match unusable {
        Unusable::Load(error) => results_hint(error),
        Unusable::OfAnother { advice, .. } => (*advice).to_owned(),
        Unusable::OfAnotherRun { .. } => {
            "the messages of `semtest run` tell why it left no others".into()
        }
        // The text has it.
        Unusable::NoneLeft { .. } => return None,
    })
}

/// What the user can do where there is nothing to publish.
fn results_hint(error: &LoadError) -> String {
    match error {
        LoadError::Missing(_) => {
            "run `semtest run` first, or name the directory of its reports; if \
             it did run, its own messages tell why it left none"
                .into()
        }
        LoadError::NotAFile(_)
        | LoadError::NotText(_)
        | LoadError::Unreadable { .. }
        | LoadError::Refused { .. } => {
            "only what `semtest run` wrote is published; let the job upload the whole directory, \
             and use the same version of semtest for both"
                .into()
        }
    }
}

/// How each system is told to check out more.
fn base_hint(system: Option<CiSystem>) -> String {
    format!(
        "specs and configuration of such a pull request come from its base revision; give the job \
         git and {}",
        whole_checkout(system)
    )
}

/// What makes the job's checkout a whole one.
pub(super) fn whole_checkout(system: Option<CiSystem>) -> &'static str {
    match system {
        Some(CiSystem::GitHub) => "`fetch-depth: 0` for actions/checkout",
        Some(CiSystem::GitLab) => "`GIT_DEPTH: 0` in the job's variables",
        Some(CiSystem::Other) | None => "a checkout with all branches and their history",
    }
}

/// Whether an argument that names no file was meant as the value of the flag before it.
fn looks_like_a_value(argument: &str) -> bool {
    ["true", "false"].contains(&argument)
        || argument.to_lowercase().ends_with(".xml")
        || argument.parse::<u32>().is_ok()
}
