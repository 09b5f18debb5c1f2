//! What came of a scenario, or of one answer about it, as fields of `ci-results.json`: a status and
//! the texts that go with it.

use serde::{Deserialize, Serialize};

use crate::model::{Failure, Location, Outcome};

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TestWord {
    Pass,
    Fail,
    Error,
    Invalid,
    Skip,
}

/// The fields of an outcome. Not flattened into the entries that have them: a reader would keep every
/// entry twice for that.
pub(super) struct Told {
    pub(super) status: TestWord,
    pub(super) expectation: Option<String>,
    pub(super) observed: Option<String>,
    pub(super) location: Option<String>,
    pub(super) location_note: Option<String>,
    pub(super) evidence: Option<String>,
    pub(super) resolution: Option<String>,
    pub(super) error: Option<String>,
    pub(super) reason: Option<String>,
}

impl Told {
    pub(super) fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Pass => Self::only(TestWord::Pass),
            Outcome::Fail(failure) => {
                let location = failure.location.as_ref().map(Location::as_str);
                Self {
                    expectation: failure.expectation.clone(),
                    observed: failure.observed.clone(),
                    location: location.map(str::to_owned),
                    location_note: failure.location_note.clone(),
                    evidence: failure.evidence.clone(),
                    resolution: failure.resolution.clone(),
                    ..Self::only(TestWord::Fail)
                }
            }
            Outcome::Error { message } => Self {
                error: Some(message.clone()),
                ..Self::only(TestWord::Error)
            },
            Outcome::Invalid { reason } => Self {
                reason: reason.clone(),
                ..Self::only(TestWord::Invalid)
            },
            Outcome::Skip { reason } => Self {
                reason: Some(reason.clone()),
                ..Self::only(TestWord::Skip)
            },
        }
    }

    fn only(status: TestWord) -> Self {
        Self {
            status,
            expectation: None,
            observed: None,
            location: None,
            location_note: None,
            evidence: None,
            resolution: None,
            error: None,
            reason: None,
        }
    }

    /// The outcome, or a field and what is wrong with it.
    pub(super) fn into_outcome(self) -> Result<Outcome, (&'static str, &'static str)> {
        if let Some(field) = self.misplaced() {
            return Err((field, "does not go with the status"));
        }
        Ok(match self.status {
            TestWord::Pass => Outcome::Pass,
            TestWord::Fail => Outcome::Fail(Failure {
                expectation: filled(self.expectation),
                observed: filled(self.observed),
                location: self.location.as_deref().and_then(location),
                location_note: filled(self.location_note),
                evidence: filled(self.evidence),
                resolution: filled(self.resolution),
            }),
            TestWord::Error => match self.error {
                Some(message) => Outcome::error(message),
                None => return Err(("error", "is missing")),
            },
            TestWord::Invalid => Outcome::Invalid {
                reason: self.reason,
            },
            TestWord::Skip => match self.reason {
                Some(reason) => Outcome::skip(reason),
                None => return Err(("reason", "is missing")),
            },
        })
    }

    /// The first field that this status does not have.
    fn misplaced(&self) -> Option<&'static str> {
        use TestWord::{Error, Fail, Invalid, Skip};
        let fields: [(&'static str, &Option<String>, &[TestWord]); 8] = [
            ("expectation", &self.expectation, &[Fail]),
            ("observed", &self.observed, &[Fail]),
            ("location", &self.location, &[Fail]),
            ("locationNote", &self.location_note, &[Fail]),
            ("evidence", &self.evidence, &[Fail]),
            ("resolution", &self.resolution, &[Fail]),
            ("error", &self.error, &[Error]),
            ("reason", &self.reason, &[Invalid, Skip]),
        ];
        fields
            .into_iter()
            .find(|(_, value, goes_with)| value.is_some() && !goes_with.contains(&self.status))
            .map(|(name, ..)| name)
    }
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// A place of our own (`path:line`) is taken to the letter, as a path may start with a space.
fn location(text: &str) -> Option<Location> {
    text.rsplit_once(':')
        .and_then(|(path, line)| Some(Location::at(path, line.parse().ok()?)))
        .filter(|location| location.as_str() == text)
        .or_else(|| Location::parse(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_with_a_space_in_front_survives() {
        assert_eq!(location(" a.rs:3"), Some(Location::at(" a.rs", 3)));
        assert_eq!(location(" a.rs "), Location::parse("a.rs"));
        assert_eq!(location("  "), None);
    }
}
