//! A statement that stands in no file, under the name that it would have as a spec file.

use super::discover::{self, SelectedSpec};

/// Longer ones are no statement that anybody typed.
const MOST_BYTES: usize = 100_000;

/// Where statements are kept by convention.
const DIRECTORY: &str = "semtests";

/// Markdown as in a spec file, and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Relative to the project root: `semtests/<words of the first line>.spec.md`.
    pub path: String,
    /// The whole text of the spec file.
    pub markdown: String,
}

/// Why a text is no statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Nothing in it.
    #[error("the statement is empty")]
    Empty,
    /// More than anybody types.
    #[error("the statement has {0} bytes, more than {MOST_BYTES}")]
    TooLong(usize),
}

impl Statement {
    /// Takes the first line as the heading, unless the text brings headings or frontmatter of its own.
    ///
    /// # Errors
    ///
    /// When there is no statement in `text`, or too much of it.
    pub fn parse(text: &str) -> Result<Self, StatementError> {
        if text.len() > MOST_BYTES {
            return Err(StatementError::TooLong(text.len()));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        let (first, rest) = (first.trim(), rest.trim_end());
        if first.is_empty() {
            return Err(StatementError::Empty);
        }
        let is_spec = first == "---" || is_heading(first);
        let markdown = match (is_spec, rest) {
            (true, _) => format!("{text}\n"),
            (false, "") => format!("# {first}\n"),
            (false, rest) => format!("# {first}\n\n{}\n", rest.trim_start_matches(['\r', '\n'])),
        };
        let name = title(&markdown).and_then(discover::slug);
        Ok(Self {
            path: format!(
                "{DIRECTORY}/{}.spec.md",
                name.as_deref().unwrap_or("statement")
            ),
            markdown,
        })
    }

    pub(super) fn to_spec(&self) -> SelectedSpec {
        discover::parse_spec(self.path.clone(), &self.markdown)
    }
}

fn title(markdown: &str) -> Option<&str> {
    markdown
        .lines()
        .map(str::trim)
        .find(|line| is_heading(line))
}

fn is_heading(line: &str) -> bool {
    let rest = line.trim_start_matches('#');
    (1..=6).contains(&(line.len() - rest.len())) && rest.starts_with([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> (String, String) {
        let statement = Statement::parse(text).unwrap();
        (statement.path, statement.markdown)
    }

    #[test]
    fn a_sentence_becomes_a_heading_and_names_the_file() {
        let (path, markdown) = parsed("  Every error is JSON. ");
        assert_eq!(path, "semtests/every-error-is-json.spec.md");
        assert_eq!(markdown, "# Every error is JSON.\n");
        let (_, markdown) = parsed("Errors are JSON\n\nWith a `message`.\n");
        assert_eq!(markdown, "# Errors are JSON\n\nWith a `message`.\n");
        assert_eq!(parsed("!?").0, "semtests/statement.spec.md");
    }

    #[test]
    fn a_spec_file_is_taken_as_it_is() {
        for spec in ["---\ntags: a\n---\n# A\n", "## A\n\nx\n\n## B\n\ny\n"] {
            assert_eq!(parsed(spec), ("semtests/a.spec.md".into(), spec.into()));
        }
        assert_eq!(parsed("#1 is closed").1, "# #1 is closed\n");
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        for nothing in ["", " \n\t", "\u{feff}"] {
            assert_eq!(Statement::parse(nothing), Err(StatementError::Empty));
        }
        let long = "x".repeat(MOST_BYTES + 1);
        assert_eq!(
            Statement::parse(&long),
            Err(StatementError::TooLong(MOST_BYTES + 1))
        );
    }

    proptest! {
        #[test]
        fn a_sentence_is_one_scenario_named_after_its_file(words in "[a-zA-Z]{2,9}( [a-z]{2,9}){2,8}") {
            let statement = Statement::parse(&words).unwrap();
            let scenarios = statement.to_spec().file.scenarios;
            prop_assert_eq!(scenarios.len(), 1);
            prop_assert_eq!(&scenarios[0].title, &words);
            let path = format!("semtests/{}.spec.md", scenarios[0].id);
            prop_assert_eq!(statement.path, path);
        }

        #[test]
        fn any_text_has_a_name_that_stays_in_its_directory(text in any::<String>()) {
            if let Ok(Statement { path, markdown }) = Statement::parse(&text) {
                let name = path.strip_prefix("semtests/").unwrap();
                prop_assert!(!name.contains(['/', '\\', '\0']) && !name.starts_with('.'));
                prop_assert!(path.len() < 120 && !markdown.trim().is_empty());
            }
        }
    }
}
