//! What a child is started with, and what is said when it can't be.

#[cfg(target_os = "linux")]
use semtest::process::ARGUMENT_LIMIT;
use semtest::process::{Cancel, Ending, Invocation, StartError};

use crate::sandbox::{Sandbox, finish, try_run};

async fn start_error(invocation: Invocation) -> StartError {
    try_run(invocation, &Cancel::new()).await.unwrap_err()
}

/// Written by a child: while this process has a file open for writing, children that other tests
/// start at that moment have it too, and "text file busy" is the answer to starting it.
async fn script(sandbox: &Sandbox, text: &str, mode: &str) -> Invocation {
    let write = format!("echo '{text}' > script; chmod {mode} script");
    assert_eq!(
        finish(sandbox.shell(&write)).await.ending,
        Ending::Exited(0)
    );
    sandbox.program(sandbox.path("script"), &[])
}

#[tokio::test]
async fn the_environment_is_exactly_the_given_one() {
    let finished = finish(Invocation {
        environment: vec![("ONLY".into(), "this".into())],
        ..Sandbox::new().program("/usr/bin/env", &[])
    })
    .await;
    assert_eq!(finished.stdout.to_text_lossy(), "ONLY=this\n");
}

#[tokio::test]
async fn it_starts_in_the_given_directory() {
    let sandbox = Sandbox::new();
    let finished = finish(sandbox.shell("pwd -P")).await;
    let expected = fs_err::canonicalize(sandbox.path("")).unwrap();
    assert_eq!(
        finished.stdout.to_text_lossy().trim_end(),
        expected.to_str().unwrap()
    );
}

#[tokio::test]
async fn a_missing_program_is_not_found() {
    let error = start_error(Sandbox::new().program("/nowhere/claude", &[])).await;
    assert!(matches!(error, StartError::NotFound { .. }), "{error:?}");
    assert_eq!(error.to_string(), "`/nowhere/claude` was not found");
}

#[tokio::test]
async fn a_missing_directory_is_not_blamed_on_the_program() {
    let sandbox = Sandbox::new();
    let error = start_error(Invocation {
        directory: sandbox.path("gone"),
        ..sandbox.shell("exit 0")
    })
    .await;
    assert!(matches!(error, StartError::Directory { .. }), "{error:?}");
}

#[tokio::test]
async fn a_file_without_permission_is_not_executable() {
    let sandbox = Sandbox::new();
    let error = start_error(script(&sandbox, "#!/bin/sh", "644").await).await;
    assert!(
        matches!(error, StartError::NotExecutable { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_file_of_no_executable_format_is_not_executable() {
    let sandbox = Sandbox::new();
    let error = start_error(script(&sandbox, "no first line", "755").await).await;
    assert!(
        matches!(error, StartError::NotExecutable { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_script_without_its_interpreter_is_told_from_a_missing_program() {
    let sandbox = Sandbox::new();
    let error = start_error(script(&sandbox, "#!/nowhere/node", "755").await).await;
    assert!(
        matches!(error, StartError::InterpreterNotFound { .. }),
        "{error:?}"
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_argument_ends_at_the_limit() {
    let sandbox = Sandbox::new();
    let longest = "x".repeat(ARGUMENT_LIMIT);
    let finished = finish(sandbox.program("/bin/echo", &[&longest])).await;
    assert_eq!(finished.stdout.total(), ARGUMENT_LIMIT as u64 + 1);

    let too_long = "x".repeat(ARGUMENT_LIMIT + 1);
    let error = start_error(sandbox.program("/bin/echo", &[&too_long])).await;
    assert_eq!(
        error.to_string(),
        "the arguments of `/bin/echo` are too long: one may have at most 131071 bytes"
    );
}

#[tokio::test]
async fn an_argument_with_a_nul_byte_is_an_error_and_no_panic() {
    let error = start_error(Sandbox::new().program("/bin/echo", &["a\0b"])).await;
    assert!(matches!(error, StartError::Other { .. }), "{error:?}");
}

#[tokio::test]
async fn after_a_cancel_nothing_is_started() {
    let sandbox = Sandbox::new();
    let cancel = Cancel::new();
    cancel.cancel();
    let finished = try_run(sandbox.shell(": > started"), &cancel)
        .await
        .unwrap();
    assert_eq!(finished.ending, Ending::Cancelled);
    assert!(!sandbox.path("started").exists());
}

#[test]
fn debug_never_shows_a_value_of_the_environment_or_the_prompt() {
    let invocation = Invocation {
        environment: vec![("API_KEY".into(), "hunter2".into())],
        stdin: b"hunter2".as_slice().into(),
        ..Sandbox::new().shell("exit 0")
    };
    let text = format!("{invocation:?}");
    assert!(text.contains("API_KEY"));
    assert!(text.contains("7 bytes"));
    assert!(!text.contains("hunter2"));
}
