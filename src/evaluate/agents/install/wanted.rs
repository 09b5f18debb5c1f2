//! What is to be installed: a known tool in one exact version, or in the newest.

use crate::nearest::nearest;

use super::super::registry::{Package, Tool, tools};
use super::error::InstallError;

/// A longer one is nobody's.
const LONGEST_VERSION: usize = 64;

/// A tool that npm can install, and in which version.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Its row.
    pub tool: &'static Tool,
    pub(super) package: Package,
    pub(super) version: Version,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Exact(String),
    Newest,
}

impl Wanted {
    /// Reads words such as `codex`, `codex@0.169.0` and `codex@latest`, each tool once.
    ///
    /// # Errors
    /// When a word is anything else: npm would take addresses, paths, ranges and flags, too.
    pub fn read(words: &[String]) -> Result<Vec<Self>, InstallError> {
        let mut all: Vec<Self> = Vec::new();
        for word in words {
            let wanted = Self::parse(word)?;
            if all.iter().any(|other| other.tool.key == wanted.tool.key) {
                return Err(InstallError::Twice(wanted.tool.key));
            }
            all.push(wanted);
        }
        Ok(all)
    }

    /// `tool` in the version that our tests run.
    ///
    /// # Errors
    /// When npm can't install it.
    pub fn tested(tool: &'static Tool) -> Result<Self, InstallError> {
        let not_ours = || InstallError::NotOurs {
            key: tool.key,
            name: tool.name,
            program: tool.binary,
        };
        let package = tool.package.ok_or_else(not_ours)?;
        let version = tool.tested.ok_or_else(not_ours)?;
        Ok(Self {
            tool,
            package,
            version: Version::Exact(version.to_owned()),
        })
    }

    fn parse(word: &str) -> Result<Self, InstallError> {
        let (key, version) = match word.split_once('@') {
            Some((key, version)) => (key, Some(version)),
            None => (word, None),
        };
        let known = || tools().iter().map(|tool| tool.key);
        let tool = tools().iter().find(|tool| tool.key == key);
        let tool = tool.ok_or_else(|| InstallError::Unknown {
            word: word.to_owned(),
            nearest: nearest(key, known()).first().map(ToString::to_string),
        })?;
        let mut wanted = Self::tested(tool)?;
        wanted.version = match version {
            None => wanted.version,
            Some("latest") => Version::Newest,
            Some(version) if is_exact(version) => Version::Exact(version.to_owned()),
            Some(_) => {
                return Err(InstallError::NoVersion {
                    word: word.to_owned(),
                    tested: tool.tested.unwrap_or_default(),
                    key: tool.key,
                });
            }
        };
        Ok(wanted)
    }
}

/// Whether this is one version and nothing else: three numbers, and a prerelease if need be.
pub(super) fn is_exact(text: &str) -> bool {
    let (numbers, prerelease) = match text.split_once('-') {
        Some((numbers, prerelease)) => (numbers, Some(prerelease)),
        None => (text, None),
    };
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |part: &str| {
        let mut bytes = part.bytes();
        !part.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= LONGEST_VERSION
        && numbers.split('.').count() == 3
        && numbers.split('.').all(is_number)
        && prerelease.is_none_or(|prerelease| prerelease.split('.').all(is_word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(word: &str) -> Result<Wanted, InstallError> {
        Wanted::parse(word)
    }

    #[test]
    fn a_tool_stands_for_the_version_that_was_tested() {
        let exact = |version: &str| Version::Exact(version.to_owned());
        let codex = parse("codex").unwrap();
        assert_eq!(codex.version, exact(codex.tool.tested.unwrap()));
        assert_eq!(parse("codex@1.2.3").unwrap().version, exact("1.2.3"));
        let nightly = "0.62.0-nightly.20261101.abc-1";
        let gemini = parse(&format!("gemini@{nightly}")).unwrap();
        assert_eq!(gemini.version, exact(nightly));
        assert_eq!(parse("qwen@latest").unwrap().version, Version::Newest);
    }

    #[test]
    fn what_npm_would_take_for_something_else_is_no_version() {
        for version in [
            "",
            "^1.2.3",
            "~1.2.3",
            "1.2",
            "1",
            "1.x",
            "*",
            "next",
            ">=1.0.0",
            "1.2.3 ",
            "v1.2.3",
            "1.2.3 || 2",
            "1.2.3-",
            "1.2.3-a..b",
            "../../x",
            "file:../x",
            "git+ssh://x/y",
            "https://x/y.tgz",
            "npm:evil@1.0.0",
            "1.2.3/../..",
            "1.2.3+build",
            "latest@1.0.0",
        ] {
            let error = parse(&format!("codex@{version}")).unwrap_err();
            assert!(matches!(error, InstallError::NoVersion { .. }), "{version}");
        }
        for word in [
            "",
            "--flag",
            "@openai/codex",
            "./codex",
            "codx",
            "codex:o3",
            "CODEX",
        ] {
            let error = parse(word).unwrap_err();
            assert!(matches!(error, InstallError::Unknown { .. }), "{word}");
        }
    }

    #[test]
    fn what_npm_has_not_is_said_to_be_nothing_for_us() {
        for word in ["aider", "aider@0.86.2", "goose"] {
            let error = parse(word).unwrap_err();
            assert!(matches!(error, InstallError::NotOurs { .. }), "{word}");
        }
        let twice = Wanted::read(&["codex".into(), "codex@1.0.0".into()]);
        assert!(matches!(twice.unwrap_err(), InstallError::Twice("codex")));
    }

    proptest! {
        #[test]
        fn an_exact_version_is_a_plain_name_of_a_file(text in "[0-9.a-c/@^ -]{0,12}|\\PC{0,8}") {
            if is_exact(&text) {
                prop_assert!(text.starts_with(|first: char| first.is_ascii_digit()));
                let is_plain = |one: char| one.is_ascii_alphanumeric() || ".-".contains(one);
                prop_assert!(text.chars().all(is_plain), "{}", text);
            }
        }
    }
}
