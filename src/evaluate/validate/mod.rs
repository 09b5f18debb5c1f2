//! Rules about the suite as a whole, after all files ran. They cost no verdict; under `--strict`
//! they make the run an error.

mod waivers;

use std::collections::BTreeMap;

pub use waivers::Suite;
pub(crate) use waivers::settle_waivers;

use crate::model::{IssueKind, Outcome, TestResult, ValidationIssue};

/// Findings of the suite: those that files and answers brought along, repeated ids, and texts that
/// are no statement. In the order of `paths`, then by kind.
pub(crate) fn validate(
    paths: &[&str],
    brought: Vec<ValidationIssue>,
    results: &[TestResult],
) -> Vec<ValidationIssue> {
    let mut issues = brought;
    issues.extend(duplicates(results));
    issues.extend(results.iter().filter_map(invalid));
    let place: BTreeMap<&str, usize> = paths
        .iter()
        .enumerate()
        .map(|(place, path)| (*path, place))
        .collect();
    issues.sort_by_key(|issue| (place.get(issue.path.as_str()).copied(), issue.kind));
    issues
}

fn invalid(result: &TestResult) -> Option<ValidationIssue> {
    let Outcome::Invalid { reason } = &result.outcome else {
        return None;
    };
    let why = reason.as_deref().unwrap_or("no reason was given");
    Some(ValidationIssue {
        kind: IssueKind::Invalid,
        path: result.path.clone(),
        id: Some(result.id.clone()),
        message: format!("this is no testable statement: {why}"),
    })
}

/// An id that files share is reported once for each file after the first that has it.
fn duplicates(results: &[TestResult]) -> Vec<ValidationIssue> {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    let mut issues = Vec::new();
    for result in results {
        let owner = *first.entry(&result.id).or_insert(&result.path);
        if owner != result.path {
            issues.push(ValidationIssue {
                kind: IssueKind::DuplicateId,
                path: result.path.clone(),
                id: Some(result.id.clone()),
                message: format!(
                    "`{owner}` has a scenario with this id too; give one of them its own with \
                     `- id: …` in the heading"
                ),
            });
        }
    }
    issues
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn result(path: &str, id: &str, outcome: Outcome) -> TestResult {
        TestResult {
            id: id.into(),
            title: id.into(),
            path: path.into(),
            line: 1,
            group: None,
            outcome,
            duration: Duration::ZERO,
            attempts: Vec::new(),
            calibration: crate::model::Calibration::Unknown,
            because: None,
        }
    }

    #[test]
    fn an_id_in_two_files_is_a_duplicate_and_twice_in_one_file_is_not() {
        let results = [
            result("a.spec.md", "x", Outcome::Pass),
            result("b.spec.md", "x", Outcome::Pass),
            result("b.spec.md", "y", Outcome::Pass),
        ];
        let issues = validate(&["a.spec.md", "b.spec.md"], Vec::new(), &results);
        let [issue] = &issues[..] else {
            panic!("{issues:?}")
        };
        assert_eq!(
            (issue.kind, issue.path.as_str()),
            (IssueKind::DuplicateId, "b.spec.md")
        );
        assert!(issue.message.contains("`a.spec.md`"));
    }

    #[test]
    fn findings_come_in_the_order_of_their_files() {
        let invalid = |path| result(path, path, Outcome::Invalid { reason: None });
        let brought = vec![ValidationIssue {
            kind: IssueKind::Frontmatter,
            path: "a".into(),
            id: None,
            message: String::new(),
        }];
        let issues = validate(&["b", "a"], brought, &[invalid("b"), invalid("a")]);
        let order: Vec<_> = issues
            .iter()
            .map(|issue| (issue.path.as_str(), issue.kind))
            .collect();
        assert_eq!(
            order,
            [
                ("b", IssueKind::Invalid),
                ("a", IssueKind::Invalid),
                ("a", IssueKind::Frontmatter)
            ]
        );
    }
}
