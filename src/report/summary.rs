//! The job's summary: `latest.md` as a page of the CI run, where it may have 1 MiB.

use crate::model::RunReport;
use crate::report::comment::{self, Links};
use crate::report::markdown;

/// The most bytes of a summary. Of a larger one GitHub shows nothing at all.
const MOST: usize = 1_000_000;

/// Renders a run; never longer than GitHub takes.
#[must_use]
pub fn render(report: &RunReport, links: &Links) -> String {
    let page = markdown::render(report, false);
    if page.len() <= MOST {
        return page;
    }
    let options = comment::Options {
        links: links.clone(),
        ..comment::Options::default()
    };
    comment::render(report, &options, comment::Detail::Numbers)
}
