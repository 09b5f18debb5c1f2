//! `junit-results.xml`: a run as every CI system reads it. One suite a spec file, one case a
//! scenario.
//!
//! How XML is written is the leaf [`crate::junit`]'s business; this room says what stands in it.

mod names;
mod text;

use std::time::Duration;

use crate::junit::{Case, Report, Suite, WriteError, write};
use crate::model::{RunReport, TestResult};
use crate::report::grouping;

/// Renders a run.
///
/// # Errors
/// Only if the XML writer itself fails.
pub fn render(report: &RunReport) -> Result<String, WriteError> {
    let files = grouping::by(&report.results, |result| result.path.as_str());
    let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    let classnames = names::classnames(&paths);
    let suites = files.iter().zip(classnames);
    write(&Report {
        // Semaphore guesses the test framework from this name.
        name: "semtest".to_owned(),
        timestamp: report.started,
        suites: suites
            .map(|((path, results), classname)| Suite {
                name: (*path).to_owned(),
                timestamp: report.started,
                cases: cases(results, &classname),
            })
            .collect(),
    })
}

fn cases(results: &[&TestResult], classname: &str) -> Vec<Case> {
    let ids: Vec<&str> = results.iter().map(|result| result.id.as_str()).collect();
    let names = names::names(&ids).into_iter();
    let case = |((result, name), time): ((&&TestResult, String), Duration)| Case {
        name,
        classname: classname.to_owned(),
        file: result.path.clone(),
        line: result.line,
        time,
        outcome: text::outcome(result),
        others: text::others(result),
    };
    let times = shares(results);
    results.iter().zip(names).zip(times).map(case).collect()
}

/// One call judges a whole file, so its scenarios share one duration. Each case gets an equal part,
/// to the millisecond, so that the parts add up to the duration of the file.
fn shares(results: &[&TestResult]) -> Vec<Duration> {
    let file = results.iter().map(|result| result.duration).max();
    let milliseconds = file.unwrap_or_default().as_millis();
    let cases = u128::try_from(results.len()).unwrap_or(1).max(1);
    let share = |index: u128| {
        let extra = u128::from(index < milliseconds % cases);
        Duration::from_millis(u64::try_from(milliseconds / cases + extra).unwrap_or(u64::MAX))
    };
    (0..cases).map(share).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;
    use quick_xml::Reader;
    use quick_xml::events::{BytesStart, Event};

    use super::*;
    use crate::junit::CaseOutcome;
    use crate::report::arbitrary;

    fn elements(xml: &str, wanted: &str) -> Vec<BTreeMap<String, String>> {
        let mut reader = Reader::from_str(xml);
        let mut found = Vec::new();
        loop {
            let event = reader.read_event().expect("well-formed");
            if event == Event::Eof {
                return found;
            }
            if let Event::Start(tag) | Event::Empty(tag) = event
                && tag.name().as_ref() == wanted
            {
                found.push(attributes(&tag));
            }
        }
    }

    fn attributes(tag: &BytesStart<'_>) -> BTreeMap<String, String> {
        let pairs = tag.attributes().map(|attribute| {
            let attribute = attribute.expect("an attribute");
            let value = quick_xml::escape::unescape(&attribute.value).expect("known entities");
            (attribute.key.as_ref().to_owned(), value.into_owned())
        });
        pairs.collect()
    }

    fn number(element: &BTreeMap<String, String>, name: &str) -> u128 {
        element[name].replace('.', "").parse().expect("a number")
    }

    #[test]
    fn every_kind_of_result_is_in_the_document() {
        insta::assert_snapshot!(render(&RunReport::sample()).unwrap());
    }

    #[test]
    fn a_run_without_failures_has_cases_without_children() {
        insta::assert_snapshot!(render(&RunReport::sample_passed()).unwrap());
    }

    #[test]
    fn what_an_interrupted_run_did_not_judge_is_skipped() {
        insta::assert_snapshot!(render(&RunReport::sample_interrupted()).unwrap());
    }

    #[test]
    fn a_run_without_results_is_a_document_without_suites() {
        let mut report = RunReport::sample();
        report.results.clear();
        insta::assert_snapshot!(render(&report).unwrap());
    }

    #[test]
    fn the_shares_of_a_file_add_up_to_its_duration() {
        let report = RunReport::sample();
        let three: Vec<&TestResult> = report.results.iter().take(3).collect();
        let milliseconds: Vec<u128> = shares(&three).iter().map(Duration::as_millis).collect();
        assert_eq!(milliseconds, [334, 334, 333]);
        assert_eq!(shares(&[]).len(), 1);
    }

    proptest! {
        #[test]
        fn names_are_unique_and_totals_equal_the_cases(report in arbitrary::report()) {
            let xml = render(&report).unwrap();
            let cases = elements(&xml, "testcase");
            prop_assert_eq!(cases.len(), report.results.len());
            let names: BTreeSet<_> = cases.iter().map(|case| (&case["classname"], &case["name"])).collect();
            prop_assert_eq!(names.len(), cases.len(), "{}", xml);
            prop_assert!(names.iter().all(|(class, name)| !class.is_empty() && !name.is_empty()));

            let root = &elements(&xml, "testsuites")[0];
            let suites = elements(&xml, "testsuite");
            let (counts, blocking) = (report.counts(), report.blocking());
            let judged = counts.passed + blocking.failed + blocking.errored;
            for (name, expected) in [
                ("tests", counts.total),
                ("failures", blocking.failed),
                ("errors", blocking.errored),
                ("skipped", counts.total - judged),
            ] {
                prop_assert_eq!(number(root, name), expected as u128);
                let sum: u128 = suites.iter().map(|suite| number(suite, name)).sum();
                prop_assert_eq!(sum, expected as u128);
            }
            let time = |elements: &[_]| elements.iter().map(|one| number(one, "time")).sum::<u128>();
            prop_assert_eq!(time(&suites), time(&cases));
        }

        #[test]
        fn no_failing_vote_is_lost_and_none_stands_beside_a_skip(report in arbitrary::report()) {
            let xml = render(&report).unwrap();
            let votes = |result: &&TestResult| !matches!(text::outcome(result), CaseOutcome::Skipped { .. });
            let fails: u32 = report.results.iter().filter(votes).map(|result| result.tally().fails).sum();
            let of_verdict = |result: &&TestResult| {
                votes(result) && result.tally().fails > 0 && result.outcome.word() == "fail"
            };
            let told = report.results.iter().filter(of_verdict).count();
            let others = elements(&xml, "flakyFailure").len() + elements(&xml, "rerunFailure").len();
            prop_assert_eq!(others + told, fails as usize);
        }

        #[test]
        fn names_do_not_depend_on_verdicts(report in arbitrary::report()) {
            let mut other = report.clone();
            for result in &mut other.results {
                result.outcome = crate::model::Outcome::error("x");
                result.duration = Duration::ZERO;
                result.title = "x".to_owned();
                result.because = None;
            }
            let names = |report: &RunReport| -> Vec<_> {
                let cases = elements(&render(report).unwrap(), "testcase");
                cases.into_iter().map(|case| (case["classname"].clone(), case["name"].clone())).collect()
            };
            prop_assert_eq!(names(&report), names(&other));
        }
    }
}
