//! `semtest waive`.

use crate::cli::WaiveArgs;
use crate::exit::Exit;
use crate::ui::Ui;

use super::Place;
use super::error::CommandError;

pub(super) fn waive(_: &WaiveArgs, _: &Place, ui: &Ui) -> Result<Exit, CommandError> {
    ui.error("not written yet", None);
    Ok(Exit::Error)
}
