//! One agent, ready to be called: the command line it gets and what its end means.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::Usage;
use crate::process::{ARGUMENT_LIMIT, Captured, Ending, Finished, Invocation};
use crate::sanitize;

use super::envelope::{Envelope, Said};
use super::environment::environment;
use super::{Agents, CustomAgent, Delivery, Tool, prices};

/// What a child gets between TERM and KILL. Reports must be on disk within 5 s of a cancel.
const GRACE: Duration = Duration::from_secs(2);

/// Stands for the prompt file, or the prompt itself, in an argument.
const PLACEHOLDER: &str = "{prompt}";

/// How much of a tool's own error text goes into a result.
const ERROR_BYTES: usize = 2_000;

/// An LLM CLI on this machine with a model chosen.
#[derive(Clone, Debug)]
pub struct Agent {
    /// The model key that it was found by.
    pub(crate) key: String,
    /// How many may run at once in one directory.
    pub(crate) side_by_side: usize,
    program: PathBuf,
    arguments: Vec<String>,
    prompt_arguments: Vec<String>,
    read_only: Vec<String>,
    skip_permissions: Vec<String>,
    delivery: Delivery,
    envelope: Envelope,
    model: Option<String>,
    environment: Vec<(OsString, OsString)>,
}

/// One question to an agent.
pub(crate) struct Call<'a> {
    pub(crate) prompt: &'a str,
    /// The project root: agents read the code from where they run.
    pub(crate) directory: &'a Path,
    pub(crate) limit: Option<Duration>,
    pub(crate) skip_permissions: bool,
}

/// A command line with what must live as long as the child.
pub(crate) struct Prepared {
    pub(crate) invocation: Invocation,
    _prompt_file: Option<tempfile::NamedTempFile>,
}

impl Prepared {
    /// The program and its arguments, for a person to read.
    pub(crate) fn command_line(&self) -> Vec<String> {
        let program = self.invocation.program.as_os_str();
        std::iter::once(program)
            .chain(self.invocation.args.iter().map(OsString::as_os_str))
            .map(|word| word.to_string_lossy().into_owned())
            .collect()
    }
}

/// What a finished call amounts to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Exit code 0 and nothing printed: worth another try.
    Empty,
    /// The model's words.
    Answer(String),
    /// The call failed, in words for the user.
    Failed(String),
    /// We ended it because the run was cancelled.
    Cancelled,
}

impl Agent {
    pub(super) fn from_tool(
        key: &str,
        tool: &Tool,
        model: Option<String>,
        program: PathBuf,
        agents: &Agents,
    ) -> Self {
        let mut arguments = owned(tool.arguments);
        if let (Some(flag), Some(model)) = (tool.model_flag, &model) {
            arguments.extend([flag.to_owned(), model.clone()]);
        }
        let access = tool.providers.iter();
        let access = access.filter(|access| access.provider == agents.provider);
        let mut allowed = tool.variables.to_vec();
        allowed.extend(access.flat_map(|access| access.variables));
        allowed.extend(agents.pass_environment.iter().map(String::as_str));
        Self {
            key: key.to_owned(),
            side_by_side: tool.side_by_side,
            program,
            arguments,
            prompt_arguments: owned(tool.prompt_arguments),
            read_only: owned(tool.read_only),
            skip_permissions: owned(tool.skip_permissions),
            delivery: tool.delivery,
            envelope: tool.envelope,
            model,
            environment: environment(&agents.env, &allowed, tool.settings),
        }
    }

    pub(super) fn from_custom(
        key: &str,
        custom: &CustomAgent,
        program: PathBuf,
        agents: &Agents,
    ) -> Self {
        let passed = [&custom.pass_environment, &agents.pass_environment];
        let allowed: Vec<&str> = passed.into_iter().flatten().map(String::as_str).collect();
        let placed = custom.arguments.iter().any(|arg| arg.contains(PLACEHOLDER));
        let wants_argument = custom.delivery != Delivery::Stdin;
        let prompt_arguments = if wants_argument && !placed {
            owned(&[PLACEHOLDER])
        } else {
            Vec::new()
        };
        Self {
            key: key.to_owned(),
            side_by_side: 4,
            program,
            arguments: custom.arguments.clone(),
            prompt_arguments,
            read_only: Vec::new(),
            skip_permissions: Vec::new(),
            delivery: custom.delivery,
            envelope: Envelope::Text,
            model: None,
            environment: environment(&agents.env, &allowed, &[]),
        }
    }

    /// The command line for one call.
    ///
    /// # Errors
    /// In words for the user, when the prompt can't be handed over.
    pub(crate) fn prepare(&self, call: &Call<'_>) -> Result<Prepared, String> {
        let mut prompt_file = None;
        let placed = match self.delivery {
            Delivery::Stdin => None,
            Delivery::Argument if call.prompt.len() > ARGUMENT_LIMIT => {
                return Err(format!(
                    "the prompt has {} bytes, and an argument ends at {ARGUMENT_LIMIT}; give \
                     the agent `prompt: \"stdin\"` or `\"file\"`, or split the spec",
                    call.prompt.len()
                ));
            }
            Delivery::Argument => Some(call.prompt.to_owned()),
            Delivery::File => {
                let file = write_prompt(call.prompt)
                    .map_err(|error| format!("could not write the prompt to a file: {error}"))?;
                let path = file.path().to_string_lossy().into_owned();
                prompt_file = Some(file);
                Some(path)
            }
        };
        let mut arguments = self.arguments.clone();
        arguments.extend_from_slice(if call.skip_permissions {
            &self.skip_permissions
        } else {
            &self.read_only
        });
        arguments.extend_from_slice(&self.prompt_arguments);
        let place = |argument: String| match &placed {
            Some(value) => argument.replace(PLACEHOLDER, value),
            None => argument,
        };
        let stdin = match self.delivery {
            Delivery::Stdin => call.prompt.as_bytes(),
            Delivery::Argument | Delivery::File => &[],
        };
        Ok(Prepared {
            invocation: Invocation {
                program: self.program.clone(),
                args: arguments.into_iter().map(place).map(Into::into).collect(),
                directory: call.directory.to_owned(),
                environment: self.environment.clone(),
                stdin: stdin.into(),
                limit: call.limit,
                grace: GRACE,
            },
            _prompt_file: prompt_file,
        })
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn write_prompt(prompt: &str) -> std::io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new()
        .prefix("semtest-prompt-")
        .suffix(".md")
        .tempfile()?;
    file.write_all(prompt.as_bytes())?;
    file.flush()?;
    Ok(file)
}

impl Agent {
    /// What the end of a call means, and what the call used. Exit codes lie in both directions, so
    /// the tool's own words count too: an envelope that says "error" beside exit code 0 is an error.
    pub(crate) fn read(&self, finished: &Finished, limit: Option<Duration>) -> (Reading, Usage) {
        let mut usage = Usage {
            calls: 1,
            duration: Duration::from_millis(
                u64::try_from(finished.duration.as_millis()).unwrap_or(u64::MAX),
            ),
            ..Usage::default()
        };
        if !finished.stdout.is_complete() {
            return (
                ended(finished, limit).unwrap_or_else(|| too_long(finished)),
                usage,
            );
        }
        let decoded = self.envelope.decode(finished);
        usage.turns = decoded.turns;
        usage.tokens = decoded.tokens;
        usage.cost = decoded.cost.or_else(|| {
            let (model, tokens) = (self.model.as_deref()?, usage.tokens.as_ref()?);
            prices::estimate(model, tokens)
        });
        let reading = ended(finished, limit).unwrap_or_else(|| spoken(decoded.said, finished));
        (reading, usage)
    }
}

/// What an end that is no exit amounts to: then no word of the tool counts.
fn ended(finished: &Finished, limit: Option<Duration>) -> Option<Reading> {
    match finished.ending {
        Ending::Cancelled => Some(Reading::Cancelled),
        Ending::TimedOut => {
            let limit = limit.unwrap_or(finished.duration).as_millis();
            Some(Reading::Failed(format!(
                "no answer within {limit} ms; raise the limit with `--timeout`"
            )))
        }
        Ending::Signalled(signal) => Some(Reading::Failed(format!(
            "ended by signal {signal}{}",
            last_said(finished)
        ))),
        Ending::Exited(_) => None,
    }
}

fn too_long(finished: &Finished) -> Reading {
    Reading::Failed(format!(
        "printed {} bytes, more than an answer can have",
        finished.stdout.total()
    ))
}

fn spoken(said: Said, finished: &Finished) -> Reading {
    match (said, finished.ending) {
        (Said::ToolError(text), _) => {
            let text = sanitize::truncate(&text, ERROR_BYTES);
            Reading::Failed(format!("the tool reports: {text}"))
        }
        (Said::Answer(_), Ending::Exited(code)) if code != 0 => {
            Reading::Failed(format!("exit code {code}{}", last_said(finished)))
        }
        (Said::Answer(text), _) if text.trim().is_empty() => Reading::Empty,
        (Said::Answer(text), _) => Reading::Answer(text),
    }
}

/// The last words of a tool that failed: stderr, else stdout, since some print errors there.
fn last_said(finished: &Finished) -> String {
    let words = [&finished.stderr, &finished.stdout]
        .into_iter()
        .map(last_words)
        .find(|text| !text.is_empty());
    words.map_or_else(|| " and no message".to_owned(), |text| format!(": {text}"))
}

fn last_words(stream: &Captured) -> String {
    let bytes = if stream.tail().is_empty() {
        stream.head()
    } else {
        stream.tail()
    };
    let from = bytes.len().saturating_sub(ERROR_BYTES);
    String::from_utf8_lossy(&bytes[from..]).trim().to_owned()
}
