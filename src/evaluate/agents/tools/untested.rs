//! The tools that could not be run where semtest is developed: data from their documentation and
//! sources, read in November 2026.
//!
//! Three of them have no mode that reads and does nothing else, and say so in their rows.

use super::super::registry::{Access, Delivery, SettingsFile, Tool};
use super::{MANY_PROVIDERS, plain};
use crate::model::Provider;

/// `goose run --help` and goose-docs.ai, "CLI commands" and "goose permissions". Its modes that ask
/// wait for a terminal that isn't there, and `chat` has no tools, so only `auto` is left: it may
/// write and run commands.
pub(super) const GOOSE: Tool = Tool {
    has_read_only: false,
    settings: &[("GOOSE_MODE", "auto"), ("GOOSE_DISABLE_KEYRING", "1")],
    variables: &["GOOSE_MODEL", "GOOSE_PROVIDER"],
    providers: MANY_PROVIDERS,
    any_provider: true,
    prompt_arguments: &["--instructions", "-"],
    ..plain(
        "goose",
        "Goose",
        "goose",
        &["run", "--no-session", "--quiet", "--max-turns", "100"],
    )
};

/// `internal/cmd/run.go` of charmbracelet/crush: `run` approves all that its agent does.
pub(super) const CRUSH: Tool = Tool {
    has_read_only: false,
    settings: &[
        ("CRUSH_DISABLE_METRICS", "1"),
        ("CRUSH_DISABLE_PROVIDER_AUTO_UPDATE", "1"),
    ],
    home_variables: &["CRUSH_GLOBAL_CONFIG"],
    providers: MANY_PROVIDERS,
    any_provider: true,
    // It keeps its sessions in a directory of the project.
    side_by_side: 1,
    leaves: &[".crush"],
    ..plain("crush", "Crush", "crush", &["run", "--quiet"])
};

/// `crates/forge_main/src/cli.rs` of antinomyhq/forge: the prompt may be piped, and the model stands
/// in its configuration. Its agent `sage` researches and changes nothing.
pub(super) const FORGE: Tool = Tool {
    variables: &["FORGE_KEY"],
    providers: MANY_PROVIDERS,
    any_provider: true,
    model_flag: None,
    read_only: &["--agent", "sage"],
    ..plain("forge", "Forge", "forge", &[])
};

/// docs.plandex.ai, "CLI reference": `chat` talks about the code and changes nothing. A plan has to
/// be there already.
pub(super) const PLANDEX: Tool = Tool {
    variables: &["PLANDEX_API_HOST", "PLANDEX_ENV"],
    providers: MANY_PROVIDERS,
    any_provider: true,
    delivery: Delivery::File,
    model_flag: None,
    prompt_arguments: &["--file", "{prompt}"],
    side_by_side: 1,
    ..plain("plandex", "Plandex", "plandex", &["chat", "--plain"])
};

/// docs.openhands.dev, "Headless mode": it approves all that its agent does, and that can't be
/// changed. Without `--override-with-envs` it takes the model and key of its configuration.
pub(super) const OPENHANDS: Tool = Tool {
    has_read_only: false,
    providers: &[Access {
        provider: Provider::Api,
        variables: &["LLM_API_KEY", "LLM_BASE_URL", "LLM_MODEL"],
        credentials: &["LLM_API_KEY"],
    }],
    delivery: Delivery::File,
    model_flag: None,
    prompt_arguments: &["--file", "{prompt}"],
    ..plain(
        "openhands",
        "OpenHands",
        "openhands",
        &["--headless", "--override-with-envs"],
    )
};

/// cursor.com/docs/cli, "Parameters": print mode may write, `ask` only reads. A headless run has to
/// trust its directory.
pub(super) const CURSOR: Tool = Tool {
    providers: &[Access {
        provider: Provider::Api,
        variables: &["CURSOR_API_KEY"],
        credentials: &["CURSOR_API_KEY"],
    }],
    read_only: &["--mode", "ask"],
    skip_permissions: &["--force"],
    ..plain(
        "cursor",
        "Cursor CLI",
        "agent",
        &["--print", "--output-format", "text", "--trust"],
    )
};

/// ampcode.com/manual, "Execute mode" and the appendix on permissions: the first rule that fits
/// counts. Newer versions are said to look at a policy plugin instead.
pub(super) const AMP: Tool = Tool {
    settings: &[("AMP_SKIP_UPDATE_CHECK", "1")],
    files: &[SettingsFile {
        variable: "AMP_SETTINGS_FILE",
        text: concat!(
            r#"{"amp.permissions":[{"tool":"Read","action":"allow"},"#,
            r#"{"tool":"Grep","action":"allow"},{"tool":"glob","action":"allow"},"#,
            r#"{"tool":"finder","action":"allow"},{"tool":"*","action":"reject"}]}"#
        ),
    }],
    providers: &[Access {
        provider: Provider::Api,
        variables: &["AMP_API_KEY", "AMP_URL"],
        credentials: &["AMP_API_KEY"],
    }],
    model_flag: None,
    skip_permissions: &["--dangerously-allow-all"],
    ..plain("amp", "Amp", "amp", &["--execute"])
};
