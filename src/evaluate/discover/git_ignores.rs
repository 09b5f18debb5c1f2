//! Which directories git ignore files hide. Files are never asked about: what `testMatch` names is
//! a spec even where git ignores it.
//!
//! `.gitignore` files inside the project count with or without a repository, so that an image
//! built without `.git` finds the same specs; those above the project count up to the git root.
//! Other ignore files never count: see [`ignored::walk`].

use std::path::{Path, PathBuf};

use ignore::IncrementalIgnore;

use super::super::ignored;

/// The rules of one project, read as they are needed.
pub(super) struct GitIgnores {
    root: PathBuf,
    in_repository: bool,
    /// The directory that each matcher starts from, relative to `root`.
    matchers: Vec<(PathBuf, IncrementalIgnore)>,
}

impl GitIgnores {
    /// `root` is canonical.
    pub(super) fn new(root: &Path) -> Self {
        let mut rules = Self {
            root: root.to_owned(),
            in_repository: ignored::in_repository(root),
            matchers: Vec::new(),
        };
        rules.enter_anyway(Path::new(""));
        rules
    }

    /// Whether the directory is hidden, by its own name or by a parent's.
    pub(super) fn hides(&mut self, directory: &Path) -> bool {
        let nearest = self
            .matchers
            .iter_mut()
            .filter(|(start, _)| directory.starts_with(start))
            .max_by_key(|(start, _)| start.as_os_str().len());
        nearest.is_some_and(|(start, matcher)| {
            directory
                .strip_prefix(start)
                .is_ok_and(|below| matcher.matched(below, true).is_ignore())
        })
    }

    /// From here on, what hides `directory` no longer hides what is in it.
    pub(super) fn enter_anyway(&mut self, directory: &Path) {
        let matchers = ignored::walk(&self.root.join(directory), self.in_repository)
            .parents(self.in_repository)
            .build_matchers()
            .into_iter();
        self.matchers
            .extend(matchers.map(|matcher| (directory.to_owned(), matcher)));
    }
}
