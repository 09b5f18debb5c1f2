//! GitLab's REST API: the notes of merge requests (<https://docs.gitlab.com/api/notes/>).
//!
//! A file a step: `lookup` finds the merge request, `conversation` its notes, `answer` understands
//! what GitLab says. No client crate of its own: it takes seven routes.

mod advice;
mod answer;
mod conversation;
mod lookup;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri, header};
use percent_encoding::utf8_percent_encode;
use serde::de::DeserializeOwned;

use super::{MOST_PAGES, Options, PublishError, PullRequest};
use crate::http::Client;
use crate::sanitize::ADDRESS_PART;
pub use advice::GITLAB_TOKEN;
pub(super) use advice::hint;
use conversation::Notes;

/// What the tokens of CI jobs begin with, unless GitLab is old or an administrator has changed it.
const JOB_TOKEN: &str = "glcbt-";

/// One project on GitLab.
pub(super) struct GitLab {
    client: Client,
    /// The API's address.
    api: String,
    /// The project as a part of a path.
    project: String,
    token: HeaderValue,
    /// Who the token belongs to, once somebody had to know.
    identity: OnceLock<u64>,
    /// The page of the merge request that was asked for.
    page: OnceLock<String>,
}

impl GitLab {
    /// Nothing is sent yet.
    pub(super) fn new(options: &Options) -> Result<Self, PublishError> {
        let malformed = |text: &str, expected| PublishError::Malformed {
            text: text.to_owned(),
            expected,
        };
        if !is_project(&options.repository) {
            let expected = "a project's number or its path as `group/name`";
            return Err(malformed(&options.repository, expected));
        }
        let address: Option<Uri> = options.api.parse().ok();
        let is_web = |uri: &Uri| matches!(uri.scheme_str(), Some("https" | "http"));
        if !address.is_some_and(|uri| is_web(&uri) && uri.query().is_none()) {
            return Err(malformed(&options.api, "the address of an API"));
        }
        let token = options.token.reveal();
        if token.starts_with(JOB_TOKEN) {
            return Err(PublishError::JobToken);
        }
        let mut token = HeaderValue::try_from(token).map_err(|_| PublishError::Unauthorized)?;
        token.set_sensitive(true);
        Ok(Self {
            client: Client::new(options.http.clone())?,
            api: options.api.trim_end_matches('/').to_owned(),
            project: encode(&options.repository),
            token,
            identity: OnceLock::new(),
            page: OnceLock::new(),
        })
    }

    pub(super) fn conversation(&self, pull_request: &PullRequest) -> Notes<'_> {
        Notes {
            gitlab: self,
            number: pull_request.number,
        }
    }

    /// Sends one request to `path`, relative to the API. Everything but success is an error.
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<serde_json::Value>,
    ) -> Result<Response<Bytes>, PublishError> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}/{path}", self.api))
            .header(HeaderName::from_static("private-token"), &self.token)
            .header(header::ACCEPT, "application/json");
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map(|body| Bytes::from(body.to_string()));
        let request = request.body(body.unwrap_or_default());
        let request = request.map_err(|_| PublishError::Malformed {
            text: self.api.clone(),
            expected: "the address of an API",
        })?;
        let answer = self.client.send(request).await?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        Err(answer::refused(&answer))
    }

    async fn get<Body: DeserializeOwned>(&self, path: &str) -> Result<Body, PublishError> {
        answer::read(&self.send(Method::GET, path, None).await?)
    }

    /// Every element of a list, from all its pages. `query` says how it is to be sorted, so that
    /// nothing moves from page to page.
    async fn list<Element: DeserializeOwned>(
        &self,
        path: &str,
        query: &str,
        mut take: impl FnMut(Element),
    ) -> Result<(), PublishError> {
        let query = format!("per_page=100&{query}");
        let mut page = query.clone();
        let mut seen = BTreeSet::new();
        while seen.insert(page.clone()) {
            if seen.len() > MOST_PAGES {
                return Err(PublishError::TooMany { pages: MOST_PAGES });
            }
            let path = format!("{path}?{page}");
            let answer = self.send(Method::GET, &path, None).await?;
            // A short page is not the last: GitLab leaves out what the token may not see.
            for element in answer::read::<Vec<Element>>(&answer)? {
                take(element);
            }
            match answer::next_page(answer.headers(), &query) {
                Some(next) => page = next,
                None => return Ok(()),
            }
        }
        Err(PublishError::Circle)
    }
}

/// One part of a path or query: `group%2Fname`.
fn encode(text: &str) -> String {
    utf8_percent_encode(text, ADDRESS_PART).to_string()
}

/// A number, or at least two names of what GitLab makes names of.
fn is_project(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte);
    let is_name =
        |part: &str| !part.is_empty() && part != "." && part != ".." && part.bytes().all(is_letter);
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 1000 && (is_number || (text.contains('/') && text.split('/').all(is_name)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Forge, Token};
    use super::*;

    fn options(repository: &str, api: &str, token: &str) -> Options {
        Options {
            forge: Forge::GitLab,
            repository: repository.to_owned(),
            api: api.to_owned(),
            graphql: None,
            token: Token::new(token),
            key: "k".to_owned(),
            http: crate::http::Options {
                timeout: Duration::from_secs(1),
                patience: Duration::ZERO,
            },
        }
    }

    const API: &str = "https://gitlab.com/api/v4";

    #[test]
    fn a_project_is_one_part_of_the_path() {
        let project = |text: &str| GitLab::new(&options(text, API, "t")).map(|found| found.project);
        assert_eq!(project("42").unwrap(), "42");
        assert_eq!(project("a/b.c/d-e_f").unwrap(), "a%2Fb.c%2Fd-e_f");
    }

    #[test]
    fn what_is_no_project_is_refused_before_anything_is_sent() {
        for bad in [
            "", "name", "a//b", "a/../b", "/a/b", "a/b?c", "a/b#c", "a b/c", "a/b%2e", "٣",
        ] {
            let refused = GitLab::new(&options(bad, API, "t")).map(|_| ());
            assert!(
                matches!(refused, Err(PublishError::Malformed { .. })),
                "{bad}"
            );
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in [
            "",
            "gitlab.com",
            "/api/v4",
            "ftp://gitlab.com",
            "https://a/api?x=1",
            "https://a b",
        ] {
            let refused = GitLab::new(&options("a/b", bad, "t")).map(|_| ());
            assert!(
                matches!(refused, Err(PublishError::Malformed { .. })),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_token_that_cannot_do_it_is_refused() {
        let refused = |token: &str| GitLab::new(&options("a/b", API, token)).err();
        assert!(matches!(
            refused("glcbt-64_abc"),
            Some(PublishError::JobToken)
        ));
        assert!(matches!(refused("a\nb"), Some(PublishError::Unauthorized)));
        assert!(refused("glpat-abc").is_none());
    }
}
