//! Aider's plain text: a banner, the answers, a line of tokens after each.
//!
//! It exits 0 whatever happens, so the line of tokens is what tells an answer from an error. An
//! answer that names a file of the project makes it add the file to the chat and ask again: the
//! last answer counts.

use super::{Decoded, Said};
use crate::model::{Cost, Tokens};

/// The last line of the banner.
const BANNER_END: &str = "Repo-map: ";
/// What the banner says where the model is shown no code.
const BLIND: [&str; 2] = ["Git repo: none", "Repo-map: disabled"];
/// May follow the banner.
const WARNING: &str = "Warning: ";
/// Stands before the next try of a call that failed.
const RETRY: &str = "Retrying in ";
const EMPTY: &str = "Empty response received from LLM.";
const TOO_LONG: &str = " has hit a token limit!";
/// May follow the last answer.
const NO_MORE_FILES: &str = "reflections allowed, stopping.";

/// `None` where the tool printed something else.
pub(super) fn decode(printed: &str) -> Option<Decoded> {
    let mut lines = printed.lines();
    let banner_end = lines.find(|line| line.starts_with(BANNER_END))?;
    let banner = printed
        .lines()
        .take_while(|line| !line.starts_with(BANNER_END));
    if let Some(line) = banner.chain([banner_end]).find(|line| is_blind(line)) {
        return Some(Decoded::of(Said::ToolError(format!(
            "it sees no code here ({line}): it needs a git repository with the files tracked"
        ))));
    }
    let mut decoded = Decoded::default();
    let mut answers: u32 = 0;
    let mut open: Vec<&str> = Vec::new();
    let mut answer = None;
    for line in lines {
        match Report::parse(line) {
            Some(report) => {
                answers = answers.saturating_add(1);
                report.add_to(&mut decoded);
                answer = Some(said(&std::mem::take(&mut open)));
            }
            None if line.starts_with(RETRY) => open.clear(),
            None if line.starts_with(WARNING) && answers == 0 && is_blank(&open) => {}
            None => open.push(line),
        }
    }
    open.retain(|line| !line.trim().is_empty() && !line.contains(NO_MORE_FILES));
    decoded.turns = (answers > 0).then_some(answers);
    decoded.said = match answer {
        Some(said) if open.is_empty() => said,
        Some(_) | None if !open.is_empty() => Said::ToolError(open.join("\n")),
        Some(_) | None => Said::ToolError("printed no answer".into()),
    };
    Some(decoded)
}

fn is_blind(line: &str) -> bool {
    BLIND.iter().any(|words| line.starts_with(words))
}

fn is_blank(lines: &[&str]) -> bool {
    lines.iter().all(|line| line.trim().is_empty())
}

fn said(lines: &[&str]) -> Said {
    let text = lines.join("\n");
    let text = text.trim();
    // The name of a file that it added to the chat may stand before.
    if text
        .lines()
        .next_back()
        .is_some_and(|line| line.starts_with(EMPTY))
    {
        return Said::Answer(String::new());
    }
    if lines.iter().any(|line| line.ends_with(TOO_LONG)) {
        return Said::ToolError(text.to_owned());
    }
    Said::Answer(text.to_owned())
}

/// `Tokens: 12k sent, 345 received. Cost: $0.04 message, $0.09 session.`
struct Report {
    tokens: Tokens,
    /// Of all answers so far.
    dollars: Option<f64>,
}

impl Report {
    fn parse(line: &str) -> Option<Self> {
        let rest = line.strip_prefix("Tokens: ")?;
        let (tokens, cost) = rest.split_once(" received.")?;
        let mut counts = Tokens::default();
        for part in format!("{tokens} received").split(", ") {
            let (count, kind) = part.split_once(' ')?;
            let count = number(count)?;
            match kind {
                "sent" => counts.input = count,
                "cache write" => counts.cache_write = count,
                "cache hit" => counts.cache_read = count,
                "received" => counts.output = count,
                _ => return None,
            }
        }
        // What was sent includes both kinds of cached tokens.
        let cached = counts.cache_write.saturating_add(counts.cache_read);
        counts.input = counts.input.saturating_sub(cached);
        Some(Self {
            tokens: counts,
            dollars: dollars(cost),
        })
    }

    fn add_to(self, decoded: &mut Decoded) {
        let sum = decoded.tokens.unwrap_or_default();
        decoded.tokens = Some(Tokens {
            input: sum.input.saturating_add(self.tokens.input),
            cache_read: sum.cache_read.saturating_add(self.tokens.cache_read),
            cache_write: sum.cache_write.saturating_add(self.tokens.cache_write),
            output: sum.output.saturating_add(self.tokens.output),
        });
        decoded.cost = self
            .dollars
            .and_then(|dollars| Cost::from_dollars(dollars, false));
    }
}

/// `345`, `1.2k` or `12k`.
fn number(text: &str) -> Option<u64> {
    let Some(thousands) = text.strip_suffix('k') else {
        return text.parse().ok();
    };
    let (whole, tenth) = thousands.split_once('.').unwrap_or((thousands, "0"));
    let whole: u64 = whole.parse().ok()?;
    let tenth: u64 = tenth.parse().ok().filter(|tenth| *tenth < 10)?;
    whole.checked_mul(1_000)?.checked_add(tenth * 100)
}

/// The amount before ` session.`
fn dollars(text: &str) -> Option<f64> {
    let (_, amount) = text.strip_suffix(" session.")?.rsplit_once('$')?;
    amount.parse().ok()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Recorded from 0.86.2.
    const BANNER: &str = "Analytics have been permanently disabled.
Detected dumb terminal, disabling fancy input and pretty output.

Aider v0.86.2
Main model: gpt-4.1 with ask edit format
Weak model: gpt-4.1-mini
Git repo: .git with 2 files
Repo-map: using 4096 tokens, auto refresh

";

    /// With the price of a model that it knows.
    pub(in super::super) const RECORDED: &str = "Aider v0.86.2
Git repo: .git with 2 files
Repo-map: using 4096 tokens, auto refresh

[]

Tokens: 12k sent, 30 received. Cost: $0.02 message, $0.03 session.
";

    /// The model asks for a file first, then answers.
    const ANSWERED: &str = "Please add `src/main.rs` to the chat.

Tokens: 1.2k sent, 20 received. Cost: $0.00031 message, $0.00031 session.

src/main.rs
[{\"id\":\"a\",\"status\":\"pass\"}]

Tokens: 12k sent, 30 received. Cost: $0.02 message, $0.03 session.
";

    const REFUSED: &str =
        "litellm.AuthenticationError: AuthenticationError: OpenAIException - invalid key
The API provider is not able to authenticate you. Check your API key.

";

    fn decoded(body: &str) -> Decoded {
        decode(&format!("{BANNER}{body}")).unwrap()
    }

    #[test]
    fn the_answer_is_the_last_one_without_banner_and_tokens() {
        let decoded = decoded(ANSWERED);
        let answer = "src/main.rs\n[{\"id\":\"a\",\"status\":\"pass\"}]";
        assert_eq!(decoded.said, Said::Answer(answer.into()));
        assert_eq!(decoded.turns, Some(2));
        let tokens = decoded.tokens.unwrap();
        assert_eq!((tokens.input, tokens.output), (13_200, 50));
        assert_eq!(decoded.cost.unwrap().micro_dollars, 30_000);
    }

    #[test]
    fn an_error_is_an_error_although_it_exits_with_0() {
        for body in [REFUSED.to_owned(), format!("{ANSWERED}\n{REFUSED}")] {
            let Said::ToolError(text) = decoded(&body).said else {
                panic!("{body}");
            };
            assert!(text.starts_with("litellm.AuthenticationError"), "{text}");
        }
        let silent = decoded("").said;
        assert_eq!(silent, Said::ToolError("printed no answer".into()));
    }

    #[test]
    fn what_came_before_a_retry_is_not_of_the_answer() {
        let retried = "litellm.RateLimitError: RateLimitError: slow down
The API provider has rate limited you. Try again later or check your quotas.
Retrying in 0.2 seconds...
[]

Tokens: 100 sent, 20 received.
";
        let decoded = decoded(retried);
        assert_eq!(decoded.said, Said::Answer("[]".into()));
        assert_eq!(decoded.cost, None);
    }

    #[test]
    fn an_empty_answer_is_empty_and_one_over_the_limit_is_an_error() {
        let tokens = "\n\nTokens: 100 sent, 20 received.\n";
        let empty = "Empty response received from LLM. Check your provider account?";
        let said = decoded(&format!("{empty}{tokens}")).said;
        assert_eq!(said, Said::Answer(String::new()));
        let cut = "[{\"id\":\"a\"\nModel gpt-4.1 has hit a token limit!\nToken counts below are approximate.";
        let said = decoded(&format!("{cut}{tokens}")).said;
        assert!(matches!(said, Said::ToolError(_)), "{said:?}");
    }

    #[test]
    fn without_its_banner_it_is_something_else() {
        assert!(decode("No API key found.\n").is_none());
    }

    #[test]
    fn every_count_of_tokens_is_understood() {
        let line = "Tokens: 9.9k sent, 1.0k cache write, 2k cache hit, 345 received.";
        let tokens = Report::parse(line).unwrap().tokens;
        assert_eq!((tokens.input, tokens.cache_write), (6_900, 1_000));
        assert_eq!((tokens.cache_read, tokens.output), (2_000, 345));
        for other in ["Tokens: many sent, 3 received.", "Tokens: 1 sent", "Tokens"] {
            assert!(Report::parse(other).is_none(), "{other}");
        }
    }

    #[test]
    fn no_part_of_a_recording_passes() {
        let recorded = format!("{BANNER}[{{\"id\":\"a\"}}]\n\nTokens: 1 sent, 2 received.\n");
        super::super::tests::no_part_is_an_answer(&recorded, decode);
    }
}
