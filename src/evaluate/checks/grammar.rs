//! Check blocks, one assertion a line. `docs/checks.md` is the grammar for users.

use std::fmt;

use serde_json::Value;

use super::document::{Format, Pointer};
use super::glob::Glob;
use super::pattern::Pattern;
use super::token::{Tokens, Written};
use crate::model::CheckBlock;
use crate::nearest::nearest;

/// More assertions than this in one place are nobody's intention.
pub(super) const MOST_ASSERTIONS: usize = 1000;
/// A longer line is not read, in bytes.
const LONGEST_LINE: usize = 4096;
/// How many characters of a line a message repeats.
const LONGEST_QUOTE: usize = 120;
/// How many problems one message tells.
const MOST_PROBLEMS: usize = 20;

/// The keywords and how each is used.
const USAGE: [(&str, &str); 5] = [
    ("exists", "exists GLOB…"),
    ("absent", "absent GLOB…"),
    ("contains", "contains GLOB PATTERN"),
    ("lacks", "lacks GLOB PATTERN"),
    ("value", "value FILE POINTER == JSON"),
];

/// One line of a check block. Its `Display` is the line as it was written.
#[derive(Clone, Debug)]
pub(super) struct Assertion {
    line: u32,
    text: String,
    check: Check,
}

/// What an assertion asks for.
#[derive(Clone, Debug)]
pub(super) enum Check {
    Exists(Vec<Glob>),
    Absent(Vec<Glob>),
    Contains(Glob, Pattern),
    Lacks(Glob, Pattern),
    Value(Box<Expected>),
}

/// A value that a file has to hold.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    /// Relative to the project root.
    pub(super) file: Glob,
    pub(super) format: Format,
    pub(super) pointer: Pointer,
    /// The pointer as it was written.
    pub(super) written: String,
    pub(super) value: Value,
}

impl Assertion {
    /// The line of the spec file, from 1.
    pub(super) fn line(&self) -> u32 {
        self.line
    }

    pub(super) fn check(&self) -> &Check {
        &self.check
    }
}

impl fmt::Display for Assertion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// A check block that can't be read: every line with a problem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", render(problems))]
pub(super) struct ParseError {
    /// At least one, in the order of the lines.
    pub(super) problems: Vec<Problem>,
}

/// What is wrong with one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// The line of the spec file, from 1.
    pub(super) line: u32,
    /// The line as it was written, shortened.
    pub(super) text: String,
    /// What is wrong and what was expected.
    pub(super) message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            text,
            message,
        } = self;
        if text.is_empty() {
            return write!(formatter, "line {line}: {message}");
        }
        write!(formatter, "line {line}: `{text}`: {message}")
    }
}

fn render(problems: &[Problem]) -> String {
    let mut lines: Vec<String> = problems
        .iter()
        .take(MOST_PROBLEMS)
        .map(Problem::to_string)
        .collect();
    if problems.len() > MOST_PROBLEMS {
        lines.push(format!("and {} more", problems.len() - MOST_PROBLEMS));
    }
    lines.join("\n")
}

/// Reads a block. Blank lines and lines that start with `#` are skipped.
///
/// # Errors
/// When a line can't be read, or there is none: a block that asserts nothing would always hold.
pub(super) fn parse(block: &CheckBlock) -> Result<Vec<Assertion>, ParseError> {
    let mut assertions = Vec::new();
    let mut problems = Vec::new();
    for (line, text) in (block.line..).zip(block.text.lines()) {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if assertions.len() + problems.len() == MOST_ASSERTIONS {
            let message = format!("a block has at most {MOST_ASSERTIONS} checks");
            problems.push(problem(line, text, message));
            break;
        }
        match parse_check(text) {
            Ok(check) => assertions.push(Assertion {
                line,
                text: text.to_owned(),
                check,
            }),
            Err(message) => problems.push(problem(line, text, message)),
        }
    }
    if assertions.is_empty() && problems.is_empty() {
        let message = format!("the check block is empty: write `{}`", USAGE[0].1);
        problems.push(problem(block.line, "", message));
    }
    if problems.is_empty() {
        Ok(assertions)
    } else {
        Err(ParseError { problems })
    }
}

fn problem(line: u32, text: &str, message: String) -> Problem {
    Problem {
        line,
        text: shorten(text, LONGEST_QUOTE),
        message,
    }
}

/// At most `most` characters, with a sign that there were more.
pub(super) fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn parse_check(text: &str) -> Result<Check, String> {
    if text.len() > LONGEST_LINE {
        return Err(format!("a check has at most {LONGEST_LINE} bytes"));
    }
    let mut tokens = Tokens::of(text);
    let keyword = tokens.word();
    let Some((_, usage)) = USAGE.iter().find(|(known, _)| *known == keyword) else {
        return Err(unknown(keyword));
    };
    let check = match keyword {
        "exists" => globs(&mut tokens).map(Check::Exists),
        "absent" => globs(&mut tokens).map(Check::Absent),
        "contains" => {
            glob_and_pattern(&mut tokens).map(|(glob, pattern)| Check::Contains(glob, pattern))
        }
        "lacks" => glob_and_pattern(&mut tokens).map(|(glob, pattern)| Check::Lacks(glob, pattern)),
        _ => expected(&mut tokens).map(|expected| Check::Value(Box::new(expected))),
    };
    check.map_err(|message| format!("{message} (expected `{usage}`)"))
}

fn unknown(keyword: &str) -> String {
    let keywords = USAGE.map(|(known, _)| known);
    match nearest(keyword, keywords).first() {
        Some(near) => format!("unknown check `{keyword}`, did you mean `{near}`?"),
        None => format!(
            "unknown check `{}`, expected one of {}",
            shorten(keyword, 40),
            keywords.join(", ")
        ),
    }
}

fn globs(tokens: &mut Tokens<'_>) -> Result<Vec<Glob>, String> {
    let mut globs = Vec::new();
    while let Some(text) = tokens.path()? {
        globs.push(Glob::parse(&text)?);
    }
    if globs.is_empty() {
        return Err("the glob is missing".into());
    }
    Ok(globs)
}

fn glob_and_pattern(tokens: &mut Tokens<'_>) -> Result<(Glob, Pattern), String> {
    let text = tokens.path()?.ok_or("the glob is missing")?;
    let glob = Glob::parse(&text)?;
    let pattern = match tokens.pattern()?.ok_or("the pattern is missing")? {
        Written::Literal(text) => Pattern::literal(&text)?,
        Written::Regex { source, flags } => Pattern::regex(&source, &flags)?,
    };
    tokens.end()?;
    Ok((glob, pattern))
}

fn expected(tokens: &mut Tokens<'_>) -> Result<Expected, String> {
    let file = tokens.path()?.ok_or("the file is missing")?;
    let format = Format::of(&file)
        .ok_or_else(|| format!("`{file}` is none of .json, .jsonc, .toml, .yaml and .yml"))?;
    let file = Glob::parse(&file)?;
    if file.one_path().is_none() {
        return Err(format!(
            "`{}` is a glob, and a value is in one file",
            file.text()
        ));
    }
    let written = tokens.path()?.ok_or("the pointer is missing")?;
    let pointer = Pointer::parse(&written)?;
    let operator = tokens.word();
    if operator != "==" {
        return Err(match operator {
            "" => "`==` is missing".into(),
            other => format!("`{other}` stands where `==` should"),
        });
    }
    let json = tokens.rest();
    if json.is_empty() {
        return Err("the value is missing".into());
    }
    let value = serde_json::from_str(json).map_err(|_| {
        let json = shorten(json, LONGEST_QUOTE);
        format!("`{json}` is no JSON: a text is written \"{json}\"")
    })?;
    Ok(Expected {
        file,
        format,
        pointer,
        written,
        value,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block(text: &str) -> CheckBlock {
        CheckBlock {
            line: 10,
            text: text.into(),
        }
    }

    fn refused(text: &str) -> String {
        parse(&block(text)).unwrap_err().to_string()
    }

    #[test]
    fn blank_lines_and_comments_are_skipped_and_lines_are_those_of_the_spec() {
        let text = "\n# a comment\n  exists README.md  \r\n\nlacks src/** \"x y\"\n";
        let assertions = parse(&block(text)).unwrap();
        let seen: Vec<_> = assertions
            .iter()
            .map(|assertion| (assertion.line(), assertion.to_string()))
            .collect();
        assert_eq!(
            seen,
            [
                (12, "exists README.md".to_owned()),
                (14, "lacks src/** \"x y\"".to_owned())
            ]
        );
    }

    #[test]
    fn every_bad_line_is_told_with_its_number_and_what_was_expected() {
        insta::assert_snapshot!(refused(
            "exist README.md\nrequires x\n- exists x\nexists\nexists /etc/passwd\nexists a # why\n\
             contains src/*.rs\ncontains src/*.rs lib/*.rs \"x\"\nlacks a /b/c/d\nlacks a /(/\n\
             lacks a \"x\" \"y\"\nvalue package.json version == 1\nvalue package.json /version = 1\n\
             value package.json /version == 1.0.0\nvalue README.md /a == 1\nvalue *.json /a == 1\n\
             value a.json /a ==\nabsent ../secrets"
        ));
    }

    #[test]
    fn every_check_in_the_documentation_can_be_read() {
        let blocks = include_str!("../../../docs/checks.md")
            .split("\n```check\n")
            .skip(1)
            .map(|after| after.split("\n```").next().unwrap());
        let mut read = 0;
        for text in blocks {
            read += parse(&block(text)).unwrap().len();
        }
        assert!(read >= 15, "only {read} checks");
    }

    #[test]
    fn a_block_that_asserts_nothing_is_refused() {
        assert_eq!(
            refused("# later\n"),
            "line 10: the check block is empty: write `exists GLOB…`"
        );
        assert!(parse(&block("")).is_err());
    }

    #[test]
    fn the_size_of_blocks_and_messages_is_limited() {
        assert!(refused(&"exists a\n".repeat(MOST_ASSERTIONS + 1)).contains("at most 1000"));
        assert!(refused(&format!("exists {}", "a".repeat(LONGEST_LINE))).contains("4096 bytes"));
        assert!(refused(&"x\n".repeat(500)).ends_with("and 480 more"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[\\PC\\n\\t]*") {
            let _ = parse(&block(&text));
        }

        #[test]
        fn text_behind_a_keyword_is_read_or_refused(
            keyword in "exists|absent|contains|lacks|value",
            text in "[ \"/\\\\a-c.*?\\[\\]{},=~#(){}|+^$\u{e9}]{0,40}",
        ) {
            let line = format!("{keyword} {text}");
            if let Ok(assertions) = parse(&block(&line)) {
                prop_assert_eq!(assertions[0].to_string(), line.trim());
            }
        }

        #[test]
        fn any_literal_can_be_written(literal in ".+") {
            let line = format!("contains a {}", serde_json::to_string(&literal).unwrap());
            prop_assert!(parse(&block(&line)).is_ok());
        }
    }
}
