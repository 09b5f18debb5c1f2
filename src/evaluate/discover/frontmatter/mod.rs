//! The optional YAML head of a spec file: finds it, reads it leniently. What its fields do is
//! decided elsewhere.

mod fields;
mod yaml;

use self::yaml::Unreadable;
use super::lines;
use crate::model::{Frontmatter, IssueKind, ValidationIssue};

/// How many unreadable fields of one file are told.
const MOST_UNREADABLE: usize = 10;

/// A spec file, cut into its head and the rest.
pub(super) struct Head<'text> {
    pub(super) frontmatter: Frontmatter,
    /// False where there may have been tags that could not be read.
    pub(super) tags_known: bool,
    pub(super) body: &'text str,
    /// The line of the file, from 1, on which `body` starts.
    pub(super) body_line: u32,
    pub(super) issues: Vec<ValidationIssue>,
}

/// Cuts `text`, which has no byte order mark. Bad fields become issues, the good ones are kept.
pub(super) fn parse<'text>(path: &str, text: &'text str) -> Head<'text> {
    let mut head = Head {
        frontmatter: Frontmatter::default(),
        tags_known: true,
        body: text,
        body_line: 1,
        issues: Vec::new(),
    };
    let issue = |message| ValidationIssue {
        kind: IssueKind::Frontmatter,
        path: path.to_owned(),
        id: None,
        message,
    };
    match split(text) {
        Split::None => {}
        Split::Unclosed => {
            let message = "line 1: the frontmatter has no closing `---`, so it was read as text";
            head.issues.push(issue(message.to_owned()));
            head.tags_known = false;
        }
        Split::At {
            yaml,
            body,
            body_line,
        } => {
            head.body = body;
            head.body_line = body_line;
            let yaml = yaml::parse(yaml, is_field);
            let read = fields::read(yaml.entries);
            head.tags_known = read.tags_known && !yaml.unreadable.iter().any(may_be_tags);
            head.frontmatter = read.frontmatter;
            let unreadable = unreadable(yaml.problem, &yaml.unreadable);
            head.issues
                .extend(unreadable.into_iter().chain(read.problems).map(issue));
        }
    }
    head
}

fn may_be_tags(unreadable: &Unreadable<'_>) -> bool {
    unreadable.text.to_lowercase().contains("tag")
}

/// Sentences about what is no YAML, up to a limit.
fn unreadable(problem: Option<String>, unreadable: &[Unreadable<'_>]) -> Vec<String> {
    let of_entry = |Unreadable { text, line, reason }: &Unreadable<'_>| {
        let start = text.lines().next().unwrap_or_default();
        let key = start.split_once(':').map_or(start, |(key, _)| key);
        let key = fields::shorten(key.trim());
        format!("line {line}: `{key}` can't be read and was ignored: {reason}")
    };
    let mut problems: Vec<_> = unreadable
        .iter()
        .take(MOST_UNREADABLE)
        .map(of_entry)
        .collect();
    match (problem, unreadable.len().saturating_sub(MOST_UNREADABLE)) {
        (Some(reason), _) if problems.is_empty() => problems.push(format!(
            "the frontmatter is not valid YAML, so its fields were read one by one: {reason}"
        )),
        (_, 0) => {}
        (_, more) => problems.push(format!("and {more} more fields can't be read")),
    }
    problems
}

enum Split<'text> {
    None,
    Unclosed,
    At {
        yaml: &'text str,
        body: &'text str,
        body_line: u32,
    },
}

/// Frontmatter starts on the first line. Two thematic breaks around prose are no frontmatter:
/// taking them for it would lose what the author wrote.
fn split(text: &str) -> Split<'_> {
    let mut lines = lines::numbered(text);
    let Some((_, first)) = lines.next().filter(|(_, line)| line.trim_end() == "---") else {
        return Split::None;
    };
    let mut end = first.len();
    let mut second_is_field = false;
    let mut fields = false;
    let mut only_blank = true;
    for (number, line) in lines {
        if matches!(line.trim_end(), "---" | "...") {
            if !fields && !only_blank {
                return Split::None;
            }
            return Split::At {
                yaml: &text[first.len()..end],
                body: &text[end + line.len()..],
                body_line: number + 1,
            };
        }
        end += line.len();
        let is_field = is_field(line);
        second_is_field |= is_field && number == 2;
        fields |= is_field;
        only_blank &= line.trim().is_empty();
    }
    if second_is_field {
        Split::Unclosed
    } else {
        Split::None
    }
}

/// `key: value`, `key:`, or such a line of a known field commented out.
fn is_field(line: &str) -> bool {
    let Some((key, value)) = line.split_once(':') else {
        return false;
    };
    if !value.is_empty() && !value.starts_with([' ', '\t', '\r', '\n']) {
        return false;
    }
    if let Some(commented) = key.trim_start().strip_prefix('#') {
        return fields::is_known(commented.trim());
    }
    let key = key.trim_matches(['"', '\'']);
    key.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && key
            .chars()
            .all(|character| character.is_alphanumeric() || "_-. ".contains(character))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::Level;

    fn messages(head: &Head<'_>) -> Vec<String> {
        head.issues
            .iter()
            .map(|issue| issue.message.clone())
            .collect()
    }

    #[test]
    fn all_fields_are_read_and_stripped() {
        let text = "---\nid: login\ntags: [smoke, api]\ntimeout: 90s\nllm: codex-o3\n\
                    skipPermissionsIfPossible: true\nmaySkip: true\nvotes: auto\nlevel: warn\nowner: someone\n---\n# Body\n";
        let head = parse("a.spec.md", text);
        assert_eq!(messages(&head), Vec::<String>::new());
        assert_eq!((head.body, head.body_line), ("# Body\n", 12));
        let expected = Frontmatter {
            id: Some("login".into()),
            tags: vec!["smoke".into(), "api".into()],
            timeout: Some(Duration::from_secs(90)),
            llm: Some("codex-o3".into()),
            skip_permissions_if_possible: Some(true),
            may_skip: true,
            votes: Some(crate::model::Votes::Auto),
            level: Some(Level::Warn),
        };
        assert_eq!(head.frontmatter, expected);
        assert!(head.tags_known);
    }

    #[test]
    fn a_bad_field_is_reported_with_its_line_and_the_good_ones_stay() {
        let text = "---\ntags: a, b ,\ntimeout: soon\nmaySkip: yes\nllm: 5\n---\nx\n";
        let head = parse("a.spec.md", text);
        assert_eq!(head.frontmatter.tags, ["a", "b"]);
        assert_eq!(head.frontmatter.timeout, None);
        assert!(!head.frontmatter.may_skip);
        insta::assert_snapshot!(messages(&head).join("\n"), @r#"
        line 3: `timeout` must be a number of milliseconds or a duration such as 90s or 2m, not `"soon"`; it was ignored
        line 4: `maySkip` must be true or false, not `"yes"`; it was ignored
        line 5: `llm` must be a text (put it in quotes), not `5`; it was ignored
        "#);
    }

    #[test]
    fn a_level_that_nobody_knows_blocks() {
        let level = |written| {
            let text = format!("---\nlevel: {written}\n---\nx");
            let head = parse("a", &text);
            (head.frontmatter.level, messages(&head).concat())
        };
        assert_eq!(level("block"), (Some(Level::Block), String::new()));
        assert_eq!(level(""), (None, String::new()));
        for unknown in ["wran", "Warn", "[warn]", "false"] {
            let (level, message) = level(unknown);
            assert_eq!(level, Some(Level::Block), "{unknown}");
            assert!(message.starts_with("line 2: `level` must be block or warn"));
            assert!(
                message.ends_with("; failures of this file block"),
                "{message}"
            );
        }
    }

    #[test]
    fn tags_that_cannot_be_read_are_not_known() {
        let head = parse("a", "---\ntags: {a: b}\ntimeout: -5\n---\nx");
        assert!(!head.tags_known);
        insta::assert_snapshot!(messages(&head).join("\n"), @r#"
        line 2: `tags` must be a list of words or words with commas between them, not `{"a":"b"}`; it was ignored
        line 3: `timeout` must be a number of milliseconds or a duration such as 90s or 2m, not `-5`; it was ignored
        "#);
        let head = parse("a", "---\ntags: [good, 7, '']\n---\nx");
        assert_eq!(head.frontmatter.tags, ["good"]);
        assert!(!head.tags_known);
    }

    #[test]
    fn times_are_read_as_in_flags_and_configuration() {
        let timeout = |written| {
            let head = parse("a", &format!("---\ntimeout: {written}\n---\nx")).frontmatter;
            head.timeout.map(|time| time.as_micros())
        };
        assert_eq!(timeout("1us"), Some(1_000));
        assert_eq!(timeout("0.5ms"), Some(1_000));
        assert_eq!(timeout("'1500'"), Some(1_500_000));
        assert_eq!(timeout("0"), Some(0));
        assert_eq!(timeout("9007199254740993"), None);
        let head = parse("a", "---\ntimeout: 9000000000000000s\n---\nx");
        insta::assert_snapshot!(messages(&head).join("\n"), @"line 2: `timeout` must be a shorter time, or 0 for none, not `\"9000000000000000s\"`; it was ignored");
    }

    #[test]
    fn what_is_no_yaml_is_reported_with_its_line_and_the_other_fields_stay() {
        let head = parse("a", "---\ntags: [a\ntimeout: 5m\nllm: x\n---\nbody\n");
        assert_eq!((head.body, head.body_line), ("body\n", 6));
        assert_eq!(head.frontmatter.timeout, Some(Duration::from_mins(5)));
        assert_eq!(head.frontmatter.llm.as_deref(), Some("x"));
        assert!(!head.tags_known);
        insta::assert_snapshot!(messages(&head).join("\n"), @"line 2: `tags` can't be read and was ignored: unclosed bracket '['");
        let text = "---\r\nnonsense\r\n# llm: y\r\nllm: x\r\ntags:\r\n- a\r\n  - b\r\n\r\n\
                    timeout: soon\r\ntitle: a: b\r\n---\r\nx";
        let head = parse("a", text);
        assert_eq!(head.frontmatter.llm.as_deref(), Some("x"));
        insta::assert_snapshot!(messages(&head).join("\n"), @r#"
        line 2: `nonsense` can't be read and was ignored: expected mapping start
        line 10: `title` can't be read and was ignored: mapping values are not allowed in this context
        line 9: `timeout` must be a number of milliseconds or a duration such as 90s or 2m, not `"soon"`; it was ignored
        "#);
    }

    #[test]
    fn tags_are_known_unless_what_can_not_be_read_may_be_about_them() {
        let known = |yaml: &str| parse("a", &format!("---\n{yaml}\n---\nx")).tags_known;
        assert!(known("tags: [a]\ntitle: a: b"));
        assert!(!known("title: a: b\n? tags\n: [a]"));
        assert!(!known("Tag: [a\nllm: x"));
    }

    #[test]
    fn fields_that_are_yaml_only_one_by_one_are_kept_and_reported() {
        let head = parse("a", "---\n  llm: x\nmaySkip: true\n---\nx");
        assert_eq!(head.frontmatter.llm.as_deref(), Some("x"));
        assert!(head.frontmatter.may_skip);
        insta::assert_snapshot!(messages(&head).join("\n"), @"the frontmatter is not valid YAML, so its fields were read one by one: did not find expected <document start>");
    }

    #[test]
    fn duplicate_keys_are_reported_and_the_first_counts() {
        let head = parse("a", "---\nllm: one\nllm: two\n---\nbody\n");
        assert_eq!(head.frontmatter.llm.as_deref(), Some("one"));
        insta::assert_snapshot!(messages(&head).join("\n"), @"line 3: `llm` stands here again and was ignored; line 2 counts");
    }

    #[test]
    fn a_near_miss_is_reported_and_other_metadata_is_not() {
        let text = "---\ntag: a\nskip_permissions_if_possible: true\ntitle: x\nowner: y\n---\nx";
        insta::assert_snapshot!(messages(&parse("a", text)).join("\n"), @r#"
        line 2: `tag` is not a field and was ignored; did you mean `tags`?
        line 3: `skip_permissions_if_possible` is not a field and was ignored; did you mean `skipPermissionsIfPossible`?
        "#);
    }

    #[test]
    fn thematic_breaks_are_not_frontmatter() {
        for text in [
            "---\n\n# Foo\n\nprose\n\n---\nmore",
            "---\nprose",
            "----\n---\nx",
            "",
        ] {
            let head = parse("a", text);
            assert_eq!((head.body, head.issues.len()), (text, 0), "{text:?}");
        }
        assert_eq!(parse("a", "---\n\n---\nx").body, "x");
        assert_eq!(parse("a", "---\n# llm: x\n---\nx").body, "x");
    }

    #[test]
    fn unclosed_frontmatter_is_text_and_is_reported() {
        let text = "---\ntags: a\n\n# Foo\n";
        let head = parse("a", text);
        assert_eq!(
            (head.body, head.body_line, head.tags_known),
            (text, 1, false)
        );
        assert_eq!(head.issues.len(), 1);
    }

    #[test]
    fn windows_line_ends_and_dots_close_it_too() {
        let head = parse("a", "---\r\nllm: x\r\n...\r\n# Foo\r\n");
        assert_eq!(head.frontmatter.llm.as_deref(), Some("x"));
        assert_eq!((head.body, head.body_line), ("# Foo\r\n", 4));
    }

    #[test]
    fn thousands_of_broken_fields_are_read_in_good_time_and_not_all_told() {
        let text = format!("---\nllm: x\n{}---\nx", "a: b: c\n".repeat(100_000));
        let head = parse("a", &text);
        assert_eq!(head.frontmatter.llm.as_deref(), Some("x"));
        assert_eq!(
            messages(&head)[MOST_UNREADABLE],
            "and 989 more fields can't be read"
        );
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let level = |n: usize| format!("a{n}: &a{n} [*a{0}, *a{0}]", n - 1);
        let levels = (1..40).map(level).collect::<Vec<_>>().join("\n");
        let text = format!("---\na0: &a0 [x, x]\n{levels}\n---\nx\n");
        assert_eq!(parse("a", &text).issues.len(), MOST_UNREADABLE + 1);
        let deep = format!("---\na: {}\n---\nx", "[".repeat(400_000));
        assert_eq!(parse("a", &deep).issues.len(), 1);
        let deep = format!("---\na:\n{}b: c\n---\nx", "- ".repeat(100_000));
        let head = parse("a", &deep);
        assert_eq!((head.body, head.issues.len()), ("x", 1));
    }
}
