//! Foreign text for Markdown that GitHub or GitLab will render (GFM). What the forges act on beyond
//! Markdown itself is told by `reference`.

use super::characters::{fold, lines};
use super::command::{Place, is_overlooked, push_broken};
use super::fence::{limit_runs, prompt_fence, push_code_span};
use super::reference::is_reference;
use super::terminal::safe_lines;

/// Punctuation around a reference that stays outside of its code span.
const OPENING: &[char] = &['(', '[', '{', '"', '\'', '<', '*', '_'];
const CLOSING: &[char] = &[
    ')', ']', '}', '"', '\'', '>', '*', '_', '.', ',', ';', ':', '!', '?',
];

/// Plain inline text for a paragraph, list item, table cell or heading; one line, no blanks at the
/// ends.
///
/// Guarantees that it renders as the same visible words, whatever they look like: no HTML, link,
/// image, emphasis or other inline Markdown, no block structure where it starts a line, no new table
/// cell, no GitLab quick action, no CI command in the source.
///
/// A word that GitHub or GitLab would act on *after* rendering (a mention, an issue, commit or label
/// reference, a bare link or mail address, an emoji code) becomes a code span: the forges leave code
/// alone, the text stays readable and can be copied, and no invisible character is needed. A backslash
/// or an entity would not do, since the forges look at rendered text. Because closing keywords need
/// their reference next to them, they fall with it.
///
/// Not for lines that renderers read as raw HTML (`<summary>…`): they would show the escapes.
#[must_use]
pub fn markdown_text(text: &str) -> String {
    let folded = fold(text);
    let mut writer = TextWriter {
        out: String::with_capacity(folded.len() + folded.len() / 8),
        start: Start::Fresh,
    };
    for piece in folded.split_inclusive(is_delimiter) {
        let word = piece.trim_end_matches(is_delimiter);
        writer.write_word(word);
        match piece[word.len()..].chars().next() {
            Some('|') => writer.write_escaped("|"),
            Some(blank) => writer.out.push(blank),
            None => {}
        }
    }
    writer.out
}

/// The text on one line as inline code. An empty text stays empty.
///
/// The code span is fenced by more backticks than it holds. It is safe in table cells, which end at
/// every `|` even in code: each `|` stands between two code spans. CI commands are broken by a
/// visible backslash, and of more than 64 backticks in a row some are set apart, because renderers
/// give up on longer fences.
#[must_use]
pub fn markdown_code(text: &str) -> String {
    let mut code = String::new();
    for piece in broken(&fold(text)).split_inclusive('|') {
        let part = piece.trim_end_matches('|');
        if !part.is_empty() {
            push_code_span(part, &mut code);
        }
        if part.len() < piece.len() {
            code.push_str("\\|");
        }
    }
    code
}

/// The text as a fenced code block that ends with a line break.
///
/// The fence is longer than any run in the text; every line is as safe as in
/// [`terminal_block`](super::terminal_block). The block has to start on a line of its own, and in a
/// list item *every* line needs the item's indentation.
#[must_use]
pub fn markdown_block(text: &str) -> String {
    let content = limit_runs(&safe_lines(lines(text)));
    let content = content.trim_end();
    let fence = prompt_fence(content);
    let line_break = if content.is_empty() { "" } else { "\n" };
    format!("{fence}\n{content}{line_break}{fence}\n")
}

/// Words end at blanks, and at `|`, which needs an escape in table cells that code can't have.
fn is_delimiter(character: char) -> bool {
    character == '|' || character.is_whitespace()
}

fn broken(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_broken(text, Place::Within, &mut out);
    out
}

/// What of the line was written so far, as far as Markdown's block structure can tell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    /// Nothing that counts.
    Fresh,
    /// Digits only: a dot or parenthesis would make a list item.
    Number,
    Past,
}

struct TextWriter {
    out: String,
    start: Start,
}

impl TextWriter {
    fn write_word(&mut self, word: &str) {
        if !is_reference(word) {
            self.write_escaped(word);
            return;
        }
        let (opening, core, closing) = without_punctuation(word);
        self.write_escaped(opening);
        push_code_span(&broken(core), &mut self.out);
        self.start = Start::Past;
        self.write_escaped(closing);
    }

    fn write_escaped(&mut self, text: &str) {
        let mut previous = None;
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            let next = rest.clone().next();
            match character {
                '<' => self.out.push_str("&lt;"),
                '&' => self.out.push_str("&amp;"),
                _ => {
                    if is_inline_syntax(previous, character, next)
                        || is_block_syntax(self.start, character)
                    {
                        self.out.push('\\');
                    }
                    self.out.push(character);
                }
            }
            self.start = match self.start {
                start if is_overlooked(character) => start,
                Start::Fresh | Start::Number if character.is_ascii_digit() => Start::Number,
                Start::Fresh | Start::Number | Start::Past => Start::Past,
            };
            previous = Some(character);
        }
    }
}

/// What stands before, in and after the punctuation around a word, which may be all there is.
fn without_punctuation(word: &str) -> (&str, &str, &str) {
    let core = word.trim_start_matches(OPENING);
    let (opening, core) = word.split_at(word.len() - core.len());
    let (core, closing) = core.split_at(core.trim_end_matches(CLOSING).len());
    if core.is_empty() {
        return ("", word, "");
    }
    (opening, core, closing)
}

fn is_inline_syntax(previous: Option<char>, character: char, next: Option<char>) -> bool {
    let in_word = |neighbour: Option<char>| neighbour.is_some_and(char::is_alphanumeric);
    match character {
        '`' | '*' | '[' | ']' | '~' | '#' | '$' | '|' => true,
        '_' => !(in_word(previous) && in_word(next)),
        '\\' => next.is_none_or(|next| next.is_ascii_punctuation()),
        _ => false,
    }
}

/// Lists, quotes, setext underlines, table delimiters; GitLab's quick actions (`/`) and CI commands
/// and GitLab's includes (`::`).
fn is_block_syntax(start: Start, character: char) -> bool {
    match start {
        Start::Fresh => matches!(character, '-' | '+' | '=' | '>' | ':' | '/'),
        Start::Number => matches!(character, '.' | ')'),
        Start::Past => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{markdown_block, markdown_code, markdown_text};

    #[test]
    fn plain_prose_is_untouched() {
        let text = "The API (v2) returns 404, not 500; see src/snake_case.rs: it's \"ok\" -> done!";
        assert_eq!(markdown_text(text), text);
    }

    #[test]
    fn inline_syntax_is_escaped() {
        assert_eq!(
            markdown_text("*a* _b_ `c` ~~d~~ [e](f) ![g](h) <b> &lt; $x$ a|b C:\\d \\* e\\"),
            "\\*a\\* \\_b\\_ \\`c\\` `~~d~~` \\[e\\](f) !\\[g\\](h) &lt;b> &amp;lt; `$x$` a\\|b C:\\d \\\\\\* e\\\\"
        );
    }

    #[test]
    fn block_syntax_is_escaped_at_the_start_only() {
        for (text, expected) in [
            ("# a # b", "\\# a \\# b"),
            ("- a - b", "\\- a - b"),
            ("+ a", "\\+ a"),
            ("> a > b", "\\> a > b"),
            ("=== a", "\\=== a"),
            ("--- | ---", "\\--- \\| ---"),
            (":-- a", "\\:-- a"),
            ("1. a 2. b", "1\\. a 2. b"),
            ("12) a", "12\\) a"),
            ("/close a/b", "\\/close a/b"),
            ("::error::x", "`::error::x`"),
            (":: x", "\\:: x"),
            ("    code", "code"),
        ] {
            assert_eq!(markdown_text(text), expected);
        }
    }

    #[test]
    fn references_become_code_without_their_punctuation() {
        assert_eq!(
            markdown_text("Fixes #12, (GH-3) by @octo/team: <https://x.y/?a=b>."),
            "Fixes `#12`, (`GH-3`) by `@octo/team`: &lt;`https://x.y/?a=b`>."
        );
        assert_eq!(markdown_text("a@b|`@c`"), "`a@b`\\|`` `@c` ``");
        assert_eq!(markdown_text("[[ page ]]"), "`[[` page \\]\\]");
        assert_eq!(markdown_text("{+ a +} [-b-]"), "{`+` a +} \\[`-b-`\\]");
    }

    #[test]
    fn text_is_one_line_without_control_or_invisible_characters() {
        assert_eq!(
            markdown_text("a\n\n# b\r\u{1b}[1m@\u{200b}c"),
            "a \\# b `@c`"
        );
    }

    #[test]
    fn code_is_fenced_and_splits_at_pipes() {
        assert_eq!(markdown_code("a\nb"), "`a b`");
        assert_eq!(markdown_code("a `b` ``c``"), "``` a `b` ``c`` ```");
        assert_eq!(markdown_code("a | b||"), "`a `\\|` b`\\|\\|");
        assert_eq!(markdown_code("x ##[error]y"), "`x #\\#[error]y`");
        assert_eq!(markdown_code(" \n"), "");
    }

    #[test]
    fn a_block_holds_its_lines() {
        assert_eq!(
            markdown_block("a\r\n  ::error::b\u{2028}```\n\n"),
            "~~~\na\n  \\::error::b\n```\n~~~\n"
        );
        assert_eq!(markdown_block(""), "```\n```\n");
        let long = "`".repeat(300) + "\n" + &"~".repeat(300);
        assert!(markdown_block(&long).lines().all(|line| line.len() < 320));
    }
}
