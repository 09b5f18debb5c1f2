//! Finds the verdicts in a model's words: bare JSON, a fenced block, or JSON in prose, in strict
//! JSON first and JSON5 (trailing commas, comments) second.
//!
//! The order of the contract (array, object, fence, array in prose, object in prose) falls out of
//! one scan: every bracketed region that has the shape of verdicts is a candidate, and arrays go
//! before objects. Which candidate answers the question is `verdicts.rs`'s business. Nothing here
//! guesses: a region that was meant as verdicts but can't be read spoils what may be part of it.

use serde::Deserialize;
use serde_json::Value;

/// The most text that is looked at, in bytes. A verdict has a few hundred.
const LONGEST_ANSWER: usize = 8 * 1024 * 1024;

/// Verdicts are shallow. The JSON5 reader has no limit of its own and would overflow the stack.
const DEEPEST: usize = 64;

/// How many bytes are searched for the ends of regions in all, so that a hostile answer can't make the
/// search quadratic.
const BUDGET: usize = 4 * LONGEST_ANSWER;

/// One object of an answer. Fields keep whatever type the model gave them; a field given twice makes
/// the object unreadable, since either of the two could be the one that was meant.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
pub(super) struct Item {
    #[serde(default)]
    pub(super) id: Value,
    #[serde(default)]
    pub(super) status: Value,
    #[serde(default)]
    pub(super) expectation: Value,
    #[serde(default)]
    pub(super) observed: Value,
    #[serde(default)]
    pub(super) location: Value,
    #[serde(default)]
    pub(super) resolution: Value,
    #[serde(default)]
    pub(super) error: Value,
}

/// One region of the text that has the shape of verdicts.
pub(super) type Candidate = Vec<Item>;

/// All regions of `text` that read as verdicts, in order; empty when there is none.
pub(super) fn find_candidates(text: &str) -> Vec<Candidate> {
    if text.len() > LONGEST_ANSWER {
        return Vec::new();
    }
    let mut scan = Scan {
        text,
        arrays: Vec::new(),
        objects: Vec::new(),
        spoiled: false,
        budget: BUDGET,
    };
    scan.run();
    if scan.budget == 0 {
        return Vec::new();
    }
    if !scan.arrays.is_empty() {
        return scan.arrays;
    }
    if scan.spoiled {
        return Vec::new();
    }
    scan.objects.into_iter().map(|item| vec![item]).collect()
}

struct Scan<'a> {
    text: &'a str,
    arrays: Vec<Candidate>,
    objects: Vec<Item>,
    /// Whether something that looks like an array of verdicts could not be read. From there on, only
    /// an array that starts a line is taken: any other may be quoted inside the broken one.
    spoiled: bool,
    budget: usize,
}

/// What a bracketed region holds.
enum Region {
    Array(Vec<Item>),
    Object(Box<Item>),
    /// Meant as verdicts, but with a field given twice.
    Broken,
    /// Some other JSON, which may hold verdicts deeper down.
    Other,
}

impl Scan<'_> {
    fn run(&mut self) {
        let mut from = 0;
        while self.budget > 0
            && let Some(offset) = self.text[from..].find(['[', '{'])
        {
            let start = from + offset;
            let rest = &self.text[start..];
            from = start + 1;
            match self.read(rest) {
                Some((_, Region::Array(_) | Region::Object(_)))
                    if self.spoiled && !starts_line(self.text, start) => {}
                Some((length, Region::Array(items))) => {
                    self.arrays.push(items);
                    from = start + length;
                }
                Some((length, Region::Object(item))) => {
                    self.objects.push(*item);
                    from = start + length;
                }
                Some((length, Region::Broken)) => {
                    self.spoiled = true;
                    from = start + length;
                }
                Some((_, Region::Other)) => {}
                None => self.spoiled |= looks_like_verdicts(rest),
            }
        }
    }

    /// Reads the region at the start of `rest` and tells its length.
    fn read(&mut self, rest: &str) -> Option<(usize, Region)> {
        let mut end = RegionEnd::new(&rest.as_bytes()[..rest.len().min(self.budget)]);
        let length = end.find();
        self.budget -= end.at.min(self.budget);
        let region = rest.get(..length?)?;
        if let Ok(value) = serde_json::from_str(region) {
            let object = |json: &str| serde_json::from_str(json).ok();
            let array = |json: &str| serde_json::from_str(json).ok();
            return Some((region.len(), shape(&value, region, object, array)));
        }
        let value = json5::from_str(region).ok()?;
        let object = |json: &str| json5::from_str(json).ok();
        let array = |json: &str| json5::from_str(json).ok();
        Some((region.len(), shape(&value, region, object, array)))
    }
}

/// Sorts a parsed region by its shape. The typed readers see the text again, because only they notice
/// a field that is given twice.
fn shape(
    value: &Value,
    json: &str,
    object: impl Fn(&str) -> Option<Item>,
    array: impl Fn(&str) -> Option<Vec<Item>>,
) -> Region {
    let is_verdict = |value: &Value| value.get("status").is_some();
    match value {
        Value::Object(_) if is_verdict(value) => {
            object(json).map_or(Region::Broken, |item| Region::Object(Box::new(item)))
        }
        Value::Array(items) if items.iter().any(is_verdict) => {
            array(json).map_or(Region::Broken, Region::Array)
        }
        Value::Object(_)
        | Value::Array(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_) => Region::Other,
    }
}

fn starts_line(text: &str, start: usize) -> bool {
    // From the end, so that many regions on one long line don't take quadratic time.
    let before = text[..start].trim_end_matches([' ', '\t']);
    before.is_empty() || before.ends_with('\n')
}

/// An array that starts with an object is what we asked for; if it can't be read, it was cut off or
/// badly quoted.
fn looks_like_verdicts(rest: &str) -> bool {
    rest.strip_prefix('[')
        .is_some_and(|inside| inside.trim_start().starts_with('{'))
}

/// Finds where the bracketed region at the start of `bytes` ends, strings and comments skipped as
/// JSON5 has them, which is a superset of JSON.
struct RegionEnd<'a> {
    bytes: &'a [u8],
    /// How far it has looked.
    at: usize,
}

impl<'a> RegionEnd<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The length of the region; `None` when it does not end, ends in the wrong bracket or nests too
    /// deeply.
    fn find(&mut self) -> Option<usize> {
        let mut open = Vec::new();
        loop {
            let byte = self.next()?;
            match byte {
                b'[' | b'{' => open.push(byte),
                b']' | b'}' => {
                    let expected = if byte == b']' { b'[' } else { b'{' };
                    if open.pop() != Some(expected) {
                        return None;
                    }
                }
                b'"' | b'\'' => self.skip_string(byte)?,
                b'/' => self.skip_comment()?,
                _ => {}
            }
            match open.len() {
                0 => return Some(self.at),
                depth if depth > DEEPEST => return None,
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied();
        self.at += 1;
        byte
    }

    fn skip_string(&mut self, quote: u8) -> Option<()> {
        loop {
            match self.next()? {
                b'\\' => self.at += 1,
                b'\n' => return None,
                byte if byte == quote => return Some(()),
                _ => {}
            }
        }
    }

    /// A slash that starts no comment is left to the parser to refuse.
    fn skip_comment(&mut self) -> Option<()> {
        let end: &[u8] = match self.bytes.get(self.at) {
            Some(b'/') => b"\n",
            Some(b'*') => b"*/",
            _ => return Some(()),
        };
        self.at += 1;
        while !self.bytes.get(self.at..)?.starts_with(end) {
            self.at += 1;
        }
        self.at += end.len();
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `id=status` of every item, candidates separated by `|`.
    fn found(text: &str) -> String {
        let item = |item: &Item| {
            let word = |value: &Value| value.as_str().unwrap_or("?").to_owned();
            format!("{}={}", word(&item.id), word(&item.status))
        };
        let candidate = |items: Candidate| items.iter().map(item).collect::<Vec<_>>().join(" ");
        find_candidates(text)
            .into_iter()
            .map(candidate)
            .collect::<Vec<_>>()
            .join(" | ")
    }

    const ARRAY: &str = r#"[{"id":"a","status":"pass"},{"id":"b","status":"fail"}]"#;

    #[test]
    fn verdicts_are_found_bare_fenced_and_in_prose() {
        let expected = "a=pass b=fail";
        assert_eq!(found(ARRAY), expected);
        assert_eq!(found(&format!("```json\n{ARRAY}\n```\n")), expected);
        assert_eq!(
            found(&format!("I don't doubt it: {ARRAY}. Done [1].")),
            expected
        );
        assert_eq!(found(&format!("{{\"results\": {ARRAY}}}")), expected);
        assert_eq!(found(r#"{"id":"a","status":"pass"}"#), "a=pass");
        assert_eq!(found(r#"It is {"id":"a","status":"pass"}."#), "a=pass");
    }

    #[test]
    fn json5_is_read_before_giving_up() {
        let expected = "a=pass b=fail";
        let text = "[\n  {id: 'a', status: \"pass\",}, // it's fine\n  {id: 'b', status: 'fail'}, /* ] */\n]";
        assert_eq!(found(text), expected);
        assert_eq!(found(&format!("so: {text} end")), expected);
    }

    #[test]
    fn every_candidate_is_kept_in_order() {
        let text = format!("For example [{{\"id\":\"x\",\"status\":\"pass\"}}]. Mine:\n{ARRAY}");
        assert_eq!(found(&text), "x=pass | a=pass b=fail");
        let lines = "{\"id\":\"a\",\"status\":\"pass\"}\n{\"id\":\"b\",\"status\":\"fail\"}";
        assert_eq!(found(lines), "a=pass | b=fail");
    }

    #[test]
    fn arrays_go_before_objects() {
        let text = format!("{{\"id\":\"x\",\"status\":\"pass\"}} {ARRAY}");
        assert_eq!(found(&text), "a=pass b=fail");
    }

    #[test]
    fn text_without_verdicts_has_none() {
        for text in [
            "",
            "401 Unauthorized",
            "[]",
            "{}",
            "[1, 2]",
            "[[[",
            "\"pass\"",
            "[\"pass\"]",
        ] {
            assert_eq!(found(text), "", "{text}");
        }
    }

    #[test]
    fn a_cut_off_array_is_not_mined_for_its_objects() {
        assert_eq!(found(r#"[{"id":"a","status":"pass"},{"id":"b","sta"#), "");
        assert_eq!(
            found(
                r#"[{"id":"a","status":"pass"},{"id":"b","status":"fail","observed":"says "no""}]"#
            ),
            ""
        );
    }

    #[test]
    fn verdicts_quoted_inside_a_broken_array_do_not_count() {
        let text = r#"[{"id":"a","status":"fail","observed":"prints "[{"id":"a","status":"pass"}]" there"}]"#;
        assert_eq!(found(text), "");
    }

    #[test]
    fn an_unreadable_example_does_not_hide_the_answer_below_it() {
        let text = format!("The format is [{{\"id\": ..., \"status\": ...}}].\n\n{ARRAY}");
        assert_eq!(found(&text), "a=pass b=fail");
    }

    #[test]
    fn a_field_given_twice_is_unreadable() {
        assert_eq!(found(r#"[{"id":"a","status":"fail","status":"pass"}]"#), "");
        assert_eq!(found(r#"{"id":"a","status":"fail","status":"pass"}"#), "");
        assert_eq!(found(r#"[{id:"a",status:"fail",status:"pass",}]"#), "");
    }

    #[test]
    fn hostile_nesting_ends_quickly_and_without_a_crash() {
        let deep = "[{".repeat(100_000);
        assert_eq!(found(&deep), "");
        assert_eq!(found(&"[".repeat(200_000)), "");
        assert_eq!(found(&"['".repeat(100_000)), "");
        assert_eq!(found(&"[/*".repeat(100_000)), "");
        assert_eq!(found(&"{a:[".repeat(50_000)), "");
        let one_line = r#"[{"status":"pass"}] "#.repeat(20_000);
        assert_eq!(found(&format!("[{{broken {one_line}")), "");
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_read_without_a_panic(text in "\\PC{0,200}") {
            let _ = find_candidates(&text);
        }

        #[test]
        fn arbitrary_punctuation_is_read_without_a_panic(text in r#"[\[\]{}"',:/*\\ab\n ]{0,200}"#) {
            let _ = find_candidates(&text);
        }

        #[test]
        fn prose_around_an_array_changes_nothing(before in "[^\\[\\]{}]{0,80}", after in "[^\\[\\]{}]{0,80}") {
            prop_assert_eq!(found(&format!("{before}{ARRAY}{after}")), "a=pass b=fail");
        }
    }
}
