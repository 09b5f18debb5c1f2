//! What judging cost, in words: the same on the terminal and in reports.

use std::fmt;
use std::time::Duration;

use super::{Cost, PRICES_OF, RunReport, SpecUsage, ToolCalls, Usage};

/// From here on cents are enough, in millionths of a dollar.
const CENTS_ARE_ENOUGH: u64 = 100_000;

/// The least amount that four decimals show.
const LEAST_SHOWN: u64 = 100;

impl Usage {
    /// Calls, turns, tokens and money, as far as they are known: `4 calls, 12 turns, 48,210 tokens,
    /// $0.21`. Numbers and fixed words only, so it may be shown anywhere.
    #[must_use]
    pub fn in_words(&self) -> String {
        let mut parts = vec![counted(self.calls.into(), "call")];
        parts.extend(self.turns.map(|turns| counted(turns.into(), "turn")));
        parts.extend(self.tokens.map(|tokens| counted(tokens.total(), "token")));
        parts.extend(self.cost.map(|cost| cost.to_string()));
        parts.join(", ")
    }
}

impl SpecUsage {
    /// The agent's tools: `Bash 1 (failed), Read 12 (1 failed)`; `None` where it told of none. Names
    /// are foreign text.
    #[must_use]
    pub fn tools_in_words(&self) -> Option<String> {
        let words = |tool: &ToolCalls| match tool.failed {
            0 => format!("{} {}", tool.name, tool.calls),
            failed if failed == tool.calls => format!("{} {} (failed)", tool.name, tool.calls),
            failed => format!("{} {} ({failed} failed)", tool.name, tool.calls),
        };
        let all: Vec<String> = self.tools.iter().map(words).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}

impl RunReport {
    /// What the run cost, as [`Usage::in_words`] has it; `None` if no model was asked. An amount that
    /// not every file told its part of says so: it is less than what was paid.
    #[must_use]
    pub fn cost_in_words(&self) -> Option<String> {
        let total = self.total_usage()?;
        let untold = self.usage.iter().filter(|spec| spec.usage.cost.is_none());
        Some(match (total.cost, untold.count()) {
            (None, _) | (Some(_), 0) => total.in_words(),
            (Some(_), 1) => format!("{} and 1 file of unknown price", total.in_words()),
            (Some(_), files) => format!("{} and {files} files of unknown price", total.in_words()),
        })
    }
}

impl RunReport {
    /// What the run cost in a few words, for a line that holds more: `$0.21`, `≈ $0.21` for an
    /// estimate, `$0.21 and 1 file of unknown price`; calls and tokens where no price is known.
    /// `None` if no model was asked.
    #[must_use]
    pub fn cost_in_brief(&self) -> Option<String> {
        let total = self.total_usage()?;
        let Some(cost) = total.cost else {
            let calls = counted(total.calls.into(), "call");
            let tokens = total.tokens.map(|tokens| counted(tokens.total(), "token"));
            return Some(
                [Some(calls), tokens]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(", "),
            );
        };
        let about = if cost.is_estimate { "≈\u{a0}" } else { "" };
        let amount = format!("{about}{}", dollars(cost.micro_dollars));
        let untold = self.usage.iter().filter(|spec| spec.usage.cost.is_none());
        Some(match untold.count() {
            0 => amount,
            1 => format!("{amount} and 1 file of unknown price"),
            files => format!("{amount} and {files} files of unknown price"),
        })
    }
}

/// Dollars: `$0.21`, and `≈ $0.21 (estimate, prices of 2026-11-21)` for what no tool told. Small amounts have four decimals.
impl fmt::Display for Cost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = dollars(self.micro_dollars);
        if self.is_estimate {
            write!(formatter, "≈ {amount} (estimate, prices of {PRICES_OF})")
        } else {
            formatter.write_str(&amount)
        }
    }
}

fn dollars(micro: u64) -> String {
    match micro {
        0 => "$0".to_owned(),
        1..LEAST_SHOWN => "less than $0.0001".to_owned(),
        LEAST_SHOWN..CENTS_ARE_ENOUGH => {
            let shown = (micro + 50) / 100;
            format!("$0.{shown:04}")
        }
        CENTS_ARE_ENOUGH.. => {
            let cents = micro.saturating_add(5_000) / 10_000;
            format!("${}.{:02}", grouped(cents / 100), cents % 100)
        }
    }
}

/// A time as people read it: `850ms`, `9.3s`, `1m 12s`, `2h 0m 3s`.
#[must_use]
pub fn time_in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match seconds {
        0 => format!("{}ms", time.as_millis()),
        1..60 => format!("{seconds}.{}s", time.subsec_millis() / 100),
        60..3600 => format!("{minutes}m {}s", seconds % 60),
        3600.. => format!("{}h {minutes}m {}s", grouped(hours), seconds % 60),
    }
}

fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// `48210` as `48,210`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Tokens;

    #[test]
    fn what_is_not_known_is_left_out() {
        let mut usage = Usage {
            calls: 1,
            ..Usage::default()
        };
        assert_eq!(usage.in_words(), "1 call");
        usage.turns = Some(12);
        usage.tokens = Some(Tokens {
            input: 48_000,
            output: 210,
            ..Tokens::default()
        });
        usage.cost = Cost::from_dollars(0.21, true);
        assert_eq!(
            usage.in_words(),
            "1 call, 12 turns, 48,210 tokens, ≈ $0.21 (estimate, prices of 2026-11-21)"
        );
    }

    #[test]
    fn an_amount_that_lacks_a_file_says_so() {
        let mut report = RunReport::sample();
        let cost = |report: &RunReport| report.cost_in_words().unwrap_or_default();
        assert!(cost(&report).ends_with("-21) and 1 file of unknown price"));
        report.usage.truncate(2);
        assert!(cost(&report).ends_with("(estimate, prices of 2026-11-21)"));
        report.usage[0].usage.cost = None;
        report.usage[1].usage.cost = None;
        assert!(cost(&report).ends_with("tokens"));
        report.usage.clear();
        assert_eq!(report.cost_in_words(), None);
    }

    #[test]
    fn in_brief_there_is_money_or_what_is_known_instead() {
        let mut report = RunReport::sample();
        let cost = |report: &RunReport| report.cost_in_brief().unwrap_or_default();
        assert_eq!(cost(&report), "≈\u{a0}$0.20 and 1 file of unknown price");
        report.usage.truncate(1);
        assert_eq!(cost(&report), "$0.18");
        report.usage[0].usage.cost = None;
        assert_eq!(cost(&report), "2 calls, 48,210 tokens");
        report.usage[0].usage.tokens = None;
        assert_eq!(cost(&report), "2 calls");
        report.usage.clear();
        assert_eq!(report.cost_in_brief(), None);
    }

    #[test]
    fn small_amounts_keep_their_digits_and_large_ones_are_grouped() {
        let amounts = [
            (0, "$0"),
            (99, "less than $0.0001"),
            (100, "$0.0001"),
            (12_349, "$0.0123"),
            (99_960, "$0.1000"),
            (100_000, "$0.10"),
            (214_999, "$0.21"),
            (1_234_567_890_000, "$1,234,567.89"),
        ];
        for (micro, shown) in amounts {
            assert_eq!(dollars(micro), shown);
        }
        assert!(dollars(u64::MAX).starts_with('$'));
    }

    #[test]
    fn times_are_short() {
        let shown = |millis| time_in_words(Duration::from_millis(millis));
        assert_eq!(
            [850, 9_340, 72_000, 7_203_000].map(shown),
            ["850ms", "9.3s", "1m 12s", "2h 0m 3s"]
        );
        assert!(time_in_words(Duration::MAX).ends_with('s'));
    }
}
