//! Statements that passed against some votes: the verdict holds, and a reader should know that not
//! every answer agreed with it.

use super::result::Writer;
use super::{Options, Page};
use crate::model::RunReport;

/// All of them, unless what passed is listed anyway; nothing where there is none.
pub(super) fn push(page: &mut Page, report: &RunReport, options: &Options<'_>) {
    if options.include_passing {
        return;
    }
    let results = report.results.iter();
    let mut contested = results
        .filter_map(|result| Some((result, result.contested_votes()?)))
        .peekable();
    if contested.peek().is_none() {
        return;
    }
    page.line("\n## Contested\n");
    page.line("These passed, but not by every vote:\n");
    let writer = Writer { report, options };
    for (result, votes) in contested {
        page.line(writer.entry(result, &votes));
    }
}
