//! git in a workspace of another user's.

use std::process::Command;

use super::{OWNER, PASS, STRANGER, Stage, as_root, as_user};

/// Starts git as the owner of the workspace.
fn git(stage: &Stage, arguments: &[&str]) {
    let words = as_user(OWNER);
    let done = Command::new(&words[0])
        .args(&words[1..])
        .args(["git", "-c", "user.name=n", "-c", "user.email=e"])
        .args(arguments)
        .current_dir(stage.sandbox.path(""))
        .env("HOME", "/nowhere")
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
}

/// A workspace of [`OWNER`] that is a repository with a commit, whose judge is `script`.
fn repository(script: &str) -> Option<Stage> {
    let stage = Stage::of(OWNER, script)?;
    git(&stage, &["init", "--quiet"]);
    git(&stage, &["add", "."]);
    git(&stage, &["commit", "--quiet", "-m", "m"]);
    Some(stage)
}

#[test]
fn an_agents_own_git_reads_the_workspace_and_no_other() {
    // What it says is in the report if it fails.
    let script = format!(
        "git status --porcelain > /dev/null || exit 3; cd elsewhere; \
         git status > /dev/null 2>&1 && exit 4; cd ..; {PASS}"
    );
    let Some(stage) = repository(&script) else {
        return;
    };
    git(&stage, &["init", "--quiet", "elsewhere"]);
    for (ci, container, code) in [("true", "", 0), ("", "1", 0), ("", "", 2)] {
        for user in [0, STRANGER] {
            let output = tempfile::tempdir().unwrap();
            super::give(output.path(), user);
            let output = format!("--output={}", output.path().display());
            let mut command = stage.command_of(&as_user(user), &["run", &output], &[]);
            for (name, _) in stage.job() {
                command.env_remove(name);
            }
            command.env("CI", ci).env("SEMTEST_CONTAINER", container);
            stage.finish(&mut command).exits(code);
        }
    }
}

#[test]
fn a_login_that_checkout_left_is_told_and_not_shown() {
    let Some(stage) = repository(PASS) else {
        return;
    };
    let told = "warning: the checkout keeps a login in `.git/config`";
    let run = stage.step(&as_root(), &[]);
    assert!(!run.stderr.contains(told), "{}", run.stderr);
    let header = "AUTHORIZATION: basic c2VjcmV0";
    git(
        &stage,
        &["config", "http.https://github.com/.extraheader", header],
    );
    let run = stage
        .step(&as_root(), &[])
        .warns(told)
        .warns("`persist-credentials: false`");
    assert!(!run.stderr.contains("c2VjcmV0"));
    assert_eq!(run.stderr.matches(told).count(), 1);
}
