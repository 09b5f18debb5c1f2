//! Claude Code, measured with 2.1.328.

use super::super::envelope::Envelope;
use super::super::registry::{Access, SettingsFile, Tool};
use super::{model, package_with_script, plain};
use crate::model::Provider;

/// Customisations are off by `--safe-mode --strict-mcp-config`, which keeps logins. `--bare` would do
/// so too, but leaves the read-only judge nothing but `Read`: it could neither list nor search files.
/// `--safe-mode` alone still takes `env` from the project's `.claude/settings.json`, where
/// `ANTHROPIC_BASE_URL` could send the key elsewhere; `--setting-sources user` leaves it out, and
/// keeps what a user's own settings say about logins (`apiKeyHelper`), which `--restricted` does not.
pub(super) const TOOL: Tool = Tool {
    tested: Some("2.1.328"),
    package: Some(package_with_script(
        "@anthropic-ai/claude-code",
        "install.cjs",
    )),
    // Denied and answered, not asked: other tools, and `/proc`, links and paths outside the project.
    read_only: &["--permission-mode", "dontAsk", "--tools", "Read,Grep,Glob"],
    skip_permissions: &["--dangerously-skip-permissions"],
    // `IS_SANDBOX=1` would claim a sandbox that nobody has seen.
    skip_permissions_as_root: Some(&[
        "--permission-mode",
        "dontAsk",
        "--allowedTools",
        "Bash,Edit,Glob,Grep,NotebookEdit,Read,WebFetch,WebSearch,Write",
    ]),
    // It runs this before each command of the model: a plain `env` shows no key. Whoever looks at the
    // processes of the same user finds it all the same.
    files: &[SettingsFile {
        variable: "CLAUDE_ENV_FILE",
        text: "unset ANTHROPIC_API_KEY ANTHROPIC_AUTH_TOKEN ANTHROPIC_CUSTOM_HEADERS \
               CLAUDE_CODE_OAUTH_TOKEN AWS_ACCESS_KEY_ID AWS_BEARER_TOKEN_BEDROCK \
               AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN GOOGLE_APPLICATION_CREDENTIALS\n",
    }],
    settings: &[
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        ("DISABLE_AUTOUPDATER", "1"),
    ],
    provider_settings: &[
        (Provider::Bedrock, "CLAUDE_CODE_USE_BEDROCK", "1"),
        (Provider::Vertex, "CLAUDE_CODE_USE_VERTEX", "1"),
    ],
    // Its own ten take more than a minute and a half to say 401.
    defaults: &[("CLAUDE_CODE_MAX_RETRIES", "3")],
    variables: &[
        "ANTHROPIC_DEFAULT_HAIKU_MODEL",
        "ANTHROPIC_DEFAULT_OPUS_MODEL",
        "ANTHROPIC_DEFAULT_SONNET_MODEL",
        "ANTHROPIC_MODEL",
        "ANTHROPIC_SMALL_FAST_MODEL",
        "API_TIMEOUT_MS",
        "CLAUDE_CODE_EFFORT_LEVEL",
        "CLAUDE_CODE_MAX_OUTPUT_TOKENS",
        "CLAUDE_CODE_MAX_RETRIES",
        "IS_SANDBOX",
        "MAX_THINKING_TOKENS",
    ],
    home_variables: &["CLAUDE_CONFIG_DIR"],
    providers: &[
        Access {
            provider: Provider::Api,
            variables: &[
                "ANTHROPIC_API_KEY",
                "ANTHROPIC_AUTH_TOKEN",
                "ANTHROPIC_BASE_URL",
                "ANTHROPIC_CUSTOM_HEADERS",
                "CLAUDE_CODE_OAUTH_TOKEN",
            ],
            credentials: &[
                "ANTHROPIC_API_KEY",
                "ANTHROPIC_AUTH_TOKEN",
                "CLAUDE_CODE_OAUTH_TOKEN",
            ],
        },
        Access {
            provider: Provider::Gateway,
            variables: &[
                "ANTHROPIC_API_KEY",
                "ANTHROPIC_AUTH_TOKEN",
                "ANTHROPIC_BASE_URL",
                "ANTHROPIC_CUSTOM_HEADERS",
            ],
            credentials: &["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"],
        },
        // A role of the machine or of the job may let it in without any of these.
        Access {
            provider: Provider::Bedrock,
            variables: &[
                "ANTHROPIC_BEDROCK_BASE_URL",
                "ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION",
                "AWS_ACCESS_KEY_ID",
                "AWS_BEARER_TOKEN_BEDROCK",
                "AWS_DEFAULT_REGION",
                "AWS_PROFILE",
                "AWS_REGION",
                "AWS_ROLE_ARN",
                "AWS_SECRET_ACCESS_KEY",
                "AWS_SESSION_TOKEN",
                "AWS_WEB_IDENTITY_TOKEN_FILE",
                "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
            ],
            credentials: &[],
        },
        Access {
            provider: Provider::Vertex,
            variables: &[
                "ANTHROPIC_VERTEX_BASE_URL",
                "ANTHROPIC_VERTEX_PROJECT_ID",
                "CLAUDE_CODE_SKIP_VERTEX_AUTH",
                "CLOUD_ML_REGION",
                "GOOGLE_APPLICATION_CREDENTIALS",
                "GOOGLE_CLOUD_PROJECT",
            ],
            credentials: &[],
        },
    ],
    envelope: Envelope::Claude,
    models: &[
        model("sonnet-4-6", "claude-sonnet-4-6"),
        model("opus-4-6", "claude-opus-4-6"),
        model("sonnet-4-5", "claude-sonnet-4-5-20250929"),
        model("haiku-4-5", "claude-haiku-4-5-20251001"),
        model("opus-5-5", "claude-opus-5-5"),
        model("sonnet-5-5", "claude-sonnet-5-5"),
        model("haiku-5-5", "claude-haiku-5-5"),
        model("fable-5-2", "claude-fable-5-2"),
    ],
    ..plain(
        "claude-code",
        "Claude Code",
        "claude",
        &[
            "--print",
            "--output-format",
            "stream-json",
            // It insists on this beside `stream-json`.
            "--verbose",
            "--no-session-persistence",
            "--safe-mode",
            "--strict-mcp-config",
            "--setting-sources",
            "user",
            // Not in its help; an agent that goes round in circles costs money.
            "--max-turns",
            "100",
        ],
    )
};
