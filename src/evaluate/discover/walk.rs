//! Walks a directory for spec files, entering only what can hold one. What the patterns mean is
//! [`super::patterns`]'s, what git hides is [`super::git_ignores`]'s.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ignore::gitignore::Gitignore;
use ignore::{DirEntry, WalkBuilder, WalkState};

use super::error::DiscoverError;
use super::git_ignores::GitIgnores;
use super::patterns::{Reach, TestMatch};

/// What decides whether a path is a spec file.
pub(super) struct Rules {
    /// The project root, canonical.
    pub(super) root: PathBuf,
    pub(super) test_match: TestMatch,
    pub(super) ignored: Gitignore,
    /// The output directory relative to `root`, if it is below it.
    pub(super) output: Option<PathBuf>,
}

/// What a walk found, in no particular order.
#[derive(Default)]
pub(super) struct Walked {
    /// Relative to the project root.
    pub(super) files: Vec<PathBuf>,
    pub(super) warnings: Vec<String>,
    error: Option<DiscoverError>,
}

/// Every spec file below the directory `start`, which is relative to the project root.
pub(super) fn walk(rules: &Arc<Rules>, start: &Path) -> Result<Walked, DiscoverError> {
    let mut git = GitIgnores::new(&rules.root);
    if git.hides(start) {
        git.enter_anyway(start);
    }
    let walked = Mutex::new(Walked::default());
    WalkBuilder::new(rules.root.join(start))
        .standard_filters(false)
        .filter_entry(may_matter(rules, start, git))
        .build_parallel()
        .run(|| {
            Box::new(|entry| {
                visit(rules, entry, &walked);
                WalkState::Continue
            })
        });
    let mut walked = walked.into_inner().unwrap_or_else(PoisonError::into_inner);
    match walked.error.take() {
        Some(error) => Err(error),
        None => Ok(walked),
    }
}

/// Runs once an entry, so it comes cheap: most files end at their name.
fn may_matter(
    rules: &Arc<Rules>,
    start: &Path,
    git: GitIgnores,
) -> impl Fn(&DirEntry) -> bool + Send + Sync + 'static {
    let rules = Arc::clone(rules);
    let given = start.components().count();
    let git = Mutex::new(git);
    move |entry| {
        let Ok(relative) = entry.path().strip_prefix(&rules.root) else {
            return false;
        };
        let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
        if is_directory {
            enters(&rules, relative, given, &git)
        } else {
            rules.test_match.matches(relative)
                && rules.test_match.admits_dots(relative, given)
                && !rules.ignored.matched(relative, false).is_ignore()
        }
    }
}

fn enters(rules: &Rules, directory: &Path, given: usize, git: &Mutex<GitIgnores>) -> bool {
    let reach = rules.test_match.reach(directory, given);
    if reach == Reach::Never
        || rules.ignored.matched(directory, true).is_ignore()
        || rules.output.as_deref() == Some(directory)
    {
        return false;
    }
    let mut git = lock(git);
    let hidden = git.hides(directory);
    if hidden && reach == Reach::Named {
        git.enter_anyway(directory);
    }
    !hidden || reach == Reach::Named
}

fn visit(rules: &Rules, entry: Result<DirEntry, ignore::Error>, walked: &Mutex<Walked>) {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => return keep_error(rules, error, &mut lock(walked)),
    };
    let kind = entry.file_type();
    if kind.is_some_and(|kind| kind.is_dir()) {
        return;
    }
    let Ok(relative) = entry.path().strip_prefix(&rules.root) else {
        return;
    };
    // A link to a directory is never followed: it could lead in circles. Any other link is a file,
    // and where it leads nowhere or out of the project, reading it says so.
    if kind.is_some_and(|kind| kind.is_symlink()) && entry.path().is_dir() {
        return;
    }
    lock(walked).files.push(relative.to_owned());
}

/// A directory that can't be listed may hold specs, so nothing was discovered for sure. Of several
/// errors the first by path is kept, so that the message does not depend on threads.
fn keep_error(rules: &Rules, error: ignore::Error, walked: &mut Walked) {
    let path = path_of(&error).map_or_else(PathBuf::new, |path| {
        path.strip_prefix(&rules.root).unwrap_or(path).to_owned()
    });
    let source = error
        .into_io_error()
        .unwrap_or_else(io::Error::last_os_error);
    // It was there when its parent was listed, so somebody just removed it.
    if source.kind() == io::ErrorKind::NotFound {
        return;
    }
    let earlier = match &walked.error {
        Some(DiscoverError::Unreadable { path, .. }) => Some(path.as_os_str()),
        _ => None,
    };
    if earlier.is_none_or(|earlier: &OsStr| path.as_os_str() < earlier) {
        walked.error = Some(DiscoverError::Unreadable { path, source });
    }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    if let ignore::Error::WithPath { path, .. } = error {
        return Some(path);
    }
    if let ignore::Error::WithDepth { err, .. } = error {
        return path_of(err);
    }
    None
}

/// A panic of another thread leaves nothing half done here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::discover::project::Project;

    #[test]
    fn git_hides_directories_but_no_file_that_matches() {
        let files = ["draft.spec.md", "target/a.spec.md", "src/a.spec.md"];
        let project = Project::with(&files);
        project.write(".gitignore", "draft.spec.md\ntarget/\n");
        assert_eq!(project.paths(&[]), ["draft.spec.md", "src/a.spec.md"]);
        fs_err::create_dir(project.root().join(".git")).unwrap();
        assert_eq!(project.paths(&[]), ["draft.spec.md", "src/a.spec.md"]);
    }

    #[test]
    fn a_hidden_directory_is_entered_where_a_pattern_names_it() {
        let files = [
            "build/specs/deep/a.spec.md",
            "build/specs/cache/b.spec.md",
            "build/c.spec.md",
        ];
        let project = Project::with(&files).test_match(&["build/specs/**/*.spec.md"]);
        project.write(".gitignore", "build/\n");
        project.write("build/specs/.gitignore", "cache/\n");
        assert_eq!(project.paths(&[]), ["build/specs/deep/a.spec.md"]);
        let project = project.test_match(&["**/build/*.spec.md"]);
        assert_eq!(project.paths(&[]), ["build/c.spec.md"]);
    }

    #[test]
    fn ignore_files_count_up_to_the_git_root_and_those_of_one_machine_do_not() {
        let project = Project::with(&["out/a.spec.md", "tmp/a.spec.md", "deep/logs/a.spec.md"]);
        let above = project.outside();
        fs_err::write(above.join(".gitignore"), "out/\n").unwrap();
        project.write("deep/.gitignore", "logs/\n");
        let without_repository = ["out/a.spec.md", "tmp/a.spec.md"];
        assert_eq!(project.paths(&[]), without_repository);
        fs_err::create_dir_all(above.join(".git/info")).unwrap();
        fs_err::write(above.join(".git/info/exclude"), "root/tmp/\n").unwrap();
        assert_eq!(project.paths(&[]), ["tmp/a.spec.md"]);
        project.write(".git/info/exclude", "tmp/\n");
        assert_eq!(project.paths(&[]), without_repository);
    }

    #[test]
    fn ignore_patterns_are_gitignore_lines_on_whole_components() {
        let files = [
            "dist/a.spec.md",
            "distance.spec.md",
            "build/a.spec.md",
            "x/build/a.spec.md",
            "keep/no.spec.md",
            "keep/yes.spec.md",
        ];
        let patterns = ["dist", "/build", "keep/*", "!yes.spec.md"];
        let project = Project::with(&files).ignoring(&patterns);
        let expected = ["distance.spec.md", "keep/yes.spec.md", "x/build/a.spec.md"];
        assert_eq!(project.paths(&[]), expected);
    }

    #[test]
    fn ignore_patterns_beat_a_directory_that_test_match_names() {
        let project = Project::with(&["dist/a.spec.md"]).test_match(&["dist/**/*.spec.md"]);
        assert_eq!(project.paths(&[]), Vec::<String>::new());
    }

    #[test]
    fn dot_paths_need_a_dot_in_a_pattern() {
        let files = [".a.spec.md", ".github/b.spec.md", ".github/.x/c.spec.md"];
        let project = Project::with(&files);
        assert_eq!(project.paths(&[]), Vec::<String>::new());
        let project = project.test_match(&["**/*.spec.md", ".github/**/*.spec.md"]);
        assert_eq!(project.paths(&[]), [".github/b.spec.md"]);
    }

    #[cfg(unix)]
    #[test]
    fn symlink_loops_end_and_links_out_of_the_project_are_not_read() {
        use std::os::unix::fs::symlink;
        let project = Project::with(&["a/real.spec.md"]);
        let root = project.root();
        symlink(root, root.join("a/loop")).unwrap();
        symlink("b", root.join("b")).unwrap();
        symlink("real.spec.md", root.join("a/inside.spec.md")).unwrap();
        symlink("nowhere", root.join("a/broken.spec.md")).unwrap();
        symlink(root, root.join("a/directory.spec.md")).unwrap();
        fs_err::write(project.outside().join("secret"), "x").unwrap();
        symlink("../../secret", root.join("a/outside.spec.md")).unwrap();
        let found = project.run(&[]).unwrap();
        let states = found.specs.iter().map(|spec| {
            let readable = spec.file.unusable.is_none();
            (spec.file.path.as_str(), readable)
        });
        let expected = [
            ("a/broken.spec.md", false),
            ("a/inside.spec.md", true),
            ("a/outside.spec.md", false),
            ("a/real.spec.md", true),
        ];
        assert_eq!(states.collect::<Vec<_>>(), expected);
        let outside = found.specs[2].file.unusable.clone().unwrap();
        let reason = "is a link to a place outside the project, so it was not read";
        assert_eq!(outside, crate::model::Outcome::error(reason));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn strange_file_names_are_found() {
        use std::os::unix::ffi::OsStrExt;
        let names = [
            "a b.spec.md",
            "q'\"`.spec.md",
            "new\nline.spec.md",
            "日本.spec.md",
        ];
        let project = Project::with(&names);
        project.write(Path::new(OsStr::from_bytes(b"\xff.spec.md")), "It holds.");
        let found = project.run(&[]).unwrap();
        assert!(found.specs.iter().all(|spec| spec.file.unusable.is_none()));
        let mut expected = names.map(str::to_owned).to_vec();
        expected.push("\u{fffd}.spec.md".to_owned());
        expected.sort_by_key(|name| name.replace('\u{fffd}', "\u{10ffff}"));
        assert_eq!(project.paths(&[]), expected);
    }

    #[test]
    fn a_directory_that_cannot_be_listed_is_an_error_and_the_first_one_is_named() {
        let project = Project::with(&[]);
        let rules = super::super::rules(project.root(), &project.options).unwrap();
        let failed = |name: &str, kind: io::ErrorKind| ignore::Error::WithDepth {
            depth: 1,
            err: Box::new(ignore::Error::WithPath {
                path: project.root().join(name),
                err: Box::new(ignore::Error::Io(kind.into())),
            }),
        };
        let mut walked = Walked::default();
        keep_error(&rules, failed("a", io::ErrorKind::NotFound), &mut walked);
        assert!(walked.error.is_none());
        for name in ["c", "b", "d"] {
            keep_error(
                &rules,
                failed(name, io::ErrorKind::PermissionDenied),
                &mut walked,
            );
        }
        let message = walked.error.unwrap().to_string();
        assert!(
            message.starts_with("can't look for specs in b;"),
            "{message}"
        );
    }
}
