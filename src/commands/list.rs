//! `semtest list`: every model key, by tool.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::cli::ListArgs;
use crate::evaluate::agents::{Agents, CHECKS, Tool, tools};
use crate::exit::Exit;
use crate::ui::Ui;

use super::Place;
use super::error::CommandError;

/// One tool of `list --json`.
#[derive(Serialize)]
struct Row {
    tool: &'static str,
    name: &'static str,
    binary: &'static str,
    installed: bool,
    keys: Vec<String>,
}

/// Prints the registry and what of it is installed.
pub(super) fn list(arguments: &ListArgs, place: &Place, ui: &Ui) -> Result<Exit, CommandError> {
    let agents = Agents {
        env: place.env.clone(),
        root: place.directory.clone(),
        custom: BTreeMap::new(),
    };
    let installed: Vec<&str> = agents.installed().map(|tool| tool.key).collect();
    let row = |tool: &Tool| Row {
        tool: tool.key,
        name: tool.name,
        binary: tool.binary,
        installed: installed.contains(&tool.key),
        keys: tool.model_keys(),
    };
    let rows: Vec<Row> = tools().iter().map(row).collect();
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
        let state = if row.installed {
            "installed"
        } else {
            "not installed"
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "{} ({}, {state})", row.name, row.binary);
        for key in &row.keys {
            let _ = writeln!(text, "  {key}");
        }
    }
    let _ = write!(
        text,
        "Any other model of a tool: <tool>:<model id>, such as claude-code:claude-sonnet-4-6\n\
         No model at all: {CHECKS} (deterministic checks only)"
    );
    text
}
