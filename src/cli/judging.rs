//! Who judges and what it may see: the flags that `run` and `ask` share.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use clap::Args;

use crate::config::{CustomAgent, PartialConfig, parse_agents};
use crate::model::{AgentHome, Cost, Provider, Word};
use crate::timeout::parse_timeout;

/// Flags about the agent.
#[derive(Args, Debug)]
pub struct JudgingArgs {
    /// Model key: who judges; see `semtest list`
    #[arg(long, value_name = "KEY", help_heading = "Configuration")]
    pub llm: Option<String>,
    /// Your own agents, as JSON: {"mine": {"command": "…", "args": [], "prompt": "stdin"}}
    #[arg(long, value_name = "JSON", value_parser = agents, help_heading = "Configuration")]
    pub agents: Option<Agents>,
    /// Let the agent act without asking, where it can
    #[arg(long, help_heading = "Configuration", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub skip_permissions_if_possible: Option<bool>,
    /// Which service the tool calls: api, bedrock, vertex or gateway [default: api]
    #[arg(long, value_name = "NAME", value_parser = word::<Provider>, help_heading = "Configuration")]
    pub provider: Option<Provider>,
    /// Variables that tools may see, besides their own
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "Configuration", action = clap::ArgAction::Append)]
    pub pass_env: Option<Vec<String>>,
    /// HOME of the tool: inherit, temporary, or auto: temporary in CI [default: auto]
    #[arg(long, value_name = "WHICH", value_parser = word::<AgentHome>, help_heading = "Configuration")]
    pub agent_home: Option<AgentHome>,
}

/// Agents by model key, as one flag gives them.
type Agents = BTreeMap<String, CustomAgent>;

impl JudgingArgs {
    /// What the flags say, in the terms of the configuration.
    #[must_use]
    pub fn to_config(&self) -> PartialConfig {
        PartialConfig {
            llm: self.llm.clone(),
            skip_permissions_if_possible: self.skip_permissions_if_possible,
            agents: self.agents.clone(),
            provider: self.provider,
            pass_env: self.pass_env.clone(),
            agent_home: self.agent_home,
            ..PartialConfig::default()
        }
    }
}

pub(super) fn timeout(text: &str) -> Result<Duration, String> {
    parse_timeout(text).map_err(|error| error.to_string())
}

pub(super) fn count(text: &str) -> Result<NonZeroU32, &'static str> {
    text.parse()
        .map_err(|_| "expected a whole number, at least 1")
}

pub(super) fn dollars(text: &str) -> Result<Cost, &'static str> {
    let amount = text.parse().ok();
    let cost = amount.and_then(|dollars| Cost::from_dollars(dollars, false));
    cost.ok_or("expected an amount of US dollars, such as 2.50")
}

pub(super) fn rate(text: &str) -> Result<f64, &'static str> {
    let rate = text.parse().ok().filter(|rate| (0.0..=0.5).contains(rate));
    rate.ok_or("expected a number from 0 to 0.5")
}

pub(super) fn word<T: Word>(text: &str) -> Result<T, String> {
    T::from_word(text).ok_or_else(|| format!("expected {}", T::alternatives()))
}

fn agents(text: &str) -> Result<Agents, String> {
    parse_agents(text).map_err(|error| error.to_string())
}
