//! Specs in, verdicts out.
//!
//! [`plan()`] finds the spec files and their judges and costs nothing; [`run`] judges them. Both take
//! values only: no command line, no configuration file, no process environment.

mod agents;
pub mod checks;
pub mod discover;
mod ignored;
mod installed;
mod instructions;
mod judge;
mod needed;
mod obeyed;
mod plan;
mod pool;
mod rules;
mod schedule;
mod statement;
mod validate;
mod watch;
mod workplace;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::chain::chain;
use crate::git::{self, StatusError};
use crate::model::{Cost, IssueKind, OnWrite, RunEvent, SpecUsage, TestResult, ValidationIssue};
use crate::process::Cancel;
use crate::sanitize::Secrets;

pub use agents::{
    AgentError, Agents, Credentials, CustomAgent, Delivery, InstallError, Installation, Installer,
    Package, Tool, UNFINISHED, Wanted, install_variables, network_variables, tools,
};
use checks::{OpenError, Project};
use discover::{DiscoverError, Discovered};
pub use installed::{Installed, Login, examine};
pub use instructions::remove_instructions;
pub use needed::needed;
pub use plan::{Manner, Plan, PlannedSpec};
use pool::Pool;
pub use rules::Rules;
pub use statement::{Statement, StatementError};
pub use validate::Suite;
pub use watch::WatchError;
use watch::{Watch, Watched};
pub use workplace::Workplace;

/// What to judge and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which files and scenarios.
    pub selection: discover::Options,
    /// What they are about.
    pub code: Code,
    /// What the command line says about judging; beats a file's frontmatter.
    pub forced: Manner,
    /// What holds where neither the command line nor the frontmatter says anything.
    pub fallback: Manner,
    /// Where judges come from.
    pub agents: Agents,
    /// How many files at once; `None` leaves it to the agents.
    pub jobs: Option<usize>,
    /// What is known about statements, and which failures block because of it.
    pub rules: Rules,
}

/// The code that is judged. The specs may be from elsewhere: of a stranger's pull request, they
/// are the base revision's.
#[derive(Clone, Debug)]
pub struct Code {
    /// The project root: deterministic checks look here.
    pub root: PathBuf,
    /// The output directory, absolute: checks leave out what semtest writes there.
    pub output: PathBuf,
    /// Where agents work.
    pub workplace: Workplace,
}

/// How to carry out a plan.
pub struct RunOptions {
    /// Each file runs up to this many times and stops at the first run that does not pass.
    pub repeat: u32,
    /// After this many files with a failure or an error, the rest is not run.
    pub stop_after: Option<u32>,
    /// Leaves the rules about the suite out.
    pub skip_validation: bool,
    /// What a scenario says that has no checks where nothing else judges: "no model was asked".
    pub not_asked: String,
    /// What a judge that changes the working tree amounts to.
    pub on_write: OnWrite,
    /// Files and directories that semtest writes during a run, by absolute path: no judge did.
    pub own_files: Vec<PathBuf>,
    /// Where every attempt is written to.
    pub debug_directory: Option<PathBuf>,
    /// How much may be spent.
    pub budget: Budget,
    /// What nobody may read in what an agent printed.
    pub secrets: Arc<Secrets>,
    /// Ends the run early.
    pub cancel: Cancel,
    /// Hears what happens, from several tasks at once.
    pub on_event: Arc<dyn Fn(&RunEvent) + Send + Sync>,
}

/// How much a run may spend. When it is spent no new call starts; calls under way end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Money, all calls together.
    pub cost: Option<Cost>,
    /// Calls, retries included.
    pub calls: Option<u32>,
    /// Time since the run started.
    pub time: Option<Duration>,
}

/// What a run found.
#[derive(Debug)]
pub struct Evaluated {
    /// One for each scenario, in discovery order.
    pub results: Vec<TestResult>,
    /// Findings about the suite.
    pub issues: Vec<ValidationIssue>,
    /// What each file cost that a model was asked about, in discovery order.
    pub usage: Vec<SpecUsage>,
}

/// Why nothing can be judged.
#[derive(Debug, Error)]
pub enum EvaluateError {
    /// The spec files could not be found.
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    /// A judge is unknown or not installed.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// The judge that a spec file names is not installed.
    #[error("the frontmatter of `{path}` asks for its own judge")]
    SpecAgent {
        /// The spec file.
        path: String,
        /// What is wrong with the judge.
        source: AgentError,
    },
    /// A judge that writes is to be an error, and nobody could tell.
    #[error("changes to the working tree can't be noticed, as `--on-write error` wants")]
    Unwatched(#[source] WatchError),
    /// The repository holds a file that the tool would obey.
    #[error("`{key}` would obey `{}`, which came with the repository and could send the key elsewhere", path.display())]
    Obeyed {
        /// The model key.
        key: String,
        /// The file, relative to where the tool runs.
        path: PathBuf,
    },
    /// A cap on money, and a judge that never tells what a call costs.
    #[error("`--max-cost` can't be kept{}: what a call of `{key}` costs is not known", asked_by(path.as_deref()))]
    Uncapped {
        /// The model key.
        key: String,
        /// The spec file whose frontmatter asks for it.
        path: Option<String>,
    },
    /// The project can't be opened for deterministic checks.
    #[error(transparent)]
    Checks(#[from] OpenError),
}

impl EvaluateError {
    fn of_agent(path: Option<String>, source: AgentError) -> Self {
        match path {
            Some(path) => Self::SpecAgent { path, source },
            None => Self::Agent(source),
        }
    }
}

fn asked_by(path: Option<&str>) -> String {
    path.map_or_else(String::new, |path| {
        format!(" in `{path}`, whose frontmatter asks for its own judge")
    })
}

/// Finds the spec files and a judge for each.
///
/// # Errors
/// When an argument names nothing, a pattern is malformed, or a judge is unknown or not installed.
pub fn plan(options: &Options) -> Result<Plan, EvaluateError> {
    join(discover::discover(&options.selection)?, options)
}

/// Finds a judge for a statement; `options` say nothing about which files to look for.
///
/// # Errors
/// As for [`plan()`].
pub fn plan_statement(statement: &Statement, options: &Options) -> Result<Plan, EvaluateError> {
    let only = Discovered {
        specs: vec![statement.to_spec()],
        filtered: 0,
        new: 0,
        warnings: Vec::new(),
    };
    join(only, options)
}

/// Spec files with their judges.
fn join(discovered: Discovered, options: &Options) -> Result<Plan, EvaluateError> {
    let mut rules = options.rules.clone();
    let issues = if rules.waivers.is_empty() {
        Vec::new()
    } else {
        let suite = whole_suite(&discovered, &options.selection)?;
        validate::settle_waivers(&mut rules.waivers, &suite)
    };
    let specs = plan::assign(discovered.specs, options)?;
    let project = Project::open(
        &options.code.root,
        &options.code.output,
        &options.selection.ignore_patterns,
    )?;
    Ok(Plan {
        root: options.code.root.clone(),
        workplace: options.code.workplace.clone(),
        project: Arc::new(project),
        env: options.agents.env.clone(),
        rules: Arc::new(rules),
        jobs: plan::jobs(options.jobs, &specs),
        specs,
        issues,
        warnings: discovered.warnings,
        filtered: discovered.filtered,
        new: discovered.new,
    })
}

/// Every scenario there is, whatever was asked for: an id may be another file's too.
fn whole_suite(
    discovered: &Discovered,
    selection: &discover::Options,
) -> Result<Suite, DiscoverError> {
    let mut suite = Suite::default();
    // A file that only an argument names is not found without it.
    suite.add(discovered);
    if !selection.is_whole() {
        suite.add(&discover::discover(&selection.to_whole())?);
    }
    Ok(suite)
}

/// The scenarios of all spec files.
///
/// # Errors
/// When the spec files can't be found.
pub fn suite(selection: &discover::Options) -> Result<Suite, EvaluateError> {
    let mut suite = Suite::default();
    suite.add(&discover::discover(&selection.to_whole())?);
    Ok(suite)
}

/// Judges every scenario of `plan`. What can't be judged is an outcome, not an error.
///
/// # Errors
/// When changes to the working tree are to be errors and can't be noticed, or a cap on money could not be
/// kept; nothing was asked then.
pub async fn run(plan: Plan, options: RunOptions) -> Result<Evaluated, EvaluateError> {
    pool::refuse_cap(&plan, &options.budget)?;
    let pool = Arc::new(Pool::new(options.budget, plan.jobs));
    if plan.has_checks() {
        let tracked = git::tracked_but_ignored(&plan.root, &plan.env, &options.cancel).await;
        plan.project.add_tracked(tracked);
    }
    obeyed::refuse(&plan, &options.cancel).await?;
    let watch = open_watch(&plan, &options).await?;
    let context = Arc::new(judge::Context {
        tree: Arc::new(judge::Tree::of(&plan.workplace)),
        workplace: plan.workplace.clone(),
        project: Arc::clone(&plan.project),
        rules: Arc::clone(&plan.rules),
        not_asked: options.not_asked,
        repeat: options.repeat,
        pool,
        cancel: options.cancel,
        on_event: options.on_event,
        debug: options.debug_directory,
        watch,
        secrets: options.secrets,
    });
    let plan = Arc::new(plan);
    let verdicts = schedule::judge_all(&plan, &context, options.stop_after).await;
    let of_files = plan.specs.iter().flat_map(|spec| spec.file.issues.iter());
    let mut brought: Vec<ValidationIssue> = plan.issues.iter().chain(of_files).cloned().collect();
    let (mut results, mut usage) = (Vec::new(), Vec::new());
    for verdict in verdicts {
        results.extend(verdict.results);
        brought.extend(verdict.issues);
        usage.extend(verdict.usage);
    }
    let paths: Vec<&str> = plan
        .specs
        .iter()
        .map(|spec| spec.file.path.as_str())
        .collect();
    let issues = if options.skip_validation {
        // Not about the suite: they say how far the verdicts can be trusted.
        let kept = [IssueKind::WorkspaceChanged, IssueKind::LocationNotFound];
        brought.retain(|issue| kept.contains(&issue.kind));
        brought
    } else {
        validate::validate(&paths, brought, &results)
    };
    Ok(Evaluated {
        results,
        issues,
        usage,
    })
}

/// A run that asks no model has nobody to watch.
async fn open_watch(plan: &Plan, options: &RunOptions) -> Result<Option<Watch>, EvaluateError> {
    if !plan.specs.iter().any(PlannedSpec::calls_a_model) || options.cancel.is_cancelled() {
        return Ok(None);
    }
    let watched = Watched {
        root: &plan.root,
        workplace: &plan.workplace,
        own: &options.own_files,
        leaves: plan.leaves(),
    };
    let opened = Watch::open(watched, options.on_write, &plan.env, &options.cancel);
    match (opened.await, options.on_write) {
        (Ok(watch), _) => Ok(Some(watch)),
        // A signal that came meanwhile ends the run, and no model is asked.
        (Err(_), _) if options.cancel.is_cancelled() => Ok(None),
        (Err(error), OnWrite::Error) => Err(EvaluateError::Unwatched(error)),
        // Nobody who works outside of a repository expects it.
        (Err(WatchError::Git(StatusError::NoRepository(_))), OnWrite::Warn) => Ok(None),
        (Err(error), OnWrite::Warn) => {
            (options.on_event)(&RunEvent::Warning {
                message: format!(
                    "changes to the working tree can't be noticed: {}",
                    chain(&error)
                ),
            });
            Ok(None)
        }
    }
}
