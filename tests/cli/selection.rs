//! Which specs and scenarios a command line selects.

use crate::sandbox::{STATEMENT, Sandbox};

fn suite() -> Sandbox {
    Sandbox::judged_by(&["answer"])
        .file(
            "semtests/auth/login.spec.md",
            "---\ntags: slow, auth\n---\n# Login\n\n## One\n\nx\n\n## Two\n\ny\n",
        )
        .file("semtests/billing.test.md", "# Billing\n\nTrue.\n")
        .file("notes.md", "# Not a spec\n")
        .file("node_modules/x/readme.spec.md", STATEMENT)
        .file("distance.spec.md", STATEMENT)
        .file("dist/built.spec.md", STATEMENT)
        .file(".hidden/x.spec.md", STATEMENT)
}

fn judged(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let all: Vec<&str> = ["run"].iter().chain(arguments).copied().collect();
    sandbox.run(&all).exits(0);
    sandbox.verdicts()
}

#[test]
fn specs_are_found_by_their_default_names() {
    assert_eq!(
        judged(&suite(), &[]),
        ["distance=pass", "one=pass", "two=pass", "billing=pass"]
    );
}

#[test]
fn groups_are_directories_below_the_test_root() {
    let sandbox = suite();
    judged(&sandbox, &[]);
    let results = sandbox.results();
    assert_eq!(results["tests"][1]["group"], "auth");
    assert_eq!(results["tests"][1]["sourceFile"], "login.spec.md");
    assert!(results["tests"][3].get("group").is_none());
}

#[test]
fn files_directories_and_single_scenarios_can_be_named() {
    let sandbox = suite();
    assert_eq!(
        judged(&sandbox, &["semtests/billing.test.md"]),
        ["billing=pass"]
    );
    assert_eq!(
        judged(&sandbox, &["semtests/auth/"]),
        ["one=pass", "two=pass"]
    );
    assert_eq!(
        judged(&sandbox, &["semtests/auth/login.spec.md#two"]),
        ["two=pass"]
    );
    assert_eq!(judged(&sandbox, &[".hidden/x.spec.md"]), ["x=pass"]);
}

#[test]
fn an_unknown_scenario_names_its_neighbours() {
    suite()
        .run(&["run", "semtests/auth/login.spec.md#on"])
        .exits(2)
        .warns("one");
}

#[test]
fn a_file_that_does_not_match_runs_with_a_warning() {
    suite().run(&["run", "notes.md"]).exits(0).warns("notes.md");
}

#[test]
fn tags_and_names_filter_files() {
    let sandbox = suite();
    assert_eq!(
        judged(&sandbox, &["--tag", "auth,other"]),
        ["one=pass", "two=pass"]
    );
    assert_eq!(judged(&sandbox, &["-t", "^bill"]), ["billing=pass"]);
    assert_eq!(
        judged(&sandbox, &["--testNamePattern", "billing"]),
        ["billing=pass"]
    );
    sandbox.run(&["run", "-t", "("]).exits(2);
}

#[test]
fn a_filter_that_leaves_nothing_over_is_named() {
    suite()
        .run(&["run", "--tag", "zz"])
        .exits(2)
        .warns("`--tag` or `-t` left out");
}

#[test]
fn a_spec_that_is_a_link_out_of_the_project_is_an_error() {
    let sandbox = suite();
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(outside.path(), STATEMENT).unwrap();
    std::os::unix::fs::symlink(outside.path(), sandbox.path("z.spec.md")).unwrap();
    sandbox.run(&["run"]).exits(2).says("outside the project");
}

#[test]
fn a_directory_option_moves_before_the_command() {
    let sandbox = suite();
    sandbox
        .run(&["-C", "semtests", "-C", "auth", "run", "login.spec.md#one"])
        .exits(0);
    assert_eq!(sandbox.verdicts(), ["one=pass"]);
    sandbox
        .run(&["-C", "missing", "run"])
        .exits(2)
        .warns("missing");
}

#[test]
fn the_configuration_is_looked_for_up_to_the_git_root_and_no_further() {
    let sandbox = Sandbox::judged_by(&["answer"])
        .file("inner/.git/HEAD", "")
        .file("inner/a.spec.md", STATEMENT);
    sandbox
        .run(&["-C", "inner", "run"])
        .exits(2)
        .warns("claude");
}

#[test]
fn a_plan_shows_who_would_judge_what_and_stops() {
    let sandbox = suite();
    sandbox
        .run(&["run", "--plan"])
        .exits(0)
        .says("semtests/auth/login.spec.md · fake · one, two")
        .says("3 files, 4 scenarios");
    assert!(!sandbox.path("semtest-results").exists());
}
