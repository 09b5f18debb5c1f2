//! A checkout that belongs to another user than ours, as in a container whose workspace is the runner's.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::process;

/// What lets a program that we start ask git about the checkout around `directory`, if that belongs to
/// another user: git alone would call that dubious. Only this one checkout, and nothing is written to
/// anybody's configuration.
///
/// For pipelines and our own container, where somebody laid the checkout down on purpose.
#[must_use]
pub fn trusting(directory: &Path) -> Vec<(OsString, OsString)> {
    let Some(top) = top_of_another(directory) else {
        return Vec::new();
    };
    [
        ("GIT_CONFIG_COUNT", "1".into()),
        ("GIT_CONFIG_KEY_0", "safe.directory".into()),
        ("GIT_CONFIG_VALUE_0", top.into_os_string()),
    ]
    .map(|(name, value)| (name.into(), value))
    .into()
}

/// The top of the checkout around `directory`, as git names it, if it is not ours.
fn top_of_another(directory: &Path) -> Option<PathBuf> {
    let directory = fs_err::canonicalize(directory).ok()?;
    let is_top = |path: &&Path| fs_err::symlink_metadata(path.join(".git")).is_ok();
    let top = directory.ancestors().find(is_top)?;
    let is_of_another = |path: &Path| {
        let metadata = fs_err::metadata(path);
        metadata.is_ok_and(|metadata| metadata.uid() != process::user())
    };
    let is_foreign = is_of_another(top) || is_of_another(&top.join(".git"));
    is_foreign.then(|| top.to_owned())
}
