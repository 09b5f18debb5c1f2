//! The note on GitLab.

mod server;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use axum::http::Method;

use super::{failed, passed, publish};
use crate::sandbox::{Run, Sandbox};
use server::{Fault, GitLab, MergeRequest, Note, PROJECT, TOKEN, US, World};

use super::server::HEAD;
const OTHER: &str = "76543210fedcba9876543210fedcba9876543210";

/// Somebody who is not us.
const MALLORY: u64 = 666;

/// One open merge request of the project's own branch, at the judged commit.
fn world() -> World {
    World {
        merge_requests: vec![MergeRequest {
            iid: 7,
            sha: HEAD.to_owned(),
            branch: "feature/é",
            source: 42,
        }],
        ..World::default()
    }
}

/// A job of a branch's pipeline, as GitLab describes it, without a token of ours.
fn branch_job(server: &GitLab) -> Vec<(&'static str, String)> {
    [
        ("CI", "true"),
        ("GITLAB_CI", "true"),
        ("CI_PROJECT_ID", PROJECT[0]),
        ("CI_PROJECT_PATH", PROJECT[1]),
        ("CI_PIPELINE_SOURCE", "push"),
        ("CI_COMMIT_SHA", HEAD),
        ("CI_COMMIT_REF_NAME", "feature/é"),
        ("CI_JOB_NAME", "semtest"),
        ("CI_JOB_TOKEN", "glcbt-64_loopback"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into_iter()
    .chain([
        ("CI_SERVER_URL", server.address.clone()),
        ("CI_API_V4_URL", format!("{}/api/v4", server.address)),
    ])
    .collect()
}

/// The same of a merge request's pipeline, with our token.
fn job(server: &GitLab, more: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let mut variables = branch_job(server);
    let described = [
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("CI_MERGE_REQUEST_PROJECT_ID", PROJECT[0]),
        ("CI_MERGE_REQUEST_PROJECT_PATH", PROJECT[1]),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", PROJECT[0]),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_PATH", PROJECT[1]),
        ("SEMTEST_GITLAB_TOKEN", TOKEN),
    ];
    let all = described.iter().chain(more);
    variables.extend(all.map(|(name, value)| (*name, (*value).to_owned())));
    variables
}

/// `semtest publish`; whatever happens, the token is not printed.
fn published(sandbox: &Sandbox, variables: &[(&'static str, String)], words: &[&str]) -> Run {
    let variables: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let run = publish(sandbox, &variables, words);
    assert!(!run.stdout.contains(TOKEN) && !run.stderr.contains(TOKEN));
    run
}

/// The text of the note that `sandbox` posts where there is none yet.
pub(super) fn text_of(sandbox: &Sandbox) -> String {
    let server = GitLab::start(world());
    published(sandbox, &job(&server, &[]), &["--comment", "always"]).exits(0);
    let world = server.world();
    let [note] = &world.notes[..] else {
        panic!("{:?}", world.notes)
    };
    note.body.clone()
}

/// How many requests have this method.
fn count(asked: &[String], method: &str) -> usize {
    let starts = |line: &&String| line.split(' ').next() == Some(method);
    asked.iter().filter(starts).count()
}

/// A server after one failed run was published: its only note is ours.
fn commented() -> GitLab {
    let server = GitLab::start(world());
    published(&failed(), &job(&server, &[]), &[]).exits(0);
    assert_eq!(server.said().len(), 1);
    server.asked();
    server
}

#[test]
fn a_failed_run_is_told_in_one_note() {
    let server = GitLab::start(world());
    let run = published(&failed(), &job(&server, &[]), &[]).exits(0);
    assert!(!run.stderr.contains("no comment"), "{}", run.stderr);
    let said = server.said();
    let [note] = &said[..] else {
        panic!("{said:?}")
    };
    assert!(note.starts_with(&format!("{US}: ❌ **FAIL")), "{note}");
    let last = note.lines().next_back().unwrap();
    assert!(last.starts_with("<!-- semtest-comment "), "{note}");
    let asked = server.asked();
    let expected = [
        "GET projects/42/merge_requests/7",
        "GET projects/42/merge_requests/7/notes?per_page=100&sort=asc&order_by=created_at",
        "POST projects/42/merge_requests/7/notes",
    ];
    assert_eq!(asked[..3], expected);
    assert_eq!((count(&asked, "POST"), count(&asked, "PUT")), (1, 0));
}

#[test]
fn a_passed_run_is_told_if_somebody_wants_to_hear_it() {
    let server = GitLab::start(world());
    published(&passed(), &job(&server, &[]), &[]).exits(0);
    assert_eq!(server.said(), Vec::<String>::new());
    published(&passed(), &job(&server, &[]), &["--comment", "always"]).exits(0);
    assert_eq!(server.said().len(), 1);
}

#[test]
fn the_same_results_leave_the_note_as_it_is() {
    let server = GitLab::start(world());
    let sandbox = failed();
    published(&sandbox, &job(&server, &[]), &[]).exits(0);
    let before = server.said();
    server.asked();
    published(&sandbox, &job(&server, &[]), &[]).exits(0);
    assert_eq!(server.said(), before);
    let asked = server.asked();
    assert_eq!(asked[2], "GET user");
    assert_eq!((count(&asked, "POST"), count(&asked, "DELETE")), (0, 0));
}

#[test]
fn the_note_turns_green() {
    let server = commented();
    let id = server.world().notes[0].id;
    published(&passed(), &job(&server, &[]), &[]).exits(0);
    let said = server.said();
    assert!(said.len() == 1 && said[0].contains("**PASS"), "{said:?}");
    let asked = server.asked();
    let put = format!("PUT projects/42/merge_requests/7/notes/{id}");
    assert!(asked.contains(&put), "{asked:?}");
}

#[test]
fn a_note_of_somebody_else_with_our_marker_stays_as_it_is() {
    let server = commented();
    server.world().notes[0].author = MALLORY;
    let theirs = server.said()[0].clone();
    published(&passed(), &job(&server, &[]), &["--comment", "always"]).exits(0);
    let said = server.said();
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[0], theirs);
    assert!(said[1].starts_with(&format!("{US}: ✅ **PASS")), "{said:?}");
}

#[test]
fn a_system_note_is_never_ours() {
    let server = commented();
    server.world().notes[0].system = true;
    published(&failed(), &job(&server, &[]), &[]).exits(0);
    let asked = server.asked();
    assert_eq!((count(&asked, "POST"), count(&asked, "PUT")), (1, 0));
}

#[test]
fn our_note_is_found_on_a_later_page() {
    for links_only in [false, true] {
        let server = commented();
        let mut world = server.world();
        let ours = world.notes.remove(0);
        world.notes = (0..150)
            .map(|index| Note {
                id: 600 + index,
                author: MALLORY,
                body: format!("note {index}"),
                system: index % 3 == 0,
            })
            .collect();
        world.notes[120] = Note { id: 720, ..ours };
        world.links_only = links_only;
        drop(world);
        published(&passed(), &job(&server, &[]), &[]).exits(0);
        let asked = server.asked();
        assert!(asked[2].ends_with("page=2"), "{asked:?}");
        assert!(asked[2].contains("per_page=100&"), "{asked:?}");
        let put = "PUT projects/42/merge_requests/7/notes/720".to_owned();
        assert!(asked.contains(&put), "{asked:?}");
        assert_eq!(count(&asked, "POST"), 0);
        assert!(server.world().notes[120].body.contains("**PASS"));
    }
}

#[test]
fn a_note_that_is_deleted_meanwhile_is_written_again() {
    let server = commented();
    server.world().vanishing = true;
    published(&passed(), &job(&server, &[]), &["--comment", "always"]).exits(0);
    let asked = server.asked();
    assert_eq!((count(&asked, "PUT"), count(&asked, "POST")), (1, 1));
    assert_eq!(server.said().len(), 1);
}

#[test]
fn of_two_notes_of_ours_the_younger_goes() {
    let server = commented();
    let mut world = server.world();
    let younger = Note {
        id: 900,
        ..world.notes[0].clone()
    };
    let theirs = Note {
        id: 901,
        author: MALLORY,
        ..younger.clone()
    };
    world.notes.extend([younger, theirs]);
    drop(world);
    published(&failed(), &job(&server, &[]), &[]).exits(0);
    assert_eq!(count(&server.asked(), "DELETE"), 1);
    let world = server.world();
    let left: Vec<u64> = world.notes.iter().map(|note| note.id).collect();
    assert_eq!(left, [501, 901]);
}

/// Publishes a failed run while every request with `method` to a path with this end is refused.
fn refused(method: Method, path: &'static str, status: u16, body: &'static str) -> (Run, GitLab) {
    refused_with(method, path, status, &[], body)
}

fn refused_with(
    method: Method,
    path: &'static str,
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
) -> (Run, GitLab) {
    let server = GitLab::start(world());
    server.world().faults.push(Fault {
        times: usize::MAX,
        method,
        path,
        status,
        headers,
        body,
    });
    let run = published(&failed(), &job(&server, &[]), &[]).exits(0);
    assert_eq!(server.said(), Vec::<String>::new());
    (run, server)
}

#[test]
fn a_token_that_may_only_read_is_told_with_what_it_needs() {
    let body = r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges","scope":"api"}"#;
    let (run, server) = refused(Method::POST, "/notes", 403, body);
    run.warns("warning: no comment: the token may not write comments")
        .warns("hint: the token needs the scope `api`, and its user at least the role Reporter");
    assert_eq!(count(&server.asked(), "POST"), 1);
}

#[test]
fn a_token_that_does_not_see_the_project_is_told_so() {
    let server = GitLab::start(world());
    let words = ["--repository", "group/other", "--pull-request", "7"];
    published(&failed(), &job(&server, &[]), &words)
        .exits(0)
        .warns("warning: no comment: there is no such pull request, or the token may not see it")
        .warns("hint: GitLab says so too where the token may not look");
    let asked = server.asked();
    assert_eq!(asked, ["GET projects/group%2Fother/merge_requests/7"]);
}

#[test]
fn a_wrong_token_is_told_with_how_to_get_a_right_one() {
    let server = GitLab::start(world());
    published(
        &failed(),
        &job(&server, &[("SEMTEST_GITLAB_TOKEN", "old")]),
        &[],
    )
    .exits(0)
    .warns("warning: no comment: the token is not accepted")
    .warns("hint: create a project access token");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_pause_that_is_too_long_is_not_waited_for() {
    let headers = &[("retry-after", "600"), ("ratelimit-reset", "4102444800")];
    let body = r#"{"message":"This endpoint has been requested too many times. Try again later."}"#;
    let (run, server) = refused_with(Method::POST, "/notes", 429, headers, body);
    run.warns("warning: no comment: ");
    // It may have been looked whether the note is there; it is not sent over and over.
    assert!(count(&server.asked(), "POST") <= 2);
}

#[test]
fn an_error_page_is_not_taken_for_an_answer() {
    let (run, _) = refused(Method::GET, "/notes", 200, "<html>Please sign in</html>");
    run.warns("warning: no comment: the service's answer can't be understood")
        .warns("not the JSON that GitLab documents");
}

#[test]
fn a_list_that_does_not_end_is_given_up() {
    let headers = &[("x-next-page", "2")];
    let (run, server) = refused_with(Method::GET, "/notes", 200, headers, "[]");
    run.warns("warning: no comment: a page of the service's list leads back to an earlier one");
    let asked = server.asked();
    assert_eq!(asked.len(), 3, "{asked:?}");
}

#[test]
fn the_token_does_not_follow_a_redirect() {
    let headers = &[(
        "location",
        "http://127.0.0.1:9/api/v4/projects/43/merge_requests/7",
    )];
    let (run, server) = refused_with(Method::GET, "/merge_requests/7", 301, headers, "");
    run.warns("no comment: the service answered 301: the API or the project has another address");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn an_error_of_the_service_is_waited_out() {
    let server = GitLab::start(world());
    server.world().faults.push(Fault {
        times: 1,
        method: Method::GET,
        path: "/notes",
        status: 500,
        headers: &[],
        body: r#"{"message":"500 Internal Server Error"}"#,
    });
    published(&failed(), &job(&server, &[]), &[]).exits(0);
    assert_eq!(server.said().len(), 1);
}

#[test]
fn a_merge_request_that_is_ahead_is_left_alone() {
    let server = GitLab::start(world());
    server.world().merge_requests[0].sha = OTHER.to_owned();
    let mut variables = branch_job(&server);
    variables.push(("GITLAB_TOKEN", TOKEN.to_owned()));
    let told = "pull request 7 is at 76543210f by now, this run was of 6dcb09b5b";
    published(&failed(), &variables, &["--pull-request", "7"])
        .exits(0)
        .warns(told);
    assert_eq!(server.asked(), ["GET projects/42/merge_requests/7"]);
    server.world().merge_requests[0].sha = HEAD.to_owned();
    published(&failed(), &variables, &["--pull-request", "7"]).exits(0);
    assert_eq!(server.said().len(), 1);
}

#[test]
fn an_old_pipeline_that_is_started_again_leaves_the_note_of_the_newer_commit_alone() {
    let train = [
        ("CI_COMMIT_SHA", OTHER),
        ("CI_MERGE_REQUEST_EVENT_TYPE", "merge_train"),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", HEAD),
    ];
    for more in [&[][..], &train] {
        for directory in ["semtest-results", "nowhere"] {
            let server = commented();
            let before = server.said();
            server.world().merge_requests[0].sha = "f".repeat(40);
            published(&passed(), &job(&server, more), &[directory])
                .warns("pull request 7 is at fffffffff by now, this run was of 6dcb09b5b");
            assert_eq!(server.said(), before);
        }
    }
}

#[test]
fn the_token_goes_to_gitlabs_own_server_also_where_its_api_is_not_told() {
    let server = GitLab::start(world());
    published(&failed(), &job(&server, &[("CI_API_V4_URL", "")]), &[]).exits(0);
    assert_eq!(server.said().len(), 1);
}

#[test]
fn an_address_that_is_none_gets_no_token() {
    let server = GitLab::start(world());
    for name in ["CI_API_V4_URL", "CI_SERVER_URL"] {
        for bad in ["gitlab.example.org", "https://me:secret@gitlab.example.org"] {
            published(&failed(), &job(&server, &[(name, bad)]), &[])
                .exits(0)
                .warns(&format!(
                    "no comment: `{name}` is no plain http or https address"
                ));
        }
    }
    assert_eq!(server.asked(), Vec::<String>::new());
}

#[test]
fn a_branch_leads_to_its_merge_request() {
    let server = GitLab::start(world());
    let mut world = server.world();
    let own = world.merge_requests[0].clone();
    // A stranger's branch of the same name and commit, an older proposal, and one of older code.
    let like = |iid, source, sha: &str| MergeRequest {
        iid,
        source,
        sha: sha.to_owned(),
        ..own.clone()
    };
    let others = [like(9, 99, HEAD), like(6, 42, HEAD), like(8, 42, OTHER)];
    world.merge_requests.splice(0..0, others);
    drop(world);
    let mut variables = branch_job(&server);
    variables.push(("GITLAB_TOKEN", TOKEN.to_owned()));
    published(&failed(), &variables, &[]).exits(0);
    let asked = server.asked();
    let list = "GET projects/42/merge_requests?per_page=100&state=opened&order_by=created_at&sort=asc\
                &source_branch=feature%2F%C3%A9";
    assert_eq!(asked[0], list);
    assert!(
        asked.contains(&"POST projects/42/merge_requests/7/notes".to_owned()),
        "{asked:?}"
    );
}

#[test]
fn a_branch_that_nobody_has_proposed_is_no_problem() {
    let server = GitLab::start(World::default());
    let mut variables = branch_job(&server);
    variables.push(("GITLAB_TOKEN", TOKEN.to_owned()));
    published(&failed(), &variables, &[]).exits(0);
    assert_eq!(count(&server.asked(), "POST"), 0);
}

#[test]
fn a_project_is_found_by_its_path_too() {
    let server = GitLab::start(world());
    let nameless = [("CI_PROJECT_ID", ""), ("CI_MERGE_REQUEST_PROJECT_ID", "")];
    published(&failed(), &job(&server, &nameless), &[]).exits(0);
    assert_eq!(server.said().len(), 1);
    let expected = format!("POST projects/{}/merge_requests/7/notes", PROJECT[2]);
    assert!(server.asked().contains(&expected));
}

#[test]
fn a_pipeline_in_a_fork_comments_in_the_project_of_the_merge_request() {
    let server = GitLab::start(world());
    let fork = [
        ("CI_PROJECT_ID", "99"),
        ("CI_PROJECT_PATH", "mallory/app"),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "99"),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_PATH", "mallory/app"),
    ];
    published(&failed(), &job(&server, &fork), &[]).exits(0);
    let asked = server.asked();
    assert_eq!(server.said().len(), 1);
    let mut elsewhere = asked
        .iter()
        .filter(|line| !line.contains(" projects/42/") && *line != "GET user");
    assert_eq!(elsewhere.next(), None);
}

#[test]
fn merged_results_and_trains_are_of_the_branchs_own_commit() {
    let server = GitLab::start(world());
    let train = [
        ("CI_COMMIT_SHA", OTHER),
        ("CI_MERGE_REQUEST_EVENT_TYPE", "merge_train"),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", HEAD),
    ];
    // The flag names the number that the pipeline names too.
    published(&failed(), &job(&server, &train), &["--pull-request", "7"]).exits(0);
    assert_eq!(server.said().len(), 1);
}

#[test]
fn with_the_job_token_alone_nothing_is_sent_and_it_is_told_what_to_do() {
    let server = GitLab::start(world());
    let run = published(&failed(), &job(&server, &[("SEMTEST_GITLAB_TOKEN", "")]), &[])
        .exits(0)
        .warns("warning: no comment: no token; GitLab's `CI_JOB_TOKEN` can't write notes")
        .warns("hint: create a project access token (Settings > Access tokens) with the scope `api` and the role Reporter;")
        .warns("Store it as the masked CI/CD variable `SEMTEST_GITLAB_TOKEN`")
        .warns("A protected variable is absent on unprotected branches");
    assert!(!run.stderr.contains("glcbt-"));
    assert_eq!(server.asked(), Vec::<String>::new());
}

#[test]
fn the_job_token_in_place_of_ours_is_never_sent() {
    let server = GitLab::start(world());
    let given = [("SEMTEST_GITLAB_TOKEN", "glcbt-64_loopback")];
    published(&failed(), &job(&server, &given), &[])
        .exits(0)
        .warns("warning: no comment: `CI_JOB_TOKEN` can't write merge request notes")
        .warns("hint: create a project access token");
    assert_eq!(server.asked(), Vec::<String>::new());
}

/// Takes the first request and answers that there is no such thing.
fn first_request(listener: &TcpListener) -> String {
    let (mut connection, _) = listener.accept().unwrap();
    let mut received = Vec::new();
    let mut buffer = [0; 4096];
    while !received.windows(4).any(|four| four == b"\r\n\r\n") {
        let length = connection.read(&mut buffer).unwrap();
        assert_ne!(length, 0, "the request ended early");
        received.extend_from_slice(&buffer[..length]);
    }
    let answer = "HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\n\
                  content-length: 23\r\nconnection: close\r\n\r\n{\"message\":\"Not Found\"}";
    connection.write_all(answer.as_bytes()).unwrap();
    String::from_utf8(received).unwrap().to_lowercase()
}

#[test]
fn an_external_pull_request_is_commented_on_github() {
    let server = GitLab::start(world());
    let github = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut variables = branch_job(&server);
    variables.extend(
        [
            ("CI_PIPELINE_SOURCE", "external_pull_request_event"),
            ("CI_EXTERNAL_PULL_REQUEST_IID", "3"),
            ("CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY", "o/r"),
            ("CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY", "o/r"),
            ("CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA", HEAD),
            ("SEMTEST_GITLAB_TOKEN", TOKEN),
            ("SEMTEST_GITHUB_TOKEN", "ghp_loopback_0123456789"),
        ]
        .map(|(name, value)| (name, value.to_owned())),
    );
    let address = github.local_addr().unwrap();
    variables.push(("GITHUB_API_URL", format!("http://{address}")));
    let receiver = std::thread::spawn(move || first_request(&github));
    published(&failed(), &variables, &[])
        .exits(0)
        .warns("warning: no comment: ");
    // Without any request the receiver would wait forever.
    if let Ok(mut connection) = TcpStream::connect(address) {
        let _ = connection.write_all(b"nothing\r\n\r\n");
    }
    let request = receiver.join().unwrap();
    assert!(request.contains(" /repos/o/r/"), "{request}");
    assert!(request.contains("authorization: bearer ghp_loopback_0123456789"));
    assert!(!request.contains(&TOKEN.to_lowercase()));
    assert_eq!(server.asked(), Vec::<String>::new());
}
