//! Both ends of what a child printed, in bounded memory.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;

/// How much of each end of a stream is kept: 4 MiB.
pub const KEPT_BYTES: usize = 4 * 1024 * 1024;

/// One stream of a child: its first and its last [`KEPT_BYTES`], and how long it was.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Captured {
    head: Vec<u8>,
    tail: Vec<u8>,
    total: u64,
}

impl Captured {
    /// The first bytes, all of them if the stream was no longer than [`KEPT_BYTES`].
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The last bytes that are not in [`Self::head`].
    #[must_use]
    pub fn tail(&self) -> &[u8] {
        &self.tail
    }

    /// How many bytes the stream had, kept or not.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Whether nothing was left out between head and tail.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.left_out() == 0
    }

    /// The text, with U+FFFD for what is not UTF-8. Where bytes were left out, a line between the
    /// ends says how many.
    #[must_use]
    pub fn to_text_lossy(&self) -> String {
        let left_out = self.left_out();
        if left_out > 0 {
            return format!(
                "{}\n… {left_out} bytes left out …\n{}",
                String::from_utf8_lossy(&self.head),
                String::from_utf8_lossy(&self.tail)
            );
        }
        // Joined before decoding: a character may lie across the border.
        let joined = if self.tail.is_empty() {
            Cow::from(&self.head)
        } else {
            Cow::from([self.head.as_slice(), &self.tail].concat())
        };
        String::from_utf8_lossy(&joined).into_owned()
    }

    /// The same with the text of its last `most` bytes replaced.
    #[must_use]
    pub fn with_last_text(&self, most: usize, replace: impl FnOnce(&str) -> String) -> Self {
        let mut changed = self.clone();
        let end = if changed.tail.is_empty() {
            &mut changed.head
        } else {
            &mut changed.tail
        };
        let last = end.split_off(end.len().saturating_sub(most));
        let replaced = replace(&String::from_utf8_lossy(&last));
        end.extend_from_slice(replaced.as_bytes());
        changed.total = self.total - last.len() as u64 + replaced.len() as u64;
        changed
    }

    fn left_out(&self) -> u64 {
        self.total - self.head.len() as u64 - self.tail.len() as u64
    }
}

/// What a stream that printed exactly these bytes is captured as.
impl From<&[u8]> for Captured {
    fn from(bytes: &[u8]) -> Self {
        let mut capture = Capture::default();
        capture.push(bytes);
        capture.finish()
    }
}

/// Sizes only: the text may be megabytes, and hold secrets.
impl fmt::Debug for Captured {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Captured")
            .field("total", &self.total)
            .field("left_out", &self.left_out())
            .finish_non_exhaustive()
    }
}

/// A [`Captured`] that is still being filled.
#[derive(Default)]
pub(super) struct Capture {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    total: u64,
}

impl Capture {
    /// Adds what came next on the stream.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let room = KEPT_BYTES - self.head.len();
        let (first, rest) = bytes.split_at(room.min(bytes.len()));
        let growth = growth(self.head.len(), self.head.capacity(), first.len());
        self.head.reserve_exact(growth);
        self.head.extend_from_slice(first);

        let rest = &rest[rest.len().saturating_sub(KEPT_BYTES)..];
        let overflow = (self.tail.len() + rest.len()).saturating_sub(KEPT_BYTES);
        self.tail.drain(..overflow);
        let growth = growth_of_tail(&self.tail, rest.len());
        self.tail.reserve_exact(growth);
        self.tail.extend(rest);
    }

    pub(super) fn finish(self) -> Captured {
        Captured {
            head: self.head,
            tail: self.tail.into(),
            total: self.total,
        }
    }
}

fn growth_of_tail(tail: &VecDeque<u8>, more: usize) -> usize {
    growth(tail.len(), tail.capacity(), more)
}

/// How much to reserve for `more` bytes: doubles like a `Vec` does, but never past
/// [`KEPT_BYTES`], which a `Vec` would overshoot.
fn growth(length: usize, capacity: usize, more: usize) -> usize {
    let needed = length + more;
    if needed <= capacity {
        return 0;
    }
    needed.max((capacity * 2).min(KEPT_BYTES)) - length
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn captured_in_pieces(bytes: &[u8], piece: usize) -> Capture {
        let mut capture = Capture::default();
        bytes.chunks(piece).for_each(|bytes| capture.push(bytes));
        capture
    }

    /// Bytes that tell where they stand.
    fn counting(length: usize) -> Vec<u8> {
        (0..=250_u8)
            .cycle()
            .flat_map(|byte| [byte; 7])
            .take(length)
            .collect()
    }

    #[test]
    fn a_small_output_is_kept_whole_and_takes_little_memory() {
        let capture = captured_in_pieces(b"[{\"id\": \"a\"}]\n", 4);
        assert!(capture.head.capacity() + capture.tail.capacity() < 64);
        let captured = capture.finish();
        assert_eq!(captured.to_text_lossy(), "[{\"id\": \"a\"}]\n");
        assert_eq!(captured.total(), 14);
        assert!(captured.is_complete());
        assert!(captured.tail().is_empty());
    }

    #[test]
    fn the_last_text_is_replaced_and_the_rest_counts_as_before() {
        let long = Captured::from(counting(3 * KEPT_BYTES).as_slice());
        let changed = long.with_last_text(10, |last| format!("{}!", last.len()));
        assert_eq!(changed.left_out(), long.left_out());
        assert!(changed.tail().ends_with(b"!") && changed.head() == long.head());
        let short = Captured::from(b"abc".as_slice()).with_last_text(10, str::to_uppercase);
        assert_eq!((short.to_text_lossy().as_str(), short.total()), ("ABC", 3));
    }

    #[test]
    fn of_a_long_output_both_ends_are_kept_in_bounded_memory() {
        let bytes = counting(3 * KEPT_BYTES + 12_345);
        let capture = captured_in_pieces(&bytes, 60_001);
        assert!(capture.head.capacity() <= KEPT_BYTES);
        assert!(capture.tail.capacity() <= KEPT_BYTES);
        let captured = capture.finish();
        assert!(captured.head() == &bytes[..KEPT_BYTES]);
        assert!(captured.tail() == &bytes[bytes.len() - KEPT_BYTES..]);
        assert_eq!(captured.total(), bytes.len() as u64);
        assert!(!captured.is_complete());
        let text = captured.to_text_lossy();
        let marker = format!("\n… {} bytes left out …\n", KEPT_BYTES + 12_345);
        assert_eq!(text.matches(&marker).count(), 1);
    }

    #[test]
    fn one_piece_longer_than_both_ends_is_cut_like_many_small_ones() {
        let bytes = counting(2 * KEPT_BYTES + 99);
        let at_once = Captured::from(bytes.as_slice());
        assert!(at_once == captured_in_pieces(&bytes, 4096).finish());
        assert!(!at_once.is_complete());
    }

    #[test]
    fn a_character_across_the_border_of_head_and_tail_stays_whole() {
        let mut bytes = vec![b'x'; KEPT_BYTES - 1];
        bytes.extend("é!".as_bytes());
        let captured = Captured::from(bytes.as_slice());
        assert!(captured.is_complete());
        assert!(captured.to_text_lossy().ends_with("xé!"));
    }

    #[test]
    fn debug_never_shows_the_text() {
        let captured = Captured::from(b"hunter2".as_slice());
        assert_eq!(
            format!("{captured:?}"),
            "Captured { total: 7, left_out: 0, .. }"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces_come_back_as_their_lossy_text(
            bytes: Vec<u8>,
            piece in 1_usize..50,
        ) {
            let captured = captured_in_pieces(&bytes, piece).finish();
            prop_assert_eq!(captured.total(), bytes.len() as u64);
            prop_assert_eq!(captured.to_text_lossy(), String::from_utf8_lossy(&bytes));
        }
    }
}
