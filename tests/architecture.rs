//! Holds the map of the house: who may import whom, and how large a file or function may grow.
//!
//! `main → commands → rooms → leaves`; `cli → config` is the one other edge. Rooms never import each
//! other; leaves import only leaves.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that can't go on must fail at once"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

const ROOMS: [&str; 8] = [
    "action", "ci", "cli", "config", "evaluate", "publish", "report", "ui",
];
const LEAVES: [&str; 14] = [
    "chain",
    "digest",
    "env",
    "exit",
    "git",
    "http",
    "junit",
    "model",
    "nearest",
    "ownership",
    "process",
    "sanitize",
    "timeout",
    "tree",
];

/// Lines of a file without its tests.
const LONGEST_FILE: usize = 400;
const MEDIAN_FILE: usize = 150;
const LONGEST_FUNCTION: usize = 60;

/// Names that say nothing about what a file owns.
const EMPTY_NAMES: [&str; 7] = [
    "util", "utils", "helper", "helpers", "common", "types", "imp",
];

struct Source {
    /// Relative to `src/`.
    path: PathBuf,
    text: String,
    syntax: syn::File,
}

impl Source {
    /// The first module below the crate: `evaluate` for `evaluate/judge/mod.rs`.
    fn room(&self) -> String {
        let first = self.path.components().next().unwrap();
        let name = Path::new(first.as_os_str()).with_extension("");
        name.to_str().unwrap().to_owned()
    }

    fn lines_without_tests(&self) -> usize {
        let is_tests =
            |item: &&syn::Item| matches!(item, syn::Item::Mod(module) if is_test(&module.attrs));
        let tests = self.syntax.items.iter().find(is_tests);
        tests.map_or(self.text.lines().count(), |tests| {
            tests.span().start().line - 1
        })
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|word| word == "test")
    })
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push(Source {
                    path: path.strip_prefix(&root).unwrap().to_owned(),
                    syntax: syn::parse_file(&text).unwrap(),
                    text,
                });
            }
        }
    }
    found.sort_by(|left, right| left.path.cmp(&right.path));
    assert!(found.len() > 20, "the sources were not found");
    found
}

/// The modules below the crate that a file names, in `use` or in a path, tests left out.
struct Imports {
    /// What the crate is called in this file: the binary is another crate than the library.
    root: &'static str,
    /// How many `super` lead from this file to the crate itself.
    depth: usize,
    found: BTreeSet<String>,
}

/// Stands for an import through so many `super` that it ends at the crate itself.
const UNSEEN: &str = "super";

impl<'ast> Visit<'ast> for Imports {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    /// `pub(super)` imports nothing.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    fn visit_use_path(&mut self, path: &'ast syn::UsePath) {
        let (mut supers, mut inner) = (0, path);
        while inner.ident == "super" {
            supers += 1;
            let syn::UseTree::Path(next) = &*inner.tree else {
                break;
            };
            inner = next;
        }
        self.take_supers(supers);
        if path.ident == self.root {
            self.take_tree(&path.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut segments = path.segments.iter();
        let supers = segments.clone().take_while(|one| one.ident == "super");
        self.take_supers(supers.count());
        if segments
            .next()
            .is_some_and(|first| first.ident == self.root)
        {
            self.found
                .extend(segments.next().map(|second| second.ident.to_string()));
        }
        visit::visit_path(self, path);
    }
}

impl Imports {
    fn of(source: &Source) -> BTreeSet<String> {
        let is_binary = source.room() == "main";
        let mut modules = source.path.with_extension("");
        if modules.ends_with("mod") {
            modules.pop();
        }
        let mut imports = Self {
            root: if is_binary { "semtest" } else { "crate" },
            depth: modules.components().count(),
            found: BTreeSet::new(),
        };
        imports.visit_file(&source.syntax);
        imports.found
    }

    fn take_supers(&mut self, supers: usize) {
        if supers >= self.depth {
            self.found.insert(UNSEEN.to_owned());
        }
    }

    fn take_tree(&mut self, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => drop(self.found.insert(path.ident.to_string())),
            syn::UseTree::Name(name) => drop(self.found.insert(name.ident.to_string())),
            syn::UseTree::Rename(rename) => drop(self.found.insert(rename.ident.to_string())),
            syn::UseTree::Glob(_) => drop(self.found.insert("*".to_owned())),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.take_tree(item)),
        }
    }
}

fn may_import(from: &str, to: &str) -> bool {
    from == to
        || LEAVES.contains(&to)
        || (from, to) == ("main", "commands")
        || (from == "commands" && ROOMS.contains(&to))
        || (from, to) == ("cli", "config")
}

#[test]
fn imports_follow_the_map() {
    let mut wrong = Vec::new();
    for source in sources() {
        let room = source.room();
        let known = ["main", "lib", "commands"].contains(&room.as_str())
            || ROOMS.contains(&room.as_str())
            || LEAVES.contains(&room.as_str());
        assert!(known, "{room} is not on the map of tests/architecture.rs");
        for to in Imports::of(&source) {
            if !may_import(&room, &to) {
                wrong.push(format!("{} imports crate::{to}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_way_to_import_is_seen() {
    let imports = |path: &str, text: &str| {
        let source = Source {
            path: path.into(),
            text: text.to_owned(),
            syntax: syn::parse_file(text).unwrap(),
        };
        Imports::of(&source).into_iter().collect::<Vec<_>>()
    };
    let room = "use crate::{cli::Run, ui}; fn f() { crate::report::write() }";
    assert_eq!(imports("config/load.rs", room), ["cli", "report", "ui"]);
    let binary = "use semtest::config; fn main() { semtest::commands::main() }";
    assert_eq!(imports("main.rs", binary), ["commands", "config"]);
    for reaching in ["use super::ui::Ui;", "fn f() { super::ui::f() }"] {
        assert_eq!(imports("config/mod.rs", reaching), [UNSEEN]);
        assert!(imports("config/load.rs", reaching).is_empty());
    }
    let deep = "use super::super::ui;";
    assert_eq!(imports("evaluate/judge/mod.rs", deep), [UNSEEN]);
    assert!(imports("evaluate/judge/call.rs", deep).is_empty());
    let test = "pub(super) fn f() {} #[cfg(test)] mod tests { use super::*; use crate::ui; }";
    assert!(imports("config/mod.rs", test).is_empty());
}

#[test]
fn files_stay_small() {
    let sources = sources();
    let mut sizes: Vec<usize> = sources.iter().map(Source::lines_without_tests).collect();
    for (source, size) in sources.iter().zip(&sizes) {
        let path = source.path.display();
        assert!(
            *size <= LONGEST_FILE,
            "{path} has {size} lines, {LONGEST_FILE} at most"
        );
    }
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    assert!(median <= MEDIAN_FILE, "the median file has {median} lines");
}

/// Finds functions that are too long, outside of tests.
struct LongFunctions(Vec<String>);

impl LongFunctions {
    fn measure(&mut self, name: &syn::Ident, body: &syn::Block) {
        let lines = body.span().end().line - body.span().start().line;
        if lines > LONGEST_FUNCTION {
            self.0.push(format!("{name} has {lines} lines"));
        }
    }
}

impl<'ast> Visit<'ast> for LongFunctions {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.measure(&function.sig.ident, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.measure(&function.sig.ident, &function.block);
        visit::visit_impl_item_fn(self, function);
    }
}

#[test]
fn functions_stay_small() {
    for source in sources() {
        let mut long = LongFunctions(Vec::new());
        long.visit_file(&source.syntax);
        assert!(
            long.0.is_empty(),
            "{}: {}",
            source.path.display(),
            long.0.join(", ")
        );
    }
}

#[test]
fn every_module_says_what_it_owns() {
    for source in sources() {
        assert!(
            source.text.starts_with("//!"),
            "{} opens without `//!`",
            source.path.display()
        );
    }
}

#[test]
fn modules_are_folders_with_telling_names() {
    for source in sources() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src")
            .join(source.path.with_extension(""));
        assert!(
            !folder.is_dir(),
            "{} stands beside a folder of its name",
            source.path.display()
        );
        for component in source.path.with_extension("").components() {
            let name = component.as_os_str().to_str().unwrap();
            assert!(
                !EMPTY_NAMES.contains(&name),
                "{}: `{name}`",
                source.path.display()
            );
        }
    }
}
