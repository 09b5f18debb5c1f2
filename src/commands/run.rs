//! `semtest run`: specs in, verdicts out, three files on disk.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::chain::chain;
use crate::ci;
use crate::cli::RunArgs;
use crate::config::{self, Bail, PartialConfig, Settings};
use crate::evaluate::{
    self, Budget, Code, Evaluated, Manner, Plan, RunOptions, Workplace, discover,
};
use crate::exit::Exit;
use crate::model::{CHECKS, CiContext, Judged, RunEvent, RunReport, Trust, VotePolicy, Votes};
use crate::process::{self, Cancel};
use crate::report::{self, FilesError, WriteOptions};
use crate::ui::{Ending, Ui, Verbosity};

use super::Place;
use super::again::again;
use super::error::CommandError;
use super::judged::judged;
use super::plan::{ignored_votes, print_plan};
use super::project::{Project, load_project};
use super::rule_changes::rule_changes;
use super::signals::Interruptions;
use super::untrusted::{Guest, Stranger, without_own_programs};

/// Runs the specs that `arguments` select.
pub(super) fn run(arguments: &RunArgs, place: &Place) -> Result<Exit, CommandError> {
    let context = ci::detect(&place.env);
    match context.trust {
        Trust::Trusted => run_in(&context, arguments, place),
        Trust::Untrusted { .. } => run_in(&context, arguments, &without_own_programs(place)),
    }
}

fn run_in(context: &CiContext, arguments: &RunArgs, place: &Place) -> Result<Exit, CommandError> {
    let clear = |_: &CommandError| clear_without_configuration(arguments, place, &context.trust);
    let stranger = Stranger::look(context, place).inspect_err(clear)?;
    let stranger = stranger.as_ref();
    let config = arguments.config.as_deref();
    let project =
        load_project(config, &arguments.to_config(), place, stranger).inspect_err(clear)?;
    let verbosity = verbosity(arguments, &project.settings);
    let ui = Ui::without(Arc::clone(&project.secrets), &place.env, verbosity);
    let ui = Arc::new(ui);
    if !arguments.plan {
        clear_output(&project, &ui)?;
    }
    let guest = stranger.map(|stranger| stranger.admit(&project, place, &ui));
    let guest = guest.transpose()?;
    project.check_model_key()?;
    let plan = plan(arguments, &project, guest.as_ref(), &ui)?;
    if arguments.plan {
        print_plan(&plan, &project.settings, &ui);
        return Ok(Exit::Passed);
    }
    if plan.specs.is_empty() && plan.new == 0 && !project.settings.allow_empty {
        return Err(CommandError::NoSpecs {
            root: project.root,
            patterns: project.settings.test_match,
            filtered: plan.filtered,
        });
    }
    check_output(&project)?;
    let (listener, guest) = (Arc::clone(&ui), guest.as_ref());
    let code = judged(context, &project.root, place)?;
    let rule_changes = rule_changes(context, &project, stranger, place)?;
    let mut report = judge(plan, code, &project, guest, &ui, move |event| {
        listener.event(event);
    })?;
    report.rule_changes = rule_changes;
    let written = report::write(&report, &write_options(&project));
    // What was paid for is shown even where it can't be kept.
    let paths: &[PathBuf] = match &written {
        Ok(paths) => paths,
        Err(FilesError::NotWritten { written, .. }) => written,
        Err(_) => &[],
    };
    let shown: Vec<String> = paths.iter().map(|path| relative(path, place)).collect();
    ui.summary(&Ending {
        report: &report,
        paths: &shown,
        headline: &report::headline(&report),
        again: &again(arguments, &place.moves),
    });
    match written {
        Err(error) if report.interruption.is_none() => Err(error.into()),
        Err(error) => {
            ui.warning(&chain(&error));
            Ok(report.exit())
        }
        Ok(_) => Ok(report.exit()),
    }
}

/// What will run, with what the user should know before.
fn plan(
    arguments: &RunArgs,
    project: &Project,
    guest: Option<&Guest>,
    ui: &Ui,
) -> Result<Plan, CommandError> {
    let planned = evaluate::plan(&options(arguments, project, guest));
    // Before the error too: a tool may be refused because of it.
    if let Some(guest) = guest {
        guest.warn_of_permissions(&project.settings, planned.as_ref().ok(), ui);
    }
    let plan = planned?;
    for warning in plan
        .warnings
        .iter()
        .chain(&ignored_votes(&project.settings))
    {
        ui.warning(warning);
    }
    Ok(plan)
}

/// With a broken configuration nobody knows the output directory for sure; an old green report in the
/// likely one would still mislead. Errors are no news: the configuration's own is about to be told.
fn clear_without_configuration(arguments: &RunArgs, place: &Place, trust: &Trust) {
    if arguments.plan {
        return;
    }
    let flags = arguments.to_config();
    let base = match (&flags.output, config::find(&place.directory)) {
        (None, Ok(Some(file))) => file.parent().map(Path::to_owned),
        _ => None,
    };
    let settings = config::resolve(flags, PartialConfig::default(), &place.env);
    let output = base
        .as_ref()
        .unwrap_or(&place.directory)
        .join(settings.output);
    // Behind a stranger's link are other people's files.
    let is_real = || fs_err::canonicalize(&output).is_ok_and(|real| real == output);
    if output.is_dir() && (*trust == Trust::Trusted || is_real()) {
        let _ = report::clear(&output, None);
    }
}

/// Removes what an earlier run left, so that nobody takes it for this one's.
fn clear_output(project: &Project, ui: &Ui) -> Result<(), CommandError> {
    for kept in report::clear(&project.output, project.junit.as_deref())? {
        if project.settings.debug {
            return Err(CommandError::ForeignDebug(kept));
        }
        ui.warning(&format!(
            "{} is not ours and was left there",
            kept.display()
        ));
    }
    Ok(())
}

/// Makes sure that the reports can be written before anything is paid for, and no sooner: a run that
/// can't start leaves no directory.
fn check_output(project: &Project) -> Result<(), CommandError> {
    report::check_writable(&project.output)?;
    if let Some(directory) = project.junit.as_deref().and_then(Path::parent) {
        report::check_writable(directory)?;
    }
    Ok(())
}

fn verbosity(arguments: &RunArgs, settings: &Settings) -> Verbosity {
    match (arguments.quiet, settings.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, true) => Verbosity::Verbose,
        (false, false) => Verbosity::Normal,
    }
}

/// What the arguments select, judged as the project says.
pub(super) fn options(
    arguments: &RunArgs,
    project: &Project,
    guest: Option<&Guest>,
) -> evaluate::Options {
    let mut options = everything(&arguments.to_config(), project, guest);
    let selection = &mut options.selection;
    selection.arguments = guest.map_or_else(
        || arguments.files.clone(),
        |guest| guest.arguments(&arguments.files),
    );
    selection.tags.clone_from(&arguments.tag);
    selection
        .name_pattern
        .clone_from(&arguments.test_name_pattern);
    options
}

/// All spec files of the project, judged as its settings say.
pub(super) fn everything(
    flags: &PartialConfig,
    project: &Project,
    guest: Option<&Guest>,
) -> evaluate::Options {
    let settings = &project.settings;
    let not_shown = guest.is_some_and(|guest| guest.not_shown.is_some());
    evaluate::Options {
        selection: discover::Options {
            root: project.specs.clone(),
            directory: project.directory.clone(),
            test_match: settings.test_match.clone(),
            ignore_patterns: settings.test_path_ignore_patterns.clone(),
            output: guest.map_or(&project.output, |guest| &guest.output).clone(),
            arguments: Vec::new(),
            tags: Vec::new(),
            name_pattern: None,
            proposed: guest.map(|guest| guest.proposed.clone()),
        },
        code: Code {
            root: project.root.clone(),
            output: project.output.clone(),
            workplace: guest.map_or_else(
                || Workplace::project(project.root.clone()),
                |guest| guest.workplace.clone(),
            ),
        },
        forced: Manner {
            llm: if not_shown {
                Some(CHECKS.into())
            } else {
                flags.llm.clone()
            },
            timeout: flags.timeout,
            // Whoever acts without asking would do so in a stranger's code.
            skip_permissions: match guest {
                Some(_) => Some(false),
                None => flags.skip_permissions_if_possible,
            },
            votes: if settings.repeat > NonZeroU32::MIN {
                Some(Votes::Fixed(VotePolicy::One))
            } else {
                flags.votes
            },
        },
        fallback: Manner {
            llm: Some(settings.llm.clone()),
            timeout: settings.timeout,
            skip_permissions: Some(settings.skip_permissions_if_possible),
            votes: Some(settings.votes),
        },
        agents: project.agents.clone(),
        jobs: settings
            .jobs
            .and_then(|jobs| usize::try_from(jobs.get()).ok()),
        rules: project.rules(),
    }
}

/// Judges everything in `plan`, which is about the code of `judged`, until it is done or a signal comes.
pub(super) fn judge(
    mut plan: Plan,
    judged: Judged,
    project: &Project,
    guest: Option<&Guest>,
    ui: &Ui,
    on_event: impl Fn(&RunEvent) + Send + Sync + 'static,
) -> Result<RunReport, CommandError> {
    process::hide_from_children();
    let (started, clock) = (Timestamp::now(), Instant::now());
    plan.starts_on(started.to_zoned(TimeZone::UTC).date());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let cancel = Cancel::new();
    let (evaluated, interruption) = runtime.block_on(async {
        let interruptions = Interruptions::listen(&cancel)?;
        let options = run_options(project, guest, cancel, Arc::new(on_event));
        let evaluated = evaluate::run(plan, options).await?;
        // A signal that came while the last verdict was made is still to be noted.
        tokio::task::yield_now().await;
        Ok::<_, CommandError>((evaluated, interruptions.first()))
    })?;
    // A check that a signal cut short may still be reading files; nobody waits for it.
    runtime.shutdown_background();
    ui.clear_progress();
    let Evaluated {
        results,
        issues,
        usage,
    } = evaluated;
    let mut report = RunReport {
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
        usage,
        untrusted: guest.and_then(|guest| guest.not_shown.clone()),
        judged,
        rule_changes: Vec::new(),
    };
    // Here, where every report begins, so that no writer of one can forget it.
    report.for_each_text(&mut |text| project.secrets.redact_in(text));
    Ok(report)
}

fn run_options(
    project: &Project,
    guest: Option<&Guest>,
    cancel: Cancel,
    on_event: Arc<dyn Fn(&RunEvent) + Send + Sync>,
) -> RunOptions {
    let settings: &Settings = &project.settings;
    RunOptions {
        repeat: settings.repeat.get(),
        stop_after: match settings.bail {
            Bail::Never => None,
            Bail::After(most) => Some(most.get()),
        },
        skip_validation: settings.skip_validation,
        not_asked: match guest.and_then(|guest| guest.not_shown.as_ref()) {
            Some(reason) => format!("untrusted: {reason}"),
            None => "has no deterministic checks, and no model was asked".into(),
        },
        on_write: settings.on_write,
        budget: Budget {
            cost: settings.max_cost,
            calls: settings.max_calls.map(NonZeroU32::get),
            time: settings.max_time,
        },
        own_files: own_files(project),
        debug_directory: settings
            .debug
            .then(|| report::debug_directory(&project.output)),
        secrets: Arc::clone(&project.secrets),
        cancel,
        on_event,
    }
}

/// What semtest writes while it runs: reports, and what the shell sends its output to.
fn own_files(project: &Project) -> Vec<PathBuf> {
    let mut files = report::run_files(&project.output, project.junit.as_deref());
    let streams = ["/proc/self/fd/1", "/proc/self/fd/2"];
    files.extend(
        streams
            .iter()
            .filter_map(|stream| fs_err::read_link(stream).ok()),
    );
    files
}

fn write_options(project: &Project) -> WriteOptions {
    WriteOptions {
        output: project.output.clone(),
        junit: project.junit.clone(),
        formats: project.settings.format.clone(),
        timestamp: project.settings.timestamp,
        include_passing: project.settings.include_passing,
    }
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
