//! Takes a tool's own wrapping off its answer: one small decoder per envelope, each in its file.
//!
//! A decoder reads bytes that a model and a tool wrote: it never fails, and what it can't read as
//! its envelope is an error of the tool, never an answer. Exit codes lie in both directions, so a
//! decoder looks at the tool's own words too.

mod aider;
mod blocks;
mod claude;
mod codex;
mod copilot;
mod gemini;
mod opencode;
mod qwen;
mod text;

use serde_json::Value;

use crate::model::{Cost, Tokens, ToolCalls};
use crate::process::{Captured, Ending, Finished};

/// The shapes in which tools print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Envelope {
    /// The model's words, and Claude Code's JSON object for an agent that wraps Claude Code.
    Text,
    /// Claude Code's `--output-format stream-json`.
    Claude,
    /// Codex CLI's `--json`.
    Codex,
    /// Gemini CLI's `--output-format json`.
    Gemini,
    /// OpenCode's `--format json`.
    OpenCode,
    /// Qwen Code's `-o json`.
    Qwen,
    /// GitHub Copilot CLI's `--output-format json`.
    Copilot,
    /// Aider's plain text with its banner.
    Aider,
}

/// What a tool printed, without its wrapping.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) said: Said,
    /// How many answers the model gave, tool calls included.
    pub(super) turns: Option<u32>,
    pub(super) tokens: Option<Tokens>,
    pub(super) cost: Option<Cost>,
    /// The same tokens by model, where the tool tells: a router may have called a second one.
    pub(super) by_model: Vec<(String, Tokens)>,
    /// Its own tools that the agent used.
    pub(super) tools: Vec<ToolCalls>,
}

/// What a tool tells of the price of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bill {
    /// Money.
    Money,
    /// Tokens, which have a price if the model is known.
    Tokens,
    /// Nothing, or nobody knows.
    Nothing,
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
    /// What the tool tells of the price of a call that went well.
    pub(super) fn bill(self) -> Bill {
        match self {
            Self::Claude | Self::OpenCode | Self::Aider => Bill::Money,
            Self::Codex | Self::Gemini | Self::Qwen => Bill::Tokens,
            Self::Text | Self::Copilot => Bill::Nothing,
        }
    }

    /// Takes the wrapping off what a tool printed. Its exit code is the caller's to look at.
    ///
    /// `None` if it printed more than is kept, and what was left out may have mattered. Where the
    /// last line decides, it does not: a transcript of long files is no reason to fail.
    pub(super) fn decode(self, finished: &Finished) -> Option<Decoded> {
        let stdout = &finished.stdout;
        let last_line_decides = matches!(self, Self::Claude | Self::Codex);
        let printed = match (stdout.is_complete(), last_line_decides) {
            (true, _) => stdout.to_text_lossy(),
            (false, true) => whole_lines(stdout),
            (false, false) => return None,
        };
        let decoded = match self {
            Self::Text => return Some(text::decode(printed)),
            Self::Gemini => return Some(gemini::decode(finished)),
            Self::Codex => return Some(codex::decode(&printed)),
            Self::Claude => claude::decode(&printed),
            Self::OpenCode => opencode::decode(&printed),
            Self::Qwen => qwen::decode(&printed),
            Self::Copilot => copilot::decode(&printed),
            Self::Aider => aider::decode(&printed),
        };
        Some(decoded.unwrap_or_else(|| Decoded::of(unknown(printed, finished.ending))))
    }
}

/// The lines of a stream whose middle was left out, without the one that was cut in two.
fn whole_lines(stream: &Captured) -> String {
    let (head, tail) = (stream.head(), stream.tail());
    let is_end = |byte: &u8| *byte == b'\n';
    let head = &head[..head.iter().rposition(is_end).map_or(0, |at| at + 1)];
    let tail = &tail[tail.iter().position(is_end).map_or(tail.len(), |at| at + 1)..];
    [head, tail].map(String::from_utf8_lossy).concat()
}

/// What a text without its envelope is. A tool that failed before it could wrap anything says why
/// on stderr, and its exit code leads the caller there.
fn unknown(printed: String, ending: Ending) -> Said {
    if ending == Ending::Exited(0) && !printed.trim().is_empty() {
        return Said::ToolError(format!("no readable output: {}", printed.trim()));
    }
    Said::Answer(printed)
}

/// The events of an output with one JSON object a line. `None` if there is none, or one that can't
/// be read: it might have told of an error.
fn events(printed: &str) -> Option<Vec<Value>> {
    let lines = printed.lines().filter(|line| line.starts_with('{'));
    let events: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).ok())
        .collect::<Option<_>>()?;
    (!events.is_empty()).then_some(events)
}

fn text_at<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

fn number_at(value: &Value, pointer: &str) -> u64 {
    let number = value.pointer(pointer).and_then(Value::as_u64);
    number.unwrap_or_default()
}

fn sum_of(values: &[&Value], pointer: &str) -> u64 {
    let numbers = values.iter().map(|value| number_at(value, pointer));
    numbers.fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a tool printed is never an answer if its end is missing, wherever it was cut.
    pub(super) fn no_part_is_an_answer(recorded: &str, decode: fn(&str) -> Option<Decoded>) {
        let whole = recorded.trim_end();
        assert!(matches!(
            decode(whole).unwrap().said,
            Said::Answer(text) if !text.is_empty()
        ));
        for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            let part = &whole[..end];
            let said = match decode(part) {
                Some(decoded) => decoded.said,
                None => unknown(part.to_owned(), Ending::Exited(0)),
            };
            let is_answer = matches!(&said, Said::Answer(text) if !text.trim().is_empty());
            assert!(!is_answer, "cut at {end}: {said:?}");
        }
    }

    const DECODERS: &[fn(&str) -> Option<Decoded>] = &[
        aider::decode,
        copilot::decode,
        opencode::decode,
        qwen::decode,
        claude::decode,
    ];

    /// What each tool prints when all went well, shortened to what a price is made of.
    const BILLED: [(Envelope, &str); 8] = [
        (Envelope::Text, "[]"),
        (
            Envelope::Claude,
            r#"{"type":"result","subtype":"success","is_error":false,"result":"[]","total_cost_usd":0.5,"usage":{"output_tokens":1}}"#,
        ),
        (
            Envelope::Codex,
            r#"{"type":"turn.completed","usage":{"input_tokens":100,"output_tokens":20}}"#,
        ),
        (
            Envelope::Gemini,
            r#"{"response":"[]","stats":{"models":{"pro":{"tokens":{"prompt":10}}}}}"#,
        ),
        (Envelope::OpenCode, opencode::tests::RECORDED),
        (Envelope::Qwen, qwen::tests::RECORDED),
        (Envelope::Copilot, copilot::tests::RECORDED),
        (Envelope::Aider, aider::tests::RECORDED),
    ];

    #[test]
    fn each_tool_tells_of_its_price_what_is_said_of_it() {
        for (envelope, printed) in BILLED {
            let decoded = envelope.decode(&Finished {
                ending: Ending::Exited(0),
                stdout: Captured::from(printed.as_bytes()),
                stderr: Captured::from(b"".as_slice()),
                duration: std::time::Duration::ZERO,
            });
            let decoded = decoded.unwrap();
            let told = match (decoded.cost, decoded.tokens) {
                (Some(_), _) => Bill::Money,
                (None, Some(_)) => Bill::Tokens,
                (None, None) => Bill::Nothing,
            };
            assert_eq!(told, envelope.bill(), "{envelope:?}");
        }
    }

    #[test]
    fn words_without_the_envelope_are_no_answer_of_a_tool_that_says_it_succeeded() {
        let said = |printed: &str, code| unknown(printed.to_owned(), Ending::Exited(code));
        let passing = r#"[{"id":"a","status":"pass"}]"#;
        let error = Said::ToolError(format!("no readable output: {passing}"));
        assert_eq!(said(passing, 0), error);
        assert_eq!(said(" \n", 0), Said::Answer(" \n".into()));
        assert_eq!(said("no key", 1), Said::Answer("no key".into()));
    }

    #[test]
    fn chatter_between_events_is_left_out_and_a_broken_event_is_not() {
        assert_eq!(events("warning: x\n{\"type\":\"a\"}\n\n").unwrap().len(), 1);
        assert_eq!(events("{\"type\":\"a\"}\n{\"type\":\"err"), None);
        assert_eq!(events("nothing"), None);
    }

    proptest! {
        #[test]
        fn a_decoder_reads_any_text(text in any::<String>()) {
            for decode in DECODERS {
                decode(&text);
            }
        }

        #[test]
        fn a_decoder_reads_any_json(
            kind in "(result|text|step_start|step_finish|error|assistant.message|session.error)",
            field in "(part|data|result|usage|error|exitCode|num_turns)",
            value in "(null|-1|1e400|\"x\"|\\[\\]|\\{\\}|18446744073709551616|0)",
        ) {
            let event = format!(r#"{{"type":"{kind}","{field}":{value}}}"#);
            for printed in [event.clone(), format!("[{event}]"), format!("{event}\n{event}")] {
                for decode in DECODERS {
                    let decoded = decode(&printed).unwrap_or_default();
                    if let Said::Answer(text) = decoded.said {
                        prop_assert!(text.len() <= 2, "{text}");
                    }
                }
            }
        }
    }
}
