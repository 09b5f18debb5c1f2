//! The tools that could not be run where semtest is developed: data from their documentation.

use super::super::registry::{Access, Delivery, Tool};
use super::{MANY_PROVIDERS, plain};
use crate::model::Provider;

pub(super) const GOOSE: Tool = Tool {
    variables: &["GOOSE_*"],
    providers: MANY_PROVIDERS,
    prompt_arguments: &["--instructions", "-"],
    ..plain("goose", "Goose", "goose", &["run", "--no-session"])
};

pub(super) const CRUSH: Tool = Tool {
    variables: &["CRUSH_*"],
    providers: MANY_PROVIDERS,
    ..plain("crush", "Crush", "crush", &["run", "--quiet"])
};

pub(super) const FORGE: Tool = Tool {
    variables: &["FORGE_*"],
    providers: MANY_PROVIDERS,
    ..plain("forge", "Forge", "forge", &[])
};

pub(super) const PLANDEX: Tool = Tool {
    variables: &["PLANDEX_*"],
    providers: MANY_PROVIDERS,
    model_flag: None,
    ..plain("plandex", "Plandex", "plandex", &["tell", "--stop"])
};

pub(super) const OPENHANDS: Tool = Tool {
    variables: &["LLM_*", "OPENHANDS_*"],
    providers: MANY_PROVIDERS,
    delivery: Delivery::File,
    model_flag: None,
    prompt_arguments: &["--file", "{prompt}"],
    skip_permissions: &["--always-approve"],
    ..plain("openhands", "OpenHands", "openhands", &["--headless"])
};

pub(super) const CURSOR: Tool = Tool {
    providers: &[Access {
        provider: Provider::Api,
        variables: &["CURSOR_*"],
        credentials: &[],
    }],
    skip_permissions: &["--force"],
    ..plain("cursor", "Cursor CLI", "agent", &["--print"])
};

pub(super) const AMP: Tool = Tool {
    providers: &[Access {
        provider: Provider::Api,
        variables: &["AMP_*"],
        credentials: &[],
    }],
    model_flag: None,
    skip_permissions: &["--dangerously-allow-all"],
    ..plain("amp", "Amp", "amp", &["--execute"])
};
