//! Runs the files of a plan: so many at a time, until enough have failed or the run is cancelled.
//!
//! Files run side by side, but whatever leaves here is in discovery order, so that two runs of the
//! same suite read the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::model::{Outcome, RunEvent, TestResult};

use super::judge::{Context, FileVerdict, INTERRUPTED, judge_file, same_for_all};
use super::plan::{Plan, PlannedSpec};

/// Judges every file of `plan`. After `stop_after` files with a failure or an error that blocks, those that run
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
                let verdict = judge_watched(at + 1, spec, &context).await;
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

/// Judges a file, and notices what its judge did to the working tree.
async fn judge_watched(index: usize, spec: &PlannedSpec, context: &Context) -> FileVerdict {
    let watch = context.watch.as_ref();
    let Some(watch) = watch.filter(|_| spec.calls_a_model()) else {
        return judge_file(index, spec, context).await;
    };
    let entered = watch.enter(index, &spec.file.path);
    let mut verdict = judge_file(index, spec, context).await;
    let asked_a_model = verdict.usage.is_some();
    let change = entered.leave(asked_a_model, &context.cancel).await;
    if let Some(change) = change {
        change.note(&spec.file.path, watch.on_write(), &mut verdict);
    }
    verdict
}

fn is_unhappy(verdict: &FileVerdict) -> bool {
    verdict.results.iter().any(TestResult::blocks)
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
                same_for_all(&self.plan.specs[at], &outcome, self.context)
            });
            self.announce(verdict);
        }
        self.ordered
    }
}

fn stopped(stop_after: u32) -> String {
    match stop_after {
        1 => "an earlier file failed".into(),
        most => format!("{most} earlier files failed"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use crate::evaluate::Budget;
    use crate::evaluate::agents::Judge;
    use crate::evaluate::checks::Project;
    use crate::evaluate::pool::Pool;
    use crate::model::{Frontmatter, Scenario, SpecFile};
    use crate::process::Cancel;

    use super::*;

    fn spec(name: &str) -> PlannedSpec {
        let scenario = Scenario {
            level: None,
            fingerprint: String::new(),
            id: name.to_owned(),
            title: name.to_owned(),
            line: 1,
            span: 0..0,
            checks: Vec::new(),
        };
        let file = SpecFile {
            path: format!("{name}.spec.md"),
            group: None,
            frontmatter: Frontmatter::default(),
            body: String::new(),
            body_line: 1,
            scenarios: vec![scenario],
            unusable: None,
            issues: Vec::new(),
        };
        PlannedSpec::of(file, vec![0], Judge::Checks)
    }

    fn plan(names: &[&str]) -> Plan {
        let root = std::env::temp_dir();
        let project = Project::open(&root, &root.join("out"), &[]).unwrap();
        Plan::of(names.iter().map(|name| spec(name)).collect(), root, project)
    }

    /// The outcomes of a run in which only `judged` were judged, of `started` files that ran.
    fn finish(judged: &[usize], started: usize, cancel: bool) -> (Vec<Outcome>, Vec<String>) {
        let plan = plan(&["a", "b", "c"]);
        let announced = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&announced);
        let context = Context {
            rules: Arc::clone(&plan.rules),
            tree: Arc::new(crate::evaluate::judge::Tree::of(&plan.workplace)),
            workplace: plan.workplace.clone(),
            project: Arc::clone(&plan.project),
            not_asked: String::new(),
            repeat: 1,
            pool: Arc::new(Pool::new(Budget::default(), 1)),
            cancel: Cancel::new(),
            on_event: Arc::new(move |event| {
                if let RunEvent::FileFinished { path, .. } = event {
                    heard.lock().unwrap().push(path.clone());
                }
            }),
            debug: None,
            watch: None,
            secrets: Arc::default(),
        };
        let mut done = InOrder::new(&plan, &context);
        for &at in judged {
            done.add(at, same_for_all(&plan.specs[at], &Outcome::Pass, &context));
        }
        if cancel {
            context.cancel.cancel();
        }
        let verdicts = done.finish(started, Some(1));
        let outcomes = verdicts
            .into_iter()
            .map(|mut verdict| verdict.results.remove(0).outcome);
        let announced = announced.lock().unwrap().clone();
        (outcomes.collect(), announced)
    }

    #[test]
    fn verdicts_are_announced_in_discovery_order() {
        let (outcomes, announced) = finish(&[2, 0, 1], 3, false);
        assert_eq!(outcomes, [Outcome::Pass, Outcome::Pass, Outcome::Pass]);
        assert_eq!(announced, ["a.spec.md", "b.spec.md", "c.spec.md"]);
    }

    #[test]
    fn a_file_that_ran_and_left_nothing_is_an_error_and_never_a_skip() {
        let (outcomes, _) = finish(&[0, 2], 3, false);
        assert!(matches!(outcomes[1], Outcome::Error { .. }), "{outcomes:?}");
        assert_eq!(outcomes[2], Outcome::Pass);
    }

    #[test]
    fn files_that_never_ran_say_why() {
        let (outcomes, _) = finish(&[0], 1, false);
        assert_eq!(outcomes[1], Outcome::skip("an earlier file failed"));
        let (outcomes, _) = finish(&[0], 1, true);
        assert_eq!(outcomes[2], Outcome::skip(INTERRUPTED));
    }
}
