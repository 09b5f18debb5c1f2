//! Nothing that a child started is left running, whichever way a run ends.
#![cfg(target_os = "linux")]

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use semtest::process::{Cancel, Ending, Invocation};

use crate::sandbox::{ANSWER, Sandbox, finish, finish_after, pass, try_run, until};

const LIMIT: Duration = Duration::from_secs(1);

/// The processes of a group that live. By their state: a zombie still answers signal 0.
fn living(group: &str) -> Vec<String> {
    let mut living = Vec::new();
    for entry in fs_err::read_dir("/proc").unwrap().flatten() {
        let Ok(stat) = fs_err::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        // After the name, which may hold anything: state, parent, group.
        let fields: Vec<&str> = stat
            .rsplit_once(')')
            .map(|(_, fields)| fields.split_whitespace().collect())
            .unwrap_or_default();
        if fields.get(2) == Some(&group) && !matches!(fields[0], "Z" | "X") {
            living.push(stat);
        }
    }
    living
}

/// A signal is sent before it is acted on, so there can be a moment between.
async fn all_gone(group: &str) {
    until(|| living(group).is_empty().then_some(())).await;
}

#[tokio::test]
async fn a_child_leads_a_group_of_its_own() {
    let sandbox = Sandbox::new();
    let finished = finish(sandbox.shell("echo $$; cut -d' ' -f5 /proc/$$/stat")).await;
    let text = finished.stdout.to_text_lossy();
    let (own, group) = text.trim().split_once('\n').unwrap();
    assert_eq!(own, group);
}

#[tokio::test]
async fn a_grandchild_that_holds_stdout_open_neither_hangs_the_run_nor_survives_it() {
    let sandbox = Sandbox::new();
    let finished = finish(sandbox.agent("grandchild")).await;
    assert_eq!(finished.ending, Ending::Exited(0));
    assert_eq!(finished.stdout.to_text_lossy(), ANSWER);
    all_gone(&sandbox.line_in("leader").await).await;
}

#[tokio::test]
async fn a_grandchild_that_never_stops_writing_does_not_move_the_deadline() {
    let sandbox = Sandbox::new();
    let script = "echo $$ > leader; (while :; do echo more; done) & exit 0";
    let finished = finish(sandbox.shell(script)).await;
    assert_eq!(finished.ending, Ending::Exited(0));
    all_gone(&sandbox.line_in("leader").await).await;
}

#[tokio::test]
async fn a_grandchild_that_let_go_of_the_pipes_is_killed_too() {
    let sandbox = Sandbox::new();
    let script = "echo $$ > leader; sleep 3600 > /dev/null 2>&1 < /dev/null & exit 0";
    let finished = finish(sandbox.shell(script)).await;
    assert_eq!(finished.ending, Ending::Exited(0));
    all_gone(&sandbox.line_in("leader").await).await;
}

#[tokio::test]
async fn the_last_words_of_a_grandchild_are_waited_for() {
    // A child can be signalled until it is reaped, so this speaks after the run has seen its end.
    let sandbox = Sandbox::new();
    let script = "(while kill -0 $$ 2> /dev/null; do sleep 0.01; done; \
        echo late; echo said > said) & exit 0";
    let finished = finish_after(sandbox.shell(script), async {
        sandbox.line_in("said").await;
    })
    .await;
    assert_eq!(finished.stdout.to_text_lossy(), "late\n");
}

#[tokio::test]
async fn at_the_limit_descendants_that_ignore_sigterm_are_killed() {
    let sandbox = Sandbox::new();
    let script = "echo $$ > leader; (trap '' TERM; echo deaf > deaf; sleep 3600) & \
        trap 'exit 0' TERM; echo up > up; while :; do sleep 0.01; done";
    let invocation = Invocation {
        limit: Some(LIMIT),
        ..sandbox.shell(script)
    };
    let finished = finish_after(invocation, async {
        sandbox.line_in("up").await;
        sandbox.line_in("deaf").await;
        pass(LIMIT).await;
    })
    .await;
    assert_eq!(finished.ending, Ending::TimedOut);
    all_gone(&sandbox.line_in("leader").await).await;
}

#[tokio::test]
async fn after_the_grace_period_nothing_is_left() {
    let sandbox = Sandbox::new();
    let script = "trap '' TERM; echo $$ > leader; sleep 3600 & sleep 3600";
    let invocation = Invocation {
        limit: Some(LIMIT),
        grace: Duration::from_millis(50),
        ..sandbox.shell(script)
    };
    let finished = finish_after(invocation, async {
        sandbox.line_in("leader").await;
        pass(LIMIT).await;
    })
    .await;
    assert_eq!(finished.ending, Ending::TimedOut);
    all_gone(&sandbox.line_in("leader").await).await;
}

#[tokio::test]
async fn after_a_cancel_nothing_is_left() {
    let sandbox = Sandbox::new();
    let cancel = Cancel::new();
    let script = "sleep 3600 & echo $$ > leader; wait";
    let (finished, leader) = tokio::join!(try_run(sandbox.shell(script), &cancel), async {
        let leader = sandbox.line_in("leader").await;
        cancel.cancel();
        leader
    });
    assert_eq!(finished.unwrap().ending, Ending::Cancelled);
    all_gone(&leader).await;
}

#[tokio::test]
async fn a_run_that_is_dropped_leaves_nothing() {
    let sandbox = Sandbox::new();
    let invocation = sandbox.shell("trap '' TERM; sleep 3600 & echo $$ > leader; wait");
    let running = tokio::spawn(async move { try_run(invocation, &Cancel::new()).await });
    let leader = sandbox.line_in("leader").await;
    assert_eq!(living(&leader).len(), 2);
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    all_gone(&leader).await;
}

#[tokio::test]
async fn a_panic_beside_a_run_leaves_nothing() {
    let sandbox = Sandbox::new();
    let invocation = sandbox.shell("sleep 3600 & echo $$ > leader; wait");
    let (panics, panic_now) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(async move {
        let cancel = Cancel::new();
        let _ = tokio::join!(try_run(invocation, &cancel), async {
            panic_now.await.unwrap();
            panic!("on purpose");
        });
    });
    let leader = sandbox.line_in("leader").await;
    panics.send(()).unwrap();
    assert!(running.await.unwrap_err().is_panic());
    all_gone(&leader).await;
}

/// A process that made a group of its own is out of reach, but must not hold the run.
#[tokio::test]
async fn a_daemon_that_holds_stdout_open_does_not_hang_a_run_nor_a_kill() {
    let sandbox = Sandbox::new();
    let daemon = "setsid sh -c 'echo $$ > daemon; exec sleep 3600' &";
    let finished = finish(sandbox.shell(&format!(
        "{daemon} until [ -s daemon ]; do :; done; echo answer"
    )))
    .await;
    assert_eq!(finished.ending, Ending::Exited(0));
    assert_eq!(finished.stdout.to_text_lossy(), "answer\n");
    end(&sandbox.line_in("daemon").await);

    fs_err::remove_file(sandbox.path("daemon")).unwrap();
    let cancel = Cancel::new();
    let killed = sandbox.shell(&format!("{daemon} sleep 3600"));
    let (finished, daemon) = tokio::join!(try_run(killed, &cancel), async {
        let daemon = sandbox.line_in("daemon").await;
        cancel.kill();
        daemon
    });
    assert_eq!(finished.unwrap().ending, Ending::Cancelled);
    end(&daemon);
}

fn end(process: &str) {
    let process = process.parse().ok().and_then(Pid::from_raw).unwrap();
    kill_process(process, Signal::KILL).expect("the daemon should have been out of reach");
}
