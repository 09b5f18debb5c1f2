//! Gemini CLI's `--output-format json`: an object on stdout, or on stderr when it failed.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Decoded, Said};
use crate::model::{Tokens, ToolCalls};
use crate::process::Finished;

/// The fields that we read.
#[derive(Deserialize)]
struct GeminiResult {
    #[serde(default)]
    response: Option<String>,
    #[serde(default)]
    error: Option<Failure>,
    #[serde(default)]
    stats: Option<Stats>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    message: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Stats {
    models: BTreeMap<String, ModelStats>,
    tools: ToolStats,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct ToolStats {
    by_name: BTreeMap<String, OneTool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OneTool {
    count: u32,
    fail: u32,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ModelStats {
    api: Requests,
    tokens: GeminiTokens,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Requests {
    total_requests: u32,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct GeminiTokens {
    prompt: u64,
    cached: u64,
    candidates: u64,
    thoughts: u64,
}

/// How many places of stderr are looked at for an error object.
const MOST_TRIES: usize = 50;

/// The answer, else what went wrong. Log text stands before the object on stderr.
pub(super) fn decode(finished: &Finished) -> Decoded {
    let printed = finished.stdout.to_text_lossy();
    if printed.trim().is_empty() {
        let said = last_error(&finished.stderr.to_text_lossy());
        return Decoded::of(said.map_or_else(Said::default, Said::ToolError));
    }
    let Ok(result) = serde_json::from_str::<GeminiResult>(printed.trim()) else {
        return Decoded::of(Said::ToolError("it printed no JSON object".into()));
    };
    let mut tools = Vec::new();
    for (name, tool) in result.stats.iter().flat_map(|stats| &stats.tools.by_name) {
        ToolCalls::add(&mut tools, name, tool.count, tool.fail);
    }
    let models = result.stats.as_ref().map(|stats| &stats.models);
    let each = models.into_iter().flatten();
    let by_model: Vec<(String, Tokens)> = each
        .map(|(name, model)| (name.clone(), tokens(&model.tokens)))
        .collect();
    let requests = models.map(|models| models.values().map(|model| model.api.total_requests));
    let said = match (result.error, result.response) {
        (Some(error), _) => Said::ToolError(error.message),
        (None, Some(text)) => Said::Answer(text),
        (None, None) => Said::ToolError("no response".into()),
    };
    Decoded {
        said,
        turns: requests.map(|requests| requests.fold(0, u32::saturating_add)),
        tokens: models.map(|_| {
            let each = by_model.iter().map(|(_, tokens)| *tokens);
            each.fold(Tokens::default(), Tokens::plus)
        }),
        cost: None,
        by_model,
        tools,
    }
}

fn tokens(used: &GeminiTokens) -> Tokens {
    Tokens {
        input: used.prompt.saturating_sub(used.cached),
        cache_read: used.cached,
        cache_write: 0,
        output: used.candidates.saturating_add(used.thoughts),
    }
}

/// The message of the last error object that starts a line of `text`.
fn last_error(text: &str) -> Option<String> {
    let starts = text.rmatch_indices('{').map(|(at, _)| at);
    let starts = starts.filter(|&at| at == 0 || text[..at].ends_with('\n'));
    starts.take(MOST_TRIES).find_map(|at| {
        let mut objects =
            serde_json::Deserializer::from_str(&text[at..]).into_iter::<GeminiResult>();
        let error = objects.next()?.ok()?.error?;
        (!error.message.is_empty()).then_some(error.message)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::process::{Captured, Ending};

    fn decoded(stdout: &str, stderr: &str) -> Decoded {
        decode(&Finished {
            ending: Ending::Exited(0),
            stdout: Captured::from(stdout.as_bytes()),
            stderr: Captured::from(stderr.as_bytes()),
            duration: Duration::ZERO,
        })
    }

    #[test]
    fn the_response_is_the_answer_and_the_tokens_of_all_models_add_up() {
        let printed = r#"{"session_id":"s","response":"[]","stats":{"models":{
            "flash":{"api":{"totalRequests":1},"tokens":{"prompt":10,"candidates":1}},
            "pro":{"api":{"totalRequests":2},"tokens":{"input":60,"prompt":100,"candidates":20,
                "cached":40,"thoughts":3,"tool":0}}}}}"#;
        let decoded = decoded(printed, "Warning: Basic terminal detected\n");
        assert_eq!(decoded.said, Said::Answer("[]".into()));
        assert_eq!(decoded.turns, Some(3));
        let tokens = decoded.tokens.unwrap();
        assert_eq!(
            (tokens.input, tokens.cache_read, tokens.output),
            (70, 40, 24)
        );
    }

    #[test]
    fn an_error_is_found_on_stderr_behind_log_text() {
        let stderr = "Warning: {odd}\nError when talking to Gemini API {\n  \"x\": 1\n}\n{\n  \
            \"session_id\": \"s\",\n  \"error\": {\n    \"type\": \"Error\",\n    \"message\": \
            \"Invalid auth method selected.\",\n    \"code\": 41\n  }\n}\ntrailing\n";
        let said = decoded("", stderr).said;
        assert_eq!(
            said,
            Said::ToolError("Invalid auth method selected.".into())
        );
    }

    #[test]
    fn an_error_beside_a_response_is_an_error() {
        let printed = r#"{"response":"[]","error":{"message":"cut"}}"#;
        assert_eq!(decoded(printed, "").said, Said::ToolError("cut".into()));
    }

    #[test]
    fn what_is_no_envelope_is_no_answer() {
        for printed in [
            "prose",
            "[]",
            r#"{"stats":{}}"#,
            r#"{"response":null}"#,
            "{}{}",
        ] {
            let said = decoded(printed, "").said;
            assert!(matches!(said, Said::ToolError(_)), "{printed}: {said:?}");
        }
        assert_eq!(
            decoded(" \n", "no object").said,
            Said::Answer(String::new())
        );
    }

    proptest! {
        #[test]
        fn no_garbage_makes_an_answer(stdout in ".{0,200}", stderr in "(\\{|\n|\"error\"|.){0,100}") {
            match decoded(&stdout, &stderr).said {
                Said::Answer(text) => prop_assert!(text.is_empty() || stdout.contains("response")),
                Said::ToolError(_) => {}
            }
        }
    }
}
