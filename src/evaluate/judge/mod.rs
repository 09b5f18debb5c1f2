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

use crate::model::{
    Failure, IssueKind, Location, Outcome, RunEvent, Scenario, SpecUsage, Spent, TestResult,
    ValidationIssue,
};
use crate::process::Cancel;
use crate::sanitize::Secrets;

use super::agents::{Agent, Judge};
use super::checks::{self, Checked, Project};
use super::plan::PlannedSpec;
use super::watch::Watch;
use super::workplace::Workplace;
use call::Asked;

/// What a run gives to each of its files.
pub(crate) struct Context {
    /// Where agents work.
    pub(crate) workplace: Workplace,
    /// The project's files, for deterministic checks.
    pub(crate) project: Arc<Project>,
    /// What a scenario without checks says where no model is asked.
    pub(crate) not_asked: String,
    /// How often a passing file is judged again.
    pub(crate) repeat: u32,
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
            outcomes: vec![outcome.clone(); spec.selected.len()],
            ..Judged::default()
        },
        None => judge_scenarios(index, spec, context).await,
    };
    FileVerdict {
        results: results(spec, judged.outcomes, started.elapsed()),
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
    outcomes: Vec<Outcome>,
    issues: Vec<ValidationIssue>,
    spent: Option<Spent>,
}

/// The same outcome for each scenario of a file that is not judged.
pub(crate) fn same_for_all(spec: &PlannedSpec, outcome: &Outcome) -> FileVerdict {
    let outcomes = vec![outcome.clone(); spec.selected.len()];
    FileVerdict {
        results: results(spec, outcomes, Duration::ZERO),
        issues: Vec::new(),
        usage: None,
    }
}

/// Joins outcomes to the selected scenarios that they are about.
fn results(spec: &PlannedSpec, outcomes: Vec<Outcome>, duration: Duration) -> Vec<TestResult> {
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
    spec.scenarios().zip(outcomes).map(result).collect()
}

async fn judge_scenarios(index: usize, spec: &PlannedSpec, context: &Context) -> Judged {
    let mut outcomes: Vec<Option<Outcome>> = Vec::new();
    let mut evidence = Vec::new();
    let mut open: Vec<&Scenario> = Vec::new();
    for scenario in spec.scenarios() {
        let (outcome, found) = run_checks(scenario, spec, context).await;
        if outcome.is_none() {
            open.push(scenario);
        }
        outcomes.push(outcome);
        evidence.extend(found);
    }
    let mut judged = Judged::default();
    if let (Judge::Agent(agent), false) = (&spec.judge, open.is_empty()) {
        let asked = ask(index, spec, agent, &open, &evidence, context).await;
        let root = context.workplace.directory.display().to_string();
        let strangers = asked.strangers.into_iter();
        judged.issues = strangers.map(|id| stranger(spec, id)).collect();
        judged.spent = Some(asked.spent);
        let mut verdicts = asked
            .outcomes
            .into_iter()
            .map(|outcome| told_from(&root, context.workplace.told(outcome)));
        for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_none()) {
            *outcome = verdicts.next();
        }
    }
    let settle = |outcome: Option<Outcome>| {
        outcome.unwrap_or_else(|| Outcome::error("no verdict was reached; this is a bug"))
    };
    judged.outcomes = outcomes.into_iter().map(settle).collect();
    judged
}

/// Agents name files by absolute paths too, which nobody but this machine knows.
fn told_from(root: &str, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Fail(failure) => Outcome::Fail(Failure {
            location: failure.location.map(|location| location.told_from(root)),
            ..failure
        }),
        outcome @ (Outcome::Pass
        | Outcome::Error { .. }
        | Outcome::Invalid { .. }
        | Outcome::Skip { .. }) => outcome,
    }
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

/// Asks for `open`, as often as `--repeat` says, and stops at the first run that does not pass.
async fn ask(
    index: usize,
    spec: &PlannedSpec,
    agent: &Agent,
    open: &[&Scenario],
    evidence: &[String],
    context: &Context,
) -> Asked {
    let question = call::Question {
        index,
        spec,
        agent,
        open,
        evidence,
    };
    let mut record = debug::Record::start(context, &spec.file.path, &agent.key);
    let mut known: Option<Asked> = None;
    for run in 1..=context.repeat {
        if context.repeat > 1 {
            (context.on_event)(&RunEvent::Repeat {
                index,
                run,
                of: context.repeat,
            });
        }
        let asked = call::ask_once(&question, context, &mut record).await;
        let passed = asked
            .outcomes
            .iter()
            .all(|outcome| *outcome == Outcome::Pass);
        match &mut known {
            // Passes of earlier runs too: with `--repeat`, an interrupted file has not passed.
            Some(known) => known.replace(asked),
            None => known = Some(asked),
        }
        if !passed {
            break;
        }
    }
    if let Err(error) = record.close() {
        (context.on_event)(&RunEvent::Warning {
            message: format!(
                "the debug file of `{}` is incomplete: {error}",
                spec.file.path
            ),
        });
    }
    known.unwrap_or_else(|| Asked::of(open, &Outcome::error("was not asked; this is a bug")))
}

fn stranger(spec: &PlannedSpec, (kind, id): (IssueKind, String)) -> ValidationIssue {
    let message = if kind == IssueKind::MissingId {
        "the model gave a verdict without an id"
    } else {
        "the model answered for a scenario that is not in the file"
    };
    ValidationIssue {
        kind,
        path: spec.file.path.clone(),
        id: Some(id),
        message: message.into(),
    }
}
