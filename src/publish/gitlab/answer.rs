//! What GitLab's answers mean.

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::PublishError;
use crate::sanitize::truncate;

/// The most of GitLab's own words that is passed on, in bytes.
const MOST: usize = 200;

/// The body of an answer.
pub(super) fn read<Body: DeserializeOwned>(answer: &Response<Bytes>) -> Result<Body, PublishError> {
    serde_json::from_slice(answer.body()).map_err(|_| PublishError::Garbled {
        message: "it is not the JSON that GitLab documents".to_owned(),
    })
}

/// An answer that is no success. 403 is a role or scope that is too low, or an archived project; 404
/// also what the token may not see.
pub(super) fn refused(answer: &Response<Bytes>) -> PublishError {
    let message = message(answer.body());
    match answer.status() {
        StatusCode::UNAUTHORIZED => PublishError::Unauthorized,
        StatusCode::FORBIDDEN => PublishError::ReadOnly,
        StatusCode::NOT_FOUND => PublishError::NotFound,
        StatusCode::PAYLOAD_TOO_LARGE => PublishError::TooLong,
        StatusCode::BAD_REQUEST if message.contains("too long") => PublishError::TooLong,
        StatusCode::TOO_MANY_REQUESTS => PublishError::RateLimited,
        status if status.is_redirection() => PublishError::Unexpected {
            status: status.as_u16(),
            message: "the API or the project has another address".to_owned(),
        },
        status => PublishError::Unexpected {
            status: status.as_u16(),
            message,
        },
    }
}

/// GitLab says `message`, in words or as an object, or `error` with a description.
#[derive(Deserialize)]
struct Refusal {
    message: Option<serde_json::Value>,
    error: Option<serde_json::Value>,
    error_description: Option<serde_json::Value>,
}

fn message(body: &[u8]) -> String {
    let refusal: Option<Refusal> = serde_json::from_slice(body).ok();
    let said = refusal.and_then(|refusal| {
        let error = refusal.error_description.or(refusal.error);
        refusal.message.or(error)
    });
    let text = match said {
        Some(serde_json::Value::String(text)) => text,
        Some(other) => other.to_string(),
        None => "no reason".to_owned(),
    };
    truncate(&text, MOST).into_owned()
}

/// What to ask for next, as a query. `query` is that of the first page.
///
/// Of a `Link` only the query is taken: behind some proxies its address is wrong, and the token must
/// not go wherever an answer says.
pub(super) fn next_page(headers: &HeaderMap, query: &str) -> Option<String> {
    let number = headers
        .get("x-next-page")
        .and_then(|value| value.to_str().ok());
    if let Some(number) = number {
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        return is_number.then(|| format!("{query}&page={number}"));
    }
    let mut links = headers.get_all(header::LINK).iter();
    links.find_map(|links| next_link(links.to_str().ok()?))
}

/// The query of the `next` link (RFC 8288).
fn next_link(links: &str) -> Option<String> {
    let next = links.split(',').find(|link| {
        let mut parameters = link.split(';').skip(1).map(str::trim);
        parameters.any(|parameter| matches!(parameter, "rel=\"next\"" | "rel=next"))
    })?;
    let address = next.trim().strip_prefix('<')?.split_once('>')?.0;
    let query = address.split_once('?')?.1;
    Some(query.split('#').next()?.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(status: u16, body: &str) -> Response<Bytes> {
        let body = Bytes::copy_from_slice(body.as_bytes());
        Response::builder().status(status).body(body).unwrap()
    }

    #[test]
    fn each_refusal_has_its_meaning() {
        let meaning = |status, body| refused(&answer(status, body));
        assert!(matches!(meaning(401, ""), PublishError::Unauthorized));
        let scope = r#"{"error":"insufficient_scope","scope":"api"}"#;
        assert!(matches!(meaning(403, scope), PublishError::ReadOnly));
        assert!(matches!(meaning(404, "<html>"), PublishError::NotFound));
        assert!(matches!(meaning(429, ""), PublishError::RateLimited));
        assert!(matches!(meaning(413, ""), PublishError::TooLong));
        let long =
            r#"{"message":"Note {:note=>[\"is too long (maximum is 1000000 characters)\"]}"}"#;
        assert!(matches!(meaning(400, long), PublishError::TooLong));
    }

    #[test]
    fn anything_else_is_told_in_gitlabs_own_words() {
        let told = |status, body: &str| refused(&answer(status, body)).to_string();
        assert_eq!(
            told(400, r#"{"message":{"body":["is missing"]}}"#),
            r#"the service answered 400: {"body":["is missing"]}"#
        );
        assert_eq!(
            told(422, r#"{"error":"bad","error_description":"Bad thing"}"#),
            "the service answered 422: Bad thing"
        );
        assert_eq!(told(502, "<html>"), "the service answered 502: no reason");
        assert!(told(301, "").ends_with("another address"));
        let long = format!(r#"{{"message":"{}"}}"#, "ä".repeat(1000));
        assert!(told(500, &long).len() < 250);
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn the_next_page_is_told_by_number_or_link() {
        let next = |pairs: &[_]| next_page(&headers(pairs), "per_page=100");
        let link = "<https://h/n?page=1>; rel=\"prev\", <https://elsewhere/n?per_page=100&page=3>; \
                    rel=\"next\", <https://h/n?page=9>; rel=\"last\"";
        let expected = Some("per_page=100&page=3".to_owned());
        assert_eq!(
            next(&[("x-next-page", "3"), ("link", "<x?a>; rel=next")]),
            expected
        );
        assert_eq!(next(&[("link", link)]), expected);
        assert_eq!(next(&[("x-next-page", ""), ("link", link)]), None);
        assert_eq!(next(&[("x-next-page", "3&a=b")]), None);
        assert_eq!(
            next(&[("link", "<https://h/n?page=9>; rel=\"last\"")]),
            None
        );
        assert_eq!(next(&[]), None);
    }

    proptest! {
        #[test]
        fn any_answer_is_understood_somehow(
            status in 100_u16..600,
            body in "\\PC{0,60}|\\{\"message\":\\PC{0,30}\\}|\\{\"error\":\"[a-z ]{0,30}\"\\}",
            link in "[<>;,=\"?&a-z0-9 ]{0,60}",
        ) {
            let answer = answer(status, &body);
            let _ = refused(&answer);
            let _ = read::<Vec<u64>>(&answer);
            let next = next_page(&headers(&[("link", &link)]), "q");
            prop_assert!(next.is_none_or(|next| !next.contains(['>', '#'])));
        }
    }
}
