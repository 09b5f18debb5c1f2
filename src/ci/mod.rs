//! An environment in, a [`CiContext`] out: which CI system this is, which commit, branch and pull
//! request are judged, and whether whoever wrote them may be trusted.

use crate::env::Env;
use crate::model::{CiContext, CiSystem};

/// What `env` tells about where this run takes place.
#[must_use]
pub fn detect(env: &Env) -> CiContext {
    CiContext {
        system: env.is_ci().then_some(CiSystem::Other),
        ..CiContext::default()
    }
}
