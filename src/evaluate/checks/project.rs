//! The project's files as checks see them: which there are, and what is in one.
//!
//! Nothing outside the project root is ever listed or read. Who asks for which files is `glob`'s and
//! `assess`'s matter.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::FileType;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ignore::DirEntry;
use ignore::gitignore::Gitignore;

use crate::model::is_report_name;

use super::super::ignored::{self, BadPattern};

/// A larger file is not read: whatever a check says about it fails.
const LARGEST_FILE: u64 = 50 << 20;

/// The errors that say that a path does not exist; after any other it might.
const NOTHING_THERE: [io::ErrorKind; 2] = [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory];

/// Why checks can't be evaluated at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The project root can't be used.
    #[error("can't open the project {}", .root.display())]
    Root {
        /// What was given as root.
        root: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A pattern of `testPathIgnorePatterns` can't be read.
    #[error("`{pattern}` is no ignore pattern")]
    IgnorePattern {
        /// The pattern.
        pattern: String,
        /// Why.
        source: ignore::Error,
    },
}

impl From<BadPattern> for OpenError {
    fn from(BadPattern { pattern, source }: BadPattern) -> Self {
        Self::IgnorePattern { pattern, source }
    }
}

/// The files of one project. Directories are listed when a check first asks, and remembered for the
/// run: all scenarios share one value, across threads.
#[derive(Debug)]
pub struct Project {
    bounds: Arc<Bounds>,
    in_repository: bool,
    tracked: OnceLock<Vec<PathBuf>>,
    listings: Mutex<BTreeMap<PathBuf, Arc<Listing>>>,
}

/// What is inside the project.
#[derive(Debug)]
struct Bounds {
    /// Canonical.
    root: PathBuf,
    output: PathBuf,
    ignored: Gitignore,
}

/// What lies at or below one path.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Sorted by path.
    pub(super) entries: Vec<Entry>,
    /// What could not be looked at, one fragment each: something may be there, so nobody can say
    /// that nothing is.
    pub(super) problems: Vec<String>,
}

/// Something that has a path in the project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    /// Relative to the root.
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
}

/// What kind of thing a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A directory with at least one entry that counts.
    Directory,
    /// A regular file, or a link to one inside the project.
    File,
    /// A link that leads nowhere or out of the project, a pipe, a device: it exists, and is never
    /// read.
    Other,
}

impl Project {
    /// The project at `root`. What semtest writes to `output` does not count; `ignore_patterns` are
    /// gitignore syntax, relative to the root.
    ///
    /// # Errors
    /// When the root is no readable directory, or a pattern can't be read.
    pub fn open(root: &Path, output: &Path, ignore_patterns: &[String]) -> Result<Self, OpenError> {
        let root = fs_err::canonicalize(root).map_err(|source| OpenError::Root {
            root: root.to_owned(),
            source,
        })?;
        let ignored = ignored::parse_patterns(&root, ignore_patterns)?;
        let output = root.join(output);
        let output = fs_err::canonicalize(&output).unwrap_or(output);
        Ok(Self {
            in_repository: ignored::in_repository(&root),
            bounds: Arc::new(Bounds {
                root,
                output,
                ignored,
            }),
            tracked: OnceLock::new(),
            listings: Mutex::default(),
        })
    }

    /// Files that git tracks in spite of an ignore rule, relative to the root. They count like any
    /// other: a line in a `.gitignore` must not hide from a check what a checkout has. To be called
    /// before the first check.
    pub fn add_tracked(&self, files: Vec<PathBuf>) {
        // A second call would come too late for the listings that exist.
        let _ = self.tracked.set(files);
    }

    /// What lies at `anchor` or below it; empty if nothing is there.
    pub(super) fn list(&self, anchor: &Path) -> Arc<Listing> {
        let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(listing) = listings.get(anchor) {
            return Arc::clone(listing);
        }
        let listing = Arc::new(self.walk(anchor));
        listings.insert(anchor.to_owned(), Arc::clone(&listing));
        listing
    }

    fn walk(&self, anchor: &Path) -> Listing {
        let mut listing = Listing::default();
        let mut entries = BTreeSet::new();
        match self.bounds.reach(anchor) {
            Ok(Some(kind)) if kind.is_dir() => {
                for found in self.walker(anchor) {
                    match found {
                        Ok(found) => entries.extend(
                            found
                                .file_type()
                                .and_then(|kind| self.bounds.entry(found.path(), kind)),
                        ),
                        Err(error) => listing.problems.push(self.bounds.walk_problem(&error)),
                    }
                }
            }
            Ok(Some(kind)) => {
                entries.extend(self.bounds.entry(&self.bounds.root.join(anchor), kind));
            }
            Ok(None) => {}
            Err(problem) => listing.problems.push(problem),
        }
        entries.extend(self.tracked_below(anchor));
        let directories: BTreeSet<Entry> = entries
            .iter()
            .flat_map(|entry| entry.path.ancestors().skip(1))
            .filter(|path| !path.as_os_str().is_empty())
            .map(|path| Entry {
                path: path.to_owned(),
                kind: Kind::Directory,
            })
            .collect();
        entries.extend(directories);
        listing.entries = entries.into_iter().collect();
        listing.problems.sort();
        listing
    }

    fn tracked_below<'a>(&'a self, anchor: &'a Path) -> impl Iterator<Item = Entry> + 'a {
        let tracked = self.tracked.get().into_iter().flatten();
        tracked
            .filter(move |path| path.starts_with(anchor) && !self.bounds.ignores(path))
            .filter_map(|path| {
                let absolute = self.bounds.root.join(path);
                let file_type = fs_err::symlink_metadata(&absolute).ok()?.file_type();
                self.bounds.entry(&absolute, file_type)
            })
    }

    /// Git's ignore files apply below the anchor, not to the anchor: a check that names an ignored
    /// directory means it.
    fn walker(&self, anchor: &Path) -> ignore::Walk {
        let bounds = Arc::clone(&self.bounds);
        ignored::walk(&self.bounds.root.join(anchor), self.in_repository)
            .parents(true)
            .filter_entry(move |entry| !bounds.leaves_out(entry))
            .build()
    }

    /// Whether the link `path` leads to a directory that is not below `seen`.
    pub(super) fn is_directory_outside(&self, path: &Path, seen: Option<&Path>) -> bool {
        let root = &self.bounds.root;
        let Ok(real) = fs_err::canonicalize(root.join(path)) else {
            return false;
        };
        real.is_dir() && !seen.is_some_and(|seen| real.starts_with(root.join(seen)))
    }

    /// The bytes of a file. The error is a fragment for the user.
    pub(super) fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        let failed = |error: io::Error| format!("can't be read: {}", error.kind());
        // Resolved anew for each read: since the listing, a link may have come in its place.
        let real = fs_err::canonicalize(self.bounds.root.join(path)).map_err(failed)?;
        if !self.bounds.holds(&real) {
            return Err("leads out of the project".into());
        }
        if !fs_err::metadata(&real).map_err(failed)?.is_file() {
            return Err("is no regular file".into());
        }
        let file = fs_err::File::open(&real).map_err(failed)?;
        let mut content = Vec::new();
        file.take(LARGEST_FILE + 1)
            .read_to_end(&mut content)
            .map_err(failed)?;
        if content.len() as u64 > LARGEST_FILE {
            return Err("is larger than 50 MB, and not read".into());
        }
        Ok(content)
    }
}

impl Bounds {
    /// Whether a canonical path is in the project, and neither Git's nor ours.
    fn holds(&self, real: &Path) -> bool {
        real.strip_prefix(&self.root)
            .is_ok_and(|path| !is_git(path))
            && !self.is_output(real)
    }

    /// Whether a path is one of the files that semtest writes. Whatever else lies in the output
    /// directory is looked at: naming `src` as the output must not hide the code from a check.
    fn is_output(&self, absolute: &Path) -> bool {
        let below = absolute.strip_prefix(&self.output).ok();
        let first = below.and_then(|below| below.components().next());
        first.is_some_and(|name| is_report_name(&name.as_os_str().to_string_lossy()))
    }

    /// What is at `anchor`, reached through directories only; `None` if nothing is there.
    fn reach(&self, anchor: &Path) -> Result<Option<FileType>, String> {
        let mut path = self.root.clone();
        if self.is_output(&path.join(anchor)) {
            return Err(format!(
                "`{}` is written by semtest itself, and checks don't look into it",
                anchor.display()
            ));
        }
        let mut kind = self.look(&path)?;
        for name in anchor.components() {
            path.push(name);
            kind = self.look(&path)?;
            if kind.is_some_and(|kind| kind.is_symlink()) && path.is_dir() {
                return Err(format!(
                    "`{}` is a symbolic link to a directory, which checks don't follow",
                    self.name(&path)
                ));
            }
        }
        Ok(kind)
    }

    fn look(&self, path: &Path) -> Result<Option<FileType>, String> {
        match fs_err::symlink_metadata(path) {
            Ok(metadata) => Ok(Some(metadata.file_type())),
            Err(error) if NOTHING_THERE.contains(&error.kind()) => Ok(None),
            Err(error) => Err(format!(
                "can't look at `{}`: {}",
                self.name(path),
                error.kind()
            )),
        }
    }

    fn leaves_out(&self, entry: &DirEntry) -> bool {
        let Ok(path) = entry.path().strip_prefix(&self.root) else {
            return true;
        };
        let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
        is_git(path)
            || self.is_output(entry.path())
            || self.ignored.matched(path, is_directory).is_ignore()
    }

    /// The same for a file that no walk found.
    fn ignores(&self, path: &Path) -> bool {
        is_git(path)
            || self.is_output(&self.root.join(path))
            || self
                .ignored
                .matched_path_or_any_parents(path, false)
                .is_ignore()
    }

    /// `None` for a directory: it counts through what is in it.
    fn entry(&self, absolute: &Path, file_type: FileType) -> Option<Entry> {
        let path = absolute.strip_prefix(&self.root).ok()?.to_owned();
        let kind = if file_type.is_dir() {
            return None;
        } else if file_type.is_file() || (file_type.is_symlink() && self.is_file(absolute)) {
            Kind::File
        } else {
            Kind::Other
        };
        Some(Entry { path, kind })
    }

    fn is_file(&self, link: &Path) -> bool {
        fs_err::canonicalize(link).is_ok_and(|real| self.holds(&real) && real.is_file())
    }

    /// A path as reports show it: relative to the root.
    fn name(&self, absolute: &Path) -> String {
        absolute
            .strip_prefix(&self.root)
            .unwrap_or(absolute)
            .display()
            .to_string()
    }

    fn walk_problem(&self, error: &ignore::Error) -> String {
        let reason = error
            .io_error()
            .map_or_else(|| "unknown".into(), |error| error.kind().to_string());
        match path_of(error) {
            Some(path) => format!("can't look into `{}`: {reason}", self.name(path)),
            None => format!("can't look at every file: {reason}"),
        }
    }
}

fn is_git(path: &Path) -> bool {
    path.components()
        .any(|name| name.as_os_str().eq_ignore_ascii_case(".git"))
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        ignore::Error::Partial(_)
        | ignore::Error::Loop { .. }
        | ignore::Error::Io(_)
        | ignore::Error::Glob { .. }
        | ignore::Error::UnrecognizedFileType(_)
        | ignore::Error::InvalidDefinition => None,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    struct Tree(tempfile::TempDir);

    impl Tree {
        fn of(files: &[(&str, &str)]) -> Self {
            let directory = tempfile::tempdir().unwrap();
            for (path, content) in files {
                let path = directory.path().join(path);
                fs_err::create_dir_all(path.parent().unwrap()).unwrap();
                fs_err::write(path, content).unwrap();
            }
            Self(directory)
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn open(&self) -> Project {
            let patterns = ["node_modules".to_owned(), "./dist".to_owned()];
            Project::open(self.0.path(), Path::new("out/"), &patterns).unwrap()
        }

        fn files(&self, anchor: &str) -> Vec<String> {
            paths(&self.open().list(Path::new(anchor)), Kind::File)
        }
    }

    fn paths(listing: &Listing, kind: Kind) -> Vec<String> {
        listing
            .entries
            .iter()
            .filter(|entry| entry.kind == kind)
            .map(|entry| entry.path.display().to_string())
            .collect()
    }

    #[test]
    fn ignored_files_count_only_when_they_are_named() {
        let tree = Tree::of(&[
            (".gitignore", "/build/\n*.log\n"),
            ("a.js", ""),
            ("a.log", ""),
            (".env", ""),
            ("build/x.js", ""),
            ("build/x.log", ""),
            ("dist/y.js", ""),
            ("dist/node_modules/z.js", ""),
            ("distance.js", ""),
            ("out/latest.md", ""),
            (".git/config", ""),
        ]);
        assert_eq!(
            tree.files(""),
            [".env", ".gitignore", "a.js", "distance.js"]
        );
        assert_eq!(tree.files("build"), ["build/x.js"]);
        assert_eq!(tree.files("a.log"), ["a.log"]);
        assert_eq!(tree.files("dist"), ["dist/y.js"]);
        assert_eq!(tree.files("nowhere"), [""; 0]);
        assert_eq!(tree.files("a.js/x"), [""; 0]);
    }

    #[test]
    fn ignore_files_count_without_a_repository_and_stop_at_one() {
        let tree = Tree::of(&[
            (".gitignore", "*.js\n"),
            ("repo/.git/HEAD", ""),
            ("repo/.gitignore", "*.log\n"),
            ("repo/sub/a.js", ""),
            ("repo/sub/a.log", ""),
            ("repo/sub/deep/b.log", ""),
            ("plain/.gitignore", "*.log\n"),
            ("plain/a.log", ""),
            ("plain/a.md", ""),
        ]);
        let files = |root: &str, anchor: &str| {
            let project = Project::open(&tree.path(root), Path::new("out"), &[]).unwrap();
            paths(&project.list(Path::new(anchor)), Kind::File)
        };
        assert_eq!(files("repo/sub", ""), ["a.js"]);
        assert_eq!(files("repo/sub", "deep"), [""; 0]);
        assert_eq!(files("plain", ""), [".gitignore", "a.md"]);
    }

    #[test]
    fn directories_are_those_that_hold_something() {
        let tree = Tree::of(&[("a/b/c.txt", "")]);
        fs_err::create_dir(tree.path("empty")).unwrap();
        let listing = tree.open().list(Path::new(""));
        assert_eq!(paths(&listing, Kind::Directory), ["a", "a/b"]);
    }

    #[test]
    fn reports_are_out_of_reach_even_when_named_and_what_lies_beside_them_is_not() {
        let tree = Tree::of(&[
            ("out/latest.md", ""),
            ("out/debug/a.json", ""),
            ("out/b.js", ""),
        ]);
        let listing = tree.open().list(Path::new("out/latest.md"));
        assert_eq!(listing.entries, []);
        assert!(listing.problems[0].contains("written by semtest itself"));
        let all = tree.open().list(Path::new(""));
        assert_eq!(paths(&all, Kind::File), ["out/b.js"]);
    }

    #[test]
    fn links_out_of_the_project_are_never_files() {
        let outside = Tree::of(&[("secret", "s")]);
        let tree = Tree::of(&[("real/inside", "i"), (".git/config", "g")]);
        symlink(outside.path("secret"), tree.path("leak")).unwrap();
        symlink(outside.0.path(), tree.path("leaks")).unwrap();
        symlink("real/inside", tree.path("good")).unwrap();
        symlink(".git/config", tree.path("git")).unwrap();
        symlink("nowhere", tree.path("dangling")).unwrap();
        symlink(".", tree.path("loop")).unwrap();
        let project = tree.open();
        let listing = project.list(Path::new(""));
        assert_eq!(paths(&listing, Kind::File), ["good", "real/inside"]);
        assert_eq!(
            paths(&listing, Kind::Other),
            ["dangling", "git", "leak", "leaks", "loop"]
        );
        assert_eq!(project.read(Path::new("good")).unwrap(), b"i");
        for leak in [
            "leak",
            "leaks/secret",
            "../x",
            "/etc/passwd",
            "git",
            ".git/config",
        ] {
            assert!(project.read(Path::new(leak)).is_err(), "{leak}");
        }
        for name in ["dangling", "leak"] {
            let listing = project.list(Path::new(name));
            assert_eq!(paths(&listing, Kind::Other), [name]);
            assert_eq!(listing.problems, [""; 0]);
        }
        for link in ["leaks/secret", "leaks", "loop/real"] {
            let listing = project.list(Path::new(link));
            assert_eq!(listing.entries, [], "{link}");
            assert!(listing.problems[0].contains("symbolic link"), "{link}");
        }
    }

    #[test]
    fn a_link_that_came_after_the_listing_is_not_followed() {
        let outside = Tree::of(&[("secret", "s")]);
        let tree = Tree::of(&[("a/b", "")]);
        let project = tree.open();
        assert_eq!(paths(&project.list(Path::new("")), Kind::File), ["a/b"]);
        fs_err::remove_file(tree.path("a/b")).unwrap();
        symlink(outside.path("secret"), tree.path("a/b")).unwrap();
        assert_eq!(
            project.read(Path::new("a/b")).unwrap_err(),
            "leads out of the project"
        );
    }

    #[test]
    fn pipes_are_not_opened_and_huge_files_not_read() {
        let tree = Tree::of(&[]);
        let made = std::process::Command::new("mkfifo")
            .arg(tree.path("pipe"))
            .status()
            .unwrap();
        assert!(made.success());
        let huge = fs_err::File::create(tree.path("huge")).unwrap();
        huge.set_len(LARGEST_FILE + 1).unwrap();
        let project = tree.open();
        let listing = project.list(Path::new(""));
        assert_eq!(paths(&listing, Kind::Other), ["pipe"]);
        assert_eq!(
            project.read(Path::new("pipe")).unwrap_err(),
            "is no regular file"
        );
        assert!(
            project
                .read(Path::new("huge"))
                .unwrap_err()
                .contains("50 MB")
        );
    }

    #[test]
    fn a_directory_that_can_not_be_listed_is_a_problem() {
        let tree = Tree::of(&[("shut/a", ""), ("open/b", "")]);
        let shut = tree.path("shut");
        let permit =
            |mode| fs_err::set_permissions(&shut, std::fs::Permissions::from_mode(mode)).unwrap();
        permit(0o000);
        // Root may list everything, so there is nothing to see then.
        let readable = fs_err::read_dir(&shut).is_ok();
        let listing = tree.open().list(Path::new(""));
        permit(0o755);
        if !readable {
            assert_eq!(
                listing.problems,
                ["can't look into `shut`: permission denied"]
            );
        }
        assert!(paths(&listing, Kind::File).contains(&"open/b".to_owned()));
    }

    #[test]
    fn a_project_that_is_not_there_is_an_error() {
        let error = Project::open(Path::new("/nowhere/at/all"), Path::new("out"), &[]);
        assert!(matches!(error, Err(OpenError::Root { .. })));
    }
}
