//! The tree that an agent saw: whether a place is in it, and what is meant where a path is a little off.
//!
//! Nothing outside of the repository is ever looked at, nor `.git`, and only regular files are opened.
//! The tree is listed only where a path has to be repaired, once a run.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustix::fs::{Mode, OFlags};

use crate::model::Location;

use super::super::super::workplace::Workplace;
use super::listing::{Likeness, Listing};

/// Of a larger file, no line is looked for.
const LARGEST_FILE: u64 = 5 << 20;

/// The longest path that is looked for, in bytes and in names.
const LONGEST_PATH: usize = 1_024;
pub(super) const MOST_NAMES: usize = 64;

/// The files and directories that an agent could see.
#[derive(Debug)]
pub(crate) struct Tree {
    /// Canonical: of the repository, or where agents work if there is none.
    top: PathBuf,
    /// What leads from there to where agents work.
    root: Vec<String>,
    /// Beginnings of absolute paths, and what they are below the top.
    prefixes: Vec<(String, Vec<String>)>,
    /// What the checkout and the project are called, which agents put in front of paths.
    own_names: Vec<String>,
    listing: OnceLock<Listing>,
}

/// A place that exists.
#[derive(Debug)]
pub(super) struct Spot {
    /// Relative to where agents work; climbs with `..` to what is beside it in the repository.
    pub(super) path: String,
    pub(super) kind: Kind,
    /// Whether the answer gives it so, or by an absolute path, of which no report speaks.
    pub(super) as_written: bool,
    /// Canonical.
    real: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Directory,
    File,
    /// A pipe, a device: it exists, and is never opened.
    Other,
}

impl Tree {
    /// The tree of `workplace`.
    pub(crate) fn of(workplace: &Workplace) -> Self {
        let canonical = |path: &Path| fs_err::canonicalize(path).unwrap_or_else(|_| path.into());
        let root = canonical(&workplace.directory);
        let copied = workplace.copies().map(|(top, _)| canonical(top));
        let mut top = copied.unwrap_or_else(|| repository(&root));
        // A project that has no readable name below the top is a tree of its own.
        let below = root.strip_prefix(&top).ok().and_then(Path::to_str);
        let below: Vec<String> = if let Some(below) = below {
            steps(below).names.into_iter().map(str::to_owned).collect()
        } else {
            top.clone_from(&root);
            Vec::new()
        };
        let mut prefixes = vec![
            (text(&workplace.directory), below.clone()),
            (text(&root), below.clone()),
            (text(&top), Vec::new()),
        ];
        let mut own_names = vec![name(&root), name(&top)];
        if let Some(original) = workplace.original() {
            prefixes.push((text(original), Vec::new()));
            own_names.push(name(original));
        }
        own_names.retain(|name| !name.is_empty());
        Self {
            top,
            root: below,
            prefixes,
            own_names,
            listing: OnceLock::new(),
        }
    }

    /// The place that `path` means, if exactly one can be meant.
    pub(super) fn find(&self, path: &str) -> Option<Spot> {
        let is_path = path.len() <= LONGEST_PATH && !path.contains(char::is_control);
        if path.is_empty() || !is_path {
            return None;
        }
        // To some systems, a backslash is a letter like any other.
        let other = path.replace('\\', "/");
        let exact = self.exact(path).or_else(|| self.exact(&other));
        exact.or_else(|| {
            let steps = steps(self.relative(&other).map_or(&*other, |(_, rest)| rest));
            // Whoever climbs out of the repository means nothing in it.
            join(&self.root, &steps)?;
            let shortened = self.shortened(&steps.names);
            shortened.or_else(|| self.only_one(&steps.names.join("/")))
        })
    }

    /// The place as it is written: absolute, from where agents work, or from the top.
    fn exact(&self, path: &str) -> Option<Spot> {
        if let Some((base, rest)) = self.relative(path) {
            let spot = self.spot(&join(base, &steps(rest))?)?;
            return Some(Spot {
                as_written: true,
                ..spot
            });
        }
        let steps = steps(path);
        if let Some(spot) = join(&self.root, &steps).and_then(|names| self.spot(&names)) {
            let as_written = spot.path == path || spot.path == path.trim_end_matches('/');
            return Some(Spot { as_written, ..spot });
        }
        self.spot(&join(&[], &steps)?)
    }

    /// An absolute path in the repository: where it begins, and what follows.
    fn relative<'a>(&self, path: &'a str) -> Option<(&[String], &'a str)> {
        self.prefixes.iter().find_map(|(prefix, base)| {
            let rest = path.strip_prefix(prefix.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then_some((base.as_slice(), rest))
        })
    }

    /// The place with less in front: the `a/` of a diff, the checkout's own name, or whatever else
    /// leaves a directory and a name.
    fn shortened(&self, names: &[&str]) -> Option<Spot> {
        for left_out in 1..names.len() {
            let (front, rest) = names.split_at(left_out);
            let is_front = |name: &str| {
                ["a", "b"].contains(&name) || self.own_names.iter().any(|own| own == name)
            };
            if rest.len() < 2 && !matches!(front, [name] if is_front(name)) {
                continue;
            }
            let rest = Steps {
                up: 0,
                names: rest.to_vec(),
            };
            let bases = [&self.root[..], &[]];
            let mut found = bases.iter().filter_map(|base| join(base, &rest));
            if let Some(spot) = found.find_map(|names| self.spot(&names)) {
                return Some(spot);
            }
        }
        None
    }

    /// The only file whose path ends so, or the only place whose path is the same but for the case.
    /// What lies where agents work comes before what lies beside it.
    fn only_one(&self, wanted: &str) -> Option<Spot> {
        let listing = self.listing.get_or_init(|| Listing::of(&self.top));
        let root = self.root.join("/");
        for likeness in Likeness::ALL {
            for base in [root.as_str(), ""] {
                let mut found = listing.like(wanted, base, likeness);
                match (found.next(), found.next()) {
                    (None, _) => {}
                    (Some(only), None) => {
                        let names: Vec<String> = only.split('/').map(str::to_owned).collect();
                        return self.spot(&names);
                    }
                    // Nobody can say which of them is meant.
                    (Some(_), Some(_)) => return None,
                }
            }
        }
        None
    }

    /// What lies at `names` below the top.
    fn spot(&self, names: &[String]) -> Option<Spot> {
        if names.len() > MOST_NAMES || names.iter().any(|name| is_git(name)) {
            return None;
        }
        let path: PathBuf = [self.top.clone()]
            .into_iter()
            .chain(names.iter().map(PathBuf::from))
            .collect();
        let real = fs_err::canonicalize(path).ok()?;
        let below = real.strip_prefix(&self.top).ok()?;
        let is_hidden =
            |name: std::path::Component<'_>| is_git(&name.as_os_str().to_string_lossy());
        if below.components().any(is_hidden) {
            return None;
        }
        let kind = fs_err::metadata(&real).ok()?.file_type();
        let path = self.told(names);
        // A name that reads as another place with a line can't be told.
        Location::parse(&path).filter(|told| told.path() == path && told.line().is_none())?;
        Some(Spot {
            path,
            kind: match (kind.is_dir(), kind.is_file()) {
                (true, _) => Kind::Directory,
                (_, true) => Kind::File,
                _ => Kind::Other,
            },
            as_written: false,
            real,
        })
    }

    /// Relative to where agents work.
    fn told(&self, names: &[String]) -> String {
        let both = self.root.iter().zip(names);
        let shared = both.take_while(|(left, right)| left == right).count();
        let climbs = std::iter::repeat_n("..", self.root.len() - shared);
        let rest = names[shared..].iter().map(String::as_str);
        let parts: Vec<&str> = climbs.chain(rest).collect();
        if parts.is_empty() {
            ".".to_owned()
        } else {
            parts.join("/")
        }
    }
}

impl Spot {
    /// Its text. The error is a fragment for the user.
    pub(super) fn read(&self) -> Result<String, String> {
        let failed = |error: std::io::Error| format!("it can't be read: {}", error.kind());
        // Something else may have come in its place since it was looked at.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::open(&self.real, flags | OFlags::NOCTTY, Mode::empty())
            .map_err(|error| failed(error.into()))?;
        let file = std::fs::File::from(file);
        if !file.metadata().map_err(failed)?.is_file() {
            return Err("it is no regular file".into());
        }
        let mut bytes = Vec::new();
        file.take(LARGEST_FILE + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        if bytes.len() as u64 > LARGEST_FILE {
            return Err("it is larger than 5 MB".into());
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// A path without what leads nowhere.
struct Steps<'a> {
    /// How often it climbs first.
    up: usize,
    names: Vec<&'a str>,
}

fn steps(path: &str) -> Steps<'_> {
    let mut steps = Steps {
        up: 0,
        names: Vec::new(),
    };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if steps.names.pop().is_none() {
                    steps.up += 1;
                }
            }
            name => steps.names.push(name),
        }
    }
    steps
}

/// Where `steps` lead from `base`; `None` if they climb out of the repository.
fn join(base: &[String], steps: &Steps<'_>) -> Option<Vec<String>> {
    let kept = base.len().checked_sub(steps.up)?;
    let names = steps.names.iter().map(|name| (*name).to_owned());
    Some(base[..kept].iter().cloned().chain(names).collect())
}

/// The top of the repository that `root` is in, or `root` itself.
fn repository(root: &Path) -> PathBuf {
    let mut above = root.ancestors();
    let top = above.find(|above| above.join(".git").exists());
    top.unwrap_or(root).to_owned()
}

pub(super) fn is_git(name: &str) -> bool {
    name.eq_ignore_ascii_case(".git")
}

fn text(path: &Path) -> String {
    path.display().to_string().trim_end_matches('/').to_owned()
}

fn name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
