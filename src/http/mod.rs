//! One HTTP client for everything that semtest itself sends: which certificates it trusts, how long
//! it waits, what it repeats.
//!
//! What is asked and what an answer means is its callers' business (`publish`). Agents make their
//! own connections.

mod client;
mod error;
mod pause;
mod redirect;
mod retry;
mod roots;

pub use client::{Client, Options};
pub use error::{Cause, HttpError};
pub use pause::IsRateLimit;
pub use retry::SafeToRepeat;
