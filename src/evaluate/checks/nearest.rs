//! "Did you mean …?": the known word that is closest to a mistyped one.

/// A word with more edits than this is a different word, not a slip of the fingers.
const MOST_EDITS: usize = 2;

/// The closest of `known` to `word`; the first of several equally close ones.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let most = MOST_EDITS.min(word.chars().count() / 2);
    known
        .into_iter()
        .map(|candidate| {
            let edits = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
            (edits, candidate)
        })
        .filter(|(edits, _)| *edits <= most)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["exists", "absent", "lacks"];

    #[test]
    fn a_slip_finds_its_word_and_another_word_finds_none() {
        assert_eq!(nearest("exist", KNOWN), Some("exists"));
        assert_eq!(nearest("ABSENT", KNOWN), Some("absent"));
        assert_eq!(nearest("lcaks", KNOWN), Some("lacks"));
        assert_eq!(nearest("requires", KNOWN), None);
        assert_eq!(nearest("", KNOWN), None);
        assert_eq!(nearest("-", KNOWN), None);
    }
}
