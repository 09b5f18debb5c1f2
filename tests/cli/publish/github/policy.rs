//! When there is a comment, and what it says.

use super::super::of_commit;
use super::super::runner::{commands, outputs};
use super::super::server::{Answer, Reply};
use super::*;

#[test]
fn a_failure_is_commented_and_the_comment_turns_green_once_it_is_fixed() {
    let (server, red, green) = (Server::start(), failed(), passed());
    posted(&server, &red, &[])
        .exits(0)
        .says_only(&format!("Comment added: {FIRST}"));
    let first = the_only(&server);
    assert_eq!(first.number, NUMBER);
    assert!(first.body.lines().next().unwrap().contains("FAILED"));
    let last = first.body.lines().next_back().unwrap();
    assert!(last.starts_with("<!-- semtest-comment ") && last.ends_with(" -->"));
    posted(&server, &green, &[])
        .exits(0)
        .says_only(&format!("Comment updated: {FIRST}"));
    let second = the_only(&server);
    assert_eq!(second.id, first.id);
    assert!(second.body.lines().next().unwrap().contains("PASSED"));
}

#[test]
fn nothing_failed_is_no_reason_for_a_comment_unless_every_run_has_one() {
    let (server, green) = (Server::start(), passed());
    posted(&server, &green, &[])
        .exits(0)
        .says_only("No comment: nothing failed.");
    assert_eq!(server.routes(), [Route::Pull, Route::List]);
    posted(&server, &green, &["--comment", "always"])
        .exits(0)
        .says_only(&format!("Comment added: {FIRST}"));
    assert!(the_only(&server).body.contains("PASSED"));
}

#[test]
fn off_asks_nothing_and_so_does_a_dry_run() {
    let (server, red) = (Server::start(), failed());
    let run = posted(&server, &red, &["--comment", "off"]).exits(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    posted(&server, &red, &["--dry-run"])
        .exits(0)
        .says("FAILED");
    assert!(server.requests().is_empty());
}

#[test]
fn what_is_published_twice_is_written_once() {
    let (server, red) = (Server::start(), failed());
    posted(&server, &red, &[]).exits(0);
    let first = the_only(&server).body;
    for _ in 0..2 {
        let before = server.requests().len();
        posted(&server, &red, &[])
            .exits(0)
            .says_only(&format!("Comment is up to date: {FIRST}"));
        let asked = [Route::Pull, Route::List, Route::GraphQl];
        assert_eq!(server.routes()[before..], asked);
        assert_eq!(the_only(&server).body, first);
    }
}

#[test]
fn what_is_new_and_fixed_stays_said_when_the_same_is_published_again() {
    let (server, green, red) = (Server::start(), passed(), failed());
    posted(&server, &green, &["--comment", "always"]).exits(0);
    posted(&server, &red, &[]).exits(0).says("Comment updated");
    let told = the_only(&server).body;
    assert!(told.contains("1 new"), "{told}");
    posted(&server, &red, &[])
        .exits(0)
        .says_only(&format!("Comment is up to date: {FIRST}"));
    assert_eq!(the_only(&server).body, told);
    // That there are no results is no word of this run.
    posted(&server, &red, &["nowhere"]).exits(2);
    assert!(the_only(&server).body.contains("no results"));
    posted(&server, &red, &[]).exits(0).says("Comment updated");
    assert!(the_only(&server).body.contains("FAILED"));
}

#[test]
fn a_dry_run_shows_what_would_be_posted_and_says_where() {
    // More than fits into one comment in full.
    let statement = |index| {
        let title = format!("S{index} {}", "long ".repeat(40));
        let file = format!("{}{index}", "missing/".repeat(30));
        format!("# {title}\n\n```check\nexists {file}\n```\n\n")
    };
    let spec: String = (0..400).map(statement).collect();
    let sandbox = Sandbox::checked().file("a.spec.md", &spec);
    sandbox.run(&["run"]).exits(1);
    of_commit(&sandbox, HEAD);
    let server = Server::start();
    let shown = posted(&server, &sandbox, &["--dry-run"]).exits(0);
    assert_eq!(
        shown.stderr,
        "Dry run: would comment on pull request 7 of octo/shop.\n"
    );
    assert!(server.requests().is_empty());
    posted(&server, &sandbox, &[]).exits(0);
    let body = the_only(&server).body;
    let (text, marker) = body.trim_end().rsplit_once('\n').unwrap();
    assert!(marker.starts_with("<!-- semtest-comment"));
    assert_eq!(shown.stdout.trim_end(), text.trim_end());
    let in_full = text.matches("semtest run ").count();
    assert!(in_full < 10, "{in_full} of 205");
}

#[test]
fn a_dry_run_says_why_there_would_be_no_comment() {
    let (server, red, green) = (Server::start(), failed(), passed());
    let told = |sandbox: &Sandbox, words: &[&str]| {
        let words: Vec<&str> = ["--dry-run"].iter().chain(words).copied().collect();
        let run = posted(&server, sandbox, &words).exits(0);
        assert!(run.stdout.contains("**"), "{}", run.stdout);
        run.stderr
    };
    assert_eq!(
        told(&red, &["--comment", "off"]),
        "Dry run: no comment would be made: `--comment off`.\n"
    );
    assert_eq!(
        told(&green, &[]),
        "Dry run: would update the comment on pull request 7 of octo/shop, and make none: nothing \
         failed.\n"
    );
    assert!(told(&red, &["--pull-request", "8"]).contains("contradicts the pipeline"));
    let laptop = |words: &[&str], variables: &[(&str, &str)]| {
        let words: Vec<&str> = ["--dry-run"].iter().chain(words).copied().collect();
        publish(&red, variables, &words).exits(0).stderr
    };
    assert!(laptop(&[], &[]).contains("nothing here tells the repository"));
    let named = ["--repository", "o/r"];
    assert!(laptop(&named, &[]).contains("no token"));
    let token = [("GITHUB_TOKEN", TOKEN)];
    // There is no git in the sandbox.
    red.run(&["run"]).exits(1);
    assert!(laptop(&named, &token).contains("nothing tells which commit was judged"));
    assert!(server.requests().is_empty());
}

#[test]
fn a_value_that_became_a_directory_is_told_and_nothing_is_posted() {
    let (server, red) = (Server::start(), failed());
    for value in ["true", "false"] {
        posted(&server, &red, &["--summary", value])
            .exits(2)
            .warns(&format!("there is no directory `{value}`"))
            .warns(&format!("follows `=`, such as `--annotations={value}`"));
    }
    assert!(server.requests().is_empty());
    // Somebody's directory may be called so.
    std::fs::rename(red.path("semtest-results"), red.path("true")).unwrap();
    posted(&server, &red, &["true"])
        .exits(0)
        .says("Comment added");
}

/// What GitHub says to a token that may only read.
fn read_only() -> Reply {
    let message = "Resource not accessible by integration";
    Reply::Say(Answer::error(403, message))
}

#[test]
fn a_read_only_token_leaves_summary_annotations_and_outputs() {
    let (server, red) = (Server::start(), failed());
    server.always(Route::Create, read_only());
    red.write("summary", b"");
    red.write("outputs", b"");
    let mut command = red.command(&["publish"]);
    command
        .envs(job_of(&server, &red, "stranger/shop"))
        .env("GITHUB_STEP_SUMMARY", red.path("summary"))
        .env("GITHUB_OUTPUT", red.path("outputs"));
    let run = checked(&server, finish(&mut command)).exits(0);
    let said = commands(&run.stdout);
    let names: Vec<&str> = said.iter().map(|command| command.name.as_str()).collect();
    assert_eq!(names, ["error", "warning"]);
    assert_eq!(said[1].data, "no comment: the token may not write comments");
    assert!(red.read("summary").contains("FAILED: 2 judged"));
    let outputs = outputs(&red.read("outputs")).unwrap();
    assert_eq!(
        (outputs["status"].as_str(), outputs.get("comment_url")),
        ("fail", None)
    );
    run.warns("warning: no comment: the token may not write comments")
        .warns("pull-requests: write")
        .warns("so the token is read-only whatever the workflow says");
}

#[test]
fn only_a_forks_token_is_called_hopeless() {
    for actor in ["renovate[bot]", "dependabot[bot]"] {
        let (server, red) = (Server::start(), failed());
        server.always(Route::Create, read_only());
        let mut command = command(&server, &red, &[]);
        let run = checked(&server, finish(command.env("GITHUB_ACTOR", actor))).exits(0);
        assert!(!run.stderr.contains("Here that is not enough"), "{actor}");
        run.warns("pull-requests: write");
    }
}

#[test]
fn a_comment_that_is_missing_is_told_on_the_page_of_the_job_unless_nothing_failed() {
    let (server, red, green) = (Server::start(), failed(), passed());
    server.always(
        Route::List,
        Reply::Say(Answer::error(400, "a\n::error::b % c")),
    );
    let told = |sandbox: &Sandbox, words: &[&str]| {
        let words: Vec<&str> = ["publish"].iter().chain(words).copied().collect();
        let mut command = sandbox.command(&words);
        command.envs(job_of(&server, sandbox, REPOSITORY));
        let run = checked(&server, finish(&mut command)).exits(0);
        let mut said = commands(&run.stdout);
        said.retain(|command| command.name == "warning");
        said.into_iter()
            .map(|command| command.data)
            .collect::<Vec<_>>()
    };
    let data = told(&red, &[]);
    assert_eq!(data.len(), 1);
    assert!(
        data[0].starts_with("no comment: the service answered 400: a"),
        "{data:?}"
    );
    assert!(!data[0].contains('\n'), "{data:?}");
    assert_eq!(told(&red, &["--comment", "off"]), Vec::<String>::new());
    assert_eq!(told(&red, &["--annotations=false"]), Vec::<String>::new());
    server.always(Route::List, Reply::Normal);
    assert_eq!(told(&green, &[]), Vec::<String>::new());
}

#[test]
fn two_jobs_have_a_comment_each() {
    let (server, red, green) = (Server::start(), failed(), passed());
    posted(&server, &red, &["--key", "linux"])
        .exits(0)
        .says("Comment added");
    posted(&server, &red, &["--key", "macos"])
        .exits(0)
        .says("Comment added");
    posted(&server, &green, &["--key", "linux"])
        .exits(0)
        .says("Comment updated");
    // The workflow's and the job's name.
    posted(&server, &red, &[]).exits(0).says("Comment added");
    let has = |text| {
        server
            .comments()
            .into_iter()
            .map(move |comment| comment.body.contains(text))
    };
    assert!(has("PASSED").eq([true, false, false]));
    assert!(has("FAILED").eq([false, true, true]));
}

#[test]
fn no_results_are_told_so_that_no_stale_green_stays() {
    let (server, green) = (Server::start(), passed());
    posted(&server, &green, &["--comment", "always"]).exits(0);
    let run = posted(&server, &green, &["nowhere"]).exits(2);
    assert_eq!(run.stdout, format!("Comment updated: {FIRST}\n"));
    let body = the_only(&server).body;
    assert!(body.contains("no results"), "{body}");
    assert!(!body.contains("PASSED"), "{body}");
    // Nor are they a reason to say nothing.
    let server = Server::start();
    posted(&server, &green, &["nowhere"])
        .exits(2)
        .says("Comment added");
}

/// A failed run, and the results of a run before it in `older`.
fn with_older_results() -> Sandbox {
    let sandbox = failed();
    std::fs::rename(sandbox.path("semtest-results"), sandbox.path("older")).unwrap();
    sandbox.run(&["run"]).exits(1);
    of_commit(&sandbox, HEAD);
    sandbox
}

#[test]
fn an_older_run_leaves_the_comment_of_a_newer_one_alone() {
    let (server, sandbox) = (Server::start(), with_older_results());
    posted(&server, &sandbox, &[]).exits(0);
    let body = the_only(&server).body;
    posted(&server, &sandbox, &["older"])
        .exits(0)
        .says_only(&format!("Comment left to a newer run: {FIRST}"));
    assert_eq!(the_only(&server).body, body);
    assert_eq!(server.count(Route::Update), 0);
}

#[test]
fn results_of_next_year_do_not_stay_forever() {
    let (server, sandbox) = (Server::start(), with_older_results());
    let path = sandbox.path("older/ci-results.json");
    let mut forged: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    forged["startedAt"] = "2999-01-01T00:00:00Z".into();
    std::fs::write(&path, forged.to_string()).unwrap();
    posted(&server, &sandbox, &["older"])
        .exits(0)
        .says("Comment added");
    sandbox.run(&["run"]).exits(1);
    of_commit(&sandbox, HEAD);
    posted(&server, &sandbox, &[])
        .exits(0)
        .says_only(&format!("Comment updated: {FIRST}"));
}

#[test]
fn an_enterprise_server_has_its_own_addresses() {
    let (server, red) = (Server::enterprise(), failed());
    posted(&server, &red, &[]).exits(0).says("Comment added");
    posted(&server, &passed(), &[])
        .exits(0)
        .says("Comment updated");
    assert_eq!(server.count(Route::GraphQl), 2);
}

#[test]
fn what_is_no_number_of_a_pull_request_is_refused_before_anything_is_asked() {
    let (server, red) = (Server::start(), failed());
    for number in ["abc", "0", "-1", "#7"] {
        let flag = format!("--pull-request={number}");
        posted(&server, &red, &[&flag])
            .exits(2)
            .warns("expected the number of a pull request, such as 12");
    }
    assert!(server.requests().is_empty());
}
