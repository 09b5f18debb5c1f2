//! Everything that has a path in the tree, for paths that are a little off.

use std::path::Path;

use super::super::super::ignored;
use super::tree::{MOST_NAMES, is_git};

/// How much is listed, in bytes: a larger tree is too large to say that a name is the only one of its
/// kind.
pub(super) const MOST_BYTES: usize = 16 << 20;

/// What a tree holds and no `.gitignore` hides; nothing of a tree that is too large.
#[derive(Debug)]
pub(super) struct Listing(Vec<Entry>);

/// Each is compared with every place that can't be found, so both forms are kept.
#[derive(Debug)]
struct Entry {
    /// Below the top.
    path: String,
    /// The same in small letters.
    small: String,
    is_directory: bool,
}

/// How a path may be like another, the closest first.
#[derive(Clone, Copy, Debug)]
pub(super) enum Likeness {
    /// A file whose path ends so.
    Ends,
    /// The same but for the case.
    Same,
    /// A file whose path ends so but for the case.
    SmallEnds,
}

impl Likeness {
    pub(super) const ALL: [Self; 3] = [Self::Ends, Self::Same, Self::SmallEnds];
}

impl Listing {
    /// Lists what is below `top`, which is canonical, if it has no more than `most_bytes`.
    pub(super) fn of(top: &Path, most_bytes: usize) -> Self {
        let mut entries = Vec::new();
        if !can_be_listed(top) {
            return Self(entries);
        }
        let walk = ignored::walk(top, ignored::in_repository(top))
            .max_depth(Some(MOST_NAMES))
            .filter_entry(|entry| {
                let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
                !is_git(&entry.file_name().to_string_lossy())
                    && (!is_directory || can_be_listed(entry.path()))
            })
            .build();
        let mut bytes = 0;
        for found in walk.flatten() {
            let below = found.path().strip_prefix(top).ok();
            // What has no readable name can't be named in an answer.
            let path = below.and_then(Path::to_str).filter(|path| !path.is_empty());
            let Some(path) = path else {
                continue;
            };
            bytes += path.len() + size_of::<Entry>();
            if bytes > most_bytes {
                return Self(Vec::new());
            }
            entries.push(Entry {
                path: path.to_owned(),
                small: path.to_lowercase(),
                is_directory: found.file_type().is_some_and(|kind| kind.is_dir()),
            });
        }
        Self(entries)
    }

    /// The paths below the directory `base` (empty for the top) that `wanted` is like.
    pub(super) fn like<'a>(
        &'a self,
        wanted: &'a str,
        base: &'a str,
        likeness: Likeness,
    ) -> impl Iterator<Item = &'a str> {
        let (small, small_base) = (wanted.to_lowercase(), base.to_lowercase());
        let is_like = move |entry: &&Entry| {
            let (Some(path), Some(small_path)) =
                (below(&entry.path, base), below(&entry.small, &small_base))
            else {
                return false;
            };
            match likeness {
                Likeness::Ends => !entry.is_directory && ends(path, wanted),
                Likeness::Same => small_path == small,
                Likeness::SmallEnds => !entry.is_directory && ends(small_path, &small),
            }
        };
        let found = self.0.iter().filter(is_like);
        found.map(|entry| entry.path.as_str())
    }
}

/// Whether the walk may look into `directory`: an ignore file that is a pipe would be waited for.
fn can_be_listed(directory: &Path) -> bool {
    !fs_err::metadata(directory.join(".gitignore")).is_ok_and(|found| !found.is_file())
}

/// Whether `path` has the names of `end` as its last ones.
fn ends(path: &str, end: &str) -> bool {
    path.strip_suffix(end)
        .is_some_and(|front| !end.is_empty() && (front.is_empty() || front.ends_with('/')))
}

/// `path` in terms of the directory `base`, if it is below.
fn below<'a>(path: &'a str, base: &str) -> Option<&'a str> {
    match base {
        "" => Some(path),
        base => path.strip_prefix(base)?.strip_prefix('/'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_that_is_too_large_has_no_names_to_tell_apart() {
        let directory = tempfile::tempdir().unwrap();
        let top = fs_err::canonicalize(directory.path()).unwrap();
        for name in ["a.rs", "b.rs"] {
            fs_err::write(top.join(name), "").unwrap();
        }
        let count = |most| {
            let listing = Listing::of(&top, most);
            listing.like("A.rs", "", Likeness::Same).count()
        };
        assert_eq!((count(MOST_BYTES), count(64)), (1, 0));
    }

    #[test]
    fn only_what_is_below_the_base_is_like_it() {
        let directory = tempfile::tempdir().unwrap();
        let top = fs_err::canonicalize(directory.path()).unwrap();
        for path in ["App/a.rs", "App2/a.rs"] {
            fs_err::create_dir_all(top.join(path).parent().unwrap()).unwrap();
            fs_err::write(top.join(path), "").unwrap();
        }
        let listing = Listing::of(&top, MOST_BYTES);
        let like = |likeness| listing.like("a.rs", "App", likeness).collect::<Vec<_>>();
        for likeness in Likeness::ALL {
            assert_eq!(like(likeness), ["App/a.rs"], "{likeness:?}");
        }
    }
}
