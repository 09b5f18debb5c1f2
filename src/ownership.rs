//! Whose the files are that we make. Root in a directory of somebody else's, as in a container whose
//! workspace is the runner's, makes them that somebody's: root's files could not be removed by whom the
//! directory belongs to.
//!
//! A system that refuses leaves things as they are: the file is there all the same.

use std::io::{self, ErrorKind, Write as _};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt as _, fchown};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use tempfile::NamedTempFile;

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

/// Writes a file, all or nothing: it gets its name once it is whole. A link of that name is replaced,
/// never followed.
///
/// # Errors
/// When it can't be written.
pub fn write_whole(path: &Path, content: &str) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let file = unnamed(directory, content)?;
    file.persist(path).map_err(|failed| failed.error)?;
    Ok(())
}

/// A whole file that has no name to stay yet.
///
/// # Errors
/// When it can't be written.
pub fn unnamed(directory: &Path, content: &str) -> io::Result<NamedTempFile> {
    create_directories(directory)?;
    let mut file = temporary(directory)?;
    give_to_owner(&file, file.path());
    file.write_all(content.as_bytes())?;
    Ok(file)
}

/// Removed on drop. Readable as any file that the user makes: CI systems collect reports under
/// another account.
///
/// # Errors
/// When it can't be made.
pub fn temporary(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".semtest-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(directory)
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

    #[test]
    fn a_whole_file_takes_the_place_of_what_was_there() {
        let root = tempfile::tempdir().unwrap();
        let (target, link) = (root.path().join("target"), root.path().join("link"));
        fs_err::write(&target, "mine").unwrap();
        fs_err::os::unix::fs::symlink(&target, &link).unwrap();
        write_whole(&link, "new").unwrap();
        assert_eq!(fs_err::read_to_string(&target).unwrap(), "mine");
        assert!(fs_err::symlink_metadata(&link).unwrap().is_file());
        assert_eq!(fs_err::read_to_string(&link).unwrap(), "new");
        assert_eq!(fs_err::read_dir(root.path()).unwrap().count(), 2);
        assert!(write_whole(root.path(), "a directory").is_err());
    }
}
