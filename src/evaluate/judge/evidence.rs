//! Where a failure is: the place that an answer gives, held against the tree.

use crate::model::{Failure, Outcome};

use super::Context;

/// `outcome` in terms of the project.
pub(super) fn place(outcome: Outcome, context: &Context) -> Outcome {
    let root = context.workplace.directory.display().to_string();
    told_from(&root, context.workplace.told(outcome))
}

/// Agents name files by absolute paths too, which nobody but this machine knows.
fn told_from(root: &str, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Fail(failure) => Outcome::Fail(Failure {
            location: failure.location.map(|location| location.told_from(root)),
            ..failure
        }),
        outcome @ (Outcome::Pass
        | Outcome::Error { .. }
        | Outcome::Invalid { .. }
        | Outcome::Skip { .. }) => outcome,
    }
}
