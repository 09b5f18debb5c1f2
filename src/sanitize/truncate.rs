//! Cuts a text to a size. Knows nothing of what the text means, so it comes before every other
//! function of this room.

use std::borrow::Cow;

const MARK: &str = "…";

/// At most `max_bytes` bytes of `text`, ending in `…` when something was cut, never inside a
/// character. Where not even the mark fits, the result is empty.
#[must_use]
pub fn truncate(text: &str, max_bytes: usize) -> Cow<'_, str> {
    if text.len() <= max_bytes {
        return Cow::Borrowed(text);
    }
    let Some(room) = max_bytes.checked_sub(MARK.len()) else {
        return Cow::Borrowed("");
    };
    let kept = &text[..text.floor_char_boundary(room)];
    Cow::Owned(format!("{kept}{MARK}"))
}

#[cfg(test)]
mod tests {
    use super::truncate;
    use proptest::prelude::*;

    #[test]
    fn text_that_fits_is_untouched() {
        assert_eq!(truncate("abcd", 4), "abcd");
        assert_eq!(truncate("", 0), "");
    }

    #[test]
    fn a_cut_is_marked_and_never_splits_a_character() {
        assert_eq!(truncate("abcdef", 5), "ab…");
        assert_eq!(truncate("aé漢字", 6), "aé…");
        assert_eq!(truncate("abcdef", 2), "");
    }

    proptest! {
        #[test]
        fn the_limit_always_holds(text in any::<String>(), max_bytes in 0_usize..64) {
            let cut = truncate(&text, max_bytes);
            prop_assert!(cut.len() <= max_bytes);
            prop_assert!(text.starts_with(cut.trim_end_matches('…')));
        }
    }
}
