//! Annotations of hostile texts, read as GitHub's runner reads them.

use proptest::prelude::*;
use semtest::model::{Annotation, Severity, Spot};
use semtest::publish::workflow_commands;

use crate::corpus::{glued, hostile};
use crate::readers::find_commands;
use crate::runner::commands;

/// One command that says what was meant, and none in what the runner writes back into the log.
fn check(text: &str, other: &str) {
    let annotation = Annotation {
        severity: Severity::Error,
        spot: Some(Spot {
            path: other.to_owned(),
            line: Some(7),
        }),
        title: text.to_owned(),
        message: format!("{other}{text}"),
    };
    let lines = workflow_commands(&[annotation], "Read on.");
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    let read = commands(&format!("before\n{line}\nafter"));
    assert_eq!(read.len(), 1, "{line:?}");
    assert_eq!(read[0].name, "error");
    let properties = &read[0].properties;
    let known = ["file", "line", "title"];
    assert!(
        properties.keys().all(|key| known.contains(&key.as_str())),
        "{line:?}"
    );
    // A file is told as it is or not at all, and a line only with its file.
    let file = properties.get("file");
    assert!(file.is_none_or(|file| file == other), "{line:?}");
    let expected = file.map(|_| "7");
    assert_eq!(
        properties.get("line").map(String::as_str),
        expected,
        "{line:?}"
    );
    let title = properties.get("title").map_or("", String::as_str);
    for shown in [read[0].data.as_str(), title] {
        assert!(find_commands(shown).is_empty(), "{shown:?}");
        let is_plain = |c: char| c == '\n' || c == '\t' || !c.is_control();
        assert!(shown.chars().all(is_plain), "{shown:?}");
    }
    assert!(read[0].data.encode_utf16().count() <= 4_096);
    assert!(title.encode_utf16().count() <= 255);
}

#[test]
fn the_corpus_makes_one_command_an_annotation() {
    for text in hostile() {
        check(&text, "src/a.rs");
        check("title", &text);
        check(&text, &text);
    }
}

#[test]
fn a_plain_place_is_told() {
    let annotation = Annotation {
        severity: Severity::Warning,
        spot: Some(Spot {
            path: "src/ü, 100%:a.rs".into(),
            line: Some(7),
        }),
        title: "a: b, c=d 5%".into(),
        message: "one\ntwo: 100%0A".into(),
    };
    let read = commands(&workflow_commands(&[annotation], "")[0]);
    let properties = [
        ("file", "src/ü, 100%:a.rs"),
        ("line", "7"),
        ("title", "a: b, c=d 5%"),
    ];
    let properties = properties.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(read[0].properties, properties.into());
    assert_eq!(read[0].data, "one\ntwo: 100%0A");
}

proptest! {
    #[test]
    fn glued_tricks_make_one_command_an_annotation(text in glued(), other in glued()) {
        check(&text, &other);
    }

    #[test]
    fn any_text_makes_one_command_an_annotation(text in any::<String>(), other in "[a-z/.%,:=#\\[ ]{0,12}") {
        check(&text, &other);
    }
}
