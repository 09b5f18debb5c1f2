//! `semtest ask`: one statement to its verdict, without a spec file, a configuration or reports.

use std::io::Read as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::ci;
use crate::cli::AskArgs;
use crate::evaluate::{self, Credentials, EvaluateError, Statement, Tool};
use crate::exit::Exit;
use crate::model::{Outcome, RunEvent, RunReport, Trust};
use crate::report;
use crate::ui::{Answer, Ui, Verbosity};

use super::Place;
use super::error::CommandError;
use super::project::Project;
use super::run::{everything, judge};

/// More than this is no statement; the rest is not read.
const MOST_STDIN: u64 = 1_000_000;

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
    if arguments.judging.llm.is_none() {
        project.settings.llm = first_tool(&project)?.key.to_owned();
    }
    let plan = evaluate::plan_statement(&statement, &everything(&flags, &project, None))?;
    let key = plan
        .specs
        .first()
        .map_or_else(String::new, |spec| spec.key.clone());
    project.settings.llm.clone_from(&key);
    let listener = Arc::clone(&ui);
    let report = judge(plan, &project, None, &ui, move |event| {
        show(event, &key, &listener);
    })?;
    let saved = save.map(|path| write_new(&path, &statement).map(|()| path));
    tell(
        &report,
        saved.as_ref().and_then(|path| path.as_ref().ok()),
        arguments,
        place,
        &ui,
    );
    give_advice(&report, &project, &ui);
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
        fs_err::create_dir_all(directory)?;
    }
    let mut file = fs_err::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)?;
    Ok(file.write_all(statement.markdown.as_bytes())?)
}

/// The first tool that is on this machine and can be used, in the order of `semtest list`. With its
/// own default model, as that is one that its login surely has.
fn first_tool(project: &Project) -> Result<&'static Tool, CommandError> {
    let mut refused = None;
    for tool in project.agents.installed() {
        match project.agents.find(tool.key) {
            Ok(_) => return Ok(tool),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(match refused {
        Some(error) => EvaluateError::from(error).into(),
        None => CommandError::NoTool,
    })
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

/// A tool that gave no verdict may not be logged in: nobody can tell that beforehand.
fn give_advice(report: &RunReport, project: &Project, ui: &Ui) {
    let is_error = |outcome: &Outcome| matches!(outcome, Outcome::Error { .. });
    let all_errors = report
        .results
        .iter()
        .all(|result| is_error(&result.outcome));
    if !all_errors || report.interruption.is_some() || report.total_usage().is_none() {
        return;
    }
    let used = project.settings.llm.as_str();
    let (own, others): (Vec<&Tool>, Vec<&Tool>) =
        project.agents.installed().partition(|tool| tool.owns(used));
    if let Some(tool) = own.first() {
        let key = match project.agents.credentials(tool) {
            Credentials::Missing(names) => names.join(" or "),
            Credentials::Set(_) | Credentials::Unknown => "its API key".to_owned(),
        };
        ui.hint(&format!(
            "if it is not logged in, start `{}` by itself once, or set {key}; `semtest doctor` shows \
             what it sees",
            tool.binary
        ));
    }
    if !others.is_empty() {
        let flags: Vec<String> = others
            .iter()
            .map(|tool| format!("`--llm {}`", tool.key))
            .collect();
        ui.hint(&format!("installed too: {}", flags.join(", ")));
    }
}
