//! Whether a failed call was only turned away for now: the service had too many requests, or was
//! overloaded, and takes the same call later.
//!
//! No tool tells this in a field, so its words have to. They are foreign text, and read only where a
//! call failed: whoever could write them can make a run wait, for as long as the pool bears it, and
//! never pass. What is used up for hours is no limit of this kind, as no wait of a run helps.

use std::sync::LazyLock;
use std::time::Duration;

use regex::{Captures, Regex};

use crate::sanitize;

/// How much of a tool's words is looked at, in bytes.
const READ_BYTES: usize = 16 * 1024;

/// Beyond this a told wait is a used-up allowance, not a rate.
const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// A call that was turned away for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// How long the service wants to be left alone, where it says so.
    pub(super) wait: Option<Duration>,
}

/// The words of services and tools for "too many" and "overloaded". A bare 429 may be any number.
const FOR_NOW: &str = r"(?i)(?:status(?:[ _-]?code)?|code|error|https?(?:/[0-9.]+)?|rejected)[^a-z0-9]{0,8}(?:429|529)\b|rate[ _-]?limit|too[ _-]many[ _-]requests|overloaded|resource[ _](?:has[ _]been[ _])?exhausted|exhausted your capacity|throttl(?:ed|ing)exception";

/// Words for what is used up: an account's money, or its share of a day and longer.
const USED_UP: &str = r"(?i)insufficient[ _](?:quota|funds|credits?|balance)|credit balance|out of credits|payment required|spend(?:ing)?[ _-](?:limit|cap)|per[ _-]?(?:day|week|month)\b|perday|\b(?:daily|weekly|monthly)\b|(?:usage|session)[ _]limit|hit your limit|limit will reset";

/// Words that are for both: only a wait beside them tells that it is short.
const MAYBE_USED_UP: &str = r"(?i)billing|current quota";

/// What stands before a wait, and the wait. A number alone is in seconds after the names of headers
/// and fields.
const WAITS: &str = r"(?i)(?:retry[ _-]?(?P<field>after|delay)(?P<milliseconds>[ _-]ms)?|(?:try again|retry|resets?) (?:in|after)(?: about)?|\bwait)[^a-z0-9]{1,6}(?P<time>[0-9][0-9a-z. ]{0,60})";

/// One number of a wait and its unit.
const PART: &str = r"(?i)^ ?([0-9]{1,9}(?:\.[0-9]{1,12})?) ?([a-z]*)";

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| Patterns::new().ok());

struct Patterns {
    for_now: Regex,
    used_up: Regex,
    maybe_used_up: Regex,
    waits: Regex,
    part: Regex,
}

impl Patterns {
    fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            for_now: Regex::new(FOR_NOW)?,
            used_up: Regex::new(USED_UP)?,
            maybe_used_up: Regex::new(MAYBE_USED_UP)?,
            waits: Regex::new(WAITS)?,
            part: Regex::new(PART)?,
        })
    }

    /// The longest wait that `text` tells of: who says it twice rounds it once.
    fn wait(&self, text: &str) -> Option<Duration> {
        let waits = self.waits.captures_iter(text);
        waits.filter_map(|captures| self.time(&captures)).max()
    }

    /// The time of one place: `30`, `1.2s`, `34.07s`, `1m30s`, `71 minutes`.
    fn time(&self, captures: &Captures<'_>) -> Option<Duration> {
        let mut rest = captures.name("time")?.as_str();
        let alone = match (captures.name("milliseconds"), captures.name("field")) {
            (Some(_), _) => Some(0.001),
            (None, Some(_)) => Some(1.0),
            (None, None) => None,
        };
        let mut seconds = None;
        while let Some(part) = self.part.captures(rest) {
            let number: f64 = part[1].parse().ok()?;
            // What follows a number without a unit is the next word of the text.
            let Some(unit) = unit(&part[2]).or(alone.filter(|_| seconds.is_none())) else {
                break;
            };
            seconds = Some(seconds.unwrap_or(0.0) + number * unit);
            rest = &rest[part[0].len()..];
        }
        Duration::try_from_secs_f64(seconds?).ok()
    }
}

/// In seconds.
fn unit(word: &str) -> Option<f64> {
    Some(match word.to_ascii_lowercase().as_str() {
        "ms" | "millisecond" | "milliseconds" => 0.001,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600.0,
        "d" | "day" | "days" => 86_400.0,
        "week" | "weeks" => 604_800.0,
        _ => return None,
    })
}

/// What a tool says that failed, as a limit that passes. `None` for any other failure.
pub(super) fn refusal(said: &str) -> Option<Refusal> {
    let patterns = PATTERNS.as_ref()?;
    let said = sanitize::truncate(said, READ_BYTES);
    if !patterns.for_now.is_match(&said) || patterns.used_up.is_match(&said) {
        return None;
    }
    let wait = patterns.wait(&said);
    let is_short = wait.is_none_or(|wait| wait <= LONGEST_WAIT);
    let is_doubtful = wait.is_none() && patterns.maybe_used_up.is_match(&said);
    (is_short && !is_doubtful).then_some(Refusal { wait })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A limit that tells so many milliseconds.
    fn limit(milliseconds: impl Into<Option<u64>>) -> Refusal {
        Refusal {
            wait: milliseconds.into().map(Duration::from_millis),
        }
    }

    #[test]
    fn every_pattern_is_one() {
        assert!(Patterns::new().is_ok());
    }

    /// What is said, and how many milliseconds it tells.
    const LIMITS: &[(&str, Option<u64>)] = &[
        ("API Error: Request rejected (429) · slow down", None),
        (
            r#"API Error: 429 {"type":"error","error":{"type":"x"}}"#,
            None,
        ),
        (r#"API Error: 529 {"type":"error"}"#, None),
        (
            r#"{"type":"overloaded_error","message":"Overloaded"}"#,
            None,
        ),
        (
            "exceeded retry limit, last status: 429 Too Many Requests, request id: 9c84",
            None,
        ),
        (
            "litellm.RateLimitError: RateLimitError: OpenAIException - slow down",
            None,
        ),
        ("The model is overloaded. Please try again later.", None),
        ("Resource has been exhausted (e.g. check quota).", None),
        (
            "you are rate-limited, please wait 3 minutes before the next",
            Some(180_000),
        ),
        (
            "Rate limit reached for gpt-4.1 on tokens per min (TPM). Please try again in 1.2s.",
            Some(1_200),
        ),
        ("rate limit, try again in 350ms", Some(350)),
        ("rate limit: try again in 2m", Some(120_000)),
        ("rate limit: try again in 1m30s", Some(90_000)),
        ("HTTP 429\r\nRetry-After: 30\r\nserver: x", Some(30_000)),
        ("429 Too Many Requests, retry after 30s", Some(30_000)),
        (r#"{"code": 429, "retryDelay": "34s"}"#, Some(34_000)),
        (
            r#"{"statusCode":429,"headers":{"retry-after-ms":"250"}}"#,
            Some(250),
        ),
        (
            r#"RESOURCE_EXHAUSTED ... Please retry in 34.074s. "retryDelay":"34s""#,
            Some(34_074),
        ),
        (
            "You have exhausted your capacity on this model. Your quota resets after 12s.",
            Some(12_000),
        ),
        (
            "RESOURCE_EXHAUSTED: over your current quota, see billing. Please retry in 20s",
            Some(20_000),
        ),
    ];

    #[test]
    fn what_services_and_tools_say_about_too_many_requests_is_a_limit() {
        for (said, wait) in LIMITS {
            assert_eq!(refusal(said), Some(limit(*wait)), "{said}");
        }
    }

    #[test]
    fn what_is_used_up_for_long_is_a_failure() {
        for said in [
            "429 insufficient_quota: you are over your current quota, check your plan and billing",
            "Error: 429, you exceeded your current quota, check your plan and billing details",
            "Rate limited: your credit balance is too low",
            "Claude usage limit reached. Your limit will reset at 3pm (America/Santiago).",
            "rate limit: you've hit your session limit · resets 8:30pm",
            "429: GenerateRequestsPerDayPerProject, retry in 30s",
            "Quota exceeded: requests per day (429 Too Many Requests), retry in 5s",
            "You are rate-limited. Please wait 71 minutes before trying again.",
            "rate limit: quota resets after 3h12m5s",
            "rate limit: try again in 2 weeks",
            "status 429: weekly limit",
        ] {
            assert_eq!(refusal(said), None, "{said}");
        }
    }

    #[test]
    fn any_other_failure_is_no_limit() {
        for said in [
            "",
            "401 Unauthorized: invalid api key",
            "read 429 files, then failed",
            "503 Service Unavailable",
            "connection refused; retry after 30s",
            "line 429: unexpected token",
        ] {
            assert_eq!(refusal(said), None, "{said}");
        }
    }

    #[test]
    fn a_number_without_a_known_unit_tells_a_wait_only_after_a_field() {
        assert_eq!(
            refusal("rate limit: try again in 5 parsecs"),
            Some(limit(None))
        );
        assert_eq!(
            refusal("rate limit; retry-after: 5 parsecs"),
            Some(limit(5_000))
        );
        assert_eq!(refusal("rate limit: retry in 5"), Some(limit(None)));
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_no_wait_is_long(
            text in r#"(429|rate limit|status |retry[ -]after|: |"|try again in |[0-9]{1,12}|\.|ms|s|m|h|d| |.){0,30}"#,
        ) {
            if let Some(Refusal { wait: Some(wait) }) = refusal(&text) {
                prop_assert!(wait <= LONGEST_WAIT, "{text}");
            }
        }
    }
}
