//! Where agents work: in the project, or in a copy of it of which no report may speak.

use std::path::{Path, PathBuf};

use crate::model::{Failure, Outcome};

/// The directory that agents are started in.
#[derive(Clone, Debug)]
pub struct Workplace {
    /// Absolute.
    pub directory: PathBuf,
    copied: Option<Copied>,
}

/// What the workplace is a copy of.
#[derive(Clone, Debug)]
struct Copied {
    /// The top of the copy, as an agent may name it.
    top: PathBuf,
    /// The top of the checkout that it stands for.
    original: PathBuf,
}

impl Workplace {
    /// The project itself.
    #[must_use]
    pub fn project(root: PathBuf) -> Self {
        Self {
            directory: root,
            copied: None,
        }
    }

    /// `directory` in a copy of the checkout at `original`; `top` is the copy's, which lies in a
    /// directory of nothing but copies.
    #[must_use]
    pub fn copy(directory: PathBuf, top: &Path, original: &Path) -> Self {
        Self {
            directory,
            copied: Some(Copied {
                top: top.to_owned(),
                original: original.to_owned(),
            }),
        }
    }

    /// If this is a copy, its top and where it lies with the copy that the judge comes from.
    pub(super) fn copies(&self) -> Option<(&Path, &Path)> {
        let top = self.copied.as_ref()?.top.as_path();
        Some((top, top.parent().unwrap_or(top)))
    }

    /// If this is a copy, the top of the checkout that it stands for.
    pub(super) fn original(&self) -> Option<&Path> {
        Some(&self.copied.as_ref()?.original)
    }

    /// A text of an agent, in terms of the project: paths in the copy become relative to the project
    /// root, or, outside of it, those of the checkout.
    pub(super) fn told_text(&self, text: &str) -> String {
        let Some(copied) = &self.copied else {
            return text.to_owned();
        };
        let root = self.directory.display().to_string();
        let top = copied.top.display().to_string();
        text.replace(&format!("{root}/"), "")
            .replace(&root, ".")
            .replace(&top, &copied.original.display().to_string())
    }

    /// What an agent said, in terms of the project. The location of a failure is that already.
    pub(super) fn told(&self, outcome: Outcome) -> Outcome {
        let text = |text: String| self.told_text(&text);
        match outcome {
            Outcome::Pass => Outcome::Pass,
            Outcome::Fail(failure) => Outcome::Fail(Failure {
                expectation: failure.expectation.map(text),
                observed: failure.observed.map(text),
                location: failure.location,
                location_note: failure.location_note.map(text),
                evidence: failure.evidence.map(text),
                resolution: failure.resolution.map(text),
            }),
            Outcome::Error { message } => Outcome::error(text(message)),
            Outcome::Invalid { reason } => Outcome::Invalid {
                reason: reason.map(text),
            },
            Outcome::Skip { reason } => Outcome::skip(text(reason)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let workplace = Workplace::copy(
            "/tmp/x/head/app".into(),
            "/tmp/x/head".as_ref(),
            "/ci/w".as_ref(),
        );
        let failure = Failure {
            observed: Some(text.to_owned()),
            evidence: Some(text.to_owned()),
            ..Failure::default()
        };
        let Outcome::Fail(failure) = workplace.told(Outcome::Fail(failure)) else {
            panic!("it was a failure");
        };
        assert_eq!(failure.observed, failure.evidence);
        failure.observed.unwrap()
    }

    #[test]
    fn no_path_of_the_copy_is_told() {
        assert_eq!(told("/tmp/x/head/app/src/a.rs:3"), "src/a.rs:3");
        assert_eq!(told("/tmp/x/head/app"), ".");
        assert_eq!(told("/tmp/x/head/lib/b.rs"), "/ci/w/lib/b.rs");
        assert_eq!(told("src/a.rs:3"), "src/a.rs:3");
    }

    #[test]
    fn in_the_project_itself_nothing_is_changed() {
        let outcome = Outcome::error("/p/src/a.rs");
        let workplace = Workplace::project("/p".into());
        assert_eq!(workplace.told(outcome.clone()), outcome);
    }
}
