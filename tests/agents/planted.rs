//! Who can see which secret of a pipeline: the CLI, what the CLI starts, the model's service.

use std::time::Duration;

use crate::case::Size;
use crate::outcome::{KEY_NAME, always, held_in};
use crate::server::{Action, Reply};
use crate::stage::{Ground, Order, Permissions, Stage, User};
use crate::table::{show, spec};
use crate::tool::{Tool, selected};

/// Prints what its own process was given and whatever it can read of others'. Lives long enough to
/// be seen.
const LOOK: &str = "sleep 1; echo LOOKED-AROUND; env; cat /proc/[0-9]*/environ | tr '\\0' '\\n'";

/// Every tool that can run a command is told to by its model, and does so where it may without
/// asking: as an ordinary user, since nothing is hidden from root.
pub(crate) fn run() {
    let ground = Ground::new();
    let mut failures = Vec::new();
    for tool in selected().into_iter().filter(|tool| tool.has_shell) {
        for permissions in [Permissions::Asked, Permissions::Skipped] {
            let complaints = look(&ground, tool, permissions).into_iter();
            let name = format!("{} with permissions {permissions:?}", tool.key);
            failures.extend(complaints.map(|text| format!("{name}: {text}")));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn look(ground: &Ground, tool: &Tool, permissions: Permissions) -> Vec<String> {
    let stage = Stage::new(ground, &spec(Size::Small));
    stage.commit(User::Nobody);
    let run = stage.run(&Order {
        tool,
        user: User::Nobody,
        permissions,
        limit: Duration::from_mins(1),
        replies: vec![Reply::Use(Action::Shell(LOOK.to_owned())), Reply::Passes],
        arguments: &[],
    });
    println!("{}, permissions {permissions:?}", tool.key);
    let mut found = always(&stage, permissions, &run);
    for (process, names) in &run.sightings.by_process {
        println!("  the process {process} was given {names:?}");
        let others = names.iter().filter(|name| **name != KEY_NAME);
        found.extend(others.map(|name| format!("the process {process} was given {name}")));
    }
    let holds_key = |names: &std::collections::BTreeSet<&str>| names.contains(KEY_NAME);
    if !run.sightings.by_process.values().any(holds_key) {
        found.push("no process was seen with the provider's key: nothing was looked at".to_owned());
    }
    let bodies = run.requests.iter().map(|request| &request.body);
    let shown: Vec<&String> = bodies
        // The end of a line, with the escapes of one JSON document or of one in another.
        .filter(|body| body.replace(r"\\", r"\").contains(r"LOOKED-AROUND\n"))
        .collect();
    if shown.is_empty() && permissions == Permissions::Skipped {
        found.push("the command did not run, so nothing is known of it".to_owned());
    }
    let mut seen: Vec<&str> = shown.iter().flat_map(|body| held_in(body)).collect();
    seen.dedup();
    if shown.is_empty() {
        println!("  no command of the model ran");
    } else {
        println!("  a command of the model saw {seen:?}");
    }
    let in_headers = run.requests.iter().flat_map(|request| &request.headers);
    let mut headers: Vec<String> = in_headers
        .filter_map(|(name, value)| Some(format!("{} in `{name}`", held_in(value).first()?)))
        .collect();
    headers.sort();
    headers.dedup();
    println!("  the model's service was sent {headers:?}");
    if !found.is_empty() {
        println!("{}", show(&run));
    }
    found
}
