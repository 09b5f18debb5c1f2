//! What the user typed after `run`: which file, directory or scenario each argument means.

use std::path::{Path, PathBuf};

use super::error::DiscoverError;
use super::walk::Rules;

/// What one argument names, relative to the project root.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named {
    Directory(PathBuf),
    File(PathBuf),
    Scenario(PathBuf, String),
}

/// Looks an argument up against `directory`, then against the project root. A name that has a `#`
/// of its own wins over a scenario id.
pub(super) fn resolve(
    rules: &Rules,
    directory: &Path,
    argument: &str,
) -> Result<Named, DiscoverError> {
    if let Some(path) = look_up(rules, directory, argument) {
        return name(rules, &path, None, argument);
    }
    for (at, _) in argument.rmatch_indices('#') {
        let (file, id) = (&argument[..at], &argument[at + 1..]);
        if let Some(path) = look_up(rules, directory, file) {
            return name(rules, &path, Some(id), argument);
        }
    }
    let file = argument.split_once('#').map_or(argument, |(file, _)| file);
    let mut looked: Vec<_> = candidates(rules, directory, file).into();
    looked.dedup();
    Err(DiscoverError::NotFound {
        argument: argument.to_owned(),
        looked,
    })
}

fn candidates(rules: &Rules, directory: &Path, argument: &str) -> [PathBuf; 2] {
    [directory.join(argument), rules.root.join(argument)]
}

fn look_up(rules: &Rules, directory: &Path, argument: &str) -> Option<PathBuf> {
    if argument.is_empty() {
        return None;
    }
    candidates(rules, directory, argument)
        .into_iter()
        .find(|path| path.exists())
}

fn name(
    rules: &Rules,
    path: &Path,
    id: Option<&str>,
    argument: &str,
) -> Result<Named, DiscoverError> {
    let outside = || DiscoverError::Outside {
        argument: argument.to_owned(),
        root: rules.root.clone(),
    };
    let target = fs_err::canonicalize(path).map_err(|source| DiscoverError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    if !target.starts_with(&rules.root) {
        return Err(outside());
    }
    let place = if target.is_dir() {
        target.clone()
    } else {
        own_name(path).unwrap_or_else(|| target.clone())
    };
    let relative = place.strip_prefix(&rules.root).map_err(|_| outside())?;
    if let Some(output) = &rules.output
        && relative.starts_with(output)
    {
        return Err(DiscoverError::InOutput {
            argument: argument.to_owned(),
        });
    }
    match id {
        None if target.is_dir() => Ok(Named::Directory(relative.to_owned())),
        None => Ok(Named::File(relative.to_owned())),
        Some(_) if target.is_dir() => Err(DiscoverError::ScenarioOfDirectory {
            argument: argument.to_owned(),
        }),
        Some(id) => Ok(Named::Scenario(relative.to_owned(), id.to_owned())),
    }
}

/// A file keeps its name even where that is a link, so that it is the same file that a walk finds;
/// only the way to it is made canonical.
fn own_name(path: &Path) -> Option<PathBuf> {
    let parent = fs_err::canonicalize(path.parent()?).ok()?;
    Some(parent.join(path.file_name()?))
}

#[cfg(test)]
mod tests {
    use crate::evaluate::discover::project::Project;

    #[test]
    fn arguments_are_looked_up_here_first_and_then_in_the_project() {
        let mut project = Project::with(&["a.spec.md", "sub/a.spec.md", "b.spec.md"]);
        project.options.directory = project.root().join("sub");
        assert_eq!(project.paths(&["a.spec.md"]), ["sub/a.spec.md"]);
        assert_eq!(project.paths(&["b.spec.md"]), ["b.spec.md"]);
        assert_eq!(project.paths(&["../a.spec.md"]), ["a.spec.md"]);
        assert_eq!(project.paths(&["."]), ["sub/a.spec.md"]);
        assert_eq!(project.paths(&[".."]).len(), 3);
        let absolute = project.root().join("b.spec.md");
        assert_eq!(project.paths(&[absolute.to_str().unwrap()]), ["b.spec.md"]);
    }

    #[test]
    fn what_does_not_exist_is_named_with_the_places_looked_at() {
        let mut project = Project::with(&["a.spec.md", "sub/x"]);
        let expected = "`gone.spec.md` does not exist; looked for <root>/gone.spec.md";
        assert_eq!(project.refusal(&["a.spec.md", "gone.spec.md"]), expected);
        project.options.directory = project.root().join("sub");
        let expected = "`gone.md#x` does not exist; \
                        looked for <root>/sub/gone.md and <root>/gone.md";
        assert_eq!(project.refusal(&["gone.md#x"]), expected);
        assert!(project.refusal(&[""]).contains("does not exist"));
    }

    #[test]
    fn nothing_outside_the_project_is_read() {
        let project = Project::with(&[]);
        let secret = project.outside().join("secret.spec.md");
        fs_err::write(&secret, "x").unwrap();
        assert!(
            project
                .refusal(&["../secret.spec.md"])
                .contains("is outside the project")
        );
        assert!(project.refusal(&[".."]).contains("is outside the project"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&secret, project.root().join("in.spec.md")).unwrap();
            assert!(
                project
                    .refusal(&["in.spec.md"])
                    .contains("is outside the project")
            );
        }
    }

    #[test]
    fn explicit_files_run_wherever_they_are() {
        let files = [
            "notes.md",
            ".github/a.spec.md",
            "vendor/b.spec.md",
            "target/c.spec.md",
        ];
        let project = Project::with(&files);
        project.write(".gitignore", "target\n");
        let mut sorted = files.to_vec();
        sorted.sort_unstable();
        assert_eq!(project.paths(&files), sorted);
        let warning = "notes.md does not match `testMatch`; it runs because you named it";
        assert_eq!(project.warnings(&files), [warning]);
    }

    #[test]
    fn a_directory_is_searched_with_test_match_even_where_a_walk_would_not_enter() {
        let files = [
            "api/a.spec.md",
            "api/a.md",
            ".github/x/b.spec.md",
            ".github/.x/b.spec.md",
            "target/sub/c.spec.md",
            "empty/c.md",
        ];
        let project = Project::with(&files);
        project.write(".gitignore", "target\n");
        assert_eq!(project.paths(&["api/"]), ["api/a.spec.md"]);
        assert_eq!(project.paths(&[".github"]), [".github/x/b.spec.md"]);
        assert_eq!(project.paths(&["target"]), ["target/sub/c.spec.md"]);
        let warning = "no file in empty/ matches `testMatch`";
        assert_eq!(project.warnings(&["api", "empty/"]), [warning]);
    }

    #[test]
    fn a_hash_in_a_file_name_is_no_scenario() {
        let project = Project::with(&["a#b.spec.md", "a#b.spec.md#c.spec.md"]);
        assert_eq!(project.paths(&["a#b.spec.md"]), ["a#b.spec.md"]);
        assert_eq!(project.paths(&["a#b.spec.md#a#b"]), ["a#b.spec.md"]);
        let both = project.paths(&["a#b.spec.md#c.spec.md", "a#b.spec.md"]);
        assert_eq!(both, ["a#b.spec.md", "a#b.spec.md#c.spec.md"]);
        assert!(
            project
                .refusal(&[".#x"])
                .contains("scenario of a directory")
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_directory_is_the_directory() {
        let project = Project::with(&["real/a.spec.md"]);
        std::os::unix::fs::symlink("real", project.root().join("link")).unwrap();
        let both = ["link", "link/a.spec.md", "real"];
        assert_eq!(project.paths(&both), ["real/a.spec.md"]);
    }
}
