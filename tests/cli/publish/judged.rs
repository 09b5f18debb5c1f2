//! Which code a run says that it has judged.

use serde_json::json;

use crate::sandbox::{STATEMENT, Sandbox};
use crate::untrusted::World;

const CHECKED: [(&str, &str); 2] = [
    ("app/semtest.config.json", r#"{"llm": "checks"}"#),
    (
        "app/a.spec.md",
        "# There\n\n```check\nexists a.spec.md\n```\n",
    ),
];

#[test]
fn on_a_laptop_it_is_the_commit_that_is_checked_out_also_with_changes() {
    let world = World::new(&CHECKED, |_| {});
    world.git("ci", &["fetch", "--quiet", "--depth=1", "origin", "main"]);
    world.git("ci", &["checkout", "--quiet", "FETCH_HEAD"]);
    std::fs::write(world.path("ci/app/new.js"), "").unwrap();
    let mut command = world.command(&["-C", "app", "run"]);
    crate::sandbox::finish(command.env_remove("CI")).exits(0);
    let results = std::fs::read(world.path("ci/app/semtest-results/ci-results.json")).unwrap();
    let results: serde_json::Value = serde_json::from_slice(&results).unwrap();
    assert_eq!(results["commit"], json!(world.name("main")));
    assert_eq!(results["directory"], "app");
}

#[test]
fn without_git_and_pipeline_nothing_is_said() {
    let sandbox =
        Sandbox::checked().file("a.spec.md", "# There\n\n```check\nexists a.spec.md\n```\n");
    sandbox.run(&["run"]).exits(0);
    let results = sandbox.results();
    assert_eq!(
        (results.get("commit"), results.get("directory")),
        (None, None)
    );
}

/// A project with a `git` that notes what it is asked.
fn with_noting_git() -> Sandbox {
    let sandbox = Sandbox::judged_by(&["answer"]).file("a.spec.md", STATEMENT);
    let notes = sandbox.path("asked");
    let script = format!(
        "#!/bin/sh\necho \"$@\" >>'{}'\nexec /usr/bin/git \"$@\"\n",
        notes.display()
    );
    sandbox.install_script("git", &script);
    sandbox.write("asked", b"");
    sandbox
}

fn heads_asked(sandbox: &Sandbox) -> usize {
    sandbox.read("asked").matches("cat-file").count()
}

#[test]
fn git_is_asked_once_and_only_where_something_is_judged_for_a_report() {
    let sandbox = with_noting_git();
    sandbox.run_with_tools(&["run", "--plan"]).exits(0);
    assert_eq!(heads_asked(&sandbox), 0);
    sandbox.run_with_tools(&["run"]).exits(0);
    assert_eq!(heads_asked(&sandbox), 1);
    sandbox.install("claude", "answer");
    sandbox.run_with_tools(&["ask", "--llm", "claude", "There are tests."]);
    assert_eq!(heads_asked(&sandbox), 1);
}

#[test]
fn an_absolute_place_in_the_project_is_told_relative_to_it() {
    let sandbox = Sandbox::new()
        .file("a.spec.md", STATEMENT)
        .file("src/a.js", "a\nb\nc\n");
    sandbox.configure_script(
        "cat >/dev/null; printf '[{\"id\": \"errors-are-json\", \"status\": \"fail\", \
         \"observed\": \"text\", \"location\": \"%s/src/a.js:3\"}]' \"$PWD\"",
    );
    sandbox.run(&["run"]).exits(1);
    let results = sandbox.results();
    assert_eq!(results["tests"][0]["location"], "src/a.js:3");
}
