//! One spec file to its verdicts: deterministic checks, then prompt → call → answer.
//!
//! A file that can't be judged (timeout, failed process, unreadable answer) makes an `error` of each
//! of its scenarios; that is a value here, never an `Err`, so the run goes on.

mod answer;
mod call;
mod debug;
mod prompt;
mod verdicts;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::{IssueKind, Outcome, RunEvent, Scenario, TestResult, ValidationIssue};
use crate::process::Cancel;

use super::agents::{Agent, Judge};
use super::checks::{self, Project};
use super::plan::{PlannedSpec, outcome_for_all};
use call::Asked;

/// What a run gives to each of its files.
pub(crate) struct Context {
    /// The project root.
    pub(crate) root: PathBuf,
    /// The project's files, for deterministic checks.
    pub(crate) project: Arc<Project>,
    /// How often a passing file is judged again.
    pub(crate) repeat: u32,
    /// Ends the run early.
    pub(crate) cancel: Cancel,
    /// Hears what happens.
    pub(crate) on_event: Arc<dyn Fn(&RunEvent) + Send + Sync>,
    /// Where every attempt is written to, with `--debug`.
    pub(crate) debug: Option<PathBuf>,
}

/// What came of one file.
#[derive(Debug)]
pub(crate) struct FileVerdict {
    /// One for each selected scenario, in order.
    pub(crate) results: Vec<TestResult>,
    /// What the answer showed about the suite.
    pub(crate) issues: Vec<ValidationIssue>,
}

/// What `skip` says when a signal ended the run.
pub(crate) const INTERRUPTED: &str = "not judged: the run was interrupted";

/// Judges the selected scenarios of `spec`, which is file `index` of the run (from 1).
pub(crate) async fn judge_file(index: usize, spec: &PlannedSpec, context: &Context) -> FileVerdict {
    let started = Instant::now();
    let mut issues = Vec::new();
    let outcomes = match &spec.file.unusable {
        Some(outcome) => outcome_for_all(spec, outcome),
        None => judge_scenarios(index, spec, context, &mut issues).await,
    };
    FileVerdict {
        results: results(spec, outcomes, started.elapsed()),
        issues,
    }
}

/// Joins outcomes to the selected scenarios that they are about.
pub(crate) fn results(
    spec: &PlannedSpec,
    outcomes: Vec<Outcome>,
    duration: Duration,
) -> Vec<TestResult> {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let result = |(scenario, outcome): (&Scenario, Outcome)| TestResult {
        id: scenario.id.clone(),
        title: scenario.title.clone(),
        path: spec.file.path.clone(),
        line: scenario.line,
        group: spec.file.group.clone(),
        outcome,
        duration: Duration::from_millis(millis),
    };
    selected(spec).zip(outcomes).map(result).collect()
}

fn selected(spec: &PlannedSpec) -> impl Iterator<Item = &Scenario> {
    let scenarios = &spec.file.scenarios;
    spec.selected.iter().filter_map(|&at| scenarios.get(at))
}

async fn judge_scenarios(
    index: usize,
    spec: &PlannedSpec,
    context: &Context,
    issues: &mut Vec<ValidationIssue>,
) -> Vec<Outcome> {
    let scenarios: Vec<&Scenario> = selected(spec).collect();
    let mut outcomes: Vec<Option<Outcome>> = Vec::new();
    let mut evidence = Vec::new();
    for scenario in &scenarios {
        let (outcome, found) = run_checks(scenario, &spec.judge, context).await;
        outcomes.push(outcome);
        evidence.extend(found);
    }
    let is_open = |(scenario, outcome): (&&'_ Scenario, &Option<Outcome>)| {
        outcome.is_none().then(|| (*scenario).clone())
    };
    let open: Vec<Scenario> = scenarios
        .iter()
        .zip(&outcomes)
        .filter_map(is_open)
        .collect();
    if let (Judge::Agent(agent), false) = (&spec.judge, open.is_empty()) {
        let open: Vec<&Scenario> = open.iter().collect();
        let asked = ask(index, spec, agent, &open, &evidence, context).await;
        issues.extend(asked.unexpected.iter().map(|id| unexpected(spec, id)));
        let mut verdicts = asked.outcomes.into_iter();
        for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_none()) {
            *outcome = verdicts.next();
        }
    }
    let settle = |outcome: Option<Outcome>| {
        outcome.unwrap_or_else(|| Outcome::error("no verdict was reached; this is a bug"))
    };
    outcomes.into_iter().map(settle).collect()
}

/// Evaluates a scenario's checks. `None` means that the model still has to be asked.
async fn run_checks(
    scenario: &Scenario,
    judge: &Judge,
    context: &Context,
) -> (Option<Outcome>, Vec<String>) {
    let checks_only = matches!(judge, Judge::Checks);
    if scenario.checks.is_empty() {
        let skip = || Outcome::skip("has no deterministic checks, and no model was asked");
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
        Ok(checked) => (Some(checked.outcome), Vec::new()),
    }
}

/// Asks for `open`, as often as `--repeat` says, and stops at the first run that does not pass.
async fn ask(
    index: usize,
    spec: &PlannedSpec,
    agent: &Agent,
    open: &[&Scenario],
    evidence: &[String],
    context: &Context,
) -> Asked {
    let mut record = debug::Record::new(&spec.file.path, &agent.key);
    let mut run = 0;
    let asked = loop {
        run += 1;
        if context.repeat > 1 {
            (context.on_event)(&RunEvent::Repeat {
                index,
                run,
                of: context.repeat,
            });
        }
        let call = call::Question {
            index,
            spec,
            agent,
            open,
            evidence,
        };
        let asked = call::ask_once(&call, context, &mut record).await;
        let held = |outcome: &Outcome| !matches!(outcome, Outcome::Fail(_) | Outcome::Error { .. });
        if run >= context.repeat
            || !asked.outcomes.iter().all(held)
            || context.cancel.is_cancelled()
        {
            break asked;
        }
    };
    match context
        .debug
        .as_deref()
        .map(|directory| record.write(directory))
    {
        Some(Err(error)) => Asked {
            outcomes: vec![
                Outcome::error(format!("the debug file could not be written: {error}"));
                open.len()
            ],
            ..asked
        },
        Some(Ok(())) | None => asked,
    }
}

fn unexpected(spec: &PlannedSpec, id: &str) -> ValidationIssue {
    ValidationIssue {
        kind: IssueKind::UnexpectedId,
        path: spec.file.path.clone(),
        id: Some(id.to_owned()),
        message: "the model answered for a scenario that is not in the file".into(),
    }
}
