//! What a model costs, for tools that tell tokens and no money: a dated table, and an estimate.
//!
//! List prices of the makers' own APIs on the day of [`crate::model::PRICES_OF`], as third-party price tables give them: the
//! one that OpenCode 1.18.33 carries (models.dev), beside two others where they were at hand. They
//! leave out what depends on the account or the call: batch and priority tiers, data residency, a
//! higher price beyond 200,000 tokens of context, a longer cache. So an estimate it is, and a model
//! that is missing here has none.

use crate::model::{Cost, Tokens};

/// Thousandths of a US dollar for a million tokens.
struct Price {
    model: &'static str,
    input: u64,
    cache_read: u64,
    cache_write: u64,
    output: u64,
}

const fn price(
    model: &'static str,
    input: u64,
    cache_read: u64,
    cache_write: u64,
    output: u64,
) -> Price {
    Price {
        model,
        input,
        cache_read,
        cache_write,
        output,
    }
}

/// Where a maker has no price for writing to the cache, it is the price of input.
const PRICES: &[Price] = &[
    price("claude-opus-5-5", 4_000, 200, 5_000, 20_000),
    price("claude-opus-5", 5_000, 500, 6_250, 25_000),
    price("claude-opus-4-6", 5_000, 500, 6_250, 25_000),
    price("claude-sonnet-5", 2_000, 200, 2_500, 10_000),
    price("claude-sonnet-4-6", 3_000, 300, 3_750, 15_000),
    price("claude-sonnet-4-5", 3_000, 300, 3_750, 15_000),
    price("claude-haiku-4-5", 1_000, 100, 1_250, 5_000),
    price("gpt-6-sol", 2_000, 200, 2_500, 10_000),
    price("gpt-6-luna", 100, 10, 125, 500),
    price("gpt-5.3-codex", 1_750, 175, 1_750, 14_000),
    price("gpt-4.1", 2_000, 500, 2_000, 8_000),
    price("gpt-4.1-mini", 400, 100, 400, 1_600),
    price("gpt-4.1-nano", 100, 25, 100, 400),
    price("o3", 2_000, 500, 2_000, 8_000),
    price("o4-mini", 1_100, 275, 1_100, 4_400),
    price("gemini-3.5-flash", 1_500, 150, 1_500, 9_000),
    price("gemini-3.5-flash-lite", 300, 30, 300, 2_500),
    price("gemini-3.1-pro-preview", 2_000, 200, 2_000, 12_000),
    price("gemini-2.5-pro", 1_250, 125, 1_250, 10_000),
    price("gemini-2.5-flash", 300, 30, 300, 2_500),
    price("gemini-2.5-flash-lite", 100, 10, 100, 400),
];

/// What tools put before a model's own name. Other services have prices of their own.
const MAKERS: &[&str] = &["anthropic/", "gemini/", "google/", "openai/"];

/// Whether the table has the model. `model_id` is what a tool calls it.
pub(super) fn is_known(model_id: &str) -> bool {
    price_of(model_id).is_some()
}

fn price_of(model_id: &str) -> Option<&'static Price> {
    let name = MAKERS
        .iter()
        .find_map(|maker| model_id.strip_prefix(maker))
        .unwrap_or(model_id);
    let name = without_date(name);
    PRICES.iter().find(|price| price.model == name)
}

/// What `tokens` of the model cost, by the table.
pub(super) fn estimate(model_id: &str, tokens: &Tokens) -> Option<Cost> {
    let price = price_of(model_id)?;
    let thousandths = [
        (tokens.input, price.input),
        (tokens.cache_read, price.cache_read),
        (tokens.cache_write, price.cache_write),
        (tokens.output, price.output),
    ]
    .into_iter()
    .map(|(count, price)| count.saturating_mul(price))
    .fold(0, u64::saturating_add);
    Some(Cost {
        micro_dollars: thousandths.div_ceil(1_000),
        is_estimate: true,
    })
}

/// `claude-haiku-4-5-20251001` is priced as `claude-haiku-4-5`.
fn without_date(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((rest, date)) if date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()) => {
            rest
        }
        Some(_) | None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micro_dollars(model: &str, tokens: &Tokens) -> Option<u64> {
        let cost = estimate(model, tokens)?;
        assert!(cost.is_estimate);
        Some(cost.micro_dollars)
    }

    #[test]
    fn each_kind_of_token_has_its_price() {
        let tokens = Tokens {
            input: 1_000_000,
            cache_read: 2_000_000,
            cache_write: 3_000_000,
            output: 4_000_000,
        };
        let dollars = 3.0 + 2.0 * 0.3 + 3.0 * 3.75 + 4.0 * 15.0;
        let expected = Cost::from_dollars(dollars, true).unwrap().micro_dollars;
        let found = micro_dollars("claude-sonnet-4-6", &tokens);
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn a_maker_before_the_name_and_a_date_after_it_change_nothing() {
        let tokens = Tokens {
            output: 1_000,
            ..Tokens::default()
        };
        for model in [
            "claude-haiku-4-5",
            "claude-haiku-4-5-20251001",
            "anthropic/claude-haiku-4-5-20251001",
        ] {
            assert_eq!(micro_dollars(model, &tokens), Some(5_000), "{model}");
        }
    }

    #[test]
    fn an_unknown_model_has_no_estimate() {
        for model in [
            "",
            "gpt-9",
            "claude-haiku",
            "azure/gpt-4.1",
            "anthropic/openai/o3",
            "o3-20",
        ] {
            assert_eq!(micro_dollars(model, &Tokens::default()), None, "{model}");
        }
    }

    #[test]
    fn absurd_counts_do_not_overflow() {
        let tokens = Tokens {
            input: u64::MAX,
            output: u64::MAX,
            ..Tokens::default()
        };
        assert!(micro_dollars("o3", &tokens).is_some());
    }

    #[test]
    fn every_price_stands_once_and_what_is_cached_is_the_cheapest() {
        for (index, price) in PRICES.iter().enumerate() {
            let others = &PRICES[index + 1..];
            assert!(others.iter().all(|other| other.model != price.model));
            assert!(price.cache_read < price.input && price.input <= price.cache_write);
            assert!(price.input < price.output, "{}", price.model);
            assert_eq!(without_date(price.model), price.model);
        }
    }
}
