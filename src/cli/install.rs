//! `semtest install`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use clap::error::ErrorKind;

use super::{Command, RunArgs, parse};

/// Arguments of `install`.
#[derive(Args, Debug)]
pub struct InstallArgs {
    /// CLIs as `semtest list` calls them, with `@VERSION` or `@latest` if not as tested; default:
    /// those that `semtest run` would start and that are not on PATH
    #[arg(value_name = "TOOL[@VERSION]")]
    pub tools: Vec<String>,
    /// Where to install; the programs are in DIR/bin
    #[arg(long, value_name = "DIR")]
    pub directory: PathBuf,
    /// Arguments of `semtest run`, if what it would start is wanted
    #[arg(last = true, value_name = "RUN ARGUMENTS")]
    pub run: Vec<OsString>,
}

impl InstallArgs {
    /// What follows `--`, as `semtest run` reads it.
    ///
    /// # Errors
    /// clap's own, as for a command line.
    pub fn run_arguments(&self) -> Result<Box<RunArgs>, clap::Error> {
        let start = ["semtest", "run"].map(OsString::from);
        let line = parse(start.into_iter().chain(self.run.iter().cloned()))?;
        if let Command::Run(arguments) = line.command {
            return Ok(arguments);
        }
        // Never: `run` is the word that was parsed.
        Err(clap::Error::new(ErrorKind::InvalidSubcommand))
    }
}
