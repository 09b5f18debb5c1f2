//! Files of the project that a tool obeys and no flag prevents: such a file can send the key to
//! somebody else, so the tool is not started where one came with the repository. One that git does
//! not track is the user's own.

use std::path::PathBuf;

use crate::git;
use crate::process::Cancel;

use super::EvaluateError;
use super::agents::Judge;
use super::plan::{Plan, PlannedSpec};

/// An error if any agent of the plan would obey the repository.
pub(super) async fn refuse(plan: &Plan, cancel: &Cancel) -> Result<(), EvaluateError> {
    let mut asked = plan.specs.iter().filter(|spec| spec.calls_a_model());
    let obedient = |spec: &PlannedSpec| match &spec.judge {
        Judge::Agent(agent) if !agent.obeys.is_empty() => Some((spec.key.clone(), agent.obeys)),
        Judge::Agent(_) | Judge::Checks => None,
    };
    let Some((key, names)) = asked.find_map(obedient) else {
        return Ok(());
    };
    let directory = &plan.workplace.directory;
    let tracked = git::tracked_among(directory, names, &plan.env, cancel).await;
    // Without git nobody knows whose they are.
    let there = || {
        let here = names.iter().filter(|name| directory.join(name).exists());
        here.map(PathBuf::from).collect()
    };
    match tracked.unwrap_or_else(there).into_iter().next() {
        Some(path) => Err(EvaluateError::Obeyed { key, path }),
        None => Ok(()),
    }
}
