//! `semtest list`.

use clap::Args;

/// Arguments of `list`.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}
