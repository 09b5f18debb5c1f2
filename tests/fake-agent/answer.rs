//! The answers, right and wrong.

use serde_json::{Value, json};

#[derive(Clone, Copy)]
pub(crate) enum Form {
    Answer,
    Fail,
    Missing,
    Unexpected,
    Ambiguous,
    Prose,
    Fenced,
    Claude,
    Priced,
    PricedFail,
    Empty,
    Garbage,
    ErrorText,
}

impl Form {
    pub(crate) fn render(self, ids: &[String]) -> String {
        match self {
            Self::Answer => passing(ids),
            Self::Fail => failing(ids),
            Self::Missing => passing(&ids[..ids.len().saturating_sub(1)]),
            Self::Unexpected => passing(&[ids, &["nobody-asked".to_owned()]].concat()),
            Self::Ambiguous => {
                let mut verdicts = passes(ids);
                verdicts.extend(ids.first().map(failure));
                lines(&verdicts)
            }
            Self::Prose => format!(
                "I read the code and this is what I found:\n\n{}\nTell me if you need more.\n",
                passing(ids)
            ),
            Self::Fenced => format!("```json\n{}```\n", passing(ids)),
            Self::Claude => {
                let result = passing(ids);
                let envelope = json!({
                    "type": "result", "subtype": "success", "is_error": false, "result": result,
                });
                format!("{envelope}\n")
            }
            Self::Priced => priced(&passing(ids)),
            Self::PricedFail => priced(&failing(ids)),
            Self::Empty => String::new(),
            Self::Garbage => "Everything looks fine to me!\n".to_owned(),
            Self::ErrorText => "401 Unauthorized: invalid api key\n".to_owned(),
        }
    }
}

/// What Claude Code prints when nobody is logged in.
pub(crate) const NOT_LOGGED_IN: &str = concat!(
    r#"{"type":"result","subtype":"success","is_error":true,"#,
    r#""result":"Not logged in · Please run /login","total_cost_usd":0}"#,
    "\n"
);

/// In Claude Code's envelope, with what the call used.
fn priced(result: &str) -> String {
    let usage = json!({
        "input_tokens": 10,
        "cache_read_input_tokens": 1_000,
        "cache_creation_input_tokens": 200,
        "output_tokens": 24,
    });
    let envelope = json!({
        "type": "result", "subtype": "success", "is_error": false, "result": result,
        "num_turns": 3, "total_cost_usd": 0.0123, "usage": usage,
    });
    format!("{envelope}\n")
}

/// Every id passes.
pub(crate) fn passing(ids: &[String]) -> String {
    lines(&passes(ids))
}

/// The first id fails, the others pass.
pub(crate) fn failing(ids: &[String]) -> String {
    let mut verdicts = passes(ids);
    if let (Some(verdict), Some(id)) = (verdicts.first_mut(), ids.first()) {
        *verdict = failure(id);
    }
    lines(&verdicts)
}

fn passes(ids: &[String]) -> Vec<Value> {
    ids.iter()
        .map(|id| json!({"id": id, "status": "pass"}))
        .collect()
}

fn failure(id: &String) -> Value {
    json!({
        "id": id,
        "status": "fail",
        "expectation": "what the spec says",
        "observed": "something else",
        "location": "src/lib.rs:3",
        "resolution": "make it so",
    })
}

fn lines(verdicts: &[Value]) -> String {
    format!("{}\n", Value::from(verdicts))
}
