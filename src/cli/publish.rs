//! `semtest publish`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::judging::{timeout, word};
use crate::model::CommentPolicy;

/// Arguments of `publish`.
#[derive(Args, Debug)]
pub struct PublishArgs {
    /// The directory of a run's reports
    #[arg(value_name = "DIR", default_value = "semtest-results")]
    pub directory: PathBuf,
    /// When to comment on the pull request: failures, always or off [default: failures]
    #[arg(long, value_name = "WHEN", value_parser = word::<CommentPolicy>, help_heading = "Comment")]
    pub comment: Option<CommentPolicy>,
    /// Name of this comment, if several jobs comment on one pull request [default: workflow and job]
    #[arg(long, value_name = "NAME", help_heading = "Comment")]
    pub key: Option<String>,
    /// Number of the pull request [default: from the pipeline]
    #[arg(long, value_name = "NUMBER", value_parser = number, help_heading = "Comment")]
    pub pull_request: Option<u64>,
    /// Repository of the pull request, as OWNER/NAME [default: from the pipeline]
    #[arg(long, value_name = "OWNER/NAME", help_heading = "Comment")]
    pub repository: Option<String>,
    /// Longest time of one request: milliseconds, or `30s`, `2m` [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = timeout, help_heading = "Comment")]
    pub timeout: Option<Duration>,
    /// Read the token from standard input instead of a variable
    #[arg(long, help_heading = "Comment")]
    pub token_stdin: bool,
    /// What the run ended with: results that say otherwise are not published
    #[arg(long, hide = true, value_name = "CODE")]
    pub run_exit_code: Option<u8>,
    /// Show the comment and send nothing
    #[arg(long, help_heading = "Comment")]
    pub dry_run: bool,
    /// Mark failures at their lines, in GitHub Actions [default: true]
    #[arg(long, help_heading = "Job", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub annotations: Option<bool>,
    /// Add the report to the job's summary, in GitHub Actions [default: true]
    #[arg(long, help_heading = "Job", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub summary: Option<bool>,
}

fn number(text: &str) -> Result<u64, &'static str> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or("expected the number of a pull request, such as 12")
}
