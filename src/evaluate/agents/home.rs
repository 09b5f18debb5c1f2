//! Which HOME an agent gets, and what lies on disk for the time of one call.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::AgentHome;
use crate::tree::Temporary;

use super::leaving::Leaving;
use super::registry::{HomeFile, SettingsFile};

/// Whose HOME an agent sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// The user's, with logins and settings.
    Own,
    /// One that lives as long as a call.
    Fresh,
}

impl Home {
    /// What the user's choice comes to. In CI nobody is logged in, and the runner's HOME is shared
    /// with the other steps of the job.
    pub(super) fn choose(wanted: AgentHome, is_ci: bool, needs_no_login: bool) -> Self {
        match wanted {
            AgentHome::Temporary => Self::Fresh,
            AgentHome::Auto if is_ci || needs_no_login => Self::Fresh,
            AgentHome::Inherit | AgentHome::Auto => Self::Own,
        }
    }
}

/// What one call has on disk beside the project; gone when this is dropped, however the call ended.
#[derive(Debug, Default)]
pub(super) struct CallFiles {
    /// Variables that lead there.
    pub(super) variables: Vec<(OsString, OsString)>,
    kept: Vec<Temporary>,
    leavings: Vec<Leaving>,
}

impl CallFiles {
    /// Makes a fresh HOME with these files in it.
    pub(super) fn add_home(&mut self, files: &[HomeFile]) -> io::Result<()> {
        let home = directory("semtest-home-")?;
        // Inside, so that what a tool drops there (crash reports with prompts) goes with it.
        let temporary = home.path().join("tmp");
        fs_err::create_dir(&temporary)?;
        for file in files {
            let path = home.path().join(file.path);
            if let Some(parent) = path.parent() {
                fs_err::create_dir_all(parent)?;
            }
            fs_err::write(path, file.text)?;
        }
        self.variables
            .push(("HOME".into(), home.path().as_os_str().to_owned()));
        self.variables.push(("TMPDIR".into(), temporary.into()));
        self.kept.push(home);
        Ok(())
    }

    /// Writes settings files, each in a directory of its own.
    pub(super) fn add_settings(&mut self, files: &[SettingsFile]) -> io::Result<()> {
        for file in files {
            let directory = directory("semtest-settings-")?;
            let path = directory.path().join("settings.json");
            fs_err::write(&path, file.text)?;
            self.variables.push((file.variable.into(), path.into()));
            self.kept.push(directory);
        }
        Ok(())
    }

    /// Writes the prompt, and returns where.
    pub(super) fn add_prompt(&mut self, prompt: &str) -> io::Result<PathBuf> {
        let directory = directory("semtest-prompt-")?;
        let path = directory.path().join("prompt.md");
        fs_err::write(&path, prompt)?;
        self.kept.push(directory);
        Ok(path)
    }

    /// Removes these files from `directory` after the call, unless they are there already.
    pub(super) fn watch(&mut self, directory: &Path, leaves: &[&str]) {
        let paths = leaves.iter().map(|name| directory.join(name));
        self.leavings = paths.filter_map(Leaving::expect).collect();
    }
}

/// For this user alone: prompts and settings are nobody else's business.
fn directory(prefix: &str) -> io::Result<Temporary> {
    Temporary::new(prefix, 0o700)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::model::Provider;

    #[test]
    fn the_home_is_the_users_on_a_laptop_and_fresh_in_ci() {
        let auto = |is_ci, needs_no_login| Home::choose(AgentHome::Auto, is_ci, needs_no_login);
        assert_eq!(auto(false, false), Home::Own);
        assert_eq!(auto(true, false), Home::Fresh);
        assert_eq!(auto(false, true), Home::Fresh);
        assert_eq!(Home::choose(AgentHome::Inherit, true, true), Home::Own);
        assert_eq!(
            Home::choose(AgentHome::Temporary, false, false),
            Home::Fresh
        );
    }

    #[test]
    fn a_fresh_home_holds_its_files_and_is_gone_after_the_call() {
        let mut files = CallFiles::default();
        let file = HomeFile {
            providers: &[Provider::Api],
            path: ".tool/settings.json",
            text: "{}",
        };
        files.add_home(&[file]).unwrap();
        let home = PathBuf::from(&files.variables[0].1);
        let temporary = PathBuf::from(&files.variables[1].1);
        assert_eq!(
            fs_err::read_to_string(home.join(".tool/settings.json")).unwrap(),
            "{}"
        );
        assert!(temporary.is_dir() && temporary.starts_with(&home));
        drop(files);
        assert!(!home.exists());
    }

    #[test]
    fn a_settings_file_lies_in_a_directory_of_this_user_alone() {
        let mut files = CallFiles::default();
        let file = SettingsFile {
            variable: "SETTINGS",
            text: "{}",
        };
        files.add_settings(&[file]).unwrap();
        let path = PathBuf::from(&files.variables[0].1);
        let directory = path.parent().unwrap().to_owned();
        let mode = fs_err::metadata(&directory).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
        drop(files);
        assert!(!directory.exists());
    }
}
