//! How long a service asks us to stay away.
//!
//! What GitHub says of its limits: <https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api>.
//! GitLab answers 429 with `Retry-After`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, Response, StatusCode};

/// What GitHub asks for where an answer names no time: a minute, and longer each time.
const UNSAID: Duration = Duration::from_mins(1);

/// Tells whether a 403 is a rate limit, as some services answer instead of 429, and not about
/// permissions. Put it into the request's extensions; without it no 403 is one.
#[derive(Clone, Copy, Debug)]
pub struct IsRateLimit(pub fn(&Response<Bytes>) -> bool);

/// Whether `response` says that there were too many requests, so that nothing was done.
fn is_rate_limit(response: &Response<Bytes>, forbidden: Option<IsRateLimit>) -> bool {
    match response.status() {
        StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::FORBIDDEN => forbidden.is_some_and(|IsRateLimit(tell)| tell(response)),
        _ => false,
    }
}

/// The pause that `response` asks for, if it asks for one. `forbidden` is the request's,
/// `repeats` says how often it was repeated already, `now` is our own clock, for services that don't
/// tell theirs.
pub(super) fn demanded(
    response: &Response<Bytes>,
    forbidden: Option<IsRateLimit>,
    repeats: u32,
    now: SystemTime,
) -> Option<Duration> {
    let headers = response.headers();
    // Compared with the service's own clock, so ours may be wrong.
    let now = text(headers, DATE.as_str()).and_then(date).unwrap_or(now);
    let until = |then: SystemTime| then.duration_since(now).unwrap_or_default();
    let is_limit = is_rate_limit(response, forbidden);
    if !is_limit && response.status() != StatusCode::SERVICE_UNAVAILABLE {
        return None;
    }
    let after = text(headers, RETRY_AFTER.as_str()).and_then(|after| {
        let after = after.trim();
        seconds(after).or_else(|| date(after).map(until))
    });
    let reset = text(headers, "x-ratelimit-reset")
        .filter(|_| is_used_up(headers))
        .and_then(seconds)
        // Beyond what a clock can show is as good as never.
        .map(|reset| UNIX_EPOCH.checked_add(reset).map_or(Duration::MAX, until));
    let unsaid = || is_limit.then(|| UNSAID.saturating_mul(2u32.saturating_pow(repeats)));
    after.or(reset).or_else(unsaid)
}

fn is_used_up(headers: &HeaderMap) -> bool {
    text(headers, "x-ratelimit-remaining") == Some("0")
}

fn text<'answer>(headers: &'answer HeaderMap, name: &str) -> Option<&'answer str> {
    headers.get(name)?.to_str().ok()
}

/// Digits alone, as the grammar has it; more than fit are the most that fit.
fn seconds(text: &str) -> Option<Duration> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
}

fn date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Sun, 06 Nov 1994 08:49:37 GMT.
    const NOW: u64 = 784_111_777;

    fn answer(status: u16, headers: &[(&str, &str)]) -> Response<Bytes> {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        response.body(Bytes::new()).unwrap()
    }

    const LIMIT: Option<IsRateLimit> = Some(IsRateLimit(|_| true));

    fn asked(status: u16, headers: &[(&str, &str)]) -> Option<u64> {
        let now = UNIX_EPOCH + Duration::from_secs(NOW);
        demanded(&answer(status, headers), LIMIT, 0, now).map(|pause| pause.as_secs())
    }

    #[test]
    fn retry_after_counts_seconds_or_names_a_date() {
        for (value, expected) in [
            ("0", 0),
            ("7", 7),
            (" 7 ", 7),
            ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
            ("Sunday, 06-Nov-94 08:50:37 GMT", 60),
            ("Sun Nov  6 08:50:37 1994", 60),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
            ("99999999999999999999999", u64::MAX),
        ] {
            for status in [403, 429, 503] {
                let found = asked(status, &[("retry-after", value)]);
                assert_eq!(found, Some(expected), "{status} {value}");
            }
        }
    }

    #[test]
    fn a_date_is_compared_with_the_clock_of_the_service() {
        let headers = [
            ("date", "Sun, 06 Nov 1994 08:50:00 GMT"),
            ("retry-after", "Sun, 06 Nov 1994 08:50:05 GMT"),
        ];
        assert_eq!(asked(503, &headers), Some(5));
        let reset = (NOW + 30).to_string();
        let headers = [
            headers[0],
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", &reset),
        ];
        assert_eq!(asked(403, &headers), Some(7));
    }

    #[test]
    fn the_reset_counts_only_when_nothing_remains() {
        let reset = (NOW + 90).to_string();
        let headers = |remaining| {
            [
                ("x-ratelimit-remaining", remaining),
                ("x-ratelimit-reset", reset.as_str()),
            ]
        };
        assert_eq!(asked(403, &headers("0")), Some(90));
        assert_eq!(asked(429, &headers("0")), Some(90));
        assert_eq!(asked(403, &headers("12")), Some(60));
        assert_eq!(asked(429, &headers("12")), Some(60));
        assert_eq!(asked(200, &headers("0")), None);
        let mut both = headers("0").to_vec();
        both.push(("retry-after", "3"));
        assert_eq!(asked(403, &both), Some(3));
    }

    #[test]
    fn what_names_no_time_is_a_minute_and_longer_each_time() {
        for value in ["", "-5", "+5", "1.5", "soon", "0x10"] {
            assert_eq!(asked(429, &[("retry-after", value)]), Some(60), "{value}");
        }
        assert_eq!(asked(429, &[]), Some(60));
        let bare = answer(429, &[]);
        let seconds = |repeats| {
            demanded(&bare, None, repeats, UNIX_EPOCH)
                .unwrap()
                .as_secs()
        };
        assert_eq!([0, 1, 2].map(seconds), [60, 120, 240]);
    }

    #[test]
    fn whether_a_403_is_a_limit_is_for_the_caller_to_tell() {
        let headers = [("retry-after", "7"), ("x-ratelimit-remaining", "0")];
        let asked =
            |status, forbidden| demanded(&answer(status, &headers), forbidden, 0, UNIX_EPOCH);
        let seven = Some(Duration::from_secs(7));
        assert_eq!(asked(403, None), None);
        assert_eq!(asked(403, Some(IsRateLimit(|_| false))), None);
        assert_eq!(asked(403, LIMIT), seven);
        // The others say it themselves.
        assert_eq!(asked(429, None), seven);
        assert_eq!(asked(404, LIMIT), None);
    }

    #[test]
    fn failures_that_are_no_limit_ask_for_nothing() {
        assert_eq!(asked(503, &[]), None);
        assert_eq!(asked(503, &[("retry-after", "soon")]), None);
        assert_eq!(asked(500, &[("retry-after", "3")]), None);
        assert_eq!(asked(404, &[("retry-after", "3")]), None);
    }

    proptest! {
        #[test]
        fn any_header_is_survived(
            status in prop::sample::select(vec![200u16, 403, 429, 500, 503]),
            values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 4),
            numbers in prop::collection::vec("-?[0-9]{0,40}", 4),
            repeats in any::<u32>(),
            now in any::<u64>(),
        ) {
            let now = UNIX_EPOCH.checked_add(Duration::from_secs(now)).unwrap_or(UNIX_EPOCH);
            let names = ["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset", "date"];
            let mut noise = Response::builder().status(status);
            let mut numeric = Response::builder().status(status).header(names[1], "0");
            for (index, name) in names.iter().enumerate() {
                if let Ok(value) = http::HeaderValue::from_bytes(&values[index]) {
                    noise = noise.header(*name, value);
                }
                numeric = numeric.header(*name, &numbers[index]);
            }
            for response in [noise, numeric] {
                let response = response.body(Bytes::new()).unwrap();
                let pause = demanded(&response, LIMIT, repeats, now);
                let is_limit = [403, 429].contains(&status);
                prop_assert!(pause.is_some() == is_limit || status == 503);
            }
        }
    }
}
