//! From flags, pipeline and environment to where a comment goes.

use std::time::Duration;

use crate::cli::PublishArgs;
use crate::http;
use crate::model::{CiContext, CiSystem, RunReport};
use crate::publish::{Forge, Hints, Options, PullRequest, Token};
use crate::report::comment::Links;

use super::super::Place;
use super::contradiction::{is_free, is_here, linked};

/// The longest time of one request, unless the user says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The longest time of all pauses together that a service may ask for.
const PATIENCE: Duration = Duration::from_mins(2);

/// Why no comment can be thought of here.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Nowhere {
    /// Nothing tells the repository: on a laptop, or in a CI system that we don't know.
    NoRepository,
    /// The variable that holds a token is not set.
    NoToken(Forge),
}

/// Where the pull request is.
pub(super) fn forge(context: &CiContext) -> Forge {
    match context.system {
        Some(CiSystem::GitLab) => Forge::GitLab,
        Some(CiSystem::GitHub | CiSystem::Other) | None => Forge::GitHub,
    }
}

/// Where to publish, and as whom.
pub(super) fn options(
    arguments: &PublishArgs,
    context: &CiContext,
    place: &Place,
) -> Result<Options, Nowhere> {
    let forge = forge(context);
    let named = arguments.repository.clone();
    let repository = match forge {
        Forge::GitHub => named.or(context.repository.clone()),
        Forge::GitLab => named
            .or(context.project_id.clone())
            .or(context.repository.clone()),
    };
    let repository = repository.ok_or(Nowhere::NoRepository)?;
    let token = token(forge, place).ok_or(Nowhere::NoToken(forge))?;
    let api = context.addresses.api.clone();
    Ok(Options {
        forge,
        repository,
        api: api.unwrap_or_else(|| default_api(forge).to_owned()),
        graphql: context.addresses.graphql.clone(),
        token,
        key: key(arguments, context),
        http: http::Options {
            timeout: arguments.timeout.unwrap_or(TIMEOUT),
            patience: PATIENCE,
        },
    })
}

fn default_api(forge: Forge) -> &'static str {
    match forge {
        Forge::GitHub => "https://api.github.com",
        Forge::GitLab => "https://gitlab.com/api/v4",
    }
}

/// The variables in which a token is looked for, in this order.
pub(super) fn token_variables(forge: Forge) -> &'static [&'static str] {
    match forge {
        Forge::GitHub => &["SEMTEST_GITHUB_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"],
        Forge::GitLab => &["SEMTEST_GITLAB_TOKEN", "GITLAB_TOKEN"],
    }
}

fn token(forge: Forge, place: &Place) -> Option<Token> {
    let mut names = token_variables(forge).iter();
    names.find_map(|name| place.env.get(name)).map(Token::new)
}

fn key(arguments: &PublishArgs, context: &CiContext) -> String {
    let named = arguments.key.clone().or(context.job.clone());
    named.unwrap_or_else(|| "semtest".to_owned())
}

/// What is known about the pull request.
pub(super) fn hints(
    arguments: &PublishArgs,
    context: &CiContext,
    report: Option<&RunReport>,
) -> Hints {
    let asked = arguments.pull_request;
    let is_here = is_here(arguments, context);
    let told = context.pull_request.filter(|_| is_here);
    let judged = report.and_then(|report| report.judged.commit.clone());
    let commit = if is_free(arguments, context) {
        judged.or(context.commit.clone())
    } else {
        context.commit.clone().or(judged)
    };
    // That there are no results is true of every commit.
    let is_true = context.is_certain() || (report.is_none() && commit.is_none());
    Hints {
        number: asked.or(told),
        is_certain: is_true && told.is_some() && asked.is_none_or(|asked| told == Some(asked)),
        commit,
        head_repository: context.head_repository.clone(),
        branch: context.branch.clone(),
    }
}

/// What a reader of the log should know about the choice of the pull request.
pub(super) fn several(request: &PullRequest) -> Option<String> {
    let others: Vec<String> = request.others.iter().map(u64::to_string).collect();
    (!others.is_empty()).then(|| {
        format!(
            "The commit is also the newest of pull request {}; the comment is for {}. Another one can be \
             named with `--pull-request`.",
            others.join(", "),
            request.number
        )
    })
}

/// Where links of the comment lead.
pub(super) fn links(
    arguments: &PublishArgs,
    context: &CiContext,
    report: Option<&RunReport>,
) -> Links {
    let repository = arguments
        .repository
        .as_ref()
        .or(context.repository.as_ref());
    let commit = report.and_then(|report| linked(report, context));
    let (server, blob) = match forge(context) {
        Forge::GitHub => ("https://github.com", "blob"),
        Forge::GitLab => ("https://gitlab.com", "-/blob"),
    };
    let server = context.addresses.server.as_deref().unwrap_or(server);
    Links {
        files: repository
            .zip(commit)
            .map(|(repository, commit)| format!("{server}/{repository}/{blob}/{commit}")),
        run: context.addresses.run.clone(),
    }
}
