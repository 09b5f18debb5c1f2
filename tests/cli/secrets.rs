//! Where a secret could leave: the terminal, the reports, the debug files.

use std::path::Path;

use serde_json::json;

use crate::sandbox::{Run, STATEMENT, Sandbox, fake_agent, finish};

/// Holds whatever an encoding would change.
const KEY: &str = "sk-ant-api03-Xy7/Qw+2=\"Zm9v\\YmFy&IQ 8";

/// What of it must not be seen anywhere: itself, and how it looks in JSON, XML, an address, base64.
const FORMS: [&str; 8] = [
    KEY,
    "Xy7/Qw",
    "Zm9v",
    "sk-ant-api03",
    "Xy7%2FQw",
    "c2stYW50LWFwaTAzLVh5Ny9RdysyPSJabTl2XFltRnkmSVEgO",
    "YW50LWFwaTAzLVh5Ny9RdysyPSJabTl2X",
    "736b2d616e742d61706930332d",
];

/// A project whose agent leaks `MY_LLM` in the way that `mode` says.
fn leaking(mode: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
    let agent = json!({"command": fake_agent(), "args": mode, "passEnv": ["MY_LLM"]});
    let config = json!({"llm": "mine", "agents": {"mine": agent}});
    sandbox.write("semtest.config.json", config.to_string().as_bytes());
    sandbox
}

fn run(sandbox: &Sandbox, name: &str) -> Run {
    let arguments = ["run", "--debug", "--junit", "--verbose", "--timestamp"];
    finish(sandbox.command(&arguments).env(name, KEY))
}

/// Every file below `directory`, names included.
fn texts(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        found.push(path.display().to_string());
        if path.is_dir() {
            found.extend(texts(&path));
        } else {
            found.push(String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned());
        }
    }
    found
}

#[track_caller]
fn assert_clean(sandbox: &Sandbox, run: &Run) {
    let mut seen = texts(&sandbox.path("semtest-results"));
    assert!(seen.len() >= 5 * 2, "{seen:?}");
    seen.extend([run.stdout.clone(), run.stderr.clone()]);
    for text in &seen {
        for form in FORMS {
            assert!(!text.contains(form), "{form} in:\n{text}");
        }
    }
    let redacted = seen
        .iter()
        .filter(|text| text.contains("[redacted MY_LLM]"));
    assert!(redacted.count() >= 4, "{seen:?}");
}

#[test]
fn a_secret_in_a_verdict_reaches_no_sink() {
    for form in ["raw", "base64", "url", "json", "hex", "hidden"] {
        let sandbox = leaking(&["leak", "MY_LLM", form]);
        let run = run(&sandbox, "MY_LLM").exits(1);
        assert_clean(&sandbox, &run);
        assert_eq!(sandbox.results()["tests"][0]["status"], "fail", "{form}");
    }
}

#[test]
fn a_secret_in_an_error_reaches_no_sink() {
    for form in ["raw", "base64", "url", "json", "hex"] {
        let sandbox = leaking(&["leak-error", "MY_LLM", form]);
        let run = run(&sandbox, "MY_LLM").exits(2).says("exit code 3");
        assert_clean(&sandbox, &run);
    }
}

#[test]
fn a_secret_in_an_answer_that_nobody_can_read_reaches_no_sink() {
    let sandbox = leaking(&["leak-prose", "MY_LLM", "raw"]);
    let run = run(&sandbox, "MY_LLM").exits(2).says("could not parse");
    assert_clean(&sandbox, &run);
}

#[test]
fn a_secret_of_the_pipeline_is_none_of_the_agents_and_hidden_all_the_same() {
    let sandbox = Sandbox::new().file("a.spec.md", &format!("# Says {KEY}\n\nTrue.\n"));
    sandbox.configure(&["garbage"], &json!({}));
    let run = run(&sandbox, "GITHUB_TOKEN")
        .exits(2)
        .says("[redacted GITHUB_TOKEN]");
    for text in texts(&sandbox.path("semtest-results")) {
        assert!(!text.contains("Xy7/Qw"), "{text}");
    }
    assert!(!run.stdout.contains("Xy7/Qw"));
}

#[test]
fn an_error_before_the_run_hides_secrets_too() {
    let sandbox = Sandbox::new();
    for arguments in [
        &["run", "--config", KEY][..],
        &["run", KEY],
        &["run", "--llm", KEY],
        &["-C", KEY, "run"],
        &["run", "--timeout", KEY],
        &["run", "--tag=x", "--junit=latest.md", "--output", KEY],
    ] {
        let run = finish(sandbox.command(arguments).env("MY_SECRET", KEY));
        assert_eq!(run.code, Some(2), "{arguments:?}");
        let said = run.stdout + &run.stderr;
        assert!(!said.contains("Xy7/Qw"), "{said}");
    }
}

#[test]
fn a_secret_that_lies_across_the_cut_of_a_long_output_reaches_no_sink() {
    let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
    // The first and the last 4 MiB are kept, and both cuts go through the secret.
    let script = "cat > /dev/null; fill() { head -c $1 /dev/zero | tr '\\0' $2; }; \
        fill 4194290 x; printf %s \"$MY_LLM\"; fill 999 y; printf %s \"$MY_LLM\"; fill 4194284 z";
    let agent = json!({"command": "sh", "args": ["-c", script], "passEnv": ["MY_LLM"]});
    let config = json!({"llm": "mine", "agents": {"mine": agent}});
    sandbox.write("semtest.config.json", config.to_string().as_bytes());
    run(&sandbox, "MY_LLM").exits(2);
    let record = sandbox.read("semtest-results/debug/a.spec.md.json");
    assert_eq!(record.matches("[redacted MY_LLM]").count(), 2);
    for part in ["sk-ant", "YmFy&IQ"] {
        assert!(!record.contains(part), "{part}");
    }
}

#[test]
fn a_redaction_changes_no_verdict() {
    // The value of the variable is a word that every verdict has.
    let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
    let agent = json!({"command": fake_agent(), "args": ["answer"]});
    let config = json!({"llm": "mine", "agents": {"mine": agent}});
    sandbox.write("semtest.config.json", config.to_string().as_bytes());
    let mut command = sandbox.command(&["run", "--debug"]);
    finish(command.env("MY_TOKEN", r#""status":"pass""#)).exits(0);
    assert!(
        sandbox
            .read("semtest-results/debug/a.spec.md.json")
            .contains("[redacted MY_TOKEN]")
    );
}
