//! `completions`: scripts that the shells themselves accept.

use std::process::Command;

use crate::sandbox::Sandbox;

#[test]
fn every_shell_gets_a_script_that_names_every_command() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = sandbox.run(&["completions", shell]).exits(0).stdout;
        for word in [
            "run",
            "ask",
            "doctor",
            "completions",
            "uninstall",
            "skip-permissions-if-possible",
        ] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    sandbox.run(&["completions", "tcsh"]).exits(2).warns("bash");
}

/// What bash offers for the last of `words`.
fn completed(sandbox: &Sandbox, words: &str) -> String {
    let script = r#"
        source ./semtest.bash || exit 3
        COMP_WORDS=($1) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _semtest semtest "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let output = Command::new("bash")
        .args(["--norc", "-c", script, "bash", words])
        .current_dir(sandbox.path(""))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn bash_completes_commands_and_flags() {
    let sandbox = Sandbox::new();
    let script = sandbox.run(&["completions", "bash"]).exits(0).stdout;
    sandbox.write("semtest.bash", script.as_bytes());
    let read = Command::new("bash")
        .args(["-n", "semtest.bash"])
        .current_dir(sandbox.path(""))
        .output()
        .unwrap();
    assert!(read.status.success() && read.stderr.is_empty(), "{read:?}");
    assert_eq!(completed(&sandbox, "semtest ru"), "run\n");
    assert_eq!(completed(&sandbox, "semtest as"), "ask\n");
    assert_eq!(completed(&sandbox, "semtest ask --sav"), "--save\n");
}
