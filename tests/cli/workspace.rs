//! What an agent does to the working tree, and what is said about it.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::sandbox::{STATEMENT, Sandbox};

/// Answers that the scenario passes.
const PASS: &str = r#"echo '[{"id":"a","status":"pass"}]'"#;

fn git(sandbox: &Sandbox, arguments: &[&str]) {
    let done = Command::new("git")
        .args(["-c", "user.name=n", "-c", "user.email=e"])
        .args(arguments)
        .current_dir(sandbox.path(""))
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
}

/// A repository with a commit, one changed file and one ignored directory, whose judge is `script`.
fn repository(script: &str) -> Sandbox {
    let sandbox = Sandbox::new()
        .file("a.spec.md", STATEMENT)
        .file("tracked.txt", "1\n")
        .file("dirty.txt", "1\n")
        .file(".gitignore", "ignored/\n");
    sandbox.configure_script(&format!("cat > /dev/null; {script}"));
    git(&sandbox, &["init", "--quiet"]);
    git(&sandbox, &["add", "."]);
    git(&sandbox, &["commit", "--quiet", "-m", "m"]);
    sandbox
        .file("dirty.txt", "2\n")
        .file("untracked.txt", "1\n")
}

fn issues(sandbox: &Sandbox) -> Vec<String> {
    let results = sandbox.results();
    let issues = results["issues"].as_array().cloned();
    let text = |issue: &Value| {
        assert_eq!(issue["kind"], "workspace-changed", "{issue}");
        issue["message"].as_str().unwrap().to_owned()
    };
    issues.unwrap_or_default().iter().map(text).collect()
}

#[test]
fn what_an_agent_writes_is_named_and_stays() {
    let cases = [
        ("echo 2 >> tracked.txt", "`tracked.txt`"),
        ("echo 3 > dirty.txt", "`dirty.txt`"),
        (
            "echo 3 > untracked.txt; touch -d 2001-01-01 untracked.txt",
            "`untracked.txt`",
        ),
        ("mkdir -p new; echo 1 > 'new/a file'", "`new/a file`"),
        ("rm tracked.txt", "`tracked.txt`"),
        (
            "git -c user.name=n -c user.email=e commit --quiet --allow-empty -m x",
            "another commit",
        ),
        ("git checkout --quiet -b other", "another commit or branch"),
        (
            "echo 'touch ran' > .git/hooks/post-checkout",
            "`.git/hooks/post-checkout`",
        ),
        ("git config core.pager 'touch ran'", "`.git/config`"),
        (
            "echo '*.txt' > .git/info/exclude; rm -rf untracked.txt",
            "`.git/info/exclude`",
        ),
    ];
    for (script, named) in cases {
        let sandbox = repository(&format!("{script}; {PASS}"));
        sandbox
            .run(&["run"])
            .exits(0)
            .says("workspace-changed a.spec.md: the working tree changed while")
            .says(named);
        assert_eq!(issues(&sandbox).len(), 1, "{script}");
        assert_eq!(sandbox.verdicts(), ["a=pass"], "{script}");
    }
    let sandbox = repository(&format!("echo 3 > tracked.txt; {PASS}"));
    sandbox
        .run(&["run", "--strict", "--skip-validation"])
        .exits(2);
    assert_eq!(sandbox.read("tracked.txt"), "3\n");
}

#[test]
fn an_agent_that_only_reads_or_writes_what_git_ignores_is_fine() {
    let sandbox = repository(&format!(
        "cat *.txt > /dev/null; git status > /dev/null; mkdir -p ignored; date > ignored/x; {PASS}"
    ));
    for arguments in [
        &["run", "--strict", "--on-write", "error"][..],
        &[
            "run",
            "--strict",
            "--on-write",
            "error",
            "--debug",
            "--junit",
        ],
        &[
            "run",
            "--strict",
            "--on-write=error",
            "--output=.",
            "--debug",
            "--timestamp",
        ],
        &[
            "run",
            "--strict",
            "--on-write=error",
            "--junit=reports/x.xml",
        ],
    ] {
        sandbox.run(arguments).exits(0);
    }
}

#[test]
fn a_verdict_that_was_found_in_a_changed_tree_can_be_made_an_error() {
    let sandbox = repository(&format!("echo 2 >> tracked.txt; {PASS}"));
    sandbox
        .run(&["run", "--on-write", "error"])
        .exits(2)
        .says("ERROR a.spec.md#a")
        .says("changed while it was being judged: `tracked.txt`");
    assert_eq!(sandbox.verdicts(), ["a=error"]);
    assert!(issues(&sandbox).is_empty());
}

#[test]
fn a_call_that_timed_out_or_failed_is_looked_at_too() {
    let sandbox = repository("echo 2 >> tracked.txt; exec sleep 60");
    sandbox
        .run(&["run", "--timeout", "2s"])
        .exits(2)
        .says("`tracked.txt`");
    let sandbox = repository("echo 2 >> tracked.txt; exit 3");
    sandbox
        .run(&["run", "--on-write", "error"])
        .exits(2)
        .says("`tracked.txt`")
        .says("exit code 3");
}

#[test]
fn an_interrupted_call_is_looked_at_too() {
    let sandbox = repository("echo 2 >> tracked.txt; exec sleep 60");
    let child = sandbox.start(&["run"]);
    let deadline = Instant::now() + Duration::from_secs(30);
    while sandbox.read("tracked.txt") == "1\n" {
        assert!(Instant::now() < deadline, "the agent did not start");
        std::thread::sleep(Duration::from_millis(5));
    }
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(issues(&sandbox)[0].contains("`tracked.txt`"));
}

/// A `git` that does `script` for `git status` once `file` is there, and is git otherwise.
fn install_git(sandbox: &Sandbox, file: &str, script: &str) {
    let file = sandbox.path(file);
    let text = format!(
        "#!/bin/sh\ncase \"$*\" in *status*) [ ! -e '{}' ] || {{ {script}; }};; esac\n\
         exec /usr/bin/git \"$@\"\n",
        file.display()
    );
    sandbox.install_script("git", &text);
}

#[test]
fn a_slow_look_does_not_hold_an_interrupted_run_up() {
    let sandbox = repository("touch ready; exec sleep 60").file("b.spec.md", STATEMENT);
    install_git(&sandbox, "ready", "exec sleep 60");
    let mut command = sandbox.command(&["run", "--jobs", "2"]);
    let mut child = command
        .env("PATH", sandbox.tool_path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while !sandbox.path("ready").exists() {
        assert!(Instant::now() < deadline, "the agent did not start");
        std::thread::sleep(Duration::from_millis(5));
    }
    let cancelled = Instant::now();
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(cancelled.elapsed() < Duration::from_secs(5));
    let told = issues(&sandbox);
    assert!(!told.is_empty());
    let unknown = "can't tell whether the working tree changed";
    assert!(told.iter().all(|issue| issue.contains(unknown)), "{told:?}");
}

#[test]
fn a_git_that_does_not_tell_is_named_and_no_repository_is_not() {
    let sandbox = repository(PASS);
    install_git(&sandbox, "a.spec.md", "echo nonsense; exit 0");
    sandbox
        .run_with_tools(&["run"])
        .exits(0)
        .warns("changes to the working tree can't be noticed")
        .warns("git's answer");
    sandbox
        .run_with_tools(&["run", "--on-write=error"])
        .exits(2)
        .warns("git's answer");
    let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
    sandbox.configure_script(&format!("cat > /dev/null; {PASS}"));
    let run = sandbox.run(&["run"]).exits(0);
    assert!(!run.stderr.contains("noticed"), "{}", run.stderr);
}

#[test]
fn what_a_tool_leaves_while_another_call_runs_is_nobodys_work() {
    let sandbox = repository("exit 1").file("b.spec.md", STATEMENT);
    // The call for `a` ends while that for `b` still uses the cache.
    let script = "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 1.2.3; exit; fi\n\
                  mkdir -p .aider.tags.cache.v4 ignored; touch .aider.tags.cache.v4/part\n\
                  for file in \"$@\"; do\n\
                  [ -f \"$file\" ] && grep -q '\\[\"b\"\\]' \"$file\" && touch ignored/b && wait_for=go\n\
                  done\n\
                  while [ ! -e \"ignored/${wait_for:-b}\" ]; do sleep 0.02; done\n\
                  exit 1\n";
    sandbox.install_script("aider", script);
    let mut command = sandbox.command(&["run", "--llm=aider:openai/m", "--jobs=2"]);
    let mut child = command
        .env("PATH", sandbox.tool_path())
        .env("OPENAI_API_KEY", "k")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    let first = lines
        .by_ref()
        .map(Result::unwrap)
        .find(|line| line.contains(".spec.md"));
    assert!(first.is_some(), "the first file was not announced");
    sandbox.write("ignored/go", b"");
    assert!(lines.count() > 0);
    child.wait().unwrap();
    assert!(issues(&sandbox).is_empty(), "{:?}", issues(&sandbox));
}

#[test]
fn what_a_planted_configuration_names_is_never_run() {
    let plant = "git config filter.x.clean 'touch ran; cat'; git config core.fsmonitor 'touch ran'; \
         echo '* filter=x' > .git/info/attributes; touch *.txt";
    let sandbox = repository(&format!("{plant}; {PASS}")).file("b.spec.md", STATEMENT);
    sandbox
        .run(&["run", "--jobs", "1"])
        .exits(0)
        .says("before you use git again")
        .says("workspace-changed b.spec.md");
    assert!(!sandbox.path("ran").exists());
}

#[test]
fn a_change_is_put_down_to_the_file_that_was_judged_then() {
    let script = format!("[ -e ignored ] || echo 2 >> tracked.txt; mkdir -p ignored; {PASS}");
    let sandbox = repository(&script).file("b.spec.md", STATEMENT);
    sandbox.run(&["run", "--jobs", "1"]).exits(0);
    let paths: Vec<Value> = sandbox.results()["issues"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|issue| issue["kind"] == "workspace-changed")
        .map(|issue| issue["path"].clone())
        .collect();
    assert_eq!(paths, ["a.spec.md"]);
}

#[test]
fn where_nobody_can_look_an_error_is_promised_in_vain_and_said_before_anything_is_paid() {
    let sandbox = Sandbox::new().file("a.spec.md", STATEMENT);
    sandbox.configure_script(&format!("cat > /dev/null; touch called; {PASS}"));
    sandbox
        .run(&["run", "--on-write", "error"])
        .exits(2)
        .warns("not a git repository")
        .warns("hint: run in a git checkout");
    assert!(!sandbox.path("called").exists());
    sandbox.run(&["run", "--strict"]).exits(0);
    // Without a model there is nobody to watch.
    sandbox
        .run(&["run", "--on-write=error", "--llm=checks", "--allow-empty"])
        .exits(0);
}
