//! What judging cost: tokens, money, turns and time.

use std::time::Duration;

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

    fn plus(self, other: Self) -> Self {
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

    fn plus(self, other: Self) -> Self {
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

/// What one spec file cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecUsage {
    /// The spec file, relative to the project root.
    pub path: String,
    /// The model key that judged it.
    pub judge: String,
    /// What its calls used.
    pub usage: Usage,
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
}
