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
use super::listing::{Likeness, Listing, MOST_BYTES};

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
        let exact = self.exact(path).or_else(|| {
            let spot = self.exact(&other)?;
            Some(Spot {
                as_written: false,
                ..spot
            })
        });
        exact.or_else(|| {
            let steps = steps(self.relative(&other).map_or(&*other, |(_, rest)| rest));
            // Whoever climbs out of the repository means nothing in it.
            join(&self.root, &steps)?;
            let shortened = self.shortened(&steps.names);
            shortened.or_else(|| self.only_one(&steps.names.join("/")))
        })
    }

    /// `text` from the project on, if it begins with the absolute path of the project.
    pub(super) fn below_root<'a>(&self, text: &'a str) -> &'a str {
        match self.relative(text) {
            Some((base, rest)) if *base == self.root && !rest.is_empty() => {
                rest.trim_start_matches('/')
            }
            _ => text,
        }
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
        let listing = self
            .listing
            .get_or_init(|| Listing::of(&self.top, MOST_BYTES));
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use proptest::prelude::*;

    use super::*;

    /// A repository with these files (directories end in `/`).
    fn repository_of(files: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let top = fs_err::canonicalize(directory.path()).unwrap();
        fs_err::create_dir(top.join(".git")).unwrap();
        for file in files {
            let path = top.join(file);
            if file.ends_with('/') {
                fs_err::create_dir_all(path).unwrap();
            } else {
                fs_err::create_dir_all(path.parent().unwrap()).unwrap();
                fs_err::write(path, "").unwrap();
            }
        }
        (directory, top)
    }

    fn tree(root: &Path) -> Tree {
        Tree::of(&Workplace::project(root.to_owned()))
    }

    /// The place, with `~` in front if it had to be repaired.
    fn found(tree: &Tree, path: &str) -> String {
        match tree.find(path) {
            None => "none".into(),
            Some(spot) if spot.as_written => spot.path,
            Some(spot) => format!("~{}", spot.path),
        }
    }

    #[test]
    fn a_path_that_exists_is_kept_and_written_plainly() {
        let (_directory, top) = repository_of(&["src/a.rs", "src/b:x.rs"]);
        let tree = tree(&top);
        for (path, expected) in [
            ("src/a.rs", "src/a.rs"),
            ("src", "src"),
            ("src/", "src"),
            (".", "."),
            ("./src/a.rs", "~src/a.rs"),
            ("src//a.rs", "~src/a.rs"),
            ("src/./x/../a.rs", "~src/a.rs"),
            ("src\\a.rs", "~src/a.rs"),
            ("src/b:x.rs", "src/b:x.rs"),
        ] {
            assert_eq!(found(&tree, path), expected, "{path}");
        }
        let absolute = format!("{}//src/a.rs", top.display());
        assert_eq!(found(&tree, &absolute), "src/a.rs");
        assert_eq!(found(&tree, &top.display().to_string()), ".");
    }

    #[test]
    fn a_path_with_too_much_in_front_is_repaired() {
        let (_directory, top) = repository_of(&["src/deep/a.rs", "README.md"]);
        let own = name(&top);
        let tree = tree(&top);
        for (path, expected) in [
            ("a/src/deep/a.rs", "~src/deep/a.rs"),
            ("b/README.md", "~README.md"),
            ("/src/deep/a.rs", "~src/deep/a.rs"),
            ("/home/x/shop/src/deep/a.rs", "~src/deep/a.rs"),
            ("C:\\shop\\src\\deep\\a.rs", "~src/deep/a.rs"),
            (&format!("{own}/README.md"), "~README.md"),
            ("docs/README.md", "none"),
            ("x/y/README.md", "none"),
        ] {
            assert_eq!(found(&tree, path), expected, "{path}");
        }
    }

    #[test]
    fn a_path_with_too_little_in_front_is_repaired_if_one_file_ends_so() {
        let (_directory, top) = repository_of(&[
            "app/src/a.rs",
            "app/src/only.rs",
            "lib/src/a.rs",
            "lib/xa.rs",
            "lib/only/",
            "build/hidden.rs",
            "twice/hidden.rs",
            ".gitignore",
        ]);
        fs_err::write(top.join(".gitignore"), "/build/\n").unwrap();
        let tree = tree(&top);
        for (path, expected) in [
            ("src/only.rs", "~app/src/only.rs"),
            ("only.rs", "~app/src/only.rs"),
            ("a.rs", "none"),
            ("src/a.rs", "none"),
            ("only", "none"),
            ("nly.rs", "none"),
            ("hidden.rs", "~twice/hidden.rs"),
            ("build/hidden.rs", "build/hidden.rs"),
        ] {
            assert_eq!(found(&tree, path), expected, "{path}");
        }
    }

    #[test]
    fn a_path_that_is_off_by_case_is_repaired_if_one_is_meant() {
        let (_directory, top) =
            repository_of(&["src/A.rs", "src/b.rs", "src/B.rs", "old/src/a.rs", "Docs/"]);
        let tree = tree(&top);
        for (path, expected) in [
            ("Src/A.rs", "~src/A.rs"),
            ("SRC/A.RS", "~src/A.rs"),
            ("OLD/SRC/A.RS", "~old/src/a.rs"),
            ("docs", "~Docs"),
            ("SRC/b.RS", "none"),
            (&format!("{}/Src/A.rs", top.display()), "~src/A.rs"),
        ] {
            assert_eq!(found(&tree, path), expected, "{path}");
        }
    }

    #[test]
    fn what_lies_beside_the_project_in_its_repository_exists_too() {
        let (_directory, top) = repository_of(&["app/src/a.rs", "lib/b.rs", "src/a.rs", "c.rs"]);
        let tree = tree(&top.join("app"));
        for (path, expected) in [
            ("src/a.rs", "src/a.rs"),
            ("app/src/a.rs", "~src/a.rs"),
            ("a.rs", "~src/a.rs"),
            ("../lib/b.rs", "../lib/b.rs"),
            ("lib/b.rs", "~../lib/b.rs"),
            ("b.rs", "~../lib/b.rs"),
            ("../src/a.rs", "../src/a.rs"),
            ("..", ".."),
            ("../..", "none"),
            ("../../c.rs", "none"),
            (&format!("{}/c.rs", top.display()), "../c.rs"),
        ] {
            assert_eq!(found(&tree, path), expected, "{path}");
        }
    }

    #[test]
    fn without_a_repository_the_project_is_all_there_is() {
        let (_directory, top) = repository_of(&["app/a.rs", "b.rs"]);
        fs_err::remove_dir(top.join(".git")).unwrap();
        let tree = tree(&top.join("app"));
        assert_eq!(found(&tree, "a.rs"), "a.rs");
        assert_eq!(found(&tree, "../b.rs"), "none");
        assert_eq!(found(&tree, &format!("{}/b.rs", top.display())), "none");
    }

    #[test]
    fn in_a_copy_the_checkout_is_known_by_its_own_path() {
        let (_directory, top) = repository_of(&["app/src/a.rs", "lib/b.rs"]);
        let workplace = Workplace::copy(top.join("app"), &top, Path::new("/ci/w"));
        let tree = Tree::of(&workplace);
        assert_eq!(found(&tree, "/ci/w/app/src/a.rs"), "src/a.rs");
        assert_eq!(found(&tree, "/ci/w/lib/b.rs"), "../lib/b.rs");
        assert_eq!(found(&tree, "w/lib/b.rs"), "~../lib/b.rs");
    }

    #[test]
    fn nothing_outside_of_the_repository_or_of_git_is_a_place() {
        let (_outside, outside) = repository_of(&["secret"]);
        let (_directory, top) = repository_of(&["src/a.rs", ".git/config", "sub/.GIT/x"]);
        symlink(outside.join("secret"), top.join("leak")).unwrap();
        symlink(&outside, top.join("leaks")).unwrap();
        symlink(".git/config", top.join("git")).unwrap();
        symlink("src", top.join("inside")).unwrap();
        symlink("loop", top.join("loop")).unwrap();
        let tree = tree(&top);
        for path in [
            "leak",
            "leaks/secret",
            "leaks",
            "git",
            "loop",
            ".git",
            ".git/config",
            "config",
            "sub/.GIT/x",
            "/etc/passwd",
            "../../../../../../../../etc/passwd",
            &format!("{}/secret", outside.display()),
        ] {
            assert_eq!(found(&tree, path), "none", "{path}");
        }
        assert_eq!(found(&tree, "inside/a.rs"), "inside/a.rs");
    }

    #[test]
    fn hostile_paths_are_no_places_and_take_no_time() {
        let (_directory, top) = repository_of(&["src/a.rs", "a:3", "x "]);
        let tree = tree(&top);
        for path in [
            "",
            "\0",
            "src/a.rs\0",
            "src\na.rs",
            "\u{202e}src/a.rs",
            "a:3",
            "x ",
            &"a/".repeat(50_000),
            &"../".repeat(300),
            &"x".repeat(100_000),
        ] {
            assert_eq!(found(&tree, path), "none", "{path:?}");
        }
    }

    #[test]
    fn pipes_exist_and_are_never_opened() {
        let (_directory, top) = repository_of(&["src/a.rs", "shut/b.rs"]);
        let pipe = |path: &str| {
            let made = std::process::Command::new("mkfifo")
                .arg(top.join(path))
                .status();
            assert!(made.unwrap().success());
        };
        pipe("pipe");
        // One that a walk would read.
        pipe("shut/.gitignore");
        let tree = tree(&top);
        let spot = tree.find("pipe").unwrap();
        assert_eq!(spot.kind, Kind::Other);
        assert_eq!(spot.read().unwrap_err(), "it is no regular file");
        assert_eq!(found(&tree, "a.rs"), "~src/a.rs");
        assert_eq!(found(&tree, "b.rs"), "none");
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let (_directory, top) = repository_of(&["huge"]);
        let huge = fs_err::OpenOptions::new()
            .write(true)
            .open(top.join("huge"))
            .unwrap();
        huge.set_len(LARGEST_FILE + 1).unwrap();
        let spot = tree(&top).find("huge").unwrap();
        assert_eq!(spot.read().unwrap_err(), "it is larger than 5 MB");
        huge.set_len(LARGEST_FILE).unwrap();
        assert!(spot.read().is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn every_place_exists_inside_of_the_repository(
            files in prop::collection::vec("([abAB]/){0,3}[abAB.]{1,2}x", 1..8),
            root in "|[ab]",
            paths in prop::collection::vec("/?((\\.\\.|\\.|\\.git|[abAB]|[abAB.]{1,2}x)[/\\\\]{1,2}){0,4}[abAB.]{0,2}x?", 1..12),
        ) {
            let (_directory, top) = repository_of(&[]);
            for file in &files {
                // One that is a directory already, or below a file, is left out.
                let _ = fs_err::create_dir_all(top.join(file).parent().unwrap());
                let _ = fs_err::write(top.join(file), "");
            }
            let root = top.join(root);
            fs_err::create_dir_all(&root).unwrap();
            let tree = tree(&root);
            for path in files.iter().chain(&paths) {
                if let Some(spot) = tree.find(path) {
                    let real = fs_err::canonicalize(root.join(&spot.path)).unwrap();
                    prop_assert!(real.starts_with(&top) && !real.starts_with(top.join(".git")), "{}", path);
                    prop_assert_eq!(&real, &spot.real);
                    // What was told once is a place that is written well.
                    let again = tree.find(&spot.path).unwrap();
                    prop_assert!(again.as_written && again.path == spot.path, "{}", path);
                }
            }
        }

        #[test]
        fn any_text_is_looked_for_without_a_panic(path in "(\\PC|[./\\\\:a]){0,40}") {
            let (_directory, top) = repository_of(&["a"]);
            let _ = tree(&top).find(&path);
        }
    }
}
