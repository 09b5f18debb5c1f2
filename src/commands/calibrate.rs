//! `semtest calibrate`.

use crate::cli::CalibrateArgs;
use crate::exit::Exit;
use crate::ui::Ui;

use super::Place;
use super::error::CommandError;

pub(super) fn calibrate(_: &CalibrateArgs, _: &Place, ui: &Ui) -> Result<Exit, CommandError> {
    ui.error("not written yet", None);
    Ok(Exit::Error)
}
