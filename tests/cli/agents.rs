//! What goes to an agent and what comes back.

use serde_json::json;

use crate::sandbox::{STATEMENT, Sandbox};

const TWO: &str = "# Suite\n\n## First\n\nA.\n\n## Second\n\nB.\n";

fn judged(mode: &[&str]) -> Vec<String> {
    let sandbox = Sandbox::judged_by(mode).file("a.spec.md", TWO);
    sandbox.run(&["run"]);
    sandbox.verdicts()
}

#[test]
fn an_answer_is_read_from_prose_a_fence_and_an_envelope() {
    for mode in ["answer", "prose", "fenced", "claude"] {
        assert_eq!(judged(&[mode]), ["first=pass", "second=pass"], "{mode}");
    }
}

#[test]
fn a_missing_verdict_is_an_error() {
    assert_eq!(judged(&["missing"]), ["first=pass", "second=error"]);
}

#[test]
fn two_verdicts_for_one_scenario_are_an_error() {
    assert_eq!(judged(&["ambiguous"])[0], "first=error");
}

#[test]
fn an_unknown_id_is_a_validation_issue() {
    let sandbox = Sandbox::judged_by(&["unexpected"]).file("a.spec.md", TWO);
    sandbox
        .run(&["run"])
        .exits(0)
        .says("unexpected-id a.spec.md#");
    sandbox.run(&["run", "--strict"]).exits(2);
}

#[test]
fn the_prompt_reaches_the_agent_by_stdin_file_and_argument() {
    let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
    let seen = sandbox.path("seen.txt");
    let mode = ["echo-prompt", seen.to_str().unwrap()];
    let ways: [(&str, &[&str]); 3] = [
        ("stdin", &[]),
        ("file", &["--prompt-file"]),
        ("argument", &["--prompt"]),
    ];
    for (prompt, flag) in ways {
        let args: Vec<&str> = mode.iter().chain(flag).copied().collect();
        let agent =
            json!({"command": crate::sandbox::fake_agent(), "args": args, "prompt": prompt});
        let config = json!({"llm": "mine", "agents": {"mine": agent}});
        sandbox.write("semtest.config.json", config.to_string().as_bytes());
        sandbox.run(&["run"]).exits(0);
        assert!(
            sandbox
                .read("seen.txt")
                .contains("Every error response is JSON."),
            "{prompt}"
        );
        std::fs::remove_file(&seen).unwrap();
    }
}

#[test]
fn a_prompt_longer_than_an_argument_can_be_is_refused_by_name() {
    let long = format!("# Long\n\n{}\n", "word ".repeat(30_000));
    let sandbox = Sandbox::new().file("a.spec.md", &long);
    let agent = json!({"command": crate::sandbox::fake_agent(), "args": ["answer", "--prompt"], "prompt": "argument"});
    let config = json!({"llm": "mine", "agents": {"mine": agent}});
    sandbox.write("semtest.config.json", config.to_string().as_bytes());
    sandbox.run(&["run"]).exits(2).says("131071");
}

#[test]
fn an_agent_sees_no_variable_that_it_was_not_given() {
    let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
    let seen = sandbox.path("environment.txt");
    let mode = ["environment", seen.to_str().unwrap()];
    let agent =
        json!({"command": crate::sandbox::fake_agent(), "args": mode, "passEnv": ["MY_KEY"]});
    let config = json!({"llm": "mine", "agents": {"mine": agent}});
    sandbox.write("semtest.config.json", config.to_string().as_bytes());
    let mut command = sandbox.command(&["run"]);
    let planted = [
        "GITHUB_TOKEN",
        "ACTIONS_RUNTIME_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "MY_KEY",
    ];
    for name in planted {
        command.env(name, "planted-secret");
    }
    crate::sandbox::finish(&mut command).exits(0);
    let environment = sandbox.read("environment.txt");
    let with_secret: Vec<&str> = environment
        .lines()
        .filter(|line| line.contains("planted-secret"))
        .collect();
    assert_eq!(with_secret, ["MY_KEY=planted-secret"]);
}

#[test]
fn only_open_scenarios_are_asked_for_and_checks_become_evidence() {
    let text = "# S\n\n## Holds\n\n```check\nexists a.spec.md\n```\n\n## Broken\n\n```check\nexists missing.rs\n```\n";
    let sandbox = Sandbox::new().file("a.spec.md", text);
    let seen = sandbox.path("seen.txt");
    sandbox.configure(&["echo-prompt", seen.to_str().unwrap()], &json!({}));
    sandbox.run(&["run"]).exits(1);
    assert_eq!(sandbox.verdicts(), ["holds=pass", "broken=fail"]);
    let prompt = sandbox.read("seen.txt");
    assert!(prompt.contains("Scenario ids: [\"holds\"]"), "{prompt}");
    assert!(prompt.contains("exists a.spec.md"), "{prompt}");
}

#[test]
fn a_file_whose_checks_all_fail_costs_no_call() {
    let text = "# Broken\n\n```check\nexists missing.rs\n```\n";
    let sandbox = Sandbox::new().file("a.spec.md", text);
    let seen = sandbox.path("seen.txt");
    sandbox.configure(&["echo-prompt", seen.to_str().unwrap()], &json!({}));
    sandbox.run(&["run"]).exits(1);
    assert!(!seen.exists());
}

#[test]
fn with_checks_only_a_scenario_without_checks_is_skipped() {
    let sandbox = Sandbox::checked()
        .file("a.spec.md", "# A\n\n```check\nexists a.spec.md\n```\n")
        .file("b.spec.md", STATEMENT);
    sandbox
        .run(&["run"])
        .exits(0)
        .says("PASSED: 1 judged, 1 not judged (1 skip)");
    assert_eq!(sandbox.verdicts(), ["a=pass", "b=skip"]);
    assert!(
        sandbox
            .read("semtest-results/latest.md")
            .to_lowercase()
            .contains("checks only")
    );
}

#[test]
fn a_gitignore_line_does_not_hide_a_tracked_file_from_a_check() {
    let sandbox = Sandbox::checked()
        .file(
            "a.spec.md",
            "# A\n\n```check\nlacks src/**/*.js \"eval(\"\n```\n",
        )
        .file("src/evil.js", "eval(1)\n")
        .file("src/good.js", "")
        .file(".gitignore", "evil.js\nsemtest-results\n");
    std::fs::remove_dir(sandbox.path(".git")).unwrap();
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        assert!(
            git.args(arguments)
                .current_dir(sandbox.path(""))
                .status()
                .unwrap()
                .success()
        );
    };
    git(&["init", "--quiet"]);
    sandbox.run(&["run"]).exits(0);
    git(&["add", "--force", "src/evil.js"]);
    sandbox.run(&["run"]).exits(1).says("src/evil.js:1");
}

#[test]
fn what_lies_behind_a_link_to_a_directory_is_not_taken_for_looked_at() {
    let verdict = |check: &str| {
        let text = format!("# A\n\n```check\n{check}\n```\n");
        let sandbox = Sandbox::checked()
            .file("a.spec.md", &text)
            .file("lib/evil.js", "eval(1)\n")
            .file("src/good.js", "");
        std::os::unix::fs::symlink("../lib", sandbox.path("src/linked")).unwrap();
        sandbox.run(&["run"])
    };
    for unseen in [
        r#"lacks src/** "eval(""#,
        "absent src/**/evil.js",
        r#"lacks src/*/*.js "eval(""#,
    ] {
        verdict(unseen).exits(1).says("src/linked");
    }
    // Seen by its own path, or not reached at all.
    verdict("absent **/none.js").exits(0);
    verdict(r#"lacks src/*.js "eval(""#).exits(0);
    verdict(r#"lacks **/*.js "eval(""#)
        .exits(1)
        .says("lib/evil.js:1");
}

#[test]
fn a_flag_beats_the_frontmatter_and_that_beats_the_configuration() {
    let own = format!("---\nllm: checks\n---\n{STATEMENT}");
    let sandbox = Sandbox::judged_by(&["answer"]).file("a.spec.md", &own);
    sandbox.run(&["run", "--allow-empty"]).exits(0);
    assert_eq!(sandbox.verdicts(), ["a=skip"]);
    sandbox.run(&["run", "--llm", "fake"]).exits(0);
    assert_eq!(sandbox.verdicts(), ["a=pass"]);
}

#[test]
fn agents_can_be_given_on_the_command_line() {
    let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
    let agents = json!({"mine": {"command": crate::sandbox::fake_agent(), "args": ["answer"]}});
    sandbox
        .run(&["run", "--llm", "mine", "--agents", &agents.to_string()])
        .exits(0);
    sandbox
        .run(&["run", "--llm", "mine", "--agents", "{}"])
        .exits(2)
        .warns("unknown model key");
}

/// A project with a program of that name on `PATH` that writes its arguments, its environment and
/// the files of its HOME to `seen/`, and then does what `script` says.
struct Installed {
    sandbox: Sandbox,
}

/// What the tool saw in its last call.
struct Seen {
    arguments: Vec<String>,
    environment: Vec<String>,
    home: String,
}

const CLAUDE: &str = r#"echo '{"type":"result","subtype":"success","is_error":false,"result":"[{\"id\":\"a\",\"status\":\"pass\"}]"}'"#;
const CODEX: &str = r#"
echo '{"type":"item.completed","item":{"type":"agent_message","text":"[{\"id\":\"a\",\"status\":\"pass\"}]"}}'
echo '{"type":"turn.completed","usage":{"input_tokens":5,"output_tokens":1}}'"#;
const GEMINI: &str = r#"echo '{"response":"[{\"id\":\"a\",\"status\":\"pass\"}]"}'"#;

impl Installed {
    fn new(name: &str, script: &str) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
        let seen = sandbox.path("seen");
        std::fs::create_dir(&seen).unwrap();
        let seen = seen.display();
        let text = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$@\" > {seen}/arguments\nenv > {seen}/environment\n\
             (cd \"$HOME\" && find . -type f) > {seen}/home\n{script}\n"
        );
        sandbox.write(&format!("bin/{name}"), text.as_bytes());
        let permissions = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(sandbox.path(&format!("bin/{name}")), permissions).unwrap();
        Self { sandbox }
    }

    fn run(&self, variables: &[(&str, &str)], arguments: &[&str]) -> crate::sandbox::Run {
        let mut command = self.sandbox.command(&[&["run"], arguments].concat());
        let path = format!("{}:/usr/bin:/bin", self.sandbox.path("bin").display());
        command.env("PATH", path).envs(variables.iter().copied());
        crate::sandbox::finish(&mut command)
    }

    fn seen(&self) -> Seen {
        let lines = |name: &str| -> Vec<String> {
            let text = self.sandbox.read(&format!("seen/{name}"));
            text.lines().map(str::to_owned).collect()
        };
        Seen {
            arguments: lines("arguments"),
            environment: lines("environment"),
            home: lines("home").join(" "),
        }
    }
}

impl Seen {
    /// The values of variables that hold `text`, with their names.
    fn variables_with(&self, text: &str) -> Vec<&str> {
        let lines = self.environment.iter().map(String::as_str);
        let mut found: Vec<&str> = lines.filter(|line| line.contains(text)).collect();
        found.sort_unstable();
        found
    }

    fn variable(&self, name: &str) -> Option<&str> {
        let mut lines = self.environment.iter();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
    }
}

const PLANTED: [(&str, &str); 6] = [
    ("GITHUB_TOKEN", "planted"),
    ("ACTIONS_RUNTIME_TOKEN", "planted"),
    ("AWS_SECRET_ACCESS_KEY", "planted"),
    ("CI_JOB_TOKEN", "planted"),
    ("SSH_AUTH_SOCK", "planted"),
    ("OPENAI_API_KEY", "planted-provider-key"),
];

#[test]
fn in_ci_a_known_tool_sees_its_providers_key_in_a_home_that_ends_with_the_call() {
    let codex = Installed::new("codex", CODEX);
    let in_ci = [&PLANTED[..], &[("CI", "true"), ("CODEX_HOME", "/planted")]].concat();
    codex.run(&in_ci, &["--llm", "codex"]).exits(0);
    let seen = codex.seen();
    // Codex reads a key from its own variable only.
    assert_eq!(
        seen.variables_with("planted"),
        [
            "CODEX_API_KEY=planted-provider-key",
            "OPENAI_API_KEY=planted-provider-key"
        ]
    );
    let home = std::path::PathBuf::from(seen.variable("HOME").unwrap());
    assert_ne!(home, codex.sandbox.path(""));
    assert!(
        seen.variable("TMPDIR")
            .unwrap()
            .starts_with(home.to_str().unwrap())
    );
    assert_eq!(seen.variable("TERM"), Some("dumb"));
    assert!(!home.exists());
}

#[test]
fn the_home_of_a_call_is_removed_when_it_fails_or_takes_too_long() {
    for (script, arguments) in [
        ("exit 3", &["--llm", "codex"][..]),
        ("exec sleep 60", &["--llm", "codex", "--timeout", "300"]),
    ] {
        let codex = Installed::new("codex", script);
        let in_ci = [("CI", "true"), ("CODEX_API_KEY", "k")];
        codex.run(&in_ci, arguments).exits(2);
        let home = codex.seen().variable("HOME").unwrap().to_owned();
        assert!(home.contains("semtest-home-"), "{home}");
        assert!(!std::path::Path::new(&home).exists(), "{script}");
    }
}

#[test]
fn on_a_laptop_or_on_request_the_home_is_the_users_own() {
    let codex = Installed::new("codex", CODEX);
    let own = codex.sandbox.path("").display().to_string();
    let own = own.trim_end_matches('/');
    codex.run(&PLANTED, &["--llm", "codex"]).exits(0);
    assert_eq!(codex.seen().variable("HOME"), Some(own));
    // The login counts there, not a key that lies around.
    assert_eq!(codex.seen().variable("CODEX_API_KEY"), None);
    let inherit = ["--llm", "codex", "--agent-home", "inherit"];
    codex.run(&[("CI", "true")], &inherit).exits(0);
    assert_eq!(codex.seen().variable("HOME"), Some(own));
    let temporary = ["--llm", "codex", "--agent-home", "temporary"];
    codex.run(&PLANTED, &temporary).exits(0);
    assert_ne!(codex.seen().variable("HOME"), Some(own));
}

#[test]
fn in_ci_a_missing_key_ends_the_run_before_the_first_call() {
    let claude = Installed::new("claude", CLAUDE);
    claude
        .run(&[("CI", "true")], &["--llm", "claude-code"])
        .exits(2)
        .warns("none of `ANTHROPIC_API_KEY`, `ANTHROPIC_AUTH_TOKEN`")
        .warns("secrets.ANTHROPIC_API_KEY")
        .warns("masked CI/CD variable")
        .warns(r#"agentHome: "inherit""#);
    assert!(!claude.sandbox.path("seen/arguments").exists());
    let with_key = [("CI", "true"), ("CLAUDE_CODE_OAUTH_TOKEN", "k")];
    claude.run(&with_key, &["--llm", "claude-code"]).exits(0);
}

#[test]
fn the_provider_decides_which_variables_a_tool_sees() {
    let claude = Installed::new("claude", CLAUDE);
    let variables = [
        ("ANTHROPIC_API_KEY", "planted-1"),
        ("ANTHROPIC_ADMIN_KEY", "planted-2"),
        ("AWS_SECRET_ACCESS_KEY", "planted-3"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "planted-4"),
        ("MINE", "planted-5"),
    ];
    let see = |arguments: &[&str]| {
        let arguments = [&["--llm", "claude-code"], arguments].concat();
        claude.run(&variables, &arguments).exits(0);
        let seen = claude.seen();
        (seen.variables_with("planted").join(" "), seen)
    };
    assert_eq!(see(&[]).0, "ANTHROPIC_API_KEY=planted-1");
    let (secrets, seen) = see(&["--provider", "bedrock"]);
    assert_eq!(secrets, "AWS_SECRET_ACCESS_KEY=planted-3");
    assert_eq!(seen.variable("CLAUDE_CODE_USE_BEDROCK"), Some("1"));
    let (secrets, seen) = see(&["--provider", "vertex", "--pass-env", "MINE"]);
    assert_eq!(
        secrets,
        "GOOGLE_APPLICATION_CREDENTIALS=planted-4 MINE=planted-5"
    );
    assert_eq!(seen.variable("CLAUDE_CODE_USE_VERTEX"), Some("1"));
}

#[test]
fn a_provider_that_the_tool_lacks_is_an_error_with_those_it_has() {
    let codex = Installed::new("codex", CODEX);
    codex
        .run(&PLANTED, &["--llm", "codex", "--provider", "bedrock"])
        .exits(2)
        .warns("Codex CLI can't be told to call `bedrock`")
        .warns(r#""api", "gateway""#);
}

#[test]
fn a_base_url_reaches_codex_as_a_provider_of_ours() {
    let codex = Installed::new("codex", CODEX);
    let gateway = [
        ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1"),
        ("OPENAI_API_KEY", "k"),
    ];
    codex.run(&gateway, &["--llm", "codex"]).exits(0);
    let arguments = codex.seen().arguments;
    for expected in [
        r#"model_provider="semtest""#,
        r#"model_providers.semtest.base_url="http://127.0.0.1:9/v1""#,
        r#"model_providers.semtest.env_key="OPENAI_API_KEY""#,
    ] {
        assert!(
            arguments.iter().any(|argument| argument == expected),
            "{arguments:?}"
        );
    }
    codex.run(&[], &["--llm", "codex"]).exits(0);
    let arguments = codex.seen().arguments.join(" ");
    assert!(!arguments.contains("semtest"), "{arguments}");
}

#[test]
fn gemini_gets_its_settings_in_a_fresh_home_wherever_a_key_is_set() {
    let gemini = Installed::new("gemini", GEMINI);
    gemini
        .run(&[("GOOGLE_API_KEY", "k")], &["--llm", "gemini"])
        .exits(0);
    let seen = gemini.seen();
    assert!(seen.home.contains(".gemini/settings.json"), "{}", seen.home);
    assert_eq!(seen.variable("GEMINI_API_KEY"), Some("k"));
    assert_eq!(seen.variable("GEMINI_RESTRICTED_MODE"), Some("true"));
    gemini.run(&[], &["--llm", "gemini"]).exits(0);
    assert_eq!(gemini.seen().variable("GEMINI_RESTRICTED_MODE"), None);
}

#[test]
fn a_users_own_retry_limit_beats_ours() {
    let claude = Installed::new("claude", CLAUDE);
    let limit = |variables: &[(&str, &str)]| {
        claude.run(variables, &["--llm", "claude-code"]).exits(0);
        let seen = claude.seen();
        seen.variable("CLAUDE_CODE_MAX_RETRIES").unwrap().to_owned()
    };
    assert_eq!(limit(&[]), "3");
    assert_eq!(limit(&[("CLAUDE_CODE_MAX_RETRIES", "8")]), "8");
}

#[test]
fn the_debug_file_says_which_permissions_the_tool_had() {
    let codex = Installed::new("codex", CODEX);
    for (flags, expected) in [
        (&[][..], "read-only"),
        (&["--skip-permissions-if-possible"], "bypass"),
    ] {
        let arguments = [&["--llm", "codex", "--debug"], flags].concat();
        codex.run(&[], &arguments).exits(0);
        let debug = codex.sandbox.read("semtest-results/debug/a.spec.md.json");
        let debug: serde_json::Value = serde_json::from_str(&debug).unwrap();
        assert_eq!(debug["attempts"][0]["permissions"], expected);
    }
}

#[test]
fn a_prompt_longer_than_a_tool_takes_is_refused_before_it_starts() {
    let codex = Installed::new("codex", CODEX);
    let long = format!("# Long\n\n{}\n", "word ".repeat(199_950));
    codex.sandbox.write("a.spec.md", long.as_bytes());
    codex
        .run(&[], &["--llm", "codex"])
        .exits(2)
        .says("takes at most");
    assert!(!codex.sandbox.path("seen/arguments").exists());
}

#[test]
fn aider_is_not_started_where_the_repository_could_send_its_key_elsewhere() {
    let sandbox = Sandbox::new()
        .file("a.spec.md", "# A\n\nIt holds.\n")
        .file(".env", "OPENAI_API_BASE=http://127.0.0.1:9\n");
    sandbox.install_script("aider", "#!/bin/sh\ntouch started\nexit 1\n");
    let git = |arguments: &[&str]| {
        let done = std::process::Command::new("git")
            .args(arguments)
            .current_dir(sandbox.path(""))
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "--quiet"]);
    let run =
        || sandbox.run_with_tools(&["run", "--llm", "aider:openai/m", "--agent-home", "inherit"]);
    // Not tracked: the user's own.
    run().exits(2);
    assert!(sandbox.path("started").exists());
    std::fs::remove_file(sandbox.path("started")).unwrap();
    git(&["add", ".env"]);
    run().exits(2).warns("would obey `.env`");
    assert!(!sandbox.path("started").exists());
}
