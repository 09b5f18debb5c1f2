//! A cap on money that could not be kept is refused before the first call: one that is believed in and
//! does not hold is worse than none.

use super::super::agents::Judge;
use super::super::plan::{Plan, PlannedSpec};
use super::super::{Budget, EvaluateError};

/// An error if any agent that will be asked never tells what a call costs.
pub(crate) fn refuse_cap(plan: &Plan, budget: &Budget) -> Result<(), EvaluateError> {
    if budget.cost.is_none() {
        return Ok(());
    }
    let keeps_silent = |spec: &&PlannedSpec| match &spec.judge {
        Judge::Agent(agent) => spec.calls_a_model() && !agent.tells_its_cost(),
        Judge::Checks => false,
    };
    plan.specs.iter().find(keeps_silent).map_or(Ok(()), |spec| {
        let own = spec.file.frontmatter.llm.as_ref() == Some(&spec.key);
        Err(EvaluateError::Uncapped {
            key: spec.key.clone(),
            path: own.then(|| spec.file.path.clone()),
        })
    })
}
