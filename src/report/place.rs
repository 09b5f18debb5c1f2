//! Where things are in the repository, for whatever shows them beside the code.
//!
//! Where a failure is, a model says, so it may be anything; a report may be a stranger's altogether.
//! Whether a file exists is not known here, only whether it could.

use percent_encoding::AsciiSet;

use crate::model::{Location, RunReport, Spot};
use crate::sanitize::{ADDRESS_PART, terminal_line};

/// The longest path that is taken for one, in bytes.
const LONGEST_PATH: usize = 1_024;

/// What is escaped in the path of an address: all but the `/` between its parts.
pub(super) const ESCAPED: &AsciiSet = &ADDRESS_PART.remove(b'/');

/// The place that a judge names, if it can be one of the repository.
pub(super) fn in_code(report: &RunReport, location: &Location) -> Option<Spot> {
    let path = location.path();
    // A judge that was to name a place sometimes writes a sentence.
    let is_sentence = path.contains(' ') && !path.contains(['/', '.']);
    if is_sentence {
        return None;
    }
    in_spec(report, path, location.line())
}

/// A place in a file that is told relative to the project, as a spec file is, if it can be one of the
/// repository.
pub(super) fn in_spec(report: &RunReport, path: &str, line: Option<u32>) -> Option<Spot> {
    let mut path = path;
    while let Some(rest) = path.strip_prefix("./") {
        path = rest;
    }
    let path = match report.judged.directory.as_str() {
        "" => path.to_owned(),
        directory => format!("{directory}/{path}"),
    };
    let line = line.filter(|line| *line > 0);
    is_plausible(&path).then_some(Spot { path, line })
}

/// The path of a spec file, relative to the top of the repository. For reports of our own, whose spec
/// files exist, whatever they are called; `None` without any name in it.
pub(super) fn existing(report: &RunReport, path: &str) -> Option<String> {
    names(path).next()?;
    let below_top = names(&report.judged.directory).chain(names(path));
    Some(below_top.collect::<Vec<_>>().join("/"))
}

/// Whether this can be the path of a file of the repository, and everybody reads it the same.
fn is_plausible(path: &str) -> bool {
    let is_odd_blank = |letter: char| letter.is_whitespace() && letter != ' ';
    path.len() <= LONGEST_PATH
        && path.split('/').all(is_name)
        // A drive, a scheme, or the other system's separator.
        && !path.contains([':', '\\'])
        // What a page shows as something else.
        && !path.contains(is_odd_blank)
        && !path.contains("  ")
        // Nothing that can't be seen, and nothing that a log would act on.
        && terminal_line(path) == path
}

/// The names in a path, without steps that lead nowhere or out of the project.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|name| is_name(name))
}

fn is_name(part: &str) -> bool {
    !matches!(part, "" | "." | "..")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn below(directory: &str) -> RunReport {
        let mut report = RunReport::sample_passed();
        report.judged.directory = directory.into();
        report
    }

    fn found(directory: &str, location: &str) -> Option<(String, u32)> {
        let spot = in_code(&below(directory), &Location::parse(location)?)?;
        Some((spot.path, spot.line.unwrap_or(0)))
    }

    #[test]
    fn a_place_is_relative_to_the_top_of_the_repository() {
        for (location, path, line) in [
            ("src/a.rs", "src/a.rs", 0),
            ("src/a.rs:12", "src/a.rs", 12),
            ("src/a b.rs:12:3", "src/a b.rs", 12),
            ("./src/a.rs:12-20", "src/a.rs", 12),
            ("././src/a.rs", "src/a.rs", 0),
            ("src/ü b%,=#?.rs:3", "src/ü b%,=#?.rs", 3),
            ("app/(x)/[id]/page.tsx", "app/(x)/[id]/page.tsx", 0),
            ("Makefile", "Makefile", 0),
            (".env", ".env", 0),
            ("the notes.txt", "the notes.txt", 0),
        ] {
            assert_eq!(found("", location), Some((path.into(), line)));
            let path = format!("services/the shop/{path}");
            assert_eq!(found("services/the shop", location), Some((path, line)));
        }
    }

    #[test]
    fn what_can_not_be_a_file_of_the_repository_is_no_place() {
        let long = "a/".repeat(600) + "b";
        for text in [
            "/etc/passwd:1",
            "..",
            ".",
            "./",
            ".//etc/passwd",
            "../../x.rs:1",
            "./../x.rs",
            "src/../../x.rs",
            "src//x.rs",
            "src/./x.rs",
            "src/.",
            "src/",
            "https://evil.example/x.rs:1",
            "javascript:alert(1)",
            "file:x.rs:1",
            "C:\\x.rs:1",
            "C:/x.rs:1",
            "src\\x.rs:1",
            "a\u{202e}b.rs:1",
            "a\u{200b}b.rs",
            "a\u{a0}b.rs",
            "a\u{2028}b.rs",
            "a\nb.rs:1",
            "a\tb.rs",
            "a  b.rs",
            "::error::x.rs:1",
            "a ##[group]b.rs",
            "src/a.rs:1 and src/b.rs:2",
            "the login handler",
            "the login handler:12",
            &long,
        ] {
            for directory in ["", "services/shop"] {
                assert_eq!(found(directory, text), None, "{text:?} in {directory:?}");
            }
        }
        for directory in ["..", "../x", "/x", "a//b", "C:", "a\nb", &long] {
            assert_eq!(found(directory, "a.rs"), None, "{directory:?}");
            let spec = in_spec(&below(directory), "a.spec.md", Some(1));
            assert_eq!(spec, None, "{directory:?}");
        }
    }

    #[test]
    fn lines_count_from_one() {
        let line = |line| in_spec(&below(""), "a.spec.md", line).unwrap().line;
        assert_eq!(
            [line(Some(0)), line(Some(1)), line(None)],
            [None, Some(1), None]
        );
    }

    #[test]
    fn of_our_own_spec_files_every_name_counts() {
        let existing = |directory, path| existing(&below(directory), path);
        let odd = "C:\\a  \u{202e}b.spec.md";
        assert_eq!(existing("", odd).as_deref(), Some(odd));
        assert_eq!(existing("a/b", "./c//d").as_deref(), Some("a/b/c/d"));
        assert_eq!(existing("a", "../c").as_deref(), Some("a/c"));
        assert_eq!(existing("a", "./"), None);
    }

    proptest! {
        #[test]
        fn every_place_is_inside_the_repository(
            directory in "([ab.]{1,2}/){0,1}[ab]?|.{0,6}",
            path in "(\\./){0,2}([ab. :#\\[\u{202e}]{0,3}/){0,3}[ab.\n]{0,3}|.{0,40}",
        ) {
            let report = below(&directory);
            let own = existing(&report, &path);
            let strict = in_spec(&report, &path, None).map(|spot| spot.path);
            for path in own.iter().chain(&strict) {
                prop_assert!(path.split('/').all(|part| !["", ".", ".."].contains(&part)), "{:?}", path);
            }
            if let Some(path) = strict {
                prop_assert!(!path.contains(|letter: char| letter.is_control() || letter == '\\'));
                // What is strict about it is only what it refuses.
                prop_assert_eq!(Some(path), own);
            }
        }
    }
}
