//! The process group of one child, and the guard that leaves none of it running.

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::process::Child;

/// A child's process group. Dropping it kills what is left of it.
///
/// A number is free for reuse as soon as no process and no *group* has it. So while the leader is
/// not reaped, or any member lives, signals can't reach a stranger. Only a group that was found
/// empty could come back as someone else's, and therefore gets no signal any more: see
/// [`Self::leader_was_reaped`].
pub(super) struct Group {
    number: Option<Pid>,
}

impl Group {
    /// The group that `child`, started with `process_group(0)`, leads.
    pub(super) fn led_by(child: &Child) -> Self {
        Self {
            number: child
                .id()
                .and_then(|number| i32::try_from(number).ok())
                .and_then(Pid::from_raw),
        }
    }

    /// Asks all members to end.
    pub(super) fn terminate(&self) {
        self.signal(Signal::TERM);
        // One that is stopped (by SIGTTIN, say) acts on SIGTERM only when it is continued.
        self.signal(Signal::CONT);
    }

    /// Ends all members.
    pub(super) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// To be called as soon as the leader is reaped: from then on nothing but living members keep
    /// the number from being reused, so a group without any is let go.
    pub(super) fn leader_was_reaped(&mut self) {
        self.number = self
            .number
            .filter(|number| test_kill_process_group(*number).is_ok());
    }

    fn signal(&self, signal: Signal) {
        if let Some(number) = self.number {
            // Fails only when there is nobody (left) whom we may signal.
            let _ = kill_process_group(number, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
