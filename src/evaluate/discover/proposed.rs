//! Specs that exist only in what a stranger proposes. They are told, and never read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::DiscoverError;
use super::{Options, rules, walk};

/// How many new specs are told by name.
const MOST_TOLD: usize = 20;

/// The project as a stranger proposes it.
#[derive(Clone, Debug)]
pub struct Proposed {
    /// Its root.
    pub root: PathBuf,
    /// The current directory in it.
    pub directory: PathBuf,
}

impl Proposed {
    /// Whether an argument that names nothing else names something here.
    pub(super) fn has(&self, argument: &str) -> bool {
        let whole = std::iter::once(argument);
        let mut files = whole.chain(argument.rmatch_indices('#').map(|(at, _)| &argument[..at]));
        files.any(|file| {
            let there = |base: &Path| base.join(file).symlink_metadata().is_ok();
            !file.is_empty() && (there(&self.directory) || there(&self.root))
        })
    }

    /// A warning for each spec that only a walk of this project finds.
    pub(super) fn new_specs(&self, options: &Options) -> Result<Vec<String>, DiscoverError> {
        let rules = Arc::new(rules(&self.root, options)?);
        // Where a stranger's directory can't be listed, there is nothing to tell.
        let Ok(walked) = walk::walk(&rules, Path::new("")) else {
            return Ok(Vec::new());
        };
        let mut new: Vec<PathBuf> = walked.files;
        new.retain(|path| options.root.join(path).symlink_metadata().is_err());
        new.sort();
        let more = new.len().saturating_sub(MOST_TOLD);
        let told = new.iter().take(MOST_TOLD);
        let mut warnings: Vec<String> = told
            .map(|path| not_run(&path.display().to_string()))
            .collect();
        if more > 0 {
            warnings.push(format!(
                "{more} more specs are new in the pull request, not run"
            ));
        }
        Ok(warnings)
    }
}

/// What is said of a spec that is not run.
pub(super) fn not_run(spec: &str) -> String {
    format!("{spec} is new in the pull request, not run")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::discover::project::Project;

    fn proposing(base: &[&str], files: &[&str]) -> (Project, Project) {
        let (mut project, proposed) = (Project::with(base), Project::with(files));
        project.options.proposed = Some(Proposed {
            root: proposed.root().to_owned(),
            directory: proposed.root().to_owned(),
        });
        (project, proposed)
    }

    #[test]
    fn a_new_spec_is_told_and_not_run_and_a_deleted_one_runs() {
        let (project, _proposed) = proposing(&["a.spec.md"], &["b.spec.md", "c.md"]);
        assert_eq!(project.paths(&[]), ["a.spec.md"]);
        let expected = ["b.spec.md is new in the pull request, not run"];
        assert_eq!(project.warnings(&[]), expected);
    }

    #[test]
    fn an_argument_that_is_new_is_told_and_one_that_is_nowhere_is_an_error() {
        let (project, _proposed) = proposing(&["a.spec.md"], &["b.spec.md"]);
        assert_eq!(project.paths(&["b.spec.md#x", "a.spec.md"]), ["a.spec.md"]);
        assert!(project.paths(&["b.spec.md"]).is_empty());
        assert!(project.refusal(&["c.spec.md"]).contains("does not exist"));
    }

    #[test]
    fn a_flood_of_new_specs_is_counted() {
        let files: Vec<String> = (0..30).map(|at| format!("{at:02}.spec.md")).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let (project, _proposed) = proposing(&[], &files);
        let warnings = project.warnings(&[]);
        assert_eq!(warnings.len(), MOST_TOLD + 1);
        assert!(warnings[MOST_TOLD].starts_with("10 more"), "{warnings:?}");
    }
}
