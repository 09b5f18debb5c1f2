//! Which configuration counts, and what a run of it would do.

use std::path::{Path, PathBuf};

use crate::chain::chain;
use crate::config::PartialConfig;
use crate::evaluate::{self, Installed};
use crate::ui::Finding;

use super::super::error::CommandError;
use super::super::project::Project;
use super::super::run::{everything, plan_total};

const CONFIGURATION: &str = "configuration";
const RUN: &str = "run";

/// The configuration can't be used, so nothing is known of a run.
pub(super) fn broken(error: &CommandError) -> Finding {
    let remedy = error.hint();
    let remedy = remedy.as_deref().unwrap_or("correct the configuration");
    Finding::problem(CONFIGURATION, chain(error), remedy)
}

pub(super) fn findings(
    project: &Project,
    flags: &PartialConfig,
    installed: &[Installed],
) -> Vec<Finding> {
    let mut findings = vec![match &project.file {
        Some(file) => Finding::ok(CONFIGURATION, file.display().to_string()),
        None => Finding::ok(CONFIGURATION, "none, so the defaults count"),
    }];
    findings.extend(plan(project, flags, installed));
    findings.push(match writable(&project.output) {
        Ok(()) => Finding::ok(RUN, format!("reports go to {}", project.output.display())),
        Err(error) => Finding::problem(
            RUN,
            format!(
                "reports can't be written to {}: {error}",
                project.output.display()
            ),
            "make it writable, or name another `--output`",
        ),
    });
    findings
}

fn plan(project: &Project, flags: &PartialConfig, installed: &[Installed]) -> Vec<Finding> {
    let problem = |error: CommandError| {
        let remedy = error.hint();
        let remedy = remedy.as_deref().unwrap_or("see `semtest run --plan`");
        vec![Finding::problem(RUN, chain(&error), remedy)]
    };
    if let Err(error) = project.check_model_key() {
        return problem(error);
    }
    let settings = &project.settings;
    let plan = match evaluate::plan(&everything(flags, project, None)) {
        Ok(plan) => plan,
        Err(error) => return problem(error.into()),
    };
    let mut findings: Vec<Finding> = plan
        .warnings
        .iter()
        .map(|warning| Finding::warning(RUN, warning, "see `semtest run --plan`"))
        .collect();
    if plan.specs.is_empty() && !settings.allow_empty {
        findings.extend(problem(CommandError::NoSpecs {
            root: project.root.clone(),
            patterns: settings.test_match.clone(),
            filtered: plan.filtered,
        }));
        return findings;
    }
    let mut judges: Vec<&str> = plan.specs.iter().map(|spec| spec.key.as_str()).collect();
    judges.sort_unstable();
    judges.dedup();
    findings.push(Finding::ok(
        RUN,
        format!(
            "{}, judged by {}",
            plan_total(&plan, settings),
            judges.join(", ")
        ),
    ));
    let can_not_start = |key: &&str| {
        let used = installed.iter().find(|one| one.tool.owns(key))?;
        let reason = used.version.as_ref().err()?;
        let message = format!("{} judges, but {reason}", used.tool.name);
        let remedy = format!("start `{} --version` yourself", used.tool.binary);
        Some(Finding::problem(RUN, message, &remedy))
    };
    findings.extend(judges.iter().filter_map(can_not_start));
    for spec in &plan.specs {
        if spec.file.unusable.is_some() {
            findings.push(Finding::warning(
                RUN,
                format!("{} can't be judged", spec.file.path),
                "see what `semtest run --llm checks` says about it",
            ));
        }
    }
    findings
}

/// Tries it out in the directory, or in the one that it would be made in, without leaving anything.
fn writable(directory: &Path) -> std::io::Result<()> {
    // Without a slash at the end, with which a file would count as absent.
    let directory: PathBuf = directory.components().collect();
    let there = directory.ancestors().find(|path| path.exists());
    tempfile::tempfile_in(there.unwrap_or(&directory)).map(drop)
}
