//! Remarks on the lines of the code: a failure each, the most severe first.

use crate::model::{Annotation, RunReport};

/// What CI systems should show beside the code, the most severe first. Texts are still foreign.
#[must_use]
pub fn annotations(report: &RunReport) -> Vec<Annotation> {
    let _ = report;
    Vec::new()
}
