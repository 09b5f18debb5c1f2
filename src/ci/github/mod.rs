//! GitHub Actions, and what copies it (Gitea, Forgejo): the default variables
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/variables>) and the event
//! payload that one of them names
//! (<https://docs.github.com/en/webhooks/webhook-events-and-payloads>). Which events there are, and
//! what `GITHUB_SHA` is in each:
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows>.

mod follow;
mod payload;
mod trust;

use std::fmt::Display;

use serde_json::Value;

use super::{address, commit, owned, repository, untrusted};
use crate::env::Env;
use crate::model::{Addresses, BaseRevision, CiContext, CiSystem};
use payload::{load, number, text};
use trust::trust_in_pull_request;

const UNREADABLE: &str = "the event payload of the pull request can't be read";

/// What the variables and, where it is needed, the payload tell.
pub(super) fn detect(env: &Env) -> CiContext {
    let context = CiContext {
        system: Some(CiSystem::GitHub),
        repository: repository(env.get("GITHUB_REPOSITORY")),
        commit: commit(env.get("GITHUB_SHA")),
        branch: owned(env.get("GITHUB_HEAD_REF").or(env.get("GITHUB_REF_NAME"))),
        event: owned(env.get("GITHUB_EVENT_NAME")),
        job: job(env),
        addresses: addresses(env),
        ..CiContext::default()
    };
    let run = env.get("GITHUB_RUN_ID").and_then(|id| page(&context, id));
    let context = CiContext {
        addresses: Addresses {
            run,
            ..context.addresses
        },
        ..context
    };
    match env.get("GITHUB_EVENT_NAME").unwrap_or_default() {
        // Only somebody with write access causes these, and they have no pull request.
        "push" | "schedule" | "workflow_dispatch" => context,
        "merge_group" => merge_group(context, load(env).as_ref()),
        "workflow_run" => follow::workflow_run(context, load(env).as_ref()),
        event @ ("check_run" | "check_suite") => follow::check(context, event, load(env).as_ref()),
        event => by_payload(env, event, context),
    }
}

/// The same in every run, but not for the jobs of a matrix: no variable tells those apart.
fn job(env: &Env) -> Option<String> {
    let (workflow, job) = (env.get("GITHUB_WORKFLOW")?, env.get("GITHUB_JOB")?);
    Some(format!("{workflow} / {job}"))
}

/// Where GitHub is. In other systems than its own, a user tells it by the same variables.
pub(super) fn addresses(env: &Env) -> Addresses {
    Addresses {
        server: address(env.get("GITHUB_SERVER_URL")),
        api: address(env.get("GITHUB_API_URL")),
        graphql: address(env.get("GITHUB_GRAPHQL_URL")),
        run: None,
    }
}

/// The page of the run with this `id`.
fn page(context: &CiContext, id: impl Display) -> Option<String> {
    let (server, here) = (&context.addresses.server, &context.repository);
    let (server, here) = (server.as_ref()?, here.as_ref()?);
    address(Some(&format!("{server}/{here}/actions/runs/{id}")))
}

/// Any other event: what it is about stands in its payload.
fn by_payload(env: &Env, event: &str, context: CiContext) -> CiContext {
    let payload = load(env);
    let of_pull_request = event.starts_with("pull_request")
        || env.get("GITHUB_HEAD_REF").is_some()
        || env.get("GITHUB_BASE_REF").is_some()
        || env
            .get("GITHUB_REF")
            .is_some_and(|name| name.starts_with("refs/pull/"));
    let about_comment = event == "issue_comment";
    match payload {
        Some(payload) if payload.get("pull_request").is_some_and(Value::is_object) => {
            pull_request(env, event, context, &payload)
        }
        Some(payload)
            if payload
                .pointer("/issue/pull_request")
                .is_some_and(|one| !one.is_null()) =>
        {
            comment(context, &payload)
        }
        Some(_) if !of_pull_request => context,
        None if !of_pull_request && !about_comment => context,
        Some(_) | None => CiContext {
            base: Some(BaseRevision {
                branch: owned(env.get("GITHUB_BASE_REF")),
                ..BaseRevision::default()
            }),
            // `GITHUB_SHA` is the merge commit or the base, never the head.
            commit: None,
            pull_request: env.get("GITHUB_REF").and_then(proposed_number),
            trust: untrusted(UNREADABLE),
            ..context
        },
    }
}

/// `pull_request`, `pull_request_target`, `pull_request_review` and whatever else carries one.
fn pull_request(env: &Env, event: &str, context: CiContext, payload: &Value) -> CiContext {
    let at = |place: &str| text(payload, &format!("/pull_request{place}"));
    // `pull_request_target` has the base, or the default branch, there.
    let merge = (event != "pull_request_target")
        .then(|| context.commit.clone())
        .flatten();
    CiContext {
        commit: commit(at("/head/sha")),
        branch: owned(at("/head/ref")).or(context.branch.clone()),
        base: Some(BaseRevision {
            branch: owned(at("/base/ref").or(env.get("GITHUB_BASE_REF"))),
            commit: commit(at("/base/sha")),
            merge,
        }),
        pull_request: number(payload, "/pull_request/number")
            .or_else(|| env.get("GITHUB_REF").and_then(proposed_number)),
        trust: trust_in_pull_request(env, payload),
        head_repository: repository(at("/head/repo/full_name")),
        ..context
    }
}

/// `issue_comment` on a pull request. The payload does not say whose head it is; `GITHUB_SHA` is the
/// newest commit of the default branch.
fn comment(context: CiContext, payload: &Value) -> CiContext {
    CiContext {
        base: Some(default_branch(&context, payload)),
        pull_request: number(payload, "/issue/number"),
        commit: None,
        branch: None,
        trust: untrusted("a comment does not tell whose pull request it is about"),
        ..context
    }
}

fn default_branch(context: &CiContext, payload: &Value) -> BaseRevision {
    BaseRevision {
        branch: owned(text(payload, "/repository/default_branch")),
        commit: context.commit.clone(),
        merge: None,
    }
}

/// `merge_group`: somebody with write access put the pull request into the queue.
fn merge_group(context: CiContext, payload: Option<&Value>) -> CiContext {
    let Some(payload) = payload else {
        return context;
    };
    let at = |place: &str| text(payload, &format!("/merge_group{place}"));
    let branch = at("/base_ref").map(|name| name.strip_prefix("refs/heads/").unwrap_or(name));
    CiContext {
        commit: commit(at("/head_sha")).or(context.commit),
        base: Some(BaseRevision {
            branch: owned(branch),
            commit: commit(at("/base_sha")),
            merge: None,
        }),
        pull_request: at("/head_ref").and_then(queued_number),
        ..context
    }
}

/// The number in `refs/pull/<number>/merge` or `…/head`.
fn proposed_number(name: &str) -> Option<u64> {
    let (number, end) = name.strip_prefix("refs/pull/")?.split_once('/')?;
    let is_one = ["merge", "head"].contains(&end);
    number.parse().ok().filter(|number| is_one && *number > 0)
}

/// The number in `refs/heads/gh-readonly-queue/<base>/pr-<number>-<sha>`.
fn queued_number(name: &str) -> Option<u64> {
    let last = name.rsplit('/').next()?.strip_prefix("pr-")?;
    last.split('-').next()?.parse().ok()
}

#[cfg(test)]
mod documented;
#[cfg(test)]
mod tests;
