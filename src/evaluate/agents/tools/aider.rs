//! Aider.

use super::super::registry::{Delivery, Tool};
use super::{MANY_PROVIDERS, model, plain};

pub(super) const TOOL: Tool = Tool {
    delivery: Delivery::File,
    prompt_arguments: &["--message-file", "{prompt}"],
    variables: &["AIDER_*"],
    providers: MANY_PROVIDERS,
    // It keeps its history in files of the directory it runs in.
    side_by_side: 1,
    models: &[
        model("claude-opus-4-6", "claude-opus-4-6"),
        model("claude-sonnet-4-6", "claude-sonnet-4-6"),
        model("claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
        model("claude-haiku-4-5", "claude-haiku-4-5-20251001"),
        model("gpt-4.1", "gpt-4.1"),
        model("gpt-4.1-mini", "gpt-4.1-mini"),
        model("o3", "o3"),
        model("o4-mini", "o4-mini"),
        model("gemini-2.5-pro", "gemini/gemini-2.5-pro"),
        model("gemini-2.5-flash", "gemini/gemini-2.5-flash"),
        model("deepseek-r1", "deepseek/deepseek-reasoner"),
    ],
    ..plain(
        "aider",
        "Aider",
        "aider",
        &[
            "--chat-mode",
            "ask",
            "--yes-always",
            "--no-stream",
            "--no-pretty",
            "--no-git",
            "--no-gitignore",
            "--no-auto-commits",
            "--analytics-disable",
            "--no-check-update",
            "--no-show-model-warnings",
        ],
    )
};
