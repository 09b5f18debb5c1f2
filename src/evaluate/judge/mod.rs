//! One spec file to its verdicts: deterministic checks, then prompt → call → answer, until the votes decide.
//!
//! A file that can't be judged (timeout, failed process, unreadable answer) makes an `error` of each
//! of its scenarios; that is a value here, never an `Err`, so the run goes on.

mod answer;
mod call;
mod debug;
mod evidence;
mod prompt;
mod verdicts;
mod vote;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::{
    Attempt, Failure, Location, Outcome, RunEvent, Scenario, SpecUsage, Spent, TestResult,
    ValidationIssue, VotePolicy,
};
use crate::process::Cancel;
use crate::sanitize::Secrets;

use super::agents::Judge;
use super::checks::{self, Checked, Project};
use super::plan::{PlannedSpec, Selected};
use super::pool::Pool;
use super::rules::{Ruled, Rules};
use super::watch::Watch;
use super::workplace::Workplace;

pub(crate) use evidence::Tree;

/// What a run gives to each of its files.
pub(crate) struct Context {
    /// Where agents work.
    pub(crate) workplace: Workplace,
    /// The files that agents see, for the places that they name.
    pub(crate) tree: Arc<Tree>,
    /// The project's files, for deterministic checks.
    pub(crate) project: Arc<Project>,
    /// Which failures block.
    pub(crate) rules: Arc<Rules>,
    /// What a scenario without checks says where no model is asked.
    pub(crate) not_asked: String,
    /// How often a passing file is judged again.
    pub(crate) repeat: u32,
    /// The gate before every call.
    pub(crate) pool: Arc<Pool>,
    /// Ends the run early.
    pub(crate) cancel: Cancel,
    /// Hears what happens.
    pub(crate) on_event: Arc<dyn Fn(&RunEvent) + Send + Sync>,
    /// Where every attempt is written to, with `--debug`.
    pub(crate) debug: Option<PathBuf>,
    /// Notices what judges write, where that can be noticed.
    pub(crate) watch: Option<Watch>,
    /// What nobody may read in what an agent printed.
    pub(crate) secrets: Arc<Secrets>,
}

/// What came of one file.
#[derive(Debug)]
pub(crate) struct FileVerdict {
    /// One for each selected scenario, in order.
    pub(crate) results: Vec<TestResult>,
    /// What the answer showed about the suite.
    pub(crate) issues: Vec<ValidationIssue>,
    /// What the calls used, if a model was asked.
    pub(crate) usage: Option<SpecUsage>,
}

/// What `skip` says when a signal ended the run.
pub(crate) const INTERRUPTED: &str = "the run was interrupted";

/// Judges the selected scenarios of `spec`, which is file `index` of the run (from 1).
pub(crate) async fn judge_file(index: usize, spec: &PlannedSpec, context: &Context) -> FileVerdict {
    let started = Instant::now();
    let judged = match &spec.file.unusable {
        Some(outcome) => Judged {
            settled: vec![Settled::without_model(outcome.clone()); spec.selected.len()],
            ..Judged::default()
        },
        None => judge_scenarios(index, spec, context).await,
    };
    FileVerdict {
        results: results(spec, judged.settled, started.elapsed(), &context.rules),
        issues: judged.issues,
        usage: judged.spent.map(|spent| SpecUsage {
            path: spec.file.path.clone(),
            judge: spec.key.clone(),
            usage: spent.usage,
            tools: spent.tools,
        }),
    }
}

/// What came of a file's scenarios.
#[derive(Default)]
struct Judged {
    /// One for each selected scenario.
    settled: Vec<Settled>,
    issues: Vec<ValidationIssue>,
    spent: Option<Spent>,
}

/// How one scenario ended.
#[derive(Clone, Debug)]
struct Settled {
    outcome: Outcome,
    /// Every answer about it, in order; none where no model was asked.
    attempts: Vec<Attempt>,
    /// Whether the outcome is an error because the votes left it open.
    is_undecided: bool,
}

impl Settled {
    fn without_model(outcome: Outcome) -> Self {
        Self {
            outcome,
            attempts: Vec::new(),
            is_undecided: false,
        }
    }
}

/// The same outcome for each scenario of a file that is not judged.
pub(crate) fn same_for_all(
    spec: &PlannedSpec,
    outcome: &Outcome,
    context: &Context,
) -> FileVerdict {
    let settled = vec![Settled::without_model(outcome.clone()); spec.selected.len()];
    FileVerdict {
        results: results(spec, settled, Duration::ZERO, &context.rules),
        issues: Vec::new(),
        usage: None,
    }
}

/// Joins what came of the selected scenarios to them.
fn results(
    spec: &PlannedSpec,
    settled: Vec<Settled>,
    duration: Duration,
    rules: &Rules,
) -> Vec<TestResult> {
    let result = |(selected, settled): (&Selected, Settled)| {
        let scenario = spec.file.scenarios.get(selected.at)?;
        let facts = Ruled {
            outcome: &settled.outcome,
            is_undecided: settled.is_undecided,
            by_model: !settled.attempts.is_empty(),
            calibration: selected.calibration,
        };
        Some(TestResult {
            id: scenario.id.clone(),
            title: scenario.title.clone(),
            path: spec.file.path.clone(),
            line: scenario.line,
            group: spec.file.group.clone(),
            because: rules.because(&spec.file, scenario, &facts),
            outcome: settled.outcome,
            duration: whole_milliseconds(duration),
            attempts: settled.attempts,
            calibration: selected.calibration,
        })
    };
    spec.selected
        .iter()
        .zip(settled)
        .filter_map(result)
        .collect()
}

fn whole_milliseconds(duration: Duration) -> Duration {
    Duration::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

async fn judge_scenarios(index: usize, spec: &PlannedSpec, context: &Context) -> Judged {
    let mut outcomes: Vec<Option<Outcome>> = Vec::new();
    let mut evidence = Vec::new();
    let mut open: Vec<(&Scenario, VotePolicy)> = Vec::new();
    for (scenario, policy) in spec.ballots() {
        let (outcome, found) = run_checks(scenario, spec, context).await;
        if outcome.is_none() {
            open.push((scenario, policy));
        }
        outcomes.push(outcome);
        evidence.extend(found);
    }
    let mut judged = Judged::default();
    let mut settled = Vec::new().into_iter();
    if let (Judge::Agent(agent), false) = (&spec.judge, open.is_empty()) {
        let poll = vote::Poll {
            index,
            spec,
            agent,
            evidence: &evidence,
            context,
        };
        let asked = poll.ask(&open).await;
        judged.issues = asked.issues;
        judged.spent = Some(asked.spent);
        settled = asked.settled.into_iter();
    }
    let crashed =
        || Settled::without_model(Outcome::error("no verdict was reached; this is a bug"));
    let settle = |outcome: Option<Outcome>| match outcome {
        Some(outcome) => Settled::without_model(outcome),
        None => settled.next().unwrap_or_else(crashed),
    };
    judged.settled = outcomes.into_iter().map(settle).collect();
    judged
}

/// Evaluates a scenario's checks. `None` means that the model still has to be asked.
async fn run_checks(
    scenario: &Scenario,
    spec: &PlannedSpec,
    context: &Context,
) -> (Option<Outcome>, Vec<String>) {
    let checks_only = matches!(spec.judge, Judge::Checks);
    if scenario.checks.is_empty() {
        let skip = || Outcome::skip(context.not_asked.as_str());
        return (checks_only.then(skip), Vec::new());
    }
    if context.cancel.is_cancelled() {
        return (Some(Outcome::skip(INTERRUPTED)), Vec::new());
    }
    let (blocks, project) = (scenario.checks.clone(), Arc::clone(&context.project));
    let evaluation = tokio::task::spawn_blocking(move || checks::evaluate(&blocks, &project));
    let checked = tokio::select! {
        checked = evaluation => checked,
        () = context.cancel.cancelled() => {
            return (Some(Outcome::skip(INTERRUPTED)), Vec::new());
        }
    };
    match checked {
        Err(error) => (
            Some(Outcome::error(format!("the checks crashed: {error}"))),
            Vec::new(),
        ),
        Ok(checked) if checked.outcome == Outcome::Pass && !checks_only => (None, checked.evidence),
        Ok(checked) => (Some(placed(checked, spec)), Vec::new()),
    }
}

/// A failure that has no place in the code, such as a missing file, is at the check itself.
fn placed(checked: Checked, spec: &PlannedSpec) -> Outcome {
    match (checked.outcome, checked.line) {
        (Outcome::Fail(failure), Some(line)) if failure.location.is_none() => {
            Outcome::Fail(Failure {
                location: Some(Location::at(&spec.file.path, line)),
                ..failure
            })
        }
        (outcome, _) => outcome,
    }
}
