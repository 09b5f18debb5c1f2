//! GitHub's REST API, by octocrab over our own HTTP client.

mod conversation;
mod lookup;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::{BodyExt as _, Full};
use octocrab::OctoBody;
use octocrab::service::middleware::base_uri::BaseUriLayer;
use octocrab::service::middleware::extra_headers::ExtraHeadersLayer;
use octocrab::{AuthState, Octocrab, OctocrabBuilder};

use super::{Options, PublishError, PullRequest};
use crate::http::{Client, HttpError};
use conversation::Conversation;

/// One repository on GitHub.
pub(super) struct GitHub {
    api: Octocrab,
    owner: String,
    name: String,
    /// Where GraphQL is spoken.
    graphql: String,
}

impl GitHub {
    /// Needs a tokio runtime.
    pub(super) fn new(options: &Options) -> Result<Self, PublishError> {
        let malformed = |text: &str, expected| PublishError::Malformed {
            text: text.to_owned(),
            expected,
        };
        let (owner, name) = options
            .repository
            .split_once('/')
            .filter(|(owner, name)| is_name(owner) && is_name(name))
            .ok_or_else(|| malformed(&options.repository, "a repository as `owner/name`"))?;
        let address = || malformed(&options.api, "the address of an API");
        let base: Uri = options.api.parse().map_err(|_| address())?;
        let token = HeaderValue::try_from(format!("Bearer {}", options.token.reveal()));
        let mut token = token.map_err(|_| PublishError::Unauthorized)?;
        token.set_sensitive(true);
        let headers = vec![
            (header::AUTHORIZATION, token),
            (
                header::ACCEPT,
                HeaderValue::from_static("application/vnd.github+json"),
            ),
            (
                header::HeaderName::from_static("x-github-api-version"),
                HeaderValue::from_static("2022-11-28"),
            ),
        ];
        let client = Client::new(options.http.clone())?;
        let api = OctocrabBuilder::new_empty()
            .with_service(tower::service_fn(move |request| {
                exchange(client.clone(), request)
            }))
            .with_layer(&BaseUriLayer::new(base))
            .with_layer(&ExtraHeadersLayer::new(Arc::new(headers)))
            .with_auth(AuthState::None)
            .build()
            .unwrap_or_else(|never| match never {});
        let graphql = options.graphql.clone();
        Ok(Self {
            api,
            owner: owner.to_owned(),
            name: name.to_owned(),
            graphql: graphql.unwrap_or_else(|| graphql_address(&options.api)),
        })
    }

    pub(super) fn thread(&self, request: &PullRequest) -> Conversation<'_> {
        Conversation {
            github: self,
            number: request.number,
        }
    }
}

/// github.com has both side by side; an Enterprise Server has `/api/v3` and `/api/graphql`.
fn graphql_address(api: &str) -> String {
    let base = api.strip_suffix("/v3").unwrap_or(api);
    format!("{base}/graphql")
}

/// What names of owners and repositories are made of.
fn is_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !text.is_empty() && text.len() <= 100 && text.bytes().all(is_letter) && text != ".."
}

/// One request of octocrab's, sent by our client.
async fn exchange(
    client: Client,
    request: Request<OctoBody>,
) -> Result<Response<Full<Bytes>>, HttpError> {
    let (head, body) = request.into_parts();
    // It is made of a string: collecting can't fail.
    let body = body.collect().await.map(|body| body.to_bytes());
    let request = Request::from_parts(head, body.unwrap_or_default());
    Ok(client.send(request).await?.map(Full::new))
}

/// What octocrab's error means to us.
fn understood(error: octocrab::Error) -> PublishError {
    match error {
        octocrab::Error::GitHub { source, .. } => refused(&source),
        octocrab::Error::Service { source, .. } => match source.downcast::<HttpError>() {
            Ok(error) => PublishError::Http(*error),
            Err(other) => PublishError::Unexpected {
                status: 0,
                message: other.to_string(),
            },
        },
        other => PublishError::Unexpected {
            status: 0,
            message: other.to_string(),
        },
    }
}

fn refused(error: &octocrab::GitHubError) -> PublishError {
    match error.status_code.as_u16() {
        401 => PublishError::Unauthorized,
        403 => PublishError::ReadOnly,
        404 => PublishError::NotFound,
        410 => PublishError::Disabled,
        429 => PublishError::RateLimited,
        status => PublishError::Unexpected {
            status,
            message: error.message.clone(),
        },
    }
}
