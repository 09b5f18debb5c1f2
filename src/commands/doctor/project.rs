//! Which configuration counts, and what a run of it would do.

use std::path::{Path, PathBuf};

use crate::chain::chain;
use crate::cli::DoctorArgs;
use crate::config::PartialConfig;
use crate::evaluate::{self, Installed, Plan};
use crate::model::{CiContext, Trust};
use crate::ui::{Finding, Ui};

use super::super::Place;
use super::super::error::CommandError;
use super::super::plan::{ignored_votes, plan_total};
use super::super::project::{Project, load_project};
use super::super::run::everything;
use super::super::untrusted::Stranger;

const CONFIGURATION: &str = "configuration";
const RUN: &str = "run";

/// The configuration can't be used, so nothing is known of a run.
pub(super) fn broken(error: &CommandError) -> Finding {
    let remedy = error.hint();
    let remedy = remedy.as_deref().unwrap_or("correct the configuration");
    Finding::problem(CONFIGURATION, chain(error), remedy)
}

/// What a run would start with.
pub(super) struct Prospect {
    pub(super) project: Project,
    /// How many calls would run at once, if there is a plan.
    pub(super) jobs: Option<usize>,
    plan: Result<Plan, CommandError>,
}

/// As a run looks, so that both come to the same: of a stranger's pull request, configuration and
/// specs are the base revision's.
pub(super) fn look(
    arguments: &DoctorArgs,
    flags: &PartialConfig,
    context: &CiContext,
    place: &Place,
    ui: &Ui,
) -> Result<Prospect, CommandError> {
    let stranger = Stranger::look(context, place)?;
    let stranger = stranger.as_ref();
    let project = load_project(arguments.config.as_deref(), flags, place, stranger)?;
    let admitted = stranger.map(|stranger| stranger.admit(&project, place, ui));
    let plan = admitted.transpose().and_then(|guest| {
        project.check_model_key()?;
        Ok(evaluate::plan(&everything(
            flags,
            &project,
            guest.as_ref(),
        ))?)
    });
    Ok(Prospect {
        jobs: plan.as_ref().ok().map(|plan| plan.jobs),
        project,
        plan,
    })
}

pub(super) fn findings(
    prospect: &Prospect,
    context: &CiContext,
    installed: &[Installed],
) -> Vec<Finding> {
    let project = &prospect.project;
    let name = |file: &Path| match context.trust {
        Trust::Trusted => file.display().to_string(),
        Trust::Untrusted { .. } => {
            let name = file.strip_prefix(&project.specs).unwrap_or(file);
            format!("{} of the base revision", name.display())
        }
    };
    let mut findings = vec![match project.file.as_deref() {
        Some(file) => Finding::ok(CONFIGURATION, name(file)),
        None => Finding::ok(CONFIGURATION, "none, so the defaults count"),
    }];
    findings.extend(plan(prospect, installed));
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

fn plan(prospect: &Prospect, installed: &[Installed]) -> Vec<Finding> {
    let Prospect { project, .. } = prospect;
    let settings = &project.settings;
    let plan = match &prospect.plan {
        Ok(plan) => plan,
        Err(error) => {
            let remedy = error.hint();
            let remedy = remedy.as_deref().unwrap_or("see `semtest run --plan`");
            return vec![Finding::problem(RUN, chain(error), remedy)];
        }
    };
    let mut findings: Vec<Finding> = plan
        .warnings
        .iter()
        .chain(&ignored_votes(settings))
        .map(|warning| Finding::warning(RUN, warning, "see `semtest run --plan`"))
        .collect();
    if plan.specs.is_empty() && plan.new == 0 && !settings.allow_empty {
        findings.push(no_specs(project));
        return findings;
    }
    let mut judges: Vec<&str> = plan.specs.iter().map(|spec| spec.key.as_str()).collect();
    judges.sort_unstable();
    judges.dedup();
    findings.push(Finding::ok(
        RUN,
        format!(
            "{}, judged by {}",
            plan_total(plan, settings),
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

/// Somebody who has no configuration either has just begun.
fn no_specs(project: &Project) -> Finding {
    if project.file.is_none() {
        return Finding::problem(
            RUN,
            format!("no spec files in {} yet", project.root.display()),
            "`semtest ask` works without; `semtest init` starts a suite",
        );
    }
    let error = CommandError::NoSpecs {
        root: project.root.clone(),
        patterns: project.settings.test_match.clone(),
        filtered: 0,
    };
    let remedy = error.hint().unwrap_or_default();
    Finding::problem(RUN, chain(&error), &remedy)
}

/// Tries it out in the directory, or in the one that it would be made in, without leaving anything.
fn writable(directory: &Path) -> std::io::Result<()> {
    // Without a slash at the end, with which a file would count as absent.
    let directory: PathBuf = directory.components().collect();
    let there = directory.ancestors().find(|path| path.exists());
    tempfile::tempfile_in(there.unwrap_or(&directory)).map(drop)
}
