//! OpenCode, measured with 1.18.33.
//!
//! A call that fails is tried again without end: on 429, 500 and a stream that is cut it prints
//! nothing, and only our time limit ends it. On 401 it fails at once.

use super::super::envelope::Envelope;
use super::super::registry::{SettingsFile, Tool};
use super::{MANY_PROVIDERS, model, package_with_script, plain};

/// The agent that [`TOOL`] chooses for reading. Rules of an agent come after all others, so nobody's
/// configuration widens them. Tools that are denied are not offered to the model.
const CONFIGURATION: &str = concat!(
    r#"{"share":"disabled","autoupdate":false,"snapshot":false,"agent":{"semtest":{"#,
    r#""mode":"primary","steps":100,"permission":{"*":"deny","read":"allow","grep":"allow","#,
    r#""glob":"allow","list":"allow"}}}}"#
);

pub(super) const TOOL: Tool = Tool {
    tested: Some("1.18.33"),
    package: Some(package_with_script("opencode-ai", "postinstall.mjs")),
    read_only: &["--agent", "semtest"],
    skip_permissions: &["--auto"],
    settings: &[
        // Keeps no session.
        ("OPENCODE_DB", ":memory:"),
        ("OPENCODE_DISABLE_AUTOUPDATE", "1"),
        ("OPENCODE_DISABLE_CLAUDE_CODE", "1"),
        ("OPENCODE_DISABLE_DEFAULT_PLUGINS", "1"),
        ("OPENCODE_DISABLE_EXTERNAL_SKILLS", "1"),
        ("OPENCODE_DISABLE_LSP_DOWNLOAD", "1"),
        ("OPENCODE_DISABLE_MODELS_FETCH", "1"),
        // The project's `opencode.json`, `.opencode/`, `AGENTS.md` and `CLAUDE.md`.
        ("OPENCODE_DISABLE_PROJECT_CONFIG", "1"),
        // Else it installs a package for plugins into its configuration directory at each start.
        ("npm_config_offline", "true"),
    ],
    files: &[SettingsFile {
        variable: "OPENCODE_CONFIG",
        text: CONFIGURATION,
    }],
    variables: &[
        "OPENCODE_API_KEY",
        "OPENCODE_AUTH_CONTENT",
        // For a provider of one's own; it comes after our file.
        "OPENCODE_CONFIG_CONTENT",
        "OPENCODE_MODELS_PATH",
    ],
    home_variables: &["OPENCODE_CONFIG_DIR"],
    providers: MANY_PROVIDERS,
    any_provider: true,
    envelope: Envelope::OpenCode,
    models: &[
        model("claude-opus-5-5", "anthropic/claude-opus-5-5"),
        model("claude-sonnet-5", "anthropic/claude-sonnet-5"),
        model("claude-sonnet-4-6", "anthropic/claude-sonnet-4-6"),
        model("claude-haiku-4-5", "anthropic/claude-haiku-4-5-20251001"),
        model("gpt-6-sol", "openai/gpt-6-sol"),
        model("gpt-6-luna", "openai/gpt-6-luna"),
        model("gemini-3.5-flash", "google/gemini-3.5-flash"),
    ],
    ..plain(
        "opencode",
        "OpenCode",
        "opencode",
        &[
            "run", "--pure", "--format", "json",
            // Else a second call of the model makes one up.
            "--title", "semtest",
        ],
    )
};
