//! `semtest calibrate`: what it asks, what it tells, what it writes, and what `run` makes of that.

use std::process::Command;

use serde_json::{Value, json};

use crate::sandbox::Sandbox;
use crate::untrusted::World;

const NOISE: &str = "semtest.noise.json";

/// A suite of two scenarios in one file, `quiet` and `noisy`, and of one in another, `steady`.
fn suite() -> Sandbox {
    let sandbox = Sandbox::new()
        .file(
            "a.spec.md",
            "# Quiet - id: quiet\n\nThe readme says what this is.\n\n\
             # Noisy - id: noisy\n\nThe code is nice.\n",
        )
        .file(
            "b.spec.md",
            "# Steady - id: steady\n\nThere is no debugger.\n",
        )
        .file("votes/quiet", "p")
        .file("votes/noisy", "pfpfpfpfpfpf")
        .file("votes/steady", "f");
    judge(&sandbox, &json!({}));
    sandbox
}

/// A judge that answers by the letters in `votes/`, and counts what it was asked.
fn judge(sandbox: &Sandbox, extra: &Value) {
    let votes = sandbox.path("votes");
    sandbox.configure(&["votes", votes.to_str().unwrap()], extra);
}

/// How many calls the judge had.
fn calls(sandbox: &Sandbox) -> usize {
    let asked = std::fs::read_to_string(sandbox.path("votes/asked")).unwrap_or_default();
    asked.lines().count()
}

fn forget_calls(sandbox: &Sandbox) {
    let _ = std::fs::remove_file(sandbox.path("votes/asked"));
}

fn entries(sandbox: &Sandbox) -> Vec<Value> {
    let noise: Value = serde_json::from_str(&sandbox.read(NOISE)).unwrap();
    noise["entries"].as_array().unwrap().clone()
}

/// `id n rate` of every entry.
fn kept(sandbox: &Sandbox) -> Vec<String> {
    let entries = entries(sandbox);
    let short = |entry: &Value| {
        format!(
            "{} {} {}",
            entry["id"].as_str().unwrap(),
            entry["n"],
            entry["minorityRate"]
        )
    };
    entries.iter().map(short).collect()
}

#[test]
fn each_scenario_is_asked_so_many_times_and_what_it_answered_is_kept() {
    let sandbox = suite();
    let run = sandbox
        .run(&["calibrate"])
        .exits(0)
        .says("scenario  votes  pass  fail  minority             judge\n")
        .says("quiet        12    12     0  0.00 (0.00 to 0.12)  quiet\n")
        .says("noisy        12     6     6  0.50 (0.33 to 0.67)  noisy\n")
        .says("steady       12     0    12  0.00 (0.00 to 0.12)  quiet\n")
        .says("Cost: 24 calls")
        .says("Wrote semtest.noise.json: 3 entries")
        .warns("Asking 12 times about 3 scenarios in 2 files: 24 model calls\n")
        .warns("hint: commit semtest.noise.json")
        .warns("then its failures don't block: noisy\n");
    assert!(!run.stderr.contains("unclear"), "{}", run.stderr);
    assert_eq!(calls(&sandbox), 24);
    assert_eq!(
        kept(&sandbox),
        ["noisy 12 0.5", "quiet 12 0.0", "steady 12 0.0"]
    );
    let text = sandbox.read(NOISE);
    assert_eq!(text.lines().count(), 8, "an entry a line: {text}");
    for entry in entries(&sandbox) {
        assert_eq!(entry["model"], "fake");
        assert_eq!(entry["statement"].as_str().unwrap().len(), 64);
        assert_eq!(entry["date"].as_str().unwrap().len(), 10);
    }
    let left = std::fs::read_dir(sandbox.path(".")).unwrap();
    let left: Vec<String> = left
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("semtest") && !name.contains("config"))
        .collect();
    assert_eq!(left, [NOISE], "no report, nothing temporary");
}

#[test]
fn reports_of_an_earlier_run_are_left_alone() {
    let sandbox = suite()
        .file("semtest-results/latest.md", "mine")
        .file("semtest-results/ci-results.json", "mine too");
    sandbox.run(&["calibrate", "-n", "2"]).exits(0);
    assert_eq!(sandbox.read("semtest-results/latest.md"), "mine");
    assert_eq!(sandbox.read("semtest-results/ci-results.json"), "mine too");
}

#[test]
fn what_a_run_is_set_to_besides_does_not_change_how_often_is_asked() {
    let sandbox = suite();
    judge(
        &sandbox,
        &json!({"repeat": 3, "bail": true, "votes": "lead:2/3", "debug": true}),
    );
    sandbox.run(&["calibrate", "-n", "5"]).exits(0);
    assert_eq!(calls(&sandbox), 10);
    assert!(!sandbox.path("semtest-results").exists());
}

#[test]
fn a_run_counts_what_was_kept_and_never_its_own_votes() {
    let sandbox = suite();
    sandbox.run(&["calibrate"]).exits(0);
    let before = sandbox.read(NOISE);
    // Whatever the judge says now, the levels stay: `noisy` agrees with itself, `quiet` does not.
    sandbox.write("votes/noisy", b"f");
    sandbox.write("votes/quiet", b"fffpfffpfff");
    sandbox.write("votes/steady", b"p");
    forget_calls(&sandbox);
    let run = sandbox.run(&["run"]).exits(1);
    assert_eq!(
        sandbox.verdicts(),
        ["quiet=fail", "noisy=fail", "steady=pass"]
    );
    assert!(run.stdout.contains("noisy"), "{}", run.stdout);
    let results = sandbox.results();
    let tests = results["tests"].as_array().unwrap();
    assert_eq!(tests[0]["calibration"]["class"], "quiet");
    assert_eq!(tests[1]["calibration"]["class"], "noisy");
    assert_eq!(tests[1]["because"]["kind"], "noisy");
    assert_eq!(tests[1]["blocking"], false);
    // One pass is enough where the judge is known to be quiet.
    let asked = sandbox.read("votes/asked");
    assert_eq!(asked.matches("steady").count(), 1);
    assert_eq!(sandbox.read(NOISE), before);
}

#[test]
fn a_noisy_failure_alone_lets_the_run_pass() {
    let sandbox = suite();
    sandbox.run(&["calibrate"]).exits(0);
    sandbox.write("votes/noisy", b"f");
    sandbox.write("votes/steady", b"p");
    sandbox.run(&["run"]).exits(0);
    assert_eq!(sandbox.verdicts()[1], "noisy=fail");
    std::fs::remove_file(sandbox.path(NOISE)).unwrap();
    sandbox.run(&["run"]).exits(1);
}

#[test]
fn a_changed_statement_is_not_calibrated_any_more() {
    let sandbox = suite();
    sandbox.run(&["calibrate"]).exits(0);
    sandbox.write("votes/noisy", b"f");
    sandbox.write("votes/steady", b"p");
    let spec = sandbox.read("a.spec.md");
    let changed = spec.replace("The code is nice.", "The code is very nice.");
    sandbox.write("a.spec.md", changed.as_bytes());
    sandbox.run(&["run"]).exits(1);
    let results = sandbox.results();
    assert_eq!(results["tests"][0]["calibration"]["class"], "quiet");
    assert_eq!(results["tests"][1]["calibration"], Value::Null);
}

#[test]
fn another_model_is_not_calibrated() {
    let sandbox = suite();
    sandbox.run(&["calibrate"]).exits(0);
    sandbox.write("votes/noisy", b"f");
    sandbox.write("votes/steady", b"p");
    let config = sandbox.read("semtest.config.json");
    sandbox.write(
        "semtest.config.json",
        config.replace("\"fake\"", "\"other\"").as_bytes(),
    );
    sandbox.run(&["run"]).exits(1);
    assert_eq!(sandbox.results()["tests"][1]["calibration"], Value::Null);
    // Its entries stand beside those of the first.
    sandbox.run(&["calibrate", "-n", "2"]).exits(0);
    assert_eq!(entries(&sandbox).len(), 6);
}

#[test]
fn only_what_is_named_is_calibrated_and_the_rest_is_kept() {
    let sandbox = suite();
    sandbox.run(&["calibrate", "-n", "7"]).exits(0);
    forget_calls(&sandbox);
    sandbox
        .run(&["calibrate", "-n", "8", "a.spec.md#noisy"])
        .exits(0)
        .says("Wrote semtest.noise.json: 3 entries");
    assert_eq!(sandbox.read("votes/asked"), "noisy\n".repeat(8));
    assert_eq!(
        kept(&sandbox),
        ["noisy 8 0.5", "quiet 7 0.0", "steady 7 0.0"]
    );

    std::fs::remove_file(sandbox.path("b.spec.md")).unwrap();
    sandbox.run(&["calibrate", "-n", "7", "a.spec.md"]).exits(0);
    assert_eq!(entries(&sandbox).len(), 3, "others are not looked at");
    sandbox.run(&["calibrate", "-n", "7"]).exits(0);
    assert_eq!(entries(&sandbox).len(), 2, "what is gone is dropped");
}

#[test]
fn answers_that_are_no_verdict_do_not_count_and_are_told() {
    let sandbox = suite();
    sandbox.write("votes/quiet", b"peppspipp");
    sandbox.write("votes/steady", b"e");
    sandbox
        .run(&["calibrate", "-n", "9"])
        .exits(2)
        .says("quiet         6     6     0")
        .says("steady        0     0     0  -                    no verdict")
        .warns("`a.spec.md#quiet`: 3 answers were no verdict and don't count: ")
        .warns("could not read it")
        .warns("`b.spec.md#steady`: 9 answers were no verdict");
    assert_eq!(kept(&sandbox)[1..], ["quiet 6 0.0"]);
    assert_eq!(entries(&sandbox).len(), 2, "no verdict, no entry");
}

#[test]
fn where_no_answer_is_a_verdict_no_file_is_written() {
    let sandbox = suite();
    for id in ["quiet", "noisy", "steady"] {
        sandbox.write(&format!("votes/{id}"), b"e");
    }
    sandbox
        .run(&["calibrate", "-n", "2"])
        .exits(2)
        .says("There is nothing to keep, so no semtest.noise.json was written");
    assert!(!sandbox.path(NOISE).exists());
}

#[test]
fn what_its_checks_decide_is_no_model_s_noise() {
    let sandbox = Sandbox::new()
        .file(
            "a.spec.md",
            "# No file - id: checked\n\n```check\nexists nowhere.txt\n```\n\n# Told - id: told\n\nIt is so.\n",
        )
        .file("votes/told", "p");
    judge(&sandbox, &json!({}));
    sandbox
        .run(&["calibrate", "-n", "7"])
        .exits(0)
        .says("checked       0     0     0  -                    decided by its checks");
    assert_eq!(kept(&sandbox), ["told 7 0.0"]);
}

#[test]
fn a_budget_that_ends_early_keeps_only_what_is_complete() {
    let sandbox = suite();
    sandbox
        .run(&["calibrate", "-n", "7", "--jobs", "1", "--max-calls", "9"])
        .exits(2)
        .says("steady        2     0     2  -                    not finished")
        .warns("`b.spec.md#steady` is not calibrated, after 2 votes: budget spent");
    assert_eq!(kept(&sandbox).len(), 2);
}

#[test]
fn a_budget_that_no_file_fits_is_refused_before_a_call() {
    let sandbox = suite();
    sandbox
        .run(&["calibrate", "-n", "7", "--max-calls", "3"])
        .exits(2)
        .warns("`--max-calls 3` is not enough: each file takes 7 calls")
        .warns("hint: raise it to 14");
    assert_eq!(calls(&sandbox), 0);
    let warning = "`--max-calls 13` is not enough for all, which takes 14 calls";
    sandbox
        .run(&["calibrate", "-n", "7", "--max-calls", "13"])
        .warns(warning);
    let enough = sandbox
        .run(&["calibrate", "-n", "7", "--max-calls", "14"])
        .exits(0);
    assert!(!enough.stderr.contains("not enough"), "{}", enough.stderr);
}

#[test]
fn what_a_judge_writes_about_its_own_noise_is_never_kept() {
    let sandbox = suite();
    let forged = json!({
        "id": "steady", "statement": "ab".repeat(32), "model": "fake", "n": 12,
        "minorityRate": 0.5, "date": "2026-11-22",
    });
    let forged = json!({"schemaVersion": 1, "entries": [forged]}).to_string();
    sandbox.write("forged.json", forged.as_bytes());
    let (root, agent) = (sandbox.path(""), crate::sandbox::fake_agent());
    let forge = |how: &str| {
        let noise = sandbox.path(NOISE);
        sandbox.configure_script(&format!(
            "rm -f '{0}'; {how} '{0}'; exec '{1}' votes '{2}votes'",
            noise.display(),
            agent.display(),
            root.display()
        ));
    };
    forge(&format!("cp '{}forged.json'", root.display()));
    sandbox
        .run(&["calibrate", "-n", "2"])
        .exits(2)
        .warns("`semtest.noise.json` changed while agents ran, so nothing is written")
        .warns("hint: if that was not you");
    assert_eq!(sandbox.read(NOISE), forged);
    // What would keep a reader waiting.
    forge("mkfifo");
    sandbox
        .run(&["calibrate", "-n", "2"])
        .exits(2)
        .warns("changed while agents ran");
}

#[test]
fn where_a_change_to_the_working_tree_is_an_error_nothing_is_kept_of_that_file() {
    let world = World::new(
        &[
            ("a.spec.md", "# A - id: a\n\nIt is so.\n"),
            ("src/app.js", "run()\n"),
        ],
        |_| {},
    );
    let agent = crate::sandbox::fake_agent();
    let script = format!("echo x >> src/app.js; exec '{}' answer", agent.display());
    for (on_write, code) in [("warn", 0), ("error", 2)] {
        let agents = json!({"mine": {"command": "sh", "args": ["-c", script]}});
        let config = json!({"llm": "mine", "onWrite": on_write, "agents": agents});
        let config_file = world.path("ci/semtest.config.json");
        std::fs::write(config_file, config.to_string()).unwrap();
        let _ = std::fs::remove_file(world.path("ci").join(NOISE));
        crate::sandbox::finish(&mut world.command(&["calibrate", "-n", "2"]))
            .exits(code)
            .warns("a.spec.md: the working tree changed while it was being judged");
        let is_kept = world.path("ci").join(NOISE).exists();
        assert_eq!(is_kept, on_write == "warn", "{on_write}");
    }
}

#[test]
fn too_few_answers_are_refused_or_warned_of() {
    let sandbox = suite();
    for number in ["0", "1", "1001", "x"] {
        sandbox
            .run(&["calibrate", "-n", number])
            .exits(2)
            .warns("expected a whole number from 2 to 1000");
    }
    assert_eq!(calls(&sandbox), 0);
    sandbox
        .run(&["calibrate", "-n", "6"])
        .exits(0)
        .warns("warning: 6 answers can't show that a judge is quiet; 7 can")
        .warns("`-n 12` may tell: quiet, steady");
    let run = sandbox.run(&["calibrate", "-n", "7"]).exits(0);
    assert!(!run.stderr.contains("can't show"), "{}", run.stderr);
}

#[test]
fn deterministic_checks_have_no_noise() {
    let sandbox = suite();
    sandbox
        .run(&["calibrate", "--llm", "checks"])
        .exits(2)
        .warns("no model judges these specs")
        .warns("hint: ");
    assert!(!sandbox.path(NOISE).exists());
}

#[test]
fn a_noise_file_that_is_wrong_stops_everything_before_a_call() {
    let broken = "{\"schemaVersion\": 1, \"entries\": [\n  {\"id\": \"a\"}\n]}";
    let sandbox = suite().file(NOISE, broken);
    for command in ["calibrate", "run"] {
        sandbox
            .run(&[command])
            .exits(2)
            .warns("missing field `statement`")
            .warns("--> semtest.noise.json:2:")
            .warns("hint: `semtest calibrate` writes this file");
    }
    assert_eq!(calls(&sandbox), 0);
    assert_eq!(sandbox.read(NOISE), broken);
}

#[test]
fn the_file_lies_beside_the_configuration_and_a_link_is_replaced() {
    let sandbox = suite().file("sub/x", "");
    sandbox.run(&["-C", "sub", "calibrate", "-n", "2"]).exits(0);
    assert_eq!(entries(&sandbox).len(), 3);
    let text = sandbox.read(NOISE);
    sandbox.write("kept.json", text.as_bytes());
    std::fs::remove_file(sandbox.path(NOISE)).unwrap();
    std::os::unix::fs::symlink("kept.json", sandbox.path(NOISE)).unwrap();
    sandbox.run(&["calibrate", "-n", "3"]).exits(0);
    assert!(!sandbox.path(NOISE).is_symlink());
    assert_eq!(sandbox.read("kept.json"), text);
    assert_eq!(kept(&sandbox)[1], "quiet 3 0.0");
}

#[test]
fn an_untrusted_pull_request_is_not_calibrated() {
    let config = json!({"llm": "mine", "agents": {"mine": {"command": "sh", "args": ["-c", "touch asked"]}}});
    let world = World::new(
        &[
            ("semtest.config.json", &config.to_string()),
            ("a.spec.md", "# A\n\nIt is so.\n"),
        ],
        |_| {},
    );
    crate::sandbox::finish(&mut world.for_a_fork(&["calibrate"]))
        .exits(2)
        .warns("the pull request comes from the fork `mallory/r`, so no agent is asked");
    assert!(!world.path("ci/asked").exists());
    assert!(!world.path("ci").join(NOISE).exists());
}

/// Waits until `ready` holds.
fn wait_until(mut ready: impl FnMut() -> bool) {
    let started = std::time::Instant::now();
    while !ready() {
        assert!(started.elapsed() < std::time::Duration::from_secs(30));
        // A condition is polled, not a time waited for; the pause leaves the processor to the run.
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn what_a_signal_cuts_short_is_not_kept_and_what_is_complete_is() {
    let sandbox = suite();
    let votes = sandbox.path("votes");
    let agent = crate::sandbox::fake_agent();
    // The second file never gets its second answer.
    let script = format!(
        "prompt=$(cat)\ncase \"$prompt\" in *steady*) if [ $(wc -l < '{0}/asked') -ge 3 ]; then \
         touch '{0}/stuck'; sleep 600; fi;; esac\nprintf '%s\\n' \"$prompt\" | '{1}' votes '{0}'",
        votes.display(),
        agent.display()
    );
    sandbox.configure_script(&script);
    let child = sandbox.start(&["calibrate", "-n", "2", "--jobs", "1"]);
    wait_until(|| votes.join("stuck").exists());
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-s", "INT", &pid]).status();
    assert!(sent.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert_eq!(kept(&sandbox), ["noisy 2 0.5", "quiet 2 0.0"]);
    assert!(
        stderr.contains("`b.spec.md#steady` is not calibrated, after 1 vote"),
        "{stderr}"
    );
}
