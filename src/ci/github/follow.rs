//! Events that follow what was done for some other commit: `workflow_run`, `check_suite`,
//! `check_run`. They run on the default branch, and the payload tells which commit they are about.

use serde_json::Value;

use super::super::{commit, naming, owned, repository, untrusted};
use super::payload::{number, text};
use super::trust::bot;
use super::{default_branch, page};
use crate::model::{Addresses, BaseRevision, CiContext, Trust};

/// `workflow_run`: the run that ended may have been a fork's. Its list of pull requests is then
/// empty, so the base is the default branch.
pub(super) fn workflow_run(context: CiContext, payload: Option<&Value>) -> CiContext {
    let unknown = "the workflow run that caused this one can't be read";
    let Some(payload) = payload.filter(|payload| payload.get("workflow_run").is_some()) else {
        return nothing_known(context, unknown);
    };
    let at = |place: &str| text(payload, &format!("/workflow_run{place}"));
    let own = text(payload, "/repository/full_name").or(context.repository.as_deref());
    let by_bot = ["/workflow_run/actor", "/workflow_run/triggering_actor"]
        .into_iter()
        .find_map(|place| payload.pointer(place).and_then(bot));
    let of_pull_request = at("/event").is_none_or(|event| event.starts_with("pull_request"));
    let trust = match (at("/head_repository/full_name"), own) {
        (Some(head), Some(own)) if head == own => match by_bot {
            Some(name) if of_pull_request => untrusted(naming(
                "the workflow run was started by the bot",
                Some(name),
            )),
            Some(_) | None => Trust::Trusted,
        },
        (Some(head), Some(_)) => untrusted(naming("the workflow run is of the fork", Some(head))),
        _ => untrusted(unknown),
    };
    // What is published was judged there, not in this run.
    let judging = number(payload, "/workflow_run/id").and_then(|id| page(&context, id));
    let context = CiContext {
        addresses: Addresses {
            run: judging.or(context.addresses.run),
            ..context.addresses
        },
        ..context
    };
    CiContext {
        head_repository: repository(at("/head_repository/full_name")),
        trust,
        ..about("/workflow_run", context, payload)
    }
}

/// `check_suite` and `check_run`, which holds its suite. Where a branch of a fork was pushed, no
/// branch is named
/// (<https://docs.github.com/en/webhooks/webhook-events-and-payloads#check_suite>).
pub(super) fn check(context: CiContext, event: &str, payload: Option<&Value>) -> CiContext {
    let Some(payload) = payload.filter(|payload| payload.get(event).is_some()) else {
        return nothing_known(context, "what was checked can't be read");
    };
    let suite = match event {
        "check_run" => "/check_run/check_suite",
        _ => "/check_suite",
    };
    let branch = owned(text(payload, &format!("{suite}/head_branch")));
    // As of a workflow run: what bots do elsewhere than in pull requests is the repository's own.
    let proposed = payload.pointer(&format!("/{event}/pull_requests"));
    let is_proposed = proposed
        .and_then(Value::as_array)
        .is_none_or(|listed| !listed.is_empty());
    let by_bot = payload.get("sender").and_then(bot);
    CiContext {
        trust: match (&branch, by_bot) {
            (None, _) => untrusted("what was checked is on no branch of this repository"),
            (Some(_), Some(name)) if is_proposed => {
                untrusted(naming("the check was caused by the bot", Some(name)))
            }
            (Some(_), _) => Trust::Trusted,
        },
        branch,
        ..about(&format!("/{event}"), context, payload)
    }
}

fn nothing_known(context: CiContext, reason: &str) -> CiContext {
    CiContext {
        trust: untrusted(reason),
        commit: None,
        branch: None,
        ..context
    }
}

/// What the object at `place` is about: its commit, its branch, and of the pull requests that it
/// lists the one whose newest commit that is.
fn about(place: &str, context: CiContext, payload: &Value) -> CiContext {
    let at = |end: &str| text(payload, &format!("{place}{end}"));
    let head = commit(at("/head_sha"));
    let listed = payload.pointer(&format!("{place}/pull_requests"));
    let request = listed.and_then(|listed| newest(listed, head.as_deref()?, payload));
    let base = request.and_then(|request| text(request, "/base/ref"));
    CiContext {
        base: Some(match base {
            Some(branch) => BaseRevision {
                branch: owned(Some(branch)),
                ..BaseRevision::default()
            },
            None => default_branch(&context, payload),
        }),
        branch: owned(at("/head_branch")),
        pull_request: request.and_then(|request| number(request, "/number")),
        commit: head,
        ..context
    }
}

/// One branch can be proposed several times, and to several repositories: in a fork, the list
/// holds what is proposed to the original too.
fn newest<'a>(listed: &'a Value, head: &str, payload: &Value) -> Option<&'a Value> {
    let own = payload.pointer("/repository/id");
    let is_ours = |request: &&Value| {
        let theirs = request.pointer("/base/repo/id");
        let is_here = own.is_none() || theirs.is_none() || own == theirs;
        is_here && commit(text(request, "/head/sha")).as_deref() == Some(head)
    };
    let requests = listed.as_array()?.iter().filter(is_ours);
    requests.max_by_key(|request| number(request, "/number"))
}
