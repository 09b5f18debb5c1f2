//! `semtest init`: a configuration file with the defaults, for a CLI that is installed here.

use std::io::Write as _;

use crate::config;
use crate::evaluate::{Agents, Tool, tools};
use crate::exit::Exit;
use crate::ownership::give_to_owner;
use crate::ui::Ui;

use super::Place;
use super::error::CommandError;

/// Writes `semtest.config.ts` into the current directory, unless a configuration file is there.
pub(super) fn init(place: &Place, ui: &Ui) -> Result<Exit, CommandError> {
    for name in config::FILE_NAMES {
        let path = place.directory.join(name);
        if fs_err::symlink_metadata(&path).is_ok() {
            return Err(CommandError::AlreadyThere(name.into()));
        }
    }
    let agents = Agents::unconfigured(place.env.clone(), place.directory.clone());
    // A tool that can't be kept from writing is refused by the next `run`.
    let (usable, others): (Vec<&Tool>, Vec<&Tool>) =
        agents.installed().partition(|tool| tool.can_only_read());
    let installed = usable.first().copied();
    let key = installed.or(tools().first()).map(Tool::preferred_key);
    let name = config::FILE_NAMES[0];
    // `create_new` and not a check before: somebody else may write it at the same moment.
    let path = place.directory.join(name);
    let mut file = fs_err::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)?;
    give_to_owner(file.file(), &path);
    file.write_all(config::init_template(&key.unwrap_or_default()).as_bytes())?;
    ui.item(&format!("wrote {name}"));
    match (installed, others.first()) {
        (Some(tool), _) => ui.item(&format!("judge: {}, found on PATH", tool.name)),
        (None, Some(tool)) => ui.warning(&format!(
            "{} can't be kept from writing, so it is not chosen; install another LLM CLI (`semtest \
             list` shows which), or set `llm: \"{}\"` and `skipPermissionsIfPossible: true`",
            tool.name, tool.key
        )),
        (None, None) => ui.warning(
            "no known LLM CLI is on PATH; install one (`semtest list` shows which), or set \
             `llm: \"checks\"` to run deterministic checks only",
        ),
    }
    ui.item("let git ignore `semtest-results/`, where reports go");
    ui.item("next: write a spec such as `semtests/errors.spec.md`, then `semtest run`");
    Ok(Exit::Passed)
}
