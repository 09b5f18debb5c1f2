//! What the runner of GitHub Actions takes from a step: summary, annotations, outputs.

use std::path::{Component, Path, PathBuf};

use crate::chain::chain;
use crate::cli::PublishArgs;
use crate::exit::Exit;
use crate::model::{Annotation, CiContext, CiSystem, Cost, RunReport, RunStatus, Severity};
use crate::model::{JSON_NAME, JUNIT_NAME, MARKDOWN_NAME};
use crate::publish::{self, Output, Posted};
use crate::report;
use crate::report::comment::Detail;
use crate::ui::Ui;

use super::super::Place;
use super::Material;

/// Adds the summary and prints the annotations, where somebody reads them.
pub(super) fn show(
    arguments: &PublishArgs,
    context: &CiContext,
    material: &Material,
    place: &Place,
    ui: &Ui,
) {
    if context.system != Some(CiSystem::GitHub) {
        return;
    }
    let has_summary = arguments.summary != Some(false) && add_summary(material, place, ui);
    let report = match &material.results {
        Ok(report) => report,
        Err(error) => {
            if arguments.annotations != Some(false) {
                tell_no_results(&chain(error), ui);
            }
            return;
        }
    };
    // There, a remark would stand on a line of other code.
    if arguments.annotations.unwrap_or(!context.is_elsewhere()) {
        let rest = if has_summary {
            "The job's summary has them all."
        } else {
            "The report has them all."
        };
        for command in publish::workflow_commands(&report::annotations(report), rest) {
            ui.data(&command);
        }
    }
}

/// On the page of the job, where nothing else tells why it failed.
fn tell_no_results(reason: &str, ui: &Ui) {
    let annotation = Annotation {
        severity: Severity::Error,
        spot: None,
        title: "semtest: no results".to_owned(),
        message: reason.to_owned(),
    };
    for command in publish::workflow_commands(&[annotation], "") {
        ui.data(&command);
    }
}

/// Whether there is a summary now.
fn add_summary(material: &Material, place: &Place, ui: &Ui) -> bool {
    let Some(file) = place.env.get("GITHUB_STEP_SUMMARY") else {
        return false;
    };
    let written = if let Ok(report) = &material.results {
        let texts = report::summary::renderings(report, &material.options);
        publish::append_summary(file.as_ref(), texts)
    } else {
        let text = material.rendered(None, Detail::Numbers);
        publish::append_summary(file.as_ref(), [text])
    };
    match written {
        Ok(()) => true,
        Err(error) => {
            ui.warning(&format!("no summary: {}", chain(&error)));
            false
        }
    }
}

/// Tells the next steps what came of it.
pub(super) fn tell_outputs(
    arguments: &PublishArgs,
    context: &CiContext,
    material: &Material,
    posted: Option<Posted>,
    place: &Place,
    ui: &Ui,
) {
    if context.system != Some(CiSystem::GitHub) {
        return;
    }
    let Some(file) = place.env.get("GITHUB_OUTPUT") else {
        return;
    };
    let mut outputs = match &material.results {
        Ok(report) => of_run(report),
        Err(_) => vec![
            (Output::Status, "error".to_owned()),
            (Output::ExitCode, Exit::Error.code().to_string()),
        ],
    };
    outputs.extend(of_files(&arguments.directory, place));
    let url = posted.and_then(|posted| posted.url);
    let url = url.filter(|url| is_plain_address(url));
    outputs.extend(url.map(|url| (Output::CommentUrl, url)));
    if let Err(error) = publish::write_outputs(file.as_ref(), &outputs) {
        ui.warning(&format!("no outputs: {}", chain(&error)));
    }
}

fn of_run(report: &RunReport) -> Vec<(Output, String)> {
    let status = match report.status() {
        RunStatus::Pass => "pass",
        RunStatus::Fail => "fail",
        RunStatus::Error => "error",
    };
    let counts = report.counts();
    let cost = report.total_usage().and_then(|usage| usage.cost);
    let mut outputs = vec![
        (Output::Status, status.to_owned()),
        (Output::ExitCode, report.exit().code().to_string()),
        (Output::Total, counts.total.to_string()),
        (Output::Judged, counts.judged().to_string()),
        (Output::Passed, counts.passed.to_string()),
        (Output::Failed, counts.failed.to_string()),
        (Output::Errored, counts.errored.to_string()),
        (Output::Invalid, counts.invalid.to_string()),
        (Output::Skipped, counts.skipped.to_string()),
        (Output::NonBlocking, report.excused().to_string()),
    ];
    outputs.extend(cost.map(|cost| (Output::CostUsd, dollars(cost))));
    let duration = report.duration.as_millis().to_string();
    outputs.push((Output::DurationMs, duration));
    outputs
}

/// A number for programs: no sign, no grouping.
fn dollars(cost: Cost) -> String {
    let micro = cost.micro_dollars;
    format!("{}.{:06}", micro / 1_000_000, micro % 1_000_000)
}

/// The report files that are there. Of a stranger's artifact a link could lead anywhere, so only plain
/// files are named.
fn of_files(directory: &Path, place: &Place) -> Vec<(Output, String)> {
    let directory = place.directory.join(directory);
    if !directory.is_dir() {
        return Vec::new();
    }
    let shown = in_workspace(&directory, place.env.get("GITHUB_WORKSPACE"));
    let files = [
        (Output::ReportMarkdown, MARKDOWN_NAME),
        (Output::ReportJson, JSON_NAME),
        (Output::ReportJunit, JUNIT_NAME),
    ];
    let is_there =
        |name: &str| fs_err::symlink_metadata(directory.join(name)).is_ok_and(|it| it.is_file());
    let files = files
        .into_iter()
        .filter(|(_, name)| is_there(name))
        .map(|(output, name)| (output, shown.join(name)));
    let all = std::iter::once((Output::ReportDirectory, shown.clone())).chain(files);
    all.map(|(output, path)| (output, path.display().to_string()))
        .collect()
}

/// Relative to the workspace, where the next steps start: in a container its absolute path is another
/// one. As it is where it lies elsewhere.
pub(super) fn in_workspace(directory: &Path, workspace: Option<&str>) -> PathBuf {
    let below = workspace.and_then(|workspace| directory.strip_prefix(workspace).ok());
    let is_plain = |path: &&Path| {
        let mut parts = path.components();
        parts.all(|part| matches!(part, Component::Normal(_)))
    };
    match below.filter(is_plain) {
        Some(below) if below.as_os_str().is_empty() => PathBuf::from("."),
        Some(below) => below.to_owned(),
        None => directory.to_owned(),
    }
}

/// Whether people can put this into a shell script of their workflow without harm.
fn is_plain_address(url: &str) -> bool {
    let is_plain =
        |letter: u8| letter.is_ascii_alphanumeric() || b"-._~:/?#%=&+@".contains(&letter);
    (url.starts_with("https://") || url.starts_with("http://")) && url.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_run() {
        let outputs: Vec<String> = of_run(&RunReport::sample())
            .into_iter()
            .map(|(output, value)| format!("{}={value}", output.name()))
            .collect();
        assert_eq!(
            outputs.join(" "),
            "status=fail exit_code=2 total=21 judged=15 passed=5 failed=10 errored=3 invalid=2 \
             skipped=1 non_blocking=6 cost_usd=0.204402 duration_ms=83456"
        );
        let nothing = of_run(&RunReport::sample_nothing_judged());
        assert!(nothing.contains(&(Output::Status, "error".into())));
        assert!(nothing.iter().all(|(output, _)| *output != Output::CostUsd));
    }

    #[test]
    fn dollars_are_a_plain_number() {
        let told = |micro_dollars| {
            dollars(Cost {
                micro_dollars,
                is_estimate: true,
            })
        };
        assert_eq!(told(0), "0.000000");
        assert_eq!(told(12_000_001), "12.000001");
    }

    #[test]
    fn paths_are_relative_to_where_the_next_step_starts() {
        for (directory, workspace, expected) in [
            ("/w/r/a/out", Some("/w/r"), "a/out"),
            ("/w/r", Some("/w/r/"), "."),
            ("/w/r/../x", Some("/w/r"), "/w/r/../x"),
            ("/tmp/out", Some("/w/r"), "/tmp/out"),
            ("/tmp/out", None, "/tmp/out"),
        ] {
            let shown = in_workspace(Path::new(directory), workspace);
            assert_eq!(shown, Path::new(expected));
        }
    }

    #[test]
    fn only_an_address_becomes_an_output() {
        assert!(is_plain_address(
            "https://github.com/o/r/pull/7#issuecomment-1"
        ));
        for other in [
            "https://x/$(id)",
            "https://x/`id`",
            "javascript:x",
            "https://x/\ny",
            "https://x/;y",
        ] {
            assert!(!is_plain_address(other), "{other}");
        }
    }
}
