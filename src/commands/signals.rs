//! SIGINT and SIGTERM end a run in order: children first, then the reports of what is known.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::model::Interruption;
use crate::process::Cancel;

/// The first signal that came, if one did.
#[derive(Clone, Default)]
pub(super) struct Interruptions(Arc<Mutex<Option<Interruption>>>);

impl Interruptions {
    /// Listens in the background: the first signal cancels, the second kills at once. A terminal
    /// that goes away (SIGHUP) counts as SIGTERM, since agents have their own process group and
    /// would run on.
    ///
    /// Needs a runtime.
    pub(super) fn listen(cancel: &Cancel) -> std::io::Result<Self> {
        let interruptions = Self::default();
        let signals = [
            (signal(SignalKind::interrupt())?, Interruption::Interrupt),
            (signal(SignalKind::terminate())?, Interruption::Terminate),
            (signal(SignalKind::hangup())?, Interruption::Terminate),
        ];
        for (signal, kind) in signals {
            tokio::spawn(watch(signal, kind, cancel.clone(), interruptions.clone()));
        }
        Ok(interruptions)
    }

    /// The first signal that came.
    pub(super) fn first(&self) -> Option<Interruption> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn act(&self, kind: Interruption, cancel: &Cancel) {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if first.is_some() {
            cancel.kill();
        } else {
            *first = Some(kind);
            cancel.cancel();
        }
    }
}

async fn watch(mut signal: Signal, kind: Interruption, cancel: Cancel, all: Interruptions) {
    while signal.recv().await.is_some() {
        all.act(kind, &cancel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_signal_cancels_and_the_second_kills() {
        let (all, cancel) = (Interruptions::default(), Cancel::new());
        all.act(Interruption::Interrupt, &cancel);
        assert!(cancel.is_cancelled());
        let killed = tokio::time::timeout(std::time::Duration::ZERO, cancel.killed());
        assert!(killed.await.is_err(), "not yet");
        all.act(Interruption::Terminate, &cancel);
        cancel.killed().await;
        assert_eq!(all.first(), Some(Interruption::Interrupt));
    }
}
