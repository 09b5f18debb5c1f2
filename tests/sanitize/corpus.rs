//! Hostile texts: the hand-written corpus, and a generator that glues its kinds of trick together.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// Every text of `hostile.json`.
pub(crate) fn hostile() -> Vec<String> {
    let kinds: BTreeMap<String, Vec<String>> =
        serde_json::from_str(include_str!("hostile.json")).expect("the corpus is JSON");
    kinds.into_values().flatten().collect()
}

/// What means something to some reader: to a CI system, a terminal, a forge, Markdown.
const FRAGMENTS: &[&str] = &[
    "::",
    ":",
    "##",
    "#",
    "[",
    "]",
    "##[",
    "error",
    "vso[",
    "teamcity[",
    "[[ATTACHMENT|",
    " ",
    "  ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\u{85}",
    "\u{2028}",
    "\u{b}",
    "\0",
    "\u{1b}",
    "\u{1b}[",
    "\u{1b}[0m",
    "\u{1b}]0;",
    "\u{1b}P",
    "\u{1b}\\",
    "\u{7}",
    "\u{9b}",
    "\u{9c}",
    "\u{9d}",
    "m",
    "\u{200b}",
    "\u{202e}",
    "\u{feff}",
    "\u{ad}",
    "\u{e0041}",
    "\u{488}",
    "\u{301}",
    "\u{3000}",
    "@",
    "a",
    "octocat",
    "org/",
    "1",
    "12",
    "GH-",
    "deadbeef",
    "fixes ",
    "!",
    "$",
    "&",
    "%",
    "~",
    "\"",
    "'",
    "<",
    ">",
    "</",
    "<b>",
    "<!--",
    "-->",
    "&lt;",
    "&#64;",
    ";",
    "`",
    "``",
    "```",
    "~~~",
    "\\",
    "|",
    "*",
    "**",
    "_",
    "__",
    "~~",
    "(",
    ")",
    "](",
    "![",
    "http://",
    "www.",
    ".",
    "x.y",
    "mailto:",
    "-",
    "- ",
    "+ ",
    "1. ",
    "> ",
    "# ",
    "===",
    "---",
    "\n\n",
    "    ",
    "/",
    "/close",
    "{",
    "}",
    "é",
    "世",
    "＠",
    "🚀",
];

/// Short texts made of fragments and a few other characters.
pub(crate) fn glued() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        9 => proptest::sample::select(FRAGMENTS).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(fragment, 0..14).prop_map(|fragments| fragments.concat())
}

/// The same `count` glued texts in every run, for readers that are too slow to start for each.
pub(crate) fn glued_sample(count: usize) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let texts = glued();
    (0..count)
        .map(|_| texts.new_tree(&mut runner).expect("a text").current())
        .collect()
}

#[test]
fn the_corpus_is_large_and_has_no_text_twice() {
    let mut texts = hostile();
    let count = texts.len();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), count);
    assert!(count >= 200, "{count}");
}
