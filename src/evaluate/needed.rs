//! Which known LLM CLIs a run would start that are not on this machine: the specs are found and their
//! judges chosen as for a run, and nothing is asked.

use super::agents::Tool;
use super::discover::{self, SelectedSpec};
use super::plan::Chosen;
use super::{EvaluateError, Options};

/// Each once, in the order in which the specs ask for them. The user's own agents are not among them.
///
/// # Errors
/// When an argument names nothing, a pattern is malformed, or a model key is unknown.
pub fn needed(options: &Options) -> Result<Vec<&'static Tool>, EvaluateError> {
    let mut tools: Vec<&'static Tool> = Vec::new();
    for SelectedSpec { mut file, .. } in discover::discover(&options.selection)?.specs {
        let agents = &options.agents;
        let chosen = Chosen::of(&mut file, &options.forced, &options.fallback, agents);
        agents.check_key(&chosen.key).map_err(|error| {
            EvaluateError::of_agent(chosen.by_itself.then_some(file.path), error)
        })?;
        let tool = agents.missing(&chosen.key);
        tools.extend(tool.filter(|tool| tools.iter().all(|other| other.key != tool.key)));
    }
    Ok(tools)
}
