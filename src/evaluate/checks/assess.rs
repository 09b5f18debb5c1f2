//! One assertion against the project: does it hold, where not, and what to do.

use std::collections::BTreeSet;
use std::path::Path;

use super::document::{Unparsable, equal};
use super::glob::Glob;
use super::grammar::{Assertion, Check, Expected, shorten};
use super::pattern::Pattern;
use super::project::{Entry, Kind, Project};
use crate::model::Location;

/// How many characters of a value a message repeats.
const LONGEST_VALUE: usize = 120;

/// A larger document is not taken apart, in bytes: its tree takes many times its size.
const LARGEST_DOCUMENT: usize = 2 << 20;

/// What came of one assertion.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) holds: bool,
    /// What was seen, a fragment for the user. Never file content, but for `value`: what a `lacks`
    /// looks for may be a secret.
    pub(super) observed: String,
    /// Where, if it does not hold and that is a place.
    pub(super) location: Option<Location>,
    /// What to do if it does not hold.
    pub(super) resolution: String,
}

impl Finding {
    fn holds(observed: String) -> Self {
        Self {
            holds: true,
            observed,
            location: None,
            resolution: String::new(),
        }
    }

    fn fails(observed: String, location: Option<Location>, resolution: impl Into<String>) -> Self {
        Self {
            holds: false,
            observed,
            location,
            resolution: resolution.into(),
        }
    }
}

pub(super) fn assess(assertion: &Assertion, project: &Project) -> Finding {
    match assertion.check() {
        Check::Exists(globs) => exists(globs, project),
        Check::Absent(globs) => absent(globs, project),
        Check::Contains(glob, pattern) => contains(glob, pattern, project),
        Check::Lacks(glob, pattern) => lacks(glob, pattern, project),
        Check::Value(expected) => value(expected, project),
    }
}

/// What globs match.
struct Matches {
    /// Sorted by path.
    entries: Vec<Entry>,
    problems: Vec<String>,
}

fn matches(globs: &[Glob], project: &Project) -> Matches {
    let mut entries = BTreeSet::new();
    let mut problems = BTreeSet::new();
    for alternative in globs.iter().flat_map(Glob::alternatives) {
        let anchor = alternative.anchor();
        let listing = project.list(&anchor);
        problems.extend(listing.problems.iter().cloned());
        // What lies behind a link to a directory is seen only if the glob finds it by its own path.
        let seen = alternative.is_recursive().then_some(anchor.as_path());
        let unseen = listing.entries.iter().filter(|entry| {
            entry.kind == Kind::Other
                && alternative.reaches_below(&entry.path)
                && project.is_directory_outside(&entry.path, seen)
        });
        problems.extend(unseen.map(|entry| {
            format!(
                "`{}` is a symbolic link to a directory, which checks don't follow; leave it out \
                 with `testPathIgnorePatterns`, and check what it leads to by its own path",
                entry.path.display()
            )
        }));
        let matched = listing
            .entries
            .iter()
            .filter(|entry| alternative.matches(&entry.path));
        entries.extend(matched.cloned());
    }
    Matches {
        entries: entries.into_iter().collect(),
        problems: problems.into_iter().collect(),
    }
}

impl Matches {
    fn files(&self) -> Vec<&Path> {
        self.entries
            .iter()
            .filter(|entry| entry.kind == Kind::File)
            .map(|entry| entry.path.as_path())
            .collect()
    }

    /// The failure of a check that needs a file and has none.
    fn no_file(&self, globs: &[Glob]) -> Finding {
        let names: Vec<_> = globs
            .iter()
            .map(|glob| format!("`{}`", glob.text()))
            .collect();
        let mut observed = vec![format!("no file matches {}", names.join(" or "))];
        observed.extend(self.entries.first().map(|first| {
            let name = first.path.display();
            match first.kind {
                Kind::Directory => format!("`{name}` is a directory: write `{name}/**`"),
                Kind::File | Kind::Other => {
                    format!("`{name}` is no regular file inside the project")
                }
            }
        }));
        observed.extend(
            self.problems
                .first()
                .map(|problem| format!("{problem}{}", more(self.problems.len() - 1))),
        );
        Finding::fails(
            observed.join("; "),
            None,
            "add the file, or correct the glob (it starts at the project root; ignored files count \
             only when the glob starts with their path)",
        )
    }
}

fn exists(globs: &[Glob], project: &Project) -> Finding {
    let found = matches(globs, project);
    match found.entries.iter().find(|entry| entry.kind != Kind::Other) {
        Some(entry) => Finding::holds(format!("found {}", entry.path.display())),
        None => found.no_file(globs),
    }
}

fn absent(globs: &[Glob], project: &Project) -> Finding {
    let found = matches(globs, project);
    let Some(first) = found.entries.first() else {
        return nothing_hidden(&found.problems, "nothing matches".into());
    };
    // A report links to files, so a directory is shown by what is in it.
    let shown = match first.kind {
        Kind::File | Kind::Other => first.path.clone(),
        Kind::Directory => project
            .list(&first.path)
            .entries
            .iter()
            .find(|entry| entry.kind != Kind::Directory)
            .map_or_else(|| first.path.clone(), |entry| entry.path.clone()),
    };
    Finding::fails(
        format!(
            "{} exists{}",
            first.path.display(),
            more(found.entries.len() - 1)
        ),
        Some(at(&shown, 1)),
        "remove it, or correct the glob",
    )
}

fn contains(glob: &Glob, pattern: &Pattern, project: &Project) -> Finding {
    let globs = std::slice::from_ref(glob);
    let found = matches(globs, project);
    let files = found.files();
    let Some(first) = files.first() else {
        return found.no_file(globs);
    };
    let mut problems = found.problems.clone();
    let searcher = match pattern.compile() {
        Ok(searcher) => searcher,
        Err(reason) => return Finding::fails(reason, None, "correct the pattern"),
    };
    for file in &files {
        match project.read(file).map(|content| searcher.find(&content)) {
            Ok(Some(line)) => {
                return Finding::holds(format!("found at {}", at(file, line).as_str()));
            }
            Ok(None) => {}
            Err(reason) => problems.push(format!("{} {reason}", file.display())),
        }
    }
    let place = match files.len() {
        1 => first.display().to_string(),
        count => format!("any of {count} files that match `{}`", glob.text()),
    };
    let unread = problems.first().map_or_else(String::new, |problem| {
        format!("; {problem}{}", more(problems.len() - 1))
    });
    Finding::fails(
        format!(
            "{} is not found in {place}{unread}",
            pattern.named(LONGEST_VALUE)
        ),
        Some(at(first, 1)),
        "add it to the code, or correct the glob or the pattern",
    )
}

fn lacks(glob: &Glob, pattern: &Pattern, project: &Project) -> Finding {
    let globs = std::slice::from_ref(glob);
    let found = matches(globs, project);
    let files = found.files();
    if files.is_empty() {
        return found.no_file(globs);
    }
    let searcher = match pattern.compile() {
        Ok(searcher) => searcher,
        Err(reason) => return Finding::fails(reason, None, "correct the pattern"),
    };
    let mut places = Vec::new();
    let mut problems = found.problems.clone();
    for file in &files {
        match project.read(file).map(|content| searcher.find(&content)) {
            Ok(Some(line)) => places.push(at(file, line)),
            Ok(None) => {}
            Err(reason) => problems.push(format!("{} {reason}", file.display())),
        }
    }
    if let Some(first) = places.first() {
        return Finding::fails(
            format!(
                "{} is found at {}{}",
                pattern.named(LONGEST_VALUE),
                first.as_str(),
                more(places.len() - 1)
            ),
            Some(first.clone()),
            "remove it there, or correct the glob or the pattern",
        );
    }
    nothing_hidden(&problems, format!("not in any of {} files", files.len()))
}

/// That nothing was found only says something if everything could be looked at.
fn nothing_hidden(problems: &[String], observed: String) -> Finding {
    match problems.first() {
        None => Finding::holds(observed),
        Some(problem) => Finding::fails(
            format!("{problem}{}", more(problems.len() - 1)),
            None,
            "make it readable, or narrow the glob so that it is not asked for",
        ),
    }
}

fn value(expected: &Expected, project: &Project) -> Finding {
    let globs = std::slice::from_ref(&expected.file);
    let found = matches(globs, project);
    let Some(file) = found.files().first().copied() else {
        return found.no_file(globs);
    };
    let repair = |what: &str| format!("repair {}: {what}", file.display());
    let content = project.read(file).and_then(|content| {
        let fits = content.len() <= LARGEST_DOCUMENT;
        fits.then_some(content)
            .ok_or_else(|| "is larger than 10 MB, too large for `value`".into())
    });
    let text = match content.map(String::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(_)) => {
            let observed = format!("{} is not UTF-8", file.display());
            return Finding::fails(observed, Some(at(file, 1)), repair("save it as UTF-8"));
        }
        Err(reason) => {
            let observed = format!("{} {reason}", file.display());
            return Finding::fails(observed, Some(at(file, 1)), repair("it has to be readable"));
        }
    };
    let document = match expected.format.parse(&text) {
        Ok(document) => document,
        Err(Unparsable { line, reason }) => {
            let place = at(file, line.unwrap_or(1));
            let observed = format!("{} can't be read: {reason}", place.as_str());
            return Finding::fails(observed, Some(place), repair("correct its syntax"));
        }
    };
    let wanted = shorten(&expected.value.to_string(), LONGEST_VALUE);
    let resolution = format!(
        "set {} in {} to {wanted}, or correct the check",
        named(&expected.written),
        file.display()
    );
    match document.find(&expected.pointer) {
        Err(missing) => Finding::fails(missing.reason, Some(at(file, missing.line)), resolution),
        Ok(node) => {
            let value = node.to_json();
            let seen = shorten(&value.to_string(), LONGEST_VALUE);
            let observed = format!("{} is {seen}", named(&expected.written));
            let place = at(file, node.line);
            if equal(&value, &expected.value) {
                Finding::holds(format!("{observed} at {}", place.as_str()))
            } else {
                Finding::fails(format!("{observed}, not {wanted}"), Some(place), resolution)
            }
        }
    }
}

fn named(pointer: &str) -> String {
    if pointer.is_empty() {
        "the whole document".into()
    } else {
        format!("`{pointer}`")
    }
}

fn at(path: &Path, line: u32) -> Location {
    Location::at(&path.display().to_string(), line)
}

fn more(count: usize) -> String {
    if count == 0 {
        String::new()
    } else {
        format!(" (and {count} more)")
    }
}
