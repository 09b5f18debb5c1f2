//! The two-stage request to end children: politely, then at once.

use tokio::sync::watch;

/// Ends children, from anywhere: clones share one state. The state only ever rises.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    urgency: watch::Sender<Urgency>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    #[default]
    None,
    Terminate,
    Kill,
}

impl Cancel {
    /// Nothing is cancelled yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks every child to end: SIGTERM, and SIGKILL after its grace period. New ones are not
    /// started any more.
    pub fn cancel(&self) {
        self.raise(Urgency::Terminate);
    }

    /// Ends every child at once with SIGKILL, also those that are in their grace period.
    pub fn kill(&self) {
        self.raise(Urgency::Kill);
    }

    /// Whether [`Self::cancel`] or [`Self::kill`] was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        *self.urgency.borrow() >= Urgency::Terminate
    }

    /// Waits until [`Self::cancel`] or [`Self::kill`] is called.
    pub async fn cancelled(&self) {
        self.reached(Urgency::Terminate).await;
    }

    /// Waits until [`Self::kill`] is called.
    pub async fn killed(&self) {
        self.reached(Urgency::Kill).await;
    }

    fn raise(&self, to: Urgency) {
        self.urgency.send_if_modified(|urgency| {
            let rises = *urgency < to;
            *urgency = to.max(*urgency);
            rises
        });
    }

    async fn reached(&self, level: Urgency) {
        // An error would mean that the sender is gone, but `self` holds it.
        let _ = self
            .urgency
            .subscribe()
            .wait_for(|urgency| *urgency >= level)
            .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_clone_sees_it_also_when_it_starts_to_wait_later() {
        let cancel = Cancel::new();
        let clone = cancel.clone();
        assert!(!clone.is_cancelled());
        let waiting = tokio::spawn(async move { clone.cancelled().await });
        tokio::task::yield_now().await;
        cancel.cancel();
        waiting.await.unwrap();
        cancel.clone().cancelled().await;
        assert!(cancel.is_cancelled());
    }

    #[tokio::test]
    async fn killing_is_cancelling_too_and_is_never_taken_back() {
        let cancel = Cancel::new();
        cancel.kill();
        cancel.cancel();
        cancel.cancelled().await;
        cancel.killed().await;
    }

    #[tokio::test]
    async fn cancelling_does_not_kill() {
        let cancel = Cancel::new();
        cancel.cancel();
        tokio::select! {
            biased;
            () = cancel.killed() => panic!("killed by a polite request"),
            () = cancel.cancelled() => {}
        }
    }
}
