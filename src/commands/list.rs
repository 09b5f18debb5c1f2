//! `semtest list`: every model key, by tool.

use std::fmt::Write as _;

use serde::Serialize;

use crate::cli::ListArgs;
use crate::evaluate::{Agents, Tool, tools};
use crate::exit::Exit;
use crate::model::CHECKS;
use crate::ui::Ui;

use super::Place;
use super::error::CommandError;

/// One tool of `list --json`.
#[derive(Serialize)]
struct Row {
    tool: &'static str,
    name: &'static str,
    /// `None` for deterministic checks, which need no program.
    binary: Option<&'static str>,
    installed: bool,
    /// The version that our tests run; `None` where all that we know is documentation.
    tested: Option<&'static str>,
    keys: Vec<String>,
}

/// Prints the registry and what of it is installed.
pub(super) fn list(arguments: &ListArgs, place: &Place, ui: &Ui) -> Result<Exit, CommandError> {
    let agents = Agents::unconfigured(place.env.clone(), place.directory.clone());
    let installed: Vec<&str> = agents.installed().map(|tool| tool.key).collect();
    let row = |tool: &Tool| Row {
        tool: tool.key,
        name: tool.name,
        binary: Some(tool.binary),
        installed: installed.contains(&tool.key),
        tested: tool.tested,
        keys: tool.model_keys(),
    };
    let mut rows: Vec<Row> = tools().iter().map(row).collect();
    rows.push(Row {
        tool: CHECKS,
        name: "Deterministic checks only",
        binary: None,
        installed: true,
        tested: None,
        keys: vec![CHECKS.to_owned()],
    });
    if arguments.json {
        let json = serde_json::to_string_pretty(&rows).map_err(std::io::Error::from)?;
        ui.data(&json);
    } else {
        ui.data(&text(&rows));
    }
    Ok(Exit::Passed)
}

fn text(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        let installed = if row.installed {
            "installed"
        } else {
            "not installed"
        };
        let state = match (row.binary, row.tested) {
            (None, _) => "no CLI needed".to_owned(),
            (Some(binary), Some(version)) => {
                format!("{binary}, {installed}, tested with {version}")
            }
            (Some(binary), None) => format!("{binary}, {installed}, untested"),
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "{} ({state})", row.name);
        for key in &row.keys {
            let _ = writeln!(text, "  {key}");
        }
    }
    let _ = write!(
        text,
        "Any other model, of a tool that can choose one: <tool>:<model id>, such as \
         claude-code:claude-sonnet-4-6"
    );
    text
}
