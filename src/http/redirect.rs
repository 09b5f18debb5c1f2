//! Which redirects are followed: GitHub answers with one where a repository was renamed.

use bytes::Bytes;
use http::header::LOCATION;
use http::{Method, Response, StatusCode, Uri};
use url::Url;

/// The most redirects of one request.
pub(super) const MOST: usize = 3;

/// Where `response` sends a request that was made to `from`; `None` if it is to be taken as it is.
///
/// Only within the same origin, since the request carries a token. 301, 302 and 303 only for `GET`
/// and `HEAD`: for others clients disagree whether the method stays. 307 and 308 for all: they mean
/// that nothing was done and that the same request belongs elsewhere.
pub(super) fn target(method: &Method, from: &Uri, response: &Response<Bytes>) -> Option<Uri> {
    let reads = [Method::GET, Method::HEAD].contains(method);
    let follows = match response.status() {
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => reads,
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
        _ => false,
    };
    if !follows {
        return None;
    }
    let from = Url::parse(&from.to_string()).ok()?;
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let mut target = from.join(location).ok()?;
    target.set_fragment(None);
    let is_same = target.origin() == from.origin()
        && target.username() == from.username()
        && target.password() == from.password();
    is_same.then(|| target.as_str().parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn redirected(method: &Method, status: u16, location: &[u8]) -> Option<String> {
        let response = Response::builder()
            .status(status)
            .header(LOCATION, location);
        let response = response.body(Bytes::new()).ok()?;
        let from = Uri::from_static("https://api.example/repos/old/name?page=2");
        target(method, &from, &response).map(|target| target.to_string())
    }

    #[test]
    fn a_renamed_repository_is_followed_within_its_origin() {
        let there = "https://api.example/repositories/7/issues";
        for location in [
            there,
            "/repositories/7/issues",
            "https://api.example:443/repositories/7/issues#part",
        ] {
            for status in [301, 302, 303, 307, 308] {
                let found = redirected(&Method::GET, status, location.as_bytes());
                assert_eq!(found.as_deref(), Some(there), "{status} {location}");
            }
        }
    }

    #[test]
    fn no_other_origin_sees_the_request() {
        for location in [
            "http://api.example/repositories/7",
            "https://api.example:8443/repositories/7",
            "https://api.example.evil/repositories/7",
            "https://api.example@evil/repositories/7",
            "https://user:word@api.example/repositories/7",
            "//evil/repositories/7",
            "\\\\evil\\repositories",
            "https://",
            "file:///etc/passwd",
            "data:text/plain,x",
        ] {
            let found = redirected(&Method::GET, 307, location.as_bytes());
            assert_eq!(found, None, "{location}");
        }
    }

    #[test]
    fn writes_are_sent_elsewhere_only_where_the_method_certainly_stays() {
        for method in [Method::POST, Method::PATCH, Method::PUT, Method::DELETE] {
            for status in [301, 302, 303] {
                assert_eq!(redirected(&method, status, b"/there"), None);
            }
            for status in [307, 308] {
                let found = redirected(&method, status, b"/there");
                assert_eq!(found.as_deref(), Some("https://api.example/there"));
            }
        }
    }

    #[test]
    fn an_answer_that_is_no_redirect_is_taken_as_it_is() {
        for status in [200, 201, 300, 304, 305, 404, 500] {
            assert_eq!(redirected(&Method::GET, status, b"/there"), None);
        }
        let bare = Response::builder().status(301).body(Bytes::new()).unwrap();
        let from = Uri::from_static("https://api.example/");
        assert_eq!(target(&Method::GET, &from, &bare), None);
    }

    proptest! {
        #[test]
        fn whatever_a_server_sends_leads_nowhere_else(location in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Some(target) = redirected(&Method::GET, 301, &location) {
                prop_assert!(target.starts_with("https://api.example/"), "{target}");
            }
        }

        #[test]
        fn nor_does_what_looks_like_an_address(location in "[hftps:/@\\\\#?.%a-e0-9 \\[\\]]{0,40}(api\\.example)?[/@:]?[a-z]{0,5}") {
            if let Some(target) = redirected(&Method::GET, 301, location.as_bytes()) {
                prop_assert!(target.starts_with("https://api.example/"), "{target}");
            }
        }
    }
}
