//! Class names and test names: stable, and unique in the document.
//!
//! Readers key a test's history on them, so they are made of the spec's path and the scenario's id
//! alone. A class name has dots as levels only: the extension is left out (`.spec.md`, `.test.md`,
//! else what stands after the last dot), other dots are `_`. Where two files would get the same
//! name, each of them gets one that is spelled out instead: `_` is `__`, `.` is `_d`, any other
//! character but ASCII letters, digits and `-` is `_u<hex>_`. That spelling can be undone, so no two
//! files share one.

use std::collections::BTreeMap;

use crate::sanitize::xml_line;

/// One class name for each of these different paths.
pub(super) fn classnames(paths: &[&str]) -> Vec<String> {
    let name = |path: &&str| Name {
        plain: plain_classname(path),
        spelled: path.split('/').map(spell).collect::<Vec<_>>().join("."),
    };
    distinct(&paths.iter().map(name).collect::<Vec<_>>())
}

/// One name for each of these ids of one file.
pub(super) fn names(ids: &[&str]) -> Vec<String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let names = ids.iter().map(|id| {
        let count = seen.entry(id).or_default();
        *count += 1;
        // Ids are unique in their file, unless the report was read from somebody's artifact.
        let suffix = match *count {
            1 => String::new(),
            more => format!("_n{more}"),
        };
        Name {
            plain: xml_line(id).trim().to_owned(),
            spelled: format!("{}{suffix}", spell(id)),
        }
    });
    distinct(&names.collect::<Vec<_>>())
}

struct Name {
    /// What is used if nobody else uses it.
    plain: String,
    /// Different from every other `spelled`, and left as it is by `sanitize`.
    spelled: String,
}

/// Each name plain, except those that are blank or would be shared. A spelled name may equal the
/// plain one of another, which must then be spelled too, so this goes on until nothing changes.
fn distinct(names: &[Name]) -> Vec<String> {
    let mut is_spelled: Vec<bool> = names.iter().map(|name| is_blank(&name.plain)).collect();
    loop {
        let current = || {
            names
                .iter()
                .zip(&is_spelled)
                .map(|(name, spelled)| name.choose(*spelled))
        };
        let mut users: BTreeMap<&str, usize> = BTreeMap::new();
        for name in current() {
            *users.entry(name).or_default() += 1;
        }
        let is_shared: Vec<bool> = current().map(|name| users.get(name) > Some(&1)).collect();
        let mut changed = false;
        for (spelled, shared) in is_spelled.iter_mut().zip(is_shared) {
            changed |= shared && !*spelled;
            *spelled |= shared;
        }
        if !changed {
            break;
        }
    }
    let chosen = names.iter().zip(is_spelled);
    chosen
        .map(|(name, spelled)| name.choose(spelled).to_owned())
        .collect()
}

impl Name {
    fn choose(&self, spelled: bool) -> &str {
        if spelled { &self.spelled } else { &self.plain }
    }
}

/// A name, or a level of it, that readers would drop.
fn is_blank(name: &str) -> bool {
    name.trim().is_empty()
}

fn plain_classname(path: &str) -> String {
    let (directory, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = [".spec.md", ".test.md"]
        .iter()
        .find_map(|extension| file.strip_suffix(extension))
        .or_else(|| file.rsplit_once('.').map(|(stem, _)| stem))
        .unwrap_or(file);
    let directories = directory.split('/').filter(|_| !directory.is_empty());
    let levels: Vec<String> = directories
        .chain([stem])
        .map(|level| xml_line(&level.replace('.', "_")).trim().to_owned())
        .collect();
    if levels.iter().any(|level| is_blank(level)) {
        return String::new();
    }
    levels.join(".")
}

fn spell(text: &str) -> String {
    if text.is_empty() {
        // An empty name would be dropped by readers.
        return "_e".to_owned();
    }
    let spelled = text.chars().map(|character| match character {
        '_' => "__".to_owned(),
        '.' => "_d".to_owned(),
        '-' | '0'..='9' | 'a'..='z' | 'A'..='Z' => character.to_string(),
        other => format!("_u{:x}_", u32::from(other)),
    });
    spelled.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dots_are_levels_only_and_the_extension_is_left_out() {
        assert_eq!(
            classnames(&[
                "specs/api/login.spec.md",
                "a.test.md",
                "v1.2/b.c.md",
                "README"
            ]),
            ["specs.api.login", "a", "v1_2.b_c", "README"]
        );
    }

    #[test]
    fn files_that_would_share_a_name_are_spelled_out_and_others_are_not() {
        assert_eq!(
            classnames(&["login.spec.md", "login.test.md", "logout.spec.md"]),
            ["login_dspec_dmd", "login_dtest_dmd", "logout"]
        );
        assert_eq!(classnames(&["a.b.md", "a_b.md"]), ["a_db_dmd", "a__b_dmd"]);
    }

    #[test]
    fn a_spelled_name_that_is_taken_makes_its_owner_spelled_too() {
        let paths = ["login.spec.md", "login.test.md", "login_dspec_dmd.md"];
        assert_eq!(
            classnames(&paths),
            [
                "login_dspec_dmd",
                "login_dtest_dmd",
                "login__dspec__dmd_dmd"
            ]
        );
    }

    #[test]
    fn the_order_of_files_changes_no_name() {
        let mut paths = ["a.b.md", "a_b.md", "a_db_dmd.md", "c.md"];
        let forward = classnames(&paths);
        paths.reverse();
        let mut backward = classnames(&paths);
        backward.reverse();
        assert_eq!(forward, backward);
    }

    #[test]
    fn names_are_ids_and_hostile_ids_stay_apart() {
        assert_eq!(names(&["login-works", "é"]), ["login-works", "é"]);
        assert_eq!(names(&["a", "a\u{0}", ""]), ["a", "a_u0_", "_e"]);
        assert_eq!(names(&["a", "a"]), ["a", "a_n2"]);
    }

    proptest! {
        #[test]
        fn different_paths_get_different_class_names(
            paths in prop::collection::btree_set("([ab._]{0,3}/){0,2}[ab._]{0,4}(\\.spec\\.md|\\.test\\.md|\\.md|)", 0..12)
        ) {
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            let classnames = classnames(&paths);
            let distinct: BTreeSet<&String> = classnames.iter().collect();
            prop_assert_eq!(distinct.len(), paths.len(), "{:?} {:?}", paths, classnames);
            prop_assert!(classnames.iter().all(|name| name.split('.').all(|level| !level.is_empty())));
        }
    }
}
