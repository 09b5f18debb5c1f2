//! "Did you mean …?": the known words that are closest to a mistyped one.

/// Words longer than this are not compared: the distance takes quadratic time, and the word may be
/// a stranger's.
const LONGEST_WORD: usize = 100;

/// How many words are proposed at most.
const MOST_PROPOSED: usize = 3;

/// The words of `known` that may have been meant by `word`, the closest first, at most three; equally
/// close ones in the order of `known`. Case does not count. A third of a known word may be wrong, so
/// that two letters, such as `id`, have no neighbours.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    if word.len() > LONGEST_WORD {
        return Vec::new();
    }
    let word = word.to_lowercase();
    let mut close: Vec<(usize, &str)> = known
        .into_iter()
        .map(|candidate| {
            let edits = strsim::damerau_levenshtein(&word, &candidate.to_lowercase());
            (edits, candidate)
        })
        .filter(|(edits, candidate)| *edits <= candidate.chars().count() / 3)
        .collect();
    close.sort_by_key(|(edits, _)| *edits);
    close.truncate(MOST_PROPOSED);
    close.into_iter().map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_another_word_finds_none() {
        let known = ["exists", "absent", "lacks", "id", "testMatch", "llm"];
        assert_eq!(nearest("exist", known), ["exists"]);
        assert_eq!(nearest("ABSENT", known), ["absent"]);
        assert_eq!(nearest("lcaks", known), ["lacks"]);
        assert_eq!(nearest("testmatch", known), ["testMatch"]);
        for other in ["requires", "", "-", "uid", "x"] {
            assert!(nearest(other, known).is_empty(), "{other}");
        }
        assert!(nearest(&"e".repeat(1_000_000), known).is_empty());
    }

    #[test]
    fn the_closest_come_first_and_no_more_than_three() {
        let known = [
            "sonnet-4-4",
            "sonnet-4-5",
            "sonnet-4-6",
            "opus-4-6",
            "sonet-4-6",
        ];
        assert_eq!(
            nearest("sonet-4-6", known),
            ["sonet-4-6", "sonnet-4-6", "sonnet-4-4"]
        );
    }
}
