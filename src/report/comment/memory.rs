//! What a comment remembers of its run, so that the next one can tell what is new and what is fixed.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::RunReport;

/// What a comment remembers: kept small, since it lies in the comment itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Memory {
    /// The judged commit.
    pub commit: Option<String>,
    /// When the run started, in milliseconds since 1970.
    pub started: i64,
    /// What failed: a digest of path and id of each.
    pub failing: BTreeSet<String>,
}

/// What is different since the last comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The commit of the last comment.
    pub since: Option<String>,
    /// Positions in `results` of what fails now and did not then.
    pub new: Vec<usize>,
    /// Positions in `results` of what passes now and failed then.
    pub fixed: Vec<usize>,
}

impl Memory {
    /// What is to be remembered of a run.
    #[must_use]
    pub fn of(report: &RunReport) -> Self {
        Self {
            commit: report.judged.commit.clone(),
            started: report.started.as_millisecond(),
            failing: BTreeSet::new(),
        }
    }

    /// When the run started.
    #[must_use]
    pub fn started(&self) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.started).ok()
    }

    /// What `report` changed.
    #[must_use]
    pub fn change(&self, report: &RunReport) -> Change {
        let _ = report;
        Change {
            since: self.commit.clone(),
            ..Change::default()
        }
    }

    /// One word of letters, digits, `-` and `_`.
    #[must_use]
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads what [`Self::encode`] made; `None` for anything else.
    #[must_use]
    pub fn decode(word: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(word).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}
