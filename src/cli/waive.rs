//! `semtest waive`: somebody answers for a failure, for a while.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

/// Arguments of `waive`.
#[derive(Args, Debug)]
pub struct WaiveArgs {
    /// The scenario: its id, or `path#id` where several files have that id
    #[arg(value_name = "ID", value_parser = words)]
    pub id: String,
    /// The last day (UTC) on which the waiver holds, such as 2026-12-31
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub until: Date,
    /// Why the failure is accepted until then
    #[arg(long, value_name = "TEXT", value_parser = words)]
    pub reason: String,
    /// Who answers for it [default: git's user.email]
    #[arg(long, value_name = "NAME", value_parser = words)]
    pub owner: Option<String>,
    /// Use this configuration file instead of looking for semtest.config.{ts,js,mjs,json}
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// A day, and no time of a day.
fn date(text: &str) -> Result<Date, &'static str> {
    let date = text.parse().ok();
    date.filter(|date: &Date| date.to_string() == text)
        .ok_or("expected a date such as 2026-12-31")
}

/// On one line, and at least one word.
fn words(text: &str) -> Result<String, &'static str> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() {
        return Err("expected at least one word");
    }
    Ok(words.join(" "))
}
