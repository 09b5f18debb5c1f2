//! Understands a config value: every field by its type, all problems at once.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever else a value is, it is wrong there"
)]

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use super::fields::{AGENT_FIELDS, FIELDS};
use super::partial::{Bail, CustomAgent, Junit, PartialConfig, PromptBy};
use super::places::{Places, join};
use super::problem::Problem;
use super::source::Source;
use super::value::Value;
use crate::model::{CHECKS, Cost, Votes, Word};
use crate::nearest::nearest;
use crate::timeout::{from_milliseconds, parse_timeout};

const BOOL: &str = "true or false";
const COUNT: &str = "a whole number, at least 1";
const VOTES: &str = "\"auto\", 1, \"lead:D/CAP\" or \"confirm:D/CAP\"";
const RATE: &str = "a number from 0 to 0.5";
const DOLLARS: &str = "an amount of US dollars, such as 2.50";
const TIME: &str = "milliseconds, or a string like \"90s\"";

/// Stands for the prompt or its file among the arguments of a tool.
const PLACEHOLDER: &str = "{prompt}";

/// How many problems are shown. A file with more is something else than a config.
const MOST_PROBLEMS: usize = 20;

/// Understands the value of a whole file.
pub(super) fn read(
    value: Value,
    source: &Arc<Source>,
    places: &Places,
) -> Result<PartialConfig, Vec<Problem>> {
    let mut reader = Reader {
        source,
        places,
        problems: Vec::new(),
    };
    let config = reader.config(value);
    let mut problems = reader.problems;
    if problems.is_empty() {
        return Ok(config);
    }
    problems.sort_by_key(|problem| problem.place.as_ref().map(|place| place.range.start));
    let more = problems.len().saturating_sub(MOST_PROBLEMS);
    if more > 0 {
        problems.truncate(MOST_PROBLEMS);
        problems.push(Problem::new(format!(
            "and {more} more problems in this file"
        )));
    }
    Err(problems)
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    places: &'a Places,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn config(&mut self, value: Value) -> PartialConfig {
        let mut config = PartialConfig::default();
        let Value::Map(fields) = value else {
            let message = format!("the config must be an object, not {}", value.describe());
            let place = self.source.place(self.places.value(""));
            let problem = Problem::new(message).at(place);
            self.problems.push(if value == Value::Other("a promise") {
                problem.hint("put `await` in front of it")
            } else {
                problem
            });
            return config;
        };
        for (name, value) in fields {
            self.field(&mut config, &name, value);
        }
        config
    }

    fn field(&mut self, config: &mut PartialConfig, name: &str, value: Value) {
        match name {
            "testMatch" => config.test_match = self.strings(name, value),
            "testPathIgnorePatterns" => {
                config.test_path_ignore_patterns = self.strings(name, value);
            }
            "output" => config.output = self.text(name, value),
            "llm" => config.llm = self.text(name, value),
            "timeout" => config.timeout = self.timeout(name, &value),
            "repeat" => config.repeat = self.count(name, &value, COUNT),
            "bail" => config.bail = self.bail(name, &value),
            "jobs" => config.jobs = self.count(name, &value, COUNT),
            "verbose" => config.verbose = self.bool(name, &value),
            "strict" => config.strict = self.bool(name, &value),
            "skipValidation" => config.skip_validation = self.bool(name, &value),
            "debug" => config.debug = self.bool(name, &value),
            "timestamp" => config.timestamp = self.bool(name, &value),
            "includePassing" => config.include_passing = self.bool(name, &value),
            "junit" => config.junit = self.junit(name, value),
            "format" => config.format = self.words(name, value),
            "skipPermissionsIfPossible" => {
                config.skip_permissions_if_possible = self.bool(name, &value);
            }
            "allowEmpty" => config.allow_empty = self.bool(name, &value),
            "agents" => config.agents = self.agents(name, value),
            "provider" => config.provider = self.word(name, &value),
            "passEnv" => config.pass_env = self.strings(name, value),
            "agentHome" => config.agent_home = self.word(name, &value),
            "onWrite" => config.on_write = self.word(name, &value),
            "onUntrusted" => config.on_untrusted = self.word(name, &value),
            "votes" => config.votes = self.votes(name, &value),
            "maxFlip" => config.max_flip = self.rate(name, &value),
            "newSpecs" => config.new_specs = self.word(name, &value),
            "maxCost" => config.max_cost = self.dollars(name, &value),
            "maxCalls" => config.max_calls = self.count(name, &value, COUNT),
            "maxTime" => config.max_time = self.timeout(name, &value),
            _ => self.unknown("", name, FIELDS.iter().map(|field| field.name)),
        }
    }

    fn bool(&mut self, path: &str, value: &Value) -> Option<bool> {
        if let Value::Bool(value) = value {
            return Some(*value);
        }
        self.wrong(path, BOOL, value)
    }

    fn count(&mut self, path: &str, value: &Value, expected: &str) -> Option<NonZeroU32> {
        let count = match value {
            Value::Number(number) => whole(*number)
                .and_then(|number| u32::try_from(number).ok())
                .and_then(NonZeroU32::new),
            _ => None,
        };
        count.or_else(|| self.wrong(path, expected, value))
    }

    fn votes(&mut self, path: &str, value: &Value) -> Option<Votes> {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return self.wrong(path, VOTES, value),
        };
        text.parse()
            .map_err(|error| self.problem(path, format!("`{path}`: {error}")))
            .ok()
    }

    fn rate(&mut self, path: &str, value: &Value) -> Option<f64> {
        match value {
            Value::Number(number) if (0.0..=0.5).contains(number) => Some(*number),
            _ => self.wrong(path, RATE, value),
        }
    }

    fn dollars(&mut self, path: &str, value: &Value) -> Option<Cost> {
        let cost = match value {
            Value::Number(number) => Cost::from_dollars(*number, false),
            _ => None,
        };
        cost.or_else(|| self.wrong(path, DOLLARS, value))
    }

    fn bail(&mut self, path: &str, value: &Value) -> Option<Bail> {
        match value {
            Value::Bool(false) => Some(Bail::Never),
            Value::Bool(true) => Some(Bail::After(NonZeroU32::MIN)),
            _ => self
                .count(path, value, "true, false, or a whole number, at least 1")
                .map(Bail::After),
        }
    }

    fn timeout(&mut self, path: &str, value: &Value) -> Option<Duration> {
        let parsed = match value {
            Value::Number(number) => match whole(*number) {
                Some(milliseconds) => from_milliseconds(milliseconds),
                None => return self.wrong(path, TIME, value),
            },
            Value::String(text) => parse_timeout(text),
            _ => return self.wrong(path, TIME, value),
        };
        parsed
            .map_err(|error| self.problem(path, format!("`{path}`: {error}")))
            .ok()
    }

    fn junit(&mut self, path: &str, value: Value) -> Option<Junit> {
        match value {
            Value::Bool(false) => Some(Junit::Off),
            Value::Bool(true) => Some(Junit::InOutput),
            Value::String(text) if !text.is_empty() => Some(Junit::At(text)),
            value => self.wrong(path, "true, false, or a path", &value),
        }
    }

    fn word<T: Word>(&mut self, path: &str, value: &Value) -> Option<T> {
        let known = match value {
            Value::String(text) => T::from_word(text),
            _ => None,
        };
        known.or_else(|| self.wrong(path, &T::alternatives(), value))
    }

    fn words<T: Word>(&mut self, path: &str, value: Value) -> Option<Vec<T>> {
        let Value::List(items) = value else {
            let expected = format!("a list of {}", T::alternatives());
            return self.wrong(path, &expected, &value);
        };
        let words = items.iter().enumerate();
        let words = words.map(|(index, item)| self.word(&format!("{path}[{index}]"), item));
        // Not `collect::<Option<_>>` at once, which would stop at the first problem.
        words.collect::<Vec<_>>().into_iter().collect()
    }

    fn text(&mut self, path: &str, value: Value) -> Option<String> {
        match value {
            Value::String(text) if text.is_empty() => {
                self.problem(path, format!("`{path}` must not be empty"));
                None
            }
            Value::String(text) => Some(text),
            value => self.wrong(path, "a string", &value),
        }
    }

    fn strings(&mut self, path: &str, value: Value) -> Option<Vec<String>> {
        let Value::List(items) = value else {
            return self.wrong(path, "a list of strings", &value);
        };
        let strings = items
            .into_iter()
            .enumerate()
            .map(|(index, item)| match item {
                Value::String(text) => Some(text),
                item => self.wrong(&format!("{path}[{index}]"), "a string", &item),
            });
        // Not `collect::<Option<_>>` at once, which would stop at the first problem.
        strings.collect::<Vec<_>>().into_iter().collect()
    }

    fn agents(&mut self, path: &str, value: Value) -> Option<BTreeMap<String, CustomAgent>> {
        let Value::Map(entries) = value else {
            return self.wrong(path, "an object", &value);
        };
        let mut agents = BTreeMap::new();
        for (name, value) in entries {
            let path = join(path, &name);
            if name == CHECKS {
                let place = self.source.place(self.places.key(&path));
                let message = "`checks` is the built-in model key for deterministic checks";
                self.problems.push(
                    Problem::new(message)
                        .at(place)
                        .hint("give this tool another name"),
                );
            } else if !is_agent_name(&name) {
                let place = self.source.place(self.places.key(&path));
                self.problems.push(
                    Problem::new(format!("`{name}` can't be the name of a tool"))
                        .at(place)
                        .hint("use letters, digits, `-`, `_` and `.`"),
                );
            }
            if let Some(agent) = self.agent(&path, value) {
                agents.insert(name, agent);
            }
        }
        Some(agents)
    }

    fn agent(&mut self, path: &str, value: Value) -> Option<CustomAgent> {
        let Value::Map(fields) = value else {
            return self.wrong(path, "an object", &value);
        };
        let (mut command, mut args, mut pass_env) = (None, None, None);
        // `None` is a wrong value.
        let mut prompt = Some(PromptBy::default());
        let (mut has_command, mut has_unknown) = (false, false);
        for (name, value) in fields {
            let field = join(path, &name);
            match name.as_str() {
                "command" => {
                    has_command = true;
                    command = self.text(&field, value);
                }
                "args" => args = self.strings(&field, value),
                "prompt" => prompt = self.prompt(&field, &value),
                "passEnv" => pass_env = self.strings(&field, value),
                _ => {
                    has_unknown = true;
                    self.unknown(path, &name, AGENT_FIELDS.iter().copied());
                }
            }
        }
        if prompt == Some(PromptBy::Stdin) {
            self.refuse_placeholder(path, args.as_deref().unwrap_or_default());
        }
        // An unknown field may be the misspelt command.
        if !has_command && !has_unknown {
            self.problem(path, format!("`{path}` needs a `command`"));
        }
        Some(CustomAgent {
            command: command?,
            args: args.unwrap_or_default(),
            prompt: prompt.unwrap_or_default(),
            pass_env: pass_env.unwrap_or_default(),
        })
    }

    /// The tool would get the placeholder itself.
    fn refuse_placeholder(&mut self, path: &str, args: &[String]) {
        let Some(index) = args.iter().position(|arg| arg.contains(PLACEHOLDER)) else {
            return;
        };
        let message = format!("`{path}.args` has {PLACEHOLDER}, but the prompt goes to stdin");
        let place = self.places.value(&format!("{path}.args[{index}]"));
        self.problems.push(
            Problem::new(message)
                .at(self.source.place(place))
                .hint("set `prompt` to \"file\" or \"argument\", or remove the placeholder"),
        );
    }

    fn prompt(&mut self, path: &str, value: &Value) -> Option<PromptBy> {
        let text = if let Value::String(text) = value {
            text.as_str()
        } else {
            ""
        };
        match text {
            "stdin" => Some(PromptBy::Stdin),
            "argument" => Some(PromptBy::Argument),
            "file" => Some(PromptBy::File),
            _ => self.wrong(path, r#""stdin", "argument" or "file""#, value),
        }
    }

    fn wrong<T>(&mut self, path: &str, expected: &str, value: &Value) -> Option<T> {
        let found = match value {
            // The line is quoted below, but a value that a script made is not on it.
            Value::String(text) if text.len() <= 40 => format!("{text:?}"),
            value => value.describe(),
        };
        self.problem(path, format!("`{path}` must be {expected}, not {found}"));
        None
    }

    fn unknown<'a>(
        &mut self,
        parent: &str,
        name: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) {
        let path = join(parent, name);
        let place = self.source.place(self.places.key(&path));
        let problem = match nearest(name, known.clone()).first() {
            Some(near) => Problem::new(format!("unknown field `{path}`; did you mean `{near}`?")),
            None => Problem::new(format!("unknown field `{path}`")).hint(format!(
                "known are {}",
                known.collect::<Vec<_>>().join(", ")
            )),
        };
        self.problems.push(problem.at(place));
    }

    fn problem(&mut self, path: &str, message: String) {
        let place = self.source.place(self.places.value(path));
        self.problems.push(Problem::new(message).at(place));
    }
}

/// A number without a fraction that is at least zero and that JavaScript can tell from the next.
fn whole(number: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked before"
    )]
    (number.fract() == 0.0 && (0.0..=9_007_199_254_740_991.0).contains(&number))
        .then_some(number as u64)
}

fn is_agent_name(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !name.is_empty() && name.len() <= 64 && name.bytes().all(legal)
}
