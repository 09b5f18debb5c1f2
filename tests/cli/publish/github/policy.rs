//! When there is a comment, and what it says.

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
    assert_eq!(server.routes(), [Route::List]);
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
    // What changed since then may stand in the text of the second.
    posted(&server, &red, &[]).exits(0);
    let before = server.requests().len();
    posted(&server, &red, &[])
        .exits(0)
        .says_only(&format!("Comment is up to date: {FIRST}"));
    assert_eq!(server.routes()[before..], [Route::List, Route::GraphQl]);
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
