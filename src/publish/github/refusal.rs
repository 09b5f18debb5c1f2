//! What GitHub means by a refusal. The status alone does not tell: a 403 is a token that may not
//! write, a locked conversation or a rate limit.
//!
//! <https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api>

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use octocrab::GitHubError;

use super::super::PublishError;
use crate::sanitize;

/// The most bytes of a message that are shown.
const MOST: usize = 200;

/// What octocrab's error means to us.
pub(super) fn understood(error: octocrab::Error) -> PublishError {
    if let octocrab::Error::GitHub { source, .. } = &error {
        return refused(source);
    }
    let octocrab::Error::Service { source, .. } = error else {
        // Its own words name parts of a program.
        return garbled("it is not what GitHub documents");
    };
    match source.downcast::<PublishError>() {
        Ok(error) => *error,
        Err(other) => garbled(&other.to_string()),
    }
}

fn garbled(message: &str) -> PublishError {
    PublishError::Garbled {
        message: short(message),
    }
}

fn refused(error: &GitHubError) -> PublishError {
    let status = error.status_code;
    let texts = || [error.message.as_str()].into_iter().chain(details(error));
    let says = |words: &str| texts().any(|text| text.to_ascii_lowercase().contains(words));
    match status.as_u16() {
        401 => PublishError::Unauthorized,
        403 => match Forbidden::of(&texts().collect::<String>(), error.headers.as_ref()) {
            Forbidden::ReadOnly => PublishError::ReadOnly,
            Forbidden::Locked => PublishError::Locked,
            Forbidden::RateLimit => PublishError::RateLimited,
            Forbidden::Other => PublishError::Unexpected {
                status: 403,
                message: message(status, error),
            },
        },
        404 => PublishError::NotFound,
        410 => PublishError::Disabled,
        422 if says("too long") => PublishError::TooLong,
        422 if says("submitted too quickly") => PublishError::RateLimited,
        429 => PublishError::RateLimited,
        code => PublishError::Unexpected {
            status: code,
            message: message(status, error),
        },
    }
}

/// Why there is a 403.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Forbidden {
    ReadOnly,
    Locked,
    RateLimit,
    Other,
}

impl Forbidden {
    /// By what GitHub says, and where that is nothing known, by what it wants: the last request that
    /// a limit allows has no remaining one in its headers either, whatever came of it.
    fn of(text: &str, headers: Option<&HeaderMap>) -> Self {
        let text = text.to_ascii_lowercase();
        let has = |name: &str| headers.and_then(|headers| headers.get(name));
        // "by integration", "by personal access token".
        if text.contains("resource not accessible by") {
            Self::ReadOnly
        } else if text.contains("is locked") {
            Self::Locked
        } else if text.contains("rate limit")
            || text.contains("abuse detection")
            || has("retry-after").is_some()
            || has("x-ratelimit-remaining").is_some_and(|left| left == "0")
        {
            Self::RateLimit
        } else {
            Self::Other
        }
    }
}

/// Whether an answer of 403 is a rate limit, for the client, which waits then.
pub(super) fn is_rate_limit(answer: &Response<Bytes>) -> bool {
    let body = String::from_utf8_lossy(answer.body());
    Forbidden::of(&body, Some(answer.headers())) == Forbidden::RateLimit
}

/// The messages that a 422 has for each field.
fn details(error: &GitHubError) -> impl Iterator<Item = &str> {
    let errors = error.errors.iter().flatten();
    errors.filter_map(|error| error["message"].as_str().or(error.as_str()))
}

fn message(status: StatusCode, error: &GitHubError) -> String {
    // Not GitHub itself, but something on the way: a page for a browser.
    if error.message.trim_start().starts_with('<') {
        return status.canonical_reason().unwrap_or("a page").to_owned();
    }
    match details(error).next() {
        Some(detail) => short(&format!("{}: {detail}", error.message)),
        None => short(&error.message),
    }
}

fn short(message: &str) -> String {
    let line = message
        .trim()
        .split(['\r', '\n'])
        .next()
        .unwrap_or_default();
    sanitize::truncate(line, MOST).into_owned()
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt as _, Full};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn answered(status: u16, headers: &[(&str, &str)], body: &[u8]) -> PublishError {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        let body = Full::new(Bytes::copy_from_slice(body));
        let body = body.map_err(|never| match never {}).boxed();
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let result = runtime
            .unwrap()
            .block_on(octocrab::map_github_error(response.body(body).unwrap()));
        understood(result.unwrap_err())
    }

    /// The variant's name.
    fn kind(status: u16, headers: &[(&str, &str)], message: &str) -> String {
        let body = json!({"message": message, "documentation_url": "https://docs.github.com"});
        let error = format!(
            "{:?}",
            answered(status, headers, body.to_string().as_bytes())
        );
        error.split([' ', '(', '{']).next().unwrap().to_owned()
    }

    #[test]
    fn a_403_is_told_by_its_message_first() {
        let integration = "Resource not accessible by integration";
        // With the last request of this hour, it is still the permission that is missing.
        let last = [("x-ratelimit-remaining", "0")];
        for (headers, message, meant) in [
            (&[][..], integration, "ReadOnly"),
            (&last, integration, "ReadOnly"),
            (
                &[],
                "Resource not accessible by personal access token",
                "ReadOnly",
            ),
            (
                &[],
                "Unable to create comment because issue is locked.",
                "Locked",
            ),
            (
                &[],
                "API rate limit exceeded for installation ID 1.",
                "RateLimited",
            ),
            (
                &[],
                "You have exceeded a secondary rate limit.",
                "RateLimited",
            ),
            (&last, "Forbidden", "RateLimited"),
            (&[("retry-after", "60")], "Forbidden", "RateLimited"),
            (
                &[("x-ratelimit-remaining", "10")],
                "Forbidden",
                "Unexpected",
            ),
        ] {
            assert_eq!(kind(403, headers, message), meant, "{message} {headers:?}");
            let mut answer = Response::builder().status(403);
            for (name, value) in headers {
                answer = answer.header(*name, *value);
            }
            let body = json!({"message": message}).to_string();
            let is_limit = is_rate_limit(&answer.body(body.into()).unwrap());
            assert_eq!(is_limit, meant == "RateLimited", "{message} {headers:?}");
        }
    }

    #[test]
    fn the_other_statuses_mean_what_they_say() {
        for (status, message, meant) in [
            (401, "Bad credentials", "Unauthorized"),
            (404, "Not Found", "NotFound"),
            (410, "This issue was deleted", "Disabled"),
            (
                422,
                "Body is too long (maximum is 65536 characters)",
                "TooLong",
            ),
            (422, "was submitted too quickly", "RateLimited"),
            (422, "Validation Failed", "Unexpected"),
            (429, "Too Many Requests", "RateLimited"),
            (301, "Moved Permanently", "Unexpected"),
            (502, "Server Error", "Unexpected"),
        ] {
            assert_eq!(kind(status, &[], message), meant, "{status}");
        }
    }

    #[test]
    fn the_length_is_told_in_the_details() {
        let detail = json!({"message": "Body is too long (maximum is 65536 characters)"});
        let body = json!({"message": "Validation Failed", "errors": [detail]});
        let error = answered(422, &[], body.to_string().as_bytes());
        assert!(matches!(error, PublishError::TooLong));
    }

    proptest! {
        #[test]
        fn any_refusal_is_one_short_line(
            status in 300_u16..600,
            body in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..600),
                "(?s).{0,400}".prop_map(|text| json!({"message": text}).to_string().into_bytes()),
                "(?s).{0,400}".prop_map(|text| json!({"errors": [text]}).to_string().into_bytes()),
            ],
        ) {
            let told = answered(status, &[], &body).to_string();
            prop_assert!(told.len() < MOST + 100, "{}", told);
            prop_assert!(!told.contains(['\n', '\r']), "{}", told);
        }
    }
}
