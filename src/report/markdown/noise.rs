//! Statements about which the judge contradicts itself: whoever reads the page should rewrite them.

use super::result::Writer;
use super::{Options, Page};
use crate::model::{Noise, RunReport};

/// All of them, whatever came of them this time; nothing where there is none.
pub(super) fn push(page: &mut Page, report: &RunReport, options: &Options<'_>) {
    let noisy = report.results.iter();
    let mut noisy = noisy
        .filter_map(|result| Some((result, result.noise()?)))
        .peekable();
    if noisy.peek().is_none() {
        return;
    }
    page.line("\n## Noisy statements\n");
    page.line(
        "The judge contradicts itself about these, so their failures don't block. Say more exactly \
         what the code must do, then run `semtest calibrate` again.\n",
    );
    let writer = Writer { report, options };
    for (result, Noise { votes, minority }) in noisy {
        let (title, source) = (writer.title(result), writer.source(result));
        page.line(format!(
            "- **{}** {title} ({source}): {minority} of {votes} calibration votes disagreed",
            result.outcome.word()
        ));
    }
}
