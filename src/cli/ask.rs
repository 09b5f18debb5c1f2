//! `semtest ask`: one statement on the command line.

use std::time::Duration;

use clap::Args;

use crate::config::PartialConfig;
use crate::model::{OnWrite, Votes};

use super::judging::{JudgingArgs, timeout, word};

/// How long a call may take: somebody waits for the answer.
const LIMIT: Duration = Duration::from_mins(10);

/// Arguments of `ask`.
#[derive(Args, Debug)]
pub struct AskArgs {
    /// What should be true of the code here; Markdown, as in a spec file. `-` reads it from stdin
    #[arg(value_name = "STATEMENT")]
    pub statement: String,

    /// Who judges.
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// Limit for one call: milliseconds, or `90s`, `2m`; 0 means none [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub timeout: Option<Duration>,
    /// How many answers make a verdict: 1, lead:D/CAP, confirm:D/CAP or auto [default: 1]
    #[arg(long, value_name = "VOTES")]
    pub votes: Option<Votes>,
    /// If a tool changes files: warn reports it, error makes the scenarios errors [default: warn]
    #[arg(long, value_name = "WHAT", value_parser = word::<OnWrite>)]
    pub on_write: Option<OnWrite>,

    /// Write the statement as a spec file to semtests/, or to PATH; never overwrites one
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub save: Option<String>,
    /// Print JSON, as `run` writes it to ci-results.json, instead of text
    #[arg(long)]
    pub json: bool,
}

impl AskArgs {
    /// What the flags say, in the terms of the configuration.
    #[must_use]
    pub fn to_config(&self) -> PartialConfig {
        PartialConfig {
            timeout: self.timeout.or(Some(LIMIT)),
            votes: self.votes,
            on_write: self.on_write,
            ..self.judging.to_config()
        }
    }
}
