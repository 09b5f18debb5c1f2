//! `doctor --ci`: what a pipeline holds, what of it an agent gets, and what limits there are. Names of
//! variables only, never values.

use std::collections::BTreeSet;

use crate::config::Settings;
use crate::evaluate::{Credentials, Installed, Login, network_variables};
use crate::model::{
    AgentHome, CiContext, CiSystem, OnUntrusted, OnWrite, Provider, Trust, Word as _, time_in_words,
};
use crate::process;
use crate::sanitize::is_secret_name;
use crate::ui::Finding;

use super::super::Place;
use super::super::error::whole_checkout;
use super::super::project::Project;
use super::git::Git;
use super::project::Prospect;
use super::{Asked, tools};

const TOPIC: &str = "pipeline";

pub(super) fn findings(
    prospect: Option<&Prospect>,
    context: &CiContext,
    asked: &Asked,
    place: &Place,
) -> Vec<Finding> {
    let mut findings = vec![system(context)];
    if let Some(Prospect { project, .. }) = prospect {
        findings.extend(forks(context, project.settings.on_untrusted));
        findings.extend(judge_key(project, &asked.installed, place));
    }
    if context.pull_request.is_some() && asked.git == Git::Shallow {
        findings.push(Finding::ok(
            TOPIC,
            format!(
                "the checkout is shallow: a commit of the base is fetched when it is needed, which \
                 takes the network; {} avoids that",
                whole_checkout(context.system)
            ),
        ));
    }
    findings.extend(secrets(&asked.installed, place));
    if let Some(prospect) = prospect {
        findings.extend(limits(&prospect.project.settings, prospect.jobs, place));
    }
    findings.push(temporary());
    let passed: Vec<&str> = network_variables()
        .filter(|name| place.env.get(name).is_some())
        .collect();
    findings.push(match passed.as_slice() {
        [] => Finding::ok(TOPIC, "no proxy and no certificates of your own are set"),
        names => Finding::ok(TOPIC, format!("agents use {}", names.join(", "))),
    });
    findings
}

fn system(context: &CiContext) -> Finding {
    let name = match context.system {
        None => {
            return Finding::warning(
                TOPIC,
                "this is no CI job, or none that is recognised",
                "start this in the job; where it is one, set `CI=true`, so that calls get a time limit",
            );
        }
        Some(CiSystem::GitHub) => "GitHub Actions",
        Some(CiSystem::GitLab) => "GitLab CI",
        Some(CiSystem::Other) => "a CI system known by `CI` alone",
    };
    let what = match (context.pull_request, &context.branch) {
        (Some(number), _) => format!(", pull request {number}"),
        (None, Some(branch)) => format!(", branch {branch}"),
        (None, None) => String::new(),
    };
    Finding::ok(TOPIC, format!("{name}{what}"))
}

fn forks(context: &CiContext, policy: OnUntrusted) -> Option<Finding> {
    let does = match policy {
        OnUntrusted::Checks => "only deterministic checks of the base's specs run",
        OnUntrusted::Fail => "the run is an error",
        OnUntrusted::Run => "agents judge a copy without the pull request's agent instructions",
    };
    let word = policy.word();
    let remedy = match policy {
        OnUntrusted::Checks => {
            "a maintainer has it judged in full from a branch of this repository"
        }
        OnUntrusted::Run => "give this job no secrets but the judge's key",
        // Told with the run, which is an error then.
        OnUntrusted::Fail if context.trust != Trust::Trusted => return None,
        OnUntrusted::Fail => "",
    };
    Some(match (&context.trust, context.system) {
        (Trust::Untrusted { reason }, _) => Finding::warning(
            TOPIC,
            format!("{reason}; `onUntrusted` is \"{word}\": {does}"),
            remedy,
        ),
        (Trust::Trusted, Some(CiSystem::Other)) => Finding::warning(
            TOPIC,
            format!(
                "this CI system does not say whose code it runs, so `onUntrusted` (\"{word}\") may not \
                 apply"
            ),
            "give this job no secrets on pull requests of strangers",
        ),
        (Trust::Trusted, _) => Finding::ok(
            TOPIC,
            format!("on a fork's or bot's pull request `onUntrusted` is \"{word}\": {does}"),
        ),
    })
}

/// In CI nobody can log in: the tool that judges needs a key, unless it has the runner's own HOME.
fn judge_key(project: &Project, installed: &[Installed], place: &Place) -> Option<Finding> {
    let key = &project.settings.llm;
    if project.agents.custom.contains_key(key) {
        return None;
    }
    let judge = installed.iter().find(|one| one.tool.owns(key))?;
    // Told with the run, which can't start then.
    if judge.refused.is_some() {
        return None;
    }
    let keys = match judge.credentials {
        Credentials::Set(name) => vec![name],
        Credentials::Missing(_) => Vec::new(),
        Credentials::Unknown => tools::keys(judge),
    };
    let name = judge.tool.name;
    if !keys.is_empty() {
        let message = format!("{name} judges and gets {}", keys.join(", "));
        return Some(Finding::ok(TOPIC, message));
    }
    let own_home = project.settings.agent_home == AgentHome::Inherit || !place.env.is_ci();
    // A cloud may let the machine itself in.
    let by_machine = matches!(
        project.settings.provider,
        Provider::Bedrock | Provider::Vertex
    );
    Some(if judge.login == Login::Present {
        Finding::ok(
            TOPIC,
            format!("{name} judges, and is logged in on this machine"),
        )
    } else if own_home || by_machine {
        Finding::warning(
            TOPIC,
            format!("{name} judges and gets no key, so this machine itself has to be logged in"),
            "try it with `semtest ask`",
        )
    } else {
        Finding::problem(
            TOPIC,
            format!("{name} judges, but none of its keys is set in this job"),
            "add its API key as a secret of the job (an `env:` entry on GitHub, a masked variable on \
             GitLab), or log in on a self-hosted runner and set `agentHome: \"inherit\"`",
        )
    })
}

/// What the job holds and agents don't get, by name.
fn secrets(installed: &[Installed], place: &Place) -> Vec<Finding> {
    let given: BTreeSet<&str> = installed
        .iter()
        .flat_map(|one| one.variables.iter().map(String::as_str))
        .collect();
    let names = place.env.iter().filter_map(|(name, _)| name.to_str());
    let kept: Vec<&str> = names
        .filter(|name| is_secret_name(name) && !given.contains(name))
        .collect();
    if kept.is_empty() {
        let message = "no other secrets are in this job's environment";
        return vec![Finding::ok(TOPIC, message)];
    }
    let names = kept.join(", ");
    let mut findings = vec![Finding::ok(TOPIC, format!("agents don't get {names}"))];
    if process::is_root() {
        findings.push(Finding::warning(
            TOPIC,
            "this job runs as root, and root can read them from other processes",
            "run the job as another user, or give these secrets to another job",
        ));
    }
    if kept.contains(&"GITHUB_TOKEN") {
        findings.push(Finding::ok(
            TOPIC,
            "GITHUB_TOKEN is there; judging needs no more than `permissions: contents: read`",
        ));
    }
    findings
}

fn limits(settings: &Settings, jobs: Option<usize>, place: &Place) -> Vec<Finding> {
    let mut findings = Vec::new();
    let jobs = match (jobs, settings.jobs) {
        (Some(jobs), _) => format!("{jobs} at once"),
        (None, Some(jobs)) => format!("{jobs} at once"),
        (None, None) => "as many at once as the tool allows".to_owned(),
    };
    findings.push(match settings.timeout {
        Some(limit) => Finding::ok(
            TOPIC,
            format!(
                "a call may take {}; {jobs}; memory has no limit",
                time_in_words(limit)
            ),
        ),
        None => Finding::warning(
            TOPIC,
            format!("a call may take for ever; {jobs}; memory has no limit"),
            "set `timeout`",
        ),
    });
    let home = match settings.agent_home {
        AgentHome::Inherit => "the runner's own HOME, with whatever lies there",
        AgentHome::Temporary => "a fresh HOME",
        AgentHome::Auto if place.env.is_ci() => "a fresh HOME",
        AgentHome::Auto => "your own HOME, or a fresh one where a key is enough",
    };
    let written = match settings.on_write {
        OnWrite::Warn => "a validation issue",
        OnWrite::Error => "an error",
    };
    findings.push(Finding::ok(
        TOPIC,
        format!("agents get {home}; files that one changes are {written}"),
    ));
    let skips = settings.skip_permissions_if_possible;
    findings.push(match (skips, process::is_root()) {
        (false, _) => Finding::ok(
            TOPIC,
            "agents only read (`skipPermissionsIfPossible` is off)",
        ),
        (true, false) => Finding::warning(
            TOPIC,
            "agents may run and change anything (`skipPermissionsIfPossible` is on)",
            "turn it off, unless the job runs in a container of its own",
        ),
        (true, true) => Finding::warning(
            TOPIC,
            "agents may run and change anything, as root; some tools refuse that and get a weaker \
             mode, which `--debug` shows",
            "turn `skipPermissionsIfPossible` off, or run the job as another user",
        ),
    });
    findings
}

fn temporary() -> Finding {
    match tempfile::tempdir() {
        Ok(_) => Finding::ok(TOPIC, "the temporary directory is writable"),
        Err(error) => Finding::problem(
            TOPIC,
            format!("no temporary directory can be made: {error}"),
            "set TMPDIR to a directory that is writable",
        ),
    }
}
