//! The tools under test, and how a user points each of them at the loopback server.

use std::path::{Path, PathBuf};

/// The key of the model's service. Long and odd, since some tools blot out every occurrence.
pub(crate) const PROVIDER_KEY: &str = "loopback-provider-key-5d0c7e";

/// A tool, from the user's side.
#[derive(Debug)]
pub(crate) struct Tool {
    /// Its row in the table.
    pub(crate) key: &'static str,
    /// Its name in `versions`.
    cli: &'static str,
    /// The model key that the runs are given.
    pub(crate) llm: &'static str,
    /// What a user would set; `{address}` and `{key}` are filled in.
    variables: &'static [(&'static str, &'static str)],
    /// Whether its model can use tools at all.
    pub(crate) has_tools: bool,
    /// Whether those tools are fit to run a command.
    pub(crate) has_shell: bool,
    /// Cases in which it asks again for longer than the limit and can't be told not to; then the
    /// limit is what the message names.
    pub(crate) insists: &'static [&'static str],
    /// Files of the project that it changes whatever it is told. The report names them.
    pub(crate) changes: &'static [&'static str],
    /// Whether it is not started where a repository tells it where to send its key.
    pub(crate) is_refused: bool,
}

const OPENCODE: &str = r#"{"model":"loopback/fake-model","small_model":"loopback/fake-model","provider":{"loopback":{"npm":"@ai-sdk/openai-compatible","options":{"baseURL":"{address}/v1","apiKey":"{key}"},"models":{"fake-model":{}}}}}"#;

/// In the order of `versions`.
pub(crate) const TOOLS: &[Tool] = &[
    Tool {
        key: "claude-code",
        cli: "claude-code",
        llm: "claude-code-sonnet-4-6",
        variables: &[
            ("ANTHROPIC_BASE_URL", "{address}"),
            ("ANTHROPIC_API_KEY", "{key}"),
        ],
        has_tools: true,
        has_shell: true,
        insists: &[],
        changes: &[],
        is_refused: false,
    },
    Tool {
        key: "codex",
        cli: "codex",
        llm: "codex:fake-model",
        variables: &[
            ("OPENAI_BASE_URL", "{address}/v1"),
            ("OPENAI_API_KEY", "{key}"),
        ],
        has_tools: true,
        has_shell: true,
        insists: &[],
        changes: &[],
        is_refused: false,
    },
    // What people get who choose no model: its newest ones write programs that call the tools.
    Tool {
        key: "codex, own",
        cli: "codex",
        llm: "codex",
        variables: &[
            ("OPENAI_BASE_URL", "{address}/v1"),
            ("OPENAI_API_KEY", "{key}"),
        ],
        has_tools: true,
        has_shell: true,
        insists: &[],
        changes: &[],
        is_refused: false,
    },
    Tool {
        key: "gemini",
        cli: "gemini",
        llm: "gemini-2.5-flash",
        variables: &[
            ("GOOGLE_GEMINI_BASE_URL", "{address}"),
            ("GEMINI_API_KEY", "{key}"),
        ],
        has_tools: true,
        has_shell: true,
        insists: &[],
        changes: &[],
        is_refused: false,
    },
    Tool {
        key: "opencode",
        cli: "opencode",
        llm: "opencode:loopback/fake-model",
        variables: &[("OPENCODE_CONFIG_CONTENT", OPENCODE)],
        has_tools: true,
        has_shell: true,
        insists: &["429", "500"],
        changes: &[],
        is_refused: false,
    },
    Tool {
        key: "qwen",
        cli: "qwen",
        llm: "qwen:fake-model",
        variables: &[
            ("OPENAI_BASE_URL", "{address}/v1"),
            ("OPENAI_API_KEY", "{key}"),
            ("OPENAI_MODEL", "fake-model"),
        ],
        has_tools: true,
        has_shell: true,
        insists: &["429", "500"],
        changes: &[".qwen/settings.json"],
        is_refused: false,
    },
    Tool {
        key: "copilot",
        cli: "copilot",
        llm: "copilot:fake-model",
        variables: &[
            ("COPILOT_PROVIDER_BASE_URL", "{address}/v1"),
            ("COPILOT_PROVIDER_API_KEY", "{key}"),
            ("COPILOT_MODEL", "fake-model"),
        ],
        has_tools: true,
        has_shell: true,
        insists: &["429"],
        changes: &[],
        is_refused: false,
    },
    // It puts files into the prompt itself; its model gets no tools.
    Tool {
        key: "aider",
        cli: "aider",
        llm: "aider:openai/fake-model",
        variables: &[
            ("OPENAI_API_BASE", "{address}/v1"),
            ("OPENAI_API_KEY", "{key}"),
        ],
        has_tools: false,
        has_shell: false,
        insists: &["429", "500"],
        changes: &[],
        is_refused: true,
    },
];

impl Tool {
    /// The user's variables for a server at `address`.
    pub(crate) fn variables(&self, address: &str) -> Vec<(&'static str, String)> {
        let fill = |text: &str| {
            text.replace("{address}", address)
                .replace("{key}", PROVIDER_KEY)
        };
        let pairs = self.variables.iter();
        pairs.map(|(name, value)| (*name, fill(value))).collect()
    }

    /// The directory that holds its program.
    pub(crate) fn directory(&self) -> PathBuf {
        let root = std::env::var("SEMTEST_TEST_AGENTS");
        let root = PathBuf::from(root.expect("SEMTEST_TEST_AGENTS names the installed CLIs"));
        let row = self.version_row();
        let directory = match row[1] {
            "npm" => root.join("npm/node_modules/.bin"),
            _ => root.join(self.cli).join("bin"),
        };
        let program = directory.join(row[4]);
        assert!(program.is_file(), "{} is not installed", program.display());
        directory
    }

    fn version_row(&self) -> Vec<&'static str> {
        let rows = include_str!("versions").lines();
        let mut rows = rows.map(|row| row.split_whitespace().collect::<Vec<_>>());
        rows.find(|row| row.first() == Some(&self.cli))
            .expect("every tool has a row in `versions`")
    }
}

/// The tools that were asked for; each of them has to be installed.
pub(crate) fn selected() -> Vec<&'static Tool> {
    let asked = std::env::var("SEMTEST_TEST_TOOLS").unwrap_or_default();
    let asked: Vec<&str> = asked.split(',').filter(|key| !key.is_empty()).collect();
    for key in &asked {
        let is_known = TOOLS.iter().any(|tool| tool.cli == *key);
        assert!(is_known, "SEMTEST_TEST_TOOLS names the unknown tool {key}");
    }
    let is_asked = |tool: &&Tool| asked.is_empty() || asked.contains(&tool.cli);
    let tools: Vec<&Tool> = TOOLS.iter().filter(is_asked).collect();
    for tool in &tools {
        tool.directory();
    }
    tools
}

/// Where the interpreter of the tools lies, for `PATH`.
pub(crate) fn node() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .find(|directory| directory.join("node").is_file())
        .unwrap_or_else(|| Path::new("/usr/bin").to_owned())
}
