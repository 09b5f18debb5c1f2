//! Gemini CLI, measured with 0.61.0.

use super::super::envelope::Envelope;
use super::super::registry::{Access, FreshHome, HomeFile, Tool};
use super::{model, package, plain};
use crate::model::Provider;

/// What holds with every login: no telemetry, no update, ten tries cut to three, and nothing loaded
/// that a project could bring.
macro_rules! settings {
    ($security:literal) => {
        concat!(
            r#"{"security":{"#,
            $security,
            r#""environmentVariableRedaction":{"enabled":true}},"#,
            r#""privacy":{"usageStatisticsEnabled":false},"telemetry":{"enabled":false},"#,
            r#""general":{"enableAutoUpdate":false,"enableAutoUpdateNotification":false,"maxAttempts":3},"#,
            r#""advanced":{"ignoreLocalEnv":true},"hooksConfig":{"enabled":false},"#,
            r#""skills":{"enabled":false},"context":{"fileName":["no-such-memory-file"]},"#,
            r#""admin":{"mcp":{"enabled":false},"extensions":{"enabled":false},"skills":{"enabled":false}},"#,
            r#""tools":{"exclude":["google_web_search"]},"model":{"maxSessionTurns":100}}"#
        )
    };
}

/// A fresh HOME is had wherever a key is set: only there do our settings count for an ordinary user,
/// since system settings must lie where nobody but root can write, which is not below `/tmp`. In it, the project is "restricted" (its `.gemini/`,
/// also `.env`, is left out, whatever it holds) and folder trust is off, without which a restricted
/// project ends with exit code 55. The way to sign in must be named, or a base URL makes it "gateway",
/// which is an error.
const FRESH_HOME: FreshHome = FreshHome {
    with_a_key: true,
    files: &[
        HomeFile {
            providers: &[Provider::Api, Provider::Gateway],
            path: ".gemini/settings.json",
            text: settings!(
                r#""auth":{"selectedType":"gemini-api-key"},"folderTrust":{"enabled":false},"#
            ),
        },
        HomeFile {
            providers: &[Provider::Vertex],
            path: ".gemini/settings.json",
            text: settings!(
                r#""auth":{"selectedType":"vertex-ai"},"folderTrust":{"enabled":false},"#
            ),
        },
    ],
    settings: &[("GEMINI_RESTRICTED_MODE", "true")],
    also_as: &[("GOOGLE_API_KEY", "GEMINI_API_KEY")],
};

pub(super) const TOOL: Tool = Tool {
    tested: Some("0.61.0"),
    package: Some(package("@google/gemini-cli")),
    // Without a terminal this mode leaves out every tool that it would ask about; `plan` is turned
    // into it where the project is restricted.
    read_only: &["--approval-mode", "default"],
    // So is `-y`.
    skip_permissions: &[
        "--approval-mode",
        "default",
        "--allowed-tools",
        "run_shell_command,write_file,replace,web_fetch",
    ],
    provider_settings: &[(Provider::Vertex, "GOOGLE_GENAI_USE_VERTEXAI", "true")],
    home_variables: &["GEMINI_CLI_HOME", "GEMINI_CLI_TRUST_WORKSPACE"],
    fresh_home: FRESH_HOME,
    providers: &[
        Access {
            provider: Provider::Api,
            variables: &["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GEMINI_BASE_URL"],
            credentials: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        },
        // A role of the machine may let it in without any of these.
        Access {
            provider: Provider::Vertex,
            variables: &[
                "GOOGLE_API_KEY",
                "GOOGLE_APPLICATION_CREDENTIALS",
                "GOOGLE_CLOUD_LOCATION",
                "GOOGLE_CLOUD_PROJECT",
                "GOOGLE_VERTEX_BASE_URL",
            ],
            credentials: &[],
        },
        Access {
            provider: Provider::Gateway,
            variables: &["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GEMINI_BASE_URL"],
            credentials: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        },
    ],
    envelope: Envelope::Gemini,
    models: &[
        model("2.5-pro", "gemini-2.5-pro"),
        model("2.5-flash", "gemini-2.5-flash"),
        model("2.5-flash-lite", "gemini-2.5-flash-lite"),
        model("2.0-flash", "gemini-2.0-flash"),
        model("3.1-pro-preview", "gemini-3.1-pro-preview"),
        model("3.8-flash", "gemini-3.8-flash"),
        model("3.5-flash-lite", "gemini-3.5-flash-lite"),
    ],
    ..plain(
        "gemini",
        "Gemini CLI",
        "gemini",
        &["--output-format", "json"],
    )
};
