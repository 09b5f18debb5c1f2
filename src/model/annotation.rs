//! A remark on a line of the code, as CI systems show it beside the change.

/// One remark. Texts are foreign: they are escaped for the place where they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// How much it matters.
    pub severity: Severity,
    /// Where; `None` if it is about no place in particular.
    pub spot: Option<Spot>,
    /// What it is about, a few words.
    pub title: String,
    /// What there is to say.
    pub message: String,
}

/// How much a remark matters, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A statement does not hold, or could not be judged.
    Error,
    /// Something about the suite.
    Warning,
    /// For information.
    Notice,
}

/// A file of the repository, and perhaps a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Relative to the top of the repository, `/` between components, no `.` or `..`.
    pub path: String,
    /// From 1.
    pub line: Option<u32>,
}
