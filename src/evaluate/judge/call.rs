//! One question to an agent: the call, its retries, and what the answer says about each scenario.

use std::sync::Arc;
use std::time::Duration;

use crate::chain::chain;
use crate::model::{IssueKind, Outcome, RunEvent, Scenario, Spent, ValidationIssue};
use crate::process::{self, Captured, Finished};
use crate::sanitize::{self, Secrets};

use super::super::agents::{Agent, Call, Reading};
use super::super::plan::PlannedSpec;
use super::super::pool::{End, Patience, Slowed, Stop};
use super::answer::find_verdicts;
use super::debug::Record;
use super::evidence::{self, Placed};
use super::prompt::render_prompt;
use super::{Context, INTERRUPTED, verdicts};

/// How often an empty answer is asked for again. Nothing else is retried: a failure that repeats
/// costs money each time.
const RETRIES: u32 = 3;

/// Why no call is made where an earlier one was given up.
const NO_MORE: &str = "its service takes no calls: an earlier one was refused again and again";

/// How much of an unreadable answer is shown, in bytes.
const SHOWN_BYTES: usize = 200;

/// How much of what a failed tool printed is redacted before it is quoted: far more than a quotation
/// of its last words has.
const LAST_BYTES: usize = 64 * 1024;

/// What is asked of whom.
pub(super) struct Question<'a> {
    /// The file's place in the run, from 1.
    pub(super) index: usize,
    pub(super) spec: &'a PlannedSpec,
    pub(super) agent: &'a Agent,
    /// The scenarios that still need a verdict.
    pub(super) open: &'a [&'a Scenario],
    /// What deterministic checks found.
    pub(super) evidence: &'a [String],
}

/// What was answered.
pub(super) struct Asked {
    /// One for each open scenario, in order.
    pub(super) outcomes: Vec<Outcome>,
    /// What the answer shows about the suite, such as ids that nobody asked for.
    pub(super) issues: Vec<ValidationIssue>,
    /// What the calls used.
    pub(super) spent: Spent,
}

/// Makes one call, and up to three more while the answer is empty.
pub(super) async fn ask_once(
    question: &Question<'_>,
    context: &Context,
    record: &mut Record,
) -> Asked {
    let prompt = render_prompt(&question.spec.file, question.open, question.evidence);
    let mut all = Spent::default();
    for attempt in 0..=RETRIES {
        if attempt > 0 {
            (context.on_event)(&RunEvent::Retry {
                index: question.index,
                attempt,
                most: RETRIES,
            });
        }
        let (reading, spent) = call(question, &prompt, context, record).await;
        all = all.plus(spent);
        let asked = match reading {
            Reading::Empty => continue,
            Reading::Answer(text) => understand(question, &text, context).await,
            Reading::Failed(message) | Reading::Refused { message, .. } => {
                for_all(question, &Outcome::error(message))
            }
            Reading::Cancelled => for_all(question, &Outcome::skip(INTERRUPTED)),
        };
        return asked.with(all);
    }
    let message = format!("the answer was empty, {} times in a row", RETRIES + 1);
    for_all(question, &Outcome::error(message)).with(all)
}

/// Makes one call as soon as the pool lets it start, and makes it again while the service refuses it
/// for now.
async fn call(
    question: &Question<'_>,
    prompt: &str,
    context: &Context,
    record: &mut Record,
) -> (Reading, Spent) {
    let key = &question.agent.service;
    let mut all = Spent::default();
    let mut patience = Patience::default();
    // What was said at the last refusal, and how many calls were taken before the first.
    let mut refused: Option<(String, u64)> = None;
    loop {
        let ticket = match context.pool.enter(key, &context.cancel).await {
            Ok(ticket) => ticket,
            Err(Stop::Cancelled) => return (Reading::Cancelled, all),
            Err(Stop::Spent(spent)) => {
                let message = match refused {
                    Some((message, _)) => {
                        format!("{spent}, while a refused call waited: {message}")
                    }
                    None => spent,
                };
                return (Reading::Failed(message), all);
            }
            Err(Stop::GivenUp) => {
                let message = refused.map_or_else(|| NO_MORE.to_owned(), |(message, _)| message);
                return (Reading::Failed(message), all);
            }
        };
        let (reading, spent) = start(question, prompt, context, record).await;
        let end = match &reading {
            Reading::Refused { wait, .. } => End::Refused(*wait),
            Reading::Empty | Reading::Answer(_) | Reading::Failed(_) | Reading::Cancelled => {
                End::Taken
            }
        };
        if let Some(Slowed { wait, at_once }) = ticket.close(&spent, end) {
            (context.on_event)(&RunEvent::Slowed {
                agent: key.clone(),
                wait,
                at_once,
            });
        }
        all = all.plus(spent);
        let message = match reading {
            Reading::Refused { message, .. } => message,
            Reading::Empty | Reading::Answer(_) | Reading::Failed(_) | Reading::Cancelled => {
                return (reading, all);
            }
        };
        let taken = refused.map_or_else(|| context.pool.taken(key), |(_, taken)| taken);
        if !patience.bears(context.pool.pause(key)) {
            if context.pool.taken(key) == taken {
                context.pool.give_up(key);
            }
            return (Reading::Failed(given_up(&message, patience)), all);
        }
        refused = Some((message, taken));
    }
}

/// What a scenario is told of a service that went on refusing.
fn given_up(message: &str, patience: Patience) -> String {
    match patience.repeats() {
        0 => message.to_owned(),
        repeats => format!("{message} (refused {} times in a row)", repeats + 1),
    }
}

/// Starts the agent once.
async fn start(
    question: &Question<'_>,
    prompt: &str,
    context: &Context,
    record: &mut Record,
) -> (Reading, Spent) {
    let unused = |reading| (reading, Spent::default());
    let limit = question.spec.limit;
    let prepared = match question.agent.prepare(&Call {
        prompt,
        directory: &context.workplace.directory,
        limit,
        skip_permissions: question.spec.skip_permissions,
    }) {
        Ok(prepared) => prepared,
        Err(message) => {
            record.not_started(Vec::new(), &message);
            return unused(Reading::Failed(message));
        }
    };
    let command = prepared.command_line();
    let (invocation, rest) = prepared.split();
    let finished = match process::run(invocation, &context.cancel).await {
        Err(error) => {
            let message = chain(&error);
            record.not_started(command, &message);
            return unused(Reading::Failed(message));
        }
        Ok(finished) => finished,
    };
    let mut taken = std::mem::take(record);
    let (agent, secrets) = (question.agent.clone(), Arc::clone(&context.secrets));
    // Megabytes are redacted and directories removed, while other calls' limits are watched here.
    let reading = tokio::task::spawn_blocking(move || {
        taken.finished(command, &rest.permissions, &finished);
        // From what was printed, so that no redaction changes a verdict.
        let (mut reading, spent) = agent.read(&finished, limit);
        if let Reading::Failed(message) | Reading::Refused { message, .. } = &mut reading {
            *message = say_again(&agent, &finished, message, limit, &secrets);
        }
        drop(rest);
        (taken, reading, spent)
    });
    match reading.await {
        Ok((taken, reading, spent)) => {
            *record = taken;
            (reading, spent)
        }
        Err(error) => {
            let reading = Reading::Failed(format!("reading the answer crashed: {error}"));
            // It was made and has to be paid for.
            let mut spent = Spent::default();
            spent.usage.calls = 1;
            (reading, spent)
        }
    }
}

/// The message of a failed call, made of redacted output: it quotes the last bytes, and a cut
/// through a secret hides it.
fn say_again(
    agent: &Agent,
    finished: &Finished,
    message: &str,
    limit: Option<Duration>,
    secrets: &Secrets,
) -> String {
    let redacted = |text: &str| secrets.redact(text).into_owned();
    let ending = |stream: &Captured| stream.with_last_text(LAST_BYTES, redacted);
    let shown = Finished {
        ending: finished.ending,
        stdout: ending(&finished.stdout),
        stderr: ending(&finished.stderr),
        duration: finished.duration,
    };
    match agent.read(&shown, limit) {
        (Reading::Failed(shown) | Reading::Refused { message: shown, .. }, _) => redacted(&shown),
        (Reading::Answer(_) | Reading::Empty | Reading::Cancelled, _) => redacted(message),
    }
}

async fn understand(question: &Question<'_>, text: &str, context: &Context) -> Asked {
    let found = find_verdicts(text);
    if found.candidates.is_empty() {
        let redacted = context.secrets.redact(text.trim());
        let shown = sanitize::truncate(&redacted, SHOWN_BYTES);
        let message = format!(
            "could not parse the answer: it holds no readable verdicts. It starts: {shown}"
        );
        return for_all(question, &Outcome::error(message));
    }
    let asked: Vec<&str> = question.open.iter().map(|open| open.id.as_str()).collect();
    let file = &question.spec.file;
    let known: Vec<&str> = file
        .scenarios
        .iter()
        .map(|known| known.id.as_str())
        .collect();
    let verdicts = verdicts::join(
        &verdicts::Question {
            asked: &asked,
            known: &known,
            may_skip: file.frontmatter.may_skip,
            file_name: file.file_name(),
        },
        &found,
    );
    let placed = evidence::place(verdicts.outcomes, context).await;
    let strangers = verdicts.strangers.into_iter();
    let strangers = strangers.map(|id| stranger(question.spec, id));
    let doubts = question.open.iter().zip(&placed);
    let doubts = doubts.filter_map(|(open, placed)| doubt(question.spec, open, placed));
    Asked {
        issues: strangers.chain(doubts).collect(),
        outcomes: placed.into_iter().map(|placed| placed.outcome).collect(),
        spent: Spent::default(),
    }
}

fn doubt(spec: &PlannedSpec, scenario: &Scenario, placed: &Placed) -> Option<ValidationIssue> {
    Some(ValidationIssue {
        kind: IssueKind::LocationNotFound,
        path: spec.file.path.clone(),
        id: Some(scenario.id.clone()),
        message: placed.doubt.clone()?,
    })
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

fn for_all(question: &Question<'_>, outcome: &Outcome) -> Asked {
    Asked::of(question.open, outcome)
}

impl Asked {
    /// The same outcome for each open scenario.
    pub(super) fn of(open: &[&Scenario], outcome: &Outcome) -> Self {
        Self {
            outcomes: vec![outcome.clone(); open.len()],
            issues: Vec::new(),
            spent: Spent::default(),
        }
    }

    fn with(self, spent: Spent) -> Self {
        Self { spent, ..self }
    }
}
