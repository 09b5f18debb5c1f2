//! The queue before one agent: how many calls to it run at once, and until when none starts.
//!
//! A refusal halves the number and makes all wait: a service that says "too many" means all calls of
//! this account, not the one that it happened to refuse. The number does not rise again: a limit of so
//! many a minute is the same a minute later.

use std::time::Duration;

use tokio::time::Instant;

use super::{End, Slowed};

/// The pause after a first refusal that names none; it doubles with each further one.
const FIRST: Duration = Duration::from_secs(5);
const LONGEST_UNTOLD: Duration = Duration::from_mins(1);

/// The longest pause that a service gets for one refusal.
const LONGEST_TOLD: Duration = Duration::from_mins(2);

/// A pause grows by up to this part of itself, so that jobs which were refused together do not all
/// come back together.
const JITTER: f64 = 0.1;

#[derive(Debug)]
pub(super) struct Line {
    /// How many calls may run.
    at_once: usize,
    running: usize,
    resumes: Option<Instant>,
    /// Rises with each refusal that counts: what started before is of the same moment.
    generation: u64,
    /// Refusals that count since the last call that was taken.
    in_a_row: u32,
    /// How many calls were taken.
    taken: u64,
    /// Whether a call was given up while none was taken: no other would fare better.
    is_given_up: bool,
}

impl Line {
    pub(super) fn new(at_once: usize) -> Self {
        Self {
            at_once: at_once.max(1),
            running: 0,
            resumes: None,
            generation: 0,
            in_a_row: 0,
            taken: 0,
            is_given_up: false,
        }
    }

    /// Whether one more call may start.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        self.running < self.at_once && self.resumes(now).is_none()
    }

    /// When calls start again, if none does now.
    pub(super) fn resumes(&self, now: Instant) -> Option<Instant> {
        self.resumes.filter(|resumes| *resumes > now)
    }

    /// How many calls were taken so far.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Lets no call start any more.
    pub(super) fn give_up(&mut self) {
        self.is_given_up = true;
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.is_given_up
    }

    /// Counts a call in, and returns the generation that it belongs to.
    pub(super) fn start(&mut self) -> u64 {
        self.running += 1;
        self.generation
    }

    /// Counts a call out that nobody knows the end of.
    pub(super) fn leave(&mut self) {
        self.running = self.running.saturating_sub(1);
    }

    /// Counts a call of `generation` out.
    pub(super) fn end(&mut self, generation: u64, end: End, now: Instant) -> Option<Slowed> {
        self.leave();
        self.taken += u64::from(end == End::Taken);
        let told = match end {
            // Some say "after 0 s" and refuse again.
            End::Refused(told) => told
                .filter(|told| !told.is_zero())
                .map(|told| told.min(LONGEST_TOLD)),
            End::Taken if generation == self.generation => {
                self.in_a_row = 0;
                return None;
            }
            End::Taken => return None,
        };
        if generation != self.generation {
            // Of the same moment as one that was told already: only a longer pause is news.
            let until = told.map(|told| now + told);
            self.resumes = self.resumes.max(until);
            return None;
        }
        self.generation += 1;
        self.at_once = (self.at_once / 2).max(1);
        let doubled = FIRST.saturating_mul(2_u32.saturating_pow(self.in_a_row));
        let wait = jittered(told.unwrap_or(doubled.min(LONGEST_UNTOLD)));
        self.in_a_row = self.in_a_row.saturating_add(1);
        self.resumes = Some(now + wait);
        Some(Slowed {
            wait,
            at_once: self.at_once,
        })
    }
}

#[cfg(test)]
impl Line {
    pub(super) fn is_idle(&self) -> bool {
        self.running == 0
    }
}

/// Without randomness it is the plain pause, which is as good for a single run.
fn jittered(pause: Duration) -> Duration {
    let mut byte = [0];
    let share = getrandom::fill(&mut byte).map_or(0.0, |()| f64::from(byte[0]) / 255.0);
    pause.mul_f64(1.0 + JITTER * share)
}
