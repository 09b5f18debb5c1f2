//! What of the project was asked for: arguments, `--tag` and `-t`. How an argument is looked up is
//! [`super::arguments`]'s.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::Arc;

use regex::Regex;

use super::arguments::{self, Named};
use super::error::DiscoverError;
use super::proposed;
use super::spec_file::Loaded;
use super::walk::{self, Rules};
use super::{Options, SelectedSpec};
use crate::model::SpecFile;

/// How many ids an error proposes.
const MOST_PROPOSED: usize = 3;

/// The files of a run before they are read.
#[derive(Default)]
pub(super) struct Choices {
    /// By path relative to the project root: an `OsString` sorts byte by byte, a `PathBuf` not.
    pub(super) files: BTreeMap<OsString, Choice>,
    /// How many arguments name what only a stranger proposes.
    pub(super) new: usize,
    pub(super) warnings: Vec<String>,
}

/// What of a file was asked for.
#[derive(Default)]
pub(super) struct Choice {
    /// The file itself was named, or a directory that it is in.
    whole: bool,
    /// The scenarios that were named: each has to exist, even beside the whole file.
    ids: Vec<String>,
}

/// Looks up what the arguments name; without any it is the whole project.
pub(super) fn choose(rules: &Arc<Rules>, options: &Options) -> Result<Choices, DiscoverError> {
    let mut choices = Choices::default();
    if options.arguments.is_empty() {
        choices.add_directory(rules, Path::new(""))?;
    }
    for argument in &options.arguments {
        let named = match arguments::resolve(rules, &options.directory, argument) {
            Err(DiscoverError::NotFound { .. })
                if options
                    .proposed
                    .as_ref()
                    .is_some_and(|proposed| proposed.has(argument)) =>
            {
                choices.new += 1;
                choices.warnings.push(proposed::not_run(argument));
                continue;
            }
            named => named?,
        };
        match named {
            Named::Directory(path) => {
                if choices.add_directory(rules, &path)? == 0 {
                    let warning = format!("no file in {argument} matches `testMatch`");
                    choices.warnings.push(warning);
                }
            }
            Named::File(path) => choices.add_file(rules, &path, None),
            Named::Scenario(path, id) => choices.add_file(rules, &path, Some(id)),
        }
    }
    choices.warnings.sort();
    choices.warnings.dedup();
    Ok(choices)
}

impl Choices {
    /// Returns how many files were found.
    fn add_directory(&mut self, rules: &Arc<Rules>, path: &Path) -> Result<usize, DiscoverError> {
        let walked = walk::walk(rules, path)?;
        let count = walked.files.len();
        for file in walked.files {
            let choice = self.files.entry(file.into_os_string()).or_default();
            choice.whole = true;
        }
        self.warnings.extend(walked.warnings);
        Ok(count)
    }

    fn add_file(&mut self, rules: &Rules, path: &Path, id: Option<String>) {
        if !rules.test_match.matches(path) {
            self.warnings.push(format!(
                "{} does not match `testMatch`; it runs because you named it",
                path.display()
            ));
        }
        let choice = self.files.entry(path.as_os_str().to_owned()).or_default();
        match id {
            Some(id) => choice.ids.push(id),
            None => choice.whole = true,
        }
    }
}

impl Choice {
    /// Checks that the file has what was asked for.
    pub(super) fn select(&self, file: SpecFile) -> Result<SelectedSpec, DiscoverError> {
        // Nobody knows the ids of a file that can't be read: the whole file is the error.
        if file.unusable.is_some() {
            return Ok(SelectedSpec { file, only: None });
        }
        let ids = || file.scenarios.iter().map(|scenario| &scenario.id);
        let asked = &self.ids;
        if let Some(unknown) = asked.iter().find(|asked| !ids().any(|id| id == *asked)) {
            return Err(DiscoverError::UnknownId {
                path: file.path.clone(),
                id: unknown.clone(),
                nearest: nearest(unknown, ids()),
            });
        }
        let only = (!self.whole).then(|| ids().filter(|id| asked.contains(id)).cloned().collect());
        Ok(SelectedSpec { file, only })
    }
}

/// Equally near ids stay in the order of the file.
fn nearest<'a>(asked: &str, ids: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut ids: Vec<_> = ids.collect();
    ids.sort_by_key(|id| strsim::damerau_levenshtein(asked, id));
    ids.into_iter().take(MOST_PROPOSED).cloned().collect()
}

/// `--tag` and `-t`.
pub(super) struct Filter<'options> {
    tags: &'options [String],
    name: Option<Regex>,
}

impl<'options> Filter<'options> {
    pub(super) fn parse(options: &'options Options) -> Result<Self, DiscoverError> {
        let name = match &options.name_pattern {
            None => None,
            Some(pattern) => {
                let regex = Regex::new(pattern).map_err(|source| DiscoverError::NamePattern {
                    pattern: pattern.clone(),
                    source: Box::new(source),
                })?;
                Some(regex)
            }
        };
        Ok(Self {
            tags: &options.tags,
            name,
        })
    }

    /// `^` may stand for the start of the path or of the file name.
    pub(super) fn admits_path(&self, path: &OsStr) -> bool {
        let Some(name) = &self.name else {
            return true;
        };
        let file_name = Path::new(path).file_name().unwrap_or(path);
        name.is_match(&path.to_string_lossy()) || name.is_match(&file_name.to_string_lossy())
    }

    /// A file whose tags can't be read runs: leaving it out could hide what was asked for.
    pub(super) fn admits_tags(&self, loaded: &Loaded, warnings: &mut Vec<String>) -> bool {
        let tagged = |tag| loaded.file.frontmatter.tags.contains(tag);
        if self.tags.is_empty() || self.tags.iter().any(tagged) {
            return true;
        }
        if !loaded.tags_known {
            warnings.push(format!(
                "{} runs although `--tag` was given: its tags can't be read",
                loaded.file.path
            ));
        }
        !loaded.tags_known
    }
}

#[cfg(test)]
mod tests {
    use crate::evaluate::discover::project::Project;

    /// The ids that are to be judged.
    fn selected(project: &Project, arguments: &[&str]) -> Vec<String> {
        let found = project.run(arguments).unwrap();
        let ids = found.specs.into_iter().flat_map(|spec| {
            let all = spec.file.scenarios.into_iter().map(|one| one.id);
            spec.only.unwrap_or_else(|| all.collect())
        });
        ids.collect()
    }

    fn three_scenarios() -> Project {
        let project = Project::with(&[]);
        project.write("a.spec.md", "## One\n\n## Two\n\n## Three\n");
        project
    }

    #[test]
    fn scenarios_add_up_and_the_file_itself_is_all_of_them() {
        let project = three_scenarios();
        let both = ["a.spec.md#three", "a.spec.md#one", "a.spec.md#one"];
        assert_eq!(selected(&project, &both), ["one", "three"]);
        for all in [
            ["a.spec.md", "a.spec.md#one"],
            ["a.spec.md#one", "a.spec.md"],
            ["a.spec.md#one", "."],
            [".", "a.spec.md#one"],
        ] {
            assert_eq!(selected(&project, &all), ["one", "two", "three"]);
        }
        assert_eq!(project.paths(&["a.spec.md", "./a.spec.md", "."]).len(), 1);
    }

    #[test]
    fn an_unknown_id_is_an_error_with_the_nearest_ones() {
        let expected = "`a.spec.md` has no scenario `tree`; \
                        the nearest it has: `three`, `one`, `two`";
        assert_eq!(three_scenarios().refusal(&["a.spec.md#tree"]), expected);
        for beside in [
            ["a.spec.md", "a.spec.md#tree"],
            ["a.spec.md#tree", "a.spec.md"],
            [".", "a.spec.md#tree"],
            ["a.spec.md#tree", "."],
        ] {
            assert_eq!(three_scenarios().refusal(&beside), expected);
        }
        assert!(
            three_scenarios()
                .refusal(&["a.spec.md#"])
                .contains("has no scenario")
        );
    }

    #[test]
    fn a_scenario_of_an_unreadable_file_is_the_unreadable_file() {
        let project = Project::with(&[]);
        project.write("a.spec.md", b"\xff");
        assert_eq!(selected(&project, &["a.spec.md#one"]), ["a"]);
    }

    #[test]
    fn tags_select_files_that_have_any_of_them() {
        let mut project = Project::with(&["none.spec.md"]);
        project.write("a.spec.md", "---\ntags: [smoke, api]\n---\nx");
        project.write("b.spec.md", "---\ntags: slow\n---\nx");
        project.write("c.spec.md", "---\ntags: other\n---\nx");
        assert_eq!(project.run(&[]).unwrap().filtered, 0);
        project.options.tags = vec!["smoke".into(), "slow".into()];
        assert_eq!(project.paths(&[]), ["a.spec.md", "b.spec.md"]);
        assert_eq!(project.run(&[]).unwrap().filtered, 2);
        project.options.name_pattern = Some("^[ab]".to_owned());
        project.options.tags = vec!["zz".into()];
        let none = project.run(&[]).unwrap();
        assert_eq!((none.specs.len(), none.filtered), (0, 4));
    }

    #[test]
    fn a_file_whose_tags_cannot_be_read_runs_with_a_warning() {
        let mut project = Project::with(&[]);
        project.write("broken.spec.md", "---\ntags: [a\n---\nx");
        project.write("bytes.spec.md", b"\xff");
        project.write("empty.spec.md", "");
        project.options.tags = vec!["smoke".into()];
        assert_eq!(project.paths(&[]), ["broken.spec.md", "bytes.spec.md"]);
        assert_eq!(project.warnings(&[]).len(), 2);
    }

    #[test]
    fn the_name_pattern_is_about_the_path_or_the_file_name() {
        let mut project = Project::with(&["auth/login.spec.md", "auth.spec.md", "x.spec.md"]);
        let mut matching = |pattern: &str| {
            project.options.name_pattern = Some(pattern.to_owned());
            project.paths(&[])
        };
        assert_eq!(matching("^auth"), ["auth.spec.md", "auth/login.spec.md"]);
        assert_eq!(matching("^login"), ["auth/login.spec.md"]);
        assert_eq!(matching("auth/|^x"), ["auth/login.spec.md", "x.spec.md"]);
        project.options.name_pattern = Some("(".to_owned());
        assert_eq!(project.refusal(&[]), "`-t (` is not a regular expression");
    }
}
