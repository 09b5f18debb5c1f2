//! What judging cost: tokens, money, turns and time.

use std::time::Duration;

use crate::sanitize::truncate;

/// What one spec file's calls used, retries and repeats included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How many times the agent was started.
    pub calls: u32,
    /// How many answers the model gave, tool calls included, where the tool tells.
    pub turns: Option<u32>,
    /// Tokens, where the tool tells.
    pub tokens: Option<Tokens>,
    /// Money, where the tool tells or the price of the model is known.
    pub cost: Option<Cost>,
    /// How long the agent ran, whole milliseconds. Files judged side by side add up.
    pub duration: Duration,
}

/// Tokens as providers bill them: the four numbers don't overlap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Read by the model at the full price.
    pub input: u64,
    /// Read from the provider's cache.
    pub cache_read: u64,
    /// Written to the provider's cache.
    pub cache_write: u64,
    /// Written by the model, reasoning included.
    pub output: u64,
}

/// The day of the prices that estimates are made with.
pub const PRICES_OF: &str = "2026-11-21";

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Millionths of a US dollar: whole numbers add up without rounding.
    pub micro_dollars: u64,
    /// Whether it was computed from a price table and not told by the tool.
    pub is_estimate: bool,
}

impl Tokens {
    /// All tokens.
    #[must_use]
    pub fn total(&self) -> u64 {
        [self.input, self.cache_read, self.cache_write, self.output]
            .into_iter()
            .fold(0, u64::saturating_add)
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            cache_read: self.cache_read.saturating_add(other.cache_read),
            cache_write: self.cache_write.saturating_add(other.cache_write),
            output: self.output.saturating_add(other.output),
        }
    }
}

impl Cost {
    /// From dollars, as tools tell them; `None` for what is no amount.
    #[must_use]
    pub fn from_dollars(dollars: f64, is_estimate: bool) -> Option<Self> {
        let micro = (dollars * 1e6).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range is checked before"
        )]
        (0.0..1e15).contains(&micro).then_some(Self {
            micro_dollars: micro as u64,
            is_estimate,
        })
    }

    /// Both together; one estimate makes the sum one.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            micro_dollars: self.micro_dollars.saturating_add(other.micro_dollars),
            is_estimate: self.is_estimate || other.is_estimate,
        }
    }
}

impl Usage {
    /// Both together. What only one of them tells is kept: it is a lower bound then.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        fn join<T>(one: Option<T>, other: Option<T>, plus: fn(T, T) -> T) -> Option<T> {
            match (one, other) {
                (Some(one), Some(other)) => Some(plus(one, other)),
                (one, other) => one.or(other),
            }
        }
        Self {
            calls: self.calls.saturating_add(other.calls),
            turns: join(self.turns, other.turns, u32::saturating_add),
            tokens: join(self.tokens, other.tokens, Tokens::plus),
            cost: join(self.cost, other.cost, Cost::plus),
            duration: self.duration.saturating_add(other.duration),
        }
    }
}

/// How often an agent used one of its own tools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCalls {
    /// What the agent calls the tool. A model can make names up, so it is foreign text.
    pub name: String,
    /// How often it was called.
    pub calls: u32,
    /// How many of these calls failed; a refused one is among them.
    pub failed: u32,
}

/// How many tools are told apart, and how long a name may be, in bytes: a model could call as many
/// names as it likes.
const MOST_TOOLS: usize = 30;
const NAME_BYTES: usize = 60;

impl ToolCalls {
    /// Adds calls of the tool `name` to `tools`, which stay in the order of their names.
    pub fn add(tools: &mut Vec<Self>, name: &str, calls: u32, failed: u32) {
        let mut name = truncate(name, NAME_BYTES);
        let mut place = tools.binary_search_by(|known| known.name.as_str().cmp(&name));
        if place.is_err() && tools.len() >= MOST_TOOLS {
            "others".clone_into(name.to_mut());
            place = tools.binary_search_by(|known| known.name.as_str().cmp(&name));
        }
        match place {
            Ok(at) => {
                tools[at].calls = tools[at].calls.saturating_add(calls);
                tools[at].failed = tools[at].failed.saturating_add(failed);
            }
            Err(at) => tools.insert(
                at,
                Self {
                    name: name.into_owned(),
                    calls,
                    failed,
                },
            ),
        }
    }
}

/// What calls used, and what the agents did in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// What they used.
    pub usage: Usage,
    /// Which tools, by name, where the agent tells.
    pub tools: Vec<ToolCalls>,
}

impl Spent {
    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: Self) -> Self {
        for tool in other.tools {
            ToolCalls::add(&mut self.tools, &tool.name, tool.calls, tool.failed);
        }
        Self {
            usage: self.usage.plus(other.usage),
            ..self
        }
    }
}

/// What one spec file cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecUsage {
    /// The spec file, relative to the project root.
    pub path: String,
    /// The model key that judged it.
    pub judge: String,
    /// What its calls used.
    pub usage: Usage,
    /// Which of its own tools the agent used, by name, where it tells.
    pub tools: Vec<ToolCalls>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_adds_up_and_one_estimate_makes_the_sum_one() {
        let one = Usage {
            calls: 1,
            turns: Some(2),
            tokens: Some(Tokens {
                input: 10,
                ..Tokens::default()
            }),
            cost: Cost::from_dollars(0.01, false),
            duration: Duration::from_secs(1),
        };
        let other = Usage {
            cost: Cost::from_dollars(0.02, true),
            turns: None,
            ..one
        };
        let both = one.plus(other);
        assert_eq!((both.calls, both.turns), (2, Some(2)));
        assert_eq!(both.tokens.unwrap().total(), 20);
        let cost = both.cost.unwrap();
        assert_eq!((cost.micro_dollars, cost.is_estimate), (30_000, true));
    }

    #[test]
    fn what_is_no_amount_is_no_cost() {
        for dollars in [-1.0, f64::NAN, f64::INFINITY, 1e30] {
            assert_eq!(Cost::from_dollars(dollars, false), None);
        }
    }

    #[test]
    fn tool_calls_add_up_by_name_and_no_model_makes_the_list_long() {
        let mut tools = Vec::new();
        for name in ["Read", "Bash", "Read"] {
            ToolCalls::add(&mut tools, name, 1, u32::from(name == "Bash"));
        }
        let told: Vec<_> = tools
            .iter()
            .map(|tool| (tool.name.as_str(), tool.calls, tool.failed))
            .collect();
        assert_eq!(told, [("Bash", 1, 1), ("Read", 2, 0)]);
        for made_up in 0..1_000 {
            ToolCalls::add(&mut tools, &format!("{made_up}{}", "x".repeat(500)), 1, 1);
        }
        assert!(tools.len() <= MOST_TOOLS + 1);
        assert!(tools.iter().all(|tool| tool.name.len() <= NAME_BYTES + 10));
        assert_eq!(tools.iter().map(|tool| tool.calls).sum::<u32>(), 1_003);
    }
}
