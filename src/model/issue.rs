//! Findings about a suite.

/// A finding about the suite, not about the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidationIssue {
    /// What kind of finding.
    pub kind: IssueKind,
    /// The spec file, relative to the project root.
    pub path: String,
    /// The scenario id it is about, if it is about one.
    pub id: Option<String>,
    /// What is wrong and what to do, in words for the user.
    pub message: String,
}

/// The kinds of findings about a suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IssueKind {
    /// The same id in different spec files.
    DuplicateId,
    /// No id could be made from the text, so it is `<file>#<n>`.
    MissingId,
    /// The text is no testable statement.
    Invalid,
    /// The model answered for a scenario that is not in the file.
    UnexpectedId,
    /// A frontmatter field that was ignored.
    Frontmatter,
    /// A fence that looks like a check block and is none.
    IgnoredCheck,
    /// The working tree changed while an agent judged the file.
    WorkspaceChanged,
    /// A failure is said to be at a place that is not in the tree.
    LocationNotFound,
    /// A waiver is for an id that no spec file has, or that several have.
    UnknownWaiver,
}

impl IssueKind {
    /// The word that report files use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::DuplicateId => "duplicate-id",
            Self::MissingId => "missing-id",
            Self::Invalid => "invalid",
            Self::UnexpectedId => "unexpected-id",
            Self::Frontmatter => "frontmatter",
            Self::IgnoredCheck => "ignored-check",
            Self::WorkspaceChanged => "workspace-changed",
            Self::LocationNotFound => "location-not-found",
            Self::UnknownWaiver => "unknown-waiver",
        }
    }

    /// All kinds, for readers of report files.
    pub const ALL: [Self; 9] = [
        Self::DuplicateId,
        Self::MissingId,
        Self::Invalid,
        Self::UnexpectedId,
        Self::Frontmatter,
        Self::IgnoredCheck,
        Self::WorkspaceChanged,
        Self::LocationNotFound,
        Self::UnknownWaiver,
    ];
}
