//! OpenCode's `run --format json`: one event a line.
//!
//! `step_start` opens one answer of the model, `text` holds its words, `step_finish` says why it
//! ended and what it used. An API error is an `error` event, with exit code 1.

use serde_json::Value;

use super::{Decoded, Said, events, sum_of, text_at};
use crate::model::{Cost, Tokens, ToolCalls};

/// `None` where the tool printed something else.
pub(super) fn decode(printed: &str) -> Option<Decoded> {
    let events = events(printed)?;
    let kind = |event: &&Value, kind: &str| text_at(event, "/type") == Some(kind);
    let of = |wanted| events.iter().filter(move |event| kind(event, wanted));
    let finished: Vec<&Value> = of("step_finish").collect();
    let said = match of("error").next() {
        Some(error) => Said::ToolError(message(error)),
        None => last_step(&events),
    };
    let sum = |pointer| sum_of(&finished, pointer);
    Some(Decoded {
        said,
        turns: u32::try_from(finished.len()).ok(),
        tokens: (!finished.is_empty()).then(|| Tokens {
            input: sum("/part/tokens/input"),
            cache_read: sum("/part/tokens/cache/read"),
            cache_write: sum("/part/tokens/cache/write"),
            // Reasoning is told apart from the other output.
            output: sum("/part/tokens/output").saturating_add(sum("/part/tokens/reasoning")),
        }),
        cost: cost(&finished),
        by_model: Vec::new(),
        tools: tools(of("tool_use")),
    })
}

/// The words since the last `step_start`, if that step came to its end.
fn last_step(events: &[Value]) -> Said {
    let mut words = String::new();
    let mut reason = None;
    for event in events {
        match text_at(event, "/type") {
            Some("step_start") => {
                words.clear();
                reason = None;
            }
            Some("text") => words.push_str(text_at(event, "/part/text").unwrap_or_default()),
            Some("step_finish") => reason = text_at(event, "/part/reason"),
            Some(_) | None => {}
        }
    }
    match reason {
        Some("stop") => Said::Answer(words),
        Some(reason) => Said::ToolError(format!("the last answer ended early: {reason}")),
        None => Said::ToolError("the last answer has no end".into()),
    }
}

/// `error.data.message`, else the error's name.
fn tools<'a>(events: impl Iterator<Item = &'a Value>) -> Vec<ToolCalls> {
    let mut tools = Vec::new();
    for event in events {
        let name = text_at(event, "/part/tool").unwrap_or("a tool without a name");
        let is_done = text_at(event, "/part/state/status") == Some("completed");
        ToolCalls::add(&mut tools, name, 1, u32::from(!is_done));
    }
    tools
}

fn message(event: &Value) -> String {
    ["/error/data/message", "/error/message", "/error/name"]
        .into_iter()
        .find_map(|pointer| text_at(event, pointer))
        .unwrap_or("an error without a message")
        .to_owned()
}

/// Nothing is told about a model whose price it doesn't know: it prints 0 then.
fn cost(finished: &[&Value]) -> Option<Cost> {
    let dollars: f64 = finished
        .iter()
        .filter_map(|event| event.pointer("/part/cost")?.as_f64())
        .sum();
    (dollars > 0.0)
        .then(|| Cost::from_dollars(dollars, false))
        .flatten()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Recorded from 1.18.33, with ids shortened: a call of the `read` tool, then the answer.
    pub(in super::super) const RECORDED: &str = r#"{"type":"step_start","timestamp":1795276738859,"sessionID":"ses_1","part":{"id":"prt_1","messageID":"msg_1","sessionID":"ses_1","type":"step-start"}}
{"type":"text","timestamp":1795276738859,"sessionID":"ses_1","part":{"id":"prt_2","messageID":"msg_1","sessionID":"ses_1","type":"text","text":"Let me look.","time":{"start":1,"end":2}}}
{"type":"tool_use","timestamp":1795276738859,"sessionID":"ses_1","part":{"type":"tool","tool":"read","callID":"call_1","state":{"status":"completed","input":{"filePath":"src/main.rs"},"output":"1: fn main() {}"}}}
{"type":"step_finish","timestamp":1795276738987,"sessionID":"ses_1","part":{"id":"prt_3","reason":"tool-calls","messageID":"msg_1","sessionID":"ses_1","type":"step-finish","tokens":{"total":120,"input":70,"output":20,"reasoning":0,"cache":{"write":0,"read":30}},"cost":0.000315}}
{"type":"step_start","timestamp":1795276738990,"sessionID":"ses_1","part":{"id":"prt_4","messageID":"msg_2","sessionID":"ses_1","type":"step-start"}}
{"type":"text","timestamp":1795276738991,"sessionID":"ses_1","part":{"id":"prt_5","messageID":"msg_2","sessionID":"ses_1","type":"text","text":"[{\"id\":\"a\",\"status\":\"pass\"}]","time":{"start":1,"end":2}}}
{"type":"step_finish","timestamp":1795276738999,"sessionID":"ses_1","part":{"id":"prt_6","reason":"stop","messageID":"msg_2","sessionID":"ses_1","type":"step-finish","tokens":{"total":125,"input":70,"output":18,"reasoning":2,"cache":{"write":5,"read":30}},"cost":0.0003}}
"#;

    const REFUSED: &str = r#"{"type":"error","timestamp":1795277794931,"sessionID":"ses_1","error":{"name":"APIError","data":{"message":"invalid key","statusCode":401,"isRetryable":false,"responseBody":"{}"}}}"#;

    #[test]
    fn the_answer_is_what_the_last_step_says() {
        let decoded = decode(RECORDED).unwrap();
        let answer = r#"[{"id":"a","status":"pass"}]"#;
        assert_eq!(decoded.said, Said::Answer(answer.into()));
        assert_eq!(decoded.turns, Some(2));
        let tokens = decoded.tokens.unwrap();
        assert_eq!((tokens.input, tokens.output), (140, 40));
        assert_eq!((tokens.cache_read, tokens.cache_write), (60, 5));
        assert_eq!(decoded.cost.unwrap().micro_dollars, 615);
        assert_eq!(
            (decoded.tools[0].name.as_str(), decoded.tools[0].failed),
            ("read", 0)
        );
    }

    #[test]
    fn an_error_event_is_an_error_even_beside_an_answer() {
        for printed in [REFUSED.to_owned(), format!("{RECORDED}{REFUSED}")] {
            let said = decode(&printed).unwrap().said;
            assert_eq!(said, Said::ToolError("invalid key".into()));
        }
    }

    #[test]
    fn a_step_that_did_not_come_to_its_end_is_no_answer() {
        for (from, to) in [
            ("\"reason\":\"stop\"", "\"reason\":\"length\""),
            ("\"reason\":\"stop\"", "\"reason\":7"),
        ] {
            let said = decode(&RECORDED.replace(from, to)).unwrap().said;
            assert!(matches!(said, Said::ToolError(_)), "{said:?}");
        }
        let unfinished: Vec<&str> = RECORDED.lines().take(6).collect();
        let said = decode(&unfinished.join("\n")).unwrap().said;
        assert_eq!(said, Said::ToolError("the last answer has no end".into()));
    }

    #[test]
    fn a_price_that_it_does_not_know_is_no_cost() {
        let free = RECORDED
            .replace("0.000315", "0")
            .replace("\"cost\":0.0003", "\"cost\":0");
        assert_eq!(decode(&free).unwrap().cost, None);
    }

    #[test]
    fn no_part_of_a_recording_passes() {
        super::super::tests::no_part_is_an_answer(RECORDED, decode);
    }
}
