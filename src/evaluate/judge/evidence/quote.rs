//! Finds code that an answer quotes in the file that it is quoted from.

/// What fewer letters and digits say is found everywhere.
const LEAST_LETTERS: usize = 4;

/// How many lines of a quotation are looked for: far more than it takes to find a place.
const MOST_LINES: usize = 20;

/// A quotation that can be looked for.
#[derive(Debug)]
pub(super) struct Quote<'a> {
    /// Without indentation and blanks at the ends; never empty.
    lines: Vec<&'a str>,
}

impl<'a> Quote<'a> {
    /// `None` if `text` is too short to be evidence of anything.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let is_frame = |line: &&str| line.is_empty() || line.starts_with("```");
        let lines = text.lines().map(str::trim).skip_while(is_frame);
        let mut lines: Vec<&str> = lines.take(MOST_LINES).collect();
        while lines.last().is_some_and(is_frame) {
            lines.pop();
        }
        let letters = lines.iter().flat_map(|line| line.chars());
        let letters = letters.filter(|letter| letter.is_alphanumeric());
        (letters.take(LEAST_LETTERS).count() == LEAST_LETTERS).then_some(Self { lines })
    }

    /// The first and the last line (from 1) of the place in `text` that is nearest to `line`, or of the
    /// first one.
    pub(super) fn find(&self, text: &str, line: Option<u32>) -> Option<(u32, u32)> {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let near = usize::try_from(line.unwrap_or(1)).unwrap_or(usize::MAX);
        let starts = lines.windows(self.lines.len()).enumerate();
        let starts = starts.filter(|(_, window)| self.is(window));
        // Of two that are as near, the first.
        let (start, _) = starts.min_by_key(|(start, _)| near.abs_diff(start + 1))?;
        let first = u32::try_from(start + 1).ok()?;
        let last = u32::try_from(start + self.lines.len()).ok()?;
        Some((first, last))
    }

    /// A quotation may begin and end in the middle of a line.
    fn is(&self, window: &[&str]) -> bool {
        match (&self.lines[..], window) {
            ([quoted], [line]) => line.contains(quoted),
            ([first, inner @ .., last], [line, lines @ .., end]) => {
                line.ends_with(first) && end.starts_with(last) && inner == lines
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CODE: &str = "fn one() {\n    call(1);\n}\n\nfn two() {\n\tcall(1);\r\n\tend()\n}\n";

    fn find(quote: &str, line: Option<u32>) -> Option<(u32, u32)> {
        Quote::read(quote)?.find(CODE, line)
    }

    #[test]
    fn a_quotation_is_found_whatever_its_indentation() {
        assert_eq!(find("fn two() {", None), Some((5, 5)));
        assert_eq!(find("  fn two() {  \n call(1);\n", None), Some((5, 6)));
        assert_eq!(find("```js\ncall(1);\nend()\n```", None), Some((6, 7)));
        assert_eq!(find("two() {\n    call", None), Some((5, 6)));
        assert_eq!(find("call(2);", None), None);
        assert_eq!(find("fn one() {\nend()", None), None);
    }

    #[test]
    fn of_several_places_the_nearest_counts() {
        assert_eq!(find("call(1);", None), Some((2, 2)));
        assert_eq!(find("call(1);", Some(1)), Some((2, 2)));
        assert_eq!(find("call(1);", Some(4)), Some((2, 2)));
        assert_eq!(find("call(1);", Some(5)), Some((6, 6)));
        assert_eq!(find("call(1);", Some(u32::MAX)), Some((6, 6)));
    }

    #[test]
    fn what_says_too_little_is_no_evidence() {
        for text in ["", "}", "  }\n\n});", "```\n```", "a+b", "=> {"] {
            assert!(Quote::read(text).is_none(), "{text}");
        }
        assert!(Quote::read("日本語文").is_some());
    }

    #[test]
    fn a_long_quotation_in_a_long_file_is_found_quickly() {
        let file = format!("{}abcd\n", "\n".repeat(1_000_000));
        let quote = format!("abcd{}", "\n".repeat(7_000));
        assert_eq!(
            Quote::read(&quote).unwrap().find(&file, None),
            Some((1_000_001, 1_000_001))
        );
    }

    proptest! {
        #[test]
        fn whatever_is_quoted_from_a_file_is_found_there(
            lines in prop::collection::vec("[ab(){} ]{0,8}", 1..12), from in 0..12_usize, count in 1..12_usize,
        ) {
            let text = lines.join("\n");
            let quoted: Vec<&str> = lines.iter().skip(from).take(count).map(|line| line.trim()).collect();
            let quoted = quoted.join("\n");
            if let Some(quote) = Quote::read(&quoted) {
                let (first, last) = quote.find(&text, None).unwrap();
                prop_assert!(1 <= first && first <= last);
                prop_assert!(last as usize <= lines.len());
            }
        }

        #[test]
        fn any_two_texts_are_compared_without_a_panic(quote in any::<String>(), text in any::<String>(), line in any::<u32>()) {
            if let Some(quote) = Quote::read(&quote) {
                let _ = quote.find(&text, Some(line));
            }
        }
    }
}
