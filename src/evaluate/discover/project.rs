//! A temporary project for the tests of this room.

use std::path::Path;

use super::{DiscoverError, Discovered, Options, discover};

pub(super) struct Project {
    directory: tempfile::TempDir,
    pub(super) options: Options,
}

impl Project {
    /// Files with one line of text each, in a directory that is no repository.
    pub(super) fn with(files: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = fs_err::canonicalize(directory.path()).unwrap().join("root");
        fs_err::create_dir(&root).unwrap();
        let text = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        let project = Self {
            directory,
            options: Options {
                output: root.join("semtest-results"),
                directory: root.clone(),
                root,
                test_match: text(&["**/*.spec.md", "**/*.test.md"]),
                ignore_patterns: text(&["node_modules", "dist", ".git", "vendor"]),
                arguments: Vec::new(),
                tags: Vec::new(),
                name_pattern: None,
                proposed: None,
            },
        };
        for file in files {
            project.write(file, "It holds.\n");
        }
        project
    }

    pub(super) fn root(&self) -> &Path {
        &self.options.root
    }

    /// A directory beside the project's.
    pub(super) fn outside(&self) -> &Path {
        self.directory.path()
    }

    pub(super) fn write(&self, file: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        let path = self.root().join(file);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    pub(super) fn test_match(mut self, patterns: &[&str]) -> Self {
        self.options.test_match = patterns.iter().map(ToString::to_string).collect();
        self
    }

    pub(super) fn ignoring(mut self, patterns: &[&str]) -> Self {
        self.options.ignore_patterns = patterns.iter().map(ToString::to_string).collect();
        self
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Result<Discovered, DiscoverError> {
        discover(&Options {
            arguments: arguments.iter().map(ToString::to_string).collect(),
            ..self.options.clone()
        })
    }

    pub(super) fn paths(&self, arguments: &[&str]) -> Vec<String> {
        let found = self.run(arguments).unwrap();
        found.specs.into_iter().map(|spec| spec.file.path).collect()
    }

    pub(super) fn warnings(&self, arguments: &[&str]) -> Vec<String> {
        self.run(arguments).unwrap().warnings
    }

    /// The error's text, with the project's place taken out.
    pub(super) fn refusal(&self, arguments: &[&str]) -> String {
        let error = self.run(arguments).unwrap_err().to_string();
        error.replace(&*self.root().to_string_lossy(), "<root>")
    }
}
