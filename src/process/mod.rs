//! One child process: its group, stdin, drain, deadline, and end.
//!
//! [`run`] starts an [`Invocation`] and returns how it ended together with both ends of what it
//! printed. It knows nothing of LLM CLIs: which program, arguments and environment is for the
//! caller to say, and what the output means is for the caller to read.
//!
//! What a caller can rely on:
//! - The child leads a process group of its own, and signals go to the whole group. When `run`
//!   returns, is dropped or panics, no member of that group is left running. Only a process that
//!   moved itself into another group (a daemon) outlives it.
//! - It never waits for longer than limit, grace period and a moment for what is left to read,
//!   whoever still holds the pipes open.
//! - Memory is bounded: [`Captured`] keeps the first and last 4 MiB of a stream.
//!
//! [`relay`] is the other kind: a child that stands for this process, with its streams and its signals.
//!
//! Unix only. Ctrl-C does not reach the child by itself, because it has its own group: the caller
//! turns the first into [`Cancel::cancel`] and the second into [`Cancel::kill`].

mod cancel;
mod captured;
mod confine;
mod group;
mod hide;
mod invocation;
mod orphans;
mod reach;
mod relay;
mod run;
mod stream;

pub use cancel::Cancel;
pub use captured::{Captured, KEPT_BYTES};
pub use hide::hide_from_children;
pub use invocation::{ARGUMENT_LIMIT, Invocation, StartError};
pub use relay::{Relay, RelayError, Relayed, StandardInput, relay};
pub use run::{Ending, Finished, run};

/// The number of the user that this process runs as.
#[must_use]
pub fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Whether this process runs as the root user, to whom some tools refuse things.
#[must_use]
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether this is the first process, as a container's own program is: it has to reap what loses its
/// parent, and a signal that it does not wait for does nothing.
#[must_use]
pub fn is_first() -> bool {
    rustix::process::getpid().is_init()
}
