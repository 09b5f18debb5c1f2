//! How a child ends, by itself or by us.

use std::time::Duration;

use semtest::process::{Cancel, Ending, Invocation};
use tokio::time::{pause, resume};

use crate::sandbox::{Sandbox, finish, finish_after, pass, try_run, until};

const LIMIT: Duration = Duration::from_secs(1);
const GRACE: Duration = Duration::from_millis(50);

#[tokio::test]
async fn exit_codes_and_signals_are_told_apart() {
    let sandbox = Sandbox::new();
    let ending = async |script| finish(sandbox.shell(script)).await.ending;
    assert_eq!(ending("exit 0").await, Ending::Exited(0));
    assert_eq!(ending("exit 137").await, Ending::Exited(137));
    assert_eq!(ending("kill -KILL $$").await, Ending::Signalled(9));
    assert_eq!(ending("kill -TERM $$").await, Ending::Signalled(15));
}

#[tokio::test]
async fn the_answer_of_a_child_that_fails_comes_back_too() {
    let finished = finish(Sandbox::new().agent("exit 7")).await;
    assert_eq!(finished.ending, Ending::Exited(7));
    assert!(finished.stdout.total() > 0);
}

#[tokio::test]
async fn at_the_limit_a_child_may_still_say_its_last_words() {
    let sandbox = Sandbox::new();
    let script = "trap 'echo bye; exit 0' TERM; echo hello; echo up > up; \
        while :; do sleep 0.01; done";
    let invocation = Invocation {
        limit: Some(LIMIT),
        ..sandbox.shell(script)
    };
    let finished = finish_after(invocation, async {
        sandbox.line_in("up").await;
        pass(LIMIT).await;
    })
    .await;
    assert_eq!(finished.ending, Ending::TimedOut);
    assert_eq!(finished.stdout.to_text_lossy(), "hello\nbye\n");
    assert!(finished.duration >= LIMIT);
}

#[tokio::test]
async fn a_child_that_ends_in_time_is_not_touched_by_its_limit() {
    let finished = finish(Invocation {
        limit: Some(Duration::MAX),
        grace: Duration::MAX,
        ..Sandbox::new().agent("answer")
    })
    .await;
    assert_eq!(finished.ending, Ending::Exited(0));
}

#[tokio::test]
async fn a_child_that_ignores_sigterm_is_killed_after_its_grace_period() {
    let sandbox = Sandbox::new();
    let invocation = Invocation {
        limit: Some(LIMIT),
        grace: GRACE,
        ..sandbox.agent("ignore-term ready")
    };
    let finished = finish_after(invocation, async {
        until(|| sandbox.path("ready").exists().then_some(())).await;
        pass(LIMIT).await;
    })
    .await;
    assert_eq!(finished.ending, Ending::TimedOut);
    assert_eq!(finished.stdout.to_text_lossy(), "ready\n");
    assert!(finished.duration >= LIMIT + GRACE);
}

#[tokio::test]
async fn a_cancel_ends_every_child_with_sigterm() {
    let sandbox = Sandbox::new();
    let cancel = Cancel::new();
    let script = |name: &str| format!("echo up > {name}; exec sleep 3600");
    let (first, second, ()) = tokio::join!(
        try_run(sandbox.shell(&script("first")), &cancel),
        try_run(sandbox.shell(&script("second")), &cancel),
        async {
            sandbox.line_in("first").await;
            sandbox.line_in("second").await;
            cancel.cancel();
        }
    );
    assert_eq!(first.unwrap().ending, Ending::Cancelled);
    assert_eq!(second.unwrap().ending, Ending::Cancelled);
}

#[tokio::test]
async fn a_kill_also_ends_a_child_that_is_in_its_grace_period() {
    let sandbox = Sandbox::new();
    let cancel = Cancel::new();
    let script = "trap 'echo asked > asked' TERM; echo up > up; while :; do sleep 0.01; done";
    // With an hour of grace, only the kill can end it.
    let (finished, ()) = tokio::join!(try_run(sandbox.shell(script), &cancel), async {
        sandbox.line_in("up").await;
        cancel.cancel();
        sandbox.line_in("asked").await;
        cancel.kill();
    });
    assert_eq!(finished.unwrap().ending, Ending::Cancelled);
}

#[tokio::test]
async fn a_kill_asks_nobody_first() {
    let sandbox = Sandbox::new();
    let cancel = Cancel::new();
    let script = "trap 'echo asked > asked' TERM; echo up > up; while :; do sleep 0.01; done";
    let (finished, ()) = tokio::join!(try_run(sandbox.shell(script), &cancel), async {
        sandbox.line_in("up").await;
        cancel.kill();
    });
    assert_eq!(finished.unwrap().ending, Ending::Cancelled);
    assert!(!sandbox.path("asked").exists());
}

#[tokio::test]
async fn a_cancel_during_the_grace_period_of_a_timeout_is_still_a_timeout() {
    let sandbox = Sandbox::new();
    let cancel = Cancel::new();
    let script = "trap 'echo asked > asked' TERM; echo up > up; while :; do sleep 0.01; done";
    let invocation = Invocation {
        limit: Some(LIMIT),
        ..sandbox.shell(script)
    };
    pause();
    let (finished, ()) = tokio::join!(try_run(invocation, &cancel), async {
        sandbox.line_in("up").await;
        pass(LIMIT).await;
        sandbox.line_in("asked").await;
        cancel.kill();
        resume();
    });
    assert_eq!(finished.unwrap().ending, Ending::TimedOut);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_stopped_child_acts_on_sigterm() {
    let sandbox = Sandbox::new();
    let cancel = Cancel::new();
    // With an hour of grace, only SIGTERM can end it, and that only once it is continued.
    let script = "echo $$ > leader; kill -STOP $$; sleep 3600";
    let (finished, ()) = tokio::join!(try_run(sandbox.shell(script), &cancel), async {
        let leader = sandbox.line_in("leader").await;
        until(|| {
            let stat = fs_err::read_to_string(format!("/proc/{leader}/stat")).unwrap();
            stat.contains(") T ").then_some(())
        })
        .await;
        cancel.cancel();
    });
    assert_eq!(finished.unwrap().ending, Ending::Cancelled);
}

#[tokio::test]
async fn runs_can_be_moved_between_threads() {
    let (sandbox, cancel) = (Sandbox::new(), Cancel::new());
    let invocation = sandbox.shell("exit 0");
    let task = tokio::spawn(async move { try_run(invocation, &cancel).await });
    assert_eq!(task.await.unwrap().unwrap().ending, Ending::Exited(0));
}
