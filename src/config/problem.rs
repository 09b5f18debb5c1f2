//! What is wrong with a config file, and how it is shown.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::source::Place;
use crate::sanitize::{terminal_block, terminal_line, truncate};

/// How many bytes of a foreign message are shown.
const LONGEST_MESSAGE: usize = 600;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) message: String,
    /// Where in the user's own file.
    pub(super) place: Option<Place>,
    /// What the user can do.
    pub(super) hint: Option<String>,
}

impl Problem {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            place: None,
            hint: None,
        }
    }

    pub(super) fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The text of some problems, the only way from a user's file to the terminal. The first line has
/// no `error:` in front, since whoever prints an error puts one there.
pub(super) fn render(problems: &[Problem]) -> String {
    let rendered: Vec<_> = problems.iter().map(render_one).collect();
    rendered.join("\n\nerror: ")
}

fn render_one(problem: &Problem) -> String {
    let title = Level::ERROR
        .no_name()
        .primary_title(one_line(&problem.message));
    let mut text = match &problem.place {
        None => one_line(&problem.message),
        Some(place) => {
            let path = one_line(&place.source.name);
            let group = title.element(
                Snippet::source(place.source.text.as_str())
                    .path(path)
                    .annotation(AnnotationKind::Primary.span(first_line_of(place))),
            );
            terminal_block(&Renderer::plain().render(&[group]), usize::MAX)
        }
    };
    if let Some(hint) = &problem.hint {
        text.push_str("\nhint: ");
        text.push_str(&one_line(hint));
    }
    text
}

/// The part of a place on its first line: a whole object need not be quoted to be found.
fn first_line_of(place: &Place) -> std::ops::Range<usize> {
    let range = place.range.clone();
    let text = &place.source.text[range.clone()];
    let length = text.find(['\r', '\n']).unwrap_or(text.len());
    range.start..range.start + length
}

/// A foreign text on one line, cut where nobody reads on.
fn one_line(text: &str) -> String {
    terminal_line(&truncate(text, LONGEST_MESSAGE))
}
