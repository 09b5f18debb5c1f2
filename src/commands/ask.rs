//! `semtest ask`: one statement to its verdict, without a spec file, a configuration or reports.

use std::io::Read as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::ci;
use crate::cli::AskArgs;
use crate::config::PartialConfig;
use crate::evaluate::{self, AgentError, Credentials, EvaluateError, Statement, Tool};
use crate::exit::Exit;
use crate::model::{Judged, Outcome, RunEvent, RunReport, Tokens, Trust, VotePolicy, Votes};
use crate::ownership::{create_directories, give_to_owner};
use crate::report;
use crate::ui::{Answer, Ui, Verbosity};

use super::Place;
use super::error::CommandError;
use super::project::Project;
use super::run::{everything, judge};

/// More than this is no statement; the rest is not read.
const MOST_STDIN: u64 = 1_000_000;

/// How the message of a call that failed begins. What a model answered is told in other words.
const FAILED_CALLS: [&str; 4] = [
    "the tool reports: ",
    "exit code ",
    "ended by signal ",
    "the answer was empty",
];

/// Has the statement judged in the current directory.
pub(super) fn ask(arguments: &AskArgs, place: &Place) -> Result<Exit, CommandError> {
    if let Trust::Untrusted { reason } = ci::detect(&place.env).trust {
        return Err(CommandError::UntrustedStatement { reason });
    }
    let verbosity = if arguments.json {
        Verbosity::Quiet
    } else {
        Verbosity::Normal
    };
    let ui = Arc::new(Ui::new(&place.env, verbosity));
    let statement = Statement::parse(&text(&arguments.statement)?)?;
    let save = match &arguments.save {
        Some(path) => Some(free_path(path, &statement, place)?),
        None => None,
    };
    let flags = arguments.to_config();
    let mut project = Project::unconfigured(flags.clone(), place);
    // Somebody waits for the answer. The statement's own frontmatter may want more of them.
    let one = Votes::Fixed(VotePolicy::One);
    project.settings.votes = arguments.votes.unwrap_or(one);
    let keys: Vec<String> = match &arguments.judging.llm {
        Some(key) => vec![key.clone()],
        None => candidates(&project)?
            .iter()
            .map(|tool| tool.key.to_owned())
            .collect(),
    };
    let report = ask_in_turn(&keys, &statement, &flags, &mut project, &ui)?;
    let saved = save.map(|path| write_new(&path, &statement).map(|()| path));
    tell(
        &report,
        saved.as_ref().and_then(|path| path.as_ref().ok()),
        arguments,
        place,
        &ui,
    );
    give_advice(&report, &keys, &project, &ui);
    match saved {
        Some(Err(error)) => Err(error),
        Some(Ok(_)) | None => Ok(report.exit()),
    }
}

/// The argument, or what stands on stdin.
fn text(argument: &str) -> Result<String, CommandError> {
    if argument != "-" {
        return Ok(argument.to_owned());
    }
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(MOST_STDIN)
        .read_to_string(&mut text)
        .map_err(CommandError::Stdin)?;
    Ok(text)
}

/// Where the statement is saved. Looked at before anything is paid for.
fn free_path(wanted: &str, statement: &Statement, place: &Place) -> Result<PathBuf, CommandError> {
    let shown = if wanted.is_empty() {
        PathBuf::from(&statement.path)
    } else {
        PathBuf::from(wanted)
    };
    let name = shown.to_string_lossy();
    if ![".spec.md", ".test.md"]
        .iter()
        .any(|end| name.ends_with(end))
    {
        return Err(CommandError::SpecName(shown));
    }
    let path = place.directory.join(&shown);
    match fs_err::symlink_metadata(&path) {
        Ok(_) => Err(CommandError::SpecThere(shown)),
        Err(_) => Ok(path),
    }
}

fn write_new(path: &Path, statement: &Statement) -> Result<(), CommandError> {
    if let Some(directory) = path.parent() {
        create_directories(directory)?;
    }
    let mut file = fs_err::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)?;
    give_to_owner(file.file(), path);
    Ok(file.write_all(statement.markdown.as_bytes())?)
}

/// The tools that can be asked here, in the order in which they are: those that a variable lets in,
/// then those that may be logged in, each in the order of `semtest list`. With its own default model,
/// as that is one that its login surely has.
pub(super) fn candidates(project: &Project) -> Result<Vec<&'static Tool>, CommandError> {
    let (mut usable, mut refused) = (Vec::new(), None);
    for tool in project.agents.installed() {
        let restrained = tool.can_only_read() || project.settings.skip_permissions_if_possible;
        match project.agents.find(tool.key) {
            Ok(_) if restrained => usable.push(tool),
            Ok(_) => {
                refused = refused.or(Some(AgentError::NoReadOnlyMode {
                    key: tool.key.to_owned(),
                    name: tool.name,
                }));
            }
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    usable.sort_by_key(|tool| !matches!(project.agents.credentials(tool), Credentials::Set(_)));
    match (usable.is_empty(), refused) {
        (false, _) => Ok(usable),
        (true, Some(error)) => Err(EvaluateError::from(error).into()),
        (true, None) => Err(CommandError::NoTool),
    }
}

/// What the first of `keys` says that gets as far as a model. The others cost nothing.
fn ask_in_turn(
    keys: &[String],
    statement: &Statement,
    flags: &PartialConfig,
    project: &mut Project,
    ui: &Arc<Ui>,
) -> Result<RunReport, CommandError> {
    let mut last = Err(CommandError::NoTool);
    for (place, key) in keys.iter().enumerate() {
        last = ask_one(key, statement, flags, project, ui);
        let reason = match &last {
            Ok(report) => failed_call(report).map(str::to_owned),
            Err(CommandError::Evaluate(
                error @ (EvaluateError::Agent(_)
                | EvaluateError::Obeyed { .. }
                | EvaluateError::Uncapped { .. }),
            )) => Some(error.to_string()),
            Err(_) => None,
        };
        let chosen_by_statement = project.settings.llm != *key;
        let (Some(reason), Some(next), false) = (reason, keys.get(place + 1), chosen_by_statement)
        else {
            break;
        };
        let reason = reason.lines().next().unwrap_or_default();
        ui.warning(&format!("{key} gave no answer ({reason}); asking {next}"));
    }
    last
}

fn ask_one(
    key: &str,
    statement: &Statement,
    flags: &PartialConfig,
    project: &mut Project,
    ui: &Arc<Ui>,
) -> Result<RunReport, CommandError> {
    key.clone_into(&mut project.settings.llm);
    let plan = evaluate::plan_statement(statement, &everything(flags, project, None))?;
    // The statement's own frontmatter may name another.
    let first = plan.specs.first();
    let key = first.map_or_else(String::new, |spec| spec.key.clone());
    project.settings.llm.clone_from(&key);
    let listener = Arc::clone(ui);
    // Nobody keeps this report, so nobody asks which commit it is about.
    let code = Judged::default();
    judge(plan, code, project, None, ui, move |event| {
        show(event, &key, &listener);
    })
}

/// Why no model was heard, if none was: the call failed and used no tokens.
fn failed_call(report: &RunReport) -> Option<&str> {
    let usage = report.total_usage()?;
    let unpaid = usage
        .tokens
        .is_none_or(|tokens| tokens == Tokens::default());
    if !unpaid || report.interruption.is_some() {
        return None;
    }
    let mut messages = report.results.iter().map(|result| match &result.outcome {
        Outcome::Error { message } => Some(message.as_str()),
        Outcome::Pass | Outcome::Fail(_) | Outcome::Invalid { .. } | Outcome::Skip { .. } => None,
    });
    let message = messages.next()??;
    let is_of_tool = FAILED_CALLS.iter().any(|start| message.starts_with(start));
    let same = messages.all(|other| other == Some(message));
    (same && (is_of_tool || usage.calls == 0)).then_some(message)
}

/// As in a run, but the statement has no file to be named by, and its verdict follows.
fn show(event: &RunEvent, judge: &str, ui: &Ui) {
    match event {
        RunEvent::FileStarted { index, total, .. } => ui.event(&RunEvent::FileStarted {
            index: *index,
            total: *total,
            path: judge.to_owned(),
        }),
        RunEvent::FileFinished { .. } => {}
        RunEvent::Retry { .. }
        | RunEvent::Repeat { .. }
        | RunEvent::Vote { .. }
        | RunEvent::Slowed { .. }
        | RunEvent::FileEnded { .. }
        | RunEvent::Warning { .. } => ui.event(event),
    }
}

fn tell(report: &RunReport, saved: Option<&PathBuf>, arguments: &AskArgs, place: &Place, ui: &Ui) {
    if arguments.json {
        ui.data(report::json::render(report).trim_end());
        return;
    }
    let relative = |path: &PathBuf| {
        let path = path.strip_prefix(&place.directory).unwrap_or(path);
        path.display().to_string()
    };
    ui.answer(&Answer {
        report,
        headline: &report::headline(report),
        saved: saved.map(relative).as_deref(),
    });
}

/// A tool whose call failed may not be logged in: nobody can tell that beforehand.
fn give_advice(report: &RunReport, keys: &[String], project: &Project, ui: &Ui) {
    if failed_call(report).is_none() {
        return;
    }
    let used = project.settings.llm.as_str();
    let (own, others): (Vec<&Tool>, Vec<&Tool>) =
        project.agents.installed().partition(|tool| tool.owns(used));
    if let Some(tool) = own.first() {
        let key = match project.agents.credentials(tool) {
            Credentials::Set(_) => None,
            Credentials::Missing(names) => Some(names.join(" or ")),
            Credentials::Unknown => Some("its API key".to_owned()),
        };
        if let Some(key) = key {
            ui.hint(&format!(
                "if it is not logged in, start `{}` by itself once, or set {key}; `semtest doctor` \
                 shows what it sees",
                tool.binary
            ));
        }
    }
    let asked = |tool: &Tool| keys.iter().any(|key| tool.owns(key));
    let flags: Vec<String> = others
        .iter()
        .filter(|tool| !asked(tool))
        .map(|tool| format!("`--llm {}`", tool.key))
        .collect();
    if !flags.is_empty() {
        ui.hint(&format!("installed too: {}", flags.join(", ")));
    }
}
