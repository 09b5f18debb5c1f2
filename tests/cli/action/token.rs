//! Nobody but `publish` finds the token.

use std::os::unix::net::UnixListener;
use std::process::Command;

use super::{OWNER, PASS, STRANGER, Stage, as_root, as_user, contained, give};
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

/// What follows gets "there is no such call" for all that Landlock takes, as from an older kernel.
const WITHOUT_LANDLOCK: &str = r"
    my @program = ([0x20, 0, 0, 0], [0x35, 0, 3, 444], [0x25, 2, 0, 446],
        [0x06, 0, 0, 0x50026], [0x06, 0, 0, 0x7fff0000], [0x06, 0, 0, 0x7fff0000]);
    my $filter = join '', map { pack 'SCCL', @$_ } @program;
    my $rules = pack 'Sx![P]P', scalar @program, $filter;
    syscall(157, 38, 1, 0, 0, 0) == 0 and syscall(157, 22, 2, $rules) == 0 or exit 99;
    exec @ARGV or exit 99;
";

/// The words before a command line that take Landlock away, if this machine has it where we know how.
fn without_landlock() -> Option<Vec<String>> {
    if !cfg!(target_arch = "x86_64") {
        println!("skipped: the numbers are of x86_64");
        return None;
    }
    let words = ["perl", "-e", WITHOUT_LANDLOCK].map(str::to_owned);
    let mut asked = Command::new(&words[0]);
    asked.args(&words[1..]).args(["perl", "-e", VERSION]);
    assert_eq!(asked.status().unwrap().code(), Some(1));
    Some(words.into())
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
    finish(
        command
            .args(["-c", &script])
            .current_dir(stage.sandbox.path("")),
    )
    .exits(0)
    .says("can write")
    .says("can talk");
}

#[test]
fn an_agent_of_a_step_that_started_as_root_finds_no_token_and_opens_nothing() {
    let Some(stage) = searched(OWNER) else {
        return;
    };
    // As some runners make them.
    for file in ["output", "env", "path", "summary"] {
        let all = std::os::unix::fs::PermissionsExt::from_mode(0o666);
        std::fs::set_permissions(stage.at(file), all).unwrap();
    }
    finds_nothing(&stage, &as_root());
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

#[test]
fn an_agent_finds_no_token_in_the_first_process_of_a_container() {
    let Some(stage) = searched(STRANGER) else {
        return;
    };
    let Some(before) = contained(STRANGER) else {
        return;
    };
    let _socket = listen(&stage);
    let arguments = ["entrypoint", "action"];
    let inputs = [("skip_permissions_if_possible", "true")];
    for before in [
        Some(before.clone()),
        without_landlock().map(|words| [before, words].concat()),
    ] {
        let Some(before) = before else { continue };
        let mut command = stage.command_of(&before, &arguments, &inputs);
        stage.finish(&mut command).exits(0).says("PASS");
        assert_eq!(stage.sandbox.verdicts(), ["a=pass"]);
    }
}

#[test]
fn a_kernel_that_cannot_confine_is_enough_where_nobody_else_holds_the_token() {
    let Some(stage) = searched(STRANGER) else {
        return;
    };
    let Some(without) = without_landlock() else {
        return;
    };
    finds_nothing(&stage, &[as_user(STRANGER), without].concat());
}

#[test]
fn a_token_in_reach_is_refused_before_anything_is_started() {
    let Some(stage) = Stage::of(STRANGER, &format!(": > called; {PASS}")) else {
        return;
    };
    let Some(without) = without_landlock() else {
        return;
    };
    let before = [under_shell(STRANGER), without].concat();
    for agents in ["", "none"] {
        stage
            .step(&before, &[("agents", agents)])
            .exits(2)
            .warns("(`sh`) shows a secret to every program of this user")
            .warns("hint: start the container without `--init`, or as root");
    }
    assert!(!stage.sandbox.path("called").exists());
    assert!(
        stage.comments()[0].contains("ERROR"),
        "{:?}",
        stage.comments()
    );
}

#[test]
fn a_token_on_a_command_line_is_everybodys() {
    let Some(stage) = Stage::of(OWNER, PASS) else {
        return;
    };
    let shell = ["sh", "-c", "shift; \"$@\"; exit $?", "sh", &stage.token];
    for agents in ["", "none"] {
        stage
            .step(&shell.map(str::to_owned), &[("agents", agents)])
            .exits(2)
            .warns("(`sh`) shows a secret to everybody, on its command line")
            .warns("hint: a token on a command line can be read by all: pass it by a variable");
    }
}

#[test]
fn who_cannot_become_another_user_never_runs_as_root() {
    let Some(stage) = Stage::of(OWNER, &format!(": > called; {PASS}")) else {
        return;
    };
    let before = ["setpriv", "--bounding-set=-setuid,-setgid"].map(str::to_owned);
    stage
        .step(&before, &[])
        .exits(2)
        .warns("error: this process can't become user 65532: Operation not permitted")
        .warns("hint: leave the container the capabilities SETUID and SETGID");
    assert!(!stage.sandbox.path("called").exists());
}

#[test]
fn a_message_that_quotes_the_token_does_not_show_it() {
    let Some(stage) = Stage::of(OWNER, PASS) else {
        return;
    };
    let token = stage.token.clone();
    // Of the step itself, and of `publish`, which has no variable with it.
    for input in ["strict", "working_directory", "comment"] {
        stage.step(&as_root(), &[(input, &token)]).exits(2);
    }
}

/// Ends well where the kernel can confine: asks `landlock_create_ruleset`, the same number on all
/// architectures, for its version.
const VERSION: &str = "exit(syscall(444, 0, 0, 1) < 1)";

/// Whether the kernel can keep a process from looking into others of its user.
fn confines() -> bool {
    let asked = Command::new("perl").args(["-e", VERSION]).status();
    let confines = asked.is_ok_and(|status| status.success());
    if !confines {
        println!("skipped: no Landlock");
    }
    confines
}
