//! Codex CLI, measured with 0.169.0.

use super::super::envelope::Envelope;
use super::super::registry::{Access, Depending, FreshHome, Tool};
use super::{model, package, plain};
use crate::model::Provider;

/// Both services are told by the same variables.
const VARIABLES: &[&str] = &[
    "CODEX_ACCESS_TOKEN",
    "CODEX_API_KEY",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_ORGANIZATION",
    "OPENAI_PROJECT",
];

const CREDENTIALS: &[&str] = &["CODEX_API_KEY", "OPENAI_API_KEY", "CODEX_ACCESS_TOKEN"];

/// The project's `.codex/config.toml` is not read: only a project that the user trusts has one, and
/// `--ignore-user-config`, which keeps the login, leaves out which are trusted.
pub(super) const TOOL: Tool = Tool {
    tested: Some("0.169.0"),
    package: Some(package("@openai/codex")),
    prompt_arguments: &["-"],
    read_only: &["--sandbox", "read-only"],
    skip_permissions: &["--dangerously-bypass-approvals-and-sandbox"],
    depending: &[
        // The variable alone is ignored, and `openai_base_url` fails seven websockets first.
        Depending {
            on: "OPENAI_BASE_URL",
            set: &[
                "-c",
                r#"model_provider="semtest""#,
                "-c",
                r#"model_providers.semtest.name="semtest""#,
                "-c",
                r#"model_providers.semtest.base_url="{value}""#,
                "-c",
                r#"model_providers.semtest.wire_api="responses""#,
                "-c",
                "model_providers.semtest.request_max_retries=2",
                "-c",
                "model_providers.semtest.stream_max_retries=2",
            ],
            unset: &[],
        },
        Depending {
            on: "OPENAI_API_KEY",
            set: &[
                "-c",
                r#"model_providers.semtest.name="semtest""#,
                "-c",
                r#"model_providers.semtest.env_key="OPENAI_API_KEY""#,
            ],
            unset: &[],
        },
        // The last one wins.
        Depending {
            on: "CODEX_API_KEY",
            set: &[
                "-c",
                r#"model_providers.semtest.name="semtest""#,
                "-c",
                r#"model_providers.semtest.env_key="CODEX_API_KEY""#,
            ],
            unset: &[],
        },
    ],
    home_variables: &["CODEX_HOME"],
    // `codex exec` takes a key from `CODEX_API_KEY` only. On a laptop its login wins: an
    // `OPENAI_API_KEY` that lies around there is not to be billed.
    fresh_home: FreshHome {
        also_as: &[("OPENAI_API_KEY", "CODEX_API_KEY")],
        ..FreshHome::EMPTY
    },
    providers: &[
        Access {
            provider: Provider::Api,
            variables: VARIABLES,
            credentials: CREDENTIALS,
        },
        Access {
            provider: Provider::Gateway,
            variables: VARIABLES,
            credentials: CREDENTIALS,
        },
    ],
    longest_prompt: Some(1_000_000),
    envelope: Envelope::Codex,
    models: &[
        model("o3", "o3"),
        model("o4-mini", "o4-mini"),
        model("gpt-4.1", "gpt-4.1"),
        model("gpt-4.1-mini", "gpt-4.1-mini"),
        model("gpt-4.1-nano", "gpt-4.1-nano"),
        model("gpt-6.1-sol", "gpt-6.1-sol"),
        model("gpt-6.1-terra", "gpt-6.1-terra"),
        model("gpt-6-luna", "gpt-6-luna"),
    ],
    ..plain(
        "codex",
        "Codex CLI",
        "codex",
        &[
            "exec",
            "--json",
            "--ephemeral",
            "--skip-git-repo-check",
            "--color",
            "never",
            "--ignore-user-config",
            "--ignore-rules",
            "--disable",
            "hooks",
            // Without these it calls home on four hosts.
            "--disable",
            "plugins",
            "--disable",
            "apps",
            "-c",
            "analytics.enabled=false",
            // No `AGENTS.md`.
            "-c",
            "project_doc_max_bytes=0",
            // No skills: it finds the project's own, trusted or not.
            "-c",
            "skills.include_instructions=false",
            // The key is not for the commands that the model runs.
            "-c",
            r#"shell_environment_policy.inherit="core""#,
            "-c",
            r#"web_search="disabled""#,
        ],
    )
};
