//! What the ways to vote cost and what they are worth: `cargo bench --bench votes`.
//!
//! A simulation through the code that decides in a run, seeded, so that it says the same every time.
//! How often a judge contradicts itself follows a published measurement (29 tasks, 50 trials each: 14 %
//! of judgements flip, 28 % of tasks flip more than one time in five). Exit code 1 if a figure is not the
//! one that the documentation tells.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a simulation that can't go on must fail at once"
)]

use std::process::ExitCode;

use semtest::model::{Because, Calibration, Decision, Noise, Tally, VotePolicy, Votes};

/// How many suites are simulated for a row.
const SUITES: u32 = 20_000;
/// Statements in a suite.
const STATEMENTS: u32 = 20;
/// Votes of a calibration, and the default of `maxFlip`.
const CALIBRATION: u32 = 12;
const MAX_FLIP: f64 = 0.2;
const SEED: u64 = 0x5eed;

/// One line of the table.
struct Row {
    name: &'static str,
    votes: &'static str,
    calibrated: Calibrated,
    /// On all statements, and on those of which the judge is sure: their rate is below a tenth.
    expected: [Figures; 2],
}

/// What was done before the run.
#[derive(Clone, Copy, PartialEq)]
enum Calibrated {
    No,
    /// Every statement, and the noisy ones don't block.
    All,
    /// And those that were not found quiet were written anew until they were.
    UntilQuiet,
}

/// What a policy costs and is worth; the last three in per cent.
#[derive(Clone, Copy)]
struct Figures {
    /// Calls for a statement that holds.
    calls: f64,
    /// Suites of statements that all hold, of which one blocks.
    red: f64,
    /// Violations that pass.
    missed: f64,
    /// Violations that do not pass and do not block: the judge is known to be noisy about them.
    shown: f64,
}

const fn figures(calls: f64, red: f64, missed: f64, shown: f64) -> Figures {
    Figures {
        calls,
        red,
        missed,
        shown,
    }
}

const ROWS: [Row; 6] = [
    Row {
        name: "1",
        votes: "1",
        calibrated: Calibrated::No,
        expected: [figures(1.0, 95.0, 14.0, 0.0), figures(1.0, 40.0, 2.5, 0.0)],
    },
    Row {
        name: "lead:2/7",
        votes: "lead:2/7",
        calibrated: Calibrated::No,
        expected: [figures(2.6, 87.0, 6.8, 0.0), figures(2.1, 4.0, 0.1, 0.0)],
    },
    Row {
        name: "lead:3/11",
        votes: "lead:3/11",
        calibrated: Calibrated::No,
        expected: [figures(4.2, 82.0, 4.2, 0.0), figures(3.2, 0.3, 0.0, 0.0)],
    },
    Row {
        name: "confirm:3/11",
        votes: "confirm:3/11",
        calibrated: Calibrated::No,
        expected: [figures(1.5, 47.0, 18.0, 0.0), figures(1.05, 0.2, 2.6, 0.0)],
    },
    Row {
        name: "auto, calibrated",
        votes: "auto",
        calibrated: Calibrated::All,
        expected: [figures(2.1, 67.0, 8.0, 8.2), figures(1.3, 2.3, 1.6, 0.0)],
    },
    Row {
        name: "auto, all found quiet",
        votes: "auto",
        calibrated: Calibrated::UntilQuiet,
        expected: [figures(1.07, 1.2, 3.2, 0.0), figures(1.04, 0.1, 2.0, 0.0)],
    },
];

fn main() -> ExitCode {
    println!(
        "Simulated: {SUITES} suites of {STATEMENTS} statements; in brackets what it should be.\n"
    );
    println!("| votes | statements | calls | true suites red | violations missed | only shown |");
    println!("|---|---|---|---|---|---|");
    let mut all_right = true;
    for row in &ROWS {
        for (sure, expected) in [false, true].into_iter().zip(row.expected) {
            let found = simulate(row, sure);
            let cells = [
                cell(found.calls, expected.calls, "", 0.0, &mut all_right),
                cell(found.red, expected.red, " %", 0.5, &mut all_right),
                cell(found.missed, expected.missed, " %", 0.5, &mut all_right),
                cell(found.shown, expected.shown, " %", 0.5, &mut all_right),
            ];
            let which = if sure { "rate < 0.1" } else { "all" };
            println!("| {} | {which} | {} |", row.name, cells.join(" | "));
        }
    }
    if all_right {
        println!("\nEach is within a tenth of what it should be, or within half a point.");
        ExitCode::SUCCESS
    } else {
        println!("\nFigures with `!` are more than a tenth and half a point off.");
        ExitCode::FAILURE
    }
}

fn cell(found: f64, expected: f64, unit: &str, points: f64, all_right: &mut bool) -> String {
    let is_right = (found - expected).abs() <= (expected * 0.1).max(points);
    *all_right &= is_right;
    let mark = if is_right { "" } else { " !" };
    format!("{found:.2}{unit} ({expected}){mark}")
}

fn simulate(row: &Row, sure: bool) -> Figures {
    let mut random = Random(SEED);
    let votes: Votes = row.votes.parse().unwrap();
    let (mut calls, mut red, mut missed, mut shown) = (0, 0, 0, 0);
    for _ in 0..SUITES {
        let mut is_red = false;
        for _ in 0..STATEMENTS {
            let (rate, calibration) = statement(row.calibrated, sure, &mut random);
            let policy = votes.policy(calibration);
            let blocks = match calibration {
                Calibration::Noisy(noise) => Because::Noisy(noise).blocks(),
                Calibration::Unknown | Calibration::Quiet(_) | Calibration::Unclear(_) => true,
            };
            let (decision, asked) = vote(policy, 1.0 - rate, &mut random);
            calls += asked;
            is_red |= decision != Decision::Pass && blocks;
            match vote(policy, rate, &mut random).0 {
                Decision::Pass => missed += 1,
                Decision::Open | Decision::Fail | Decision::Undecided if !blocks => shown += 1,
                Decision::Open | Decision::Fail | Decision::Undecided => {}
            }
        }
        red += u32::from(is_red);
    }
    let statements = f64::from(SUITES * STATEMENTS);
    Figures {
        calls: f64::from(calls) / statements,
        red: 100.0 * f64::from(red) / f64::from(SUITES),
        missed: 100.0 * f64::from(missed) / statements,
        shown: 100.0 * f64::from(shown) / statements,
    }
}

/// How often the judge contradicts itself about a statement, and what is known of that.
fn statement(calibrated: Calibrated, sure: bool, random: &mut Random) -> (f64, Calibration) {
    loop {
        let rate = random.rate();
        if sure && rate >= 0.1 {
            continue;
        }
        let calibration = match calibrated {
            Calibrated::No => Calibration::Unknown,
            Calibrated::All | Calibrated::UntilQuiet => {
                let (_, tally) = ask(VotePolicy::Count(CALIBRATION), rate, random);
                let minority = tally.passes.min(tally.fails);
                let votes = tally.total();
                Noise { votes, minority }.class(MAX_FLIP)
            }
        };
        let is_quiet = matches!(calibration, Calibration::Quiet(_));
        if is_quiet || calibrated != Calibrated::UntilQuiet {
            return (rate, calibration);
        }
    }
}

/// The verdict where each vote is a pass at the rate `passes`, and the votes that it took.
fn vote(policy: VotePolicy, passes: f64, random: &mut Random) -> (Decision, u32) {
    let (decision, tally) = ask(policy, passes, random);
    (decision, tally.total())
}

fn ask(policy: VotePolicy, passes: f64, random: &mut Random) -> (Decision, Tally) {
    let mut tally = Tally::default();
    loop {
        let decision = policy.decide(tally);
        if decision != Decision::Open {
            return (decision, tally);
        }
        if random.unit() < passes {
            tally.passes += 1;
        } else {
            tally.fails += 1;
        }
    }
}

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below 1.
    fn unit(&mut self) -> f64 {
        let [high, low] = [self.next() >> 40, 1 << 24];
        let number = |bits: u64| f64::from(u32::try_from(bits).unwrap());
        number(high) / number(low)
    }

    /// A statement's minority rate: 45 % from 0 to .03, 27 % from .05 to .2, 28 % from .2 to .5.
    fn rate(&mut self) -> f64 {
        let (from, to) = match self.unit() {
            kind if kind < 0.45 => (0.0, 0.03),
            kind if kind < 0.72 => (0.05, 0.2),
            _ => (0.2, 0.5),
        };
        from + (to - from) * self.unit()
    }
}
