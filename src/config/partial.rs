//! What one source (the flags, or a file) says: every field may be absent.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::model::{AgentHome, Cost, Level, OnUntrusted, OnWrite, Provider, ReportFormat, Votes};

/// The values that one source sets. `None` means that it says nothing about the field.
///
/// Fields are named in the files as here, in camel case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartialConfig {
    /// Globs of spec files, relative to the project root.
    pub test_match: Option<Vec<String>>,
    /// What never holds specs, in gitignore syntax.
    pub test_path_ignore_patterns: Option<Vec<String>>,
    /// The directory of the reports, relative to the project root.
    pub output: Option<String>,
    /// The model key that judges, not checked here.
    pub llm: Option<String>,
    /// The longest time of one call; zero is none.
    pub timeout: Option<Duration>,
    /// How often each file runs at most.
    pub repeat: Option<NonZeroU32>,
    /// After how many failing files the run stops.
    pub bail: Option<Bail>,
    /// How many calls run at once.
    pub jobs: Option<NonZeroU32>,
    /// Whether each scenario gets a line.
    pub verbose: Option<bool>,
    /// Whether validation issues make the run an error.
    pub strict: Option<bool>,
    /// Whether validation is left out.
    pub skip_validation: Option<bool>,
    /// Whether what the tools said is kept.
    pub debug: Option<bool>,
    /// Whether a report named after the time is written too.
    pub timestamp: Option<bool>,
    /// Whether `latest.md` lists what passed.
    pub include_passing: Option<bool>,
    /// Whether and where a `JUnit` file is written.
    pub junit: Option<Junit>,
    /// Which report files for one CI system are written, too.
    pub format: Option<Vec<ReportFormat>>,
    /// Whether tools run with their permission prompts off.
    pub skip_permissions_if_possible: Option<bool>,
    /// Whether a run that judged nothing may pass.
    pub allow_empty: Option<bool>,
    /// The user's own tools, by the name that is their model key.
    pub agents: Option<BTreeMap<String, CustomAgent>>,
    /// Which service the tools call.
    pub provider: Option<Provider>,
    /// Environment variables that every tool may see, besides its own.
    pub pass_env: Option<Vec<String>>,
    /// Which HOME the tools see.
    pub agent_home: Option<AgentHome>,
    /// What a tool that changes the working tree amounts to.
    pub on_write: Option<OnWrite>,
    /// What happens on a pull request from a stranger.
    pub on_untrusted: Option<OnUntrusted>,
    /// How many answers make a verdict.
    pub votes: Option<Votes>,
    /// The highest rate at which a quiet judge contradicts itself, from 0 to 0.5.
    pub max_flip: Option<f64>,
    /// Whether statements block that were never calibrated.
    pub new_specs: Option<Level>,
    /// What the model's answers may cost, all together.
    pub max_cost: Option<Cost>,
    /// How many calls are made at most.
    pub max_calls: Option<NonZeroU32>,
    /// After how long no call starts any more; zero is never.
    pub max_time: Option<Duration>,
}

impl PartialConfig {
    /// Takes what `self` leaves out from `fallback`, a whole field at a time.
    #[must_use]
    pub fn or(self, fallback: Self) -> Self {
        Self {
            test_match: self.test_match.or(fallback.test_match),
            test_path_ignore_patterns: self
                .test_path_ignore_patterns
                .or(fallback.test_path_ignore_patterns),
            output: self.output.or(fallback.output),
            llm: self.llm.or(fallback.llm),
            timeout: self.timeout.or(fallback.timeout),
            repeat: self.repeat.or(fallback.repeat),
            bail: self.bail.or(fallback.bail),
            jobs: self.jobs.or(fallback.jobs),
            verbose: self.verbose.or(fallback.verbose),
            strict: self.strict.or(fallback.strict),
            skip_validation: self.skip_validation.or(fallback.skip_validation),
            debug: self.debug.or(fallback.debug),
            timestamp: self.timestamp.or(fallback.timestamp),
            include_passing: self.include_passing.or(fallback.include_passing),
            junit: self.junit.or(fallback.junit),
            format: self.format.or(fallback.format),
            skip_permissions_if_possible: self
                .skip_permissions_if_possible
                .or(fallback.skip_permissions_if_possible),
            allow_empty: self.allow_empty.or(fallback.allow_empty),
            agents: self.agents.or(fallback.agents),
            provider: self.provider.or(fallback.provider),
            pass_env: self.pass_env.or(fallback.pass_env),
            agent_home: self.agent_home.or(fallback.agent_home),
            on_write: self.on_write.or(fallback.on_write),
            on_untrusted: self.on_untrusted.or(fallback.on_untrusted),
            votes: self.votes.or(fallback.votes),
            max_flip: self.max_flip.or(fallback.max_flip),
            new_specs: self.new_specs.or(fallback.new_specs),
            max_cost: self.max_cost.or(fallback.max_cost),
            max_calls: self.max_calls.or(fallback.max_calls),
            max_time: self.max_time.or(fallback.max_time),
        }
    }
}

/// After how many failing files a run stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bail {
    /// It doesn't: `false`.
    #[default]
    Never,
    /// After this many: a number, or `true` for one.
    After(NonZeroU32),
}

/// Whether and where a `JUnit` file is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Junit {
    /// None: `false`.
    #[default]
    Off,
    /// `junit-results.xml` in the output directory: `true`.
    InOutput,
    /// At this path: a string.
    At(String),
}

/// A tool that the user brings: how it is started and how it gets the prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomAgent {
    /// The program, by name or path.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// How it gets the prompt.
    pub prompt: PromptBy,
    /// Environment variables that are handed on to it, besides those every tool gets.
    pub pass_env: Vec<String>,
}

/// How a tool gets the prompt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PromptBy {
    /// On its standard input: `"stdin"`.
    #[default]
    Stdin,
    /// As its last argument: `"argument"`.
    Argument,
    /// In a file whose path is its last argument: `"file"`.
    File,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_source_wins_and_the_second_fills_the_gaps() {
        let flags = PartialConfig {
            verbose: Some(false),
            llm: Some("flag".to_owned()),
            ..PartialConfig::default()
        };
        let file = PartialConfig {
            verbose: Some(true),
            llm: Some("file".to_owned()),
            strict: Some(true),
            ..PartialConfig::default()
        };
        let both = flags.or(file);
        assert_eq!(both.verbose, Some(false));
        assert_eq!(both.llm.as_deref(), Some("flag"));
        assert_eq!(both.strict, Some(true));
        assert_eq!(both.debug, None);
    }
}
