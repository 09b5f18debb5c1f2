//! Why there is no configuration.

use std::io;

use thiserror::Error;

use super::problem::{Problem, render};

/// A configuration that can't be had. `Display` is the whole text for the terminal, several lines
/// where a file is quoted, without a leading `error:`.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file or directory can't be read. The source names it.
    #[error("can't read the configuration")]
    Read(#[source] io::Error),
    /// The file says something that can't be: every problem that was found, in the order of the
    /// file.
    #[error("{}", render(.0.as_slice()))]
    Invalid(Problems),
}

/// What is wrong with a configuration: at least one problem.
#[derive(Debug)]
pub struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn as_slice(&self) -> &[Problem] {
        &self.0
    }
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self::Invalid(Problems(vec![problem]))
    }
}

impl From<Vec<Problem>> for ConfigError {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Invalid(Problems(problems))
    }
}
