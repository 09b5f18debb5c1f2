//! Nobody but `publish` finds the token.

use std::os::unix::net::UnixListener;
use std::process::Command;

use super::{OWNER, PASS, STRANGER, Stage, as_user, give};
use crate::sandbox::finish;

const PROBE: &str = include_str!("probe.pl");

/// A workspace of `owner` whose judge looks for the token; with the paths it was told to try.
fn searched(owner: u32) -> Option<Stage> {
    let stage = Stage::of(owner, "true")?;
    let (files, socket) = (["output", "env", "path", "summary"], stage.at("socket"));
    let mut paths: Vec<String> = files
        .iter()
        .map(|file| stage.at(file).display().to_string())
        .collect();
    paths.push(socket.display().to_string());
    stage.sandbox.write("probe.pl", PROBE.as_bytes());
    let script = format!("cat > /dev/null; exec {}", search(&stage, &paths.join(" ")));
    stage.sandbox.configure_script(&script);
    give(&stage.sandbox.path(""), owner);
    Some(stage)
}

/// The command that looks for the token of `stage`, and tries `paths`.
fn search(stage: &Stage, paths: &str) -> String {
    let hint: String = stage.token.chars().rev().take(16).collect();
    format!("perl probe.pl {hint} {paths}")
}

/// A socket of root's and its group's, as Docker's is.
fn listen(stage: &Stage) -> UnixListener {
    let listener = UnixListener::bind(stage.at("socket")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o660);
    std::fs::set_permissions(stage.at("socket"), mode).unwrap();
    listener
}

/// The judge looked around and found nothing, and the comment was posted with the token.
#[track_caller]
fn finds_nothing(stage: &Stage, before: &[String]) {
    let _socket = listen(stage);
    let run = stage.step(before, &[("skip_permissions_if_possible", "true")]);
    run.exits(0).says("PASS");
    assert_eq!(stage.sandbox.verdicts(), ["a=pass"]);
    assert_eq!(stage.comments().len(), 1);
}

/// Under a first process that stays and holds the same environment.
fn under_shell(user: u32) -> Vec<String> {
    let shell = ["sh", "-c", "\"$@\"; exit $?", "sh"].map(str::to_owned);
    as_user(user).into_iter().chain(shell).collect()
}

/// In a container of its own, as far as processes go: what follows is its first one.
fn contained(user: u32) -> Vec<String> {
    let space = ["unshare", "--pid", "--fork", "--mount-proc"].map(str::to_owned);
    space.into_iter().chain(as_user(user)).collect()
}

#[test]
fn the_search_finds_a_token_that_is_in_reach() {
    let Some(stage) = searched(STRANGER) else {
        return;
    };
    let _socket = listen(&stage);
    // What every other test would show if nothing was done: the step's environment is the shell's.
    let words = under_shell(STRANGER);
    let paths = ["env", "socket"].map(|name| stage.at(name).display().to_string());
    let script = search(&stage, &paths.join(" "));
    let mut command = Command::new(&words[0]);
    let run = finish(
        command
            .args(&words[1..])
            .args(["env", "-u", "INPUT_GITHUB_TOKEN", "sh", "-c", &script])
            .current_dir(stage.sandbox.path(""))
            .env("INPUT_GITHUB_TOKEN", &stage.token),
    );
    let run = run.exits(0).says("/environ").says("/mem");
    assert!(!run.stdout.contains("can write") && !run.stdout.contains("can talk"));
    // Root could do all of that.
    let mut command = Command::new("sh");
    finish(command.args(["-c", &script]).current_dir(stage.sandbox.path("")))
        .exits(0)
        .says("can write")
        .says("can talk");
}

#[test]
fn an_agent_of_a_step_that_started_as_root_finds_no_token_and_opens_nothing() {
    let Some(stage) = searched(OWNER) else {
        return;
    };
    finds_nothing(&stage, &["env".into()]);
}

#[test]
fn an_agent_of_a_step_of_any_user_finds_no_token() {
    let Some(stage) = searched(STRANGER) else {
        return;
    };
    finds_nothing(&stage, &as_user(STRANGER));
}

#[test]
fn an_agent_finds_no_token_in_an_init_that_holds_it() {
    let Some(stage) = searched(STRANGER) else {
        return;
    };
    if !confines() {
        return;
    }
    finds_nothing(&stage, &under_shell(STRANGER));
}

/// Whether the kernel can keep a process from looking into others of its user.
fn confines() -> bool {
    // `landlock_create_ruleset`, asked for its version: the same number on all architectures.
    let version = "exit(syscall(444, 0, 0, 1) < 1)";
    let asked = Command::new("perl").args(["-e", version]).status();
    let confines = asked.is_ok_and(|status| status.success());
    if !confines {
        println!("skipped: no Landlock");
    }
    confines
}
