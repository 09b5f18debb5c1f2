//! The border of what a config file may read: the project, its links followed first.

use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::problem::Problem;
use super::source::Source;

/// The most bytes of one file. The recursive parser takes up to 4 KB of stack for each byte of a
/// hostile file (measured in a debug build), so this and [`super::script`]'s stack go together.
pub(super) const LARGEST_FILE: u64 = 64 * 1024;

/// The languages of a config file and of what it imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    TypeScript,
    JavaScript,
    Json,
}

impl Language {
    /// The language of a file, by its ending.
    pub(super) fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "ts" | "mts" => Some(Self::TypeScript),
            "js" | "mjs" => Some(Self::JavaScript),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// One file of the project that takes part in the configuration.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) source: Arc<Source>,
    pub(super) language: Language,
}

/// The directory that a config file's imports can't leave: the git root, or the config's own
/// directory where there is none.
#[derive(Clone, Debug)]
pub(super) struct Project {
    root: PathBuf,
}

impl Project {
    /// The project of a directory.
    pub(super) fn around(directory: &Path) -> io::Result<Self> {
        let directory = fs_err::canonicalize(directory)?;
        let root = git_root(&directory).unwrap_or(&directory).to_owned();
        Ok(Self { root })
    }

    /// A path inside the project, from its name.
    pub(super) fn path_of(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The name of an absolute path in messages, unless it is outside. `..` is taken away as
    /// text, as URLs have it, so nothing outside is even looked at.
    pub(super) fn name_of(&self, path: &Path) -> Option<String> {
        let mut normal = PathBuf::new();
        for component in path.components() {
            match component {
                Component::ParentDir => {
                    normal.pop();
                }
                Component::CurDir => {}
                Component::Prefix(_) | Component::RootDir | Component::Normal(_) => {
                    normal.push(component);
                }
            }
        }
        let inside = normal.strip_prefix(&self.root).ok()?;
        let parts = inside
            .components()
            .map(|part| part.as_os_str().to_string_lossy());
        Some(parts.collect::<Vec<_>>().join("/"))
    }

    /// Reads a file, if it is one of a known language inside the project, wherever links lead.
    /// `name` is for messages, and may be foreign text.
    pub(super) fn read(&self, path: &Path, name: &str) -> Result<File, Problem> {
        let (real, real_name) = self.inside(path, name)?;
        // The ending of what a link leads to counts: a message must not quote `.git/config`.
        let Some(language) = Language::of(&real) else {
            return Err(Problem::new(format!("`{name}` is no config file"))
                .hint("config files end in .ts, .js, .mjs or .json"));
        };
        let text = text_of(&real, name, LARGEST_FILE)?;
        Ok(File {
            source: Source::new(real_name, text),
            language,
        })
    }

    /// Reads a file of at most so many bytes inside the project, wherever links lead: what they
    /// lead to has to have the ending of `path`. Messages call it `name`.
    pub(super) fn read_text(
        &self,
        path: &Path,
        name: &str,
        most: u64,
    ) -> Result<Arc<Source>, Problem> {
        let (real, real_name) = self.inside(path, name)?;
        if real.extension() != path.extension() {
            return Err(Problem::new(format!("`{name}` is a link to another file")));
        }
        // Nobody reviews what lies there, and a checkout brings none of it along.
        if real_name
            .split('/')
            .any(|part| part.eq_ignore_ascii_case(".git"))
        {
            return Err(Problem::new(format!("`{name}` is a link into `.git`"))
                .hint("commit the file itself"));
        }
        let text = text_of(&real, name, most)?;
        Ok(Source::new(name.to_owned(), text))
    }

    /// Where a path really leads, and its name there.
    fn inside(&self, path: &Path, name: &str) -> Result<(PathBuf, String), Problem> {
        let real = fs_err::canonicalize(path).map_err(|error| unreadable(name, &error))?;
        let real_name = self.name_of(&real).ok_or_else(|| outside(name))?;
        Ok((real, real_name))
    }
}

/// The text of a regular file of at most so many bytes.
fn text_of(path: &Path, name: &str, most: u64) -> Result<String, Problem> {
    if !fs_err::metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        return Err(Problem::new(format!("`{name}` is not a regular file")));
    }
    let mut bytes = Vec::new();
    fs_err::File::open(path)
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(name, &error))?;
    if bytes.len() as u64 > most {
        let most = most / 1024;
        return Err(Problem::new(format!("`{name}` is larger than {most} KiB")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..valid]
            .split(|byte| *byte == b'\n')
            .count();
        Problem::new(format!("line {line} of `{name}` is not UTF-8 text"))
    })
}

fn unreadable(name: &str, error: &io::Error) -> Problem {
    Problem::new(format!("can't read `{name}`: {}", reason(error)))
}

/// The problem of a path that leaves the project.
pub(super) fn outside(name: &str) -> Problem {
    Problem::new(format!("`{name}` is outside the project"))
        .hint("a config can only use files of its own project")
}

/// The nearest directory from `directory` up that holds `.git`: a directory, or a file in a
/// worktree or submodule.
pub(super) fn git_root(directory: &Path) -> Option<&Path> {
    directory
        .ancestors()
        .find(|ancestor| ancestor.join(".git").exists())
}

/// What went wrong, without the absolute path that `fs_err` adds: a script must not learn it.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the kinds are many and more to come"
)]
fn reason(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file",
        io::ErrorKind::PermissionDenied => "permission denied",
        io::ErrorKind::NotADirectory => "a part of its path is not a directory",
        io::ErrorKind::IsADirectory => "it is a directory",
        _ => "the system refused",
    }
}
