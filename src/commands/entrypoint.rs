//! `semtest entrypoint`: the first process of a container.
//!
//! CI systems put a shell of their own into an image (GitLab `sh`, Jenkins `cat`), so these are executed
//! as they are. Everything else is a command line of semtest.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cli::EntrypointArgs;
use crate::exit::Exit;
use crate::process::{self, RelayError, Relayed, StandardInput};

use super::Place;
use super::error::CommandError;

/// What CI systems start in an image instead of its own program.
const SHELLS: [&str; 3] = ["bash", "cat", "sh"];

/// Becomes the shell that is asked for, or stands for semtest until it ends.
pub(super) fn entrypoint(arguments: &EntrypointArgs, place: &Place) -> Result<Exit, CommandError> {
    let own = std::env::current_exe()?;
    let (program, arguments) = match arguments.arguments.split_first() {
        Some((first, rest)) if is_shell(first) => (PathBuf::from(first), rest.to_vec()),
        _ => (own.clone(), arguments.arguments.clone()),
    };
    if program == own && process::is_first() {
        // The environment may hold a token, and this process is there for as long as the container.
        process::hide_from_children();
        let relayed = process::relay(&Relayed {
            program,
            arguments,
            directory: place.directory.clone(),
            environment: variables(place),
            stdin: StandardInput::Ours,
            user: None,
            is_confined: false,
            hidden: None,
            patience: None,
        })?;
        return Ok(Exit::of(relayed.code));
    }
    // Returns only if it fails.
    let source = Command::new(&program).args(arguments).exec();
    Err(RelayError::Start { program, source }.into())
}

fn is_shell(word: &OsStr) -> bool {
    let path = Path::new(word);
    let is_of_the_system = path
        .parent()
        .is_some_and(|parent| ["", "/bin", "/usr/bin"].map(Path::new).contains(&parent));
    let name = path.file_name().and_then(OsStr::to_str);
    is_of_the_system && name.is_some_and(|name| SHELLS.contains(&name))
}

fn variables(place: &Place) -> Vec<(OsString, OsString)> {
    let variables = place.env.iter();
    variables
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_one_of_the_systems_by_name() {
        for shell in ["sh", "bash", "cat", "/bin/sh", "/usr/bin/bash"] {
            assert!(is_shell(shell.as_ref()), "{shell}");
        }
        for other in ["run", "./sh", "bin/sh", "/builds/sh", "/bin/rm", "", "/"] {
            assert!(!is_shell(other.as_ref()), "{other}");
        }
    }
}
