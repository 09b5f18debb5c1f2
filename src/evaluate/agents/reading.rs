//! What the end of a call means.

use std::time::Duration;

use crate::model::{Cost, Spent, Usage};
use crate::process::{Captured, Ending, Finished};
use crate::sanitize;

use super::envelope::{Bill, Decoded, Said};
use super::refusal::{Refusal, refusal};
use super::{Agent, prices};

/// How much of a tool's own error text goes into a result.
const ERROR_BYTES: usize = 2_000;

/// What a finished call amounts to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Exit code 0 and nothing printed: worth another try.
    Empty,
    /// The model's words.
    Answer(String),
    /// The call failed, in words for the user.
    Failed(String),
    /// The call failed because the service takes no more for now: the same call may work later.
    Refused {
        /// In words for the user.
        message: String,
        /// How long the service wants to be left alone, where it says so.
        wait: Option<Duration>,
    },
    /// We ended it because the run was cancelled.
    Cancelled,
}

impl Agent {
    /// What the end of a call means, and what the call used. Exit codes lie in both directions, so
    /// the tool's own words count too: an envelope that says "error" beside exit code 0 is an error.
    pub(crate) fn read(&self, finished: &Finished, limit: Option<Duration>) -> (Reading, Spent) {
        let mut usage = Usage {
            calls: 1,
            duration: Duration::from_millis(
                u64::try_from(finished.duration.as_millis()).unwrap_or(u64::MAX),
            ),
            ..Usage::default()
        };
        let Some(decoded) = self.envelope.decode(finished) else {
            let reading = ended(finished, limit).unwrap_or_else(|| too_long(finished));
            let tools = Vec::new();
            return (reading, Spent { usage, tools });
        };
        usage.turns = decoded.turns;
        usage.tokens = decoded.tokens;
        usage.cost = decoded.cost.or_else(|| self.estimate(&decoded));
        let tools = decoded.tools;
        let reading = ended(finished, limit).unwrap_or_else(|| spoken(decoded.said, finished));
        (reading, Spent { usage, tools })
    }
}

impl Agent {
    /// Whether what a call costs is known after it, so that a cap on money can be kept.
    pub(crate) fn tells_its_cost(&self) -> bool {
        match self.envelope.bill() {
            Bill::Money => true,
            Bill::Tokens => {
                let model = self.model.as_deref();
                self.has_list_prices && model.is_some_and(prices::is_known)
            }
            Bill::Nothing => false,
        }
    }

    /// By list prices, from the models that the tool says it called, else from the chosen one.
    fn estimate(&self, decoded: &Decoded) -> Option<Cost> {
        if !self.has_list_prices {
            return None;
        }
        if decoded.by_model.is_empty() {
            return prices::estimate(self.model.as_deref()?, decoded.tokens.as_ref()?);
        }
        let each = decoded.by_model.iter();
        let each = each.map(|(model, tokens)| prices::estimate(model, tokens));
        each.collect::<Option<Vec<Cost>>>()?
            .into_iter()
            .reduce(Cost::plus)
    }
}

/// What an end that is no exit amounts to: then no word of the tool counts.
fn ended(finished: &Finished, limit: Option<Duration>) -> Option<Reading> {
    match finished.ending {
        Ending::Cancelled => Some(Reading::Cancelled),
        Ending::TimedOut => {
            let limit = limit.unwrap_or(finished.duration).as_millis();
            Some(Reading::Failed(format!(
                "no answer within {limit} ms; raise the limit with `--timeout`"
            )))
        }
        Ending::Signalled(signal) => Some(Reading::Failed(format!(
            "ended by signal {signal}{}",
            last_said(finished)
        ))),
        Ending::Exited(_) => None,
    }
}

fn too_long(finished: &Finished) -> Reading {
    Reading::Failed(format!(
        "printed {} bytes, more than an answer can have",
        finished.stdout.total()
    ))
}

fn spoken(said: Said, finished: &Finished) -> Reading {
    match (said, finished.ending) {
        (Said::ToolError(text), _) => {
            let shown = sanitize::truncate(&text, ERROR_BYTES);
            failed(format!("the tool reports: {shown}"), &text)
        }
        (Said::Answer(_), Ending::Exited(code)) if code != 0 => {
            let words = last_said(finished);
            failed(format!("exit code {code}{words}"), &words)
        }
        (Said::Answer(text), _) if text.trim().is_empty() => Reading::Empty,
        (Said::Answer(text), _) => Reading::Answer(text),
    }
}

/// A failure, or what only looks like one because the service takes no more for now.
fn failed(message: String, said: &str) -> Reading {
    match refusal(said) {
        Some(Refusal { wait }) => Reading::Refused { message, wait },
        None => Reading::Failed(message),
    }
}

/// The last words of a tool that failed: stderr, else stdout, since some print errors there.
fn last_said(finished: &Finished) -> String {
    let words = [&finished.stderr, &finished.stdout]
        .into_iter()
        .map(last_words)
        .find(|text| !text.is_empty());
    words.map_or_else(|| " and no message".to_owned(), |text| format!(": {text}"))
}

fn last_words(stream: &Captured) -> String {
    let bytes = if stream.tail().is_empty() {
        stream.head()
    } else {
        stream.tail()
    };
    let from = bytes.len().saturating_sub(ERROR_BYTES);
    String::from_utf8_lossy(&bytes[from..]).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::{Agents, Judge};
    use super::*;
    use crate::env::Env;

    fn reading(said: Said, code: i32, stderr: &str) -> Reading {
        let finished = Finished {
            ending: Ending::Exited(code),
            stdout: Captured::from(b"".as_slice()),
            stderr: Captured::from(stderr.as_bytes()),
            duration: Duration::ZERO,
        };
        spoken(said, &finished)
    }

    #[test]
    fn only_a_call_that_failed_is_refused() {
        let words = "429 Too Many Requests, retry after 2s";
        let error = |said: &str| Said::ToolError(said.to_owned());
        let refused = |message: &str| Reading::Refused {
            message: message.to_owned(),
            wait: Some(Duration::from_secs(2)),
        };
        let reported = format!("the tool reports: {words}");
        assert_eq!(reading(error(words), 0, ""), refused(&reported));
        let exited = format!("exit code 1: {words}");
        assert_eq!(reading(Said::default(), 1, words), refused(&exited));
        let answer = Said::Answer(words.to_owned());
        assert_eq!(reading(answer, 0, words), Reading::Answer(words.into()));
        assert_eq!(reading(Said::default(), 0, words), Reading::Empty);
        assert!(matches!(reading(error("401"), 1, ""), Reading::Failed(_)));
    }

    #[test]
    fn a_cost_is_known_where_a_tool_tells_it_or_the_price_of_its_model_is_listed() {
        let bin = tempfile::tempdir().unwrap();
        for program in ["claude", "codex", "copilot", "gemini"] {
            std::os::unix::fs::symlink("/bin/sh", bin.path().join(program)).unwrap();
        }
        let path = bin.path().to_str().unwrap();
        let tells = |key: &str, variables: &[(&str, &str)]| {
            let all = [("PATH", path)]
                .into_iter()
                .chain(variables.iter().copied());
            let env: Env = all.collect();
            match Agents::unconfigured(env, "/".into()).find(key).unwrap() {
                Judge::Agent(agent) => agent.tells_its_cost(),
                Judge::Checks => panic!("no agent"),
            }
        };
        assert!(tells("claude-code", &[]) && tells("claude-code:unknown", &[]));
        assert!(tells("codex-gpt-4.1", &[]) && tells("gemini-2.5-flash", &[]));
        // Its default model is not known beforehand, another has no price here, and a gateway has its own.
        assert!(!tells("codex", &[]) && !tells("codex:unknown", &[]));
        assert!(!tells(
            "codex-gpt-4.1",
            &[("OPENAI_BASE_URL", "http://127.0.0.1:9")]
        ));
        assert!(!tells("copilot", &[]));
    }
}
