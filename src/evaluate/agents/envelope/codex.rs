//! `codex exec --json`: an event a line.

use serde::Deserialize;

use super::{Decoded, Said};
use crate::model::{Tokens, ToolCalls};
use crate::sanitize::truncate;

/// How much of an event that can't be read is shown.
const SHOWN_BYTES: usize = 200;

/// The fields that we read of any event.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    error: Option<Failure>,
    #[serde(default)]
    item: Option<Item>,
    #[serde(default)]
    usage: Option<CodexUsage>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct Item {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    aggregated_output: Option<String>,
    #[serde(default)]
    exit_code: Option<i64>,
    #[serde(default)]
    status: Option<String>,
}

/// How its commands came out. It reads files by commands only, so where its sandbox can't start
/// (no user namespaces, as in many containers) it has seen nothing, whatever it answers.
#[derive(Default)]
struct Commands {
    is_any_done: bool,
    blocked: Option<String>,
}

impl Item {
    fn has_failed(&self) -> bool {
        self.exit_code.is_some_and(|code| code != 0) || self.status.as_deref() == Some("failed")
    }
}

impl Commands {
    fn add(&mut self, item: &Item) {
        if item.kind != "command_execution" {
            return;
        }
        let output = item.aggregated_output.as_deref().unwrap_or_default();
        let line = output.trim_start().lines().next().unwrap_or_default();
        let of_sandbox = line.starts_with("bwrap:") || line.contains("bubblewrap");
        if item.exit_code == Some(0) {
            self.is_any_done = true;
        } else if of_sandbox {
            self.blocked = Some(line.to_owned());
        }
    }

    fn problem(self) -> Option<String> {
        let line = self.blocked.filter(|_| !self.is_any_done)?;
        Some(format!(
            "its sandbox can't start here, so it could not read the project ({line}); allow user \
             namespaces, or run it in a container of its own with `--skip-permissions-if-possible`"
        ))
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CodexUsage {
    #[serde(rename = "input_tokens")]
    input: u64,
    #[serde(rename = "cached_input_tokens")]
    cache_read: u64,
    #[serde(rename = "cache_write_input_tokens")]
    cache_write: u64,
    #[serde(rename = "output_tokens")]
    output: u64,
}

/// The last message counts, and only if the turn came to its end: `error` events beside it tell of
/// tries that were repeated.
pub(super) fn decode(printed: &str) -> Decoded {
    let mut decoded = Decoded::default();
    let (mut answer, mut problem) = (None, None);
    let mut commands = Commands::default();
    let mut is_completed = false;
    let lines = printed.lines().filter(|line| line.starts_with('{'));
    for line in lines {
        let Ok(event) = serde_json::from_str::<Event>(line) else {
            // It might have told of an error.
            is_completed = false;
            problem = Some(format!(
                "an event that can't be read: {}",
                truncate(line, SHOWN_BYTES)
            ));
            break;
        };
        match event.kind.as_str() {
            "item.completed" => match event.item {
                Some(item) if item.kind == "agent_message" => answer = item.text.or(answer),
                Some(item) if item.kind == "reasoning" => {}
                Some(item) => {
                    commands.add(&item);
                    let failed = u32::from(item.has_failed());
                    ToolCalls::add(&mut decoded.tools, &item.kind, 1, failed);
                }
                None => {}
            },
            "turn.completed" => {
                is_completed = true;
                decoded.tokens = event.usage.as_ref().map(tokens);
            }
            "turn.failed" => {
                is_completed = false;
                problem = event.error.map(|error| error.message).or(problem);
            }
            "error" => problem = event.message.or(problem),
            _ => {}
        }
    }
    decoded.said = match (is_completed, answer) {
        (true, answer) => match commands.problem() {
            Some(problem) => Said::ToolError(problem),
            None => Said::Answer(answer.unwrap_or_default()),
        },
        // It said why on stderr, as it does about its arguments.
        (false, None) if problem.is_none() && printed.trim().is_empty() => Said::default(),
        (false, _) => Said::ToolError(problem.unwrap_or_else(|| "its answer never ended".into())),
    };
    decoded
}

/// What it calls input holds what came from the cache or went there.
fn tokens(usage: &CodexUsage) -> Tokens {
    let cached = usage.cache_read.saturating_add(usage.cache_write);
    Tokens {
        input: usage.input.saturating_sub(cached),
        cache_read: usage.cache_read,
        cache_write: usage.cache_write,
        output: usage.output,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MESSAGE: &str = r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"[{\"id\":\"a\",\"status\":\"pass\"}]"}}"#;
    const END: &str = r#"{"type":"turn.completed","usage":{"input_tokens":100,"cached_input_tokens":40,"cache_write_input_tokens":0,"output_tokens":20,"reasoning_output_tokens":5}}"#;
    const RETRY: &str = r#"{"type":"error","message":"Reconnecting... 1/2 (500)"}"#;
    const FAILED: &str = r#"{"type":"turn.failed","error":{"message":"unexpected status 401"}}"#;

    fn said(lines: &[&str]) -> Said {
        decode(&lines.join("\n")).said
    }

    #[test]
    fn the_last_message_of_a_completed_turn_is_the_answer() {
        let thinking =
            r#"{"type":"item.completed","item":{"type":"agent_message","text":"let me see"}}"#;
        let command =
            r#"{"type":"item.completed","item":{"type":"command_execution","exit_code":0}}"#;
        let decoded = decode(&[thinking, command, RETRY, MESSAGE, END].join("\n"));
        assert_eq!(
            decoded.said,
            Said::Answer(r#"[{"id":"a","status":"pass"}]"#.into())
        );
        let tokens = decoded.tokens.unwrap();
        assert_eq!(
            (tokens.input, tokens.cache_read, tokens.output),
            (60, 40, 20)
        );
    }

    #[test]
    fn a_failed_turn_is_an_error_whatever_was_said_before() {
        let expected = Said::ToolError("unexpected status 401".into());
        assert_eq!(said(&[MESSAGE, RETRY, FAILED]), expected);
        assert_eq!(said(&[MESSAGE, END, FAILED]), expected);
    }

    #[test]
    fn a_turn_without_its_end_is_no_answer() {
        for lines in [&[MESSAGE][..], &["[]"], &["plain words"], &[MESSAGE, RETRY]] {
            assert!(matches!(said(lines), Said::ToolError(_)), "{lines:?}");
        }
        assert_eq!(said(&[]), Said::Answer(String::new()));
    }

    #[test]
    fn an_answer_of_somebody_who_could_read_nothing_is_an_error() {
        let command = |output: &str, code: i32| {
            format!(
                r#"{{"type":"item.completed","item":{{"type":"command_execution","aggregated_output":"{output}","exit_code":{code}}}}}"#
            )
        };
        let blocked = command("bwrap: Creating new namespace failed", 1);
        let also = command("error building bubblewrap command: x", 1);
        for blocked in [&blocked, &also] {
            let Said::ToolError(text) = said(&[blocked, MESSAGE, END]) else {
                panic!("an answer");
            };
            assert!(text.contains("sandbox"), "{text}");
        }
        let nothing_found = command("", 1);
        let read = command("hello", 0);
        for lines in [&[&nothing_found][..], &[&blocked, &read]] {
            let mut lines: Vec<&str> = lines.iter().map(|line| line.as_str()).collect();
            lines.extend([MESSAGE, END]);
            assert!(matches!(said(&lines), Said::Answer(_)), "{lines:?}");
        }
    }

    proptest! {
        #[test]
        fn no_garbage_makes_an_answer(
            lines in proptest::collection::vec(
                prop_oneof![".{0,80}", Just(MESSAGE.to_owned()), Just(RETRY.to_owned()), Just(FAILED.to_owned())],
                0..8,
            ),
        ) {
            match decode(&lines.join("\n")).said {
                Said::Answer(text) => prop_assert_eq!(text, ""),
                Said::ToolError(_) => {}
            }
        }
    }
}
