//! What a child can read.

use std::time::Duration;

use semtest::process::{Ending, Invocation};

use crate::sandbox::{ANSWER, Sandbox, finish};

const FIVE_MEGABYTES: usize = 5_000_000;

fn with_long_prompt(invocation: Invocation) -> Invocation {
    Invocation {
        stdin: vec![b'p'; FIVE_MEGABYTES].into(),
        ..invocation
    }
}

#[tokio::test]
async fn no_stdin_is_an_immediate_end_of_file() {
    let finished = finish(Sandbox::new().program("/bin/cat", &[])).await;
    assert_eq!(finished.ending, Ending::Exited(0));
    assert_eq!(finished.stdout.total(), 0);
}

#[tokio::test]
async fn a_prompt_is_read_to_its_end() {
    let finished = finish(Sandbox::new().agent("answer")).await;
    assert_eq!(finished.ending, Ending::Exited(0));
    assert_eq!(finished.stdout.to_text_lossy(), ANSWER);
    assert_eq!(finished.stderr.total(), 0);
}

#[tokio::test]
async fn a_child_that_answers_while_it_reads_blocks_nobody() {
    let finished = finish(with_long_prompt(Sandbox::new().program("/bin/cat", &[]))).await;
    assert_eq!(finished.ending, Ending::Exited(0));
    assert!(finished.stdout.is_complete());
    assert_eq!(finished.stdout.total(), FIVE_MEGABYTES as u64);
}

#[tokio::test]
async fn a_child_that_exits_without_reading_is_no_error() {
    let finished = finish(with_long_prompt(Sandbox::new().shell("echo done; exit 3"))).await;
    assert_eq!(finished.ending, Ending::Exited(3));
    assert_eq!(finished.stdout.to_text_lossy(), "done\n");
}

#[tokio::test]
async fn a_child_that_closes_stdin_early_is_no_error() {
    let script = "exec <&-; echo still; echo here";
    let finished = finish(with_long_prompt(Sandbox::new().shell(script))).await;
    assert_eq!(finished.ending, Ending::Exited(0));
    assert_eq!(finished.stdout.to_text_lossy(), "still\nhere\n");
}

#[tokio::test]
async fn a_child_that_never_reads_is_ended_at_its_limit() {
    let finished = finish(Invocation {
        limit: Some(Duration::from_millis(50)),
        ..with_long_prompt(Sandbox::new().program("/bin/sleep", &["3600"]))
    })
    .await;
    assert_eq!(finished.ending, Ending::TimedOut);
}

#[tokio::test]
async fn a_child_that_closes_its_output_first_still_gets_all_of_its_prompt() {
    let sandbox = Sandbox::new();
    let script = "exec >&- 2>&-; wc -c > count";
    let finished = finish(with_long_prompt(sandbox.shell(script))).await;
    assert_eq!(finished.ending, Ending::Exited(0));
    let count = fs_err::read_to_string(sandbox.path("count")).unwrap();
    assert_eq!(count.trim(), FIVE_MEGABYTES.to_string());
}
