//! The life of one child: one loop over everything that can happen to it.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::pin::{Pin, pin};
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin};
use tokio::time::{Instant, Sleep, sleep};

use super::cancel::Cancel;
use super::captured::Captured;
use super::group::Group;
use super::invocation::{Invocation, StartError};
use super::stream::Stream;

/// How long descendants may keep writing after the child's own exit. Enough for a helper that
/// flushes last words; a helper that holds the pipe open for ever costs no more than this.
const DRAIN_WINDOW: Duration = Duration::from_millis(500);

/// How long to wait for a killed child to be gone: one in an uninterruptible system call (a dead
/// network disk) may never be.
const KILL_PATIENCE: Duration = Duration::from_secs(1);

/// Far enough away for any deadline, and near enough not to overflow the clock.
const FOR_EVER: Duration = Duration::from_hours(30 * 365 * 24);

/// What a child left behind.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub ending: Ending,
    /// What it printed as its answer.
    pub stdout: Captured,
    /// What it printed beside.
    pub stderr: Captured,
    /// From before its start until all of its output was read.
    pub duration: Duration,
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this exit code.
    Exited(i32),
    /// By this signal, which was not ours.
    Signalled(i32),
    /// By us, because its limit was over.
    TimedOut,
    /// By us, because of [`Cancel`]; or it was not started any more.
    Cancelled,
}

impl From<ExitStatus> for Ending {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Exited(code),
            // A status has one or the other.
            (None, signal) => Self::Signalled(signal.unwrap_or_default()),
        }
    }
}

/// Runs a child to its end. What it printed comes back however it ended.
///
/// # Errors
/// When it could not be started, or not be watched. Whatever a started child does is no error.
pub async fn run(invocation: Invocation, cancel: &Cancel) -> Result<Finished, StartError> {
    let started = Instant::now();
    if cancel.is_cancelled() {
        return Ok(Finished {
            ending: Ending::Cancelled,
            stdout: Captured::default(),
            stderr: Captured::default(),
            duration: Duration::ZERO,
        });
    }
    let mut child = invocation.start()?;
    // Dropped before `child`: a leader that still runs then is not reaped before its group is killed.
    let mut group = Group::led_by(&child);
    let input = child.stdin.take();
    let mut stdout = Stream::new(child.stdout.take());
    let mut stderr = Stream::new(child.stderr.take());

    let supervised = Supervised {
        child: &mut child,
        group: &mut group,
        alarm: pin!(sleep(invocation.limit.unwrap_or(FOR_EVER))),
        grace: invocation.grace,
        stage: Stage::Running,
    };
    let ending = supervise(
        supervised,
        feed(input, invocation.stdin),
        async {
            tokio::join!(stdout.drain(), stderr.drain());
        },
        cancel,
    )
    .await
    .map_err(|source| StartError::Lost {
        program: invocation.program,
        source,
    })?;

    drop(group);
    Ok(Finished {
        ending,
        stdout: stdout.sweep(),
        stderr: stderr.sweep(),
        duration: started.elapsed(),
    })
}

/// Writes all of stdin and closes it. A child that does not want to read it is no error.
async fn feed(pipe: Option<ChildStdin>, bytes: Arc<[u8]>) {
    if let Some(mut pipe) = pipe {
        let _ = pipe.write_all(&bytes).await;
    }
}

/// Where a child is in its life. Each stage ends at the alarm at the latest.
#[derive(Clone, Copy)]
enum Stage {
    Running,
    /// SIGTERM is sent, for this reason.
    Terminating(Ending),
    /// SIGKILL is sent, for this reason.
    Killed(Ending),
    /// The child is gone; descendants may still write.
    Exited(Ending),
}

/// A running child and the clock that moves it on to the next stage.
struct Supervised<'run> {
    child: &'run mut Child,
    group: &'run mut Group,
    alarm: Pin<&'run mut Sleep>,
    grace: Duration,
    stage: Stage,
}

impl Supervised<'_> {
    fn terminate(&mut self, reason: Ending) {
        self.group.terminate();
        self.enter(Stage::Terminating(reason), self.grace);
    }

    fn kill(&mut self, reason: Ending) {
        self.group.kill();
        // Reaches a child that moved to another group. Fails only when it is gone already.
        let _ = self.child.start_kill();
        self.enter(Stage::Killed(reason), KILL_PATIENCE);
    }

    /// The reason for which we ended it comes before the status that this gave it.
    fn exited(&mut self, status: ExitStatus) {
        self.group.leader_was_reaped();
        let ending = match self.stage {
            Stage::Running => Ending::from(status),
            Stage::Terminating(reason) | Stage::Killed(reason) | Stage::Exited(reason) => reason,
        };
        self.enter(Stage::Exited(ending), DRAIN_WINDOW);
    }

    fn enter(&mut self, stage: Stage, at_most: Duration) {
        self.stage = stage;
        let now = Instant::now();
        let end = now.checked_add(at_most).unwrap_or(now + FOR_EVER);
        self.alarm.as_mut().reset(end);
    }

    fn has_exited(&self) -> bool {
        matches!(self.stage, Stage::Exited(_))
    }
}

/// Returns when the child is gone and its output read, or when waiting longer is pointless.
async fn supervise(
    mut supervised: Supervised<'_>,
    feed: impl Future<Output = ()>,
    drain: impl Future<Output = ()>,
    cancel: &Cancel,
) -> io::Result<Ending> {
    let (mut feed, mut drain) = (pin!(feed), pin!(drain));
    let (mut cancelled, mut killed) = (pin!(cancel.cancelled()), pin!(cancel.killed()));
    let (mut is_fed, mut is_drained, mut is_killed) = (false, false, false);
    loop {
        // In this order, an exit in time counts even if the deadline has passed meanwhile, and a
        // flood of output starves nothing.
        tokio::select! {
            biased;
            status = supervised.child.wait(), if !supervised.has_exited() => {
                supervised.exited(status?);
            }
            () = &mut killed, if !is_killed => {
                is_killed = true;
                match supervised.stage {
                    Stage::Running => supervised.kill(Ending::Cancelled),
                    Stage::Terminating(reason) => supervised.kill(reason),
                    Stage::Killed(_) => {}
                    Stage::Exited(ending) => return Ok(ending),
                }
            }
            () = &mut cancelled, if matches!(supervised.stage, Stage::Running) => {
                supervised.terminate(Ending::Cancelled);
            }
            () = supervised.alarm.as_mut() => match supervised.stage {
                Stage::Running => supervised.terminate(Ending::TimedOut),
                Stage::Terminating(reason) => supervised.kill(reason),
                Stage::Killed(ending) | Stage::Exited(ending) => return Ok(ending),
            },
            () = &mut feed, if !is_fed => is_fed = true,
            () = &mut drain, if !is_drained => is_drained = true,
        }
        if let (Stage::Exited(ending), true) = (supervised.stage, is_drained) {
            return Ok(ending);
        }
    }
}
