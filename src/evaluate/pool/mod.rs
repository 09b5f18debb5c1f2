//! The gate before every call: how much the run may still spend, and how many calls an agent's service
//! takes at once for now.
//!
//! `ledger` counts what was spent, `line` is one agent's queue, and `cap` refuses a cap that nobody
//! could keep. Making the call is `judge`'s business, reading how it ended `agents`'.

mod cap;
mod ledger;
mod line;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::model::{Cost, Spent};
use crate::process::Cancel;

use super::Budget;
pub(crate) use cap::refuse_cap;
use ledger::{Allowance, Ledger};
use line::Line;

/// How often a call that was refused is made again.
const MOST_REPEATS: u32 = 6;

/// How long one call waits in all before it is given up.
const LONGEST_WAITING: Duration = Duration::from_mins(10);

/// The gate, shared by all files of a run.
#[derive(Debug)]
pub(crate) struct Pool {
    state: Mutex<State>,
    /// A call has ended, so who waits should look again.
    changed: Notify,
    /// How many files are judged at once.
    jobs: usize,
}

#[derive(Debug)]
struct State {
    ledger: Ledger,
    /// By model key: each has a service of its own.
    lines: BTreeMap<String, Line>,
}

/// Why a call may not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The run was cancelled.
    Cancelled,
    /// The budget is spent, in words for the user.
    Spent(String),
    /// An earlier call to this agent was refused again and again, and given up.
    GivenUp,
}

/// Whether a call may start now.
enum Look {
    Start(Ticket),
    Spent(String),
    GivenUp,
    /// At the latest then it is worth another look; sooner if a call ends.
    Wait(Option<Instant>),
}

/// A call that may start. Whatever becomes of it, it gives back its place.
#[derive(Debug)]
pub(crate) struct Ticket {
    pool: Arc<Pool>,
    key: String,
    generation: u64,
    is_closed: bool,
}

/// How a call ended, for whoever decides on the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The service took it.
    Taken,
    /// The service takes no more for now, and may have said how long.
    Refused(Option<Duration>),
}

/// An agent was slowed down because its service refused a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slowed {
    /// How long no call to it starts.
    pub(crate) wait: Duration,
    /// How many calls to it run at once from now on.
    pub(crate) at_once: usize,
}

impl Pool {
    /// The time of the budget starts now.
    pub(crate) fn new(budget: Budget, jobs: usize) -> Self {
        Self {
            state: Mutex::new(State {
                ledger: Ledger::new(budget, Instant::now()),
                lines: BTreeMap::new(),
            }),
            changed: Notify::new(),
            jobs,
        }
    }

    /// Waits until a call to the agent `key` may start.
    ///
    /// # Errors
    /// When none may start any more.
    pub(crate) async fn enter(
        self: &Arc<Self>,
        key: &str,
        cancel: &Cancel,
    ) -> Result<Ticket, Stop> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Before the look, so that nothing which ends in between is missed.
            changed.as_mut().enable();
            if cancel.is_cancelled() {
                return Err(Stop::Cancelled);
            }
            let until = match self.look(key, Instant::now()) {
                Look::Start(ticket) => return Ok(ticket),
                Look::Spent(message) => return Err(Stop::Spent(message)),
                Look::GivenUp => return Err(Stop::GivenUp),
                Look::Wait(until) => until,
            };
            tokio::select! {
                () = cancel.cancelled() => {}
                () = changed => {}
                () = sleep_until(until) => {}
            }
        }
    }

    fn look(self: &Arc<Self>, key: &str, now: Instant) -> Look {
        let mut state = self.state();
        let State { ledger, lines } = &mut *state;
        match ledger.allowance(now) {
            Allowance::Spent(message) => return Look::Spent(message),
            // Calls that run may cost less than was set aside for them.
            Allowance::Reserved => return Look::Wait(ledger.deadline()),
            Allowance::Free => {}
        }
        let line = lines
            .entry(key.to_owned())
            .or_insert_with(|| Line::new(self.jobs));
        if line.is_given_up() {
            return Look::GivenUp;
        }
        if !line.is_open(now) {
            let times = [line.resumes(now), ledger.deadline()];
            return Look::Wait(times.into_iter().flatten().min());
        }
        ledger.start();
        Look::Start(Ticket {
            pool: Arc::clone(self),
            key: key.to_owned(),
            generation: line.start(),
            is_closed: false,
        })
    }

    /// How long no call to the agent `key` starts.
    pub(crate) fn pause(&self, key: &str) -> Duration {
        let now = Instant::now();
        let state = self.state();
        let resumes = state.lines.get(key).and_then(|line| line.resumes(now));
        resumes.map_or(Duration::ZERO, |resumes| resumes.duration_since(now))
    }

    /// How many calls to the agent `key` were taken so far.
    pub(crate) fn taken(&self, key: &str) -> u64 {
        self.state().lines.get(key).map_or(0, Line::taken)
    }

    /// Lets no further call to the agent `key` start: a run with many files would wait for each of
    /// them as long as for the first.
    pub(crate) fn give_up(&self, key: &str) {
        if let Some(line) = self.state().lines.get_mut(key) {
            line.give_up();
        }
        self.changed.notify_waiters();
    }

    /// A panic while it was held left whole numbers behind, at worst a call too many.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn sleep_until(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

impl Ticket {
    /// Notes what the call used and how it ended. Of the calls that were refused at the same moment,
    /// the first slows the agent down and is told of it.
    pub(crate) fn close(mut self, spent: &Spent, end: End) -> Option<Slowed> {
        self.is_closed = true;
        let slowed = {
            let mut state = self.pool.state();
            let State { ledger, lines } = &mut *state;
            match (end, spent.usage.calls, spent.usage.cost) {
                // Nobody was called.
                (_, 0, _) => ledger.take_back(),
                // Who is turned away pays nothing.
                (End::Refused(_), _, None) => ledger.end(Some(Cost {
                    micro_dollars: 0,
                    is_estimate: false,
                })),
                (_, _, cost) => ledger.end(cost),
            }
            let line = lines.get_mut(&self.key);
            line.and_then(|line| line.end(self.generation, end, Instant::now()))
        };
        self.pool.changed.notify_waiters();
        slowed
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.is_closed {
            return;
        }
        // Nobody knows what came of it, so it counts as a call that told no cost.
        {
            let mut state = self.pool.state();
            state.ledger.end(None);
            if let Some(line) = state.lines.get_mut(&self.key) {
                line.leave();
            }
        }
        self.pool.changed.notify_waiters();
    }
}

/// How much one call bears before it is given up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Patience {
    repeats: u32,
    waited: Duration,
}

impl Patience {
    /// Notes that the call was refused; `pause` is how long its agent takes no call. `false` if it is
    /// not to be made again.
    pub(crate) fn bears(&mut self, pause: Duration) -> bool {
        let waited = self.waited.saturating_add(pause);
        if self.repeats >= MOST_REPEATS || waited > LONGEST_WAITING {
            return false;
        }
        self.repeats += 1;
        self.waited = waited;
        true
    }

    /// How often it was made again.
    pub(crate) fn repeats(self) -> u32 {
        self.repeats
    }
}

#[cfg(test)]
mod tests;
