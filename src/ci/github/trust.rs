//! Whether a pull request is by somebody who may write to the repository.

use serde_json::Value;

use super::super::{naming, untrusted};
use super::payload::text;
use crate::env::Env;
use crate::model::Trust;

/// By the payload of an event that carries the pull request.
pub(super) fn trust_in_pull_request(env: &Env, payload: &Value) -> Trust {
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
pub(super) fn bot(user: &Value) -> Option<&str> {
    let login = text(user, "/login").unwrap_or_default();
    let is_bot = text(user, "/type") == Some("Bot") || has_bot_name(login);
    is_bot.then_some(login)
}

fn has_bot_name(login: &str) -> bool {
    login.ends_with("[bot]")
}
