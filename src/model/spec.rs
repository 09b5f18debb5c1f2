//! A spec file as it stands in the project, before anything was judged.

use std::ops::Range;
use std::time::Duration;

use super::{Level, Outcome, ValidationIssue, Votes};

/// One Markdown spec file.
#[derive(Clone, Debug, PartialEq)]
pub struct SpecFile {
    /// Relative to the project root, `/` between components, undecodable bytes replaced. Foreign
    /// text: it goes through `sanitize` before it is shown.
    pub path: String,
    /// The directory relative to the test root, absent for a top-level file.
    pub group: Option<String>,
    /// What stood between the leading `---` lines.
    pub frontmatter: Frontmatter,
    /// The text without frontmatter; empty when the file is unusable.
    pub body: String,
    /// The line of the file (from 1) on which `body` starts.
    pub body_line: u32,
    /// Never empty: a file without structure is one scenario, named after the file.
    pub scenarios: Vec<Scenario>,
    /// `Some` when the file can't be judged at all (unreadable, not UTF-8, too large, empty): what
    /// its one scenario becomes, without a call.
    pub unusable: Option<Outcome>,
    /// What was wrong with the file but did not stop it, such as a bad frontmatter field.
    pub issues: Vec<ValidationIssue>,
}

impl SpecFile {
    /// The file's name without its directory.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.path
            .rsplit_once('/')
            .map_or(self.path.as_str(), |(_, name)| name)
    }
}

/// The optional YAML head of a spec file. Every field may be absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frontmatter {
    /// The scenario id of a file that is one scenario.
    pub id: Option<String>,
    /// For `--tag`.
    pub tags: Vec<String>,
    /// A limit for this file's calls; zero means none.
    pub timeout: Option<Duration>,
    /// A model key.
    pub llm: Option<String>,
    /// Overrides the setting of the same name.
    pub skip_permissions_if_possible: Option<bool>,
    /// Whether the model may answer `skip`; otherwise that is an error.
    pub may_skip: bool,
    /// How many answers make a verdict.
    pub votes: Option<Votes>,
    /// Whether failures of this file block.
    pub level: Option<Level>,
}

/// One statement to judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Stable, unique in its file.
    pub id: String,
    /// The heading or the first line, without Markdown markup and without the id.
    pub title: String,
    /// The line of the file (from 1) on which it starts.
    pub line: u32,
    /// The bytes of the file's `body` that belong to it.
    pub span: Range<usize>,
    /// Its deterministic checks, in order; those before the first scenario belong to each one.
    pub checks: Vec<CheckBlock>,
    /// Whether its failure blocks, if the scenario itself says so; beats the file's frontmatter.
    pub level: Option<Level>,
    /// What calibration knows the statement by: SHA-256, in hexadecimal digits, of everything that
    /// it says, and of nothing that says how it is judged (id, level).
    pub fingerprint: String,
}

/// A fenced block with the info string `check`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckBlock {
    /// The line of the file (from 1) on which `text` starts.
    pub line: u32,
    /// What stands between the fences.
    pub text: String,
}
