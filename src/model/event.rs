//! What happens during a run, for whoever shows it.

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
