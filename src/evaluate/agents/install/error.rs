//! Why a CLI could not be installed, and what the user can do about it.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::process::StartError;

/// Beginnings of npm's codes for a registry that can't be reached.
const NETWORK: [&str; 9] = [
    "EAI_AGAIN",
    "ECONN",
    "ENETUNREACH",
    "ENOTFOUND",
    "ERR_SOCKET",
    "ETIMEDOUT",
    "SELF_SIGNED_CERT",
    "UNABLE_TO_",
    "EIDLETIMEOUT",
];

/// Nothing new is there then, and nothing half.
#[derive(Debug, Error)]
pub enum InstallError {
    /// No tool that we know.
    #[error("`{word}` is no known LLM CLI{}", nearest.as_ref().map_or_else(String::new, |name| format!("; did you mean `{name}`?")))]
    Unknown {
        /// As it was asked for.
        word: String,
        /// What it may have meant.
        nearest: Option<String>,
    },
    /// A range, an address, anything that is not one version.
    #[error("`{word}`: what follows the `@` is not one exact version")]
    NoVersion {
        /// As it was asked for.
        word: String,
        /// The tool.
        key: &'static str,
        /// A version that would do.
        tested: &'static str,
    },
    /// The same tool in two versions: one program name can't mean both.
    #[error("`{0}` is asked for twice")]
    Twice(&'static str),
    /// It does not come from npm, or nobody tried.
    #[error("semtest can't install {name} (`{key}`)")]
    NotOurs {
        /// The tool.
        key: &'static str,
        /// What people call it.
        name: &'static str,
        /// What it is called on `PATH`.
        program: &'static str,
    },
    /// Neither, or only one of them, is there.
    #[error("installing an LLM CLI needs Node and npm, and `{0}` is not on PATH")]
    NoNpm(&'static str),
    /// A program could not be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// npm said no.
    #[error("npm could not install `{package}`: {said}")]
    Refused {
        /// What was to be installed, with its version.
        package: String,
        /// What it said.
        said: String,
        /// Its code for that, if it told one.
        code: String,
    },
    /// It took too long.
    #[error("`{package}` was not installed within {minutes} minutes")]
    TimedOut {
        /// What was to be installed, with its version.
        package: String,
        /// How long we waited.
        minutes: u64,
    },
    /// npm is content, and there is no program that works.
    #[error("`{package}` was installed, but `{program}` does not start: {said}")]
    Broken {
        /// What was installed, with its version.
        package: String,
        /// What was started.
        program: &'static str,
        /// How that ended.
        said: String,
    },
    /// Somebody else's file where ours would be.
    #[error("`{}` is not what `semtest install` lays there", .0.display())]
    Foreign(PathBuf),
    /// The directory can't be used.
    #[error("the directory for LLM CLIs can't be written")]
    Directory(#[from] io::Error),
    /// Somebody ended it.
    #[error("ended by a signal")]
    Cancelled,
}

impl InstallError {
    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { .. } => Some("`semtest list` shows all".into()),
            Self::NoVersion { key, tested, .. } => Some(format!(
                "`{key}` alone is the version that semtest was tested with; others are \
                 `{key}@{tested}` and `{key}@latest`"
            )),
            Self::Twice(_) => Some("name it once".into()),
            Self::NotOurs { program, .. } => Some(format!(
                "build an image of your own that has `{program}` on PATH: then nothing is installed"
            )),
            Self::NoNpm(_) => {
                Some("install Node 22 or newer, or use an image that has the CLI already".into())
            }
            Self::Refused { code, .. } => refused_hint(code).map(str::to_owned),
            Self::TimedOut { .. } => {
                Some("is the registry slow? A cache step or an image with the CLI avoids it".into())
            }
            Self::Broken { .. } => Some(
                "another version may do: `TOOL@VERSION`; npm leaves out the part for this machine \
                 where it can't be had"
                    .into(),
            ),
            Self::Foreign(_) => Some("move it away, or name another `--directory`".into()),
            Self::Start(_) | Self::Directory(_) | Self::Cancelled => None,
        }
    }
}

fn refused_hint(code: &str) -> Option<&'static str> {
    if NETWORK.iter().any(|start| code.starts_with(start)) {
        return Some(
            "the registry can't be reached from here: `HTTPS_PROXY` names a proxy, \
             `NPM_CONFIG_REGISTRY` a mirror, and an image with the CLI needs neither",
        );
    }
    match code {
        "E404" | "ETARGET" => {
            Some("the registry has no such version; without `@VERSION` the tested one is taken")
        }
        "E401" | "E403" => Some(
            "the registry wants a login, which is not passed on: use an image that has the CLI",
        ),
        "ENOSPC" => Some("an LLM CLI takes up to 400 MB, and twice that while it is installed"),
        _ => None,
    }
}
