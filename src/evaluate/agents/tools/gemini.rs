//! Gemini CLI.

use super::super::registry::{Access, Tool};
use super::{model, plain};
use crate::model::Provider;

pub(super) const TOOL: Tool = Tool {
    skip_permissions: &["-y"],
    providers: &[Access {
        provider: Provider::Api,
        variables: &["GEMINI_*", "GOOGLE_*"],
        credentials: &[],
    }],
    models: &[
        model("2.5-pro", "gemini-2.5-pro"),
        model("2.5-flash", "gemini-2.5-flash"),
        model("2.5-flash-lite", "gemini-2.5-flash-lite"),
        model("2.0-flash", "gemini-2.0-flash"),
    ],
    ..plain("gemini", "Gemini CLI", "gemini", &["--skip-trust"])
};
