//! `semtest.waivers.yaml`: failures that somebody answers for, a file to commit.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Deserialize;
use serde_saphyr::{DefaultMessageFormatter, Location, MessageFormatter as _, Spanned};

use super::error::ConfigError;
use super::problem::Problem;
use super::project::Project;
use super::source::Source;
pub use crate::model::WAIVERS_NAME;
use crate::model::Waiver;

/// More is no file that anybody wrote.
const LARGEST_FILE: u64 = 1024 * 1024;

/// A byte order mark.
const MARK: &str = "\u{feff}";

const FORM: &str = "an entry is written as `- id: my-id`, and below it `reason: …`, `owner: …` and \
                    `until: 2026-12-31`";

/// Reads the file in `directory`; none is no waiver.
///
/// # Errors
/// A file that can't be read or says something that can't be.
pub fn load_waivers(directory: &Path) -> Result<Vec<Waiver>, ConfigError> {
    let path = directory.join(WAIVERS_NAME);
    // A broken link is there: somebody meant something by it.
    if fs_err::symlink_metadata(&path).is_err_and(|error| error.kind() == NOT_FOUND) {
        return Ok(Vec::new());
    }
    let project = Project::around(directory).map_err(ConfigError::Read)?;
    let source = project.read_text(&path, WAIVERS_NAME, LARGEST_FILE)?;
    Ok(waivers(&entries(&source)?))
}

const NOT_FOUND: std::io::ErrorKind = std::io::ErrorKind::NotFound;

/// Understands the text of the file.
///
/// # Errors
/// A text that says something that can't be.
pub fn parse_waivers(text: &str) -> Result<Vec<Waiver>, ConfigError> {
    Ok(waivers(&entries(&source(text)?)?))
}

/// `whole` with `waiver`: in the place of the one for the same id, else at the end. Everything else
/// stays as it is.
///
/// # Errors
/// A text that says something that can't be, or that is written in such a way that nothing can be
/// put into it.
pub fn add_waiver(whole: &str, waiver: &Waiver) -> Result<String, ConfigError> {
    let texts = [
        Some(&waiver.id),
        Some(&waiver.reason),
        waiver.owner.as_ref(),
    ];
    let mut texts = FIELDS.into_iter().zip(texts);
    let is_bad =
        |(what, text): &(&str, Option<&String>)| text.is_some_and(|text| has_control(what, text));
    if let Some((what, _)) = texts.find(is_bad) {
        return Err(control(what).into());
    }
    let source = source(whole)?;
    let text = source.text.as_str();
    let entries = entries(&source)?;
    let mut expected = waivers(&entries);
    let former = entries.iter().position(|one| one.waiver.id == waiver.id);
    let added = if let Some(at) = former {
        expected[at].clone_from(waiver);
        let start = line_start(text, &entries[at]);
        let end = entries.get(at + 1).map(|next| line_start(text, next));
        replaced(text, start, end.unwrap_or(text.len()).max(start), waiver)
    } else {
        expected.push(waiver.clone());
        let first = entries.first().map(|first| line_start(text, first));
        appended(
            text,
            first.map_or("", |start| indent(&text[start..])),
            waiver,
        )
    };
    let mark = if whole.starts_with(MARK) { MARK } else { "" };
    let added = format!("{mark}{added}");
    // A list can be written in many ways, and not all of them take lines like ours.
    if parse_waivers(&added).ok().as_ref() == Some(&expected) {
        return Ok(added);
    }
    let message = format!("nothing can be put into `{WAIVERS_NAME}` the way it is written");
    Err(Problem::new(message).hint(FORM).into())
}

/// One waiver, and the byte offset at which it is written.
struct Entry {
    waiver: Waiver,
    start: usize,
}

fn waivers(entries: &[Entry]) -> Vec<Waiver> {
    entries.iter().map(|entry| entry.waiver.clone()).collect()
}

/// An entry as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: Spanned<String>,
    reason: Spanned<String>,
    #[serde(default)]
    owner: Option<Spanned<String>>,
    until: Spanned<String>,
}

fn source(text: &str) -> Result<Arc<Source>, Problem> {
    if text.len() as u64 > LARGEST_FILE {
        let most = LARGEST_FILE / 1024;
        let message = format!("`{WAIVERS_NAME}` is larger than {most} KiB");
        return Err(Problem::new(message));
    }
    Ok(Source::new(WAIVERS_NAME.to_owned(), text.to_owned()))
}

fn entries(source: &Arc<Source>) -> Result<Vec<Entry>, ConfigError> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        with_snippet: false,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 1_000 },
    };
    let read = serde_saphyr::from_str_with_options(&source.text, options);
    let written: Option<Vec<Spanned<Written>>> = read.map_err(|error| {
        let problem = Problem::new(unreadable(&error)).hint(FORM);
        match error.location() {
            Some(location) => problem.at(source.place(range(source, location))),
            None => problem,
        }
    })?;
    let mut problems = Vec::new();
    let mut entries: Vec<Entry> = Vec::new();
    let mut first_lines = HashMap::new();
    for Spanned {
        value, referenced, ..
    } in written.unwrap_or_default()
    {
        let start = range(source, referenced).start;
        let (line, id_at) = (value.id.referenced.line(), value.id.referenced);
        match waiver(source, value) {
            Ok(waiver) => {
                if let Some(first) = first_lines.insert(waiver.id.clone(), line) {
                    let message = format!("this id has a waiver already, on line {first}");
                    problems.push(Problem::new(message).at(source.place(range(source, id_at))));
                }
                entries.push(Entry { waiver, start });
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() {
        Ok(entries)
    } else {
        Err(problems.into())
    }
}

/// Why the file can't be read. What the parser waited for tells nobody anything; which field it does not
/// know does.
fn unreadable(error: &serde_saphyr::Error) -> String {
    let reason = DefaultMessageFormatter.format_message(error);
    let reason = reason.lines().next().unwrap_or_default();
    match reason.split_once(", expected ") {
        Some((unknown, _)) if unknown.starts_with("unknown field ") => unknown.to_owned(),
        Some(_) => "this is no list of waivers".to_owned(),
        None if reason.contains("expected ") => "this is no list of waivers".to_owned(),
        None => format!("this is no list of waivers: {reason}"),
    }
}

/// An `Err` is everything that is wrong with the entry.
fn waiver(source: &Arc<Source>, written: Written) -> Result<Waiver, Vec<Problem>> {
    let at = |what: &Spanned<String>, message: &str| {
        Problem::new(message).at(source.place(range(source, what.referenced)))
    };
    let mut problems = Vec::new();
    if written.id.value.trim().is_empty() {
        problems.push(at(&written.id, "`id` is empty").hint("write the id of a scenario"));
    }
    if written.reason.value.trim().is_empty() {
        let problem = at(&written.reason, "`reason` is empty");
        problems.push(problem.hint("write why the failure is accepted until then"));
    }
    let until = day(written.until.value.trim());
    if until.is_none() {
        let problem = at(&written.until, "`until` is no date");
        problems.push(problem.hint("write the last day on which it holds, such as 2026-12-31"));
    }
    let texts = [
        Some(&written.id),
        Some(&written.reason),
        written.owner.as_ref(),
    ];
    for (what, text) in FIELDS.into_iter().zip(texts) {
        if let Some(text) = text.filter(|text| has_control(what, text.value.trim())) {
            problems.push(control(what).at(source.place(range(source, text.referenced))));
        }
    }
    let owner = written.owner.map(|owner| owner.value.trim().to_owned());
    match until {
        Some(until) if problems.is_empty() => Ok(Waiver {
            id: written.id.value.trim().to_owned(),
            reason: written.reason.value.trim().to_owned(),
            owner: owner.filter(|owner| !owner.is_empty()),
            until,
        }),
        Some(_) | None => Err(problems),
    }
}

/// The fields that hold words, in the order in which an entry is written.
const FIELDS: [&str; 3] = ["id", "reason", "owner"];

/// Whether a text has what steers a terminal, and could hide what is shown behind it. A reason may
/// have several lines.
fn has_control(what: &str, text: &str) -> bool {
    let is_space = |letter: char| what == "reason" && "\t\r\n".contains(letter);
    text.chars()
        .any(|letter| letter.is_control() && !is_space(letter))
}

fn control(what: &str) -> Problem {
    Problem::new(format!("`{what}` has a control character"))
        .hint("write it in letters, digits and signs that can be seen")
}

/// A date as people write it, and no time of a day.
fn day(text: &str) -> Option<Date> {
    let date: Date = text.parse().ok()?;
    (date.to_string() == text).then_some(date)
}

fn range(source: &Source, location: Location) -> std::ops::Range<usize> {
    let span = location.span();
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let offset = span.byte_offset().map_or(source.text.len(), number);
    let start = source.text.floor_char_boundary(offset);
    let length = span.byte_len().map_or(1, number);
    start..start.saturating_add(length).min(source.text.len())
}

/// Where the line starts that has the entry's dash.
fn line_start(text: &str, entry: &Entry) -> usize {
    let dash = text[..entry.start].rfind('-').unwrap_or(entry.start);
    text[..dash].rfind(['\n', '\r']).map_or(0, |end| end + 1)
}

/// `text` with a list item at the end.
fn appended(text: &str, indent: &str, waiver: &Waiver) -> String {
    let end = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    format!("{text}{end}{}", item(indent, waiver))
}

/// `text` with another list item for the one between `start` and `end`. Lines of comments stay:
/// those below it, which may be about the next one, and those in it, which then stand above it.
fn replaced(text: &str, start: usize, end: usize, waiver: &Waiver) -> String {
    let old = &text[start..end];
    let indent = indent(old);
    let is_own = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let lines: Vec<&str> = old.split_inclusive('\n').collect();
    let last = lines.iter().rposition(|line| is_own(line)).unwrap_or(0);
    let (within, below) = lines.split_at((last + 1).min(lines.len()));
    let comments = within
        .iter()
        .filter(|line| line.trim_start().starts_with('#'));
    let comments: String = comments.copied().collect();
    let (before, after) = (&text[..start], &text[end..]);
    let item = item(indent, waiver);
    format!("{before}{comments}{item}{}{after}", below.concat())
}

/// The white space that a line starts with.
fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

fn item(indent: &str, waiver: &Waiver) -> String {
    let owner = waiver.owner.as_deref().map_or_else(String::new, |owner| {
        format!("{indent}  owner: {}\n", scalar(owner))
    });
    format!(
        "{indent}- id: {}\n{indent}  reason: {}\n{owner}{indent}  until: {}\n",
        scalar(&waiver.id),
        quoted(&waiver.reason),
        waiver.until
    )
}

/// Words that are no text to some reader of YAML.
const NO_TEXTS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/// A text as it is where every reader takes it for one, else in quotes.
fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./@#+".contains(&byte))
        && !NO_TEXTS.contains(&text.to_ascii_lowercase().as_str());
    if is_plain {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// In double quotes, with everything escaped that YAML does not take as it is, or that is not seen.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            _ if letter.is_control() || is_unseen(letter) => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
            }
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// Ends of lines to some readers, and marks that turn or hide text.
fn is_unseen(letter: char) -> bool {
    matches!(
        letter,
        '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(id: &str, reason: &str, owner: Option<&str>, until: Date) -> Waiver {
        Waiver {
            id: id.to_owned(),
            reason: reason.to_owned(),
            owner: owner.map(str::to_owned),
            until,
        }
    }

    const END: Date = Date::constant(2026, 12, 31);

    fn refused(text: &str) -> String {
        parse_waivers(text).unwrap_err().to_string()
    }

    #[test]
    fn waivers_are_read_with_and_without_an_owner() {
        let text = "# why\n- id: admin-auth\n  reason: legacy routes\n  owner: \"@api\"\n  \
                    until: 2026-12-31\n\n- until: '2026-12-31'\n  id: a/b.spec.md#x y\n  \
                    reason: >\n    in\n    words\n  owner:\n";
        let read = parse_waivers(text).unwrap();
        let expected = [
            of("admin-auth", "legacy routes", Some("@api"), END),
            of("a/b.spec.md#x y", "in words", None, END),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn nothing_but_comments_is_no_waiver() {
        for text in ["", "\n", "# a\n\n# b", "---\n", "[]", "\u{feff}# a\r\n"] {
            assert_eq!(parse_waivers(text).unwrap(), [], "{text:?}");
        }
    }

    const GOOD: &str = "- id: ok\n  reason: r\n  until: 2026-12-31\n";

    /// What stands below [`GOOD`], on which line it is wrong, and what is said of it.
    const WRONG: [(&str, u32, &str); 13] = [
        (
            "- id: ''\n  reason: r\n  until: 2026-12-31\n",
            4,
            "`id` is empty",
        ),
        (
            "- id: x\n  reason: ' '\n  until: 2026-12-31\n",
            5,
            "`reason` is empty",
        ),
        (
            "- id: x\n  reason: r\n  until: soon\n",
            6,
            "`until` is no date",
        ),
        (
            "- id: x\n  reason: r\n  until: 2026-02-30\n",
            6,
            "`until` is no date",
        ),
        (
            "- id: x\n  reason: r\n  until: 2026-12-31T10:00:00\n",
            6,
            "`until` is no date",
        ),
        (
            "- id: x\n  reason: r\n  until: 20261231\n",
            6,
            "`until` is no date",
        ),
        (
            "- id: ok\n  reason: r\n  until: 2026-12-31\n",
            4,
            "already, on line 1",
        ),
        (
            "- id: x\n  reason: r\n  until: 2026-12-31\n  untill: 2027-01-01\n",
            7,
            "unknown field `untill`",
        ),
        (
            "- id: x\n  id: y\n  reason: r\n  until: 2026-12-31\n",
            5,
            "duplicate",
        ),
        (
            "- id: x\n  until: 2026-12-31\n",
            5,
            "missing field `reason`",
        ),
        (
            "- id: [x]\n  reason: r\n  until: 2026-12-31\n",
            4,
            "no list of waivers",
        ),
        ("- just a text\n", 4, "no list of waivers"),
        ("x: y\n", 4, "no list of waivers"),
    ];

    #[test]
    fn what_can_not_be_is_an_error_that_tells_the_line() {
        for (bad, line, what) in WRONG {
            let error = refused(&format!("{GOOD}{bad}"));
            let place = format!("semtest.waivers.yaml:{line}:");
            assert!(
                error.contains(&place) && error.contains(what),
                "{bad}\n{error}"
            );
        }
        assert!(refused("id: x\n").contains("semtest.waivers.yaml:1:"));
        for text in ["x: y\n", "- just a text\n", "- id: [x]\n", "text"] {
            assert!(!refused(text).contains("expected"), "{}", refused(text));
        }
    }

    #[test]
    fn a_text_that_could_hide_another_is_refused() {
        for field in FIELDS {
            let text = |name: &str| if name == field { "\\e]x" } else { "x" };
            let file = format!(
                "- id: \"{}\"\n  reason: \"{}\"\n  owner: \"a{}\"\n  until: 2026-12-31\n",
                text("id"),
                text("reason"),
                text("owner")
            );
            let error = refused(&file);
            let expected = format!("`{field}` has a control character");
            assert!(error.contains(&expected), "{error}");
            let word = |name: &str| if name == field { "\u{9b}1m" } else { "x" };
            let waiver = of(word("id"), word("reason"), Some(word("owner")), END);
            let error = add_waiver("", &waiver).unwrap_err().to_string();
            assert!(error.contains(&expected), "{error}");
        }
    }

    #[test]
    fn a_text_that_takes_forever_is_refused_at_once() {
        let level = |n: usize| format!("- &a{n} [*a{0}, *a{0}]", n - 1);
        let levels: Vec<String> = (1..40).map(level).collect();
        refused(&format!("- &a0 [x, x]\n{}\n", levels.join("\n")));
        refused(&"[".repeat(500_000));
        refused(&"- ".repeat(400_000));
        let large = format!("# {}\n", "x".repeat(1024 * 1024));
        assert!(refused(&large).contains("larger than 1024 KiB"));
    }

    #[test]
    fn a_new_waiver_comes_last_and_everything_else_stays() {
        let waiver = of("b", "say \"no\"", Some("a@example.org"), END);
        let item = "- id: b\n  reason: \"say \\\"no\\\"\"\n  owner: a@example.org\n  \
                    until: 2026-12-31\n";
        assert_eq!(add_waiver("", &waiver).unwrap(), item);
        let marked = add_waiver("\u{feff}# top\r\n", &waiver).unwrap();
        assert_eq!(marked, format!("\u{feff}# top\r\n{item}"));
        let text = "# top\n- id: a # here\n  reason: r\n  until: 2026-01-01\n# end";
        assert_eq!(
            add_waiver(text, &waiver).unwrap(),
            format!("{text}\n{item}")
        );
        let indented = "---\n  - id: a\n    reason: r\n    until: 2026-01-01\n";
        let added = add_waiver(indented, &waiver).unwrap();
        assert!(added.starts_with(indented), "{added}");
        assert_eq!(parse_waivers(&added).unwrap()[1], waiver);
    }

    #[test]
    fn a_renewed_waiver_takes_the_place_of_the_old_one() {
        let text = "# top\n- id: a\n  # within\n  reason: |\n    old\n    words\n  owner: x\n  until: \
                    2026-01-01\n\n# about c\n- id: c\n  reason: r\n  until: 2026-01-01\n";
        let added = add_waiver(text, &of("a", "new", None, END)).unwrap();
        insta::assert_snapshot!(added, @r#"
        # top
          # within
        - id: a
          reason: "new"
          until: 2026-12-31

        # about c
        - id: c
          reason: r
          until: 2026-01-01
        "#);
        let last = add_waiver(text, &of("c", "new", None, END)).unwrap();
        assert!(last.ends_with("# about c\n- id: c\n  reason: \"new\"\n  until: 2026-12-31\n"));
    }

    #[test]
    fn a_list_that_takes_no_lines_is_left_alone() {
        for text in [
            "[{id: a, reason: r, until: 2026-01-01}]\n",
            "- {id: a, reason: r,\n   until: 2026-01-01}\n...\n",
        ] {
            let error = add_waiver(text, &of("b", "r", None, END)).unwrap_err();
            assert!(
                error.to_string().contains("hint: an entry is written as"),
                "{error}"
            );
        }
        assert!(add_waiver("- id: a\n", &of("b", "r", None, END)).is_err());
    }

    #[test]
    fn the_file_is_read_from_its_directory_and_from_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("project");
        fs_err::create_dir_all(root.join(".git")).unwrap();
        assert_eq!(load_waivers(&root).unwrap(), []);
        let path = root.join(WAIVERS_NAME);
        let text = "- id: a\n  reason: r\n  until: 2026-12-31\n";
        fs_err::write(&path, text).unwrap();
        assert_eq!(load_waivers(&root).unwrap(), [of("a", "r", None, END)]);
        fs_err::write(&path, [b"# ", text.repeat(30_000).as_bytes()].concat()).unwrap();
        assert!(
            load_waivers(&root)
                .unwrap_err()
                .to_string()
                .contains("larger than")
        );
        fs_err::write(&path, b"- id: \xff").unwrap();
        assert!(
            load_waivers(&root)
                .unwrap_err()
                .to_string()
                .contains("UTF-8")
        );
        fs_err::remove_file(&path).unwrap();
        let outside = directory.path().join("outside.yaml");
        fs_err::os::unix::fs::symlink(&outside, &path).unwrap();
        assert!(load_waivers(&root).is_err(), "a broken link");
        fs_err::write(&outside, text).unwrap();
        let error = load_waivers(&root).unwrap_err().to_string();
        assert!(error.contains("outside the project"), "{error}");
        fs_err::remove_file(&path).unwrap();
        fs_err::write(root.join(".git/hidden.yaml"), text).unwrap();
        fs_err::os::unix::fs::symlink(".git/hidden.yaml", &path).unwrap();
        let error = load_waivers(&root).unwrap_err().to_string();
        assert!(error.contains("is a link into `.git`"), "{error}");
        fs_err::remove_file(&path).unwrap();
        fs_err::create_dir(&path).unwrap();
        assert!(load_waivers(&root).is_err(), "a directory");
    }

    prop_compose! {
        fn any_waiver()(
            id in "\\PC{0,12}[a-z#:,'\"]",
            reason in "r[\\PC\\t\\r\\n\u{2028}\u{202e}\u{feff}]{0,30}\\.",
            owner in proptest::option::of("\\PC{0,12}[@a-z]"),
            (year, month, day) in (2000..3000_i16, 1..13_i8, 1..29_i8),
        ) -> Waiver {
            let owner = owner.map(|owner| owner.trim().to_owned());
            of(id.trim(), &reason, owner.as_deref(), Date::constant(year, month, day))
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in any::<String>()) {
            let _ = parse_waivers(&text);
        }

        #[test]
        fn anything_like_the_file_is_read_and_added_to_without_a_panic(
            parts in proptest::collection::vec(
                proptest::sample::select(vec![
                    "- id: a", "- id: b", "  reason: r", "  until: 2026-12-31", "  until: é", "\n",
                    "\r\n", "\r", "#", " ", "- ", "[", "{", "}", "&a ", "*a", "|", ">", "\"", "'",
                    "---", "...", "? ", ": ", "é", "\t", "\u{feff}", "%", "!!str ",
                ]), 0..40),
        ) {
            let text = parts.concat();
            let waiver = of("a", "r", None, END);
            if let Ok(added) = add_waiver(&text, &waiver) {
                prop_assert!(parse_waivers(&added).unwrap().contains(&waiver));
            }
        }

        #[test]
        fn what_is_written_is_read_back_and_the_rest_stays(
            waivers in proptest::collection::vec(any_waiver(), 1..5),
            comments in proptest::collection::vec("#[ -~é]{0,20}\n", 5),
            again in any_waiver(), which in any::<proptest::sample::Index>(),
        ) {
            let mut text = String::new();
            let mut expected: Vec<Waiver> = Vec::new();
            for (comment, waiver) in comments.iter().zip(waivers) {
                if expected.iter().any(|one| one.id == waiver.id) {
                    continue;
                }
                text += comment;
                let added = add_waiver(&text, &waiver).unwrap();
                prop_assert!(added.starts_with(&text));
                text = added;
                expected.push(waiver);
            }
            prop_assert_eq!(&parse_waivers(&text).unwrap(), &expected);
            let at = which.index(expected.len());
            let renewed = Waiver { id: expected[at].id.clone(), ..again };
            let after = add_waiver(&text, &renewed).unwrap();
            let (old, new) = (item("", &expected[at]), item("", &renewed));
            prop_assert_eq!(&after, &text.replacen(&old, &new, 1));
            expected[at] = renewed;
            prop_assert_eq!(parse_waivers(&after).unwrap(), expected);
        }
    }
}
