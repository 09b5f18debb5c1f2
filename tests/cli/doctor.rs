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
        "1 file, 1 scenario, at most 1 model call, 4 at once, judged by claude-code-sonnet-4-6",
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
    let no_tool = Sandbox::new().file("a.spec.md", STATEMENT);
    let broken = ready().file("semtest.config.json", "{\"timeot\": 1}");
    let unknown = ready().file("semtest.config.json", "{\"llm\": \"claud-code\"}");
    for (sandbox, problem, remedy) in [
        (no_specs, "no spec files found", "testMatch"),
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
    assert_eq!(document["findings"][0]["status"], "ok");
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
        .says("no CI system was recognised");
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
