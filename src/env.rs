//! The only reader of the process environment. [`Env`] is a value, so tests pass their own.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Variables that tell that nobody watches this run. Azure Pipelines and TeamCity do not set `CI`.
const CI_VARIABLES: [&str; 3] = ["CI", "TF_BUILD", "TEAMCITY_VERSION"];

/// A snapshot of environment variables, in name order.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Env(BTreeMap<OsString, OsString>);

impl Env {
    /// The environment that this process was started with.
    #[must_use]
    pub fn from_process() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the one reader")]
        Self(std::env::vars_os().collect())
    }

    /// The value of `name`, if it is set, valid UTF-8 and not empty: CI systems pass unset inputs
    /// on as empty strings.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(OsStr::new(name))?.to_str()?;
        (!value.is_empty()).then_some(value)
    }

    /// All variables, in name order.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The directories of `PATH`, in order.
    #[must_use]
    pub fn search_path(&self) -> Vec<PathBuf> {
        self.0
            .get(OsStr::new("PATH"))
            .map(|path| std::env::split_paths(path).collect())
            .unwrap_or_default()
    }

    /// The same with another `PATH`.
    #[must_use]
    pub fn with_search_path(&self, directories: &[PathBuf]) -> Self {
        let mut variables = self.0.clone();
        match std::env::join_paths(directories) {
            Ok(path) => variables.insert("PATH".into(), path),
            // A directory with a `:` in its name came from no `PATH`.
            Err(_) => variables.remove(OsStr::new("PATH")),
        };
        Self(variables)
    }

    /// The same with one variable set.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut variables = self.0.clone();
        variables.insert(name.into(), value.into());
        Self(variables)
    }

    /// Whether a checkout of another user's was laid down on purpose: by the CI system, or by whoever
    /// started our container, whose image sets this variable, on it.
    #[must_use]
    pub fn trusts_checkout(&self) -> bool {
        self.is_ci() || self.get("SEMTEST_CONTAINER").is_some_and(is_truthy)
    }

    /// Whether this runs in a CI system, where nobody can answer or interrupt.
    #[must_use]
    pub fn is_ci(&self) -> bool {
        CI_VARIABLES
            .iter()
            .any(|name| self.get(name).is_some_and(is_truthy))
    }
}

impl<Name: Into<OsString>, Value: Into<OsString>> FromIterator<(Name, Value)> for Env {
    fn from_iter<Pairs: IntoIterator<Item = (Name, Value)>>(pairs: Pairs) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

/// Names only: values may be secrets.
impl std::fmt::Debug for Env {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

fn is_truthy(value: &str) -> bool {
    !matches!(
        value.to_ascii_lowercase().as_str(),
        "" | "0" | "false" | "no" | "off"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ci_is_seen_in_any_of_its_variables_and_false_means_no() {
        let env = |name: &str, value: &str| Env::from_iter([(name, value)]);
        assert!(env("CI", "true").is_ci());
        assert!(env("CI", "1").is_ci());
        assert!(env("TF_BUILD", "True").is_ci());
        assert!(env("TEAMCITY_VERSION", "2026.1").is_ci());
        assert!(!env("CI", "false").is_ci());
        assert!(!env("CI", "").is_ci());
        assert!(!Env::default().is_ci());
    }

    #[test]
    fn debug_never_shows_a_value() {
        let env = Env::from_iter([("API_KEY", "hunter2")]);
        assert_eq!(format!("{env:?}"), r#"{"API_KEY"}"#);
    }
}
