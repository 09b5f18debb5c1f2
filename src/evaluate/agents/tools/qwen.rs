//! Qwen Code, measured with 0.24.4.
//!
//! 401 ends it in 3 s; 429 and 500 are tried again for minutes, and no setting bounds that: only our
//! time limit does. It writes its version into a `.qwen/settings.json` of the project that has none.

use super::super::envelope::Envelope;
use super::super::registry::{Access, Depending, SettingsFile, Tool};
use super::{package, plain};
use crate::model::Provider;

/// With folder trust on, a project that the user has not trusted brings neither settings nor `.env`:
/// `OPENAI_BASE_URL` there would send the key elsewhere.
const SETTINGS: &str = concat!(
    r#"{"security":{"folderTrust":{"enabled":true}},"privacy":{"usageStatisticsEnabled":false},"#,
    r#""telemetry":{"enabled":false},"#,
    r#""general":{"enableAutoUpdate":false,"disableAutoUpdate":true},"#,
    r#""model":{"generationConfig":{"maxRetries":1}}}"#
);

pub(super) const TOOL: Tool = Tool {
    tested: Some("0.24.4"),
    package: Some(package("@qwen-code/qwen-code")),
    // Without a terminal, what would be asked is denied, and tools that write are not offered.
    read_only: &["--approval-mode", "default"],
    // `--yolo` is turned down in a project that is not trusted; tools that are named are not.
    skip_permissions: &[
        "--allowed-tools",
        "run_shell_command",
        "--allowed-tools",
        "edit",
        "--allowed-tools",
        "write_file",
        "--allowed-tools",
        "web_fetch",
    ],
    // It does not find out by itself unless `OPENAI_MODEL` is set too.
    depending: &[Depending {
        on: "OPENAI_API_KEY",
        set: &["--auth-type", "openai"],
        unset: &[],
    }],
    files: &[SettingsFile {
        variable: "QWEN_CODE_SYSTEM_SETTINGS_PATH",
        text: SETTINGS,
    }],
    variables: &["OPENAI_MODEL", "QWEN_DEFAULT_AUTH_TYPE", "QWEN_MODEL"],
    providers: &[Access {
        provider: Provider::Api,
        variables: &[
            "ANTHROPIC_API_KEY",
            "ANTHROPIC_BASE_URL",
            "ANTHROPIC_MODEL",
            "BAILIAN_CODING_PLAN_API_KEY",
            "DASHSCOPE_API_KEY",
            "GEMINI_API_KEY",
            "GEMINI_MODEL",
            "OPENAI_API_KEY",
            "OPENAI_BASE_URL",
        ],
        credentials: &[
            "OPENAI_API_KEY",
            "DASHSCOPE_API_KEY",
            "BAILIAN_CODING_PLAN_API_KEY",
            "ANTHROPIC_API_KEY",
            "GEMINI_API_KEY",
        ],
    }],
    envelope: Envelope::Qwen,
    ..plain(
        "qwen",
        "Qwen Code",
        "qwen",
        &[
            "--output-format",
            "json",
            "--chat-recording=false",
            // No hooks, MCP servers, extensions or memory files. `--bare` would take `glob` and
            // `grep_search` from the model too.
            "--safe-mode",
            "--max-session-turns",
            "100",
        ],
    )
};
