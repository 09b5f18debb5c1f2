//! What happens during a run, for whoever shows it.

use std::time::Duration;

use super::TestResult;

/// Something that happened. `index` counts files from 1 in discovery order.
#[derive(Clone, Debug)]
pub enum RunEvent {
    /// A spec file is being judged now.
    FileStarted {
        /// Its place in the run, from 1.
        index: usize,
        /// How many files the run has.
        total: usize,
        /// The spec file.
        path: String,
    },
    /// An answer was empty, and the call is made again.
    Retry {
        /// The file's place in the run, from 1.
        index: usize,
        /// Which retry this is, from 1.
        attempt: u32,
        /// How many there are at most.
        most: u32,
    },
    /// With `--repeat`: one of several runs of a file starts.
    Repeat {
        /// The file's place in the run, from 1.
        index: usize,
        /// Which run this is, from 1.
        run: u32,
        /// How many there are at most.
        of: u32,
    },
    /// Another vote starts on the scenarios of a file that are still open; the first one is not
    /// announced.
    Vote {
        /// The file's place in the run, from 1.
        index: usize,
        /// Which vote this is, from 2.
        vote: u32,
        /// How many scenarios it asks about.
        open: usize,
    },
    /// An agent's service refused calls because there were too many, and is given time.
    Slowed {
        /// The model key of the agent.
        agent: String,
        /// How long no call to it starts.
        wait: Duration,
        /// How many calls to it run at once from now on.
        at_once: usize,
    },
    /// A spec file is not running any more. Its results follow when all before it are there.
    FileEnded {
        /// The file's place in the run, from 1.
        index: usize,
    },
    /// Something that costs no verdict went wrong.
    Warning {
        /// What, in words for the user.
        message: String,
    },
    /// A spec file was judged. These come in discovery order.
    FileFinished {
        /// Its place in the run, from 1.
        index: usize,
        /// How many files the run has.
        total: usize,
        /// The spec file.
        path: String,
        /// One a scenario, in the file's order.
        results: Vec<TestResult>,
    },
}
