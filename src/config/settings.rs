//! What holds in the end: a value for every field.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use super::partial::{Bail, CustomAgent, Junit, PartialConfig};
use crate::env::Env;
use crate::model::{AgentHome, Cost, Level, OnUntrusted, OnWrite, Provider, ReportFormat, Votes};

/// What a call may take where nobody watches: a pipeline never hangs.
const TIMEOUT_IN_CI: Duration = Duration::from_mins(10);

/// A judge that contradicts itself more often than one time in five is no help at a gate.
const MAX_FLIP: f64 = 0.2;

/// The settings of a run. The fields are those of [`PartialConfig`].
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a field that a user sets on its own"
)]
pub struct Settings {
    /// Globs of spec files, relative to the project root.
    pub test_match: Vec<String>,
    /// What never holds specs, in gitignore syntax.
    pub test_path_ignore_patterns: Vec<String>,
    /// The directory of the reports, relative to the project root.
    pub output: String,
    /// The model key that judges, not checked here.
    pub llm: String,
    /// The longest time of one call, if there is a limit.
    pub timeout: Option<Duration>,
    /// How often each file runs at most.
    pub repeat: NonZeroU32,
    /// After how many failing files the run stops.
    pub bail: Bail,
    /// How many calls run at once; `None` leaves it to the tool.
    pub jobs: Option<NonZeroU32>,
    /// Whether each scenario gets a line.
    pub verbose: bool,
    /// Whether validation issues make the run an error.
    pub strict: bool,
    /// Whether validation is left out.
    pub skip_validation: bool,
    /// Whether what the tools said is kept.
    pub debug: bool,
    /// Whether a report named after the time is written too.
    pub timestamp: bool,
    /// Whether `latest.md` lists what passed.
    pub include_passing: bool,
    /// Whether and where a `JUnit` file is written.
    pub junit: Junit,
    /// Which report files for one CI system are written, too.
    pub format: Vec<ReportFormat>,
    /// Whether tools run with their permission prompts off.
    pub skip_permissions_if_possible: bool,
    /// Whether a run that judged nothing may pass.
    pub allow_empty: bool,
    /// The user's own tools, by the name that is their model key.
    pub agents: BTreeMap<String, CustomAgent>,
    /// Which service the tools call.
    pub provider: Provider,
    /// Environment variables that every tool may see, besides its own.
    pub pass_env: Vec<String>,
    /// Which HOME the tools see.
    pub agent_home: AgentHome,
    /// What a tool that changes the working tree amounts to.
    pub on_write: OnWrite,
    /// What happens on a pull request from a stranger.
    pub on_untrusted: OnUntrusted,
    /// How many answers make a verdict.
    pub votes: Votes,
    /// The highest rate at which a quiet judge contradicts itself, from 0 to 0.5.
    pub max_flip: f64,
    /// Whether statements block that were never calibrated.
    pub new_specs: Level,
    /// What the model's answers may cost, all together, if there is a limit.
    pub max_cost: Option<Cost>,
    /// How many calls are made at most, if there is a limit.
    pub max_calls: Option<NonZeroU32>,
    /// After how long no call starts any more, if there is a limit.
    pub max_time: Option<Duration>,
}

/// Joins what the flags say with what the file says: flag before file before default.
#[must_use]
pub fn resolve(flags: PartialConfig, file: PartialConfig, env: &Env) -> Settings {
    let config = flags.or(file);
    let timeout = match config.timeout {
        Some(Duration::ZERO) => None,
        Some(timeout) => Some(timeout),
        None => env.is_ci().then_some(TIMEOUT_IN_CI),
    };
    Settings {
        test_match: config
            .test_match
            .unwrap_or_else(|| owned(&["**/*.spec.md", "**/*.test.md"])),
        test_path_ignore_patterns: config
            .test_path_ignore_patterns
            .unwrap_or_else(|| owned(&["node_modules", "dist", ".git", "vendor"])),
        output: config
            .output
            .unwrap_or_else(|| "semtest-results/".to_owned()),
        llm: config
            .llm
            .unwrap_or_else(|| "claude-code-sonnet-4-6".to_owned()),
        timeout,
        repeat: config.repeat.unwrap_or(NonZeroU32::MIN),
        bail: config.bail.unwrap_or_default(),
        jobs: config.jobs,
        verbose: config.verbose.unwrap_or_default(),
        strict: config.strict.unwrap_or_default(),
        skip_validation: config.skip_validation.unwrap_or_default(),
        debug: config.debug.unwrap_or_default(),
        timestamp: config.timestamp.unwrap_or_default(),
        include_passing: config.include_passing.unwrap_or_default(),
        junit: config.junit.unwrap_or_default(),
        format: config.format.unwrap_or_default(),
        skip_permissions_if_possible: config.skip_permissions_if_possible.unwrap_or_default(),
        allow_empty: config.allow_empty.unwrap_or_default(),
        agents: config.agents.unwrap_or_default(),
        provider: config.provider.unwrap_or_default(),
        pass_env: config.pass_env.unwrap_or_default(),
        agent_home: config.agent_home.unwrap_or_default(),
        on_write: config.on_write.unwrap_or_default(),
        on_untrusted: config.on_untrusted.unwrap_or_default(),
        votes: config.votes.unwrap_or_default(),
        max_flip: config.max_flip.unwrap_or(MAX_FLIP),
        new_specs: config.new_specs.unwrap_or_default(),
        max_cost: config.max_cost,
        max_calls: config.max_calls,
        max_time: config.max_time.filter(|time| !time.is_zero()),
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flag_before_file_before_default() {
        let flags = PartialConfig {
            output: Some("flag".to_owned()),
            ..PartialConfig::default()
        };
        let file = PartialConfig {
            output: Some("file".to_owned()),
            strict: Some(true),
            ..PartialConfig::default()
        };
        let settings = resolve(flags, file, &Env::default());
        assert_eq!(settings.output, "flag");
        assert!(settings.strict);
        assert_eq!(settings.llm, "claude-code-sonnet-4-6");
        assert_eq!(settings.bail, Bail::Never);
    }

    #[test]
    fn a_call_has_a_time_limit_in_ci_unless_zero_says_none() {
        let ci = Env::from_iter([("CI", "true")]);
        let timeout = |timeout, env: &Env| {
            let file = PartialConfig {
                timeout,
                ..PartialConfig::default()
            };
            resolve(PartialConfig::default(), file, env).timeout
        };
        let second = Duration::from_secs(1);
        assert_eq!(timeout(None, &Env::default()), None);
        assert_eq!(timeout(None, &ci), Some(Duration::from_mins(10)));
        assert_eq!(timeout(Some(Duration::ZERO), &ci), None);
        assert_eq!(timeout(Some(second), &ci), Some(second));
    }
}
