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
