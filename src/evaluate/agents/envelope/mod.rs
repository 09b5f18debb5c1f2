//! Takes a tool's own wrapping off its answer: one small decoder per envelope, each in its file.
//!
//! A decoder reads bytes that a model and a tool wrote: it never fails, and what it can't read as
//! its envelope is an error of the tool, never an answer. Exit codes lie in both directions, so a
//! decoder looks at the tool's own words too.

mod claude;
mod codex;
mod gemini;
mod text;

use crate::model::{Cost, Tokens};
use crate::process::Finished;

/// The shapes in which tools print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Envelope {
    /// The model's words, and Claude Code's JSON object for an agent that wraps Claude Code.
    Text,
    /// Claude Code's `--output-format json`.
    Claude,
    /// Codex CLI's `--json`.
    Codex,
    /// Gemini CLI's `--output-format json`.
    Gemini,
}

/// What a tool printed, without its wrapping.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) said: Said,
    /// How many answers the model gave, tool calls included.
    pub(super) turns: Option<u32>,
    pub(super) tokens: Option<Tokens>,
    pub(super) cost: Option<Cost>,
}

/// What the words are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// The model's words.
    Answer(String),
    /// The tool says that it failed, whatever its exit code.
    ToolError(String),
}

impl Default for Said {
    fn default() -> Self {
        Self::Answer(String::new())
    }
}

impl Decoded {
    /// Only words.
    fn of(said: Said) -> Self {
        Self {
            said,
            ..Self::default()
        }
    }
}

impl Envelope {
    /// Takes the wrapping off what a tool printed. Its exit code is the caller's to look at.
    pub(super) fn decode(self, finished: &Finished) -> Decoded {
        match self {
            Self::Text => text::decode(finished),
            Self::Claude => claude::decode(&finished.stdout.to_text_lossy()),
            Self::Codex => codex::decode(&finished.stdout.to_text_lossy()),
            Self::Gemini => gemini::decode(finished),
        }
    }
}
