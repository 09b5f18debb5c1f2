//! GitHub Actions, and what copies it (Gitea, Forgejo): the default variables
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/variables>) and the event
//! payload that one of them names
//! (<https://docs.github.com/en/webhooks/webhook-events-and-payloads>). Which events there are, and
//! what `GITHUB_SHA` is in each:
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows>.

use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use super::{commit, naming, owned, untrusted};
use crate::env::Env;
use crate::model::{Addresses, BaseRevision, CiContext, CiSystem, Trust};

/// A webhook's payload has 25 MB at most.
const LARGEST_PAYLOAD: u64 = 32 << 20;

const UNREADABLE: &str = "the event payload of the pull request can't be read";

/// What the variables and, where it is needed, the payload tell.
pub(super) fn detect(env: &Env) -> CiContext {
    let context = CiContext {
        system: Some(CiSystem::GitHub),
        repository: owned(env.get("GITHUB_REPOSITORY")),
        commit: commit(env.get("GITHUB_SHA")),
        branch: owned(env.get("GITHUB_HEAD_REF").or(env.get("GITHUB_REF_NAME"))),
        event: owned(env.get("GITHUB_EVENT_NAME")),
        job: job(env),
        addresses: addresses(env),
        ..CiContext::default()
    };
    match env.get("GITHUB_EVENT_NAME").unwrap_or_default() {
        // Only somebody with write access causes these, and they have no pull request.
        "push" | "schedule" | "workflow_dispatch" => context,
        "merge_group" => merge_group(context, payload(env).as_ref()),
        "workflow_run" => workflow_run(context, payload(env).as_ref()),
        event => by_payload(env, event, context),
    }
}

/// The same in every run, but not for the jobs of a matrix: no variable tells those apart.
fn job(env: &Env) -> Option<String> {
    let (workflow, job) = (env.get("GITHUB_WORKFLOW")?, env.get("GITHUB_JOB")?);
    Some(format!("{workflow} / {job}"))
}

fn addresses(env: &Env) -> Addresses {
    let address = |name: &str| Some(env.get(name)?.trim_end_matches('/').to_owned());
    let server = address("GITHUB_SERVER_URL");
    let run = || {
        let (repository, id) = (env.get("GITHUB_REPOSITORY")?, env.get("GITHUB_RUN_ID")?);
        Some(format!(
            "{}/{repository}/actions/runs/{id}",
            server.as_ref()?
        ))
    };
    Addresses {
        run: run(),
        api: address("GITHUB_API_URL"),
        graphql: address("GITHUB_GRAPHQL_URL"),
        server,
    }
}

fn payload(env: &Env) -> Option<Value> {
    let path = Path::new(env.get("GITHUB_EVENT_PATH")?);
    // Reading a pipe would wait forever.
    fs_err::metadata(path)
        .ok()
        .filter(std::fs::Metadata::is_file)?;
    let mut bytes = Vec::new();
    let file = fs_err::File::open(path).ok()?;
    file.take(LARGEST_PAYLOAD + 1)
        .read_to_end(&mut bytes)
        .ok()?;
    let fits = bytes.len() as u64 <= LARGEST_PAYLOAD;
    let value: Value = fits
        .then(|| serde_json::from_slice(&bytes).ok())
        .flatten()?;
    value.is_object().then_some(value)
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value
        .pointer(pointer)?
        .as_str()
        .filter(|text| !text.is_empty())
}

/// Any other event: what it is about stands in its payload.
fn by_payload(env: &Env, event: &str, context: CiContext) -> CiContext {
    let payload = payload(env);
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
        pull_request: payload
            .pointer("/pull_request/number")
            .and_then(Value::as_u64),
        trust: trust_in_pull_request(env, payload),
        head_repository: owned(at("/head/repo/full_name")),
        ..context
    }
}

fn trust_in_pull_request(env: &Env, payload: &Value) -> Trust {
    let repository = |end: &str| text(payload, &format!("/pull_request/{end}/repo/full_name"));
    match (repository("head"), repository("base")) {
        // A deleted repository is `null`.
        (None, _) => return untrusted("the fork that the pull request comes from is gone"),
        (Some(head), Some(base)) if head == base => {}
        (Some(head), _) => {
            return untrusted(naming("the pull request comes from the fork", Some(head)));
        }
    }
    let author = payload.pointer("/pull_request/user");
    let sender = payload.get("sender");
    let actors = [env.get("GITHUB_ACTOR"), env.get("GITHUB_TRIGGERING_ACTOR")];
    let bots = [
        author
            .and_then(bot)
            .map(|name| ("the pull request is by the bot", name)),
        sender
            .and_then(bot)
            .map(|name| ("the event was caused by the bot", name)),
        actors
            .into_iter()
            .flatten()
            .find(|name| has_bot_name(name))
            .map(|name| ("the workflow was started by the bot", name)),
    ];
    match bots.into_iter().flatten().next() {
        Some((words, name)) => untrusted(naming(words, Some(name))),
        None => Trust::Trusted,
    }
}

/// The name of a user that is a bot: its `type` is `Bot`, or its login ends in `[bot]`. Empty if it
/// has none.
fn bot(user: &Value) -> Option<&str> {
    let login = text(user, "/login").unwrap_or_default();
    let is_bot = text(user, "/type") == Some("Bot") || has_bot_name(login);
    is_bot.then_some(login)
}

fn has_bot_name(login: &str) -> bool {
    login.ends_with("[bot]")
}

/// `issue_comment` on a pull request. The payload does not say whose head it is; `GITHUB_SHA` is the
/// newest commit of the default branch.
fn comment(context: CiContext, payload: &Value) -> CiContext {
    CiContext {
        base: Some(default_branch(&context, payload)),
        pull_request: payload.pointer("/issue/number").and_then(Value::as_u64),
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

/// `workflow_run`: the run that ended may have been a fork's. Its list of pull requests is then
/// empty, so the base is the default branch.
fn workflow_run(context: CiContext, payload: Option<&Value>) -> CiContext {
    let unknown = "the workflow run that caused this one can't be read";
    let Some(payload) = payload.filter(|payload| payload.get("workflow_run").is_some()) else {
        return CiContext {
            trust: untrusted(unknown),
            commit: None,
            branch: None,
            ..context
        };
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
    let base = text(payload, "/workflow_run/pull_requests/0/base/ref");
    CiContext {
        base: Some(match base {
            Some(branch) => BaseRevision {
                branch: owned(Some(branch)),
                ..BaseRevision::default()
            },
            None => default_branch(&context, payload),
        }),
        commit: commit(at("/head_sha")),
        branch: owned(at("/head_branch")),
        head_repository: owned(at("/head_repository/full_name")),
        pull_request: payload
            .pointer("/workflow_run/pull_requests/0/number")
            .and_then(Value::as_u64),
        trust,
        ..context
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

/// The number in `refs/heads/gh-readonly-queue/<base>/pr-<number>-<sha>`.
fn queued_number(name: &str) -> Option<u64> {
    let last = name.rsplit('/').next()?.strip_prefix("pr-")?;
    last.split('-').next()?.parse().ok()
}

#[cfg(test)]
mod tests;
