//! The comment of a pull request: a run for a reviewer who reads it on a phone. The first line is the
//! verdict; each failure takes a few lines.
//!
//! It is rendered at several levels of detail, since a comment must be short: who posts it takes the
//! first that fits. Where it goes is `publish`'s business.

mod memory;

pub use memory::{Change, Memory};

use crate::model::RunReport;
use crate::report::headline::headline;

/// What a rendering needs besides the run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where links lead.
    pub links: Links,
    /// What tells this comment from others of the same pull request, if a user named it. Foreign.
    pub title: Option<String>,
    /// What is different since the last comment.
    pub change: Option<Change>,
    /// Why a reader should not trust these results, in words for the user, if so.
    pub caution: Option<String>,
}

/// Where links lead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Where the files of the judged commit are shown, without a slash at the end:
    /// `https://github.com/o/r/blob/<commit>`. A path and `#L<line>` come behind it.
    pub files: Option<String>,
    /// The page of the CI run, with its log, summary and artifacts.
    pub run: Option<String>,
}

/// How much is told, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Everything that a reviewer needs.
    Full,
    /// Shorter texts, and fewer failures in full.
    Short,
    /// Each failure in one line.
    Titles,
    /// Numbers only; always fits.
    Numbers,
}

impl Detail {
    /// All levels, the most detailed first.
    pub const ALL: [Self; 4] = [Self::Full, Self::Short, Self::Titles, Self::Numbers];
}

/// Renders a run.
#[must_use]
pub fn render(report: &RunReport, options: &Options, detail: Detail) -> String {
    let _ = (options, detail);
    format!("**{}**\n", headline(report))
}

/// Renders what there is to say where a run left no results: `reason` in words for the user.
#[must_use]
pub fn render_missing(reason: &str, options: &Options) -> String {
    let _ = options;
    format!(
        "**ERROR: no results:** {}\n",
        crate::sanitize::markdown_text(reason)
    )
}
