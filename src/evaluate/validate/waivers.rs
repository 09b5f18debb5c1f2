//! Which waivers are for exactly one scenario. Any other does nothing: it must not hide a failure
//! that nobody had in mind.

use std::collections::{BTreeMap, BTreeSet};

use crate::evaluate::discover::Discovered;
use crate::model::{IssueKind, ValidationIssue, WAIVERS_NAME, Waiver};
use crate::nearest::nearest;

/// How many waivers get a proposal: each is compared to every id.
const MOST_PROPOSALS: usize = 20;

/// How many scenarios of the same id are named.
const MOST_NAMED: usize = 3;

/// The scenarios of a whole suite, or of a part of it.
#[derive(Default)]
pub struct Suite {
    /// By id and by `path#id`: the `path#id` of each scenario of that name.
    by_name: BTreeMap<String, BTreeSet<String>>,
}

impl Suite {
    /// Adds the scenarios of these files, asked for or not.
    pub(crate) fn add(&mut self, found: &Discovered) {
        for spec in &found.specs {
            for scenario in &spec.file.scenarios {
                self.add_scenario(&spec.file.path, &scenario.id);
            }
        }
    }

    fn add_scenario(&mut self, path: &str, id: &str) {
        let own = own_name(path, id);
        for name in [id, own.as_str()] {
            let of_name = self.by_name.entry(name.to_owned()).or_default();
            of_name.insert(own.clone());
        }
    }

    /// Every scenario that `name` stands for, as `path#id`: it is an id or one of these itself.
    #[must_use]
    pub fn named(&self, name: &str) -> Vec<&str> {
        let named = self.by_name.get(name).into_iter().flatten();
        named.map(String::as_str).collect()
    }

    /// The name that may have been meant by `name`, which stands for nothing.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&str> {
        let is_like = |known: &&String| known.contains('#') == name.contains('#');
        let known = self.by_name.keys().filter(is_like).map(String::as_str);
        nearest(name, known).first().copied()
    }
}

/// What a waiver calls a scenario whose id several files have.
fn own_name(path: &str, id: &str) -> String {
    format!("{path}#{id}")
}

/// Takes out of `waivers` those that are for no scenario of `suite` or for several, and tells them.
pub(crate) fn settle_waivers(waivers: &mut Vec<Waiver>, suite: &Suite) -> Vec<ValidationIssue> {
    let mut issues = Vec::new();
    waivers.retain(|waiver| {
        let named = suite.named(&waiver.id);
        let message = match &named[..] {
            [_] => return true,
            [] => {
                let may_propose = issues.len() < MOST_PROPOSALS;
                let proposed = may_propose.then(|| suite.nearest(&waiver.id));
                unknown(&waiver.id, proposed.flatten())
            }
            several => ambiguous(&waiver.id, several),
        };
        issues.push(ValidationIssue {
            kind: IssueKind::UnknownWaiver,
            path: WAIVERS_NAME.to_owned(),
            id: Some(waiver.id.clone()),
            message,
        });
        false
    });
    issues
}

fn unknown(id: &str, proposed: Option<&str>) -> String {
    let advice = proposed.map_or_else(
        || "correct its id or take it out".to_owned(),
        |proposed| format!("did you mean `{proposed}`?"),
    );
    format!("no spec file has a scenario `{id}`, so its waiver does nothing; {advice}")
}

fn ambiguous(id: &str, several: &[&str]) -> String {
    let named: Vec<String> = several
        .iter()
        .take(MOST_NAMED)
        .map(|own| format!("`{own}`"))
        .collect();
    let more = if several.len() > MOST_NAMED {
        " …"
    } else {
        ""
    };
    format!(
        "`{id}` is the id of {} scenarios, so its waiver does nothing; write `path#id`: {}{more}",
        several.len(),
        named.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;

    fn suite(scenarios: &[(&str, &str)]) -> Suite {
        let mut suite = Suite::default();
        for (path, id) in scenarios {
            suite.add_scenario(path, id);
        }
        suite
    }

    /// The ids of the waivers that are kept, and what is said of the others.
    fn settled(scenarios: &[(&str, &str)], ids: &[&str]) -> (Vec<String>, Vec<String>) {
        let waiver = |id: &&str| Waiver {
            id: (*id).to_owned(),
            reason: "r".into(),
            owner: None,
            until: Date::constant(2026, 12, 31),
        };
        let mut waivers = ids.iter().map(waiver).collect();
        let issues = settle_waivers(&mut waivers, &suite(scenarios));
        for issue in &issues {
            assert_eq!(issue.kind, IssueKind::UnknownWaiver);
            assert_eq!(issue.path, WAIVERS_NAME);
            assert!(ids.contains(&issue.id.as_deref().unwrap()));
        }
        let kept = waivers.into_iter().map(|waiver| waiver.id).collect();
        (kept, issues.into_iter().map(|one| one.message).collect())
    }

    #[test]
    fn a_waiver_for_one_scenario_is_kept_under_either_name() {
        let scenarios = [("a.md", "x"), ("b.md", "x"), ("b.md", "y")];
        let ids = ["y", "a.md#x", "b.md#x"];
        assert_eq!(
            settled(&scenarios, &ids),
            (ids.map(String::from).into(), vec![])
        );
    }

    #[test]
    fn a_waiver_for_none_or_several_is_told_and_does_nothing() {
        let scenarios = [("a.md", "login"), ("b.md", "login"), ("b.md", "admin-auth")];
        let (kept, told) = settled(&scenarios, &["login", "admin-aut", "b.md#admin-aut", "zzz"]);
        assert!(kept.is_empty());
        insta::assert_snapshot!(told.join("\n"), @r"
        `login` is the id of 2 scenarios, so its waiver does nothing; write `path#id`: `a.md#login`, `b.md#login`
        no spec file has a scenario `admin-aut`, so its waiver does nothing; did you mean `admin-auth`?
        no spec file has a scenario `b.md#admin-aut`, so its waiver does nothing; did you mean `b.md#admin-auth`?
        no spec file has a scenario `zzz`, so its waiver does nothing; correct its id or take it out
        ");
    }

    #[test]
    fn a_name_that_can_be_read_in_two_ways_waives_nothing() {
        let (kept, told) = settled(&[("a.md", "1"), ("b.md", "a.md#1")], &["a.md#1"]);
        assert_eq!((kept.len(), told.len()), (0, 1));
    }

    #[test]
    fn thousands_of_unknown_waivers_are_told_in_good_time() {
        let ids: Vec<String> = (0..5_000).map(|at| format!("waiver-{at}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let names: Vec<String> = (0..500).map(|at| format!("scenario-{at}")).collect();
        let scenarios: Vec<_> = names.iter().map(|id| ("a.md", id.as_str())).collect();
        assert_eq!(settled(&scenarios, &ids).1.len(), 5_000);
    }
}
