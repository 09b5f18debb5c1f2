//! GitHub Copilot CLI.

use super::super::registry::{Access, Tool};
use super::plain;
use crate::model::Provider;

pub(super) const TOOL: Tool = Tool {
    providers: &[Access {
        provider: Provider::Api,
        variables: &["COPILOT_*"],
        credentials: &[],
    }],
    skip_permissions: &["--allow-all-tools"],
    ..plain("copilot", "GitHub Copilot CLI", "copilot", &["--silent"])
};
