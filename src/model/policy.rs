//! Choices that a user makes by a word, and that several rooms must understand alike.

use super::{CODE_QUALITY_NAME, SARIF_NAME};

/// Which service an LLM CLI calls, and so which of the user's variables it may see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Provider {
    /// The maker's own API, by key or login: `"api"`.
    #[default]
    Api,
    /// Amazon Bedrock: `"bedrock"`.
    Bedrock,
    /// Google Vertex AI: `"vertex"`.
    Vertex,
    /// A proxy that speaks a provider's protocol, at a base URL of its own: `"gateway"`.
    Gateway,
}

/// Which HOME an LLM CLI sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AgentHome {
    /// The user's own on a laptop, a fresh one in CI: `"auto"`.
    #[default]
    Auto,
    /// Always the user's own, for a CI runner with a login: `"inherit"`.
    Inherit,
    /// Always a fresh temporary one: `"temporary"`.
    Temporary,
}

/// What an LLM CLI that changes the working tree amounts to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnWrite {
    /// A validation issue: `"warn"`.
    #[default]
    Warn,
    /// Each scenario of the spec file is an error: `"error"`.
    Error,
}

/// What happens on a pull request from a stranger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnUntrusted {
    /// Only deterministic checks of the base revision's specs run: `"checks"`.
    #[default]
    Checks,
    /// The run is an error: `"fail"`.
    Fail,
    /// Agents judge a copy without the pull request's agent instructions: `"run"`.
    Run,
}

/// When a pull request is commented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CommentPolicy {
    /// When something failed or could not be judged, and then for as long as the comment is there:
    /// `"failures"`.
    #[default]
    Failures,
    /// After every run: `"always"`.
    Always,
    /// Never: `"off"`.
    Off,
}

/// A report file for one CI system, written where it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReportFormat {
    /// GitLab's Code Quality: `"code-quality"`.
    CodeQuality,
    /// SARIF 2.1.0, as GitHub's code scanning takes it: `"sarif"`.
    Sarif,
}

impl ReportFormat {
    /// The name of the file in the output directory.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::CodeQuality => CODE_QUALITY_NAME,
            Self::Sarif => SARIF_NAME,
        }
    }
}

/// A choice that is written as a word.
pub trait Word: Copy + Eq + Sized + 'static {
    /// Every value with its word, the default first if there is one.
    const WORDS: &'static [(&'static str, Self)];

    /// The value that `word` names.
    #[must_use]
    fn from_word(word: &str) -> Option<Self> {
        let named = |(known, value): &(&str, Self)| (*known == word).then_some(*value);
        Self::WORDS.iter().find_map(named)
    }

    /// The word for this value.
    #[must_use]
    fn word(self) -> &'static str {
        let mut words = Self::WORDS.iter();
        words
            .find(|(_, value)| *value == self)
            .map_or("", |(word, _)| word)
    }

    /// All words, for an error message: `"a", "b" or "c"`.
    #[must_use]
    fn alternatives() -> String {
        let quoted: Vec<String> = Self::WORDS
            .iter()
            .map(|(word, _)| format!("\"{word}\""))
            .collect();
        match quoted.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => quoted.concat(),
        }
    }
}

impl Word for Provider {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("api", Self::Api),
        ("bedrock", Self::Bedrock),
        ("vertex", Self::Vertex),
        ("gateway", Self::Gateway),
    ];
}

impl Word for AgentHome {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("auto", Self::Auto),
        ("inherit", Self::Inherit),
        ("temporary", Self::Temporary),
    ];
}

impl Word for OnWrite {
    const WORDS: &'static [(&'static str, Self)] = &[("warn", Self::Warn), ("error", Self::Error)];
}

impl Word for CommentPolicy {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("failures", Self::Failures),
        ("always", Self::Always),
        ("off", Self::Off),
    ];
}

impl Word for ReportFormat {
    const WORDS: &'static [(&'static str, Self)] =
        &[("code-quality", Self::CodeQuality), ("sarif", Self::Sarif)];
}

impl Word for OnUntrusted {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("checks", Self::Checks),
        ("fail", Self::Fail),
        ("run", Self::Run),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_and_its_value_name_each_other() {
        assert_eq!(Provider::from_word("vertex"), Some(Provider::Vertex));
        assert_eq!(Provider::from_word("Vertex"), None);
        assert_eq!(OnUntrusted::Run.word(), "run");
        assert_eq!(
            AgentHome::alternatives(),
            r#""auto", "inherit" or "temporary""#
        );
        assert_eq!(OnWrite::alternatives(), r#""warn" or "error""#);
    }

    #[test]
    fn the_first_word_is_the_default() {
        assert_eq!(Provider::WORDS[0].1, Provider::default());
        assert_eq!(AgentHome::WORDS[0].1, AgentHome::default());
        assert_eq!(OnWrite::WORDS[0].1, OnWrite::default());
        assert_eq!(OnUntrusted::WORDS[0].1, OnUntrusted::default());
    }
}
