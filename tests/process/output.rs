//! What a child prints.

use semtest::process::{Ending, KEPT_BYTES};

use crate::sandbox::{ANSWER, HANG, Sandbox, finish};

#[tokio::test]
async fn both_streams_are_kept_apart() {
    let finished = finish(Sandbox::new().shell("echo answer; echo noise >&2")).await;
    assert_eq!(finished.stdout.to_text_lossy(), "answer\n");
    assert_eq!(finished.stderr.to_text_lossy(), "noise\n");
}

#[tokio::test]
async fn bytes_that_are_not_utf8_are_replaced() {
    let finished = finish(Sandbox::new().shell(r"printf 'a\377b'")).await;
    assert_eq!(finished.stdout.to_text_lossy(), "a\u{fffd}b");
}

#[tokio::test]
async fn of_a_flood_only_both_ends_are_kept() {
    let finished = finish(Sandbox::new().agent("flood")).await;
    assert_eq!(finished.ending, Ending::Exited(0));
    assert_eq!(finished.stdout.total(), 200_000_000);
    assert_eq!(finished.stdout.head().len(), KEPT_BYTES);
    assert_eq!(finished.stdout.tail().len(), KEPT_BYTES);
}

#[tokio::test]
async fn a_flood_of_one_stream_does_not_lose_the_other() {
    let finished = finish(Sandbox::new().agent("flood-stderr")).await;
    assert_eq!(finished.ending, Ending::Exited(0));
    assert_eq!(finished.stderr.total(), 200_000_000);
    assert_eq!(finished.stdout.to_text_lossy(), ANSWER);
}

#[tokio::test]
async fn a_pipe_that_is_full_at_the_exit_is_read_to_its_end() {
    // The descendant holds the pipe open, so the end of file does not come before the end of the
    // drain.
    let script = "sleep 3600 & head -c 65536 /dev/zero | tr '\\0' x; exit 0";
    let finished = finish(Sandbox::new().shell(script)).await;
    assert_eq!(finished.stdout.total(), 65_536);
}

#[tokio::test]
async fn a_child_that_ends_cleanly_costs_no_waiting() {
    let sandbox = Sandbox::new();
    let started = std::time::Instant::now();
    let runs = 60;
    for _ in 0..runs {
        finish(sandbox.program("/bin/true", &[])).await;
    }
    // Not a matter of speed: if each run sat out the 500 ms for descendants, this would be 30 s.
    assert!(started.elapsed() < HANG / 4);
}
