//! Which parts of a spec file are scenarios, and under which ids: stable, so that a verdict keeps
//! its name, and ours, so that a model never makes one up. Reading Markdown is [`structure`]'s.

mod ids;
mod structure;

use std::ops::Range;

use self::ids::Ids;
use self::structure::{Check, Mark, Structure};
use super::lines::Lines;
use crate::digest::digest;
use crate::model::{
    CheckBlock, IssueKind, Level, Outcome, Scenario, SpecFile, ValidationIssue, Word as _,
};
use crate::sanitize::truncate;

/// Sections that belong to a scenario rather than being one, in the singular.
const SECTIONS: [&str; 7] = [
    "expectation",
    "behaviour",
    "behavior",
    "context",
    "background",
    "note",
    "example",
];

/// Names that say what a file is, not what it is about.
const SUFFIXES: [&str; 3] = [".spec.md", ".test.md", ".md"];

/// How many bytes of checks the scenarios of a file may share, each one's copy counted: a stranger's
/// file could otherwise turn its megabyte into gigabytes.
const MOST_SHARED: usize = 1_000_000;

/// How many bytes of an unknown word are quoted.
const LONGEST_QUOTED: usize = 60;

/// The scenarios of a file, never none, and what was wrong with their ids.
pub(super) struct Outlined {
    pub(super) scenarios: Vec<Scenario>,
    pub(super) issues: Vec<ValidationIssue>,
}

/// A scenario before its id is known to be unique.
struct Draft {
    /// `None` where the author gave one and left it empty, or where the title has no letter.
    id: Option<String>,
    title: String,
    start: usize,
    /// How much of its text is not the statement's own words.
    beginning: Beginning,
    /// Whether its failure blocks, where the heading says so.
    level: Option<Level>,
}

/// What stands before the statement's own words.
enum Beginning {
    /// Nothing.
    Statement,
    /// A number, which changes when something is put before it in the list.
    Number,
    /// A heading that ends with our words about it; it ends at this byte offset.
    Marked(usize),
}

impl Draft {
    /// See [`Scenario::fingerprint`]. `preamble` is the digest of what stands before the first scenario
    /// and is about each: it may be long, and the scenarios many.
    fn fingerprint(&self, preamble: &str, body: &str, end: usize) -> String {
        let own = &body[self.start..end];
        let (title, text) = match self.beginning {
            Beginning::Statement => ("", own),
            Beginning::Number => {
                let is_digit = |letter: char| letter.is_ascii_digit();
                ("", own.trim_start().trim_start_matches(is_digit))
            }
            Beginning::Marked(rest) => (self.title.as_str(), &body[rest.min(end)..end]),
        };
        digest(&[preamble, title, with_unix_lines(text).trim()])
    }
}

fn with_unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Reads `file.body`; `file.scenarios` is not looked at. An `Err` is what becomes of a file that
/// can't be judged; a file without a body is none of these.
pub(super) fn outline(file: &SpecFile) -> Result<Outlined, Outcome> {
    let lines = Lines::of(&file.body);
    let structure = structure::parse(&file.body, &lines);
    let mut issues = Vec::new();
    let drafts = by_given_ids(file, &structure, &lines, &mut issues)
        .or_else(|| by_level(&structure))
        .or_else(|| by_numbered_items(&structure));
    if drafts.is_some() && file.frontmatter.id.is_some() {
        let message =
            "the frontmatter's `id` was ignored: the scenarios of this file have their own";
        issues.push(issue(file, IssueKind::Frontmatter, None, message));
    }
    let drafts = drafts.unwrap_or_else(|| vec![whole_file(file, &structure)]);
    refuse_too_many_copies(&structure, &drafts)?;
    for near in &structure.near_checks {
        let message = format!(
            "line {}: this fence is not evaluated; its info string has to start with the word `check`",
            file_line(file, &lines, *near)
        );
        issues.push(issue(file, IssueKind::IgnoredCheck, None, &message));
    }
    let scenarios = finish(file, &structure, &lines, drafts, &mut issues);
    Ok(Outlined { scenarios, issues })
}

/// What a title is called where only letters, digits and dashes may stand; `None` if it has neither
/// letter nor digit.
pub(super) fn slug(title: &str) -> Option<String> {
    ids::slug(title)
}

/// Headings that carry `- id: x`: then exactly those are the scenarios.
fn by_given_ids(
    file: &SpecFile,
    structure: &Structure,
    lines: &Lines,
    issues: &mut Vec<ValidationIssue>,
) -> Option<Vec<Draft>> {
    let mut drafts = Vec::new();
    for heading in &structure.headings {
        let Some((title, given)) = ids::split_given(&heading.text) else {
            continue;
        };
        let (id, word) = ids::split_level(given);
        let line = file_line(file, lines, heading.start);
        let level = level(id, word, line).unwrap_or_else(|message| {
            issues.push(issue(file, IssueKind::Frontmatter, None, &message));
            Some(Level::Block)
        });
        drafts.push(Draft {
            title: title.to_owned(),
            id: (!id.is_empty()).then(|| id.to_owned()),
            start: heading.start,
            beginning: Beginning::Marked(heading.end),
            level,
        });
    }
    (!drafts.is_empty()).then_some(drafts)
}

/// What `word` behind an id means. An `Err` says what is wrong with it: then nothing makes the failure
/// count less.
fn level(id: &str, word: Option<&str>, line: u32) -> Result<Option<Level>, String> {
    if ids::has_level(id) {
        return Err(format!(
            "line {line}: `level` is not understood here; write `- id: x, level: warn`; the scenario \
             blocks"
        ));
    }
    let unknown = |word| {
        format!(
            "line {line}: `level` must be {}, not `{}`; the scenario blocks",
            Level::alternatives(),
            truncate(word, LONGEST_QUOTED)
        )
    };
    let known = |word| Level::from_word(word).ok_or_else(|| unknown(word));
    word.map(known).transpose()
}

/// The headings of the shallowest level that has at least two.
fn by_level(structure: &Structure) -> Option<Vec<Draft>> {
    (1..=6).find_map(|level| {
        let of_level = structure
            .headings
            .iter()
            .filter(|heading| heading.level == level && !is_section(&heading.text));
        at_least_two(of_level)
    })
}

fn by_numbered_items(structure: &Structure) -> Option<Vec<Draft>> {
    at_least_two(structure.numbered.iter())
}

fn at_least_two<'a>(marks: impl Iterator<Item = &'a Mark>) -> Option<Vec<Draft>> {
    let drafts: Vec<_> = marks
        .map(|mark| Draft {
            id: ids::slug(&mark.text),
            title: mark.text.clone(),
            start: mark.start,
            beginning: match mark.level {
                0 => Beginning::Number,
                _ => Beginning::Statement,
            },
            level: None,
        })
        .collect();
    (drafts.len() >= 2).then_some(drafts)
}

fn whole_file(file: &SpecFile, structure: &Structure) -> Draft {
    let name = file.file_name();
    let stem = SUFFIXES
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name);
    // File names may have line breaks in them.
    let stem = stem.split_whitespace().collect::<Vec<_>>().join(" ");
    let heading = structure.headings.iter().map(|heading| &heading.text);
    let title = heading.clone().find(|text| !text.is_empty()).cloned();
    let named = file.frontmatter.id.clone();
    Draft {
        title: title.unwrap_or_else(|| stem.clone()),
        id: named.or_else(|| (!stem.is_empty()).then_some(stem)),
        start: 0,
        beginning: Beginning::Statement,
        level: None,
    }
}

fn is_section(heading: &str) -> bool {
    let name = heading.to_lowercase();
    let name = name.trim_end_matches(':').trim_end();
    SECTIONS.contains(&name.strip_suffix('s').unwrap_or(name))
}

fn refuse_too_many_copies(structure: &Structure, drafts: &[Draft]) -> Result<(), Outcome> {
    let first = drafts.first().map_or(0, |draft| draft.start);
    let shared = structure
        .checks
        .iter()
        .take_while(|check| check.start < first);
    let bytes: usize = shared.map(|check| check.text.len()).sum();
    if bytes.saturating_mul(drafts.len()) <= MOST_SHARED {
        return Ok(());
    }
    Err(Outcome::error(format!(
        "the checks above the first scenario are too long to hold for each of {} scenarios; \
         move them into a file of their own",
        drafts.len()
    )))
}

fn file_line(file: &SpecFile, lines: &Lines, offset: usize) -> u32 {
    let above = u32::try_from(lines.above(offset)).unwrap_or(u32::MAX);
    file.body_line.saturating_add(above)
}

fn finish(
    file: &SpecFile,
    structure: &Structure,
    lines: &Lines,
    drafts: Vec<Draft>,
    issues: &mut Vec<ValidationIssue>,
) -> Vec<Scenario> {
    let mut ids = Ids::reserving(drafts.iter().filter_map(|draft| draft.id.clone()));
    let preamble = drafts.first().map_or("", |draft| &file.body[..draft.start]);
    let preamble = digest(&[with_unix_lines(preamble).trim()]);
    let starts: Vec<_> = drafts.iter().map(|draft| draft.start).collect();
    let ends = starts.iter().skip(1).copied().chain([file.body.len()]);
    let mut scenarios = Vec::with_capacity(drafts.len());
    for (index, (draft, end)) in drafts.into_iter().zip(ends).enumerate() {
        let id = ids.assign(draft.id.as_deref(), || {
            format!("{}#{}", file.file_name(), index + 1)
        });
        if draft.id.is_none() {
            let message =
                "no id can be made from the title; write one, as in `## Title - id: my-id`";
            issues.push(issue(file, IssueKind::MissingId, Some(id.clone()), message));
        }
        let span = draft.start..end;
        let checks = checks_of(structure, starts[0], &span).map(|check| CheckBlock {
            line: file_line(file, lines, check.text_start),
            text: check.text.clone(),
        });
        let fingerprint = draft.fingerprint(&preamble, &file.body, span.end);
        scenarios.push(Scenario {
            level: draft.level,
            fingerprint,
            title: if draft.title.is_empty() {
                id.clone()
            } else {
                draft.title
            },
            id,
            line: file_line(file, lines, span.start),
            checks: checks.collect(),
            span,
        });
    }
    scenarios
}

/// Those before the first scenario belong to each one, and come first.
fn checks_of<'a>(
    structure: &'a Structure,
    first: usize,
    span: &Range<usize>,
) -> impl Iterator<Item = &'a Check> {
    let of_all = structure
        .checks
        .iter()
        .filter(move |check| check.start < first);
    let span = span.clone();
    let own = structure
        .checks
        .iter()
        .filter(move |check| span.contains(&check.start));
    of_all.chain(own)
}

fn issue(file: &SpecFile, kind: IssueKind, id: Option<String>, message: &str) -> ValidationIssue {
    ValidationIssue {
        kind,
        path: file.path.clone(),
        id,
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use crate::evaluate::discover::spec_file;
    use crate::model::{CheckBlock, IssueKind, Level, Outcome, SpecFile};

    fn parsed(path: &str, text: &str) -> SpecFile {
        spec_file::parse(path.to_owned(), text).file
    }

    fn line_of(text: &str, offset: usize) -> u32 {
        let above = text[..offset].replace("\r\n", "\n").replace('\r', "\n");
        1 + u32::try_from(above.matches('\n').count()).unwrap()
    }

    fn assert_sound(text: &str) {
        let file = parsed("dir/a.spec.md", text);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let body_at = text.len() - file.body.len();
        if file.unusable.is_none() {
            assert!(text.ends_with(&file.body));
            assert_eq!(line_of(text, body_at), file.body_line);
        }
        let ids: BTreeSet<_> = file.scenarios.iter().map(|one| &one.id).collect();
        assert_eq!(ids.len(), file.scenarios.len(), "ids repeat: {ids:?}");
        let mut end = file.scenarios.first().unwrap().span.start;
        for scenario in &file.scenarios {
            assert!(!scenario.id.trim().is_empty() && !scenario.title.is_empty());
            assert_eq!(scenario.span.start, end, "spans leave a gap or overlap");
            end = scenario.span.end;
            assert!(file.body.get(scenario.span.clone()).is_some());
            if file.unusable.is_none() {
                let line = line_of(text, body_at + scenario.span.start);
                assert_eq!(scenario.line, line);
            }
            for check in &scenario.checks {
                assert_lines(text, check);
            }
        }
        assert_eq!(end, file.body.len());
    }

    /// Each line of a block stands in the file where the block says.
    fn assert_lines(text: &str, check: &CheckBlock) {
        assert!(!check.text.contains('\r'));
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let lines: Vec<_> = text.split('\n').collect();
        assert!(check.line as usize <= lines.len());
        for (line, of_check) in (check.line as usize..).zip(check.text.lines()) {
            // The parser replaces the NUL character.
            let of_check = of_check.trim().split('\u{fffd}').next().unwrap();
            assert!(lines[line - 1].contains(of_check), "{line}: {of_check:?}");
        }
    }

    /// Lines that start, end or imitate the parts of an outline.
    fn markdown() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            Just("---"),
            Just("..."),
            Just("tags: [a]"),
            Just("id: x"),
            Just("# A"),
            Just("## A"),
            Just("## A - id: x"),
            Just("## B - id: a-2"),
            Just("## C - id: c, level: warn"),
            Just("D - id: d, level: soft"),
            Just("## - id:"),
            Just("### Notes"),
            Just("## !!"),
            Just("#"),
            Just("1. one"),
            Just("2) two"),
            Just("   1. in"),
            Just("- x"),
            Just("> ## q"),
            Just("```check"),
            Just("```"),
            Just("~~~ check"),
            Just("```checks"),
            Just("exists é"),
            Just("    code"),
            Just("<!--"),
            Just("-->"),
            Just("==="),
            Just("\u{feff}"),
            Just("\t"),
            Just(""),
            Just("日本 *x*"),
            Just("[a]: b"),
            Just("| a |"),
            Just("1."),
        ];
        let end = prop_oneof![Just("\n"), Just("\r\n"), Just("\r"), Just("")];
        proptest::collection::vec((line, end), 0..24)
            .prop_map(|lines| lines.iter().flat_map(|(line, end)| [*line, *end]).collect())
    }

    proptest! {
        #[test]
        fn outlines_of_arbitrary_text_are_sound(text in any::<String>()) {
            assert_sound(&text);
        }

        #[test]
        fn outlines_of_arbitrary_markdown_are_sound(text in markdown()) {
            assert_sound(&text);
        }
    }

    fn fingerprints(text: &str) -> Vec<String> {
        let scenarios = parsed("a.spec.md", text).scenarios;
        scenarios.into_iter().map(|one| one.fingerprint).collect()
    }

    #[test]
    fn a_fingerprint_is_about_what_a_statement_says_and_not_how_it_is_judged() {
        let same = |one: &str, other: &str| assert_eq!(fingerprints(one), fingerprints(other));
        let heading = "# All\n\n## One - id: a\n\nx\n\n## Two - id: b\n\ny\n";
        same(heading, &heading.replace("id: a", "id: other, level: warn"));
        same(
            heading,
            &heading.replace("- id: a", "— ID:a, level: nonsense"),
        );
        same(heading, &heading.replace('\n', "\r\n"));
        same(heading, &heading.replace('\n', "\r"));
        same(heading, &format!("---\nlevel: warn\n---\n{heading}\n"));
        same("One\nmore - id: a\n===\nx\n", "One\nmore - id: b\n===\nx\n");
        let numbered = fingerprints("8. one\n9. two\n");
        assert_eq!(numbered[1..], fingerprints("9. zero\n10. two\n")[1..]);
    }

    #[test]
    fn a_fingerprint_changes_with_every_word_of_the_statement() {
        let heading = "# All\n\n## One - id: a\n\nx\n\n## Two - id: b\n\ny\n";
        let before = fingerprints(heading);
        let changed = |from: &str, to: &str| {
            let after = fingerprints(&heading.replace(from, to));
            [after[0] != before[0], after[1] != before[1]]
        };
        assert_eq!(changed("One", "None"), [true, false]);
        assert_eq!(changed("y", "z"), [false, true]);
        assert_eq!(changed("# All", "# Every"), [true, true]);
        let differ = |one: &str, other: &str| assert_ne!(fingerprints(one), fingerprints(other));
        differ("404 is told\n", "500 is told\n");
        differ("404 a\n===\n\n5 b\n===\n", "500 a\n===\n\n5 b\n===\n");
        differ("1. 404 a\n2. b\n", "1. 500 a\n2. b\n");
    }

    #[test]
    fn a_level_behind_an_id_is_the_scenarios_and_an_unknown_one_blocks() {
        let text = "# Top\n\n## A - id: a, level: warn\n\n## B - id: b, Level: block\n\n\
                    ## C - id: c, level: Warn\n\n## D - id: d\n\n## E - id: e level: warn\n\n\
                    ## F - id: f, level: warn, level: warn\n";
        let file = parsed("a.spec.md", text);
        let read: Vec<_> = file
            .scenarios
            .iter()
            .map(|one| (one.id.as_str(), one.title.as_str(), one.level))
            .collect();
        let expected = [
            ("a", "A", Some(Level::Warn)),
            ("b", "B", Some(Level::Block)),
            ("c", "C", Some(Level::Block)),
            ("d", "D", None),
            ("e level: warn", "E", Some(Level::Block)),
            ("f, level: warn", "F", Some(Level::Block)),
        ];
        assert_eq!(read, expected);
        let messages: Vec<_> = file.issues.iter().map(|one| one.message.as_str()).collect();
        let misplaced = |line| {
            format!(
                "line {line}: `level` is not understood here; write `- id: x, level: warn`; the \
                 scenario blocks"
            )
        };
        let unknown =
            "line 7: `level` must be \"block\" or \"warn\", not `Warn`; the scenario blocks";
        assert_eq!(messages, [unknown, &misplaced(11), &misplaced(13)]);
        let mut kinds = file.issues.iter().map(|one| one.kind);
        assert!(kinds.all(|kind| kind == IssueKind::Frontmatter));
    }

    #[test]
    fn every_end_of_line_that_markdown_knows_counts() {
        assert_sound("---\n---\r---\ntags: [a]\n---\n---\n");
        let old_mac = "---\rllm: 5\r---\r## A\r\r## B\r```check\r\rexists a\r\nexists b\r```\r";
        assert_sound(old_mac);
        let file = parsed("a.spec.md", old_mac);
        assert!(file.issues[0].message.starts_with("line 2: `llm`"));
        assert_eq!((file.body_line, file.scenarios[1].line), (4, 6));
        let check = &file.scenarios[1].checks[0];
        assert_eq!(
            (check.line, check.text.as_str()),
            (8, "\nexists a\nexists b\n")
        );
    }

    #[test]
    fn a_file_without_structure_is_named_after_itself() {
        let id = |path: &str| parsed(path, "It holds.").scenarios[0].id.clone();
        assert_eq!(id("a/login.spec.md"), "login");
        assert_eq!(id("login.test.md"), "login");
        assert_eq!(id("notes.md"), "notes");
        assert_eq!(id("NOTES"), "NOTES");
        assert_eq!(id("a\nb .spec.md"), "a b");
        assert_eq!(id("x/.spec.md"), ".spec.md#1");
    }

    #[test]
    fn shared_checks_cannot_fill_the_memory() {
        let shared = format!("```check\n{}```\n", "exists a\n".repeat(40_000));
        let text = format!("{shared}{}", "## A\n".repeat(100_000));
        let file = parsed("a.spec.md", &text);
        assert_eq!((file.scenarios.len(), file.body.as_str()), (1, ""));
        assert!(matches!(file.unusable, Some(Outcome::Error { .. })));
    }

    #[test]
    fn thousands_of_equal_headings_are_numbered_in_good_time() {
        let file = parsed("a.spec.md", &"## A\n".repeat(1_000));
        assert_eq!(file.scenarios.len(), 1_000);
        assert_eq!(file.scenarios[999].id, "a-1000");
    }

    #[test]
    fn more_scenarios_than_one_answer_can_hold_are_refused() {
        let file = parsed("a.spec.md", &"## A\n".repeat(50_000));
        assert_eq!(file.scenarios.len(), 1);
        let Some(Outcome::Error { message }) = file.unusable else {
            panic!("{file:?}");
        };
        assert!(message.starts_with("holds 50000 scenarios"), "{message}");
    }
}
