//! `semtest init`.

use clap::Args;

/// Arguments of `init`.
#[derive(Args, Debug)]
pub struct InitArgs {}
