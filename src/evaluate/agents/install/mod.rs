//! Installing LLM CLIs from the npm registry. No shell, no lifecycle scripts, no token, exact versions.
//!
//! A tool in one version is one directory, which appears when it is whole and not before: the work is
//! done beside it, and a rename ends it.

mod error;
mod npm;
mod shelf;
mod wanted;

use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::process::Cancel;

pub use error::InstallError;
pub use npm::install_variables;
use npm::{Npm, Work};
pub use shelf::UNFINISHED;
use shelf::{Shelf, is_whole, package_directory, program};
use wanted::Version;
pub use wanted::Wanted;

/// A CLI that is there now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// Its version.
    pub version: String,
    /// Where it can be started.
    pub program: PathBuf,
    /// Whether it was there before.
    pub was_there: bool,
}

/// Installs CLIs into one directory.
pub struct Installer {
    shelf: Shelf,
    env: Env,
}

impl Installer {
    /// For this directory, which is made if need be. npm gets a small part of `env`.
    ///
    /// # Errors
    /// When there is no way to write there.
    pub fn open(directory: &Path, env: &Env) -> Result<Self, InstallError> {
        Ok(Self {
            shelf: Shelf::open(directory)?,
            env: env.clone(),
        })
    }

    /// Installs what is not there in the right version, and links to its program.
    ///
    /// # Errors
    /// When it can't be installed; nothing of it is left then.
    pub async fn install(
        &self,
        wanted: &Wanted,
        cancel: &Cancel,
    ) -> Result<Installation, InstallError> {
        let (tool, package) = (wanted.tool, wanted.package);
        let version = match &wanted.version {
            Version::Exact(version) => version.clone(),
            Version::Newest => self.newest(wanted, cancel).await?,
        };
        let was_there = self.shelf.has(tool, package, &version);
        if !was_there {
            self.add(wanted, &version, cancel).await?;
        }
        Ok(Installation {
            program: self.shelf.link(tool, &version)?,
            version,
            was_there,
        })
    }

    async fn newest(&self, wanted: &Wanted, cancel: &Cancel) -> Result<String, InstallError> {
        let workshop = self.shelf.workshop()?;
        let work = Work {
            package: format!("{}@latest", wanted.package.name),
            home: workshop.path(),
            cancel,
        };
        Npm::find(&self.env)?
            .newest(wanted.package.name, &work)
            .await
    }

    async fn add(
        &self,
        wanted: &Wanted,
        version: &str,
        cancel: &Cancel,
    ) -> Result<(), InstallError> {
        let npm = Npm::find(&self.env)?;
        let (tool, package) = (wanted.tool, wanted.package);
        let workshop = self.shelf.workshop()?;
        let [home, tree] = ["home", "tree"].map(|name| workshop.path().join(name));
        fs_err::create_dir(&home)?;
        fs_err::create_dir(&tree)?;
        let work = Work {
            package: format!("{}@{version}", package.name),
            home: &home,
            cancel,
        };
        npm.unpack(&tree, &work).await?;
        if let Some(script) = package.script {
            let directory = package_directory(&tree, package);
            npm.set_up(&directory, script, &work).await?;
        }
        if !is_whole(&tree, tool, package, version) {
            return Err(InstallError::Broken {
                package: work.package,
                program: tool.binary,
                said: "npm laid no such program".into(),
            });
        }
        npm.try_out(&program(&tree, tool), tool.binary, &work)
            .await?;
        self.shelf.take(&tree, tool, package, version)
    }
}
