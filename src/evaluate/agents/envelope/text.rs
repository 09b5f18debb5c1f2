//! Plain text: the answer is what the tool prints.

use super::{Decoded, Said, claude};

/// The answer as it is, unless it is Claude Code's envelope: an agent of the user's own may well be
/// a script around Claude Code.
pub(super) fn decode(printed: String) -> Decoded {
    claude::object(&printed).unwrap_or_else(|| Decoded::of(Said::Answer(printed)))
}
