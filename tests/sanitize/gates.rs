//! What holds for the output of every function, whatever comes in.

use proptest::prelude::*;
use semtest::sanitize::{
    json_text, markdown_block, markdown_code, markdown_text, prompt_fence, sarif_text,
    terminal_block, terminal_line, xml_line, xml_text,
};

use crate::corpus::{glued, hostile};
use crate::readers::find_commands;

type Gate = (&'static str, fn(&str) -> String);

const GATES: [Gate; 9] = [
    ("terminal_line", terminal_line),
    ("terminal_block", |text| terminal_block(text, 5)),
    ("markdown_text", markdown_text),
    ("markdown_code", markdown_code),
    ("markdown_block", markdown_block),
    ("xml_text", xml_text),
    ("xml_line", xml_line),
    ("json_text", in_json),
    ("sarif_text", sarif_text),
];

fn in_json(text: &str) -> String {
    json_text(&serde_json::Value::from(text).to_string())
}

const ONE_LINE: [&str; 5] = [
    "terminal_line",
    "markdown_text",
    "markdown_code",
    "xml_line",
    "sarif_text",
];

/// Also sent through two gates, as a report line that ends up in a log.
fn assert_safe(name: &str, text: &str, safe: &str) {
    for character in safe.chars() {
        let kept = matches!(character, '\n' | '\t');
        assert!(
            kept || !character.is_control(),
            "{name}({text:?}) = {safe:?}"
        );
        assert!(!is_smuggled(character), "{name}({text:?}) = {safe:?}");
        assert!(is_legal_xml(character), "{name}({text:?}) = {safe:?}");
    }
    if ONE_LINE.contains(&name) {
        assert!(!safe.contains(['\n', '\t']), "{name}({text:?}) = {safe:?}");
    }
    for log in [
        safe.to_owned(),
        format!("  {safe}"),
        format!("{safe}\n{safe}\r{safe}"),
    ] {
        assert!(
            find_commands(&log).is_empty(),
            "{name}({text:?}) = {safe:?}"
        );
    }
    assert!(
        !safe.to_ascii_uppercase().contains("[[ATTACHMENT"),
        "{name}({text:?}) = {safe:?}"
    );
}

fn is_smuggled(character: char) -> bool {
    matches!(
        u32::from(character),
        0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x2069
            | 0xfe00..=0xfe0f | 0xfeff | 0xe_0000..=0xe_007f | 0xe_0100..=0xe_01ef
    )
}

/// XML 1.0, production `Char`.
fn is_legal_xml(character: char) -> bool {
    matches!(
        u32::from(character),
        0x9 | 0xa | 0xd | 0x20..=0xd7ff | 0xe000..=0xfffd | 0x1_0000..=0x10_ffff
    )
}

fn check(text: &str) {
    for (name, gate) in GATES {
        let safe = gate(text);
        assert_safe(name, text, &safe);
        for (next, gate) in GATES {
            assert_safe(next, &safe, &gate(&safe));
        }
    }
    let line = terminal_line(text);
    assert_eq!(terminal_line(&line), line);
    let block = terminal_block(text, usize::MAX);
    assert_eq!(terminal_block(&block, usize::MAX), block);
    let xml = xml_text(text);
    assert_eq!(xml_text(&xml), xml);
    assert!(terminal_block(text, 5).lines().count() <= 6);
    let fence = prompt_fence(text);
    assert!(
        fence.len() >= 3 && !text.contains(&fence),
        "{text:?}: {fence}"
    );
}

#[test]
fn the_corpus_passes_no_gate() {
    for text in hostile() {
        check(&text);
    }
}

#[test]
fn two_results_side_by_side_make_no_command() {
    let pieces = [
        "#", "##", "[x]", "#[x]", ":", "::", ":a::b", "::a", "vso[x]", "#vso[x]", "", "a",
    ];
    for first in pieces {
        for second in pieces {
            for third in pieces {
                let line = [first, second, third].map(terminal_line).concat();
                assert!(find_commands(&line).is_empty(), "{line}");
            }
        }
    }
}

/// A function that is quadratic in its input would be noticed here, by whoever waits for it.
#[test]
fn long_hostile_text_takes_linear_time() {
    for unit in [
        "`", "~", "#", "[", "::", "\u{488}", "#\u{488}", "@a ", "\u{1b}[", "\u{1b}]", "\n", "\\",
        "|", ">", "a/>", ":a", "~.", "gh-", "deadbeef", "` ", "<", "世",
    ] {
        let text = unit.repeat(30_000 / unit.len());
        for (name, gate) in GATES {
            let safe = gate(&text);
            assert!(safe.len() <= 8 * text.len() + 1000, "{name}({unit:?}…)");
        }
    }
}

proptest! {
    #[test]
    fn glued_tricks_pass_no_gate(text in glued()) {
        check(&text);
    }

    #[test]
    fn any_text_is_made_safe(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn glued_results_side_by_side_make_no_command(texts in prop::collection::vec(glued(), 2..5)) {
        let line: String = texts.iter().map(|text| terminal_line(text)).collect();
        prop_assert!(find_commands(&line).is_empty(), "{line:?}");
    }
}
