//! One agent, ready to be called: the command line and the surroundings that it gets.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::git;
use crate::process::{ARGUMENT_LIMIT, Invocation};

use super::envelope::Envelope;
use super::environment::{Allowed, environment};
use super::home::{CallFiles, Home};
use super::permission::Permissions;
use super::registry::{Depending, HomeFile, SettingsFile};
use super::{Agents, CustomAgent, Delivery, Tool};

/// What a child gets between TERM and KILL. Reports must be on disk within 5 s of a cancel.
const GRACE: Duration = Duration::from_secs(2);

/// Stands for the prompt file, or the prompt itself, in an argument.
const PLACEHOLDER: &str = "{prompt}";

/// Stands for a variable's value, in an argument that depends on it.
const VALUE: &str = "{value}";

/// An LLM CLI on this machine with a model chosen.
#[derive(Clone, Debug)]
pub struct Agent {
    /// The model key that it was found by.
    pub(crate) key: String,
    /// Whose limits its calls share: the tool whatever the model, or the user's own agent.
    pub(crate) service: String,
    /// How many may run at once in one directory.
    pub(crate) side_by_side: usize,
    pub(super) envelope: Envelope,
    program: PathBuf,
    arguments: Vec<String>,
    prompt_arguments: Vec<String>,
    permissions: Permissions,
    /// What people call the tool, if it can't be kept from writing.
    pub(crate) unrestrained: Option<&'static str>,
    delivery: Delivery,
    longest_prompt: Option<usize>,
    /// What was chosen, where the tool's default was not.
    pub(super) model: Option<String>,
    /// Whether the makers' list prices hold: not for a gateway or a cloud.
    pub(super) has_list_prices: bool,
    environment: Vec<(OsString, OsString)>,
    /// Whether its own git may read another user's checkout.
    trusts_checkout: bool,
    home: Home,
    home_files: Vec<HomeFile>,
    settings_files: &'static [SettingsFile],
    /// Names of what it leaves where it runs.
    pub(crate) leaves: &'static [&'static str],
    /// Files of the project that it obeys whatever it is told.
    pub(crate) obeys: &'static [&'static str],
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
    keep: Keep,
}

/// What is needed until a call was read.
pub(crate) struct Keep {
    /// Which permission mode was chosen, and why.
    pub(crate) permissions: String,
    _files: CallFiles,
}

impl Prepared {
    /// What to start, and what to drop when it has ended.
    pub(crate) fn split(self) -> (Invocation, Keep) {
        (self.invocation, self.keep)
    }

    /// The program and its arguments, for a person to read.
    pub(crate) fn command_line(&self) -> Vec<String> {
        let program = self.invocation.program.as_os_str();
        std::iter::once(program)
            .chain(self.invocation.args.iter().map(OsString::as_os_str))
            .map(|word| word.to_string_lossy().into_owned())
            .collect()
    }
}

impl Agent {
    pub(super) fn from_tool(
        key: &str,
        tool: &'static Tool,
        model: Option<String>,
        program: PathBuf,
        agents: &Agents,
    ) -> Self {
        let home = agents.home_of(tool);
        let environment = environment(&agents.env, &agents.allowed(tool, home), home);
        let mut arguments = owned(tool.arguments);
        for depending in tool.depending {
            let value = environment.get(&OsString::from(depending.on));
            arguments.extend(depending.choose(value.and_then(|value| value.to_str())));
        }
        if let (Some(flag), Some(model)) = (tool.model_flag, &model) {
            arguments.extend([flag.to_owned(), model.clone()]);
        }
        let files = tool.fresh_home.files.iter();
        let of_provider = |file: &&HomeFile| file.providers.contains(&agents.provider);
        Self {
            key: key.to_owned(),
            service: tool.key.to_owned(),
            side_by_side: tool.side_by_side,
            envelope: tool.envelope,
            program,
            arguments,
            prompt_arguments: owned(tool.prompt_arguments),
            permissions: Permissions::of_tool(tool, agents.is_root && !agents.is_sandbox()),
            unrestrained: (!tool.has_read_only).then_some(tool.name),
            delivery: tool.delivery,
            longest_prompt: tool.longest_prompt,
            model,
            has_list_prices: agents.calls_the_maker(tool),
            environment: environment.into_iter().collect(),
            trusts_checkout: agents.env.trusts_checkout(),
            home,
            home_files: files.filter(of_provider).copied().collect(),
            settings_files: tool.files,
            leaves: tool.leaves,
            obeys: tool.obeys,
        }
    }

    pub(super) fn from_custom(
        key: &str,
        custom: &CustomAgent,
        program: PathBuf,
        agents: &Agents,
    ) -> Self {
        let passed = [&custom.pass_environment, &agents.pass_environment];
        let allowed = Allowed {
            names: passed.into_iter().flatten().map(String::as_str).collect(),
            ..Allowed::default()
        };
        let home = Home::choose(agents.home, agents.env.is_ci(), false);
        let placed = custom.arguments.iter().any(|arg| arg.contains(PLACEHOLDER));
        let wants_argument = custom.delivery != Delivery::Stdin;
        let prompt_arguments = if wants_argument && !placed {
            owned(&[PLACEHOLDER])
        } else {
            Vec::new()
        };
        Self {
            key: key.to_owned(),
            service: key.to_owned(),
            side_by_side: 4,
            envelope: Envelope::Text,
            program,
            arguments: custom.arguments.clone(),
            prompt_arguments,
            permissions: Permissions::of_custom(),
            unrestrained: None,
            delivery: custom.delivery,
            longest_prompt: None,
            model: None,
            has_list_prices: false,
            environment: environment(&agents.env, &allowed, home)
                .into_iter()
                .collect(),
            trusts_checkout: agents.env.trusts_checkout(),
            home,
            home_files: Vec::new(),
            settings_files: &[],
            leaves: &[],
            obeys: &[],
        }
    }

    /// The command line for one call, and the files that it needs.
    ///
    /// # Errors
    /// In words for the user, when the prompt can't be handed over.
    pub(crate) fn prepare(&self, call: &Call<'_>) -> Result<Prepared, String> {
        self.check_length(call.prompt)?;
        let mut files = CallFiles::default();
        let placed = self
            .write_files(call, &mut files)
            .map_err(|error| format!("could not write the call's temporary files: {error}"))?;
        let mode = self.permissions.mode(call.skip_permissions);
        let mut arguments = self.arguments.clone();
        arguments.extend_from_slice(&mode.arguments);
        arguments.extend_from_slice(&self.prompt_arguments);
        let place = |argument: String| match &placed {
            Some(value) => argument.replace(PLACEHOLDER, value),
            None => argument,
        };
        let stdin = match self.delivery {
            Delivery::Stdin => call.prompt.as_bytes(),
            Delivery::Argument | Delivery::File => &[],
        };
        let mut environment = self.environment.clone();
        environment.append(&mut files.variables);
        let has_settings = |(name, _): &(OsString, OsString)| name == "GIT_CONFIG_COUNT";
        if self.trusts_checkout && !environment.iter().any(has_settings) {
            environment.extend(git::trusting(call.directory));
        }
        Ok(Prepared {
            invocation: Invocation {
                program: self.program.clone(),
                args: arguments.into_iter().map(place).map(Into::into).collect(),
                directory: call.directory.to_owned(),
                environment,
                stdin: stdin.into(),
                limit: call.limit,
                grace: GRACE,
            },
            keep: Keep {
                permissions: mode.description.clone(),
                _files: files,
            },
        })
    }

    fn check_length(&self, prompt: &str) -> Result<(), String> {
        let length = prompt.len();
        if self.delivery == Delivery::Argument && length > ARGUMENT_LIMIT {
            return Err(format!(
                "the prompt has {length} bytes, and an argument ends at {ARGUMENT_LIMIT}; give \
                 the agent `prompt: \"stdin\"` or `\"file\"`, or split the spec"
            ));
        }
        match self.longest_prompt {
            Some(longest) if length > longest => Err(format!(
                "the prompt has {length} bytes, and `{}` takes at most {longest}; split the spec, \
                 or choose another judge with `--llm`",
                self.key
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// Writes what the call needs, and returns what the placeholder of the prompt stands for.
    fn write_files(
        &self,
        call: &Call<'_>,
        files: &mut CallFiles,
    ) -> std::io::Result<Option<String>> {
        if self.home == Home::Fresh {
            files.add_home(&self.home_files)?;
        }
        files.add_settings(self.settings_files)?;
        files.watch(call.directory, self.leaves);
        Ok(match self.delivery {
            Delivery::Stdin => None,
            Delivery::Argument => Some(call.prompt.to_owned()),
            Delivery::File => {
                let path = files.add_prompt(call.prompt)?;
                Some(path.to_string_lossy().into_owned())
            }
        })
    }
}

impl Depending {
    fn choose(&self, value: Option<&str>) -> Vec<String> {
        match value.filter(|value| !value.is_empty()) {
            Some(value) => {
                let words = self.set.iter();
                words.map(|word| word.replace(VALUE, value)).collect()
            }
            None => owned(self.unset),
        }
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}
