//! Annotations as commands that GitHub's runner reads out of the log:
//! `::error file=a.rs,line=3,title=…::message`
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>).

use crate::model::{Annotation, Severity};

/// The runner shows this many annotations of a severity for a step and drops the others.
pub const MOST_PER_SEVERITY: usize = 10;

/// One line an annotation.
#[must_use]
pub fn workflow_commands(annotations: &[Annotation]) -> Vec<String> {
    annotations
        .iter()
        .take(MOST_PER_SEVERITY)
        .map(|annotation| {
            let name = match annotation.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Notice => "notice",
            };
            format!("::{name}::{}", data(&annotation.message))
        })
        .collect()
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}
