//! The LLM CLIs of a step: installed before `run` by a process without any key, as the user that `run`
//! will be, and then taken from that user: no judge changes the programs of the next one.
//!
//! The directory may come from a cache, packed by whoever ran the job before: its files have any owner
//! and mode, and links in the place of directories are not followed.

use std::ffi::{OsStr, OsString};
use std::fs::{Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, lchown};
use std::path::{Path, PathBuf};

use crate::action::{Step, Wanted};
use crate::env::Env;
use crate::evaluate::{UNFINISHED, install_variables, tools};
use crate::exit::Exit;
use crate::process::{self, Relay, Relayed, StandardInput};
use crate::sanitize::is_secret_name;
use crate::tree::{self, Temporary};

use super::super::Place;
use super::super::error::CommandError;
use super::ground::Ground;
use super::{NOT_STARTED, PATIENCE};

/// The name of our directory among the runner's temporary files.
const CACHE: &str = "semtest";

/// What tells which pull request this is, and what a configuration file may ask for.
const VARIABLES: [&str; 22] = [
    "CI",
    "GITHUB_ACTIONS",
    "GITHUB_ACTOR",
    "GITHUB_API_URL",
    "GITHUB_BASE_REF",
    "GITHUB_EVENT_NAME",
    "GITHUB_EVENT_PATH",
    "GITHUB_GRAPHQL_URL",
    "GITHUB_HEAD_REF",
    "GITHUB_JOB",
    "GITHUB_REF",
    "GITHUB_REF_NAME",
    "GITHUB_REPOSITORY",
    "GITHUB_RUN_ID",
    "GITHUB_SERVER_URL",
    "GITHUB_SHA",
    "GITHUB_TRIGGERING_ACTOR",
    "GITHUB_WORKFLOW",
    "GITHUB_WORKSPACE",
    "LANG",
    "NODE_ENV",
    "PWD",
];

/// The programs that were installed.
pub(super) struct Programs {
    bin: Option<PathBuf>,
    /// Where no cache keeps them.
    _kept: Option<Temporary>,
}

impl Programs {
    /// `env` with these before all others.
    pub(super) fn first_on_path(&self, env: &Env) -> Env {
        let Some(bin) = &self.bin else {
            return env.clone();
        };
        let mut directories = vec![bin.clone()];
        directories.extend(env.search_path());
        env.with_search_path(&directories)
    }
}

/// What is to be installed, and for what.
pub(super) struct Installation<'step> {
    pub(super) step: &'step Step,
    /// The arguments of `run`.
    pub(super) run: &'step [OsString],
    /// This program.
    pub(super) own: &'step Path,
    /// Where `run` starts.
    pub(super) directory: &'step Path,
}

impl Installation<'_> {
    /// Installs what the step wants; `Err` within is how a run ended that was not started.
    ///
    /// # Errors
    /// When the installing process can't be started, or its directory not be made.
    pub(super) fn install(
        &self,
        place: &Place,
        ground: &Ground,
    ) -> Result<Result<Programs, Relay>, CommandError> {
        let step = self.step;
        let words: &[String] = match &step.wanted {
            Wanted::Nothing => {
                return Ok(Ok(Programs {
                    bin: None,
                    _kept: None,
                }));
            }
            Wanted::Needed => &[],
            Wanted::These(words) => words,
        };
        let (cache, kept) = cache(step, place).map_err(CommandError::NoShelf)?;
        let store = Shelf::prepare(&cache, place, ground.user()).map_err(CommandError::NoShelf)?;
        let mut arguments: Vec<OsString> = vec!["install".into(), "--directory".into()];
        arguments.push(store.directory.clone().into());
        arguments.push("--".into());
        if words.is_empty() {
            arguments.extend(self.run.iter().cloned());
        } else {
            // Before the border, and still no flags: none of them begins with a dash.
            let border = arguments.len() - 1;
            let words = words.iter().map(|word| word.trim_start_matches('-').into());
            arguments.splice(border..border, words);
        }
        let ended = process::relay(&Relayed {
            program: self.own.to_owned(),
            arguments,
            directory: self.directory.to_owned(),
            environment: environment(&step.run_environment, ground.home()),
            stdin: StandardInput::Nothing,
            user: ground.user(),
            is_confined: true,
            hidden: step.token.as_ref().map(|token| token.reveal().to_owned()),
            patience: Some(PATIENCE),
        });
        if ended.as_ref().is_ok_and(|ended| !ended.is_over) {
            return Err(CommandError::LeftOver);
        }
        store.finish().map_err(CommandError::NoShelf)?;
        let ended = ended?;
        Ok(match (Exit::of(ended.code), ended.interruption) {
            (Exit::Passed, None) => Ok(Programs {
                bin: Some(store.directory.join("bin")),
                _kept: kept,
            }),
            (_, Some(_)) => Err(ended),
            (_, None) => Err(Relay {
                code: NOT_STARTED,
                ..ended
            }),
        })
    }
}

/// The directory that a cache step keeps. Where nothing names one, it goes with the step.
fn cache(step: &Step, place: &Place) -> io::Result<(PathBuf, Option<Temporary>)> {
    let temporary = || Some(Path::new(place.env.get("RUNNER_TEMP")?).join(CACHE));
    let named = step.cache_directory.as_ref().map(PathBuf::from);
    if let Some(cache) = named.or_else(temporary) {
        return Ok((place.directory.join(cache), None));
    }
    let kept = Temporary::new("semtest-agents-", 0o755)?;
    Ok((kept.path().to_owned(), Some(kept)))
}

/// No key, whatever its name: what passes is on a list.
fn environment(env: &Env, home: &Path) -> Vec<(OsString, OsString)> {
    let mut variables = install_variables(env);
    let configured = |name: &str| name.starts_with("SEMTEST_") && !is_secret_name(name);
    let passes = |name: &str| VARIABLES.contains(&name) || configured(name);
    for (name, value) in env.iter() {
        if name.to_str().is_some_and(passes) {
            variables.push((name.to_owned(), value.to_owned()));
        }
    }
    for name in ["HOME", "TMPDIR"] {
        variables.push((name.into(), home.into()));
    }
    variables
}

/// The directory of CLIs, on loan to the user of `run`.
struct Shelf {
    directory: PathBuf,
    user: Option<u32>,
    /// User and group of the workspace.
    owner: (u32, u32),
}

impl Shelf {
    fn prepare(cache: &Path, place: &Place, user: Option<u32>) -> io::Result<Self> {
        let workspace = fs_err::metadata(&place.directory)?;
        let shelf = Self {
            directory: cache.join("agents"),
            user,
            owner: (workspace.uid(), workspace.gid()),
        };
        // Of the workspace, a stranger may have written every part.
        let below = cache.ancestors().filter(|path| *path != place.directory);
        let mut below = below.take_while(|path| path.starts_with(&place.directory));
        if let Some(link) = below.find(|path| path.is_symlink()) {
            return Err(not_a_directory(link));
        }
        let missing = cache.ancestors().take_while(|path| !path.exists());
        let missing: Vec<&Path> = missing.collect();
        for directory in missing.into_iter().rev() {
            fs_err::create_dir(directory)?;
            if user.is_some() {
                lchown(directory, Some(shelf.owner.0), Some(shelf.owner.1))?;
            }
        }
        refuse_link(cache)?;
        if fs_err::symlink_metadata(&shelf.directory).is_err() {
            fs_err::create_dir(&shelf.directory)?;
        }
        refuse_link(&shelf.directory)?;
        // A cache may be a stranger's: only what is installed or found whole now is linked to again.
        shelf.clear_bin(|_| false)?;
        if let Some(user) = user {
            let give = |path: &Path, _: &Metadata| lchown(path, Some(user), Some(user));
            walk(&shelf.directory, &give)?;
        }
        Ok(shelf)
    }

    /// Takes away what an interrupted installation left and what is no link of ours in `bin/`, which
    /// comes first on `PATH`. Then everything is the owner's, readable for all and writable for no
    /// other.
    fn finish(&self) -> io::Result<()> {
        for entry in fs_err::read_dir(&self.directory)? {
            let entry = entry?;
            let name = entry.file_name();
            if name.to_string_lossy().starts_with(UNFINISHED) && entry.file_type()?.is_dir() {
                tree::remove(&entry.path())?;
            }
        }
        self.clear_bin(|name| tools().iter().any(|tool| name == tool.binary))?;
        let Some(_) = self.user else {
            return Ok(());
        };
        walk(&self.directory, &|path, metadata| {
            lchown(path, Some(self.owner.0), Some(self.owner.1))?;
            if !metadata.is_symlink() {
                let own = metadata.mode() & 0o700;
                let shared = own | (own & 0o500) >> 3 | (own & 0o500) >> 6;
                fs_err::set_permissions(path, Permissions::from_mode(shared))?;
            }
            Ok(())
        })
    }

    /// Removes everything from `bin/` but links with the names that `keeps` is true of.
    fn clear_bin(&self, keeps: impl Fn(&OsStr) -> bool) -> io::Result<()> {
        let bin = self.directory.join("bin");
        if fs_err::symlink_metadata(&bin).is_err() {
            return Ok(());
        }
        refuse_link(&bin)?;
        for entry in fs_err::read_dir(&bin)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                tree::remove(&entry.path())?;
            } else if !kind.is_symlink() || !keeps(&entry.file_name()) {
                fs_err::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

/// Does something with `path` and all below it. Follows no link. No installation makes anything but files,
/// directories and links; and a file with another name may be anybody's elsewhere. Both are removed: what is
/// not whole is installed anew.
fn walk(path: &Path, act: &impl Fn(&Path, &Metadata) -> io::Result<()>) -> io::Result<()> {
    let metadata = fs_err::symlink_metadata(path)?;
    let is_single_file = metadata.is_file() && metadata.nlink() == 1;
    if !is_single_file && !metadata.is_dir() && !metadata.is_symlink() {
        return fs_err::remove_file(path);
    }
    act(path, &metadata)?;
    if metadata.is_dir() {
        for entry in fs_err::read_dir(path)? {
            walk(&entry?.path(), act)?;
        }
    }
    Ok(())
}

fn refuse_link(path: &Path) -> io::Result<()> {
    if fs_err::symlink_metadata(path)?.is_dir() {
        return Ok(());
    }
    Err(not_a_directory(path))
}

fn not_a_directory(path: &Path) -> io::Error {
    io::Error::other(format!("`{}` is no directory of its own", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_there_where_programs_are_installed() {
        let env = Env::from_iter([
            ("ANTHROPIC_API_KEY", "x"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("GITHUB_PAT", "x"),
            ("GITHUB_SHA", "1"),
            ("HOME", "/h"),
            ("HTTPS_PROXY", "p"),
            ("MY_VARIABLE", "x"),
            ("NPM_TOKEN", "x"),
            ("PATH", "/bin"),
            ("SEMTEST_API_KEY", "x"),
            ("SEMTEST_MODE", "fast"),
            ("TMPDIR", "/t"),
        ]);
        let variables = environment(&env, Path::new("/fresh"));
        let mut shown: Vec<String> = variables
            .iter()
            .map(|(name, value)| format!("{}={}", name.display(), value.display()))
            .collect();
        shown.sort();
        let expected = [
            "GITHUB_SHA=1",
            "HOME=/fresh",
            "HTTPS_PROXY=p",
            "PATH=/bin",
            "SEMTEST_MODE=fast",
            "TMPDIR=/fresh",
        ];
        assert_eq!(shown, expected);
    }
}
