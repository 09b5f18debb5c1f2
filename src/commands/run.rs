//! `semtest run`: specs in, verdicts out, three files on disk.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::cli::RunArgs;
use crate::config::{Bail, Settings};
use crate::evaluate::{self, Evaluated, Manner, Plan, RunOptions, discover};
use crate::exit::Exit;
use crate::model::RunReport;
use crate::process::Cancel;
use crate::report::{self, WriteOptions};
use crate::ui::{Ui, Verbosity};

use super::Place;
use super::error::CommandError;
use super::project::{Project, load_project};
use super::signals::Interruptions;

/// Runs the specs that `arguments` select.
pub(super) fn run(arguments: &RunArgs, place: &Place) -> Result<Exit, CommandError> {
    let project = load_project(arguments, place)?;
    let ui = Arc::new(Ui::new(&place.env, verbosity(arguments, &project.settings)));
    if !arguments.plan {
        // Before anything can fail: a stale report must not outlive the run that replaces it.
        for kept in report::clear(&project.output, project.junit.as_deref())? {
            ui.warning(&format!(
                "{} is not ours and was left there",
                kept.display()
            ));
        }
        report::check_writable(&project.output)?;
        if let Some(directory) = project.junit.as_deref().and_then(Path::parent) {
            report::check_writable(directory)?;
        }
    }
    let plan = evaluate::plan(&options(arguments, place, &project))?;
    for warning in &plan.warnings {
        ui.warning(warning);
    }
    if arguments.plan {
        print_plan(&plan, &ui);
        return Ok(Exit::Passed);
    }
    if plan.specs.is_empty() && !project.settings.allow_empty {
        return Err(CommandError::NoSpecs {
            root: project.root,
            patterns: project.settings.test_match,
        });
    }
    let report = judge(plan, &project, &ui)?;
    let written = report::write(&report, &write_options(&project))?;
    let shown: Vec<String> = written.iter().map(|path| relative(path, place)).collect();
    ui.summary(&report, &shown, &report::headline(&report));
    Ok(report.exit())
}

fn verbosity(arguments: &RunArgs, settings: &Settings) -> Verbosity {
    match (arguments.quiet, settings.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, true) => Verbosity::Verbose,
        (false, false) => Verbosity::Normal,
    }
}

fn options(arguments: &RunArgs, place: &Place, project: &Project) -> evaluate::Options {
    let flags = arguments.to_config();
    let settings = &project.settings;
    evaluate::Options {
        selection: discover::Options {
            root: project.root.clone(),
            directory: place.directory.clone(),
            test_match: settings.test_match.clone(),
            ignore_patterns: settings.test_path_ignore_patterns.clone(),
            output: project.output.clone(),
            arguments: arguments.files.clone(),
            tags: arguments.tag.clone(),
            name_pattern: arguments.test_name_pattern.clone(),
        },
        forced: Manner {
            llm: flags.llm,
            timeout: flags.timeout,
            skip_permissions: flags.skip_permissions_if_possible,
        },
        fallback: Manner {
            llm: Some(settings.llm.clone()),
            timeout: settings.timeout,
            skip_permissions: Some(settings.skip_permissions_if_possible),
        },
        agents: project.agents.clone(),
        jobs: settings
            .jobs
            .and_then(|jobs| usize::try_from(jobs.get()).ok()),
    }
}

/// Judges everything in `plan`, until it is done or a signal comes.
fn judge(plan: Plan, project: &Project, ui: &Arc<Ui>) -> Result<RunReport, CommandError> {
    let (started, clock) = (Timestamp::now(), Instant::now());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let cancel = Cancel::new();
    let (evaluated, interruption) = runtime.block_on(async {
        let interruptions = Interruptions::listen(&cancel)?;
        let evaluated = evaluate::run(plan, run_options(project, cancel, ui)).await;
        Ok::<_, CommandError>((evaluated, interruptions.first()))
    })?;
    // A check that a signal cut short may still be reading files; nobody waits for it.
    runtime.shutdown_background();
    ui.clear_progress();
    let Evaluated { results, issues } = evaluated;
    Ok(RunReport {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: whole_milliseconds(started),
        duration: Duration::from_millis(u64::try_from(clock.elapsed().as_millis()).unwrap_or(0)),
        project: project_name(&project.root),
        judge: project.settings.llm.clone(),
        results,
        issues,
        strict: project.settings.strict,
        allow_empty: project.settings.allow_empty,
        interruption,
    })
}

fn run_options(project: &Project, cancel: Cancel, ui: &Arc<Ui>) -> RunOptions {
    let settings: &Settings = &project.settings;
    let ui = Arc::clone(ui);
    RunOptions {
        repeat: settings.repeat.get(),
        stop_after: match settings.bail {
            Bail::Never => None,
            Bail::After(most) => Some(most.get()),
        },
        skip_validation: settings.skip_validation,
        debug_directory: settings
            .debug
            .then(|| report::debug_directory(&project.output)),
        cancel,
        on_event: Arc::new(move |event| ui.event(event)),
    }
}

fn write_options(project: &Project) -> WriteOptions {
    WriteOptions {
        output: project.output.clone(),
        junit: project.junit.clone(),
        timestamp: project.settings.timestamp,
        include_passing: project.settings.include_passing,
    }
}

/// One line a file: who would judge which scenarios of it.
fn print_plan(plan: &Plan, ui: &Ui) {
    for spec in &plan.specs {
        let scenarios = spec
            .selected
            .iter()
            .filter_map(|&at| spec.file.scenarios.get(at));
        let ids: Vec<&str> = scenarios.map(|scenario| scenario.id.as_str()).collect();
        ui.item(&format!(
            "{} · {} · {}",
            spec.file.path,
            spec.key,
            ids.join(", ")
        ));
    }
    let calls = plan
        .specs
        .iter()
        .filter(|spec| spec.calls_a_model())
        .count();
    let scenarios: usize = plan.specs.iter().map(|spec| spec.selected.len()).sum();
    ui.item(&format!(
        "{} files, {scenarios} scenarios, at most {calls} model calls a run, {} at once",
        plan.specs.len(),
        plan.jobs
    ));
}

fn whole_milliseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

fn project_name(root: &Path) -> String {
    root.file_name()
        .map_or_else(|| "/".into(), |name| name.to_string_lossy().into_owned())
}

fn relative(path: &Path, place: &Place) -> String {
    let path = path.strip_prefix(&place.directory).unwrap_or(path);
    path.display().to_string()
}
