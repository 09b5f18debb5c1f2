//! Where installed CLIs lie: a directory for each tool and version, and `bin/` with a link to each
//! program. The links are relative, so that the whole can be moved or seen from another container.
//!
//! What is there may come from a cache that somebody else packed, so no link in the place of a directory
//! is followed, and a program outside of its directory is none.

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::super::registry::{Package, Tool};
use super::error::InstallError;

/// What an unfinished installation is called. A killed one stays behind under this name.
pub const UNFINISHED: &str = ".install-";

/// An open directory of CLIs.
pub(super) struct Shelf {
    directory: PathBuf,
}

impl Shelf {
    /// Makes the directory if it is not there.
    pub(super) fn open(directory: &Path) -> Result<Self, InstallError> {
        fs_err::create_dir_all(directory)?;
        let shelf = Self {
            directory: fs_err::canonicalize(directory)?,
        };
        let bin = shelf.bin();
        match fs_err::create_dir(&bin) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error.into()),
            Ok(()) | Err(_) if is_real_directory(&bin) => Ok(shelf),
            Ok(()) | Err(_) => Err(InstallError::Foreign(bin)),
        }
    }

    fn bin(&self) -> PathBuf {
        self.directory.join("bin")
    }

    fn place(&self, tool: &Tool, version: &str) -> PathBuf {
        self.directory.join(name(tool, version))
    }

    /// Whether this version is there as a whole.
    pub(super) fn has(&self, tool: &Tool, package: Package, version: &str) -> bool {
        let place = self.place(tool, version);
        is_real_directory(&place) && is_whole(&place, tool, package, version)
    }

    /// A directory for work on an installation, gone when this is dropped.
    pub(super) fn workshop(&self) -> io::Result<TempDir> {
        tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempdir_in(&self.directory)
    }

    /// Takes a finished `tree` over, in one step. If another process was faster, what it left is as
    /// good.
    pub(super) fn take(
        &self,
        tree: &Path,
        tool: &Tool,
        package: Package,
        version: &str,
    ) -> Result<(), InstallError> {
        let place = self.place(tool, version);
        if self.has(tool, package, version) {
            return Ok(());
        }
        remove(&place)?;
        match fs_err::rename(tree, &place) {
            Err(_) if self.has(tool, package, version) => Ok(()),
            done => Ok(done?),
        }
    }

    /// Lays the link to the program, and returns where.
    pub(super) fn link(&self, tool: &Tool, version: &str) -> Result<PathBuf, InstallError> {
        let link = self.bin().join(tool.binary);
        let target = Path::new("..").join(program(Path::new(&name(tool, version)), tool));
        match fs_err::symlink_metadata(&link) {
            Ok(there) if !there.is_symlink() => return Err(InstallError::Foreign(link)),
            Ok(_) if fs_err::read_link(&link)? == target => return Ok(link),
            Ok(_) | Err(_) => {}
        }
        let workshop = self.workshop()?;
        let fresh = workshop.path().join("link");
        symlink(&target, &fresh)?;
        fs_err::rename(&fresh, &link)?;
        Ok(link)
    }
}

fn name(tool: &Tool, version: &str) -> String {
    format!("{}@{version}", tool.key)
}

/// Where npm lays the program of a package that it installs into `tree`.
pub(super) fn program(tree: &Path, tool: &Tool) -> PathBuf {
    tree.join("node_modules/.bin").join(tool.binary)
}

/// Where npm lays the package itself.
pub(super) fn package_directory(tree: &Path, package: Package) -> PathBuf {
    tree.join("node_modules").join(package.name)
}

fn is_real_directory(path: &Path) -> bool {
    fs_err::symlink_metadata(path).is_ok_and(|there| there.is_dir())
}

/// Whether `tree` holds the package in this version and its program, both inside.
pub(super) fn is_whole(tree: &Path, tool: &Tool, package: Package, version: &str) -> bool {
    let Ok(tree) = fs_err::canonicalize(tree) else {
        return false;
    };
    let inside = |path: PathBuf| {
        let real = fs_err::canonicalize(path).ok()?;
        (real.starts_with(&tree) && real.is_file()).then_some(real)
    };
    let manifest = inside(package_directory(&tree, package).join("package.json"));
    let manifest = manifest.and_then(|path| fs_err::read(path).ok());
    let manifest = manifest.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let is_it = manifest
        .is_some_and(|manifest| manifest["name"] == package.name && manifest["version"] == version);
    is_it && inside(program(&tree, tool)).is_some()
}

/// Removes whatever is there, without following a link.
fn remove(path: &Path) -> io::Result<()> {
    match fs_err::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(there) if there.is_dir() => fs_err::remove_dir_all(path),
        Ok(_) => fs_err::remove_file(path),
    }
}
