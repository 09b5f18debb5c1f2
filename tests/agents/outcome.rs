//! Whether a run is what it has to be; what is not, in words.

use crate::case::{Case, Expected, IDS, Model};
use crate::server::{Kind, Recorded};
use crate::stage::{Permissions, Run, SECRETS, Stage, WORD};
use crate::tool::{PROVIDER_KEY, Tool};

/// Headers in which the services expect their key.
const KEY_HEADERS: [&str; 3] = ["authorization", "x-api-key", "x-goog-api-key"];

/// Everything that is wrong with `run` as an instance of `case`.
pub(crate) fn complaints(
    tool: &Tool,
    case: &Case,
    stage: &Stage<'_>,
    before: &[String],
    run: &Run,
) -> Vec<String> {
    let may_insist = tool.insists.contains(&case.name);
    let mut found = verdicts(&case.expected, may_insist, run);
    if matches!(case.model, Model::ReadsFirst) && !was_read(&run.requests) {
        found.push(format!(
            "the model read {WORD:?}, but it never came back to it"
        ));
    }
    found.extend(always(stage, case.permissions, run));
    // Whoever skips permissions lets the model write.
    if !(matches!(case.model, Model::WritesFirst) && case.permissions == Permissions::Skipped) {
        found.extend(changes(stage, before));
    }
    if !stage.names("home").is_empty() {
        found.push(format!(
            "wrote into the user's HOME in CI: {:?}",
            stage.names("home")
        ));
    }
    found
}

/// What may happen in no run at all.
pub(crate) fn always(stage: &Stage<'_>, permissions: Permissions, run: &Run) -> Vec<String> {
    let mut found = Vec::new();
    if run.code.is_none() {
        found.push(format!("did not end by itself within {:?}", run.duration));
    }
    for survivor in &run.survivors {
        found.push(format!("outlived the run: {survivor}"));
    }
    if !run.is_traced {
        found.push("strace saw nothing, so who was spoken to is unknown".to_owned());
    }
    for address in &run.strangers {
        found.push(format!("spoke to {address}"));
    }
    found.extend(
        run.requests
            .iter()
            .flat_map(|request| leaks(request, permissions)),
    );
    let reports = stage.reports();
    let output = ("the output".to_owned(), run.output.clone());
    for (place, text) in reports.iter().chain([&output]) {
        for name in held_in(text) {
            found.push(format!("{name} stands in {place}"));
        }
    }
    let others = run
        .requests
        .iter()
        .filter(|request| request.kind == Kind::Unknown);
    for request in others {
        found.push(format!("asked for {} {}", request.method, request.path));
    }
    found
}

/// What changed in the project since `before`.
pub(crate) fn changes(stage: &Stage<'_>, before: &[String]) -> Option<String> {
    changes_but(stage, before, &[])
}

/// The same, but for files that a tool always changes.
pub(crate) fn changes_but(stage: &Stage<'_>, before: &[String], known: &[&str]) -> Option<String> {
    let is_known = |line: &&String| known.iter().any(|name| line.ends_with(name));
    let after = stage.state();
    let new = after.iter().filter(|line| !before.contains(line));
    let new: Vec<&String> = new.filter(|line| !is_known(line)).collect();
    let gone = before.iter().any(|line| !after.contains(line));
    (gone || !new.is_empty()).then(|| format!("the working tree changed: {new:?}"))
}

fn verdicts(expected: &Expected, may_insist: bool, run: &Run) -> Vec<String> {
    let tests = run.results["tests"].as_array();
    let of = |id: &str| {
        let mut tests = tests.into_iter().flatten();
        tests.find(|test| test["id"] == id)
    };
    let status = |id| of(id).and_then(|test| test["status"].as_str());
    let statuses = IDS.map(|id| status(id).unwrap_or("missing"));
    let mut found = Vec::new();
    let mut expect = |wanted: [&str; 2], code: i32| {
        if statuses != wanted || run.code != Some(code) {
            found.push(format!(
                "expected {wanted:?} and exit code {code}, got {statuses:?} and {:?}",
                run.code
            ));
        }
    };
    match expected {
        Expected::Verdicts(wanted, code) => expect(*wanted, *code),
        Expected::PassesOrError if run.code == Some(0) => expect(["pass"; 2], 0),
        Expected::PassesOrError => expect(["error"; 2], 2),
        Expected::Error(words) => {
            expect(["error"; 2], 2);
            for test in tests.into_iter().flatten() {
                let message = test["error"].as_str().unwrap_or_default();
                let is_late = may_insist && message.contains("no answer within");
                let is_named =
                    !message.is_empty() && words.iter().any(|word| message.contains(word));
                if !is_late && !is_named {
                    found.push(format!(
                        "expected one of {words:?} in the message {message:?}"
                    ));
                }
            }
        }
    }
    found
}

/// Whether a question brought the file's word to the model.
fn was_read(requests: &[Recorded]) -> bool {
    requests.iter().any(|request| request.body.contains(WORD))
}

/// Secrets in a request; the provider's key belongs into its header.
fn leaks(request: &Recorded, permissions: Permissions) -> Vec<String> {
    let place = format!("{} {}", request.method, request.path);
    let mut found = Vec::new();
    // Who may run anything can print what the CLI holds; the key goes back to who gave it out.
    let is_held = |name: &&str| *name == KEY_NAME && permissions == Permissions::Skipped;
    for name in held_in(&request.body)
        .into_iter()
        .filter(|name| !is_held(name))
    {
        found.push(format!("{name} was in the body of {place}"));
    }
    for name in held_in(&request.path) {
        found.push(format!("{name} was in the address of {place}"));
    }
    for (header, value) in &request.headers {
        for name in held_in(value) {
            if name != KEY_NAME || !KEY_HEADERS.contains(&header.as_str()) {
                found.push(format!("{name} was in the header {header} of {place}"));
            }
        }
    }
    found
}

/// What [`PROVIDER_KEY`] is called.
pub(crate) const KEY_NAME: &str = "the provider's key";

/// The names of the secrets that `text` holds.
pub(crate) fn held_in(text: &str) -> Vec<&'static str> {
    let all = SECRETS.iter().chain(&[(KEY_NAME, PROVIDER_KEY)]);
    let held = all.filter(|(_, value)| text.contains(value));
    held.map(|(name, _)| *name).collect()
}
