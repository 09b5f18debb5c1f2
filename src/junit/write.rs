//! Types to XML.

use std::io;
use std::time::Duration;

use jiff::Timestamp;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::{Case, CaseOutcome, Problem, Report, Suite};
use crate::sanitize::{xml_line, xml_text};

/// A document that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The XML writer gave up.
    #[error("could not write XML")]
    Xml(#[from] io::Error),
    /// The XML writer left its own encoding.
    #[error("the XML is not UTF-8")]
    Encoding(#[from] std::string::FromUtf8Error),
}

/// Writes a document: UTF-8 without byte order mark or DOCTYPE, legal characters only, counts and
/// times that equal those of the cases.
///
/// # Errors
/// Only if the XML writer itself fails.
pub fn write(report: &Report) -> Result<String, WriteError> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let totals = Totals::of(report.suites.iter().flat_map(|suite| &suite.cases));
    let attributes = totals.attributes(&report.name, report.timestamp);
    writer
        .create_element("testsuites")
        .with_attributes(pairs(&attributes))
        .write_inner_content(|writer| {
            let mut suites = report.suites.iter();
            suites.try_for_each(|suite| write_suite(writer, suite))
        })?;
    let mut text = String::from_utf8(writer.into_inner())?;
    text.push('\n');
    Ok(text)
}

fn write_suite(writer: &mut Writer<Vec<u8>>, suite: &Suite) -> io::Result<()> {
    let attributes = Totals::of(&suite.cases).attributes(&suite.name, suite.timestamp);
    writer
        .create_element("testsuite")
        .with_attributes(pairs(&attributes))
        .write_inner_content(|writer| {
            let mut cases = suite.cases.iter();
            cases.try_for_each(|case| write_case(writer, case))
        })?;
    Ok(())
}

fn write_case(writer: &mut Writer<Vec<u8>>, case: &Case) -> io::Result<()> {
    let attributes = [
        ("name", xml_line(&case.name)),
        ("classname", xml_line(&case.classname)),
        ("file", xml_line(&case.file)),
        ("line", case.line.to_string()),
        ("time", seconds(case.time)),
    ];
    let element = writer
        .create_element("testcase")
        .with_attributes(pairs(&attributes));
    if case.outcome == CaseOutcome::Passed && case.others.is_empty() {
        element.write_empty()?;
        return Ok(());
    }
    element.write_inner_content(|writer| {
        let others = write_outcome(writer, &case.outcome)?;
        let mut attempts = case.others.iter();
        match others {
            Some(tag) => attempts.try_for_each(|attempt| write_attempt(writer, tag, attempt)),
            None => Ok(()),
        }
    })?;
    Ok(())
}

/// Writes what counts, and tells what failures of other attempts are called beside it.
fn write_outcome(
    writer: &mut Writer<Vec<u8>>,
    outcome: &CaseOutcome,
) -> io::Result<Option<&'static str>> {
    match outcome {
        CaseOutcome::Passed => return Ok(Some("flakyFailure")),
        CaseOutcome::Failed(problem) => write_problem(writer, "failure", problem)?,
        CaseOutcome::Errored(problem) => write_problem(writer, "error", problem)?,
        CaseOutcome::Skipped { message } => {
            let message = xml_line(message);
            let skipped = writer.create_element("skipped");
            skipped
                .with_attribute(("message", message.as_str()))
                .write_empty()?;
            return Ok(None);
        }
    }
    Ok(Some("rerunFailure"))
}

/// Surefire's schema has the text of an attempt in an element of its own.
fn write_attempt(writer: &mut Writer<Vec<u8>>, tag: &str, problem: &Problem) -> io::Result<()> {
    let attributes = [
        ("message", xml_line(&problem.message)),
        ("type", xml_line(problem.kind)),
    ];
    writer
        .create_element(tag)
        .with_attributes(pairs(&attributes))
        .write_inner_content(|writer| {
            let text = xml_text(&problem.text);
            let trace = writer.create_element("stackTrace");
            trace.write_text_content(BytesText::new(&text))?;
            Ok(())
        })?;
    Ok(())
}

fn write_problem(writer: &mut Writer<Vec<u8>>, tag: &str, problem: &Problem) -> io::Result<()> {
    let attributes = [
        ("message", xml_line(&problem.message)),
        ("type", xml_line(problem.kind)),
    ];
    writer
        .create_element(tag)
        .with_attributes(pairs(&attributes))
        .write_text_content(BytesText::new(&xml_text(&problem.text)))?;
    Ok(())
}

fn pairs<'a>(attributes: &'a [(&'static str, String)]) -> impl Iterator<Item = (&'a str, &'a str)> {
    attributes
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
}

/// What a `testsuites` or `testsuite` element says about its cases.
#[derive(Default)]
struct Totals {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    time: Duration,
}

impl Totals {
    fn of<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Self {
        let mut totals = Self::default();
        for case in cases {
            totals.tests += 1;
            totals.time = totals.time.saturating_add(case.time);
            match case.outcome {
                CaseOutcome::Passed => {}
                CaseOutcome::Failed(_) => totals.failures += 1,
                CaseOutcome::Errored(_) => totals.errors += 1,
                CaseOutcome::Skipped { .. } => totals.skipped += 1,
            }
        }
        totals
    }

    fn attributes(&self, name: &str, timestamp: Timestamp) -> [(&'static str, String); 7] {
        [
            ("name", xml_line(name)),
            ("tests", self.tests.to_string()),
            ("failures", self.failures.to_string()),
            ("errors", self.errors.to_string()),
            ("skipped", self.skipped.to_string()),
            ("time", seconds(self.time)),
            ("timestamp", format!("{timestamp:.3}")),
        ]
    }
}

/// Plain seconds with a dot, never an exponent, never through a float.
fn seconds(time: Duration) -> String {
    format!("{}.{:03}", time.as_secs(), time.subsec_millis())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::Reader;

    use super::*;

    fn report(text: &str) -> Report {
        let problem = Problem {
            kind: "fail",
            message: text.into(),
            text: text.into(),
        };
        let case = |outcome| Case {
            name: text.into(),
            classname: "specs.a".into(),
            file: text.into(),
            line: 3,
            time: Duration::from_millis(1_234),
            outcome,
            others: vec![problem.clone()],
        };
        Report {
            name: "semtest".into(),
            timestamp: Timestamp::UNIX_EPOCH,
            suites: vec![Suite {
                name: text.into(),
                timestamp: Timestamp::UNIX_EPOCH,
                cases: vec![
                    case(CaseOutcome::Passed),
                    case(CaseOutcome::Failed(problem.clone())),
                    case(CaseOutcome::Errored(problem.clone())),
                    case(CaseOutcome::Skipped {
                        message: text.into(),
                    }),
                ],
            }],
        }
    }

    /// Every attribute value of the document, unescaped.
    fn values(xml: &str) -> Vec<String> {
        let mut reader = Reader::from_str(xml);
        let mut found = Vec::new();
        loop {
            let event = reader.read_event().expect("well-formed");
            if event == Event::Eof {
                return found;
            }
            if let Event::Start(tag) | Event::Empty(tag) = event {
                found.extend(tag.attributes().map(|attribute| {
                    let attribute = attribute.expect("an attribute");
                    let value = quick_xml::escape::unescape(&attribute.value);
                    value.expect("known entities").into_owned()
                }));
            }
        }
    }

    #[test]
    fn a_document_has_counts_and_times_that_equal_its_cases() {
        insta::assert_snapshot!(write(&report("text")).unwrap());
    }

    #[test]
    fn markup_in_texts_stays_text() {
        let hostile = r#"</failure><!DOCTYPE x [<!ENTITY a "b">]> ]]> &a; "quoted" 'too'"#;
        let xml = write(&report(hostile)).unwrap();
        assert!(!xml.contains("]]>") && !xml.contains("<!"), "{xml}");
        assert!(values(&xml).iter().any(|value| value == hostile));
    }

    #[test]
    fn failures_of_other_attempts_count_nowhere() {
        let xml = write(&report("x")).unwrap();
        let counts = r#"tests="4" failures="1" errors="1" skipped="1""#;
        assert_eq!(xml.matches(counts).count(), 2, "{xml}");
        let named = |tag: &str| xml.matches(&format!("<{tag} ")).count();
        assert_eq!((named("flakyFailure"), named("rerunFailure")), (1, 2));
    }

    #[test]
    fn very_long_durations_do_not_overflow() {
        let mut long = report("x");
        for case in &mut long.suites[0].cases {
            case.time = Duration::MAX;
        }
        assert!(
            write(&long)
                .unwrap()
                .contains("time=\"18446744073709551615.999\"")
        );
    }

    proptest! {
        #[test]
        fn any_text_gives_a_well_formed_document_of_legal_characters(text in any::<String>()) {
            let xml = write(&report(&text)).unwrap();
            prop_assert!(xml.starts_with(r#"<?xml version="1.0" encoding="UTF-8"?>"#));
            let legal = |character: char| {
                matches!(character, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
                    || character > '\u{ffff}'
            };
            prop_assert!(xml.chars().all(legal), "{xml}");
            prop_assert!(values(&xml).iter().all(|value| !value.contains('\n')));
        }
    }
}
