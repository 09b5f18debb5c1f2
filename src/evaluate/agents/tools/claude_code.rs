//! Claude Code.

use super::super::envelope::Envelope;
use super::super::registry::{Access, Tool};
use super::{model, plain};
use crate::model::Provider;

pub(super) const TOOL: Tool = Tool {
    skip_permissions: &["--dangerously-skip-permissions"],
    settings: &[
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        ("DISABLE_AUTOUPDATER", "1"),
    ],
    providers: &[Access {
        provider: Provider::Api,
        variables: &[
            "ANTHROPIC_*",
            "CLAUDE_CODE_*",
            "CLAUDE_CONFIG_DIR",
            "IS_SANDBOX",
        ],
        credentials: &[],
    }],
    envelope: Envelope::Claude,
    models: &[
        model("sonnet-4-6", "claude-sonnet-4-6"),
        model("opus-4-6", "claude-opus-4-6"),
        model("sonnet-4-5", "claude-sonnet-4-5-20250929"),
        model("haiku-4-5", "claude-haiku-4-5-20251001"),
    ],
    ..plain(
        "claude-code",
        "Claude Code",
        "claude",
        &[
            "--print",
            "--output-format",
            "json",
            "--no-session-persistence",
        ],
    )
};
