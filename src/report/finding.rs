//! What a program that shows findings beside the code needs to know of a result: a place in the
//! repository, and a name that stays the same from run to run.

use std::collections::BTreeMap;

use super::place;
use crate::digest::digest;
use crate::model::{Failure, Outcome, RunReport, Spot, TestResult};
use crate::sanitize::terminal_line;

/// One result and where it is shown.
#[derive(Debug)]
pub(super) struct Finding<'report> {
    pub(super) result: &'report TestResult,
    /// Where the statement stands, relative to the top of the repository.
    pub(super) spec: String,
    /// Relative to the top of the repository: no `.`, no `..`, nothing absolute.
    pub(super) path: String,
    /// From 1.
    pub(super) line: u32,
    /// SHA-256 in hexadecimal digits, of the spec's path, the id and `path`. No line, so that the
    /// finding stays the same where code above it changes, and no word of a model.
    pub(super) fingerprint: String,
}

/// Where the results are that `is_wanted` takes, in the order of the run, each with a fingerprint of
/// its own. A result whose spec file has no name is left out; a run makes none.
pub(super) fn findings(
    report: &RunReport,
    is_wanted: impl Fn(&Outcome) -> bool,
) -> Vec<Finding<'_>> {
    let mut seen: BTreeMap<(String, &str, String), u64> = BTreeMap::new();
    let mut findings = Vec::new();
    for result in &report.results {
        if !is_wanted(&result.outcome) {
            continue;
        }
        let Some(spec) = place::existing(report, &result.path) else {
            continue;
        };
        let (path, line) = in_code(report, result).unwrap_or_else(|| (spec.clone(), result.line));
        // Readers drop the second of two findings with one fingerprint. Ids are unique in their file,
        // unless the report was read from somebody's artifact.
        let earlier = seen
            .entry((spec.clone(), &result.id, path.clone()))
            .and_modify(|count| *count += 1)
            .or_default();
        let fingerprint = digest(&[&spec, &result.id, &path, &earlier.to_string()]);
        findings.push(Finding {
            result,
            spec,
            path,
            line: line.max(1),
            fingerprint,
        });
    }
    findings
}

/// Where the judge says that a failure is, if that can be a file of the repository.
fn in_code(report: &RunReport, result: &TestResult) -> Option<(String, u32)> {
    let location = match &result.outcome {
        Outcome::Fail(Failure { location, .. }) => location.as_ref()?,
        Outcome::Pass | Outcome::Error { .. } | Outcome::Invalid { .. } | Outcome::Skip { .. } => {
            return None;
        }
    };
    let Spot { path, line } = place::in_code(report, location)?;
    Some((path, line.unwrap_or(1)))
}

/// What the result is about, in few words: foreign text, and never blank.
pub(super) fn statement(result: &TestResult) -> &str {
    [&result.title, &result.id]
        .into_iter()
        .map(|text| text.trim())
        .find(|text| !terminal_line(text).is_empty())
        .unwrap_or("a statement without a title")
}

/// What the code does instead: foreign text, and never blank.
pub(super) fn problem(failure: &Failure) -> &str {
    [&failure.observed, &failure.expectation]
        .into_iter()
        .filter_map(|text| Some(text.as_deref()?.trim()))
        .find(|text| !terminal_line(text).is_empty())
        .unwrap_or("the statement does not hold")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::model::Location;
    use crate::report::arbitrary;

    fn failing(location: &str) -> RunReport {
        let mut report = RunReport::sample();
        report.results.truncate(1);
        report.results[0].line = 7;
        report.results[0].outcome = Outcome::Fail(Failure {
            location: Location::parse(location),
            ..Failure::default()
        });
        report
    }

    fn place_of(location: &str) -> (String, u32) {
        let report = failing(location);
        let finding = findings(&report, |_| true).remove(0);
        (finding.path, finding.line)
    }

    #[test]
    fn places_are_relative_to_the_top_of_the_repository() {
        let at = |path: &str, line| (format!("services/shop/{path}"), line);
        assert_eq!(place_of("src/a.rs:12"), at("src/a.rs", 12));
        assert_eq!(place_of("src/é.rs"), at("src/é.rs", 1));
        let mut report = failing("src/a.rs:12");
        report.judged.directory.clear();
        assert_eq!(findings(&report, |_| true)[0].path, "src/a.rs");
    }

    #[test]
    fn what_can_not_be_a_file_of_the_project_is_shown_at_the_statement() {
        let statement = ("services/shop/specs/structure.spec.md".to_owned(), 7);
        for location in ["", "/etc/passwd:1", "../../secrets:3", "the login handler"] {
            assert_eq!(place_of(location), statement, "{location}");
        }
    }

    #[test]
    fn a_fingerprint_depends_on_neither_the_line_nor_what_the_model_says() {
        let of = |report: &RunReport| findings(report, |_| true)[0].fingerprint.clone();
        let before = failing("src/a.rs:12");
        let mut after = failing("src/a.rs:99");
        after.results[0].line = 1;
        after.results[0].title = "Another".into();
        if let Outcome::Fail(failure) = &mut after.results[0].outcome {
            failure.observed = Some("something else".into());
        }
        assert_eq!(of(&before), of(&after));
        assert_ne!(of(&before), of(&failing("src/b.rs:12")));
        after.results[0].id.push('x');
        assert_ne!(of(&before), of(&after));
    }

    #[test]
    fn results_that_share_everything_stay_apart() {
        let mut report = failing("src/a.rs");
        report.results.push(report.results[0].clone());
        let findings = findings(&report, |_| true);
        assert_ne!(findings[0].fingerprint, findings[1].fingerprint);
        assert_eq!(
            findings[0].fingerprint,
            digest(&[&findings[0].spec, "readme-exists", &findings[0].path, "0"])
        );
    }

    proptest! {
        #[test]
        fn every_place_is_inside_the_repository_and_every_fingerprint_is_used_once(
            report in arbitrary::report(),
        ) {
            let findings = findings(&report, |_| true);
            for finding in &findings {
                for path in [&finding.path, &finding.spec] {
                    prop_assert!(path.split('/').all(|part| !["", ".", ".."].contains(&part)), "{path:?}");
                }
                prop_assert!(finding.line > 0);
                prop_assert!(!statement(finding.result).is_empty());
            }
            let distinct: BTreeSet<&str> = findings.iter().map(|it| it.fingerprint.as_str()).collect();
            prop_assert_eq!(distinct.len(), findings.len());
            let nameless = |result: &&TestResult| place::existing(&report, &result.path).is_none();
            prop_assert_eq!(findings.len() + report.results.iter().filter(nameless).count(), report.results.len());
        }
    }
}
