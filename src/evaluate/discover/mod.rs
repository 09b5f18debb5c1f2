//! Globs and ignore rules in, spec files with their scenarios out.
//!
//! Owns which files are specs (`patterns`, `walk`, `git_ignores`, `arguments`), how one is read
//! (`spec_file`, `frontmatter`, `lines`), which scenarios it holds (`outline`) and which of these were asked
//! for (`selection`). Does not look at what a scenario says: that is `checks` and `judge`.

mod arguments;
mod braces;
mod error;
mod frontmatter;
mod git_ignores;
mod lines;
mod outline;
mod patterns;
#[cfg(test)]
mod project;
mod proposed;
mod selection;
mod spec_file;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::error::{DiscoverError, PatternError};
use self::patterns::TestMatch;
pub use self::proposed::Proposed;
use self::selection::Filter;
use self::walk::Rules;
use super::ignored;
use crate::model::SpecFile;

/// What to look for, and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// The project root. Nothing outside it is read.
    pub root: PathBuf,
    /// The current directory, absolute: arguments are looked up here first.
    pub directory: PathBuf,
    /// Globs relative to `root`; `**` also matches `root` itself, `*` stops at a `/`.
    pub test_match: Vec<String>,
    /// Gitignore lines as if they stood in a `.gitignore` in `root`.
    pub ignore_patterns: Vec<String>,
    /// The output directory, absolute. No spec is looked for in it.
    pub output: PathBuf,
    /// `a.spec.md`, `api/` or `a.spec.md#id`; none means the whole project.
    pub arguments: Vec<String>,
    /// Only files with any of these tags; none means all files.
    pub tags: Vec<String>,
    /// Only files whose path or file name this regular expression matches.
    pub name_pattern: Option<String>,
    /// What a stranger makes of the project: its new specs are told, and not run.
    pub proposed: Option<Proposed>,
}

impl Options {
    /// Whether nothing narrows the project down.
    pub(super) fn is_whole(&self) -> bool {
        self.arguments.is_empty() && self.tags.is_empty() && self.name_pattern.is_none()
    }

    /// The same project with all its spec files.
    pub(super) fn to_whole(&self) -> Self {
        Self {
            arguments: Vec::new(),
            tags: Vec::new(),
            name_pattern: None,
            proposed: None,
            ..self.clone()
        }
    }
}

/// The spec files of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Discovered {
    /// Sorted by path, byte by byte; each file once. May be empty.
    pub specs: Vec<SelectedSpec>,
    /// How many files `tags` and `name_pattern` left out of what was found otherwise.
    pub filtered: usize,
    /// How many arguments name what only a stranger proposes.
    pub new: usize,
    /// For the user, in words. They hold file names, so they go through `sanitize`.
    pub warnings: Vec<String>,
}

/// A spec file, and what of it was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectedSpec {
    /// The file with all its scenarios.
    pub file: SpecFile,
    /// The ids of the scenarios to judge, in the order of the file; `None` means all.
    pub only: Option<Vec<String>>,
}

/// Finds the spec files, reads them, and keeps those that were asked for.
///
/// # Errors
///
/// A pattern or argument that means nothing, and a directory that can't be listed. A file that
/// can't be judged is no error: it comes with [`SpecFile::unusable`].
pub fn discover(options: &Options) -> Result<Discovered, DiscoverError> {
    let rules = Arc::new(rules(&options.root, options)?);
    let filter = Filter::parse(options)?;
    let mut choices = selection::choose(&rules, options)?;
    let found = choices.files.len();
    choices.files.retain(|path, _| filter.admits_path(path));
    let mut specs = Vec::new();
    for (relative, choice) in &choices.files {
        let loaded = spec_file::load(&rules.root, Path::new(relative));
        if filter.admits_tags(&loaded, &mut choices.warnings) {
            specs.push(choice.select(loaded.file)?);
        }
    }
    if let Some(proposed) = &options.proposed
        && options.arguments.is_empty()
    {
        choices.warnings.extend(proposed.new_specs(options)?);
    }
    Ok(Discovered {
        filtered: found - specs.len(),
        new: choices.new,
        specs,
        warnings: choices.warnings,
    })
}

/// A spec file of this text and path that need not be on disk.
pub(super) fn parse_spec(path: String, text: &str) -> SelectedSpec {
    SelectedSpec {
        file: spec_file::parse(path, text).file,
        only: None,
    }
}

/// What a title is called in a file name; `None` if it has neither letter nor digit.
pub(super) fn slug(title: &str) -> Option<String> {
    outline::slug(title)
}

fn rules(root: &Path, options: &Options) -> Result<Rules, DiscoverError> {
    let root = fs_err::canonicalize(root).map_err(|source| DiscoverError::Root {
        path: root.to_owned(),
        source,
    })?;
    let output = output_below(&root, options);
    Ok(Rules {
        test_match: TestMatch::parse(&options.test_match)?,
        ignored: ignored::parse_patterns(&root, &options.ignore_patterns)?,
        output,
        root,
    })
}

/// Where the output directory is the project itself or above it, leaving it out would leave out
/// every spec. Where it does not exist yet, nothing is in it.
fn output_below(root: &Path, options: &Options) -> Option<PathBuf> {
    let output = fs_err::canonicalize(&options.output).ok()?;
    let below = output.strip_prefix(root).ok()?;
    (below != Path::new("")).then(|| below.to_owned())
}

#[cfg(test)]
mod tests {
    use super::project::Project;

    #[test]
    fn files_come_sorted_byte_by_byte() {
        let project = Project::with(&[
            "b.spec.md",
            "a/b.spec.md",
            "a-b.spec.md",
            "a.test.md",
            "a.md",
        ]);
        let expected = ["a-b.spec.md", "a.test.md", "a/b.spec.md", "b.spec.md"];
        assert_eq!(project.paths(&[]), expected);
    }

    #[test]
    fn the_output_directory_is_left_out_unless_it_is_the_project() {
        let mut project = Project::with(&["a.spec.md", "semtest-results/b.spec.md"]);
        assert_eq!(project.paths(&[]), ["a.spec.md"]);
        let refusal = project.refusal(&["semtest-results/b.spec.md"]);
        assert!(refusal.contains("is in the output directory"), "{refusal}");
        project.options.output = project.options.root.clone();
        assert_eq!(project.paths(&[]).len(), 2);
    }

    #[test]
    fn a_missing_root_is_an_error_that_names_it() {
        let mut project = Project::with(&[]);
        project.options.root.push("gone");
        let refusal = project.refusal(&[]);
        assert_eq!(refusal, "can't open the project directory <root>");
    }

    #[test]
    fn bad_patterns_are_named_with_their_field() {
        let project = Project::with(&[]).test_match(&["ok.md", "a[.md"]);
        assert_eq!(
            project.refusal(&[]),
            "`testMatch` has a pattern that can't be read: `a[.md`"
        );
        let project = Project::with(&[]).ignoring(&["ok", "a{b"]);
        let refusal = project.refusal(&[]);
        assert!(refusal.contains("`testPathIgnorePatterns`"), "{refusal}");
        assert!(refusal.ends_with("`a{b`"), "{refusal}");
    }
}
