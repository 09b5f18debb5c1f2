//! What the runner of GitHub Actions takes from a step: summary, annotations, outputs.

use crate::chain::chain;
use crate::cli::PublishArgs;
use crate::model::{CiContext, CiSystem, JSON_NAME, JUNIT_NAME, MARKDOWN_NAME};
use crate::publish::{self, Posted};
use crate::report;
use crate::report::comment::{self, Detail};
use crate::ui::Ui;

use super::super::Place;
use super::{Results, rendered};

/// Adds the summary and prints the annotations, where somebody reads them.
pub(super) fn show(
    arguments: &PublishArgs,
    context: &CiContext,
    results: &Results,
    options: &comment::Options,
    place: &Place,
    ui: &Ui,
) {
    if context.system != Some(CiSystem::GitHub) {
        return;
    }
    let file = place.env.get("GITHUB_STEP_SUMMARY");
    if let Some(file) = file.filter(|_| arguments.summary != Some(false)) {
        let text = match results {
            Ok(report) => report::summary::render(report, options),
            Err(_) => rendered(results, options, Detail::Full),
        };
        if let Err(error) = publish::append_summary(file.as_ref(), &text) {
            ui.warning(&chain(&error));
        }
    }
    let Ok(report) = results else { return };
    // These run on the default branch: a remark would stand on a line of other code.
    let elsewhere = ["workflow_run", "issue_comment"];
    let is_elsewhere = context
        .event
        .as_deref()
        .is_some_and(|event| elsewhere.contains(&event));
    if arguments.annotations.unwrap_or(!is_elsewhere) {
        for command in publish::workflow_commands(&report::annotations(report)) {
            ui.data(&command);
        }
    }
}

/// Tells the next steps what came of it.
pub(super) fn tell_outputs(
    arguments: &PublishArgs,
    results: &Results,
    posted: Option<Posted>,
    place: &Place,
    ui: &Ui,
) {
    let Some(file) = place.env.get("GITHUB_OUTPUT") else {
        return;
    };
    let directory = place.directory.join(&arguments.directory);
    let mut outputs = Vec::new();
    match results {
        Ok(report) => {
            let counts = report.counts();
            outputs.extend([
                ("status", format!("{:?}", report.status()).to_lowercase()),
                ("judged", counts.judged().to_string()),
            ]);
        }
        Err(_) => outputs.push(("status", "error".to_owned())),
    }
    for (name, file) in [
        ("report_markdown", MARKDOWN_NAME),
        ("report_json", JSON_NAME),
        ("report_junit", JUNIT_NAME),
    ] {
        let path = directory.join(file);
        if path.is_file() {
            outputs.push((name, path.display().to_string()));
        }
    }
    let url = posted.and_then(|posted| posted.url);
    outputs.extend(url.map(|url| ("comment_url", url)));
    if let Err(error) = publish::write_outputs(file.as_ref(), &outputs) {
        ui.warning(&chain(&error));
    }
}
