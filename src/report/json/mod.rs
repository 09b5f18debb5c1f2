//! `ci-results.json`: a run as machines read it, written and read back.
//!
//! The format is frozen in [`document`], apart from the model, so that renaming a field of the model
//! never changes a file that somebody's pipeline reads. Its schema is `docs/ci-results.schema.json`.

mod bounded;
mod document;
mod read;
#[cfg(test)]
mod schema;
mod standing;
mod told;
mod usage;

pub use read::{MAX_BYTES, ParseError, parse};

use crate::model::RunReport;
use crate::sanitize::json_text;
use document::Document;

/// The version of the format. It changes when a reader of the old format would be misled.
pub const SCHEMA_VERSION: u32 = 1;

/// Renders a run as pretty JSON with a stable field order and a newline at the end.
///
/// Pipelines print this file into their logs, so characters by which a log could be steered or
/// falsified are written as `\u` escapes. Every JSON reader gets the same text back.
#[must_use]
pub fn render(report: &RunReport) -> String {
    // Serializing fails for non-string keys only, and there are none. Were it to fail, an empty
    // file is one that every reader refuses.
    let json = serde_json::to_string_pretty(&Document::of(report)).unwrap_or_default();
    let mut text = json_text(&json);
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Outcome;
    use crate::report::arbitrary;

    #[test]
    fn every_kind_of_result_is_in_the_document() {
        insta::assert_snapshot!(render(&RunReport::sample()));
    }

    #[test]
    fn counts_that_are_zero_are_left_out() {
        insta::assert_snapshot!(render(&RunReport::sample_passed()));
    }

    #[test]
    fn the_signal_that_ended_a_run_is_named() {
        insta::assert_snapshot!(render(&RunReport::sample_interrupted()));
    }

    #[test]
    fn a_run_that_judged_nothing_is_an_error() {
        insta::assert_snapshot!(render(&RunReport::sample_nothing_judged()));
    }

    #[test]
    fn a_log_that_shows_the_file_can_not_be_steered() {
        let mut report = RunReport::sample_passed();
        let text = "###[set-output name=a]b \u{202e}\u{9b}31m\u{7f}\u{e0041} ::error::x";
        report.results[0].outcome = Outcome::error(text);
        // A name that was cut ends in `…`, which is no harm.
        report.usage.clear();
        let json = render(&report);
        assert!(!json.contains("##"), "{json}");
        assert!(
            json.bytes()
                .all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte))
        );
        assert!(
            json.lines()
                .all(|line| !line.trim_start().starts_with("::"))
        );
        assert_eq!(parse(&json).unwrap(), report);
    }

    proptest! {
        #[test]
        fn parsing_what_was_rendered_gives_the_same_report(report in arbitrary::report()) {
            prop_assert_eq!(parse(&render(&report)).unwrap(), report);
        }
    }
}
