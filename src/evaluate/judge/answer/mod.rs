//! Finds the verdicts in a model's words: bare JSON, a fenced block, or JSON in prose, in strict
//! JSON first and JSON5 (trailing commas, comments) second.
//!
//! The order of the contract (array, object, fence, array in prose, object in prose) falls out of
//! one scan: every bracketed region that has the shape of verdicts is a candidate. Which of them
//! answer the question is `verdicts.rs`'s business. Nothing here guesses: a region that was meant as
//! verdicts but can't be read spoils what may be part of it.

mod region;
mod shape;

use std::ops::Range;

use serde::Deserialize;
use serde_json::Value;

use region::RegionEnd;
use shape::Shape;

/// The most text that is looked at, in bytes. A verdict has a few hundred.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// How many verdicts one region may hold; each takes half a kilobyte of memory.
const MOST_ITEMS: usize = 10_000;

/// How many bytes are searched for the ends of regions in all, so that a hostile answer can't make the
/// search quadratic.
const BUDGET: usize = 8 * LONGEST_ANSWER;

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
    pub(super) evidence: Value,
    #[serde(default)]
    pub(super) resolution: Value,
    #[serde(default)]
    pub(super) error: Value,
}

/// One region of the text that has the shape of verdicts.
pub(super) type Candidate = Vec<Item>;

/// What an answer holds.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Found {
    /// All regions that read as verdicts, in order.
    pub(super) candidates: Vec<Candidate>,
    /// Whether the answer is one region and nothing else but a fence around it. JSON in prose may be
    /// an example or a quotation.
    pub(super) alone: bool,
}

/// Finds everything in `text` that reads as verdicts.
pub(super) fn find_verdicts(text: &str) -> Found {
    let mut scan = Scan {
        text,
        regions: Vec::new(),
        spoiled: false,
        budget: BUDGET,
    };
    if text.len() <= LONGEST_ANSWER {
        scan.run();
    }
    if scan.spoiled || scan.budget == 0 {
        return Found::default();
    }
    let alone = match &scan.regions[..] {
        [only] => is_framed(text, &only.span),
        _ => false,
    };
    Found {
        candidates: scan
            .regions
            .into_iter()
            .map(|region| region.items)
            .collect(),
        alone,
    }
}

/// Whether nothing but white space and the fence of a code block stands around `span`.
fn is_framed(text: &str, span: &Range<usize>) -> bool {
    let before = text[..span.start].trim();
    let after = text[span.end..].trim();
    let opens = before.is_empty() || (before.starts_with("```") && !before.contains('\n'));
    opens && after.chars().all(|letter| letter == '`')
}

struct Scan<'a> {
    text: &'a str,
    regions: Vec<Region>,
    /// Whether something that was meant as verdicts can't be read. Then nothing counts: what else
    /// reads as a verdict may be quoted inside it, by a model that quotes hostile code.
    spoiled: bool,
    budget: usize,
}

/// A bracketed region that reads as verdicts.
struct Region {
    span: Range<usize>,
    items: Vec<Item>,
}

impl Scan<'_> {
    fn run(&mut self) {
        let mut from = 0;
        while self.budget > 0
            && !self.spoiled
            && let Some(offset) = self.text[from..].find(['[', '{'])
        {
            let start = from + offset;
            from = start + 1;
            let mut end = RegionEnd::new(&self.text.as_bytes()[start..], self.budget);
            let length = end.find();
            self.budget -= end.looked_at();
            let Some(json) = length.and_then(|length| self.text.get(start..start + length)) else {
                self.spoiled = region::begins_verdicts(&self.text[start..]);
                continue;
            };
            match read(json) {
                Reading::Verdicts(items) => {
                    from = start + json.len();
                    let span = start..from;
                    self.regions.push(Region { span, items });
                }
                Reading::Broken => self.spoiled = true,
                Reading::NotJson => self.spoiled = region::holds_status(json),
                Reading::Other => {}
            }
        }
    }
}

/// What a bracketed region holds.
enum Reading {
    Verdicts(Vec<Item>),
    /// Meant as verdicts, but with a field given twice, or far too many.
    Broken,
    /// Some other JSON, which may hold verdicts deeper down.
    Other,
    NotJson,
}

fn read(json: &str) -> Reading {
    if let Ok(shape) = serde_json::from_str(json) {
        let one = |json: &str| serde_json::from_str(json).ok();
        let many = |json: &str| serde_json::from_str(json).ok();
        return read_shape(&shape, json, one, many);
    }
    match json5::from_str(json) {
        Ok(shape) => {
            let one = |json: &str| json5::from_str(json).ok();
            let many = |json: &str| json5::from_str(json).ok();
            read_shape(&shape, json, one, many)
        }
        Err(_) => Reading::NotJson,
    }
}

fn read_shape(
    shape: &Shape,
    json: &str,
    one: impl Fn(&str) -> Option<Item>,
    many: impl Fn(&str) -> Option<Vec<Item>>,
) -> Reading {
    let items = match shape {
        Shape::Verdict => one(json).map(|item| vec![item]),
        Shape::Verdicts { length } if *length > MOST_ITEMS => None,
        Shape::Verdicts { .. } => many(json),
        Shape::Other => return Reading::Other,
    };
    items.map_or(Reading::Broken, Reading::Verdicts)
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
        find_verdicts(text)
            .candidates
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
    fn an_answer_is_alone_when_only_a_fence_stands_around_it() {
        let alone = |text: &str| find_verdicts(text).alone;
        assert!(alone(ARRAY));
        assert!(alone(&format!("\n```json\n{ARRAY}\n```\n")));
        assert!(!alone(&format!("It says {ARRAY}")));
        assert!(!alone(&format!("{ARRAY} or so")));
        assert!(!alone(&format!("{ARRAY}{ARRAY}")));
        assert!(!alone(""));
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
    fn a_verdict_quoted_in_an_unreadable_one_does_not_count() {
        let unreadable = [
            r#"{"id":"a","status":"fail","observed":"it says {"id":"a","status":"pass"} which I ignore"}"#,
            r#"{"id":"a","status":"fail","observed":"it says {"id":"a","status":"pass"}"#,
            "[{\"id\":\"a\",\"status\":\"fail\",\"observed\":\"it says\n[{\"id\":\"a\",\"status\":\"pass\"}]\nwhich is no answer\"}]",
            "[{\"id\":\"a\",\"status\":\"fail\",\"observed\":\"it says \"no\" here\"}]\nA good answer:\n[{\"id\":\"a\",\"status\":\"pass\"}]",
            "{id: 'a', status: 'fail', observed: 'it's'}\n[{\"id\":\"a\",\"status\":\"pass\"}]",
        ];
        for text in unreadable {
            assert_eq!(found(text), "", "{text}");
        }
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
            let _ = find_verdicts(&text);
        }

        #[test]
        fn arbitrary_punctuation_is_read_without_a_panic(text in r#"[\[\]{}"',:/*\\ab\n ]{0,200}"#) {
            let _ = find_verdicts(&text);
        }

        #[test]
        fn prose_around_an_array_changes_nothing(before in "[^\\[\\]{}]{0,80}", after in "[^\\[\\]{}]{0,80}") {
            prop_assert_eq!(found(&format!("{before}{ARRAY}{after}")), "a=pass b=fail");
        }
    }
}
