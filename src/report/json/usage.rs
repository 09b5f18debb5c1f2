//! What a run cost, as `ci-results.json` has it: in total and for each spec file.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::bounded;
use super::document::milliseconds;
use crate::model::{Cost, SpecUsage, Tokens, ToolCalls, Usage};

/// What one spec file cost.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Spec {
    path: String,
    judge: String,
    usage: Used,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(deserialize_with = "bounded::list")]
    tools: Vec<Tool>,
}

/// How often one of the agent's own tools was called.
#[derive(Debug, Deserialize, Serialize)]
struct Tool {
    name: String,
    calls: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    failed: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Used {
    calls: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    turns: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<TokenCounts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_usd: Option<Dollars>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    cost_is_estimate: bool,
    duration_ms: u64,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct TokenCounts {
    input: u64,
    cache_read: u64,
    cache_write: u64,
    output: u64,
}

/// Millionths of a dollar, written as dollars. Up to what [`Cost::from_dollars`] takes, a JSON number
/// tells neighbours apart, so that the same amount is read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Dollars(u64);

impl Serialize for Dollars {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[expect(clippy::cast_precision_loss, reason = "see the type")]
        serializer.serialize_f64(self.0 as f64 / 1e6)
    }
}

impl<'de> Deserialize<'de> for Dollars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let dollars = f64::deserialize(deserializer)?;
        Cost::from_dollars(dollars, false)
            .map(|cost| Self(cost.micro_dollars))
            .ok_or_else(|| serde::de::Error::custom("invalid value: not an amount of dollars"))
    }
}

impl Spec {
    pub(super) fn of(spec: &SpecUsage) -> Self {
        Self {
            path: spec.path.clone(),
            judge: spec.judge.clone(),
            usage: Used::of(&spec.usage),
            tools: spec.tools.iter().map(Tool::of).collect(),
        }
    }

    pub(super) fn to_model(&self) -> SpecUsage {
        let used = &self.usage;
        SpecUsage {
            path: self.path.clone(),
            judge: self.judge.clone(),
            usage: Usage {
                calls: used.calls,
                turns: used.turns,
                tokens: used.tokens.map(TokenCounts::to_model),
                cost: used.cost_usd.map(|Dollars(micro_dollars)| Cost {
                    micro_dollars,
                    is_estimate: used.cost_is_estimate,
                }),
                duration: Duration::from_millis(used.duration_ms),
            },
            tools: self.tools.iter().map(Tool::to_model).collect(),
        }
    }
}

impl Tool {
    fn of(tool: &ToolCalls) -> Self {
        Self {
            name: tool.name.clone(),
            calls: tool.calls,
            failed: tool.failed,
        }
    }

    fn to_model(&self) -> ToolCalls {
        ToolCalls {
            name: self.name.clone(),
            calls: self.calls,
            failed: self.failed,
        }
    }
}

impl Used {
    pub(super) fn of(usage: &Usage) -> Self {
        Self {
            calls: usage.calls,
            turns: usage.turns,
            tokens: usage.tokens.map(TokenCounts::of),
            cost_usd: usage.cost.map(|cost| Dollars(cost.micro_dollars)),
            cost_is_estimate: usage.cost.is_some_and(|cost| cost.is_estimate),
            duration_ms: milliseconds(usage.duration),
        }
    }
}

impl TokenCounts {
    fn of(tokens: Tokens) -> Self {
        Self {
            input: tokens.input,
            cache_read: tokens.cache_read,
            cache_write: tokens.cache_write,
            output: tokens.output,
        }
    }

    fn to_model(self) -> Tokens {
        Tokens {
            input: self.input,
            cache_read: self.cache_read,
            cache_write: self.cache_write,
            output: self.output,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::model::RunReport;
    use crate::report::json::{parse, render};

    #[test]
    fn an_amount_is_a_plain_number_of_dollars() {
        let text = serde_json::to_string(&Dollars(184_302)).unwrap();
        assert_eq!(text, "0.184302");
        for wrong in ["-1", "1e300", "\"1\"", "1e10"] {
            assert!(serde_json::from_str::<Dollars>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_total_that_the_specs_do_not_add_up_to_is_refused() {
        let sample: Value = serde_json::from_str(&render(&RunReport::sample())).unwrap();
        for (pointer, value) in [
            ("/usage/calls", json!(3)),
            ("/usage/tokens/output", json!(0)),
            ("/usage/costUsd", json!(0.01)),
            ("/usage/costIsEstimate", json!(false)),
            ("/usage", Value::Null),
            ("/specs", json!([])),
        ] {
            let mut document = sample.clone();
            *document.pointer_mut(pointer).unwrap() = value;
            let error = parse(&document.to_string()).unwrap_err().to_string();
            assert!(error.contains("`usage` is not what"), "{pointer}: {error}");
        }
    }

    #[test]
    fn a_file_of_a_version_that_told_no_cost_is_still_read() {
        let mut report = RunReport::sample();
        report.usage.clear();
        let text = render(&report);
        assert!(!text.contains("usage") && !text.contains("specs\":"));
        assert_eq!(parse(&text).unwrap(), report);
    }

    proptest! {
        #[test]
        fn every_amount_is_read_back_to_the_millionth(micro in 0..1_000_000_000_000_000_u64) {
            let text = serde_json::to_string(&Dollars(micro)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Dollars>(&text).unwrap(), Dollars(micro));
        }
    }
}
