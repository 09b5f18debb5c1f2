//! Why there are no results that could be published.

use thiserror::Error;

use crate::report::LoadError;

/// Results that are not there, that nobody can read, or that are not this pipeline's.
#[derive(Debug, Error)]
pub(in super::super) enum Unusable {
    /// Nothing that a run wrote.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The run just now left none.
    #[error("{}", without_results(*ended))]
    NoneLeft {
        /// What it ended with.
        ended: u8,
    },
    /// Of another commit than the pipeline, or of none: left by an earlier job, checked in, or made up.
    #[error("{reason}")]
    OfAnother {
        /// Which, and which it should be.
        reason: String,
        /// What the user can do.
        advice: &'static str,
    },
    /// Not what the run just now left: an older one's, or changed since.
    #[error(
        "the run ended with exit code {ended}, and the results are of one that ended with {told}"
    )]
    OfAnotherRun {
        /// What it ended with.
        ended: u8,
        /// What its results say.
        told: u8,
    },
}

/// What `--run-exit-code` is where no run was started, as shells say it.
const NOT_STARTED: u8 = 126;

/// Whoever reads this on a pull request has not seen the log.
fn without_results(ended: u8) -> String {
    let what = match ended {
        NOT_STARTED => "the run could not be started".to_owned(),
        code => format!("the run ended with exit code {code} and left no results"),
    };
    format!("{what}; the log of the job says why")
}
