//! `doctor`: whether a run could start, and why not.

use serde_json::Value;

use crate::sandbox::{Run, STATEMENT, Sandbox, finish};

/// A project that Claude Code can judge.
fn ready() -> Sandbox {
    let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
    sandbox.install("claude", "answer");
    sandbox
}

fn with_variables(sandbox: &Sandbox, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = sandbox.command(arguments);
    command.env("PATH", sandbox.tool_path());
    finish(command.envs(variables.iter().copied()))
}

#[test]
fn a_project_that_is_ready_is_exit_0() {
    let sandbox = ready();
    let run = sandbox.run_with_tools(&["doctor"]).exits(0);
    let claude = format!("Claude Code at {}", sandbox.path("bin/claude").display());
    for part in [
        claude.as_str(),
        "1.2.3 (claude)",
        "none, so the defaults count",
        "1 file, 1 scenario, 2 to 7 model calls, 4 at once, judged by claude-code-sonnet-4-6",
        "A run can start here",
    ] {
        assert!(run.stdout.contains(part), "{part}\n{}", run.stdout);
    }
    assert!(!run.stdout.contains("problem  "), "{}", run.stdout);
    assert!(!sandbox.path("semtest-results").exists(), "it only looks");
}

#[test]
fn what_keeps_a_run_from_starting_is_exit_2_with_a_remedy() {
    let no_specs = Sandbox::new();
    no_specs.install("claude", "answer");
    let no_specs_configured = Sandbox::new().file("semtest.config.json", "{}");
    no_specs_configured.install("claude", "answer");
    let no_tool = Sandbox::new().file("a.spec.md", STATEMENT);
    let broken = ready().file("semtest.config.json", "{\"timeot\": 1}");
    let unknown = ready().file("semtest.config.json", "{\"llm\": \"claud-code\"}");
    for (sandbox, problem, remedy) in [
        (no_specs, "no spec files in ", "`semtest ask` works without"),
        (no_specs_configured, "no spec files found", "testMatch"),
        (
            no_tool,
            "needs the program `claude`",
            "do: install `claude`",
        ),
        (
            broken,
            "unknown field `timeot`",
            "correct the configuration",
        ),
        (unknown, "unknown model key `claud-code`", "do: "),
    ] {
        let run = sandbox.run_with_tools(&["doctor"]).exits(2);
        let line = |line: &str| line.starts_with("  problem  ") && line.contains(problem);
        assert!(run.stdout.lines().any(line), "{problem}\n{}", run.stdout);
        assert!(run.stdout.contains(remedy), "{remedy}\n{}", run.stdout);
        assert!(
            run.stdout
                .ends_with("No run can start here; problems: 1.\n"),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn output_that_can_not_be_written_is_a_problem() {
    let sandbox = ready().file("semtest-results", "a file");
    sandbox
        .run_with_tools(&["doctor"])
        .exits(2)
        .says("problem  reports can't be written");
}

#[test]
fn a_tool_that_does_not_start_is_a_problem_only_if_it_judges() {
    let sandbox = ready();
    sandbox.install_script("gemini", "#!/bin/sh\necho 'needs Node 22' >&2\nexit 3\n");
    sandbox
        .run_with_tools(&["doctor"])
        .exits(0)
        .says("warning  Gemini CLI")
        .says("exit code 3: needs Node 22");
    sandbox
        .run_with_tools(&["doctor", "--llm", "gemini"])
        .exits(2)
        .says("problem  Gemini CLI judges, but");
}

#[test]
fn a_tool_tells_its_version_without_the_projects_files_or_our_secrets() {
    let sandbox = ready();
    let seen = sandbox.path("seen");
    let script = format!("#!/bin/sh\n(pwd; env) > '{}'\necho 9.9.9\n", seen.display());
    sandbox.install_script("claude", &script);
    let variables = [("GITHUB_TOKEN", "planted"), ("ANTHROPIC_API_KEY", "own")];
    with_variables(&sandbox, &["doctor"], &variables)
        .exits(0)
        .says("9.9.9");
    let seen = sandbox.read("seen");
    assert!(
        seen.contains("ANTHROPIC_API_KEY=own") && !seen.contains("planted"),
        "{seen}"
    );
    let project = sandbox.path("").canonicalize().unwrap();
    assert_ne!(seen.lines().next(), project.to_str());
}

#[test]
fn json_has_every_finding_and_whether_a_run_could_start() {
    let json = ready()
        .run_with_tools(&["doctor", "--json"])
        .exits(0)
        .stdout;
    let document: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["ready"], true);
    assert_eq!(document["findings"][0]["topic"], "tools");
    assert_eq!(document["findings"][0]["status"], "unknown");
    assert_eq!(document["findings"][1]["status"], "ok");
    let sandbox = Sandbox::new();
    let json = sandbox.run(&["doctor", "--json", "--ci"]).exits(2).stdout;
    let document: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["ready"], false);
    let findings = document["findings"].as_array().unwrap();
    let problems = findings.iter().filter(|one| one["status"] == "problem");
    assert!(problems.clone().count() > 0);
    for problem in problems {
        assert!(problem["remedy"].is_string(), "{problem}");
    }
}

#[test]
fn in_a_pipeline_it_names_secrets_and_never_shows_one() {
    let sandbox = ready();
    let variables = [
        ("CI", "true"),
        ("ANTHROPIC_API_KEY", "sk-planted"),
        ("GITHUB_TOKEN", "ghs-planted"),
        ("AWS_SECRET_ACCESS_KEY", "aws-planted"),
        ("HTTPS_PROXY", "http://user:planted@proxy"),
    ];
    let run = with_variables(&sandbox, &["doctor", "--ci"], &variables).exits(0);
    for part in [
        "Claude Code judges and gets ANTHROPIC_API_KEY",
        "agents don't get AWS_SECRET_ACCESS_KEY, GITHUB_TOKEN",
        "a call may take 10m 0s",
        "agents get a fresh HOME",
        "agents use HTTPS_PROXY",
        "onUntrusted",
    ] {
        assert!(run.stdout.contains(part), "{part}\n{}", run.stdout);
    }
    for mode in [["doctor", "--ci"].as_slice(), &["doctor", "--ci", "--json"]] {
        let run = with_variables(&sandbox, mode, &variables);
        assert!(!format!("{run:?}").contains("planted"), "{run:?}");
    }
}

#[test]
fn a_judge_without_a_key_is_a_problem_in_a_pipeline_unless_the_machine_is_logged_in() {
    let sandbox = ready();
    let ci = [("CI", "true")];
    with_variables(&sandbox, &["doctor", "--ci"], &ci)
        .exits(2)
        .says("agentHome");
    let inherit = ["doctor", "--ci", "--agent-home", "inherit"];
    with_variables(&sandbox, &inherit, &ci)
        .exits(0)
        .says("has to be logged in");
    sandbox
        .run_with_tools(&["doctor", "--ci"])
        .exits(0)
        .says("this is no CI job");
}

#[test]
fn what_may_surprise_in_a_pipeline_is_a_warning() {
    let sandbox = ready().file(
        "semtest.config.json",
        r#"{"skipPermissionsIfPossible": true, "timeout": 0, "onWrite": "error"}"#,
    );
    let variables = [("CI", "true"), ("ANTHROPIC_API_KEY", "x")];
    with_variables(&sandbox, &["doctor", "--ci"], &variables)
        .exits(0)
        .says("warning  agents may run and change anything")
        .says("warning  a call may take for ever")
        .says("files that one changes are an error")
        .says("warnings: ");
}

/// A program that tells its version, and `told` for any other command.
fn install_status(sandbox: &Sandbox, program: &str, told: &str) {
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 1.2.3; exit; fi\n\
         env > \"$HOME/seen-$1-$2\"\n{told}\n"
    );
    sandbox.install_script(program, &script);
}

#[test]
fn whether_a_tool_is_logged_in_is_asked_where_that_costs_nothing_and_else_unknown() {
    let sandbox = ready();
    install_status(&sandbox, "claude", "echo '{\"loggedIn\": true}'");
    install_status(&sandbox, "codex", "echo 'Not logged in' >&2; exit 1");
    install_status(&sandbox, "gemini", "exit 1");
    let variables = [
        ("HTTPS_PROXY", "http://proxy.example"),
        ("no_proxy", "api.example"),
    ];
    let run = with_variables(&sandbox, &["doctor"], &variables).exits(0);
    let shown = |start: &str, name: &str, login: &str| {
        let is_it = |line: &str| {
            let line = line.strip_prefix(start);
            line.is_some_and(|line| line.starts_with(name) && line.ends_with(login))
        };
        assert!(run.stdout.lines().any(is_it), "{login}\n{}", run.stdout);
    };
    shown(
        "  ok       ",
        "Claude Code at",
        "it says that it is logged in",
    );
    shown("  warning  ", "Codex", "it says that it is not logged in");
    shown(
        "  unknown  ",
        "Gemini CLI at",
        "no key set; whether it is logged in, only a call tells",
    );
    for remedy in [
        "do: start `codex` by itself once and log in, or set CODEX_API_KEY",
        "do: semtest ask --llm gemini \"README.md exists.\"",
    ] {
        assert!(run.stdout.contains(remedy), "{remedy}\n{}", run.stdout);
    }
    for seen in ["seen-auth-status", "seen-login-status"] {
        let seen = sandbox.read(seen);
        // A tool that takes the command for a prompt must not reach a model.
        assert!(seen.contains("HTTPS_PROXY=http://127.0.0.1:9\n"), "{seen}");
        assert!(!seen.contains("example"), "{seen}");
    }
}

#[test]
fn a_tool_with_a_key_is_not_asked_for_its_login() {
    let sandbox = ready();
    install_status(&sandbox, "claude", "exit 1");
    let variables = [("ANTHROPIC_API_KEY", "own")];
    with_variables(&sandbox, &["doctor"], &variables)
        .exits(0)
        .says("logs in with ANTHROPIC_API_KEY");
    assert!(!sandbox.path("seen-auth-status").exists());
}

#[test]
fn a_version_is_told_in_a_home_of_its_own() {
    let sandbox = ready();
    sandbox.install_script("gemini", "#!/bin/sh\ntouch \"$HOME/left\"\necho 1.2.3\n");
    sandbox
        .run_with_tools(&["doctor"])
        .exits(0)
        .says("(1.2.3, tested with");
    assert!(!sandbox.path("left").exists());
}

#[test]
fn the_tools_that_ask_would_ask_are_told_in_their_order() {
    let sandbox = ready();
    sandbox.install("agent", "answer");
    sandbox.install("goose", "answer");
    let ask = "`semtest ask` asks Claude Code; where it gives no answer: Cursor CLI\n";
    sandbox.run_with_tools(&["doctor"]).exits(0).says(ask);
    let ask = "`semtest ask` asks Cursor CLI; where it gives no answer: Claude Code\n";
    with_variables(&sandbox, &["doctor"], &[("CURSOR_API_KEY", "own")])
        .exits(0)
        .says(ask);
}

#[test]
fn our_own_settings_are_no_keys_of_the_user() {
    let sandbox = ready();
    sandbox.install("aider", "answer");
    let arguments = ["doctor", "--ci", "--llm", "aider"];
    let run = with_variables(&sandbox, &arguments, &[("CI", "true")]).exits(2);
    assert!(!run.stdout.contains("GIT_CONFIG"), "{}", run.stdout);
    run.says("Aider needs a key, and none of `ANTHROPIC_API_KEY`")
        .says("problems: 1.");
    let variables = [("CI", "true"), ("OPENAI_API_KEY", "own")];
    with_variables(&sandbox, &arguments, &variables)
        .exits(0)
        .says("Aider judges and gets OPENAI_API_KEY\n")
        .says("1 at once");
}

#[test]
fn in_a_pipeline_only_the_judge_needs_its_key_and_that_is_told_once() {
    let sandbox = ready();
    for tool in ["codex", "gemini", "agent"] {
        sandbox.install(tool, "answer");
    }
    let variables = [("CI", "true"), ("ANTHROPIC_API_KEY", "own")];
    let run = with_variables(&sandbox, &["doctor", "--ci"], &variables).exits(0);
    let codex = sandbox.path("bin/codex");
    let told = format!(
        "ok       Codex CLI at {} (1.2.3 (codex), tested with 0.169.0): no key here, so it can't judge\n",
        codex.display()
    );
    let run = run.says(&told);
    assert!(!run.stdout.contains("warning  C"), "{}", run.stdout);
    let run = with_variables(&sandbox, &["doctor", "--ci"], &variables[..1]).exits(2);
    let run = run.says("problems: 1.").says("ANTHROPIC_API_KEY");
    assert!(!run.stdout.contains("none of its keys"), "{}", run.stdout);
}

#[test]
fn every_variable_of_the_network_that_agents_get_is_named() {
    let sandbox = ready();
    let names = ["REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "no_proxy"];
    let mut variables = names.map(|name| (name, "x")).to_vec();
    variables.push(("ANTHROPIC_API_KEY", "own"));
    with_variables(&sandbox, &["doctor", "--ci"], &variables)
        .exits(0)
        .says("agents use REQUESTS_CA_BUNDLE, SSL_CERT_DIR, no_proxy\n");
}
