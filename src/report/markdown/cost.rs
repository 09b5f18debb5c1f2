//! What the run cost and what its judges did: a line at the top, and a table where several spec files have their part in it.

use super::{Page, code, text, took};
use crate::model::RunReport;

/// The total; nothing where no model was asked. The time on the clock stands above it.
pub(super) fn push_total(page: &mut Page, report: &RunReport) {
    if let Some(cost) = report.cost_in_words() {
        page.line(format!("- **Cost:** {}", text(&cost)));
    }
    if let [only] = report.usage.as_slice()
        && let Some(tools) = only.tools_in_words()
    {
        page.line(format!("- **Tools of the judge:** {}", text(&tools)));
    }
}

/// A row a spec file, if there are several.
pub(super) fn push_specs(page: &mut Page, report: &RunReport) {
    if report.usage.len() < 2 {
        return;
    }
    page.line("\n## Cost\n");
    page.line("| Spec | Judge | Cost | Time | Its tools |");
    page.line("| --- | --- | --- | ---: | --- |");
    for spec in &report.usage {
        let (path, judge) = (code(&spec.path), code(&spec.judge));
        let (used, time) = (text(&spec.usage.in_words()), took(spec.usage.duration));
        let tools = text(&spec.tools_in_words().unwrap_or_default());
        page.line(format!("| {path} | {judge} | {used} | {time} | {tools} |"));
    }
}
