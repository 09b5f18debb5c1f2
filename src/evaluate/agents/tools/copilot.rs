//! GitHub Copilot CLI, measured with 1.0.102.
//!
//! Errors end it: 401 in 7 s, 500 in 22 s, a cut stream in 11 s, an empty answer at once. It redacts
//! `COPILOT_PROVIDER_API_KEY` from all it prints, so a very short key garbles the answer.

use super::super::envelope::Envelope;
use super::super::registry::{Access, Tool};
use super::{package, plain};
use crate::model::Provider;

pub(super) const TOOL: Tool = Tool {
    tested: Some("1.0.102"),
    package: Some(package("@github/copilot")),
    // No other tool exists then, and a path outside of the project is denied.
    read_only: &["--available-tools=view,grep,glob", "--disallow-temp-dir"],
    // The tool `skill` would offer the project's own.
    skip_permissions: &["--allow-all", "--excluded-tools=skill"],
    settings: &[("COPILOT_AUTO_UPDATE", "false")],
    // With a model of the user's own it would still call GitHub.
    settings_beside: &[("COPILOT_PROVIDER_BASE_URL", "COPILOT_OFFLINE", "true")],
    home_variables: &["COPILOT_HOME"],
    // Not `GH_TOKEN` and `GITHUB_TOKEN`, which it would take as well, nor `COPILOT_ALLOW_ALL`.
    variables: &[
        "COPILOT_CACHE_HOME",
        "COPILOT_GH_HOST",
        "COPILOT_MODEL",
        "COPILOT_OFFLINE",
    ],
    providers: &[Access {
        provider: Provider::Api,
        variables: &[
            "COPILOT_GITHUB_TOKEN",
            "COPILOT_PROVIDER_API_KEY",
            "COPILOT_PROVIDER_AZURE_API_VERSION",
            "COPILOT_PROVIDER_BASE_URL",
            "COPILOT_PROVIDER_BEARER_TOKEN",
            "COPILOT_PROVIDER_HEADERS",
            "COPILOT_PROVIDER_MAX_OUTPUT_TOKENS",
            "COPILOT_PROVIDER_MAX_PROMPT_TOKENS",
            "COPILOT_PROVIDER_MODEL_ID",
            "COPILOT_PROVIDER_TRANSPORT",
            "COPILOT_PROVIDER_TYPE",
            "COPILOT_PROVIDER_WIRE_API",
            "COPILOT_PROVIDER_WIRE_MODEL",
        ],
        // A model on this machine needs no key.
        credentials: &["COPILOT_GITHUB_TOKEN", "COPILOT_PROVIDER_BASE_URL"],
    }],
    envelope: Envelope::Copilot,
    ..plain(
        "copilot",
        "GitHub Copilot CLI",
        "copilot",
        &[
            "--output-format",
            "json",
            "--no-color",
            "--no-ask-user",
            "--no-custom-instructions",
            "--disable-builtin-mcps",
            "--disable-client-telemetry",
            "--no-auto-update",
            "--no-remote",
        ],
    )
};
