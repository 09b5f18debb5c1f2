//! Trees that an agent may have made, however deep: removed, or given to another user.
//!
//! By descriptor and without recursion, since such a tree may be deeper than any path or stack reaches.
//! No link is followed, provided that nothing runs any more that could change the tree meanwhile.

use std::ffi::{CStr, CString};
use std::fs::Permissions;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dev, Dir, FileType, Gid, Mode, OFlags, Stat, Uid};
use tempfile::TempDir;

/// Reports are flat. Each level costs a descriptor.
const DEEPEST: usize = 64;

/// A directory that is gone when this is dropped, with whatever is in it then.
#[derive(Debug)]
pub struct Temporary(TempDir);

impl Temporary {
    /// Makes one whose name begins with `prefix`, among the temporary files.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn new(prefix: &str, mode: u32) -> io::Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix(prefix)
            .permissions(Permissions::from_mode(mode))
            .tempdir()?;
        Ok(Self(directory))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Its own way to remove a tree is recursive.
        self.0.disable_cleanup(true);
        let _ = remove(self.0.path());
    }
}

/// Removes `path` and all below it.
///
/// # Errors
/// When something of it stays. Whatever else can be removed is gone then, too.
pub fn remove(path: &Path) -> io::Result<()> {
    remove_at(CWD, &c_string(path)?)
}

/// Gives `path` and all below it to the user and group `to`, as far as it belongs to `from`, so that they
/// may read, change and remove it. Of what is `from`'s, only files and directories are given: everything
/// else (links, pipes, sockets, devices) is removed, and so is what lies deeper than 64 directories.
///
/// Returns how many directories were removed for their depth.
///
/// # Errors
/// When something keeps its owner. Whatever else can be given is given then, too.
pub fn give(path: &Path, from: u32, to: (u32, u32)) -> io::Result<usize> {
    let giving = Giving {
        from,
        user: Uid::from_raw(to.0),
        group: Gid::from_raw(to.1),
    };
    let mut removed = 0;
    let mut given = Ok(());
    let mut levels: Vec<Level> = Vec::new();
    let mut next = Some(c_string(path)?);
    while let Some(name) = next {
        let directory = levels.last().map_or(CWD, |level| level.directory.as_fd());
        match giving.give(directory, &name, levels.len()) {
            Ok(Given::Directory(level)) => levels.push(level),
            Ok(Given::TooDeep) => removed += 1,
            Ok(Given::Done) => {}
            Err(error) => given = given.and(Err(named(&name, &error))),
        }
        next = None;
        while let Some(level) = levels.last_mut() {
            next = level.left.pop();
            if next.is_some() {
                break;
            }
            levels.pop();
        }
    }
    given.map(|()| removed)
}

/// An open directory.
struct Level {
    directory: OwnedFd,
    /// What is still to be done in it.
    left: Vec<CString>,
}

/// What became of one path.
enum Given {
    Done,
    /// What is in it is still to be given.
    Directory(Level),
    TooDeep,
}

struct Giving {
    from: u32,
    user: Uid,
    group: Gid,
}

impl Giving {
    fn give(&self, parent: BorrowedFd<'_>, name: &CStr, depth: usize) -> io::Result<Given> {
        let stat = look(parent, name)?;
        let is_theirs = stat.st_uid == self.from;
        let kind = FileType::from_raw_mode(stat.st_mode);
        if kind == FileType::Directory {
            if depth > DEEPEST {
                if is_theirs {
                    remove_at(parent, name)?;
                    return Ok(Given::TooDeep);
                }
                return Ok(Given::Done);
            }
            if is_theirs {
                self.hand_over(parent, name, &stat, Mode::RWXU)?;
            }
            let directory = open(parent, name)?;
            let left = names(&directory)?;
            return Ok(Given::Directory(Level { directory, left }));
        }
        if is_theirs && kind == FileType::RegularFile {
            self.hand_over(parent, name, &stat, Mode::RUSR | Mode::WUSR)?;
        } else if is_theirs {
            remove_entry(parent, name, AtFlags::empty())?;
        }
        Ok(Given::Done)
    }

    /// With the rights that the new owner needs, and without bits that make it more than a file.
    fn hand_over(
        &self,
        parent: BorrowedFd<'_>,
        name: &CStr,
        stat: &Stat,
        needed: Mode,
    ) -> io::Result<()> {
        let all = Mode::RWXU | Mode::RWXG | Mode::RWXO;
        let had = Mode::from_raw_mode(stat.st_mode);
        let mode = (had | needed) & all;
        if mode != had {
            rustix::fs::chmodat(parent, name, mode, AtFlags::empty())?;
        }
        let (user, group) = (Some(self.user), Some(self.group));
        rustix::fs::chownat(parent, name, user, group, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(())
    }
}

/// Down into the first directory that is met, and up again by `..` when nothing is left in it: two
/// descriptors do, whatever the depth.
fn remove_at(parent: BorrowedFd<'_>, name: &CStr) -> io::Result<()> {
    let stat = look(parent, name)?;
    if !is_directory(&stat) {
        return remove_entry(parent, name, AtFlags::empty());
    }
    unlock(parent, name, &stat);
    let mut directory = open(parent, name)?;
    let mut below = vec![Below::new(name, &stat, &directory)?];
    let mut removed = Ok(());
    while let Some(current) = below.last_mut() {
        if let Some(inner) = current.left.pop() {
            match enter_or_remove(directory.as_fd(), &inner) {
                Ok(Some((entered, level))) => {
                    directory = entered;
                    below.push(level);
                }
                Ok(None) => {}
                Err(error) => removed = removed.and(Err(error)),
            }
            continue;
        }
        let emptied = below.pop();
        let (Some(emptied), Some(above)) = (emptied, below.last()) else {
            break;
        };
        directory = open(directory.as_fd(), c"..")?;
        let found = rustix::fs::fstat(&directory)?;
        if above.identity != (found.st_dev, found.st_ino) {
            return Err(io::Error::other("a directory was moved meanwhile"));
        }
        let emptied = remove_entry(directory.as_fd(), &emptied.name, AtFlags::REMOVEDIR);
        removed = removed.and(emptied);
    }
    removed?;
    remove_entry(parent, name, AtFlags::REMOVEDIR)
}

/// A directory on the way down.
struct Below {
    name: CString,
    /// Device and inode.
    identity: (Dev, u64),
    /// What is still in it.
    left: Vec<CString>,
}

impl Below {
    fn new(name: &CStr, stat: &Stat, directory: &OwnedFd) -> io::Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            identity: (stat.st_dev, stat.st_ino),
            left: names(directory)?,
        })
    }
}

/// Removes what is no directory.
fn enter_or_remove(parent: BorrowedFd<'_>, name: &CStr) -> io::Result<Option<(OwnedFd, Below)>> {
    let stat = look(parent, name)?;
    if !is_directory(&stat) {
        remove_entry(parent, name, AtFlags::empty())?;
        return Ok(None);
    }
    unlock(parent, name, &stat);
    let directory = open(parent, name)?;
    let below = Below::new(name, &stat, &directory)?;
    Ok(Some((directory, below)))
}

fn remove_entry(parent: BorrowedFd<'_>, name: &CStr, flags: AtFlags) -> io::Result<()> {
    Ok(rustix::fs::unlinkat(parent, name, flags)?)
}

/// Lets the owner of a directory change it. That of another user can't be, which is told by what fails
/// then.
fn unlock(parent: BorrowedFd<'_>, name: &CStr, stat: &Stat) {
    let mode = Mode::from_raw_mode(stat.st_mode);
    if !mode.contains(Mode::RWXU) {
        let _ = rustix::fs::chmodat(parent, name, mode | Mode::RWXU, AtFlags::empty());
    }
}

fn look(parent: BorrowedFd<'_>, name: &CStr) -> io::Result<Stat> {
    Ok(rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)?)
}

fn is_directory(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::Directory
}

fn open(parent: BorrowedFd<'_>, name: &CStr) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(parent, name, flags, Mode::empty())?)
}

/// All at once: what is read while it changes may come twice or never.
fn names(directory: &OwnedFd) -> io::Result<Vec<CString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if name != c"." && name != c".." {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

fn c_string(path: &Path) -> io::Result<CString> {
    Ok(CString::new(path.as_os_str().as_bytes())?)
}

fn named(name: &CStr, error: &io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!("`{}`: {error}", name.to_string_lossy()),
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, symlink};
    use std::path::PathBuf;

    use super::*;

    /// So many directories in each other, and a file in the last one.
    fn dig(top: &Path, levels: usize) {
        let mut directory = open(CWD, &c_string(top).unwrap()).unwrap();
        for _ in 0..levels {
            rustix::fs::mkdirat(&directory, c"d", Mode::RWXU).unwrap();
            directory = open(directory.as_fd(), c"d").unwrap();
        }
        let flags = OFlags::CREATE | OFlags::WRONLY;
        rustix::fs::openat(&directory, c"file", flags, Mode::RUSR).unwrap();
    }

    fn set_mode(path: &Path, mode: u32) {
        fs_err::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    fn mode_of(path: &Path) -> u32 {
        fs_err::metadata(path).unwrap().mode() & 0o7777
    }

    /// Us, as far as files go.
    fn owner(path: &Path) -> (u32, u32) {
        let metadata = fs_err::metadata(path).unwrap();
        (metadata.uid(), metadata.gid())
    }

    #[test]
    fn no_tree_is_too_deep_to_be_removed() {
        let home = Temporary::new("semtest-tree-", 0o700).unwrap();
        let path = home.path().to_owned();
        dig(&path, 10_000);
        drop(home);
        assert!(!path.exists());
    }

    #[test]
    fn a_tree_is_removed_whatever_is_in_it_and_nothing_that_it_links_to() {
        let place = tempfile::tempdir().unwrap();
        let (top, kept) = (place.path().join("top"), place.path().join("kept"));
        fs_err::create_dir(&kept).unwrap();
        fs_err::write(kept.join("file"), "").unwrap();
        for path in ["a/b/c/d", "a/b/e", "f/x/y", "g", "z/h/q"] {
            fs_err::create_dir_all(top.join(path)).unwrap();
        }
        for path in ["file", "a/b/c/file", "f/x/file"] {
            fs_err::write(top.join(path), "").unwrap();
        }
        symlink(&kept, top.join("a/link")).unwrap();
        symlink(&kept, top.join("link")).unwrap();
        set_mode(&top.join("a/b/c"), 0);
        set_mode(&top.join("a/b"), 0o400);
        set_mode(&top.join("z"), 0);
        set_mode(&top, 0o500);
        remove(&top).unwrap();
        assert!(!top.exists() && kept.join("file").exists());
        symlink(&kept, &top).unwrap();
        remove(&top).unwrap();
        assert!(!top.is_symlink() && kept.join("file").exists());
        assert_eq!(remove(&top).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn what_is_given_can_be_changed_by_its_new_owner() {
        let place = tempfile::tempdir().unwrap();
        let top = place.path().join("top");
        fs_err::create_dir_all(top.join("a/b")).unwrap();
        for (path, mode) in [("a/b/f", 0), ("a/set", 0o6755), ("plain", 0o644)] {
            fs_err::write(top.join(path), "").unwrap();
            set_mode(&top.join(path), mode);
        }
        symlink(place.path(), top.join("a/link")).unwrap();
        set_mode(&top.join("a/b"), 0);
        set_mode(&top.join("a"), 0o3070);
        let us = owner(&top);
        assert_eq!(give(&top, us.0, us).unwrap(), 0);
        let modes = ["a", "a/b", "a/b/f", "a/set", "plain"].map(|path| mode_of(&top.join(path)));
        assert_eq!(modes, [0o770, 0o700, 0o600, 0o755, 0o644]);
        assert!(!top.join("a/link").is_symlink());
    }

    #[test]
    fn what_is_somebody_elses_stays_as_it_is() {
        let place = tempfile::tempdir().unwrap();
        let top = place.path().join("top");
        fs_err::create_dir(&top).unwrap();
        dig(&top, 100);
        symlink(place.path(), top.join("link")).unwrap();
        set_mode(&top, 0o755);
        let us = owner(&top);
        assert_eq!(give(&top, us.0 + 1, (us.0 + 2, us.1)).unwrap(), 0);
        assert_eq!((owner(&top), mode_of(&top)), (us, 0o755));
        let below: PathBuf = ["d"; 100].iter().collect();
        assert!(top.join("link").is_symlink() && top.join(below).join("file").exists());
    }

    #[test]
    fn what_is_nested_too_deeply_is_removed_instead() {
        let place = tempfile::tempdir().unwrap();
        let top = place.path().join("top");
        fs_err::create_dir(&top).unwrap();
        dig(&top, 10_000);
        fs_err::create_dir(top.join("flat")).unwrap();
        let us = owner(&top);
        assert_eq!(give(&top, us.0, us).unwrap(), 1);
        let at = |levels: usize| top.join(vec!["d"; levels].iter().collect::<PathBuf>());
        assert!(top.join("flat").exists() && at(DEEPEST).exists());
        assert!(!at(DEEPEST + 1).exists());
    }
}
