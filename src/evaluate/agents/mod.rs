//! The LLM coding CLIs: which there are, how each is started, how its answer is unwrapped.
//!
//! Everything particular to one tool is its row in `tools` and its decoder in `envelope`. Running the process
//! is [`crate::process`]'s business, understanding the answer is `judge`'s.

mod access;
mod agent;
mod envelope;
mod environment;
mod home;
mod install;
mod leaving;
mod locate;
mod permission;
mod prices;
mod reading;
mod refusal;
mod registry;
mod tools;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use crate::env::Env;
use crate::model::{AgentHome, CHECKS, Provider};

pub use access::Credentials;
pub(crate) use agent::{Agent, Call};
pub use environment::network_variables;
pub use install::{InstallError, Installation, Installer, UNFINISHED, Wanted, install_variables};
pub(crate) use reading::Reading;
pub use registry::{Delivery, Package, Tool, tools};

/// An agent that the user describes in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomAgent {
    /// A program on `PATH`, or a path relative to the project root if it holds a `/`.
    pub command: String,
    /// Its arguments; `{prompt}` stands for the prompt file or the prompt.
    pub arguments: Vec<String>,
    /// How it takes its prompt.
    pub delivery: Delivery,
    /// Variables that it may see beside those that every agent sees.
    pub pass_environment: Vec<String>,
}

/// Who gives the verdict on a spec file.
#[derive(Clone, Debug)]
pub enum Judge {
    /// Deterministic checks only.
    Checks,
    /// An LLM CLI.
    Agent(Arc<Agent>),
}

/// Why a model key can't be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AgentError {
    /// No tool or model of that name.
    #[error("unknown model key `{key}`{}", suggestion(nearest))]
    UnknownKey {
        /// What was asked for.
        key: String,
        /// Known keys that look like it, the nearest first.
        nearest: Vec<String>,
    },
    /// A model was asked of a tool that takes none.
    #[error("`{key}`: {name} can't be told which model to use; its key is `{tool}`")]
    NoModelChoice {
        /// What was asked for.
        key: String,
        /// What people call the tool.
        name: &'static str,
        /// The tool's key.
        tool: &'static str,
    },
    /// The tool of that key is not on this machine.
    #[error(
        "`{key}` needs the program `{program}`, which is not installed here{}",
        others(installed)
    )]
    NotInstalled {
        /// The model key.
        key: String,
        /// What was looked for.
        program: String,
        /// Binaries of other tools that are installed.
        installed: Vec<String>,
        /// What `semtest install` calls it, where nobody sits who would install it.
        installable: Option<&'static str>,
    },
    /// The tool can't call that service.
    #[error("`{key}`: {name} can't be told to call `{provider}`")]
    NoProvider {
        /// The model key.
        key: String,
        /// What people call the tool.
        name: &'static str,
        /// What was asked for.
        provider: &'static str,
        /// What it can call.
        supported: Vec<&'static str>,
    },
    /// Without the flag that lets it act, the tool is not started: it would act all the same.
    #[error("`{key}`: {name} has no mode in which it only reads")]
    NoReadOnlyMode {
        /// The model key.
        key: String,
        /// What people call the tool.
        name: &'static str,
    },
    /// A gateway without its address: the tool would send the gateway's key to the maker.
    #[error("`{key}`: `provider` is \"gateway\", and {} is not set", variables.join(" or "))]
    NoGateway {
        /// The model key.
        key: String,
        /// Any one of these tells the address.
        variables: Vec<&'static str>,
    },
    /// Nothing lets the tool in: no variable holds a key, and a fresh HOME holds no login.
    #[error("`{key}`: {name} needs a key, and {}", none_of(variables))]
    MissingKey {
        /// The model key.
        key: String,
        /// What people call the tool.
        name: &'static str,
        /// Any one of these would do, the usual one first.
        variables: &'static [&'static str],
    },
}

impl AgentError {
    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::UnknownKey { .. } | Self::NoModelChoice { .. } => {
                "`semtest list` shows all model keys".into()
            }
            Self::NoProvider {
                name, supported, ..
            } => format!(
                "{name} supports `provider` \"{}\"",
                supported.join("\", \"")
            ),
            Self::NoReadOnlyMode { .. } => "`--skip-permissions-if-possible` lets it write files \
                and run commands without asking; choose another judge where that is too much"
                .into(),
            Self::NoGateway { .. } => {
                "set it to the gateway's base URL, or leave `provider` at \"api\"".into()
            }
            Self::MissingKey { variables, .. } => access::where_to_set(variables),
            Self::NotInstalled { program, .. } if program.contains('/') => {
                "the path is relative to the project root and has to be executable".into()
            }
            Self::NotInstalled {
                program,
                installable: Some(tool),
                ..
            } => format!(
                "`semtest install {tool} --directory DIR` before this step installs it; put DIR/bin \
                 on PATH. An image that has `{program}` needs none of it, nor does `--llm {CHECKS}`"
            ),
            Self::NotInstalled { program, .. } => format!(
                "install `{program}` and put it on PATH, or choose another judge with `--llm`; \
                 `--llm {CHECKS}` needs no CLI"
            ),
        }
    }
}

fn suggestion(nearest: &[String]) -> String {
    match nearest {
        [] => String::new(),
        keys => format!("; did you mean `{}`?", keys.join("`, `")),
    }
}

fn none_of(variables: &[&str]) -> String {
    match variables {
        [one] => format!("`{one}` is not set"),
        [first, second, third, _, _, ..] => format!(
            "none of `{first}`, `{second}`, `{third}` or the variables of other providers is set"
        ),
        names => format!("none of `{}` is set", names.join("`, `")),
    }
}

fn others(installed: &[String]) -> String {
    match installed {
        [] => "; no other known LLM CLI is either".into(),
        names => format!("; installed are: {}", names.join(", ")),
    }
}

/// Finds the judge of a model key on this machine.
#[derive(Clone, Debug)]
pub struct Agents {
    /// The environment that agents get their part of.
    pub env: Env,
    /// The project root, to which custom commands are relative.
    pub root: PathBuf,
    /// The user's own agents, by model key.
    pub custom: BTreeMap<String, CustomAgent>,
    /// Which service they call.
    pub provider: Provider,
    /// Variables that each may see beside its own.
    pub pass_environment: Vec<String>,
    /// Which HOME they see.
    pub home: AgentHome,
    /// Whether this process runs as the root user.
    pub is_root: bool,
}

impl Agents {
    /// The known tools with nothing configured, as `list` and `init` ask for them.
    #[must_use]
    pub fn unconfigured(env: Env, root: PathBuf) -> Self {
        Self {
            env,
            root,
            custom: BTreeMap::new(),
            provider: Provider::default(),
            pass_environment: Vec::new(),
            home: AgentHome::default(),
            is_root: false,
        }
    }

    /// Whether `key` names anything, installed or not.
    ///
    /// # Errors
    /// [`AgentError::UnknownKey`] with the nearest known ones.
    pub fn check_key(&self, key: &str) -> Result<(), AgentError> {
        if key == CHECKS || self.custom.contains_key(key) || registry::look_up(key).is_some() {
            return Ok(());
        }
        if let Some(tool) = registry::without_model_choice(key) {
            return Err(AgentError::NoModelChoice {
                key: key.to_owned(),
                name: tool.name,
                tool: tool.key,
            });
        }
        let custom: Vec<String> = self.custom.keys().cloned().collect();
        Err(AgentError::UnknownKey {
            key: key.to_owned(),
            nearest: registry::nearest_keys(key, &custom),
        })
    }

    /// The judge that `key` names.
    ///
    /// # Errors
    /// When the key is unknown or its program is not on this machine.
    pub fn find(&self, key: &str) -> Result<Judge, AgentError> {
        self.check_key(key)?;
        if key == CHECKS {
            return Ok(Judge::Checks);
        }
        let missing = |program: &str| AgentError::NotInstalled {
            key: key.to_owned(),
            program: program.to_owned(),
            installable: self
                .missing(key)
                .filter(|tool| tool.package.is_some() && self.env.is_ci())
                .map(|tool| tool.key),
            installed: self
                .installed()
                .map(|tool| tool.binary.to_owned())
                .collect(),
        };
        let locate = |program: &str| {
            locate::locate(program, &self.root, &self.env).ok_or_else(|| missing(program))
        };
        let agent = if let Some(custom) = self.custom.get(key) {
            Agent::from_custom(key, custom, locate(&custom.command)?, self)
        } else if let Some((tool, model)) = registry::look_up(key) {
            let program = locate(tool.binary)?;
            self.check_access(key, tool)?;
            Agent::from_tool(key, tool, model, program, self)
        } else {
            return Err(missing(key));
        };
        Ok(Judge::Agent(Arc::new(agent)))
    }

    /// The known tool that `key` asks for and that is not on `PATH`.
    pub(crate) fn missing(&self, key: &str) -> Option<&'static Tool> {
        if self.custom.contains_key(key) {
            return None;
        }
        let (tool, _) = registry::look_up(key)?;
        let is_here = locate::locate(tool.binary, &self.root, &self.env).is_some();
        (!is_here).then_some(tool)
    }

    /// `tool` in a HOME that is gone after the call, whether or not anything lets it in: enough to tell
    /// its version.
    pub(crate) fn without_login(&self, tool: &'static Tool) -> Option<Agent> {
        let program = locate::locate(tool.binary, &self.root, &self.env)?;
        let agents = Self {
            home: AgentHome::Temporary,
            ..self.clone()
        };
        Some(Agent::from_tool(tool.key, tool, None, program, &agents))
    }

    /// The known tools that are on `PATH`, in the order in which `init` prefers them.
    pub fn installed(&self) -> impl Iterator<Item = &'static Tool> {
        tools()
            .iter()
            .filter(|tool| locate::locate(tool.binary, &self.root, &self.env).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agents(path: &str) -> Agents {
        Agents {
            custom: BTreeMap::from([(
                "mine".to_owned(),
                CustomAgent {
                    command: "sh".into(),
                    arguments: Vec::new(),
                    delivery: Delivery::Stdin,
                    pass_environment: Vec::new(),
                },
            )]),
            ..Agents::unconfigured(Env::from_iter([("PATH", path)]), "/".into())
        }
    }

    #[test]
    fn a_missing_binary_is_named_with_what_is_there() {
        let error = agents("/nowhere").find("codex").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`codex` needs the program `codex`, which is not installed here; no other known LLM \
             CLI is either"
        );
        assert!(error.hint().contains("--llm checks"), "{}", error.hint());
        assert!(!error.hint().contains("semtest install"));
    }

    #[test]
    fn in_ci_the_hint_names_what_installs_the_tool_where_something_does() {
        let mut agents = agents("/nowhere");
        agents.env = agents.env.with("CI", "true");
        let hint = |key: &str| agents.find(key).unwrap_err().hint();
        assert!(hint("claude-code:x").contains("`semtest install claude-code --directory"));
        assert!(!hint("aider").contains("semtest install"));
    }

    #[test]
    fn an_unknown_key_suggests_the_nearest() {
        let error = agents("/bin").find("codx").unwrap_err();
        assert!(
            error.to_string().contains("did you mean `codex`"),
            "{error}"
        );
    }

    #[test]
    fn a_model_of_a_tool_that_takes_none_is_refused_by_name() {
        let error = agents("/bin").find("amp:gpt-9").unwrap_err();
        assert!(error.to_string().contains("its key is `amp`"), "{error}");
    }

    #[test]
    fn checks_and_the_users_own_agents_are_keys() {
        assert!(matches!(agents("").find("checks"), Ok(Judge::Checks)));
        assert!(matches!(agents("/bin").find("mine"), Ok(Judge::Agent(_))));
        assert!(agents("/nowhere").find("mine").is_err());
    }
}
