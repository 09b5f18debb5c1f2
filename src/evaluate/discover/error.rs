//! What can keep discovery from doing its job. A spec file that can't be judged is not among it:
//! that is an [`crate::model::Outcome`] of the file.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::super::ignored::BadPattern;

/// Why no list of spec files could be made. Texts name what the user typed, so they go through
/// `sanitize` before they are shown.
#[derive(Debug, Error)]
pub enum DiscoverError {
    /// The project root can't be entered.
    #[error("can't open the project directory {}", path.display())]
    Root {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A pattern of the configuration is no glob.
    #[error("`{field}` has a pattern that can't be read: `{pattern}`")]
    Pattern {
        /// The configuration field, `testMatch` or `testPathIgnorePatterns`.
        field: &'static str,
        /// The pattern as written.
        pattern: String,
        /// What is wrong with it.
        source: PatternError,
    },
    /// The text of `-t` is no regular expression.
    #[error("`-t {pattern}` is not a regular expression")]
    NamePattern {
        /// The text as typed.
        pattern: String,
        /// What is wrong with it.
        source: Box<regex::Error>,
    },
    /// An argument names nothing.
    #[error("`{argument}` does not exist; looked for {}", listed(looked))]
    NotFound {
        /// The argument as typed.
        argument: String,
        /// The paths that were tried.
        looked: Vec<PathBuf>,
    },
    /// An argument leads out of the project.
    #[error(
        "`{argument}` is outside the project directory {}; run semtest there, with `-C DIR`",
        root.display()
    )]
    Outside {
        /// The argument as typed.
        argument: String,
        /// The project root.
        root: PathBuf,
    },
    /// An argument lies in the output directory.
    #[error(
        "`{argument}` is in the output directory, where specs are never looked for; \
         move it or choose another `output`"
    )]
    InOutput {
        /// The argument as typed.
        argument: String,
    },
    /// An argument asks for a scenario of a directory.
    #[error("`{argument}` asks for a scenario of a directory; name a file, as in `a.spec.md#id`")]
    ScenarioOfDirectory {
        /// The argument as typed.
        argument: String,
    },
    /// An argument asks for a scenario that the file does not have.
    #[error("`{path}` has no scenario `{id}`; {}", known_ids(nearest))]
    UnknownId {
        /// The spec file, relative to the project root.
        path: String,
        /// The id as typed.
        id: String,
        /// Ids that the file does have, the most similar first.
        nearest: Vec<String>,
    },
    /// A directory can't be listed, and specs may be in it.
    #[error(
        "can't look for specs in {}; fix its permissions or add it to `testPathIgnorePatterns`",
        path.display()
    )]
    Unreadable {
        /// The directory, relative to the project root where that is known.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl DiscoverError {
    /// What the user can do, where the text does not say so itself.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotFound { .. } => Some(
                "paths are relative to the current directory or the project root; `semtest run \
                 --plan` shows the spec files and scenarios that there are",
            ),
            Self::Root { .. }
            | Self::Pattern { .. }
            | Self::NamePattern { .. }
            | Self::Outside { .. }
            | Self::InOutput { .. }
            | Self::ScenarioOfDirectory { .. }
            | Self::UnknownId { .. }
            | Self::Unreadable { .. } => None,
        }
    }
}

/// What is wrong with a pattern.
#[derive(Debug, Error)]
pub enum PatternError {
    /// It is no glob.
    #[error("{}", .0.kind())]
    Glob(#[from] globset::Error),
    /// It is no gitignore line.
    #[error("{0}")]
    Ignore(#[from] ignore::Error),
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// It starts with `!`.
    #[error("it starts with `!`; put what to leave out into `testPathIgnorePatterns`")]
    Negated,
    /// It starts with `/` or has a `..` in it.
    #[error("it leads out of the project; patterns are relative to the project directory")]
    Outside,
    /// Its braces expand to too many patterns.
    #[error("its braces stand for more than {0} patterns; write it simpler")]
    TooManyAlternatives(usize),
}

impl From<BadPattern> for DiscoverError {
    fn from(bad: BadPattern) -> Self {
        Self::Pattern {
            field: "testPathIgnorePatterns",
            pattern: bad.pattern,
            source: bad.source.into(),
        }
    }
}

fn listed(paths: &[PathBuf]) -> String {
    let paths: Vec<_> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    paths.join(" and ")
}

fn known_ids(nearest: &[String]) -> String {
    format!("the nearest it has: `{}`", nearest.join("`, `"))
}
