//! What another user needs to judge a workspace that is not theirs: a directory for the reports and a
//! HOME. Afterwards the reports belong to whom the workspace belongs.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, lchown};
use std::path::{Component, Path, PathBuf};

use crate::action::COMMAND_FILES;
use crate::env::Env;
use crate::process;
use crate::report;
use crate::tree::{self, Temporary};
use crate::ui::Ui;

use super::super::Place;
use super::super::error::CommandError;

/// Whom everything runs as that started as root: nobody's number on common systems, so no file of the
/// runner, no command file and no socket is theirs.
const USER: u32 = 65_532;

/// What a directory is lent with: its group may write, and remove nothing but its own files.
const LENT: u32 = 0o1070;

/// Group and others.
const OTHERS_WRITE: u32 = 0o022;

/// Where one run works.
pub(super) struct Ground {
    user: Option<u32>,
    home: Temporary,
    output: PathBuf,
    /// How the directory of the reports was, if it was there.
    lent: Option<Lent>,
    /// User and group of the workspace.
    owner: (u32, u32),
}

/// What a directory was like before it was lent.
struct Lent {
    group: u32,
    mode: u32,
}

/// `path` seen from `directory`, which is real and in `workspace`, without `.` and `..`: those of a path
/// that is yet to be made.
pub(super) fn inside(
    workspace: &Path,
    directory: &Path,
    path: &str,
) -> Result<PathBuf, CommandError> {
    let mut plain = PathBuf::new();
    for component in directory.join(path).components() {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => {
                plain.push(component);
            }
        }
    }
    let is_inside = plain.starts_with(workspace);
    is_inside
        .then_some(plain)
        .ok_or_else(|| CommandError::OutsideWorkspace(path.to_owned()))
}

impl Ground {
    /// Makes the directory `output`, in `workspace`, for the reports.
    pub(super) fn prepare(output: PathBuf, place: &Place) -> Result<Self, CommandError> {
        let workspace = place.directory.as_path();
        let metadata = fs_err::metadata(workspace)?;
        let mut ground = Self {
            user: process::is_root().then_some(USER),
            home: Temporary::new("semtest-home-", 0o700)?,
            output,
            lent: None,
            owner: (metadata.uid(), metadata.gid()),
        };
        let directories = ground.directories(workspace)?;
        // Also where no run starts, nothing is to be taken for its results; and what another user wrote, the
        // run's could not remove.
        report::clear(&ground.output, None)?;
        if let Some(user) = ground.user {
            close_command_files(&place.env)?;
            ground.furnish(user)?;
            ground.make(&directories, user)?;
        }
        Ok(ground)
    }

    /// The directories below `workspace` that lead to the reports, outermost first. A link among them
    /// could lead anywhere.
    fn directories(&self, workspace: &Path) -> Result<Vec<PathBuf>, CommandError> {
        let above = self.output.ancestors();
        let mut directories: Vec<PathBuf> = above
            .take_while(|path| *path != workspace)
            .map(Path::to_owned)
            .collect();
        directories.reverse();
        let is_link = |path: &&PathBuf| path.is_symlink();
        match directories.iter().find(is_link) {
            Some(link) => Err(CommandError::ReportsThroughLink(link.clone())),
            None => Ok(directories),
        }
    }

    /// A HOME, and in it a place for temporary files: the one that the environment names may be closed
    /// to `user`.
    fn furnish(&self, user: u32) -> io::Result<()> {
        let temporary = self.temporary();
        fs_err::create_dir(&temporary)?;
        lchown(temporary, Some(user), Some(user))?;
        lchown(self.home(), Some(user), Some(user))
    }

    /// Makes those of `directories` that are missing, and lets `user` write into the last one.
    fn make(&mut self, directories: &[PathBuf], user: u32) -> io::Result<()> {
        let (owner, group) = self.owner;
        let mut is_new = false;
        for directory in directories {
            is_new = !directory.exists();
            if is_new {
                fs_err::create_dir(directory)?;
                lchown(directory, Some(owner), Some(group))?;
            }
        }
        if is_new {
            return lchown(&self.output, Some(user), Some(user));
        }
        let metadata = fs_err::symlink_metadata(&self.output)?;
        let (group, mode) = (metadata.gid(), metadata.mode() & 0o7777);
        self.lent = Some(Lent { group, mode });
        self.set(user, mode | LENT)
    }

    /// Group and mode of the directory of the reports.
    fn set(&self, group: u32, mode: u32) -> io::Result<()> {
        // In this order: a new group takes some bits of the mode away.
        chown(&self.output, None, Some(group))?;
        fs_err::set_permissions(&self.output, Permissions::from_mode(mode))
    }

    pub(super) fn home(&self) -> &Path {
        self.home.path()
    }

    /// For temporary files, where the run is another user's.
    pub(super) fn temporary(&self) -> PathBuf {
        self.home().join("tmp")
    }

    pub(super) fn user(&self) -> Option<u32> {
        self.user
    }

    /// Gives the reports to the owner of the workspace. Nothing may run any more that could put a link
    /// in the place of a directory meanwhile.
    pub(super) fn give_back(self, ui: &Ui) {
        match self.try_to_give_back() {
            Ok(0) => {}
            Ok(_) => ui.warning(&format!(
                "removed what was nested too deeply in `{}`: no report is",
                self.output.display()
            )),
            Err(error) => ui.warning(&format!("the reports keep their owner: {error}")),
        }
    }

    /// Says how much was removed instead.
    fn try_to_give_back(&self) -> io::Result<usize> {
        let Some(user) = self.user else {
            return Ok(0);
        };
        // No run makes anything but files and directories. A link that an agent left would be followed by
        // who collects the reports.
        let given = tree::give(&self.output, user, self.owner);
        match &self.lent {
            Some(lent) => self.set(lent.group, lent.mode).and(given),
            None => given,
        }
    }
}

/// Runners that are not GitHub's own let everybody write the files by which a step decides about the steps
/// after it.
fn close_command_files(env: &Env) -> io::Result<()> {
    for file in COMMAND_FILES.into_iter().filter_map(|name| env.get(name)) {
        let Ok(metadata) = fs_err::symlink_metadata(file) else {
            continue;
        };
        let mode = metadata.mode() & 0o7777;
        if metadata.is_file() && mode & OTHERS_WRITE != 0 {
            fs_err::set_permissions(file, Permissions::from_mode(mode & !OTHERS_WRITE))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_out_of_the_workspace_is_refused() {
        let (workspace, directory) = (Path::new("/w"), Path::new("/w/app"));
        let inside = |path| inside(workspace, directory, path).ok();
        assert_eq!(inside("out"), Some("/w/app/out".into()));
        assert_eq!(inside("./a//b/../c/"), Some("/w/app/a/c".into()));
        assert_eq!(inside("../out"), Some("/w/out".into()));
        assert_eq!(inside("/w/out"), Some("/w/out".into()));
        for out in ["../..", "../../etc", "/etc", "/wider", "../../../w2/x"] {
            assert_eq!(inside(out), None, "{out}");
        }
    }
}
