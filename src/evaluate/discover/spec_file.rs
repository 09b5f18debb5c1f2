//! One spec file from disk: its bytes to text, its place to a group. What the text says is
//! [`super::frontmatter`]'s and [`super::outline`]'s.

use std::io::{self, Read};
use std::path::Path;

use super::frontmatter::{self, Head};
use super::lines::Lines;
use super::outline::{self, Outlined};
use crate::model::{Outcome, SpecFile};

/// More is no spec that anybody wrote, and would cost a fortune to have judged.
const MOST_BYTES: u64 = 1_000_000;

/// The most scenarios of one file. A model has to answer all of them at once.
const MOST_SCENARIOS: usize = 1_000;

/// The directory that is a test root by convention, and so is no group.
const TEST_ROOT: &str = "semtests";

/// A spec file, and whether its tags are known for sure.
pub(super) struct Loaded {
    pub(super) file: SpecFile,
    /// False where `tags` could not be read: nobody knows what they would have said.
    pub(super) tags_known: bool,
}

/// Reads the file at `relative`. What is wrong with it is part of the result.
pub(super) fn load(root: &Path, relative: &Path) -> Loaded {
    let bytes = read(root, relative);
    let path = relative.to_string_lossy().into_owned();
    match bytes.and_then(decode) {
        Ok(text) => parse(path, &text),
        Err(outcome) => Loaded {
            file: unusable(path, outcome),
            tags_known: false,
        },
    }
}

/// `root` is canonical.
fn read(root: &Path, relative: &Path) -> Result<Vec<u8>, Outcome> {
    // The kind alone: the whole error names the absolute path, which has no place in a report.
    let unreadable = |error: &io::Error| Outcome::error(format!("can't be read: {}", error.kind()));
    let path = fs_err::canonicalize(root.join(relative)).map_err(|error| unreadable(&error))?;
    if !path.starts_with(root) {
        return Err(Outcome::error(
            "is a link to a place outside the project, so it was not read",
        ));
    }
    let metadata = fs_err::metadata(&path).map_err(|error| unreadable(&error))?;
    // Reading a pipe would wait forever.
    if !metadata.is_file() {
        return Err(Outcome::error("is not a regular file"));
    }
    let mut bytes = Vec::new();
    let file = fs_err::File::open(path).map_err(|error| unreadable(&error))?;
    file.into_file()
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(&error))?;
    let size = metadata.len().max(bytes.len() as u64);
    if size > MOST_BYTES {
        // Rounded up, so that no file is said to be "1.0 MB" and too large at once.
        let tenths = size.div_ceil(100_000);
        return Err(Outcome::error(format!(
            "is {}.{} MB; a spec file may have 1 MB. Split it into several",
            tenths / 10,
            tenths % 10
        )));
    }
    Ok(bytes)
}

fn decode(bytes: Vec<u8>) -> Result<String, Outcome> {
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let line = 1 + Lines::of(error.as_bytes()).above(offset);
        Outcome::error(format!(
            "is not UTF-8: line {line}, byte offset {offset}. Save it as UTF-8"
        ))
    })
}

/// Text to spec file: never touches the disk.
pub(super) fn parse(path: String, text: &str) -> Loaded {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Head {
        frontmatter,
        tags_known,
        body,
        body_line,
        mut issues,
    } = frontmatter::parse(&path, text);
    let mut file = SpecFile {
        group: group(&path),
        frontmatter,
        body: body.to_owned(),
        body_line,
        scenarios: Vec::new(),
        unusable: None,
        issues: Vec::new(),
        path,
    };
    if body.trim().is_empty() {
        let reason = Some("it has no text to judge".to_owned());
        give_up(&mut file, Outcome::Invalid { reason });
    }
    let mut outlined = outline::outline(&file);
    if let Err(outcome) = &outlined {
        give_up(&mut file, outcome.clone());
        outlined = outline::outline(&file);
    }
    if let Ok(Outlined { scenarios, .. }) = &outlined
        && scenarios.len() > MOST_SCENARIOS
    {
        let message = format!(
            "holds {} scenarios; a spec file may have {MOST_SCENARIOS}. Split it into several",
            scenarios.len()
        );
        give_up(&mut file, Outcome::error(message));
        outlined = outline::outline(&file);
    }
    if let Ok(Outlined {
        scenarios,
        issues: of_outline,
    }) = outlined
    {
        file.scenarios = scenarios;
        issues.extend(of_outline);
    }
    file.issues = issues;
    Loaded { file, tags_known }
}

/// Leaves one scenario, named after the file.
fn give_up(file: &mut SpecFile, outcome: Outcome) {
    file.body.clear();
    file.unusable = Some(outcome);
}

fn unusable(path: String, outcome: Outcome) -> SpecFile {
    let mut file = parse(path, "").file;
    file.unusable = Some(outcome);
    file
}

fn group(path: &str) -> Option<String> {
    let (directory, _) = path.rsplit_once('/')?;
    let below = match directory.strip_prefix(TEST_ROOT) {
        Some("") => return None,
        Some(rest) => rest.strip_prefix('/').unwrap_or(directory),
        None => directory,
    };
    Some(below.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::discover::project::Project;

    /// The file, which can't be judged, and why.
    fn rejected(text: &[u8]) -> (SpecFile, String) {
        let project = Project::with(&[]);
        project.write("a.spec.md", text);
        let file = load(project.root(), Path::new("a.spec.md")).file;
        let ids: Vec<_> = file.scenarios.iter().map(|one| one.id.as_str()).collect();
        assert_eq!((ids, file.body.as_str()), (vec!["a"], ""));
        let reason = match file.unusable.clone() {
            Some(Outcome::Error { message }) => message,
            Some(Outcome::Invalid { reason }) => format!("invalid: {}", reason.unwrap()),
            other => panic!("{other:?}"),
        };
        (file, reason)
    }

    #[test]
    fn files_that_cannot_be_judged_say_why() {
        let reason = |text: &[u8]| rejected(text).1;
        assert_eq!(
            reason(b"# One\n\xc3\x28"),
            "is not UTF-8: line 2, byte offset 6. Save it as UTF-8"
        );
        let too_large = "is 5.0 MB; a spec file may have 1 MB. Split it into several";
        assert_eq!(reason(&vec![b'x'; 5_000_000]), too_large);
        assert!(reason(&vec![b'x'; 1_000_001]).starts_with("is 1.1 MB;"));
        for empty in ["", " \r\n\t\n", "\u{feff}", "---\nllm: x\n---\n\n"] {
            assert_eq!(reason(empty.as_bytes()), "invalid: it has no text to judge");
        }
        let (file, _) = rejected(b"---\nllm: x\n---\n");
        assert_eq!(file.frontmatter.llm.as_deref(), Some("x"));
    }

    #[test]
    fn a_file_of_exactly_the_limit_is_read() {
        let project = Project::with(&[]);
        project.write("a.spec.md", vec![b'x'; 1_000_000]);
        assert_eq!(
            load(project.root(), Path::new("a.spec.md")).file.unusable,
            None
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_an_error_and_is_not_waited_for() {
        let project = Project::with(&["dir/x"]);
        let _socket = std::os::unix::net::UnixListener::bind(project.root().join("s")).unwrap();
        for (name, reason) in [
            ("s", "is not a regular file"),
            ("dir", "is not a regular file"),
            ("gone", "can't be read: entity not found"),
        ] {
            let file = load(project.root(), Path::new(name)).file;
            assert_eq!(file.unusable, Some(Outcome::error(reason)), "{name}");
        }
    }

    #[test]
    fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
        let text = "\u{feff}---\r\nllm: x\r\n---\r\n# T\r\n\r\n## A\r\na\r\n\r\n## B\r\n\
                    ```check\r\nexists x\r\n```\r\n";
        let file = parse("a.spec.md".into(), text).file;
        let lines: Vec<_> = file
            .scenarios
            .iter()
            .map(|one| (one.id.as_str(), one.line))
            .collect();
        assert_eq!(lines, [("a", 6), ("b", 9)]);
        assert_eq!(file.frontmatter.llm.as_deref(), Some("x"));
        assert_eq!(
            &file.body[file.scenarios[0].span.clone()],
            "## A\r\na\r\n\r\n"
        );
        let check = &file.scenarios[1].checks[0];
        assert_eq!((check.line, check.text.as_str()), (11, "exists x\n"));
    }

    #[test]
    fn the_group_is_the_directory_below_the_test_root() {
        assert_eq!(group("a.spec.md"), None);
        assert_eq!(group("auth/a.spec.md").as_deref(), Some("auth"));
        assert_eq!(group("semtests/a.spec.md"), None);
        assert_eq!(
            group("semtests/auth/x/a.spec.md").as_deref(),
            Some("auth/x")
        );
        assert_eq!(
            group("semtests-old/a.spec.md").as_deref(),
            Some("semtests-old")
        );
        assert_eq!(group("x/semtests/a.spec.md").as_deref(), Some("x/semtests"));
    }
}
