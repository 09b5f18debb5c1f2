//! From flags, pipeline and environment to where a comment goes.

use std::time::Duration;

use crate::cli::PublishArgs;
use crate::http;
use crate::model::{Addresses, CiContext, CiSystem, EXTERNAL_PULL_REQUEST, RunReport};
use crate::publish::{Certainty, Forge, Hints, Options, PullRequest, Token};
use crate::report::comment::Links;

use super::super::Place;
use super::contradiction::{is_free, is_here, linked};

/// The longest time of one request, unless the user says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The longest time of all pauses together that a service may ask for. Somebody who has no time for a
/// request has none for pauses: four times the longest request, if that is less.
const PATIENCE: Duration = Duration::from_mins(2);

/// The longest time of all requests and pauses together: a pipeline must not hang on a comment.
pub(super) const DEADLINE: Duration = Duration::from_mins(5);

/// Why no comment can be thought of here.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Nowhere {
    /// Nothing tells the repository: on a laptop, or in a CI system that we don't know.
    NoRepository,
    /// The variable that holds a token is not set.
    NoToken(Forge),
    /// The input of the action that holds a token is empty.
    EmptyInput,
}

/// Where the pull request is: for GitLab's pipelines of another repository's pull requests, that is
/// GitHub.
pub(super) fn forge(context: &CiContext) -> Forge {
    let is_external = context.event.as_deref() == Some(EXTERNAL_PULL_REQUEST);
    match context.system {
        Some(CiSystem::GitLab) if !is_external => Forge::GitLab,
        Some(CiSystem::GitHub | CiSystem::GitLab | CiSystem::Other) | None => Forge::GitHub,
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
    // Only the action tells how its run ended, and it takes the variables away.
    let missing = match arguments.run_exit_code {
        Some(_) => Nowhere::EmptyInput,
        None => Nowhere::NoToken(forge),
    };
    let token = token(forge, place).ok_or(missing)?;
    Ok(Options {
        forge,
        repository,
        api: api(forge, &context.addresses),
        graphql: context.addresses.graphql.clone(),
        token,
        key: key(arguments, context),
        http: http_options(arguments.timeout.unwrap_or(TIMEOUT)),
    })
}

fn http_options(timeout: Duration) -> http::Options {
    // As in every place where a user names a time, zero is none; the deadline of the whole remains.
    let timeout = if timeout.is_zero() { DEADLINE } else { timeout };
    http::Options {
        timeout,
        patience: PATIENCE.min(timeout.saturating_mul(4)),
    }
}

fn default_server(forge: Forge) -> &'static str {
    match forge {
        Forge::GitHub => "https://github.com",
        Forge::GitLab => "https://gitlab.com",
    }
}

/// Where the API is. Of somebody's own server the token must not go to the public one, so where only
/// the server is told, the rest follows from it
/// (<https://docs.github.com/en/enterprise-server@latest/rest/using-the-rest-api/getting-started-with-the-rest-api>).
fn api(forge: Forge, addresses: &Addresses) -> String {
    if let Some(api) = &addresses.api {
        return api.clone();
    }
    let public = default_server(forge);
    let server = addresses.server.as_deref().unwrap_or(public);
    let host = server.strip_prefix("https://");
    match (forge, host) {
        (Forge::GitLab, _) => format!("{server}/api/v4"),
        (Forge::GitHub, Some(host))
            if server.eq_ignore_ascii_case(public) || host.ends_with(".ghe.com") =>
        {
            format!("https://api.{host}")
        }
        (Forge::GitHub, _) => format!("{server}/api/v3"),
    }
}

/// For people; likewise.
fn server(forge: Forge, addresses: &Addresses) -> &str {
    let api = addresses.api.as_deref().unwrap_or_default();
    let of_api = api
        .strip_suffix("/api/v3")
        .or_else(|| api.strip_suffix("/api/v4"));
    let server = addresses.server.as_deref().or(of_api);
    server.unwrap_or_else(|| default_server(forge))
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
    // An expression without a value leaves an empty text.
    let given = arguments.key.clone().filter(|key| !key.trim().is_empty());
    let named = given.or(context.job.clone());
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
    let is_told = told.is_some() && asked.is_none_or(|asked| told == Some(asked));
    let is_named = is_told || is_free(arguments, context);
    let commit = commit(arguments, context, report);
    // That there are no results is true of every commit.
    let is_true_of_all = report.is_none() && commit.is_none() && is_named;
    let certainty = match is_told && context.is_certain() {
        _ if is_true_of_all => Certainty::Always,
        true if context.is_queued() => Certainty::Always,
        true => Certainty::Then,
        false => Certainty::Unknown,
    };
    Hints {
        number: asked.or(told),
        certainty,
        commit,
        head_repository: context.head_repository.clone(),
        branch: context.branch.clone(),
    }
}

/// The commit that a comment is about, if anything tells.
pub(super) fn commit(
    arguments: &PublishArgs,
    context: &CiContext,
    report: Option<&RunReport>,
) -> Option<String> {
    let judged = report.and_then(|report| report.judged.commit.clone());
    let own = context.commit.clone();
    if !is_free(arguments, context) {
        return own.or(judged);
    }
    // A job that runs at some hour, or whenever somebody starts it, is on the default branch mostly:
    // that says nothing about the pull request which the user names.
    let is_pushed = context.event.as_deref().is_none_or(|event| event == "push");
    judged.or(own.filter(|_| report.is_some() || is_pushed))
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
    // A project's number, which GitLab's API takes too, leads to no page.
    let named = arguments.repository.as_ref();
    let repository = named
        .filter(|name| name.contains('/'))
        .or(context.repository.as_ref());
    let commit = report.and_then(|report| linked(report, context));
    let forge = forge(context);
    let blob = match forge {
        Forge::GitHub => "blob",
        Forge::GitLab => "-/blob",
    };
    let server = server(forge, &context.addresses);
    Links {
        files: repository
            .zip(commit)
            .map(|(repository, commit)| format!("{server}/{repository}/{blob}/{commit}")),
        run: context.addresses.run.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use clap::Parser as _;

    use super::*;
    use crate::ci;
    use crate::env::Env;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        publish: PublishArgs,
    }

    fn arguments(words: &[&str]) -> PublishArgs {
        let words = ["publish"].iter().chain(words);
        Command::try_parse_from(words).unwrap().publish
    }

    const GITLAB: [(&str, &str); 7] = [
        ("GITLAB_CI", "true"),
        ("CI_API_V4_URL", "https://gitlab.example.com/api/v4"),
        ("CI_SERVER_URL", "https://gitlab.example.com"),
        ("CI_PROJECT_ID", "42"),
        ("CI_PROJECT_PATH", "group/app"),
        ("SEMTEST_GITLAB_TOKEN", "glpat-1"),
        ("SEMTEST_GITHUB_TOKEN", "ghp_1"),
    ];

    fn gitlab(more: &[(&str, &str)], words: &[&str]) -> (Options, Links) {
        let place = Place {
            directory: PathBuf::new(),
            written: PathBuf::new(),
            moves: Vec::new(),
            env: GITLAB.iter().chain(more).copied().collect::<Env>(),
        };
        let (arguments, context) = (arguments(words), ci::detect(&place.env));
        let mut report = RunReport::sample();
        report.judged.commit = Some("abc".to_owned());
        let links = links(&arguments, &context, Some(&report));
        (options(&arguments, &context, &place).unwrap(), links)
    }

    #[test]
    fn a_forks_merge_request_is_in_the_other_project() {
        let (options, links) = gitlab(
            &[
                ("CI_PROJECT_ID", "99"),
                ("CI_PROJECT_PATH", "mallory/app"),
                ("CI_MERGE_REQUEST_PROJECT_ID", "42"),
                ("CI_MERGE_REQUEST_PROJECT_PATH", "group/app"),
            ],
            &[],
        );
        assert_eq!(
            (options.forge, options.repository.as_str()),
            (Forge::GitLab, "42")
        );
        let files = "https://gitlab.example.com/group/app/-/blob/abc";
        assert_eq!(links.files.as_deref(), Some(files));
    }

    #[test]
    fn a_request_has_half_a_minute_and_all_pauses_two_unless_the_user_has_less_time() {
        for (words, timeout, patience) in [
            (&[][..], 30, 120),
            (&["--timeout", "10s"], 10, 40),
            (&["--timeout", "2m"], 120, 120),
            (&["--timeout", "0"], 300, 120),
        ] {
            let (options, _) = gitlab(&[], words);
            let expected = (Duration::from_secs(timeout), Duration::from_secs(patience));
            assert_eq!((options.http.timeout, options.http.patience), expected);
        }
        assert_eq!(DEADLINE, Duration::from_mins(5));
    }

    #[test]
    fn the_address_of_the_api_follows_from_the_servers_and_the_other_way_round() {
        let addresses = |server: Option<&str>, api: Option<&str>| Addresses {
            server: server.map(str::to_owned),
            api: api.map(str::to_owned),
            ..Addresses::default()
        };
        for (forge, server, expected) in [
            (Forge::GitHub, None, "https://api.github.com"),
            (
                Forge::GitHub,
                Some("https://github.com"),
                "https://api.github.com",
            ),
            (
                Forge::GitHub,
                Some("https://octo.ghe.com"),
                "https://api.octo.ghe.com",
            ),
            (
                Forge::GitHub,
                Some("http://git.example"),
                "http://git.example/api/v3",
            ),
            (Forge::GitLab, None, "https://gitlab.com/api/v4"),
            (
                Forge::GitLab,
                Some("https://git.example/lab"),
                "https://git.example/lab/api/v4",
            ),
        ] {
            assert_eq!(api(forge, &addresses(server, None)), expected);
        }
        let told = addresses(Some("https://git.example"), Some("https://api.example"));
        assert_eq!(api(Forge::GitHub, &told), "https://api.example");
        let told = addresses(None, Some("https://git.example/api/v3"));
        assert_eq!(server(Forge::GitHub, &told), "https://git.example");
        let none = Addresses::default();
        assert_eq!(server(Forge::GitLab, &none), "https://gitlab.com");
    }

    #[test]
    fn a_projects_number_is_not_part_of_a_link() {
        let (options, links) = gitlab(&[], &["--repository", "7"]);
        assert_eq!(options.repository, "7");
        let files = "https://gitlab.example.com/group/app/-/blob/abc";
        assert_eq!(links.files.as_deref(), Some(files));
    }

    #[test]
    fn an_external_pull_request_is_on_github_and_never_gets_gitlabs_token() {
        let external = [
            ("CI_EXTERNAL_PULL_REQUEST_IID", "3"),
            ("CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY", "o/r"),
        ];
        let (options, links) = gitlab(&external, &[]);
        assert_eq!(
            (options.forge, options.repository.as_str()),
            (Forge::GitHub, "o/r")
        );
        assert_eq!(options.api, "https://api.github.com");
        assert_eq!(options.graphql, None);
        assert_eq!(options.token, Token::new("ghp_1"));
        assert_eq!(
            links.files.as_deref(),
            Some("https://github.com/o/r/blob/abc")
        );
    }
}
