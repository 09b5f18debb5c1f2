//! JUnit XML as its many readers take it: the types of a document, and writing one.
//!
//! Knows nothing of semtest's own results; the `report` room turns those into these types. The
//! dialect is the common subset that GitLab, Jenkins, `CircleCI` and Semaphore read alike.

mod write;

use std::time::Duration;

use jiff::Timestamp;

pub use write::{WriteError, write};

/// A whole document, the `testsuites` element. Counts and times are derived when it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Readers guess the test framework from it, so keep it fixed.
    pub name: String,
    /// When the run started.
    pub timestamp: Timestamp,
    /// In the order in which they are written.
    pub suites: Vec<Suite>,
}

/// One `testsuite` element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suite {
    /// What readers show as the heading of its cases.
    pub name: String,
    /// When it started.
    pub timestamp: Timestamp,
    /// In the order in which they are written.
    pub cases: Vec<Case>,
}

/// One `testcase` element. Readers key a test's history on `classname` and `name`, so both must be
/// stable, and together unique in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The test.
    pub name: String,
    /// Where it belongs; dots are levels.
    pub classname: String,
    /// The file that holds the test, relative to the repository, `/` between components.
    pub file: String,
    /// Its line there, from 1.
    pub line: u32,
    /// How long it took, written in seconds with three decimals.
    pub time: Duration,
    /// What came of it.
    pub outcome: CaseOutcome,
    /// Failures of other attempts at it, in order, as Surefire and Jenkins know them: `flakyFailure`
    /// beside a pass, `rerunFailure` beside a failure or an error. They count nowhere, and beside
    /// a skip they are left out.
    pub others: Vec<Problem>,
}

/// What came of a case: nothing to say, or exactly one child element that readers count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseOutcome {
    /// No child.
    Passed,
    /// `failure`.
    Failed(Problem),
    /// `error`.
    Errored(Problem),
    /// `skipped`.
    Skipped {
        /// Why, shown on one line.
        message: String,
    },
}

/// The content of a `failure` or an `error` element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A word for the class of problem.
    pub kind: &'static str,
    /// The point, shown on one line.
    pub message: String,
    /// All of it. Some readers show the text only, some the message only, some cut after 2,000
    /// characters.
    pub text: String,
}
