//! What a run has spent, and whether one more call may start.

use std::time::Duration;

use tokio::time::Instant;

use crate::model::{Cost, time_in_words};

use super::super::Budget;

/// So many calls may tell no cost before the first that tells one. Beyond that nobody can say that
/// the cap holds.
const MOST_UNTOLD: u32 = 3;

#[derive(Debug)]
pub(super) struct Ledger {
    budget: Budget,
    deadline: Option<Instant>,
    /// Calls that started.
    calls: u32,
    running: u32,
    /// What was told, in millionths of a dollar.
    told: u64,
    /// Whether a part of it comes from a list of prices.
    is_estimate: bool,
    /// Ended calls that told nothing.
    untold: u32,
    /// The dearest call so far.
    dearest: u64,
}

/// Whether one more call may start.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Allowance {
    Free,
    /// Not while so many run: what they cost may be more than is left.
    Reserved,
    /// No more, in words for the user.
    Spent(String),
}

impl Ledger {
    pub(super) fn new(budget: Budget, now: Instant) -> Self {
        Self {
            // What no clock can show is no limit.
            deadline: budget.time.and_then(|time| now.checked_add(time)),
            budget,
            calls: 0,
            running: 0,
            told: 0,
            is_estimate: false,
            untold: 0,
            dearest: 0,
        }
    }

    /// When the time is over.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    pub(super) fn allowance(&self, now: Instant) -> Allowance {
        if let Some(most) = self.budget.calls.filter(|most| self.calls >= *most) {
            let calls = if most == 1 { "call" } else { "calls" };
            return spent(
                &format!("{most} {calls} started"),
                &format!("--max-calls {most}"),
            );
        }
        let over = |deadline: &Instant| now >= *deadline;
        if let (Some(time), Some(_)) = (self.budget.time, self.deadline.filter(over)) {
            let passed = format!("{} passed", time_in_words(time));
            return spent(&passed, &format!("--max-time {}", flag_of(time)));
        }
        self.budget
            .cost
            .map_or(Allowance::Free, |cap| self.left_of(cap))
    }

    /// What a call told no cost of is as dear as the dearest. While calls run, as much is set aside
    /// for each.
    fn left_of(&self, cap: Cost) -> Allowance {
        let flag = format!("--max-cost {}", dollars(cap.micro_dollars));
        if self.dearest == 0 && self.untold >= MOST_UNTOLD {
            let what = format!("{} calls told no cost, so nobody knows it", self.untold);
            return spent(&what, &flag);
        }
        let all_of = |calls: u32| self.dearest.saturating_mul(u64::from(calls));
        let cost = self.told.saturating_add(all_of(self.untold));
        if cost >= cap.micro_dollars {
            let amount = Cost {
                micro_dollars: cost,
                is_estimate: self.is_estimate,
            };
            return spent(&format!("the calls cost {amount}"), &flag);
        }
        if cost.saturating_add(all_of(self.running)) >= cap.micro_dollars {
            return Allowance::Reserved;
        }
        Allowance::Free
    }

    /// A call starts.
    pub(super) fn start(&mut self) {
        self.calls = self.calls.saturating_add(1);
        self.running = self.running.saturating_add(1);
    }

    /// A call ended, and told its cost if it could.
    pub(super) fn end(&mut self, cost: Option<Cost>) {
        self.running = self.running.saturating_sub(1);
        let Some(Cost {
            micro_dollars,
            is_estimate,
        }) = cost
        else {
            self.untold = self.untold.saturating_add(1);
            return;
        };
        self.is_estimate |= is_estimate;
        self.told = self.told.saturating_add(micro_dollars);
        self.dearest = self.dearest.max(micro_dollars);
    }

    /// A call that was to start could not even be made.
    pub(super) fn take_back(&mut self) {
        self.running = self.running.saturating_sub(1);
        self.calls = self.calls.saturating_sub(1);
    }
}

fn spent(what: &str, flag: &str) -> Allowance {
    Allowance::Spent(format!("budget spent: {what} (`{flag}`)"))
}

/// As the flag takes it.
fn flag_of(time: Duration) -> String {
    let milliseconds = time.as_millis();
    match (milliseconds % 60_000, milliseconds % 1_000) {
        (0, _) => format!("{}m", milliseconds / 60_000),
        (_, 0) => format!("{}s", milliseconds / 1_000),
        _ => milliseconds.to_string(),
    }
}

/// As the flag takes it: `2.50`, and as many digits as a small amount has.
fn dollars(micro: u64) -> String {
    let (whole, fraction) = (micro / 1_000_000, format!("{:06}", micro % 1_000_000));
    let digits = fraction.trim_end_matches('0').len().max(2);
    format!("{whole}.{}", &fraction[..digits])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(micro_dollars: u64) -> Cost {
        Cost {
            micro_dollars,
            is_estimate: false,
        }
    }

    fn with_cost(micro_dollars: u64) -> Ledger {
        let budget = Budget {
            cost: Some(cost(micro_dollars)),
            ..Budget::default()
        };
        Ledger::new(budget, Instant::now())
    }

    fn allowance(ledger: &Ledger) -> Allowance {
        ledger.allowance(Instant::now())
    }

    #[test]
    fn no_more_calls_start_than_are_allowed_and_one_that_was_not_made_does_not_count() {
        let budget = Budget {
            calls: Some(2),
            ..Budget::default()
        };
        let mut ledger = Ledger::new(budget, Instant::now());
        ledger.start();
        ledger.start();
        let message = "budget spent: 2 calls started (`--max-calls 2`)";
        assert_eq!(allowance(&ledger), Allowance::Spent(message.into()));
        ledger.take_back();
        assert_eq!(allowance(&ledger), Allowance::Free);
    }

    #[test]
    fn a_call_starts_only_while_those_that_run_leave_something() {
        let mut ledger = with_cost(1_000_000);
        ledger.start();
        ledger.end(Some(cost(400_000)));
        ledger.start();
        assert_eq!(allowance(&ledger), Allowance::Free);
        ledger.start();
        assert_eq!(allowance(&ledger), Allowance::Reserved);
        ledger.end(Some(cost(100_000)));
        assert_eq!(allowance(&ledger), Allowance::Free);
        ledger.end(Some(cost(600_000)));
        let message = "budget spent: the calls cost $1.10 (`--max-cost 1.00`)";
        assert_eq!(allowance(&ledger), Allowance::Spent(message.into()));
    }

    #[test]
    fn a_call_that_tells_no_cost_is_as_dear_as_the_dearest() {
        let mut ledger = with_cost(1_000_000);
        for told in [None, Some(cost(500_000))] {
            ledger.start();
            ledger.end(told);
        }
        assert!(matches!(allowance(&ledger), Allowance::Spent(_)));
    }

    #[test]
    fn where_no_call_ever_tells_a_cost_the_cap_is_spent() {
        let mut ledger = with_cost(1_000_000);
        for _ in 0..MOST_UNTOLD {
            assert_eq!(allowance(&ledger), Allowance::Free);
            ledger.start();
            ledger.end(None);
        }
        let Allowance::Spent(message) = allowance(&ledger) else {
            panic!("free");
        };
        assert!(message.contains("3 calls told no cost"), "{message}");
    }

    #[test]
    fn flags_are_told_as_they_are_written() {
        for (milliseconds, flag) in [(1_200_000, "20m"), (90_000, "90s"), (250, "250")] {
            assert_eq!(flag_of(Duration::from_millis(milliseconds)), flag);
        }
        for (micro, flag) in [(2_500_000, "2.50"), (12_300, "0.0123"), (0, "0.00")] {
            assert_eq!(dollars(micro), flag);
        }
    }
}
