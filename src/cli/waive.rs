//! `semtest waive`: somebody answers for a failure, for a while.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

/// Arguments of `waive`.
#[derive(Args, Debug)]
pub struct WaiveArgs {
    /// The scenario: its id, or `path#id` where several files have that id
    #[arg(value_name = "ID")]
    pub id: String,
    /// The last day (UTC) on which the waiver holds, such as 2026-12-31
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub until: Date,
    /// Why the failure is accepted until then
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Who answers for it [default: git's user.email]
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// Use this configuration file instead of looking for semtest.config.{ts,js,mjs,json}
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

fn date(text: &str) -> Result<Date, &'static str> {
    text.parse()
        .map_err(|_| "expected a date such as 2026-12-31")
}
