//! `semtest waive`, and what a waiver file that is wrong comes to.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::sandbox::{Run, Sandbox, finish};
use crate::untrusted::World;

const FILE: &str = "semtest.waivers.yaml";

/// Two files that share the id `login`.
fn suite() -> Sandbox {
    Sandbox::judged_by(&["fail"])
        .file(
            "a.spec.md",
            "## Log in - id: login\n\nx\n\n## Admins - id: admin-auth\n\ny\n",
        )
        .file("b.spec.md", "## Log in - id: login\n\nx\n")
        // Where the judge says that it fails.
        .file("src/lib.rs", "a\nb\nc\n")
}

fn waive(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.run(&[&["waive"], arguments].concat())
}

/// `kind: message` of every issue of the last run.
fn issues(sandbox: &Sandbox) -> Vec<String> {
    let results = sandbox.results();
    let told = |issue: &Value| {
        let text = |field: &str| issue[field].as_str().unwrap().to_owned();
        format!("{} {}: {}", text("path"), text("kind"), text("message"))
    };
    results["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(told)
        .collect()
}

#[test]
fn a_waiver_is_written_beside_the_configuration_and_counts_at_once() {
    let sandbox = suite().file("sub/keep", "");
    sandbox
        .run(&["run", "--votes", "1", "a.spec.md#admin-auth"])
        .exits(1);
    let arguments = ["--until", "2999-12-31", "--reason", "legacy  routes"];
    let waived = [&["-C", "sub", "waive", "admin-auth"], &arguments[..]].concat();
    sandbox
        .run(&waived)
        .exits(0)
        .says("waived `admin-auth` until 2999-12-31; nobody is named as its owner")
        .says("commit semtest.waivers.yaml; a pull request from a fork is judged with the one of its base branch");
    assert_eq!(
        sandbox.read(FILE),
        "- id: admin-auth\n  reason: \"legacy routes\"\n  until: 2999-12-31\n"
    );
    sandbox
        .run(&["run", "--votes", "1", "a.spec.md#admin-auth"])
        .exits(0);
    assert_eq!(sandbox.verdicts(), ["admin-auth=fail"]);
    assert_eq!(sandbox.results()["status"], "pass");
}

#[test]
fn a_waiver_that_has_ended_fails_again_and_is_renewed_in_its_place() {
    let ended = "# ours\n- id: a.spec.md#admin-auth\n  reason: old\n  until: 2020-01-01\n# end\n";
    let sandbox = suite().file(FILE, ended);
    sandbox
        .run(&["run", "--votes", "1", "a.spec.md#admin-auth"])
        .exits(1);
    let arguments = [
        "admin-auth",
        "--until",
        "2999-12-31",
        "--reason",
        "new",
        "--owner",
        "@api",
    ];
    waive(&sandbox, &arguments).exits(0).says(
        "renewed the waiver of `a.spec.md#admin-auth` until 2999-12-31 by @api; it was 2020-01-01",
    );
    assert_eq!(
        sandbox.read(FILE),
        "# ours\n- id: a.spec.md#admin-auth\n  reason: \"new\"\n  owner: \"@api\"\n  until: \
         2999-12-31\n# end\n"
    );
    sandbox
        .run(&["run", "--votes", "1", "a.spec.md#admin-auth"])
        .exits(0);
}

#[test]
fn the_owner_is_who_commits_here() {
    let sandbox = suite();
    std::fs::remove_dir(sandbox.path(".git")).unwrap();
    for arguments in [
        &["init", "--quiet"][..],
        &["config", "user.email", "me@example.org"],
    ] {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(sandbox.path(""));
        assert!(git.status().unwrap().success());
    }
    waive(
        &sandbox,
        &["admin-auth", "--until", "2999-12-31", "--reason", "r"],
    )
    .exits(0)
    .says("by me@example.org");
    assert!(sandbox.read(FILE).contains("  owner: me@example.org\n"));
}

#[test]
fn what_can_not_be_waived_is_refused_with_what_can() {
    let sandbox = suite();
    let rest = ["--until", "2999-12-31", "--reason", "r"];
    let refused = |id: &str| waive(&sandbox, &[&[id], &rest[..]].concat()).exits(2);
    refused("admin-aut")
        .warns("no spec file has a scenario `admin-aut`")
        .warns("did you mean `admin-auth`?");
    refused("zzz").warns("`semtest run --plan` shows all ids");
    refused("login").warns("name one of them: `a.spec.md#login`, `b.spec.md#login`");
    refused("c.spec.md#login").warns("no spec file has");
    let with = |until: &str, reason: &str| {
        waive(
            &sandbox,
            &["admin-auth", "--until", until, "--reason", reason],
        )
        .exits(2)
    };
    with("2020-01-01", "r").warns("is in the past");
    with("2999-12-31T10:00:00", "r").warns("expected a date such as 2026-12-31");
    with("soon", "r").warns("expected a date such as 2026-12-31");
    with("2999-12-31", " ").warns("expected at least one word");
    assert!(!sandbox.path(FILE).exists());
    refused("login").warns("`login`");
    waive(&sandbox, &[&["b.spec.md#login"], &rest[..]].concat()).exits(0);
    assert!(sandbox.read(FILE).starts_with("- id: b.spec.md#login\n"));
}

#[test]
fn a_waiver_file_that_can_not_be_read_ends_a_run_before_anything_is_asked() {
    let sandbox = suite().file(FILE, "- id: login\n  until: 2999-12-31\n");
    sandbox
        .run(&["run"])
        .exits(2)
        .warns("missing field `reason`")
        .warns("semtest.waivers.yaml:2");
    assert!(!sandbox.path("semtest-results").exists());
    let arguments = ["admin-auth", "--until", "2999-12-31", "--reason", "r"];
    waive(&sandbox, &arguments).exits(2);
    sandbox.write(FILE, b"[{id: login, reason: r, until: 2999-12-31}]\n");
    waive(&sandbox, &arguments)
        .exits(2)
        .warns("an entry is written as");
    std::fs::remove_file(sandbox.path(FILE)).unwrap();
    symlink("/etc/hostname", sandbox.path(FILE)).unwrap();
    sandbox.run(&["run"]).exits(2).warns("outside the project");
    waive(&sandbox, &arguments)
        .exits(2)
        .warns("outside the project");
}

#[test]
fn hostile_words_are_shown_harmless_and_written_as_text() {
    let sandbox = suite();
    let arguments = [
        "admin-auth",
        "--until",
        "2999-12-31",
        "--reason",
        "a ::error::x\n- id: login",
        "--owner",
        "x: y #",
    ];
    let control = arguments.map(|word| if word == "x: y #" { "a\u{1b}]x" } else { word });
    waive(&sandbox, &control)
        .exits(2)
        .warns("`owner` has a control character");
    assert!(!sandbox.path(FILE).exists());
    waive(&sandbox, &arguments).exits(0);
    let ids: Vec<String> = semtest::config::parse_waivers(&sandbox.read(FILE))
        .unwrap()
        .into_iter()
        .map(|waiver| waiver.id)
        .collect();
    assert_eq!(ids, ["admin-auth"]);
}

#[test]
fn a_waiver_for_no_scenario_is_an_issue_and_strict_makes_it_an_error() {
    let file = "- id: admin-aut\n  reason: r\n  until: 2999-12-31\n";
    let sandbox = suite().file(FILE, file);
    let run = ["run", "--votes", "1", "a.spec.md#admin-auth"];
    sandbox.run(&run).exits(1);
    assert!(
        issues(&sandbox).contains(
            &"semtest.waivers.yaml unknown-waiver: no spec file has a scenario `admin-aut`, so its \
              waiver does nothing; did you mean `admin-auth`?"
                .to_owned()
        ),
        "{:?}",
        issues(&sandbox)
    );
    sandbox.run(&[&run[..], &["--strict"]].concat()).exits(2);
}

#[test]
fn an_id_of_several_files_waives_nothing_also_where_one_of_them_runs() {
    let file = "- id: login\n  reason: r\n  until: 2999-12-31\n";
    let sandbox = suite().file(FILE, file);
    for selected in [&["b.spec.md"][..], &["-t", "b.spec"], &[]] {
        sandbox
            .run(&[&["run", "--votes", "1"], selected].concat())
            .exits(1);
        let told = issues(&sandbox).join("\n");
        assert!(
            told.contains("write `path#id`: `a.spec.md#login`, `b.spec.md#login`"),
            "{told}"
        );
    }
    sandbox.write(FILE, file.replace("login", "b.spec.md#login").as_bytes());
    sandbox.run(&["run", "--votes", "1", "b.spec.md"]).exits(0);
    assert_eq!(issues(&sandbox), Vec::<String>::new());
}

#[test]
fn a_waiver_of_what_is_not_selected_is_no_issue() {
    let file = "- id: admin-auth\n  reason: r\n  until: 2999-12-31\n";
    let sandbox = suite().file(FILE, file);
    sandbox.run(&["run", "--votes", "1", "b.spec.md"]).exits(1);
    assert_eq!(issues(&sandbox), Vec::<String>::new());
}

#[test]
fn nothing_else_than_the_file_is_left_behind() {
    let sandbox = suite();
    let names = || {
        let mut names: Vec<_> = std::fs::read_dir(sandbox.path(""))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let before = names();
    let mut command = sandbox.command(&[
        "waive",
        "admin-auth",
        "--until",
        "2999-12-31",
        "--reason",
        "r",
    ]);
    finish(&mut command).exits(0);
    let mut expected = before;
    expected.push(FILE.to_owned());
    expected.sort();
    assert_eq!(names(), expected);
}

const CHECK: &str = "## No eval - id: no-eval\n\n```check\nlacks src/**/*.js /eval\\(/\n```\n";
const WAIVER: &str = "- id: no-eval\n  reason: r\n  until: 2999-12-31\n";

/// A fork's pull request that breaks a check, in a project with the files of `base`.
fn forked(base: &[(&str, &str)], change: impl FnOnce(&Path)) -> World {
    let always = [
        ("semtest.config.json", r#"{"llm": "checks"}"#),
        ("a.spec.md", CHECK),
    ];
    World::new(&[&always, base].concat(), |work| {
        std::fs::create_dir(work.join("src")).unwrap();
        std::fs::write(work.join("src/app.js"), "eval('x')\n").unwrap();
        change(work);
    })
}

#[test]
fn a_stranger_waives_nothing_in_their_own_pull_request() {
    let world = forked(&[], |work| {
        std::fs::write(work.join(FILE), WAIVER).unwrap();
        let soft = CHECK.replace("no-eval\n", "no-eval, level: warn\n");
        std::fs::write(work.join("a.spec.md"), soft).unwrap();
    });
    finish(&mut world.for_a_fork(&["run"])).exits(1);
}

#[test]
fn a_waiver_of_the_base_counts_for_a_stranger_who_deletes_it_too() {
    let world = forked(&[(FILE, WAIVER)], |work| {
        std::fs::remove_file(work.join(FILE)).unwrap();
    });
    finish(&mut world.for_a_fork(&["run"])).exits(0);
    // Into the checkout, whatever the base has.
    let arguments = ["waive", "no-eval", "--until", "2999-12-30", "--reason", "r"];
    finish(&mut world.for_a_fork(&arguments))
        .exits(0)
        .says("waived `no-eval` until 2999-12-30");
    let written = std::fs::read_to_string(world.path("ci").join(FILE)).unwrap();
    assert!(written.ends_with("  until: 2999-12-30\n"), "{written}");
}
