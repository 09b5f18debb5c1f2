//! `semtest calibrate`: how noisy the judge is about each statement.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::config::PartialConfig;
use crate::model::Cost;

use super::judging::{JudgingArgs, count, dollars, timeout};

/// Arguments of `calibrate`.
#[derive(Args, Debug)]
pub struct CalibrateArgs {
    /// Spec files, directories, or single scenarios (`api.spec.md#id`); default: all that match
    /// testMatch
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,
    /// How many times each scenario is judged; fewer than 7 can't show that a judge is quiet
    #[arg(short = 'n', long = "number", value_name = "N", value_parser = answers, default_value = "12")]
    pub number: NonZeroU32,

    /// Use this configuration file instead of looking for semtest.config.{ts,js,mjs,json}
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    pub config: Option<PathBuf>,
    /// Who judges.
    #[command(flatten)]
    pub judging: JudgingArgs,

    /// Limit for one call: milliseconds, or `90s`, `2m`; 0 means none [default: none, 10m in CI]
    #[arg(long, value_name = "TIME", value_parser = timeout, help_heading = "Execution")]
    pub timeout: Option<Duration>,
    /// How many files to judge at once [default: 4, or what the agent allows]
    #[arg(long, value_name = "N", value_parser = count, help_heading = "Execution")]
    pub jobs: Option<NonZeroU32>,

    /// Start no new call when the calls have cost this many US dollars
    #[arg(long, value_name = "DOLLARS", value_parser = dollars, help_heading = "Budget")]
    pub max_cost: Option<Cost>,
    /// Start no new call after this many
    #[arg(long, value_name = "N", value_parser = count, help_heading = "Budget")]
    pub max_calls: Option<NonZeroU32>,
    /// Start no new call after this time: milliseconds, or `90s`, `20m`; 0 means no limit
    #[arg(long, value_name = "TIME", value_parser = timeout, help_heading = "Budget")]
    pub max_time: Option<Duration>,
}

impl CalibrateArgs {
    /// What the flags say, in the terms of the configuration.
    #[must_use]
    pub fn to_config(&self) -> PartialConfig {
        PartialConfig {
            timeout: self.timeout,
            jobs: self.jobs,
            max_cost: self.max_cost,
            max_calls: self.max_calls,
            max_time: self.max_time,
            ..self.judging.to_config()
        }
    }
}

/// One answer contradicts nobody.
fn answers(text: &str) -> Result<NonZeroU32, &'static str> {
    let number = text.parse::<NonZeroU32>().ok();
    let number = number.filter(|number| (2..=1000).contains(&number.get()));
    number.ok_or("expected a whole number from 2 to 1000")
}
