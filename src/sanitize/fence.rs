//! Fences that what they hold can't close: for Markdown code and for prompts.

/// Shortest fence that opens a block.
const SHORTEST: usize = 3;

/// The line to put before and after `text` in a prompt, so that the text can't end its own fence.
///
/// At least three backticks or tildes, and more than any run of that character in `text`; backticks
/// unless tildes are shorter. The text itself is not changed.
#[must_use]
pub fn prompt_fence(text: &str) -> String {
    let backticks = longest_run(text, '`').max(SHORTEST - 1);
    let tildes = longest_run(text, '~').max(SHORTEST - 1);
    if tildes < backticks {
        "~".repeat(tildes + 1)
    } else {
        "`".repeat(backticks + 1)
    }
}

/// Appends `text` as an inline code span. `text` is not empty and has no line break and no `|`.
pub(super) fn push_code_span(text: &str, out: &mut String) {
    let text = limit_runs(text);
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    // One blank at both ends is taken off again by the renderer (CommonMark 0.31, 6.1).
    let touches = text.starts_with('`') || text.ends_with('`');
    let stripped = text.starts_with(' ') && text.ends_with(' ') && !text.trim().is_empty();
    let padding = if touches || stripped { " " } else { "" };
    for part in [&fence, padding, &text, padding, &fence] {
        out.push_str(part);
    }
}

/// Longest run of backticks or tildes that is left in Markdown code. cmark reads no code span with a
/// fence above 80, and counts a block's fence to 255.
const LONGEST: usize = 64;

/// The text with a blank after every [`LONGEST`] backticks or tildes in a row.
pub(super) fn limit_runs(text: &str) -> String {
    let mut limited = String::with_capacity(text.len());
    let mut run = 0;
    let mut previous = None;
    for character in text.chars() {
        let continues = matches!(character, '`' | '~') && previous == Some(character);
        run = if continues { run + 1 } else { 1 };
        if run > LONGEST {
            limited.push(' ');
            run = 1;
        }
        limited.push(character);
        previous = Some(character);
    }
    limited
}

fn longest_run(text: &str, character: char) -> usize {
    text.split(|other| other != character)
        .map(str::len)
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{prompt_fence, push_code_span};

    fn code_span(text: &str) -> String {
        let mut out = String::new();
        push_code_span(text, &mut out);
        out
    }

    #[test]
    fn a_fence_is_longer_than_any_run() {
        assert_eq!(prompt_fence("plain ``two``"), "```");
        assert_eq!(prompt_fence("```\ncode\n```"), "~~~");
        assert_eq!(prompt_fence("```` and ~~~"), "~~~~");
        assert_eq!(prompt_fence("``` and ~~~~"), "````");
        assert_eq!(prompt_fence("~~~~~"), "```");
    }

    #[test]
    fn a_code_span_outlasts_its_backticks() {
        assert_eq!(code_span("a"), "`a`");
        assert_eq!(code_span("a`b``c"), "```a`b``c```");
        assert_eq!(code_span("`a"), "`` `a ``");
        assert_eq!(code_span(" a "), "`  a  `");
        assert_eq!(code_span(" "), "` `");
    }

    #[test]
    fn runs_beyond_what_renderers_count_are_split() {
        let span = code_span(&"`".repeat(1000));
        assert!(span.split([' ']).all(|run| run.len() <= 65), "{span}");
    }
}
