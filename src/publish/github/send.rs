//! One request of octocrab's, completed and sent by our client: to the API that was configured, and
//! nowhere else, since it carries the token.

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Request, Response, Uri, header};
use http_body_util::{BodyExt as _, Collected, Full};
use octocrab::OctoBody;

use super::super::{Options, PublishError};
use super::refusal::is_rate_limit;
use crate::http::{Client, IsRateLimit, SafeToRepeat};

/// Where requests go, and with which headers.
#[derive(Clone)]
pub(super) struct Sender {
    client: Client,
    api: Uri,
    graphql: Uri,
    headers: HeaderMap,
}

impl Sender {
    pub(super) fn new(options: &Options) -> Result<Self, PublishError> {
        let api = address(&options.api)?;
        let graphql = match &options.graphql {
            Some(graphql) => address(graphql)?,
            None => address(&graphql_address(&options.api))?,
        };
        let token = HeaderValue::try_from(format!("Bearer {}", options.token.reveal()));
        let mut token = token.map_err(|_| PublishError::Unauthorized)?;
        token.set_sensitive(true);
        let accept = HeaderValue::from_static("application/vnd.github+json");
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, token);
        headers.insert(header::ACCEPT, accept);
        headers.insert(
            "x-github-api-version",
            HeaderValue::from_static("2022-11-28"),
        );
        Ok(Self {
            client: Client::new(options.http.clone())?,
            api,
            graphql,
            headers,
        })
    }

    /// Where GraphQL is spoken.
    pub(super) fn graphql(&self) -> String {
        self.graphql.to_string()
    }

    pub(super) async fn send(
        self,
        request: Request<OctoBody>,
    ) -> Result<Response<Full<Bytes>>, PublishError> {
        let (mut head, body) = request.into_parts();
        head.uri = self.target(&head.uri)?;
        // What we ask there changes nothing.
        if head.uri == self.graphql {
            head.extensions.insert(SafeToRepeat);
        }
        head.extensions.insert(IsRateLimit(is_rate_limit));
        head.headers.extend(self.headers);
        // It is made of a string: collecting can't fail.
        let body = body.collect().await.map(Collected::to_bytes);
        let request = Request::from_parts(head, body.unwrap_or_default());
        Ok(self.client.send(request).await?.map(Full::new))
    }

    /// The whole address of what octocrab asks for: a path, or the address of GraphQL, or the one that
    /// GitHub gave for the next page.
    fn target(&self, uri: &Uri) -> Result<Uri, PublishError> {
        let Some(authority) = uri.authority() else {
            return self.below(uri.path_and_query());
        };
        if origin(uri) == origin(&self.api) || *uri == self.graphql {
            return Ok(uri.clone());
        }
        Err(PublishError::Elsewhere {
            host: authority.host().to_owned(),
        })
    }

    fn below(&self, path: Option<&PathAndQuery>) -> Result<Uri, PublishError> {
        let base = self.api.to_string();
        let path = path.map_or("", PathAndQuery::as_str);
        address(&format!("{}{path}", base.trim_end_matches('/')))
    }
}

fn address(text: &str) -> Result<Uri, PublishError> {
    let uri = text.parse::<Uri>().ok();
    let is_whole = |uri: &Uri| origin(uri).is_some_and(|(scheme, ..)| scheme.starts_with("http"));
    uri.filter(is_whole).ok_or_else(|| PublishError::Malformed {
        text: text.to_owned(),
        expected: "the address of an API",
    })
}

/// Scheme, host and port. `None` for half an address.
fn origin(uri: &Uri) -> Option<(&str, String, u16)> {
    let scheme = uri.scheme_str()?;
    let usual = if scheme == "http" { 80 } else { 443 };
    let host = uri.host()?.to_ascii_lowercase();
    Some((scheme, host, uri.port_u16().unwrap_or(usual)))
}

/// github.com has both side by side; an Enterprise Server has `/api/v3` and `/api/graphql`.
fn graphql_address(api: &str) -> String {
    let base = api.strip_suffix("/v3").unwrap_or(api);
    format!("{base}/graphql")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::{Forge, Token};
    use super::*;

    fn sender(api: &str, graphql: Option<&str>) -> Result<Sender, PublishError> {
        Sender::new(&Options {
            forge: Forge::GitHub,
            repository: "o/r".to_owned(),
            api: api.to_owned(),
            graphql: graphql.map(str::to_owned),
            token: Token::new("secret"),
            key: String::new(),
            http: crate::http::Options {
                timeout: Duration::from_secs(1),
                patience: Duration::ZERO,
            },
        })
    }

    fn target(sender: &Sender, uri: &str) -> Result<String, String> {
        let target = sender.target(&uri.parse().unwrap());
        target
            .map(|uri| uri.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_path_is_one_below_the_api() {
        let github = sender("https://api.github.com", None).unwrap();
        let enterprise = sender("https://git.example/api/v3", None).unwrap();
        let at = |sender| target(sender, "/repos/o/r?a=b").unwrap();
        assert_eq!(at(&github), "https://api.github.com/repos/o/r?a=b");
        assert_eq!(at(&enterprise), "https://git.example/api/v3/repos/o/r?a=b");
    }

    #[test]
    fn the_address_of_graphql_stays_as_it_is() {
        let default = |api| sender(api, None).unwrap().graphql();
        assert_eq!(
            default("https://api.github.com"),
            "https://api.github.com/graphql"
        );
        let enterprise = "https://git.example/api/graphql";
        assert_eq!(default("https://git.example/api/v3"), enterprise);
        let sender = sender(
            "https://git.example/api/v3",
            Some("https://graph.example/q"),
        )
        .unwrap();
        assert_eq!(
            target(&sender, "https://graph.example/q").unwrap(),
            "https://graph.example/q"
        );
    }

    #[test]
    fn the_next_page_is_taken_from_the_same_origin_only() {
        let sender = sender(
            "https://git.example/api/v3",
            Some("https://graph.example/q"),
        )
        .unwrap();
        let same = "https://git.example/api/v3/repositories/1/issues/2/comments?page=2";
        assert_eq!(target(&sender, same).unwrap(), same);
        let same = "https://GIT.example:443/api/v3/x";
        assert!(target(&sender, same).is_ok());
        for other in [
            "https://evil.example/api/v3/x",
            "http://git.example/api/v3/x",
            "https://git.example:8443/api/v3/x",
            "https://git.example.evil.example/api/v3/x",
            "https://git.example@evil.example/api/v3/x",
            "https://graph.example/other",
        ] {
            assert!(target(&sender, other).is_err(), "{other}");
        }
    }

    #[test]
    fn half_an_address_is_none() {
        for half in [
            "api.github.com",
            "/api",
            "",
            "ftp://git.example",
            "https://",
        ] {
            let error = sender(half, None).err().map(|error| error.to_string());
            assert!(
                error.is_some_and(|error| error.contains("address")),
                "{half}"
            );
        }
    }
}
