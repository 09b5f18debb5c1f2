//! `semtest doctor`.

use std::path::PathBuf;

use clap::Args;

use super::JudgingArgs;

/// Arguments of `doctor`.
#[derive(Args, Debug)]
pub struct DoctorArgs {
    /// Look at this pipeline too: which CI, secrets, forks, limits
    #[arg(long)]
    pub ci: bool,
    /// Use this configuration file instead of looking for semtest.config.{ts,js,mjs,json}
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Who would judge.
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}
