//! `semtest completions`: the script for one shell, made from the same definition as the help.

use clap::CommandFactory as _;

use crate::cli::{Cli, CompletionsArgs};
use crate::exit::Exit;
use crate::ui::Ui;

/// Prints the script.
pub(super) fn completions(arguments: &CompletionsArgs, ui: &Ui) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "semtest", &mut script);
    ui.data(String::from_utf8_lossy(&script).trim_end());
    Exit::Passed
}
