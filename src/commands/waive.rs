//! `semtest waive`.

use std::io::ErrorKind;

use jiff::civil::Date;
use thiserror::Error;

use crate::ci;
use crate::cli::WaiveArgs;
use crate::config::{self, PartialConfig, WAIVERS_NAME};
use crate::evaluate::{self, Suite};
use crate::exit::Exit;
use crate::git;
use crate::model::{Trust, Waiver};
use crate::ownership::write_whole;
use crate::process::Cancel;
use crate::ui::Ui;

use super::Place;
use super::error::CommandError;
use super::project::load_project;
use super::run::everything;
use super::untrusted::{wait, without_own_programs};

/// How many names a hint lists.
const MOST_NAMED: usize = 5;

/// Why a failure can't be waived.
#[derive(Debug, Error)]
pub(super) enum WaiveError {
    #[error("no spec file has a scenario `{id}`")]
    Unknown { id: String, nearest: Option<String> },
    #[error("`{id}` is the id of several scenarios")]
    Several { id: String, names: Vec<String> },
    #[error("`--until {until}` is in the past")]
    Past { until: Date, today: Date },
}

impl WaiveError {
    pub(super) fn hint(&self) -> String {
        match self {
            Self::Unknown { nearest, .. } => match nearest {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "`semtest run --plan` shows all ids".into(),
            },
            Self::Several { names, .. } => {
                let shown = names.iter().take(MOST_NAMED);
                let shown: Vec<String> = shown.map(|name| format!("`{name}`")).collect();
                let more = if names.len() > MOST_NAMED { " …" } else { "" };
                format!("name one of them: {}{more}", shown.join(", "))
            }
            Self::Past { today, .. } => {
                format!("name the last day on which the waiver holds; in UTC it is {today} now")
            }
        }
    }
}

/// Writes a waiver into the checkout. It counts once it is committed, and for an untrusted pull
/// request once it is in the base.
pub(super) fn waive(arguments: &WaiveArgs, place: &Place, ui: &Ui) -> Result<Exit, CommandError> {
    match ci::detect(&place.env).trust {
        Trust::Trusted => waive_in(arguments, place, ui),
        // A stranger may have laid a `git` into the checkout.
        Trust::Untrusted { .. } => waive_in(arguments, &without_own_programs(place), ui),
    }
}

fn waive_in(arguments: &WaiveArgs, place: &Place, ui: &Ui) -> Result<Exit, CommandError> {
    let flags = PartialConfig::default();
    let project = load_project(arguments.config.as_deref(), &flags, place, None)?;
    let today = project.rules().today;
    if arguments.until < today {
        let until = arguments.until;
        return Err(WaiveError::Past { until, today }.into());
    }
    let suite = evaluate::suite(&everything(&flags, &project, None).selection)?;
    let named = the_one(&suite, &arguments.id)?;
    // One that exists is renewed by whichever name it has.
    let is_former = |waiver: &&Waiver| suite.named(&waiver.id) == [named];
    let former = project.waivers.iter().find(is_former);
    let waiver = Waiver {
        id: former.map_or(&arguments.id, |former| &former.id).clone(),
        reason: arguments.reason.clone(),
        owner: owner(arguments, place)?,
        until: arguments.until,
    };
    let path = project.root.join(WAIVERS_NAME);
    // What a link leads to is changed, not the link: loading made sure that it is the project's.
    let path = fs_err::canonicalize(&path).unwrap_or(path);
    let text = match fs_err::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        read => read?,
    };
    write_whole(&path, &config::add_waiver(&text, &waiver)?)?;
    ui.item(&said(&waiver, former.map(|former| former.until)));
    ui.item(&format!(
        "commit {WAIVERS_NAME}; a pull request from a fork is judged with the one of its base branch"
    ));
    Ok(Exit::Passed)
}

/// The scenario that `id` stands for, as `path#id`.
fn the_one<'suite>(suite: &'suite Suite, id: &str) -> Result<&'suite str, WaiveError> {
    match &suite.named(id)[..] {
        [one] => Ok(one),
        [] => Err(WaiveError::Unknown {
            id: id.to_owned(),
            nearest: suite.nearest(id).map(str::to_owned),
        }),
        several => Err(WaiveError::Several {
            id: id.to_owned(),
            names: several.iter().copied().map(str::to_owned).collect(),
        }),
    }
}

fn owner(arguments: &WaiveArgs, place: &Place) -> Result<Option<String>, CommandError> {
    if arguments.owner.is_some() {
        return Ok(arguments.owner.clone());
    }
    let cancel = Cancel::new();
    let email = git::user_email(&place.directory, &place.env, &cancel);
    wait(&cancel, email)
}

fn said(waiver: &Waiver, former: Option<Date>) -> String {
    let Waiver { id, until, .. } = waiver;
    let by = waiver.owner.as_deref().map_or_else(
        || "; nobody is named as its owner".to_owned(),
        |owner| format!(" by {owner}"),
    );
    match former {
        Some(former) => format!("renewed the waiver of `{id}` until {until}{by}; it was {former}"),
        None => format!("waived `{id}` until {until}{by}"),
    }
}
