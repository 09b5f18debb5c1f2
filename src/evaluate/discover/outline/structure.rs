//! The parts of a Markdown text that can carry an outline: top-level headings and numbered items,
//! and `check` blocks anywhere. What they mean is [`super`]'s.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::super::lines::{self, Lines};

/// A heading or item: where its line starts, and what it says without markup, white space folded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// 1 to 6 for a heading, else 0.
    pub(super) level: u8,
    pub(super) text: String,
    /// A byte offset.
    pub(super) start: usize,
    /// The byte offset at which the heading or item ends.
    pub(super) end: usize,
}

/// A fenced block with the info string `check`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Check {
    /// The byte offset of its opening fence.
    pub(super) start: usize,
    /// The byte offset of what stands in it.
    pub(super) text_start: usize,
    /// What stands in it, without the marks of a quote or list around it. Lines end with `\n`.
    pub(super) text: String,
}

/// In the order of the text.
#[derive(Debug, Default)]
pub(super) struct Structure {
    pub(super) headings: Vec<Mark>,
    /// The items of all numbered lists at the top level, each with its first line.
    pub(super) numbered: Vec<Mark>,
    pub(super) checks: Vec<Check>,
    /// The byte offsets of fences that look as if `check` was meant.
    pub(super) near_checks: Vec<usize>,
}

/// Reads Markdown as GitHub does. Never fails: every text is Markdown.
pub(super) fn parse(body: &str, lines: &Lines) -> Structure {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut reader = Reader {
        lines,
        found: Structure::default(),
        depth: 0,
        numbered: false,
        open: Open::Nothing,
    };
    let body = lines::with_line_feeds(body);
    for (event, range) in Parser::new_ext(&body, options).into_offset_iter() {
        reader.read(event, &range);
    }
    reader.found
}

struct Reader<'lines> {
    lines: &'lines Lines,
    found: Structure,
    /// How many lists, items and quotes are open.
    depth: usize,
    /// Whether the open list of the top level has numbers.
    numbered: bool,
    open: Open,
}

/// What text is being collected for.
enum Open {
    Nothing,
    Heading(Mark),
    /// A numbered item whose first line is not complete.
    Item(Mark),
    Check(Check),
}

impl Reader<'_> {
    fn read(&mut self, event: Event<'_>, range: &Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag, range),
            Event::End(end) => self.end(end),
            Event::Text(text) | Event::Code(text) => self.push(&text, range),
            Event::SoftBreak | Event::HardBreak => {
                self.push(" ", range);
                self.close_item();
            }
            Event::Html(_)
            | Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::Rule
            | Event::TaskListMarker(_) => {}
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "of the parser's many tags only those that hold or end an outline matter"
    )]
    fn start(&mut self, tag: &Tag<'_>, range: &Range<usize>) {
        match tag {
            Tag::Heading { level, .. } if self.depth == 0 => {
                self.open = Open::Heading(self.mark(*level as u8, range));
            }
            Tag::CodeBlock(kind) => {
                self.close_item();
                match Fence::of(kind) {
                    Fence::Check => {
                        self.open = Open::Check(Check {
                            start: range.start,
                            text_start: self.lines.start_of_next(range.start),
                            text: String::new(),
                        });
                    }
                    Fence::NearCheck => self.found.near_checks.push(range.start),
                    Fence::Other => {}
                }
            }
            Tag::BlockQuote(_) => self.depth += 1,
            Tag::List(first_number) => {
                self.close_item();
                if self.depth == 0 {
                    self.numbered = first_number.is_some();
                }
                self.depth += 1;
            }
            Tag::Item => {
                if self.depth == 1 && self.numbered {
                    self.open = Open::Item(self.mark(0, range));
                }
                self.depth += 1;
            }
            _ => {}
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "of the parser's many tags only those that hold or end an outline matter"
    )]
    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Heading(_) => {
                self.close_item();
                if let Open::Heading(mark) = self.close() {
                    self.found.headings.push(folded(mark));
                }
            }
            TagEnd::CodeBlock => {
                if let Open::Check(check) = self.close() {
                    self.found.checks.push(check);
                }
            }
            TagEnd::BlockQuote(_) | TagEnd::List(_) => self.depth -= 1,
            TagEnd::Item => {
                self.close_item();
                self.depth -= 1;
            }
            TagEnd::Paragraph => self.close_item(),
            _ => {}
        }
    }

    fn push(&mut self, text: &str, range: &Range<usize>) {
        match &mut self.open {
            Open::Nothing => {}
            Open::Heading(mark) | Open::Item(mark) => mark.text.push_str(text),
            Open::Check(check) => {
                if check.text.is_empty() {
                    check.text_start = range.start;
                }
                check.text.push_str(text);
            }
        }
    }

    fn mark(&self, level: u8, range: &Range<usize>) -> Mark {
        Mark {
            level,
            text: String::new(),
            start: self.lines.start_of(range.start),
            end: range.end,
        }
    }

    fn close(&mut self) -> Open {
        std::mem::replace(&mut self.open, Open::Nothing)
    }

    fn close_item(&mut self) {
        match self.close() {
            Open::Item(mark) => self.found.numbered.push(folded(mark)),
            other @ (Open::Nothing | Open::Heading(_) | Open::Check(_)) => self.open = other,
        }
    }
}

fn folded(mut mark: Mark) -> Mark {
    mark.text = mark.text.split_whitespace().collect::<Vec<_>>().join(" ");
    mark
}

enum Fence {
    Check,
    /// `checks`, `check:`, `{check}`, `json check`: `check` was meant.
    NearCheck,
    Other,
}

impl Fence {
    fn of(kind: &CodeBlockKind<'_>) -> Self {
        let info = match kind {
            CodeBlockKind::Indented => return Self::Other,
            CodeBlockKind::Fenced(info) => info.to_lowercase(),
        };
        let mut words = info.split_whitespace();
        if words.clone().next() == Some("check") {
            return Self::Check;
        }
        let bare = |word: &str| word.replace(|letter: char| !letter.is_alphanumeric(), "");
        if words.any(|word| matches!(bare(word).as_str(), "check" | "checks")) {
            Self::NearCheck
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(body: &str) -> Structure {
        parse(body, &Lines::of(body))
    }

    #[test]
    fn an_empty_check_block_belongs_where_its_fence_is() {
        let found = parsed("## A\n> ```check\n\n## B\n");
        let check = &found.checks[0];
        assert_eq!((check.start, check.text.as_str()), (7, ""));
        assert!(check.start < found.headings[1].start);
    }

    #[test]
    fn only_the_first_word_makes_a_check_block_and_near_misses_are_known() {
        let fences = |info: &str| {
            let found = parsed(&format!("## A\n~~~{info}\nexists a\n~~~\n"));
            (found.checks.len(), found.near_checks)
        };
        for info in ["check", " Check", "CHECK strict", "check\tchecks"] {
            assert_eq!(fences(info), (1, vec![]), "{info}");
        }
        for info in [
            "checks",
            "check:",
            "{check}",
            "{.check}",
            "json check",
            "Checks!",
            "\"check\"",
        ] {
            assert_eq!(fences(info), (0, vec![5]), "{info}");
        }
        for info in [
            "",
            "json",
            "checklist",
            "spell-check",
            "checkers",
            "title=check",
        ] {
            assert_eq!(fences(info), (0, vec![]), "{info}");
        }
        assert!(parsed("    ```checks\n").near_checks.is_empty());
    }

    #[test]
    fn an_item_without_a_first_line_has_an_empty_title() {
        let found = parsed("1.\n2. ```\n   code\n   ```\n3. # Heading\n\n   more\n");
        let titles: Vec<_> = found
            .numbered
            .iter()
            .map(|mark| mark.text.as_str())
            .collect();
        assert_eq!(titles, ["", "", "Heading"]);
    }

    #[test]
    fn pathological_nesting_is_survived() {
        for nested in [
            "> ", "- ", "1. ", "[", "![", "*a ", "<", "`` ` ", "[a](", "|a",
        ] {
            let found = parsed(&nested.repeat(20_000));
            assert!(found.headings.is_empty(), "{nested}");
        }
    }
}
