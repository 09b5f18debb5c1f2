//! The inputs of the action: one table, which `action.yml` and the documentation follow.

use thiserror::Error;

use crate::env::Env;
use Becomes::{Own, Publish, PublishSwitch, Run, RunSwitch};

/// An input of the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its name in a workflow file, in snake case: shells can't read a variable with a dash.
    pub name: &'static str,
    /// What holds where the workflow says nothing; may be an expression of GitHub's. Empty leaves it
    /// to the configuration.
    pub default: &'static str,
    /// What it does, for documents, in Markdown.
    pub meaning: &'static str,
    /// What it becomes.
    pub(super) becomes: Becomes,
}

/// What an input becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Becomes {
    /// The flag of `run` with the same name, which takes a value.
    Run,
    /// The same for one that is on or off.
    RunSwitch,
    /// The flag of `publish` with the same name, which takes a value.
    Publish,
    /// The same for one that is on or off.
    PublishSwitch,
    /// Something else, which `step` makes of it.
    Own,
}

impl Input {
    /// Every input, in the order in which documents list them.
    pub const ALL: &'static [Self] = &[
        input(
            Own,
            "specs",
            "",
            "Spec files, directories or single scenarios (`api.spec.md#errors-are-json`), one a line; if empty, all that match `testMatch`",
        ),
        input(
            Run,
            "llm",
            "",
            "Model key, which says who judges: `claude-code`, `codex:gpt-6-luna`, or `checks` for deterministic checks only",
        ),
        input(
            Own,
            "agents",
            "",
            "LLM CLIs to install, such as `claude-code@2.1.328 codex`; if empty, those that the specs need, each in the version that this semtest was tested with; `none` installs nothing",
        ),
        input(
            Own,
            "cache_directory",
            "",
            "Where the CLIs are installed, for a cache step to keep; if empty, `semtest` in the runner's temporary directory",
        ),
        input(
            Own,
            "working_directory",
            ".",
            "Where semtest starts, relative to the workspace",
        ),
        input(
            Run,
            "config",
            "",
            "Configuration file, relative to `working_directory`; if empty, semtest looks for one",
        ),
        input(
            Run,
            "tag",
            "",
            "Only spec files with one of these tags, separated by commas",
        ),
        input(
            Run,
            "timeout",
            "",
            "Limit for one call of the CLI, such as `5m`; 10 minutes if nothing says otherwise",
        ),
        input(Run, "jobs", "", "How many spec files are judged at once"),
        input(
            Run,
            "repeat",
            "",
            "Judge each file up to this often, until one run does not pass",
        ),
        input(
            Run,
            "votes",
            "",
            "How many answers make a verdict: `1`, `lead:2/7`, `confirm:3/11` or `auto`, which asks little about what is calibrated quiet",
        ),
        input(
            Run,
            "new_specs",
            "",
            "Whether failures of statements count that are not calibrated: `block` or `warn`",
        ),
        input(
            Run,
            "max_cost",
            "",
            "No new call when the calls have cost this many US dollars, such as `2.50`",
        ),
        input(Run, "max_calls", "", "No new call after this many"),
        input(
            Run,
            "max_time",
            "",
            "No new call after this time, such as `20m`",
        ),
        input(
            Run,
            "provider",
            "",
            "Which service the CLI calls: `api`, `bedrock`, `vertex` or `gateway`",
        ),
        input(
            Run,
            "pass_env",
            "",
            "Variables of this step that the CLI may see besides its provider's, separated by commas",
        ),
        input(
            RunSwitch,
            "skip_permissions_if_possible",
            "",
            "Whether the CLI may write files and run commands in the container without asking",
        ),
        input(
            Run,
            "on_untrusted",
            "",
            "On a fork's or bot's pull request: `checks` runs deterministic checks only, `fail` is an error, `run` lets the CLI judge it",
        ),
        input(
            Run,
            "on_write",
            "",
            "If the CLI changes files: `warn` reports it, `error` makes the scenarios errors",
        ),
        input(
            RunSwitch,
            "strict",
            "",
            "Whether validation issues are an error (exit code 2)",
        ),
        input(
            RunSwitch,
            "allow_empty",
            "",
            "Whether a run that judged nothing passes",
        ),
        input(
            Own,
            "output",
            "semtest-results",
            "Directory of the reports, relative to `working_directory`; the configuration's `output` does not count",
        ),
        input(
            RunSwitch,
            "junit",
            "true",
            "Whether `junit-results.xml` is written",
        ),
        input(
            Run,
            "format",
            "",
            "More report files, separated by commas: `code-quality`, `sarif`",
        ),
        input(
            RunSwitch,
            "include_passing",
            "",
            "Whether `latest.md` lists what passed, too",
        ),
        input(
            RunSwitch,
            "verbose",
            "",
            "Whether the log has a line for each scenario",
        ),
        input(
            RunSwitch,
            "debug",
            "",
            "Whether what the CLI printed is kept, in `debug/` of `output`",
        ),
        input(
            Publish,
            "comment",
            "failures",
            "When to comment on the pull request: `failures` (kept up to date once it is there, green too), `always` or `off`",
        ),
        input(
            Own,
            "comment_key",
            "",
            "Name of this step's comment, if several comment on one pull request; if empty, workflow, job and matrix",
        ),
        input(
            Publish,
            "pull_request",
            "",
            "Number of the pull request; if empty, found by the event or the commit",
        ),
        input(
            PublishSwitch,
            "annotations",
            "true",
            "Whether failures are marked at their lines",
        ),
        input(
            PublishSwitch,
            "summary",
            "true",
            "Whether the report is in the job's summary",
        ),
        input(
            Own,
            "github_token",
            "${{ github.token }}",
            "Token that writes the comment; `semtest publish` gets it, the CLI never does",
        ),
        input(
            Own,
            "matrix",
            "${{ toJSON(matrix) }}",
            "Tells the jobs of a matrix apart; set by the action itself",
        ),
    ];

    /// The input with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|input| input.name == name)
    }

    /// Its variable.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("INPUT_{}", self.name.to_uppercase())
    }

    /// What the step says, without the blanks around it; `None` if that is nothing.
    pub(super) fn value(self, env: &Env) -> Option<&str> {
        let value = env.get(&self.variable())?.trim();
        (!value.is_empty()).then_some(value)
    }
}

const fn input(
    becomes: Becomes,
    name: &'static str,
    default: &'static str,
    meaning: &'static str,
) -> Input {
    Input {
        name,
        default,
        meaning,
        becomes,
    }
}

impl Input {
    /// The flag that it becomes, as one argument: no value can be taken for a flag of its own.
    pub(super) fn flag(self, value: &str) -> Result<String, InputError> {
        let flag = format!("--{}={value}", self.name.replace('_', "-"));
        match self.becomes {
            Run | Publish | Own => Ok(flag),
            RunSwitch | PublishSwitch if ["true", "false"].contains(&value) => Ok(flag),
            RunSwitch | PublishSwitch => Err(InputError::NotASwitch {
                name: self.name,
                value: value.to_owned(),
            }),
        }
    }
}

/// Why a step can't be understood.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InputError {
    /// A switch that is neither on nor off.
    #[error("the input `{name}` is `{value}`; expected `true` or `false`")]
    NotASwitch {
        /// The input.
        name: &'static str,
        /// What it says.
        value: String,
    },
    /// A value that the command does not take.
    #[error("the input `{name}` is `{value}`: {why}")]
    Refused {
        /// The input.
        name: String,
        /// What it says.
        value: String,
        /// What the command says to that.
        why: String,
    },
    /// Not what GitHub makes of `toJSON(matrix)`.
    #[error("the input `matrix` is not JSON; it is set by the action itself")]
    Matrix,
    /// Shorter or longer than anybody's token.
    #[error("the input `github_token` is no token: that has 8 to 4,096 bytes")]
    Token,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_different_and_in_snake_case() {
        let names: BTreeSet<&str> = Input::ALL.iter().map(|input| input.name).collect();
        assert_eq!(names.len(), Input::ALL.len());
        for name in names {
            let is_snake = |letter: char| letter.is_ascii_lowercase() || letter == '_';
            assert!(name.chars().all(is_snake), "{name}");
        }
    }

    #[test]
    fn a_value_is_one_argument_whatever_is_in_it() {
        let llm = Input::named("llm").unwrap();
        assert_eq!(llm.flag("--debug; $(id)").unwrap(), "--llm=--debug; $(id)");
        let strict = Input::named("strict").unwrap();
        assert_eq!(strict.flag("true").unwrap(), "--strict=true");
        let error = strict.flag("yes").unwrap_err().to_string();
        assert!(error.contains("`strict` is `yes`"), "{error}");
    }
}
