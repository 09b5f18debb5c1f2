//! Whose the files are that we make. Root in a directory of somebody else's, as in a container whose
//! workspace is the runner's, makes them that somebody's: root's files could not be removed by whom the
//! directory belongs to.
//!
//! A system that refuses leaves things as they are: the file is there all the same.

use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt as _, fchown};
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use crate::process;

/// Makes `directory` and whatever is missing above it.
///
/// # Errors
/// When one can't be made.
pub fn create_directories(directory: &Path) -> io::Result<()> {
    if directory.is_dir() || directory.as_os_str().is_empty() {
        return Ok(());
    }
    if let Some(parent) = directory.parent() {
        create_directories(parent)?;
    }
    match fs_err::create_dir(directory) {
        Ok(()) => {
            // A link that somebody put there meanwhile is not followed.
            let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
            if let Ok(made) = rustix::fs::open(directory, flags, Mode::empty()) {
                give_to_owner(made, directory);
            }
            Ok(())
        }
        // Another run may have been faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && directory.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Gives the file or directory `made`, which we just made as `path`, to the owner of the directory that
/// it is in.
pub fn give_to_owner(made: impl AsFd, path: &Path) {
    if !process::is_root() {
        return;
    }
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if let Ok(owner) = fs_err::metadata(parent) {
        let _ = fchown(made, Some(owner.uid()), Some(owner.gid()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_made_as_far_as_they_are_missing() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("a/b/c");
        for _ in 0..2 {
            create_directories(&directory).unwrap();
            assert!(directory.is_dir());
        }
        create_directories(Path::new("")).unwrap();
        fs_err::write(root.path().join("file"), "").unwrap();
        assert!(create_directories(&root.path().join("file")).is_err());
        assert!(create_directories(&root.path().join("file/below")).is_err());
    }
}
