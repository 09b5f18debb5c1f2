//! Aider, measured with 0.86.2.
//!
//! It has no tools: the model sees a map of the tracked files, and a file that it names is added to
//! the chat, three times at most. Without a git repository it sees no code at all. `--chat-mode ask`
//! changes nothing, so there is nothing to bypass either.
//!
//! 401 ends it in 5 s with exit code 0; 429 and 500 are tried again for longer than a minute.
//! It reads `.env` and `.aider.conf.yml` of the project, and no flag turns that off: flags overrule
//! the latter, but an `OPENAI_API_BASE` in the former overrules our environment.

use super::super::envelope::Envelope;
use super::super::registry::{Delivery, FreshHome, Tool};
use super::{MANY_PROVIDERS, model, plain};

pub(super) const TOOL: Tool = Tool {
    tested: Some("0.86.2"),
    delivery: Delivery::File,
    prompt_arguments: &["--message-file", "{prompt}"],
    settings: &[
        // Its errors and the line of tokens are wrapped at the width of the terminal.
        ("COLUMNS", "4000"),
        // It writes a name and address into the repository's configuration where git has none.
        ("GIT_CONFIG_COUNT", "2"),
        ("GIT_CONFIG_KEY_0", "user.name"),
        ("GIT_CONFIG_VALUE_0", "aider"),
        ("GIT_CONFIG_KEY_1", "user.email"),
        ("GIT_CONFIG_VALUE_1", "aider@localhost"),
        ("LITELLM_LOCAL_MODEL_COST_MAP", "True"),
        // It fetches a list of prices with `requests`, whose only switch is a bundle that isn't there.
        // The models are called with another library.
        ("REQUESTS_CA_BUNDLE", "/dev/null/none"),
    ],
    variables: &["AIDER_MODEL", "AIDER_WEAK_MODEL"],
    home_variables: &["AIDER_MODEL_SETTINGS_FILE"],
    fresh_home: FreshHome {
        // A checkout that belongs to another user, as in a container, would be no repository to it.
        settings: &[
            ("GIT_CONFIG_COUNT", "3"),
            ("GIT_CONFIG_KEY_2", "safe.directory"),
            ("GIT_CONFIG_VALUE_2", "*"),
        ],
        ..FreshHome::EMPTY
    },
    providers: MANY_PROVIDERS,
    any_provider: true,
    // It keeps the map in a directory of the project.
    side_by_side: 1,
    obeys: &[".env", ".aider.conf.yml"],
    leaves: &[".aider.tags.cache.v4"],
    envelope: Envelope::Aider,
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
            // Adds the files that the model asks for.
            "--yes-always",
            "--map-tokens",
            "4096",
            "--no-stream",
            "--no-pretty",
            "--no-fancy-input",
            "--no-gitignore",
            "--no-auto-commits",
            "--no-dirty-commits",
            "--no-auto-lint",
            "--no-auto-test",
            "--no-watch-files",
            "--no-copy-paste",
            "--no-notifications",
            "--no-detect-urls",
            "--no-suggest-shell-commands",
            "--disable-playwright",
            "--no-restore-chat-history",
            "--chat-history-file",
            "/dev/null",
            "--input-history-file",
            "/dev/null",
            "--llm-history-file",
            "/dev/null",
            "--load",
            "/dev/null",
            "--analytics-disable",
            "--no-check-update",
            "--no-show-release-notes",
            "--no-show-model-warnings",
        ],
    )
};
