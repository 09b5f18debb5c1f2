//! `semtest uninstall`.

use clap::Args;

/// Arguments of `uninstall`.
#[derive(Args, Debug)]
pub struct UninstallArgs {}
