//! The LLM coding CLIs that we know, and their models: data only. Tools and models age fast, so
//! everything that is particular to one of them stands here, and any model of a tool can be named
//! as `<tool>:<model id>` without waiting for a new row.

use super::registry::{Delivery, Model, Tool};

const fn model(suffix: &'static str, id: &'static str) -> Model {
    Model { suffix, id }
}

/// Variables by which the common model providers are configured; a name that ends in `*` is a prefix.
const PROVIDERS: &[&str] = &[
    "ANTHROPIC_*",
    "AZURE_OPENAI_*",
    "DEEPSEEK_*",
    "GEMINI_*",
    "GOOGLE_API_KEY",
    "GROQ_*",
    "MISTRAL_*",
    "OPENAI_*",
    "OPENROUTER_*",
    "XAI_*",
];

/// All tools, in the order in which `init` prefers them.
pub(super) const TOOLS: &[Tool] = &[
    Tool {
        key: "claude-code",
        name: "Claude Code",
        binary: "claude",
        delivery: Delivery::Stdin,
        arguments: &[
            "--print",
            "--output-format",
            "json",
            "--no-session-persistence",
        ],
        prompt_arguments: &[],
        model_flag: Some("--model"),
        skip_permissions: &["--dangerously-skip-permissions"],
        settings: &[
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
            ("DISABLE_AUTOUPDATER", "1"),
        ],
        environment: &[&[
            "ANTHROPIC_*",
            "CLAUDE_CODE_*",
            "CLAUDE_CONFIG_DIR",
            "IS_SANDBOX",
        ]],
        side_by_side: 4,
        models: &[
            model("sonnet-4-6", "claude-sonnet-4-6"),
            model("opus-4-6", "claude-opus-4-6"),
            model("sonnet-4-5", "claude-sonnet-4-5-20250929"),
            model("haiku-4-5", "claude-haiku-4-5-20251001"),
        ],
    },
    Tool {
        key: "codex",
        name: "Codex CLI",
        binary: "codex",
        delivery: Delivery::Stdin,
        arguments: &[
            "exec",
            "--ephemeral",
            "--skip-git-repo-check",
            "--color",
            "never",
        ],
        prompt_arguments: &["-"],
        model_flag: Some("--model"),
        skip_permissions: &["--dangerously-bypass-approvals-and-sandbox"],
        settings: &[],
        environment: &[&["OPENAI_*", "CODEX_*"]],
        side_by_side: 4,
        models: &[
            model("o3", "o3"),
            model("o4-mini", "o4-mini"),
            model("gpt-4.1", "gpt-4.1"),
            model("gpt-4.1-mini", "gpt-4.1-mini"),
            model("gpt-4.1-nano", "gpt-4.1-nano"),
        ],
    },
    Tool {
        key: "gemini",
        name: "Gemini CLI",
        binary: "gemini",
        delivery: Delivery::Stdin,
        arguments: &["--skip-trust"],
        prompt_arguments: &[],
        model_flag: Some("--model"),
        skip_permissions: &["-y"],
        settings: &[],
        environment: &[&["GEMINI_*", "GOOGLE_*"]],
        side_by_side: 4,
        models: &[
            model("2.5-pro", "gemini-2.5-pro"),
            model("2.5-flash", "gemini-2.5-flash"),
            model("2.5-flash-lite", "gemini-2.5-flash-lite"),
            model("2.0-flash", "gemini-2.0-flash"),
        ],
    },
    Tool {
        key: "aider",
        name: "Aider",
        binary: "aider",
        delivery: Delivery::File,
        arguments: &[
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
        prompt_arguments: &["--message-file", "{prompt}"],
        model_flag: Some("--model"),
        skip_permissions: &[],
        settings: &[],
        environment: &[&["AIDER_*"], PROVIDERS],
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
    },
    Tool {
        settings: &[
            ("OPENCODE_DISABLE_AUTOUPDATE", "1"),
            ("OPENCODE_DISABLE_LSP_DOWNLOAD", "1"),
        ],
        environment: &[&["OPENCODE_*"], PROVIDERS],
        skip_permissions: &["--auto"],
        ..plain("opencode", "OpenCode", "opencode", &["run"])
    },
    Tool {
        environment: &[&["QWEN_*", "DASHSCOPE_*", "OPENAI_*"]],
        skip_permissions: &["-y"],
        ..plain("qwen", "Qwen Code", "qwen", &[])
    },
    Tool {
        environment: &[&["COPILOT_*"]],
        skip_permissions: &["--allow-all-tools"],
        ..plain("copilot", "GitHub Copilot CLI", "copilot", &["--silent"])
    },
    Tool {
        environment: &[&["GOOSE_*"], PROVIDERS],
        prompt_arguments: &["--instructions", "-"],
        ..plain("goose", "Goose", "goose", &["run", "--no-session"])
    },
    Tool {
        environment: &[&["CRUSH_*"], PROVIDERS],
        ..plain("crush", "Crush", "crush", &["run", "--quiet"])
    },
    Tool {
        environment: &[&["FORGE_*"], PROVIDERS],
        ..plain("forge", "Forge", "forge", &[])
    },
    Tool {
        environment: &[&["PLANDEX_*"], PROVIDERS],
        model_flag: None,
        ..plain("plandex", "Plandex", "plandex", &["tell", "--stop"])
    },
    Tool {
        environment: &[&["LLM_*", "OPENHANDS_*"], PROVIDERS],
        delivery: Delivery::File,
        model_flag: None,
        prompt_arguments: &["--file", "{prompt}"],
        skip_permissions: &["--always-approve"],
        ..plain("openhands", "OpenHands", "openhands", &["--headless"])
    },
    Tool {
        environment: &[&["CURSOR_*"]],
        skip_permissions: &["--force"],
        ..plain("cursor", "Cursor CLI", "agent", &["--print"])
    },
    Tool {
        environment: &[&["AMP_*"]],
        model_flag: None,
        skip_permissions: &["--dangerously-allow-all"],
        ..plain("amp", "Amp", "amp", &["--execute"])
    },
];

/// A tool that takes its prompt on stdin and answers in plain text.
const fn plain(
    key: &'static str,
    name: &'static str,
    binary: &'static str,
    arguments: &'static [&'static str],
) -> Tool {
    Tool {
        key,
        name,
        binary,
        delivery: Delivery::Stdin,
        arguments,
        prompt_arguments: &[],
        model_flag: Some("--model"),
        skip_permissions: &[],
        settings: &[],
        environment: &[],
        side_by_side: 4,
        models: &[],
    }
}
