//! `semtest entrypoint`: how a container starts.

use std::ffi::OsString;

use clap::Args;

/// Arguments of `entrypoint`.
#[derive(Args, Debug)]
pub struct EntrypointArgs {
    /// A command line of semtest, or one of `sh`, `bash` and `cat` with its arguments
    #[arg(
        value_name = "ARGUMENT",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub arguments: Vec<OsString>,
}
