//! `semtest calibrate`: asks about each scenario again and again, and keeps how often the judge
//! contradicted itself. `run` reads what it keeps; nobody else writes it.

mod entries;
mod finding;
mod table;

use std::num::NonZeroU32;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::ci;
use crate::cli::CalibrateArgs;
use crate::config::{self, Bail, NOISE_NAME, Settings};
use crate::evaluate::{self, Options, Plan, PlannedSpec, discover};
use crate::exit::Exit;
use crate::model::{
    Interruption, Judged, Noise, OnWrite, RunEvent, RunReport, Trust, VotePolicy, Votes,
    time_in_words,
};
use crate::ui::{Ui, Verbosity};

use super::Place;
use super::error::CommandError;
use super::project::{Project, load_project};
use super::run::{everything, judge};
use entries::{Before, Current, merged, write};
use finding::{Finding, Subject, findings};
use table::{Class, table};

/// Asks about the scenarios that `arguments` select, and writes what came of it.
pub(super) fn calibrate(arguments: &CalibrateArgs, place: &Place) -> Result<Exit, CommandError> {
    if let Trust::Untrusted { reason } = ci::detect(&place.env).trust {
        return Err(CommandError::UntrustedStatement { reason });
    }
    let flags = arguments.to_config();
    let mut project = load_project(arguments.config.as_deref(), &flags, place, None)?;
    project.check_model_key()?;
    let on_write = only_asking(&mut project.settings);
    let ui = Ui::without(Arc::clone(&project.secrets), &place.env, Verbosity::Normal);
    let (ui, number) = (Arc::new(ui), arguments.number.get());
    let mut options = everything(&flags, &project, None);
    options.forced.votes = Some(Votes::Fixed(VotePolicy::Count(number)));
    let current = current(&options)?;
    options.selection.arguments.clone_from(&arguments.files);
    let plan = plan(&options, &project)?;
    let subjects = Subject::all(&plan);
    entries::check_writable(&project.root)?;
    check_budget(&plan, number, &project.settings, &ui)?;
    let before = Before::read(&project.root)?;
    announce(&plan, number, project.settings.max_flip, &ui);
    let listener = Arc::clone(&ui);
    // Nobody keeps this report, so nobody asks which commit it is about.
    let code = Judged::default();
    let report = judge(plan, code, &project, None, &ui, move |event| {
        show(event, &listener);
    })?;
    let findings = findings(subjects, &report, number, on_write);
    tell(&findings, &report, &project, &ui);
    let is_everything = arguments.files.is_empty();
    keep(&findings, &before, &current, is_everything, &project, &ui)?;
    advise(&findings, number, project.settings.max_flip, &ui);
    Ok(match report.interruption {
        Some(Interruption::Interrupt) => Exit::Interrupted,
        Some(Interruption::Terminate) => Exit::Terminated,
        None if findings.iter().all(Finding::is_clean) => Exit::Passed,
        None => Exit::Error,
    })
}

/// Takes away what a run does besides asking. Returns what a change to the working tree is to amount
/// to: as an error it would hide the votes, so it is told as an issue and made an error here.
fn only_asking(settings: &mut Settings) -> OnWrite {
    settings.repeat = NonZeroU32::MIN;
    settings.bail = Bail::Never;
    settings.debug = false;
    settings.skip_validation = true;
    std::mem::replace(&mut settings.on_write, OnWrite::Warn)
}

/// The scenarios that the project has now, whichever are asked about.
fn current(options: &Options) -> Result<Current, CommandError> {
    let found = discover::discover(&options.selection).map_err(evaluate::EvaluateError::from)?;
    let scenarios = found.specs.iter().flat_map(|spec| &spec.file.scenarios);
    let known = scenarios.map(|scenario| (scenario.id.clone(), scenario.fingerprint.clone()));
    Ok(known.collect())
}

/// What is asked about: without the files that no model judges, since checks have no noise.
fn plan(options: &Options, project: &Project) -> Result<Plan, CommandError> {
    let mut plan = evaluate::plan(options)?;
    if plan.specs.is_empty() {
        return Err(CommandError::NoSpecs {
            root: project.root.clone(),
            patterns: project.settings.test_match.clone(),
            filtered: plan.filtered,
        });
    }
    // A file that can't be read is kept, to be told.
    plan.specs
        .retain(|spec| spec.calls_a_model() || spec.file.unusable.is_some());
    if plan.specs.iter().any(PlannedSpec::calls_a_model) {
        Ok(plan)
    } else {
        Err(CommandError::NothingToCalibrate)
    }
}

/// The files that a model is asked about.
fn asked(plan: &Plan) -> impl Iterator<Item = &PlannedSpec> + Clone {
    plan.specs.iter().filter(|spec| spec.calls_a_model())
}

/// Refuses a number of calls that would be spent before anything could be kept.
fn check_budget(
    plan: &Plan,
    number: u32,
    settings: &Settings,
    ui: &Ui,
) -> Result<(), CommandError> {
    let Some(most) = settings.max_calls.map(NonZeroU32::get) else {
        return Ok(());
    };
    // Checks may decide all that a file says.
    let each = asked(plan).map(|spec| spec.calls().0);
    let all: u64 = each.clone().map(u64::from).sum();
    if each.min().is_some_and(|least| most < least) {
        return Err(CommandError::TooFewCalls { most, number, all });
    }
    if u64::from(most) < all {
        ui.warning(&format!(
            "`--max-calls {most}` is not enough for all, which takes {all} calls; what is open at \
             the end gets no entry"
        ));
    }
    Ok(())
}

/// What it will cost, in calls, before the first one.
fn announce(plan: &Plan, number: u32, max_flip: f64, ui: &Ui) {
    for warning in &plan.warnings {
        ui.warning(warning);
    }
    let asked = asked(plan);
    let (files, scenarios) = asked.fold((0_u64, 0_u64), |(files, scenarios), spec| {
        let own = u64::try_from(spec.scenarios().count()).unwrap_or(u64::MAX);
        (files + 1, scenarios.saturating_add(own))
    });
    let is_quiet = |votes: &u32| {
        let unanimous = Noise {
            votes: *votes,
            minority: 0,
        };
        Class::of(unanimous, max_flip) == Class::Quiet
    };
    if !is_quiet(&number) {
        let least = (number..=1000).find(is_quiet);
        let advice = least.map_or_else(String::new, |least| format!("; {least} can"));
        ui.warning(&format!(
            "{number} answers can't show that a judge is quiet{advice}"
        ));
    }
    ui.aside(&format!(
        "Asking {number} times about {} in {}: {}",
        counted(scenarios, "scenario"),
        counted(files, "file"),
        counted(files.saturating_mul(number.into()), "model call"),
    ));
}

/// As in a run, but no verdict is reached.
fn show(event: &RunEvent, ui: &Ui) {
    match event {
        RunEvent::FileFinished { .. } => {}
        RunEvent::FileStarted { .. }
        | RunEvent::Retry { .. }
        | RunEvent::Repeat { .. }
        | RunEvent::Vote { .. }
        | RunEvent::Slowed { .. }
        | RunEvent::FileEnded { .. }
        | RunEvent::Warning { .. } => ui.event(event),
    }
}

/// What was found, and what it cost.
fn tell(findings: &[Finding], report: &RunReport, project: &Project, ui: &Ui) {
    for issue in &report.issues {
        ui.warning(&format!("{}: {}", issue.path, issue.message));
    }
    for line in table(findings, project.settings.max_flip) {
        ui.item(&line);
    }
    if let Some(cost) = report.cost_in_words() {
        ui.item(&format!("Cost: {cost}, {}", time_in_words(report.duration)));
    }
    for finding in findings {
        if let Some(trouble) = finding.trouble() {
            ui.warning(&trouble);
        }
    }
}

/// Writes what is known now, unless somebody changed the file meanwhile: that may have been the judge.
fn keep(
    findings: &[Finding],
    before: &Before,
    current: &Current,
    is_everything: bool,
    project: &Project,
    ui: &Ui,
) -> Result<(), CommandError> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let found: Vec<_> = findings
        .iter()
        .filter_map(|finding| finding.entry(today))
        .collect();
    if !before.holds(&project.root) {
        return Err(CommandError::NoiseChanged);
    }
    let after = merged(&before.entries, found, current, is_everything);
    if after == before.entries {
        ui.item(&if before.is_there() {
            format!("{NOISE_NAME} stays as it is")
        } else {
            format!("There is nothing to keep, so no {NOISE_NAME} was written")
        });
        return Ok(());
    }
    write(&project.root, &config::render_noise(&after))?;
    let entries = u64::try_from(after.len()).unwrap_or(u64::MAX);
    let entries = match entries {
        1 => "1 entry".to_owned(),
        more => format!("{more} entries"),
    };
    ui.item(&format!("Wrote {NOISE_NAME}: {entries}"));
    ui.hint(&format!(
        "commit {NOISE_NAME}; `semtest run` follows it from then on"
    ));
    Ok(())
}

/// What to do about statements on which the judge is no help yet.
fn advise(findings: &[Finding], number: u32, max_flip: f64, ui: &Ui) {
    let of = |class: Class| {
        let ids = findings
            .iter()
            .filter(|finding| finding.class(max_flip) == Some(class))
            .map(|finding| finding.subject.id.as_str());
        let ids: Vec<&str> = ids.collect();
        (!ids.is_empty()).then(|| ids.join(", "))
    };
    if let Some(ids) = of(Class::Noisy) {
        ui.hint(&format!(
            "rewrite what is noisy, in words that leave no choice, and calibrate it again; until \
             then its failures don't block: {ids}"
        ));
    }
    if let Some(ids) = of(Class::Unclear) {
        ui.hint(&format!(
            "what is unclear blocks, and takes more votes than what is quiet; `-n {}` may tell: {ids}",
            number.saturating_mul(2).min(1000)
        ));
    }
}

fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
