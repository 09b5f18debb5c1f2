//! How many answers make a verdict, and what they come to.

use serde_json::{Value, json};

use crate::sandbox::{Run, Sandbox, fake_agent, finish};

const TWO: &str = "# S\n\n## One\n\nx\n\n## Two\n\ny\n";

/// A project with the scenarios of `scripts` in `a.spec.md`, whose judge answers by their letters: see
/// the mode `votes` of the fake agent.
fn voted(votes: &Value, scripts: &[(&str, &str)]) -> Sandbox {
    let sections: Vec<String> = scripts
        .iter()
        .map(|(id, _)| format!("## Title - id: {id}\n\nx\n"))
        .collect();
    let sandbox = Sandbox::new().file("a.spec.md", &format!("# S\n\n{}", sections.join("\n")));
    script(&sandbox, votes, scripts);
    sandbox
}

fn script(sandbox: &Sandbox, votes: &Value, scripts: &[(&str, &str)]) {
    for (id, letters) in scripts {
        sandbox.write(&format!("votes/{id}"), letters.as_bytes());
    }
    let directory = sandbox.path("votes");
    let mode = ["votes", directory.to_str().unwrap()];
    sandbox.configure(&mode, &json!({"votes": votes}));
}

/// The ids that each call asked for.
fn asked(sandbox: &Sandbox) -> Vec<String> {
    let log = std::fs::read_to_string(sandbox.path("votes/asked")).unwrap_or_default();
    log.lines().map(ToOwned::to_owned).collect()
}

/// The first result of a run.
fn first(sandbox: &Sandbox) -> Value {
    sandbox.results()["tests"][0].clone()
}

/// How one scenario ends under `votes`, after how many calls.
fn ends(votes: &str, letters: &str) -> (Run, Value, usize) {
    let sandbox = voted(&json!(votes), &[("one", letters)]);
    let run = sandbox.run(&["run"]);
    let calls = asked(&sandbox).len();
    (run, first(&sandbox), calls)
}

#[test]
fn a_plain_run_asks_until_a_verdict_leads_by_two() {
    for (letters, code, calls) in [("p", 0, 2), ("f", 1, 2), ("pfp", 0, 4), ("fpfpff", 1, 6)] {
        let sandbox = voted(&json!("auto"), &[("one", letters)]);
        let directory = sandbox.path("votes");
        let agent = json!({"command": fake_agent(), "args": ["votes", directory]});
        let config = json!({"llm": "fake", "agents": {"fake": agent}});
        sandbox.write("semtest.config.json", config.to_string().as_bytes());
        sandbox
            .run(&["run"])
            .exits(code)
            .warns("vote 2 on 1 scenario");
        assert_eq!(asked(&sandbox).len(), calls, "{letters}");
    }
}

#[test]
fn a_further_call_asks_only_for_the_scenarios_still_open() {
    let scripts = [("one", "p"), ("two", "pfff"), ("three", "pfp")];
    let sandbox = voted(&json!("lead:2/7"), &scripts);
    sandbox
        .run(&["run"])
        .exits(1)
        .warns("vote 3 on 2 scenarios");
    let expected = ["one two three", "one two three", "two three", "two three"];
    assert_eq!(asked(&sandbox), expected);
    let verdicts = ["one=pass", "two=fail", "three=pass"];
    assert_eq!(sandbox.verdicts(), verdicts);
}

#[test]
fn a_violation_confirmed_four_to_one_blocks() {
    for votes in ["lead:3/11", "confirm:3/11"] {
        let (run, result, calls) = ends(votes, "fpfff");
        run.exits(1);
        assert_eq!(
            (result["status"].as_str(), calls),
            (Some("fail"), 5),
            "{votes}"
        );
    }
}

#[test]
fn votes_that_are_used_up_leave_a_statement_undecided() {
    let (run, result, calls) = ends("lead:2/7", "pfpfpfp");
    run.exits(2);
    assert_eq!(result["status"], "error");
    assert_eq!(result["error"], "undecided (4 pass, 3 fail)");
    assert_eq!(calls, 7);
    let (run, result, _) = ends("confirm:3/4", "fpff");
    run.exits(2);
    assert_eq!(result["error"], "undecided (1 pass, 3 fail)");
}

#[test]
fn what_a_failing_vote_saw_is_told_where_there_is_no_verdict() {
    let advice = "reword the statement, or see how noisy it is with `semtest calibrate`";
    for (letters, vote, is_undecided) in [
        ("pbpfpfp", "vote 4", true),
        ("bx", "vote 1", false),
        ("bfe", "vote 2", false),
        ("bs", "vote 1", false),
        ("px", "", false),
    ] {
        let sandbox = voted(&json!("lead:3/7"), &[("one", letters)]);
        let run = sandbox.run(&["run"]);
        let page = sandbox.read("semtest-results/latest.md");
        let (label, in_page) = (
            "observed by a failing vote: ",
            "- **Observed by a failing vote:** ",
        );
        let shown = [run.stdout.contains(label), page.contains(in_page)];
        assert_eq!(shown, [!vote.is_empty(); 2], "{letters}\n{page}");
        if !vote.is_empty() {
            assert!(
                page.contains(&format!("{in_page}seen by {vote}\n")),
                "{page}"
            );
            let line = format!("{label}seen by {vote}\n");
            assert!(run.stdout.contains(&line), "{}", run.stdout);
        }
        let advised = [run.stdout.contains(advice), page.contains(advice)];
        assert_eq!(advised, [is_undecided; 2], "{letters}\n{page}");
        run.exits(2);
    }
}

#[test]
fn a_pass_against_a_failing_vote_shows_its_tally() {
    let scripts = [("one", "p"), ("two", "pfpp")];
    let sandbox = voted(&json!("lead:2/7"), &scripts);
    for (arguments, is_apart) in [(&["run"][..], true), (&["run", "--include-passing"], false)] {
        sandbox.run(arguments).exits(0);
        let page = sandbox.read("semtest-results/latest.md");
        assert_eq!(page.contains("## Contested"), is_apart, "{page}");
        assert_eq!(page.matches("votes: ").count(), 1, "{page}");
        assert!(
            page.contains("(`a.spec.md:7`): votes: 3 pass, 1 fail"),
            "{page}"
        );
        std::fs::remove_file(sandbox.path("votes/asked")).unwrap();
    }
}

#[test]
fn under_confirm_a_first_pass_is_the_verdict_and_a_first_failure_is_not() {
    for (letters, code, calls) in [("pf", 0, 1), ("fpp", 0, 3), ("f", 1, 3)] {
        let (run, _, made) = ends("confirm:3/11", letters);
        run.exits(code);
        assert_eq!(made, calls, "{letters}");
    }
}

#[test]
fn an_answer_without_a_verdict_ends_the_votes_and_hides_none() {
    let votes = "after 0 pass, 1 fail: ";
    for (letters, status, message, calls) in [
        ("e", "error", "could not read it", 1),
        ("i", "invalid", "no statement", 2),
        ("x", "error", "exit code 3", 1),
        ("fe", "error", "fail: could not read it", 2),
        (
            "if",
            "error",
            "does not know whether this can be judged: it answered invalid, then fail",
            2,
        ),
        ("is", "error", "the model answered `skip`, which", 2),
        (
            "fi",
            "error",
            "the model then called the statement invalid: no statement",
            2,
        ),
        ("fx", "error", "exit code 3 and no message", 2),
    ] {
        let (run, result, made) = ends("lead:2/7", letters);
        run.exits(2);
        assert_eq!(
            (result["status"].as_str(), made),
            (Some(status), calls),
            "{result}"
        );
        let said = result["error"].as_str().or(result["reason"].as_str());
        let said = said.unwrap();
        assert!(said.contains(message), "{said}");
        assert_eq!(said.contains(votes), letters.starts_with('f'), "{said}");
    }
}

#[test]
fn a_skip_of_the_model_hides_no_failing_vote() {
    for (letters, status) in [("s", "skip"), ("fs", "error")] {
        let sandbox = Sandbox::new().file(
            "a.spec.md",
            "---\nid: one\nmaySkip: true\nvotes: lead:2/7\n---\n# S\n\nx\n",
        );
        script(&sandbox, &json!("auto"), &[("one", letters)]);
        sandbox.run(&["run"]).exits(2);
        assert_eq!(first(&sandbox)["status"], status);
    }
}

#[test]
fn a_verdict_stays_when_a_later_call_for_others_fails() {
    let sandbox = voted(&json!("lead:2/7"), &[("one", "p"), ("two", "pfx")]);
    sandbox.run(&["run"]).exits(2);
    assert_eq!(sandbox.verdicts(), ["one=pass", "two=error"]);
}

#[test]
fn of_several_failures_the_one_is_shown_that_says_where() {
    for (letters, shown) in [("bfb", "vote 2"), ("bb", "vote 1"), ("pfbf", "vote 2")] {
        let (run, result, _) = ends("lead:2/7", letters);
        run.exits(1);
        let observed = result["observed"].as_str().unwrap();
        assert_eq!(observed, format!("seen by {shown}"), "{letters}");
    }
}

#[test]
fn flags_beat_the_frontmatter_and_that_beats_the_configuration() {
    let sandbox = voted(&json!("lead:4/9"), &[("one", "p")]);
    let calls = |arguments: &[&str]| {
        let _ = std::fs::remove_file(sandbox.path("votes/asked"));
        sandbox.run(arguments).exits(0);
        asked(&sandbox).len()
    };
    assert_eq!(calls(&["run"]), 4);
    let own = "---\nid: one\nvotes: lead:3/9\n---\n# S\n\nx\n";
    sandbox.write("a.spec.md", own.as_bytes());
    assert_eq!(calls(&["run"]), 3);
    assert_eq!(calls(&["run", "--votes", "lead:2/7"]), 2);
    assert_eq!(calls(&["run", "--votes", "1"]), 1);
}

#[test]
fn files_that_are_judged_by_two_models_keep_their_votes_apart() {
    let sandbox = Sandbox::new()
        .file("a.spec.md", "---\nid: one\n---\n# A\n\nx\n")
        .file("b.spec.md", "---\nid: one\nllm: other\n---\n# A\n\nx\n");
    let agent = |name: &str, letters: &str| {
        sandbox.write(&format!("{name}/one"), letters.as_bytes());
        json!({"command": fake_agent(), "args": ["votes", sandbox.path(name)]})
    };
    // Together they would lead by two after the first call each, or be at odds for ever.
    let agents = json!({"fake": agent("x", "fpf"), "other": agent("y", "pp")});
    let config = json!({"llm": "fake", "votes": "lead:2/7", "agents": agents});
    sandbox.write("semtest.config.json", config.to_string().as_bytes());
    sandbox.run(&["run", "--jobs", "1"]).exits(1);
    assert_eq!(sandbox.verdicts(), ["one=fail", "one=pass"]);
    let calls = |name: &str| sandbox.read(&format!("{name}/asked")).lines().count();
    assert_eq!((calls("x"), calls("y")), (4, 2));
}

#[test]
fn what_deterministic_checks_decide_is_put_to_no_vote() {
    let sandbox = Sandbox::new().file(
        "a.spec.md",
        "# S\n\n## A - id: one\n\nx\n\n## B - id: two\n\n```check\nexists nowhere\n```\n",
    );
    script(&sandbox, &json!("lead:2/7"), &[("one", "p")]);
    sandbox.run(&["run"]).exits(1);
    assert_eq!(asked(&sandbox), ["one", "one"]);
    assert_eq!(sandbox.verdicts(), ["one=pass", "two=fail"]);
}

#[test]
fn repeat_means_one_vote_a_run_and_says_so_where_votes_were_chosen() {
    let sandbox = voted(&json!("lead:2/7"), &[("one", "ppf")]);
    sandbox
        .run(&["run", "--repeat", "2"])
        .exits(0)
        .warns("`votes` (lead:2/7) does not count beside `repeat` (2)");
    assert_eq!(asked(&sandbox).len(), 2);
    let both = sandbox
        .read("semtest.config.json")
        .replacen('{', r#"{"repeat": 3, "#, 1);
    sandbox.write("semtest.config.json", both.as_bytes());
    let doctor = sandbox.run(&["doctor"]);
    doctor.says("`votes` (lead:2/7) does not count beside `repeat` (3)");
    let sandbox = voted(&json!("auto"), &[("one", "ppf")]);
    let run = sandbox.run(&["run", "--repeat", "9"]).exits(1);
    assert!(!run.stderr.contains("`votes`"), "{}", run.stderr);
    assert_eq!(asked(&sandbox).len(), 3);
    assert_eq!(first(&sandbox)["status"], "fail");
    let run = sandbox.run(&["run", "--votes", "1"]).exits(1);
    assert!(!run.stderr.contains("`votes`"), "{}", run.stderr);
}

#[test]
fn a_failure_that_does_not_block_ends_no_repeats_of_what_does() {
    let sandbox = voted(&json!("auto"), &[("soft", "fpp"), ("hard", "ppf")]);
    let soft = "## Soft - id: soft, level: warn\n\nx\n\n## Hard - id: hard\n\ny\n";
    sandbox.write("a.spec.md", soft.as_bytes());
    sandbox
        .run(&["run", "--votes", "auto", "--repeat", "3"])
        .exits(1);
    assert_eq!(asked(&sandbox), ["soft hard", "hard", "hard"]);
    let words: Vec<Value> = sandbox.results()["tests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|test| test["status"].clone())
        .collect();
    assert_eq!(words, ["fail", "fail"]);
}

#[test]
fn in_a_repeated_run_an_answer_without_a_verdict_is_what_it_is() {
    let sandbox = voted(&json!("auto"), &[("one", "pi")]);
    sandbox.run(&["run", "--repeat", "3"]).exits(2);
    assert_eq!(sandbox.verdicts(), ["one=invalid"]);
}

#[test]
fn the_plan_tells_the_fewest_and_the_most_calls() {
    let check = "# S\n\n```check\nexists a.spec.md\n```\n";
    let sandbox = voted(&json!("auto"), &[("one", "p"), ("two", "p")])
        .file("b.spec.md", check)
        .file("c.spec.md", &format!("---\nllm: checks\n---\n{check}"));
    sandbox
        .run(&["run", "--plan"])
        .exits(0)
        .says("a.spec.md · fake · one, two · 2 to 7 calls\n")
        .says("b.spec.md · fake · b · 0 to 7 calls\n")
        .says("c.spec.md · checks · c\n")
        .says("3 files, 4 scenarios, 2 to 14 model calls, 4 at once");
    sandbox
        .run(&["run", "--plan", "--votes", "1", "a.spec.md"])
        .says("one, two · 1 call\n")
        .says("1 file, 2 scenarios, 1 model call, ");
    sandbox
        .run(&["run", "--plan", "--repeat", "3", "a.spec.md"])
        .says("one, two · 1 to 3 calls\n");
}

#[test]
fn ask_takes_one_answer_unless_somebody_wants_more() {
    let sandbox = Sandbox::new();
    sandbox.write("votes/a", b"fpp");
    let agent = json!({"command": fake_agent(), "args": ["votes", sandbox.path("votes")]});
    let agents = json!({"fake": agent}).to_string();
    let ask = |statement: &str, flags: &[&str]| {
        let _ = std::fs::remove_file(sandbox.path("votes/asked"));
        let judge = ["ask", "--llm", "fake", "--agents", &agents];
        let run = sandbox.run(&[&judge, flags, &["--", statement]].concat());
        (run.code, asked(&sandbox).len())
    };
    assert_eq!(ask("A", &[]), (Some(1), 1));
    assert_eq!(ask("A", &["--votes", "lead:2/7"]), (Some(0), 4));
    assert_eq!(ask("A", &["--votes", "auto"]), (Some(0), 4));
    assert_eq!(ask("---\nvotes: lead:2/7\n---\n# A", &[]), (Some(0), 4));
    let refused = sandbox.run(&["ask", "A", "--votes", "3"]);
    refused.exits(2).warns("lead:D/CAP");
}

#[test]
fn a_judge_that_writes_at_a_later_vote_makes_an_error_of_every_verdict() {
    let outside = tempfile::tempdir().unwrap();
    let called = outside.path().join("called");
    let sandbox = Sandbox::new().file("a.spec.md", TWO);
    let write = format!(
        "mkdir '{}' 2> /dev/null || echo 1 > written.txt",
        called.display()
    );
    let answer = r#"echo '[{"id":"one","status":"pass"},{"id":"two","status":"pass"}]'"#;
    sandbox.configure_script(&format!("cat > /dev/null; {write}; {answer}"));
    let git = std::process::Command::new("git")
        .args(["init", "--quiet"])
        .current_dir(sandbox.path(""))
        .status();
    assert!(git.unwrap().success());
    sandbox
        .run(&["run", "--on-write", "error", "--votes", "lead:2/7"])
        .exits(2);
    assert_eq!(sandbox.verdicts(), ["one=error", "two=error"]);
    assert!(sandbox.path("written.txt").exists());
}

#[test]
fn the_command_that_judges_again_takes_as_many_votes() {
    let sandbox = voted(&json!("auto"), &[("one", "f")]);
    sandbox
        .run(&["run", "--votes", "lead:3/11"])
        .exits(1)
        .says(" --votes 'lead:3/11' ");
    let run = finish(&mut sandbox.command(&["run"])).exits(1);
    assert!(!run.stdout.contains("--votes"), "{}", run.stdout);
}
