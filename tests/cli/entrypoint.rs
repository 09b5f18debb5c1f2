//! `semtest entrypoint`: the first process of a container.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::action::ending::{signal, wait_for};
use crate::action::{Stage, as_root, contained, give};
use crate::sandbox::Sandbox;

const PASS: &str = r#"cat > /dev/null; echo '[{"id":"a","status":"pass"}]'"#;

/// An agent that needs a moment when it is told to end: told twice, it is killed before it is done.
const SLOW_TO_END: &str = "trap 'sleep 0.5; : > ended; exit 1' TERM; : > started; \
    while :; do sleep 0.01; done";

/// A workspace whose judge is `script`, and what makes a command line the first process of a container.
fn container(script: &str) -> Option<(Stage, Vec<String>)> {
    Some((Stage::of(0, script)?, contained(0)?))
}

#[test]
fn a_shell_is_executed_as_it_is() {
    let sandbox = Sandbox::new();
    for (arguments, code, told) in [
        (
            &["sh", "-c", "echo $0 $1; exit 7", "a b", "$(id)"][..],
            7,
            "a b $(id)\n",
        ),
        (&["/bin/sh", "-c", "echo x"], 0, "x\n"),
        (&["cat", "semtest.config.json"], 0, "{}"),
    ] {
        sandbox.write("semtest.config.json", b"{}");
        let run = sandbox
            .run(&[&["entrypoint"], arguments].concat())
            .exits(code);
        assert_eq!(run.stdout, told);
    }
    let mut command = sandbox.command(&["entrypoint", "sh", "-c", "echo $$"]);
    let child = command.stdout(Stdio::piped()).spawn().unwrap();
    let number = child.id().to_string();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), number);
}

#[test]
fn everything_else_is_a_command_line_of_semtest() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&["entrypoint", "--version"])
        .exits(0)
        .says("semtest 0");
    sandbox
        .run(&["entrypoint", "run", "--nonsense"])
        .exits(2)
        .warns("--nonsense");
    sandbox.run(&["entrypoint", "./sh"]).exits(2).warns("./sh");
}

#[test]
fn the_first_process_ends_as_semtest_does() {
    let Some((stage, before)) = container(PASS) else {
        return;
    };
    for (arguments, code) in [
        (&["entrypoint", "run"][..], 0),
        (&["entrypoint", "run", "--llm=nonsense"], 2),
        (&["entrypoint", "sh", "-c", "exit 7"], 7),
    ] {
        let mut command = stage.command_of(&before, arguments, &[]);
        stage.finish(&mut command).exits(code);
    }
}

#[test]
fn the_first_process_hands_its_input_on() {
    let Some((stage, before)) = container(PASS) else {
        return;
    };
    let arguments = ["entrypoint", "publish", "--token-stdin", "--dry-run"];
    for (text, code, told) in [("", 2, "no token came"), ("token", 2, "no results")] {
        let mut command = stage.command_of(&before, &arguments, &[]);
        command
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        assert!(stderr.contains(told), "{stderr}");
    }
}

#[test]
fn the_first_process_reaps_what_loses_its_parent() {
    // Ten that end without a parent; then none of them is left as a zombie.
    let script = "cat > /dev/null; for i in 0 1 2 3 4 5 6 7 8 9; do (setsid true &); done; i=0; \
        while grep -qs '^State:.Z' /proc/[0-9]*/status; do \
            i=$((i+1)); [ $i -lt 500 ] || exit 3; sleep 0.01; done; \
        [ -r /proc/1/status ] && [ ! -e /proc/9999999 ] || exit 4; \
        echo '[{\"id\":\"a\",\"status\":\"pass\"}]'";
    let Some((stage, before)) = container(script) else {
        return;
    };
    let mut command = stage.command_of(&before, &["entrypoint", "run"], &[]);
    stage.finish(&mut command).exits(0);
}

/// The first process of the container that `unshare`, with this number, started.
fn first_process(unshare: u32) -> u32 {
    let path = format!("/proc/{unshare}/task/{unshare}/children");
    let children = std::fs::read_to_string(path).unwrap();
    children.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn a_signal_is_passed_on_once() {
    let Some((stage, before)) = container(SLOW_TO_END) else {
        return;
    };
    for (name, code) in [("-TERM", 143), ("-INT", 130)] {
        let mut command = stage.command_of(&before, &["entrypoint", "run"], &[]);
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        let started = stage.sandbox.path("started");
        wait_for("the judge did not start", || started.exists());
        signal(name, first_process(child.id()));
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert!(stage.sandbox.path("ended").exists(), "{name} came twice");
        assert_eq!(stage.sandbox.verdicts(), ["a=skip"]);
        for file in ["started", "ended"] {
            std::fs::remove_file(stage.sandbox.path(file)).unwrap();
        }
    }
}

/// The command line in a terminal of its own, in which `typed` is pressed once `started` is there.
fn in_terminal(stage: &Stage, words: &[String], typed: &[u8]) -> Option<i32> {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let mut command = stage.command_of(&as_root(), &[], &[]);
    let mut terminal = Command::new("script");
    terminal
        .args([
            "--quiet",
            "--return",
            "--command",
            &quoted.join(" "),
            "/dev/null",
        ])
        .current_dir(stage.sandbox.path(""))
        .env_clear()
        .envs(
            command
                .env_remove("CI")
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let mut child = terminal.spawn().unwrap();
    let started = stage.sandbox.path("started");
    wait_for("the program did not start", || started.exists());
    child.stdin.as_mut().unwrap().write_all(typed).unwrap();
    child.wait().unwrap().code()
}

#[test]
fn ctrl_c_in_a_terminal_is_heard_once() {
    let Some((stage, before)) = container(SLOW_TO_END) else {
        return;
    };
    let program = stage.program().display().to_string();
    let words = [&before[..], &[program, "entrypoint".into(), "run".into()]].concat();
    assert_eq!(in_terminal(&stage, &words, b"\x03"), Some(130));
    assert!(stage.sandbox.path("ended").exists(), "it came twice");
}

#[test]
fn a_program_behind_the_first_process_can_read_from_the_terminal() {
    let Some((stage, before)) = container(PASS) else {
        return;
    };
    give(&stage.sandbox.path(""), 0);
    let program = stage.program().display().to_string();
    let tail = ["entrypoint", "publish", "--token-stdin", "--dry-run"].map(str::to_owned);
    let words = [&before[..], &[program], &tail].concat();
    stage.sandbox.write("started", b"");
    // A program in the background would be stopped when it reads.
    assert_eq!(in_terminal(&stage, &words, b"token\n\x04"), Some(2));
}
