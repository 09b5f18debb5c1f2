//! The words that every room shares: spec files, scenarios, outcomes, the report of a run.
//!
//! Plain values without behaviour beyond their own invariants. How they are found is
//! [`crate::evaluate`]'s, how they are shown is the `report` and `ui` rooms'.

mod annotation;
mod attempt;
mod ci;
mod cost_line;
mod event;
mod issue;
mod location;
mod noise;
mod policy;
mod report;
mod report_files;
mod repository;
#[cfg(test)]
mod sample;
mod spec;
mod standing;
mod texts;
mod usage;
mod votes;

/// The model key of deterministic checks: no model at all.
pub const CHECKS: &str = "checks";

pub use annotation::{Annotation, Severity, Spot};
pub use attempt::Attempt;
pub use ci::{Addresses, BaseRevision, CiContext, CiSystem, EXTERNAL_PULL_REQUEST, Trust};
pub use cost_line::{grouped, time_in_words};
pub use event::RunEvent;
pub use issue::{IssueKind, ValidationIssue};
pub use location::Location;
pub use noise::{Calibration, Noise, NoiseEntry};
pub use policy::{AgentHome, CommentPolicy, OnUntrusted, OnWrite, Provider, ReportFormat, Word};
pub use report::{
    Counts, Failure, Interruption, Judged, Outcome, RunReport, RunStatus, TestResult,
};
pub use report_files::{
    CODE_QUALITY_NAME, DEBUG_NAME, DEBUG_RECORD_START, JSON_NAME, JUNIT_NAME, MARKDOWN_NAME,
    REPORT_NAMES, SARIF_NAME, is_report_name,
};
pub use repository::{is_commit, owner_and_name, short_commit};
pub use spec::{CheckBlock, Frontmatter, Scenario, SpecFile};
pub use standing::{Because, Level, RuleChange, WAIVERS_NAME, Waiver};
pub use usage::{Cost, PRICES_OF, SpecUsage, Spent, Tokens, ToolCalls, Usage};
pub use votes::{Decision, Tally, VotePolicy, Votes, VotesError};
