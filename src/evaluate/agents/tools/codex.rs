//! Codex CLI.

use super::super::registry::{Access, Tool};
use super::{model, plain};
use crate::model::Provider;

pub(super) const TOOL: Tool = Tool {
    prompt_arguments: &["-"],
    skip_permissions: &["--dangerously-bypass-approvals-and-sandbox"],
    providers: &[Access {
        provider: Provider::Api,
        variables: &["OPENAI_*", "CODEX_*"],
        credentials: &[],
    }],
    models: &[
        model("o3", "o3"),
        model("o4-mini", "o4-mini"),
        model("gpt-4.1", "gpt-4.1"),
        model("gpt-4.1-mini", "gpt-4.1-mini"),
        model("gpt-4.1-nano", "gpt-4.1-nano"),
    ],
    ..plain(
        "codex",
        "Codex CLI",
        "codex",
        &[
            "exec",
            "--ephemeral",
            "--skip-git-repo-check",
            "--color",
            "never",
        ],
    )
};
