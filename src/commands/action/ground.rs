//! What another user needs to judge a workspace that is not theirs: a directory for the reports and a
//! HOME. Afterwards the reports belong to whom the workspace belongs.

use std::io;
use std::os::unix::fs::{MetadataExt as _, lchown};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::process;
use crate::report;

/// Whom everything runs as that started as root: nobody's number on common systems, so no file of the
/// runner, no command file and no socket is theirs.
const USER: u32 = 65_532;

/// Where one run works.
pub(super) struct Ground {
    user: Option<u32>,
    home: TempDir,
    output: PathBuf,
    /// User and group of the workspace.
    owner: (u32, u32),
}

impl Ground {
    /// Makes the directory `output` below `directory`, for the reports.
    pub(super) fn prepare(output: &str, directory: &Path, workspace: &Path) -> io::Result<Self> {
        let metadata = fs_err::metadata(workspace)?;
        let ground = Self {
            user: process::is_root().then_some(USER),
            home: tempfile::Builder::new().prefix("semtest-home-").tempdir()?,
            output: directory.join(output),
            owner: (metadata.uid(), metadata.gid()),
        };
        if let Some(user) = ground.user {
            lchown(ground.home.path(), Some(user), Some(user))?;
            // What another user wrote, that one could not remove.
            let _ = report::clear(&ground.output, None);
            fs_err::create_dir_all(&ground.output)?;
            lchown(&ground.output, Some(user), Some(user))?;
        }
        Ok(ground)
    }

    pub(super) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(super) fn user(&self) -> Option<u32> {
        self.user
    }

    /// Gives the reports to the owner of the workspace.
    pub(super) fn hand_back(self) -> io::Result<()> {
        match self.user {
            Some(user) => give(&self.output, user, self.owner),
            None => Ok(()),
        }
    }
}

/// Gives `path` and what is below it to `owner`, as far as it belongs to `user`. Follows no link.
fn give(path: &Path, user: u32, owner: (u32, u32)) -> io::Result<()> {
    let metadata = fs_err::symlink_metadata(path)?;
    if metadata.uid() == user {
        lchown(path, Some(owner.0), Some(owner.1))?;
    }
    if metadata.is_dir() {
        for entry in fs_err::read_dir(path)? {
            give(&entry?.path(), user, owner)?;
        }
    }
    Ok(())
}
