//! The files by which a step tells GitHub's runner its summary and its outputs
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#environment-files>).

use std::io::Write as _;
use std::path::Path;

use super::PublishError;

/// Adds `text` to the job's summary, the file that `GITHUB_STEP_SUMMARY` names.
///
/// # Errors
/// When the file can't be written.
pub fn append_summary(path: &Path, text: &str) -> Result<(), PublishError> {
    append(path, text).map_err(|source| PublishError::File {
        name: "GITHUB_STEP_SUMMARY",
        source,
    })
}

/// Adds outputs of the step, name and value, to the file that `GITHUB_OUTPUT` names.
///
/// # Errors
/// When the file can't be written.
pub fn write_outputs(path: &Path, outputs: &[(&str, String)]) -> Result<(), PublishError> {
    let lines: String = outputs
        .iter()
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect();
    append(path, &lines).map_err(|source| PublishError::File {
        name: "GITHUB_OUTPUT",
        source,
    })
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = fs_err::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)?;
    file.write_all(text.as_bytes())
}
