//! `semtest run`: the one command whose flags mirror the configuration file.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::config::{Bail, Junit, PartialConfig};
use crate::model::{Cost, Level, OnUntrusted, OnWrite, ReportFormat, Votes};

use super::judging::{JudgingArgs, count, dollars, rate, timeout, word};

/// Arguments of `run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// Spec files, directories, or single scenarios (`api.spec.md#id`); default: all that match
    /// testMatch
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,

    /// Use this configuration file instead of looking for semtest.config.{ts,js,mjs,json}
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    pub config: Option<PathBuf>,
    /// Who judges.
    #[command(flatten)]
    pub judging: JudgingArgs,

    /// Globs of spec files, several or separated by commas
    #[arg(long, value_name = "GLOB", help_heading = "Selection", action = clap::ArgAction::Append)]
    pub test_match: Option<Vec<String>>,
    /// Paths to leave out, in gitignore syntax; replaces the defaults
    #[arg(long, value_name = "PATTERN", help_heading = "Selection", action = clap::ArgAction::Append)]
    pub test_path_ignore_patterns: Option<Vec<String>>,
    /// Only files that carry one of these tags
    #[arg(long, value_name = "TAG", help_heading = "Selection", value_delimiter = ',', action = clap::ArgAction::Append)]
    pub tag: Vec<String>,
    /// Only files whose name or path matches this regular expression
    #[arg(
        short = 't',
        long = "testNamePattern",
        alias = "test-name-pattern",
        value_name = "REGEX",
        help_heading = "Selection"
    )]
    pub test_name_pattern: Option<String>,
    /// Print what would be judged by whom, and stop
    #[arg(long, help_heading = "Selection")]
    pub plan: bool,

    /// Limit for one call: milliseconds, or `90s`, `2m`; 0 means none [default: none, 10m in CI]
    #[arg(long, value_name = "TIME", value_parser = timeout, help_heading = "Execution")]
    pub timeout: Option<Duration>,
    /// How many files to judge at once [default: 4, or what the agent allows]
    #[arg(long, value_name = "N", value_parser = count, help_heading = "Execution")]
    pub jobs: Option<NonZeroU32>,
    /// Judge each file up to N times, until one run does not pass
    #[arg(long, value_name = "N", value_parser = count, help_heading = "Execution")]
    pub repeat: Option<NonZeroU32>,
    /// How many answers make a verdict: 1, lead:D/CAP, confirm:D/CAP or auto [default: auto]
    #[arg(long, value_name = "VOTES", help_heading = "Execution")]
    pub votes: Option<Votes>,
    /// Stop after the first file (or after N files) that failed or errored
    #[arg(long, value_name = "N", value_parser = bail, num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = "Execution")]
    pub bail: Option<Bail>,
    /// Stop after N files that failed or errored
    #[arg(
        long,
        value_name = "N",
        value_parser = count,
        conflicts_with = "bail",
        help_heading = "Execution"
    )]
    pub maxfail: Option<NonZeroU32>,

    /// Start no new call when the calls have cost this many US dollars
    #[arg(long, value_name = "DOLLARS", value_parser = dollars, help_heading = "Budget")]
    pub max_cost: Option<Cost>,
    /// Start no new call after this many
    #[arg(long, value_name = "N", value_parser = count, help_heading = "Budget")]
    pub max_calls: Option<NonZeroU32>,
    /// Start no new call after this time: milliseconds, or `90s`, `20m`; 0 means no limit
    #[arg(long, value_name = "TIME", value_parser = timeout, help_heading = "Budget")]
    pub max_time: Option<Duration>,

    /// Directory for the reports
    #[arg(long, value_name = "DIR", help_heading = "Reports")]
    pub output: Option<String>,
    /// Write junit-results.xml too, or JUnit XML to PATH
    #[arg(long, value_name = "PATH", value_parser = junit, num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = "Reports")]
    pub junit: Option<Junit>,
    /// Write report files for a CI system, too: code-quality for GitLab, sarif for GitHub
    #[arg(long, value_name = "FORMAT", value_parser = word::<ReportFormat>, value_delimiter = ',', action = clap::ArgAction::Append, help_heading = "Reports")]
    pub format: Option<Vec<ReportFormat>>,
    /// Keep a copy of the Markdown report under the run's time
    #[arg(long, help_heading = "Reports", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub timestamp: Option<bool>,
    /// List passing scenarios in the Markdown report
    #[arg(long, help_heading = "Reports", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub include_passing: Option<bool>,
    /// Write every attempt's raw output to debug/ in the output directory
    #[arg(long, help_heading = "Reports", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub debug: Option<bool>,
    /// Show a line per scenario, and what failures expected and observed
    #[arg(long, help_heading = "Reports", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub verbose: Option<bool>,
    /// Show nothing but problems and the last line
    #[arg(short, long, help_heading = "Reports")]
    pub quiet: bool,

    /// Make validation issues an error (exit 2)
    #[arg(long, help_heading = "Verdict", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub strict: Option<bool>,
    /// Whether failures of uncalibrated statements count: block or warn [default: block]
    #[arg(long, value_name = "LEVEL", value_parser = word::<Level>, help_heading = "Verdict")]
    pub new_specs: Option<Level>,
    /// The minority rate from which a judge is too noisy to block, 0 to 0.5 [default: 0.2]
    #[arg(long, value_name = "RATE", value_parser = rate, help_heading = "Verdict")]
    pub max_flip: Option<f64>,
    /// Leave out the rules about the suite as a whole
    #[arg(long, help_heading = "Verdict", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub skip_validation: Option<bool>,
    /// Let a run in which nothing was judged end with exit code 0
    #[arg(long, help_heading = "Verdict", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub allow_empty: Option<bool>,
    /// If a tool changes files: warn reports it, error makes the scenarios errors [default: warn]
    #[arg(long, value_name = "WHAT", value_parser = word::<OnWrite>, help_heading = "Verdict")]
    pub on_write: Option<OnWrite>,
    /// On a fork's or bot's pull request: checks, fail or run [default: checks]
    #[arg(long, value_name = "WHAT", value_parser = word::<OnUntrusted>, help_heading = "Verdict")]
    pub on_untrusted: Option<OnUntrusted>,
}

impl RunArgs {
    /// What the flags say, in the terms of the configuration.
    #[must_use]
    pub fn to_config(&self) -> PartialConfig {
        PartialConfig {
            test_match: self.test_match.as_deref().map(split_globs),
            test_path_ignore_patterns: self.test_path_ignore_patterns.as_deref().map(split_globs),
            output: self.output.clone(),
            timeout: self.timeout,
            repeat: self.repeat,
            bail: self.maxfail.map(Bail::After).or(self.bail),
            verbose: self.verbose,
            strict: self.strict,
            skip_validation: self.skip_validation,
            debug: self.debug,
            timestamp: self.timestamp,
            include_passing: self.include_passing,
            junit: self.junit.clone(),
            format: self.format.clone(),
            jobs: self.jobs,
            allow_empty: self.allow_empty,
            on_write: self.on_write,
            on_untrusted: self.on_untrusted,
            votes: self.votes,
            max_flip: self.max_flip,
            new_specs: self.new_specs,
            max_cost: self.max_cost,
            max_calls: self.max_calls,
            max_time: self.max_time,
            ..self.judging.to_config()
        }
    }
}

/// Splits at commas, but not at those of `{a,b}`.
fn split_globs(values: &[String]) -> Vec<String> {
    let mut globs = Vec::new();
    for value in values {
        let (mut depth, mut start) = (0_usize, 0);
        for (at, letter) in value.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => {
                    globs.push(value[start..at].to_owned());
                    start = at + 1;
                }
                _ => {}
            }
        }
        globs.push(value[start..].to_owned());
    }
    globs.retain(|glob| !glob.is_empty());
    globs
}

fn bail(text: &str) -> Result<Bail, String> {
    match text {
        "true" => Ok(Bail::After(NonZeroU32::MIN)),
        "false" => Ok(Bail::Never),
        _ => text
            .parse()
            .map(Bail::After)
            .map_err(|_| "expected a number from 1, `true` or `false`".into()),
    }
}

fn junit(text: &str) -> Result<Junit, String> {
    match text {
        "true" => Ok(Junit::InOutput),
        "false" => Ok(Junit::Off),
        "" => Err("expected a path, `true` or `false`".into()),
        path => Ok(Junit::At(path.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Cli, Command, parse};
    use super::*;

    fn config(line: &str) -> PartialConfig {
        let arguments = format!("semtest run {line}");
        let Cli { command, .. } = parse(arguments.split_whitespace().map(Into::into)).unwrap();
        match command {
            Command::Run(args) => args.to_config(),
            Command::Ask(_)
            | Command::Calibrate(_)
            | Command::Waive(_)
            | Command::Init(_)
            | Command::List(_)
            | Command::Publish(_)
            | Command::Doctor(_)
            | Command::Install(_)
            | Command::Completions(_)
            | Command::Uninstall(_)
            | Command::Action
            | Command::Entrypoint(_) => unreachable!(),
        }
    }

    #[test]
    fn a_bool_flag_stands_alone_or_with_a_value() {
        assert_eq!(config("--strict").strict, Some(true));
        assert_eq!(config("--strict=false").strict, Some(false));
        assert_eq!(config("").strict, None);
        assert_eq!(config("--strict --strict=false").strict, Some(false));
    }

    #[test]
    fn junit_takes_nothing_a_bool_or_a_path() {
        assert_eq!(config("--junit").junit, Some(Junit::InOutput));
        assert_eq!(config("--junit=false").junit, Some(Junit::Off));
        assert_eq!(
            config("--junit=out/x.xml").junit,
            Some(Junit::At("out/x.xml".into()))
        );
    }

    #[test]
    fn formats_are_repeated_or_separated_by_commas() {
        let both = Some(vec![ReportFormat::CodeQuality, ReportFormat::Sarif]);
        assert_eq!(config("--format code-quality,sarif").format, both);
        let apart = config("--format code-quality --format sarif");
        assert_eq!(apart.format, both);
        assert_eq!(config("").format, None);
    }

    #[test]
    fn bail_and_maxfail_are_one_setting() {
        let after = |most| Some(Bail::After(NonZeroU32::new(most).unwrap()));
        assert_eq!(config("--bail").bail, after(1));
        assert_eq!(config("--bail=3").bail, after(3));
        assert_eq!(config("--maxfail 2").bail, after(2));
        assert_eq!(config("--bail=false").bail, Some(Bail::Never));
    }

    #[test]
    fn globs_split_at_commas_outside_braces() {
        let globs = config("--test-match a/*.md,b/*.{spec,test}.md --test-match c.md").test_match;
        assert_eq!(globs.unwrap(), ["a/*.md", "b/*.{spec,test}.md", "c.md"]);
    }

    #[test]
    fn timeouts_are_milliseconds_or_say_their_unit() {
        assert_eq!(
            config("--timeout 1500").timeout,
            Some(Duration::from_millis(1500))
        );
        assert_eq!(config("--timeout 2m").timeout, Some(Duration::from_mins(2)));
        assert_eq!(config("--timeout 0").timeout, Some(Duration::ZERO));
    }
}
