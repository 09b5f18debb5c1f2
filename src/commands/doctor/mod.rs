//! `semtest doctor`: whether a run could start here, and what to do if not. Looks only: no model is
//! asked, and nothing is written but the base of a stranger's pull request, which git fetches as it
//! does for a run.

mod git;
mod pipeline;
mod project;
mod tools;

use serde::Serialize;

use crate::ci;
use crate::cli::DoctorArgs;
use crate::evaluate::{self, Agents, Installed};
use crate::exit::Exit;
use crate::model::{Interruption, Trust};
use crate::process::{self, Cancel};
use crate::sanitize;
use crate::ui::{Finding, Health, Ui};

use super::Place;
use super::error::CommandError;
use super::project::Project;
use super::signals::Interruptions;

/// What programs told that were started for it.
struct Asked {
    installed: Vec<Installed>,
    git: git::Git,
    interruption: Option<Interruption>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Document<'a> {
    /// Whether a run could start.
    ready: bool,
    findings: &'a [Finding],
}

/// Prints what was found; exit 2 if no run could start.
pub(super) fn doctor(arguments: &DoctorArgs, place: &Place, ui: &Ui) -> Result<Exit, CommandError> {
    let flags = arguments.judging.to_config();
    let context = ci::detect(&place.env);
    let looked = match project::look(arguments, &flags, &context, place, ui) {
        Err(CommandError::Interrupted(signal)) => return Err(CommandError::Interrupted(signal)),
        looked => looked,
    };
    let agents = match &looked {
        Ok(prospect) => prospect.project.agents.clone(),
        Err(_) => Agents::unconfigured(place.env.clone(), place.directory.clone()),
    };
    let asked = ask_programs(&agents, place)?;
    match asked.interruption {
        Some(Interruption::Interrupt) => return Ok(Exit::Interrupted),
        Some(Interruption::Terminate) => return Ok(Exit::Terminated),
        None => {}
    }
    let mut findings = tools::findings(&asked.installed);
    match &looked {
        Err(error) => findings.push(project::broken(error)),
        Ok(prospect) => {
            findings.extend(project::findings(prospect, &context, &asked.installed));
        }
    }
    findings.push(git::finding(asked.git));
    if context.trust == Trust::Trusted && arguments.judging.llm.is_none() {
        findings.extend(tools::asked(&Project::unconfigured(flags, place)));
    }
    if arguments.ci {
        let prospect = looked.as_ref().ok();
        findings.extend(pipeline::findings(prospect, &context, &asked, place));
    }
    let ready = findings.iter().all(|one| one.health != Health::Problem);
    if arguments.json {
        let document = Document {
            ready,
            findings: &findings,
        };
        let json = serde_json::to_string_pretty(&document).map_err(std::io::Error::from)?;
        ui.data(&sanitize::json_text(&json));
    } else {
        ui.findings(&findings, &summary(&findings));
    }
    Ok(if ready { Exit::Passed } else { Exit::Error })
}

fn ask_programs(agents: &Agents, place: &Place) -> Result<Asked, CommandError> {
    process::hide_from_children();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let cancel = Cancel::new();
    runtime.block_on(async {
        let interruptions = Interruptions::listen(&cancel)?;
        let (installed, git) =
            tokio::join!(evaluate::examine(agents, &cancel), git::ask(place, &cancel));
        Ok(Asked {
            installed,
            git,
            interruption: interruptions.first(),
        })
    })
}

fn summary(findings: &[Finding]) -> String {
    let with = |health| findings.iter().filter(|one| one.health == health).count();
    match (with(Health::Problem), with(Health::Warning)) {
        (0, 0) => "A run can start here.".to_owned(),
        (0, warnings) => format!("A run can start here; warnings: {warnings}."),
        (problems, _) => format!("No run can start here; problems: {problems}."),
    }
}
