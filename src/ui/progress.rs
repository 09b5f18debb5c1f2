//! A spinner line per running file on a terminal; nothing elsewhere.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Every method is safe to call when there is no terminal.
pub(super) struct Progress {
    shown: Option<Spinners>,
}

struct Spinners {
    all: MultiProgress,
    running: Mutex<BTreeMap<usize, ProgressBar>>,
}

impl Progress {
    pub(super) fn new(shown: bool) -> Self {
        let spinners = || Spinners {
            all: MultiProgress::new(),
            running: Mutex::default(),
        };
        Self {
            shown: shown.then(spinners),
        }
    }

    /// Shows that file `index` runs, and tells whether there is a terminal to show it on.
    pub(super) fn start(&self, index: usize, message: &str) -> bool {
        let Some(spinners) = &self.shown else {
            return false;
        };
        let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = spinners
            .all
            .add(ProgressBar::new_spinner().with_style(style));
        bar.set_message(message.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        spinners.running().insert(index, bar);
        true
    }

    /// Takes the line of file `index` away.
    pub(super) fn finish(&self, index: usize) {
        let Some(spinners) = &self.shown else { return };
        if let Some(bar) = spinners.running().remove(&index) {
            bar.finish_and_clear();
        }
    }

    /// Takes all lines away.
    pub(super) fn clear(&self) {
        let Some(spinners) = &self.shown else { return };
        for bar in std::mem::take(&mut *spinners.running()).into_values() {
            bar.finish_and_clear();
        }
    }

    /// Writes while no spinner is drawn.
    pub(super) fn suspend(&self, write: impl FnOnce()) {
        match &self.shown {
            Some(spinners) => spinners.all.suspend(write),
            None => write(),
        }
    }
}

impl Spinners {
    fn running(&self) -> std::sync::MutexGuard<'_, BTreeMap<usize, ProgressBar>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
