//! What GitHub means by a refusal. The status alone does not tell: a 403 is a token that may not
//! write, a locked conversation or a rate limit.
//!
//! <https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api>

use http::StatusCode;
use octocrab::GitHubError;

use super::super::PublishError;
use crate::sanitize;

/// The most bytes of a message that are shown.
const MOST: usize = 200;

/// What octocrab's error means to us.
pub(super) fn understood(error: octocrab::Error) -> PublishError {
    match error {
        octocrab::Error::GitHub { source, .. } => refused(&source),
        octocrab::Error::Service { source, .. } => match source.downcast::<PublishError>() {
            Ok(error) => *error,
            Err(other) => garbled(&other.to_string()),
        },
        other => garbled(&other.to_string()),
    }
}

fn garbled(message: &str) -> PublishError {
    PublishError::Garbled {
        message: short(message),
    }
}

fn refused(error: &GitHubError) -> PublishError {
    let status = error.status_code;
    let says = |words: &str| {
        let mut texts = [error.message.as_str()].into_iter().chain(details(error));
        texts.any(|text| text.to_ascii_lowercase().contains(words))
    };
    match status.as_u16() {
        401 => PublishError::Unauthorized,
        // "by integration", "by personal access token".
        403 if says("resource not accessible by") => PublishError::ReadOnly,
        403 if says("is locked") => PublishError::Locked,
        403 if says("rate limit") || says("abuse detection") || asks_for_a_pause(error) => {
            PublishError::RateLimited
        }
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

fn asks_for_a_pause(error: &GitHubError) -> bool {
    error.headers.as_ref().is_some_and(|headers| {
        headers.contains_key("retry-after")
            || headers
                .get("x-ratelimit-remaining")
                .is_some_and(|left| left == "0")
    })
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
    let line = message.trim().lines().next().unwrap_or_default();
    sanitize::truncate(line, MOST).into_owned()
}
