//! Runs the files of a plan: so many at a time, until enough have failed or the run is cancelled.
//!
//! Files run side by side, but whatever leaves here is in discovery order, so that two runs of the
//! same suite read the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::model::{Outcome, RunEvent};

use super::judge::{Context, FileVerdict, INTERRUPTED, judge_file, same_for_all};
use super::plan::Plan;

/// Judges every file of `plan`. After `stop_after` files with a failure or an error, those that run
/// finish and the rest is `skip`.
pub(crate) async fn judge_all(
    plan: &Arc<Plan>,
    context: &Arc<Context>,
    stop_after: Option<u32>,
) -> Vec<FileVerdict> {
    let total = plan.specs.len();
    let mut running = JoinSet::new();
    let mut done = InOrder::new(plan, context);
    let (mut next, mut unhappy) = (0, 0);
    loop {
        let stopped = stop_after.is_some_and(|most| unhappy >= most);
        while next < total
            && running.len() < plan.jobs
            && !stopped
            && !context.cancel.is_cancelled()
        {
            let (plan, context, at) = (Arc::clone(plan), Arc::clone(context), next);
            next += 1;
            running.spawn(async move {
                let spec = &plan.specs[at];
                (context.on_event)(&RunEvent::FileStarted {
                    index: at + 1,
                    total,
                    path: spec.file.path.clone(),
                });
                let verdict = judge_file(at + 1, spec, &context).await;
                (context.on_event)(&RunEvent::FileEnded { index: at + 1 });
                (at, verdict)
            });
        }
        match running.join_next().await {
            None => break,
            Some(Ok((at, verdict))) => {
                unhappy += u32::from(is_unhappy(&verdict));
                done.add(at, verdict);
            }
            // A panic in one file: `InOrder` turns what it left behind into errors.
            Some(Err(_)) => unhappy += 1,
        }
    }
    done.finish(next, stop_after)
}

fn is_unhappy(verdict: &FileVerdict) -> bool {
    let unhappy = |outcome: &Outcome| matches!(outcome, Outcome::Fail(_) | Outcome::Error { .. });
    verdict
        .results
        .iter()
        .any(|result| unhappy(&result.outcome))
}

/// Puts verdicts back into discovery order and announces each as soon as all before it are there.
struct InOrder<'a> {
    plan: &'a Plan,
    context: &'a Context,
    waiting: BTreeMap<usize, FileVerdict>,
    ordered: Vec<FileVerdict>,
}

impl<'a> InOrder<'a> {
    fn new(plan: &'a Plan, context: &'a Context) -> Self {
        Self {
            plan,
            context,
            waiting: BTreeMap::new(),
            ordered: Vec::new(),
        }
    }

    fn add(&mut self, at: usize, verdict: FileVerdict) {
        self.waiting.insert(at, verdict);
        while let Some(verdict) = self.waiting.remove(&self.ordered.len()) {
            self.announce(verdict);
        }
    }

    fn announce(&mut self, verdict: FileVerdict) {
        let at = self.ordered.len();
        (self.context.on_event)(&RunEvent::FileFinished {
            index: at + 1,
            total: self.plan.specs.len(),
            path: self.plan.specs[at].file.path.clone(),
            results: verdict.results.clone(),
        });
        self.ordered.push(verdict);
    }

    /// Gives the files that have no verdict theirs. Those from `started` on never ran.
    fn finish(mut self, started: usize, stop_after: Option<u32>) -> Vec<FileVerdict> {
        for at in self.ordered.len()..self.plan.specs.len() {
            let verdict = self.waiting.remove(&at).unwrap_or_else(|| {
                let outcome = if at < started {
                    Outcome::error("semtest crashed while judging this file; please report it")
                } else if self.context.cancel.is_cancelled() {
                    Outcome::skip(INTERRUPTED)
                } else {
                    Outcome::skip(stopped(stop_after.unwrap_or(1)))
                };
                same_for_all(&self.plan.specs[at], &outcome)
            });
            self.announce(verdict);
        }
        self.ordered
    }
}

fn stopped(stop_after: u32) -> String {
    match stop_after {
        1 => "not run: an earlier file failed".into(),
        most => format!("not run: {most} earlier files failed"),
    }
}
