//! Results sorted into files or directories without losing the order of the run.

use std::collections::BTreeMap;

use crate::model::TestResult;

/// Results by `key`, keys in the order in which they first come. Fast for many keys too, as
/// the report may come from a stranger's artifact.
pub(super) fn by<'a, Key: Copy + Ord>(
    results: &'a [TestResult],
    key: impl Fn(&'a TestResult) -> Key,
) -> Vec<(Key, Vec<&'a TestResult>)> {
    let mut groups: Vec<(Key, Vec<&TestResult>)> = Vec::new();
    let mut positions = BTreeMap::new();
    for result in results {
        let key = key(result);
        let position = *positions.entry(key).or_insert(groups.len());
        match groups.get_mut(position) {
            Some((_, members)) => members.push(result),
            None => groups.push((key, vec![result])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RunReport;

    #[test]
    fn keys_and_members_keep_the_order_of_the_run() {
        let mut results = RunReport::sample().results;
        results.rotate_left(2);
        let groups = by(&results, |result| result.group.as_deref());
        let shape: Vec<_> = groups
            .iter()
            .map(|(group, members)| (*group, members.len()))
            .collect();
        assert_eq!(shape, [(Some("api"), 2), (Some("auth"), 6), (None, 13)]);
        let ids = |members: &[&TestResult]| [members[0].id.clone(), members[11].id.clone()];
        assert_eq!(ids(&groups[2].1), ["dates-are-utc", "readme-exists"]);
    }
}
