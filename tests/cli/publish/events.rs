//! Which pull request a pipeline is about, by the payloads that GitHub documents.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::server::{Answer, HEAD, NUMBER, Pull, REPOSITORY, Reply, Route, Server, TOKEN};
use super::{failed, passed, publish};
use crate::sandbox::{Run, Sandbox, finish};
use crate::untrusted::World;

/// The commit of the base in the payloads.
const BASE: &str = "1405df66cbe219b0bf6355bc3d60361a8376b6b4";
/// The trial merge there.
const MERGE: &str = "14091a9f2461267ee7e02525b4f1f2923f1c9849";
/// The commit of the merge queue there.
const QUEUE: &str = "1038345ecc525ca37383914c8d7839e94ccf5448";
/// One that nobody names.
const OTHER: &str = "ffffffffffffffffffffffffffffffffffffffff";

fn payload(name: &str) -> PathBuf {
    let payloads = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ci/github/payloads");
    payloads.join(format!("{name}.json"))
}

/// A job for the event whose payload has this `name`.
struct Job {
    sandbox: Sandbox,
    server: Server,
    variables: Vec<(String, String)>,
}

impl Job {
    /// `GITHUB_SHA` is `sha`, and the results are of `judged`.
    fn new(event: &str, name: &str, sha: &str, judged: Option<&str>) -> Self {
        let job = Self::on(Server::start(), event, sha, judged);
        let file = payload(name);
        job.set("GITHUB_EVENT_PATH", file.to_str().unwrap())
    }

    fn on(server: Server, event: &str, sha: &str, judged: Option<&str>) -> Self {
        server.with(|state| "topic".clone_into(&mut state.pulls[0].branch));
        let sandbox = failed();
        let mut results = sandbox.results();
        results["commit"] = json!(judged);
        if judged.is_none() {
            results.as_object_mut().unwrap().remove("commit");
        }
        write_results(&sandbox, &results);
        let job = Self {
            variables: server.variables(),
            sandbox,
            server,
        };
        job.set("GITHUB_EVENT_NAME", event).set("GITHUB_SHA", sha)
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(other, _)| other != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The payload with something else in it.
    fn with_payload(self, name: &str, change: impl FnOnce(&mut Value)) -> Self {
        let text = std::fs::read_to_string(payload(name)).unwrap();
        let mut payload: Value = serde_json::from_str(&text).unwrap();
        change(&mut payload);
        let payload = payload.to_string();
        self.sandbox.write("event.json", payload.as_bytes());
        let file = self.sandbox.path("event.json");
        self.set("GITHUB_EVENT_PATH", file.to_str().unwrap())
    }

    fn pulls(self, change: impl FnOnce(&mut Vec<Pull>)) -> Self {
        self.server.with(|state| change(&mut state.pulls));
        self
    }

    fn publish(&self, arguments: &[&str]) -> Run {
        let variables = self.variables.iter();
        let variables: Vec<(&str, &str)> = variables
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        publish(&self.sandbox, &variables, arguments)
    }

    /// The pull requests that have a comment now.
    fn commented(&self) -> Vec<u64> {
        let comments = self.server.comments();
        comments.iter().map(|comment| comment.number).collect()
    }

    /// What was asked about pull requests, in order.
    fn lookups(&self) -> Vec<Route> {
        let is_lookup =
            |route: &Route| [Route::Pull, Route::Pulls, Route::CommitPulls].contains(route);
        self.server.routes().into_iter().filter(is_lookup).collect()
    }
}

fn write_results(sandbox: &Sandbox, results: &Value) {
    let file = "semtest-results/ci-results.json";
    sandbox.write(file, results.to_string().as_bytes());
}

/// Payload, event, `GITHUB_SHA`, the judged commit, what is asked, and whether there is a comment.
const EVENTS: &str = "
    pull_request                pull_request                merge  head   Pull               yes
    pull_request_fork           pull_request                merge  head   Pull               yes
    pull_request_target         pull_request_target         base   head   Pull               yes
    pull_request_review         pull_request_review         merge  head   Pull               yes
    pull_request_review_comment pull_request_review_comment merge  merge  Pull               yes
    push                        push                        head   head   CommitPulls        yes
    issue_comment               issue_comment               base   head   Pull               yes
    issue_comment_on_issue      issue_comment               base   base   CommitPulls        no
    workflow_run                workflow_run                base   head   Pull               yes
    workflow_run_fork           workflow_run                base   head   CommitPulls,Pulls  yes
    workflow_run_push           workflow_run                base   head   Pull               yes
    workflow_run_schedule       workflow_run                base   base   CommitPulls        no
    workflow_run_several        workflow_run                base   head   Pull               yes
    merge_group                 merge_group                 queue  queue  -                  yes
    workflow_dispatch           workflow_dispatch           head   head   CommitPulls        yes
    schedule                    schedule                    base   base   CommitPulls        no
    check_run                   check_run                   base   head   Pull               yes
    check_suite                 check_suite                 base   head   Pull               yes
    check_suite_fork            check_suite                 base   head   CommitPulls        no
    release                     release                     base   base   CommitPulls        no
";

#[test]
fn each_event_leads_to_its_pull_request_and_asks_no_more_than_it_must() {
    let commits = [
        ("head", HEAD),
        ("base", BASE),
        ("merge", MERGE),
        ("queue", QUEUE),
    ];
    let named = |word: &str| commits.iter().find(|(name, _)| *name == word).unwrap().1;
    for row in EVENTS.trim().lines() {
        let words: Vec<&str> = row.split_whitespace().collect();
        let [name, event, sha, judged, asked, is_commented] = words[..] else {
            panic!("{row}");
        };
        let job = Job::new(event, name, named(sha), Some(named(judged)));
        if name.ends_with("_fork") {
            // What GitHub answers about a commit that is in a fork only.
            let nothing = Reply::Say(Answer::json(200, &json!([])));
            job.server.always(Route::CommitPulls, nothing);
            let fork = Some("mallory/shop".to_owned());
            job.server
                .with(|state| state.pulls[0].head_repository = fork);
        }
        let run = job.publish(&[]).exits(0);
        let routes: Vec<String> = job.lookups().iter().map(|it| format!("{it:?}")).collect();
        assert_eq!(routes.join(","), asked.trim_matches('-'), "{name}");
        if is_commented == "yes" {
            assert_eq!(job.commented(), [NUMBER], "{name}\n{}", run.stderr);
        } else {
            // That there is no pull request is nothing to warn of.
            assert!(job.commented().is_empty(), "{name}");
            assert_eq!(run.stderr, "", "{name}");
        }
    }
}

#[test]
fn results_of_another_commit_are_no_results_and_both_are_named() {
    for (event, advice) in [
        ("pull_request", "publish the results of its own run"),
        ("pull_request_target", "check the head out"),
        ("workflow_run", "publish the results of its own run"),
        ("push", "--pull-request"),
    ] {
        let sha = if event == "push" { HEAD } else { BASE };
        let job = Job::new(event, event, sha, Some(OTHER));
        let told = "the results are of commit fffffffff, and this pipeline is about 6dcb09b5b";
        job.publish(&[]).exits(2).warns(told).warns(advice);
        let body = job.server.comments()[0].body.clone();
        assert!(body.contains("**ERROR: no results**"), "{body}");
        assert!(body.contains("of commit `fffffffff`"), "{body}");
        assert!(!body.contains("PASSED"), "{body}");
    }
}

#[test]
fn results_without_a_commit_are_nobodys() {
    let job = Job::new("pull_request", "pull_request", MERGE, None);
    job.publish(&[])
        .exits(2)
        .warns("the results don't say of which commit they are, and this pipeline is about");
    let body = job.server.comments()[0].body.clone();
    assert!(body.contains("**ERROR: no results**"), "{body}");
    let job = Job::new("issue_comment", "issue_comment", BASE, None);
    job.publish(&[])
        .exits(0)
        .warns("no comment: nothing tells which commit was judged");
    assert!(job.commented().is_empty());
}

#[test]
fn that_there_are_no_results_is_said_whatever_the_commit() {
    for (event, sha) in [("pull_request", MERGE), ("issue_comment", BASE)] {
        let job = Job::new(event, event, sha, None);
        write_results(&job.sandbox, &json!({"schemaVersion": 99}));
        job.publish(&[]).exits(2);
        assert_eq!(job.commented(), [NUMBER], "{event}");
    }
}

#[test]
fn an_old_run_that_is_started_again_leaves_the_comment_of_the_newer_commit_alone() {
    let is_late = |pulls: &mut Vec<Pull>| pulls[0].head = OTHER.to_owned();
    for event in ["pull_request", "pull_request_target", "pull_request_review"] {
        let sha = if event == "pull_request_target" {
            BASE
        } else {
            MERGE
        };
        for is_there in [true, false] {
            let job = Job::new(event, event, sha, Some(HEAD)).pulls(is_late);
            if !is_there {
                write_results(&job.sandbox, &json!({"schemaVersion": 99}));
            }
            job.publish(&[])
                .exits(if is_there { 0 } else { 2 })
                .warns(
                    "no comment: pull request 7 is at fffffffff by now, this run was of 6dcb09b5b",
                )
                .warns("hint: the run of the newest commit comments");
            assert_eq!(job.server.routes(), [Route::Pull], "{event}");
        }
    }
}

#[test]
fn a_token_that_may_not_see_the_pull_request_may_still_comment_on_that_of_the_event() {
    for status in [403, 404] {
        let job = Job::new("pull_request", "pull_request", MERGE, Some(HEAD));
        let hidden = Answer::error(status, "Resource not accessible by integration");
        job.server.always(Route::Pull, Reply::Say(hidden.clone()));
        job.publish(&[]).exits(0);
        assert_eq!(job.commented(), [NUMBER]);
        // A number that nobody but the user names has to be looked at.
        let job = Job::new("push", "push", HEAD, Some(HEAD));
        job.server.always(Route::Pull, Reply::Say(hidden));
        job.publish(&["--pull-request", "7"])
            .exits(0)
            .warns("no comment");
        assert!(job.commented().is_empty());
    }
}

#[test]
fn that_there_are_no_results_is_said_where_the_user_names_the_pull_request() {
    let missing = |job: &Job| write_results(&job.sandbox, &json!({"schemaVersion": 99}));
    for (event, name) in [
        ("schedule", "schedule"),
        ("workflow_dispatch", "workflow_dispatch"),
    ] {
        let job = Job::new(event, name, BASE, None);
        missing(&job);
        job.publish(&["--pull-request", "7"]).exits(2);
        assert_eq!(job.commented(), [NUMBER], "{event}");
        let body = &job.server.comments()[0].body;
        assert!(!body.contains("commit"), "{body}");
    }
    let job = Job::new("push", "push", HEAD, None);
    missing(&job);
    let api = job.server.api();
    let laptop = [("GITHUB_TOKEN", TOKEN), ("GITHUB_API_URL", api.as_str())];
    let words = ["--repository", REPOSITORY, "--pull-request", "7"];
    publish(&job.sandbox, &laptop, &words).exits(2);
    assert_eq!(job.commented(), [NUMBER]);
    // What was pushed is known: somebody may have pushed since.
    let job = Job::new("push", "push", OTHER, None);
    missing(&job);
    job.publish(&["--pull-request", "7"])
        .exits(2)
        .warns("pull request 7 is at 6dcb09b5b by now, this run was of fffffffff");
    assert!(job.commented().is_empty());
}

#[test]
fn without_results_a_stranger_can_not_choose_the_pull_request() {
    // The payload can't be read, so that no commit is known; the number came with the artifact.
    let job = Job::new("workflow_run", "workflow_run_fork", BASE, None).with_payload(
        "workflow_run_fork",
        |payload| {
            payload["workflow_run"] = Value::Null;
        },
    );
    write_results(&job.sandbox, &json!({"schemaVersion": 99}));
    job.publish(&["--pull-request", "7"])
        .exits(2)
        .warns("no comment: nothing tells which commit was judged");
    assert!(job.server.requests().is_empty());
}

#[test]
fn the_text_about_missing_results_names_their_commit_and_no_path_of_the_runner() {
    let job = Job::new("pull_request", "pull_request", MERGE, None);
    let place = job.sandbox.path("nowhere");
    let job = job.set(
        "GITHUB_WORKSPACE",
        place.parent().unwrap().to_str().unwrap(),
    );
    for directory in ["nowhere", place.to_str().unwrap()] {
        job.server.with(|state| state.comments.clear());
        let run = job.publish(&[directory]).exits(2);
        let body = job.server.comments()[0].body.clone();
        assert!(
            body.contains("The run of commit `6dcb09b5b` left"),
            "{body}"
        );
        assert!(body.contains("no results in `nowhere`"), "{body}");
        assert!(!run.stderr.contains('/'), "{}", run.stderr);
    }
}

#[test]
fn what_another_workflow_may_have_made_up_comes_with_a_caution() {
    let body = |event: &str, name: &str, is_there: bool| {
        let job = Job::new(event, name, BASE, Some(HEAD));
        if name.ends_with("_fork") {
            let nothing = Reply::Say(Answer::json(200, &json!([])));
            job.server.always(Route::CommitPulls, nothing);
            let fork = Some("mallory/shop".to_owned());
            job.server
                .with(|state| state.pulls[0].head_repository = fork);
        }
        if !is_there {
            write_results(&job.sandbox, &json!({"schemaVersion": 99}));
        }
        job.publish(&[]).exits(if is_there { 0 } else { 2 });
        job.server.comments()[0].body.clone()
    };
    for (event, name) in [
        ("workflow_run", "workflow_run_fork"),
        ("issue_comment", "issue_comment"),
    ] {
        let text = body(event, name, true);
        assert!(
            text.contains("could have written these results too"),
            "{text}"
        );
        let text = body(event, name, false);
        assert!(!text.contains("Caution"), "{text}");
    }
    assert!(!body("workflow_run", "workflow_run", true).contains("Caution"));
}

#[test]
fn the_link_leads_to_the_run_that_judged() {
    let job = Job::new("workflow_run", "workflow_run", BASE, Some(HEAD));
    job.publish(&[]).exits(0);
    let body = job.server.comments()[0].body.clone();
    let judging = "https://github.com/octo/shop/actions/runs/30433642";
    assert!(body.contains(judging) && !body.contains("/9001"), "{body}");
}

#[test]
fn a_pull_request_that_has_moved_on_is_not_commented() {
    let is_late = |pulls: &mut Vec<Pull>| pulls[0].head = OTHER.to_owned();
    for (event, sha) in [("workflow_run", BASE), ("issue_comment", BASE)] {
        let job = Job::new(event, event, sha, Some(HEAD)).pulls(is_late);
        job.publish(&[])
            .exits(0)
            .warns("no comment: pull request 7 is at fffffffff by now, this run was of 6dcb09b5b");
        assert!(job.commented().is_empty(), "{event}");
    }
    // A commit that is in it, but not the newest, leads nowhere.
    let job = Job::new("push", "push", HEAD, Some(HEAD)).pulls(|pulls| {
        pulls[0].head = OTHER.to_owned();
        pulls[0].older = vec![HEAD.to_owned()];
    });
    job.publish(&[]).exits(0);
    assert!(job.commented().is_empty());
}

#[test]
fn the_trial_merge_stands_for_the_head_also_where_the_forge_is_asked() {
    let job = Job::new("issue_comment", "issue_comment", BASE, Some(MERGE))
        .pulls(|pulls| pulls[0].merge = Some(MERGE.to_owned()));
    job.publish(&[]).exits(0);
    assert_eq!(job.commented(), [NUMBER]);
}

#[test]
fn a_closed_pull_request_is_commented_only_if_its_number_is_given() {
    let close = |pulls: &mut Vec<Pull>| pulls[0].is_open = false;
    let job = Job::new("push", "push", HEAD, Some(HEAD)).pulls(close);
    job.publish(&[]).exits(0);
    assert!(job.commented().is_empty());
    job.publish(&["--pull-request", "7"]).exits(0);
    assert_eq!(job.commented(), [NUMBER]);
}

#[test]
fn of_several_pull_requests_with_one_commit_the_newest_is_commented_and_that_is_said() {
    let more = |pulls: &mut Vec<Pull>| {
        pulls.push(Pull::open(12, HEAD, "topic"));
        pulls.push(Pull::open(9, HEAD, "topic"));
        pulls.push(Pull {
            base_repository: "upstream/shop".to_owned(),
            ..Pull::open(30, HEAD, "topic")
        });
        pulls.push(Pull {
            is_open: false,
            ..Pull::open(31, HEAD, "topic")
        });
    };
    let job = Job::new("push", "push", HEAD, Some(HEAD)).pulls(more);
    job.publish(&[])
        .exits(0)
        .says("The commit is also the newest of pull request 7, 9; the comment is for 12");
    assert_eq!(job.commented(), [12]);
}

#[test]
fn nobody_draws_a_comment_to_himself_by_proposing_the_same_commit() {
    let again = |pulls: &mut Vec<Pull>| {
        pulls.push(Pull {
            head_repository: Some("mallory/shop".to_owned()),
            ..Pull::open(9, HEAD, "topic")
        });
    };
    let job = Job::new("push", "push", HEAD, Some(HEAD)).pulls(again);
    job.publish(&[])
        .exits(0)
        .says("The commit is also the newest of pull request 9; the comment is for 7.");
    assert_eq!(job.commented(), [NUMBER]);
    // Where the branch was brought into the repository to be judged, that is no other one.
    let brought = |pulls: &mut Vec<Pull>| {
        pulls[0].head_repository = Some("ann/shop".to_owned());
    };
    let job = Job::new("push", "push", HEAD, Some(HEAD)).pulls(brought);
    job.publish(&[]).exits(0);
    assert_eq!(job.commented(), [NUMBER]);
}

#[test]
fn a_forks_results_stand_below_no_other_pull_request_with_its_commit() {
    let job = Job::new("workflow_run", "workflow_run_fork", BASE, Some(HEAD));
    job.publish(&[]).exits(0);
    assert_eq!(job.lookups(), [Route::CommitPulls, Route::Pulls]);
    assert!(job.commented().is_empty());
}

#[test]
fn a_number_that_contradicts_the_event_is_refused() {
    let job = Job::new("pull_request", "pull_request", MERGE, Some(HEAD));
    job.publish(&["--pull-request", "8"]).exits(0).warns(
        "no comment: `--pull-request 8` contradicts the pipeline, which is about pull request 7",
    );
    assert!(job.server.requests().is_empty());
    job.publish(&["--pull-request", "7"]).exits(0);
    assert_eq!(
        (job.commented(), job.lookups()),
        (vec![NUMBER], vec![Route::Pull])
    );
}

#[test]
fn a_number_that_is_given_is_checked_against_what_was_judged() {
    let add = |pulls: &mut Vec<Pull>| pulls.push(Pull::open(8, OTHER, "other"));
    let job = Job::new("workflow_dispatch", "workflow_dispatch", BASE, Some(OTHER)).pulls(add);
    job.publish(&["--pull-request", "8"]).exits(0);
    assert_eq!(job.commented(), [8]);
    job.publish(&["--pull-request", "7"])
        .exits(0)
        .warns("pull request 7 is at 6dcb09b5b by now, this run was of fffffffff");
    job.publish(&["--pull-request", "77"])
        .exits(0)
        .warns("no comment: there is no such pull request");
    assert_eq!(job.commented(), [8]);
}

#[test]
fn a_repository_of_another_form_is_refused() {
    let job = Job::new("pull_request", "pull_request", MERGE, Some(HEAD));
    for name in ["shop", "octo/shop/x", "octo/sh op", "octo/..", ""] {
        job.publish(&["--repository", name])
            .exits(0)
            .warns("is not a repository as `owner/name`");
    }
    assert!(job.server.requests().is_empty());
}

#[test]
fn the_number_of_one_repository_is_never_used_in_another() {
    let job = Job::new("pull_request", "pull_request", MERGE, Some(HEAD))
        .set("GITHUB_REPOSITORY", "octo/mirror");
    job.publish(&["--repository", REPOSITORY]).exits(0);
    assert_eq!(job.lookups(), [Route::CommitPulls]);
    assert_eq!(job.commented(), [NUMBER]);
    let job = job.pulls(|pulls| pulls[0].head = OTHER.to_owned());
    job.publish(&["--repository", REPOSITORY, "--pull-request", "7"])
        .exits(0)
        .warns("pull request 7 is at fffffffff by now");
}

#[test]
fn outside_of_a_pipeline_repository_and_commit_are_enough() {
    let job = Job::new("push", "push", HEAD, Some(HEAD));
    let api = job.server.api();
    for system in ["", "CI", "CIRCLECI", "JENKINS_URL", "SEMAPHORE"] {
        job.server.with(|state| state.comments.clear());
        let variables = [
            ("GITHUB_TOKEN", TOKEN),
            ("GITHUB_API_URL", api.as_str()),
            (if system.is_empty() { "NOTHING" } else { system }, "true"),
        ];
        publish(&job.sandbox, &variables, &["--repository", REPOSITORY]).exits(0);
        assert_eq!(job.commented(), [NUMBER], "{system}");
    }
}

#[test]
fn a_bad_address_is_refused_wherever_the_forge_is_github() {
    let job = Job::new("push", "push", HEAD, Some(HEAD));
    for (system, name) in [
        ("NOTHING", "GITHUB_API_URL"),
        ("CIRCLECI", "GITHUB_GRAPHQL_URL"),
        ("JENKINS_URL", "GITHUB_SERVER_URL"),
    ] {
        let variables = [
            ("GITHUB_TOKEN", TOKEN),
            (system, "true"),
            (name, "https://me:secret@git.example.org"),
        ];
        publish(&job.sandbox, &variables, &["--repository", REPOSITORY])
            .exits(0)
            .warns(&format!(
                "no comment: `{name}` is no plain http or https address"
            ));
    }
}

#[test]
fn without_commit_and_number_it_is_said_that_nothing_tells_the_commit() {
    let job = Job::new("push", "push", HEAD, None);
    let api = job.server.api();
    let laptop = [("GITHUB_TOKEN", TOKEN), ("GITHUB_API_URL", api.as_str())];
    publish(&job.sandbox, &laptop, &["--repository", REPOSITORY])
        .exits(0)
        .warns("no comment: nothing tells which commit was judged");
    assert!(job.server.requests().is_empty());
}

#[test]
fn an_enterprise_server_is_asked_where_it_is() {
    let file = payload("push");
    let job = Job::on(Server::enterprise(), "push", HEAD, Some(HEAD))
        .set("GITHUB_EVENT_PATH", file.to_str().unwrap())
        .set("GITHUB_SERVER_URL", "https://git.example.org");
    job.publish(&[]).exits(0);
    assert_eq!(job.commented(), [NUMBER]);
    assert_eq!(job.lookups(), [Route::CommitPulls]);
}

#[test]
fn an_address_that_is_none_gets_no_token_and_no_other_address_instead() {
    let variables = ["GITHUB_API_URL", "GITHUB_GRAPHQL_URL", "GITHUB_SERVER_URL"];
    for name in variables {
        let mut job = Job::new("pull_request", "pull_request", MERGE, Some(HEAD));
        for bad in [
            "git.example.org",
            "https://me:secret@git.example.org",
            "file:///x",
        ] {
            job = job.set(name, bad);
            job.publish(&[]).exits(0).warns(&format!(
                "no comment: `{name}` is no plain http or https address"
            ));
        }
        assert!(job.server.requests().is_empty(), "{name}");
    }
}

#[test]
fn a_branch_says_nothing_but_its_name_in_a_question() {
    let branch = "x&state=all&head=octo:topic#\u{fc}/../+%26";
    let job = Job::new("workflow_run", "workflow_run_fork", BASE, Some(HEAD));
    let nothing = Reply::Say(Answer::json(200, &json!([])));
    job.server.always(Route::CommitPulls, nothing);
    let job = job.with_payload("workflow_run_fork", |payload| {
        payload["workflow_run"]["head_branch"] = json!(branch);
    });
    job.publish(&[]).exits(0);
    let requests = job.server.requests();
    let asked = requests.iter().find(|one| one.route == Some(Route::Pulls));
    let query = &asked.unwrap().query;
    assert_eq!(query["head"], format!("mallory:{branch}"));
    assert_eq!((query["state"].as_str(), query.len()), ("open", 3));
    assert!(job.commented().is_empty());
}

#[test]
fn a_fork_whose_name_is_none_leads_nowhere() {
    for name in [
        "mallory",
        "mallory/shop/x",
        "mallory&state=all/shop",
        "../../x",
    ] {
        let job = Job::new("workflow_run", "workflow_run_fork", BASE, Some(HEAD));
        let nothing = Reply::Say(Answer::json(200, &json!([])));
        job.server.always(Route::CommitPulls, nothing);
        let job = job.with_payload("workflow_run_fork", |payload| {
            payload["workflow_run"]["head_repository"]["full_name"] = json!(name);
        });
        job.publish(&[]).exits(0);
        assert_eq!(job.lookups(), [Route::CommitPulls], "{name}");
    }
}

#[test]
fn without_a_repository_nothing_is_sent_and_that_is_said() {
    for sandbox in [failed(), passed()] {
        publish(&sandbox, &[], &[]).exits(0).warns("no comment");
    }
}

/// A project with a check that the fork's code fails, as `actions/checkout` gives it to the fork's
/// job; then what that job leaves, in the job that follows it.
struct Recipe {
    world: World,
    job: Job,
}

impl Recipe {
    fn new() -> Self {
        let rules = "# No eval\n\n```check\nlacks src/**/*.js /eval\\(/\n```\n";
        let base = [
            ("apps/web/semtest.config.json", r#"{"llm": "checks"}"#),
            ("apps/web/a.spec.md", rules),
            ("apps/web/src/app.js", "main()\n"),
        ];
        let world = World::new(&base, |work| {
            std::fs::write(work.join("apps/web/src/app.js"), "eval('x')\n").unwrap();
        });
        let [head, main, merge] = ["topic", "main", "merge"].map(|branch| world.name(branch));
        let event = |name: &str| {
            let text = std::fs::read_to_string(payload(name)).unwrap();
            let file = world.path(&format!("{name}.json"));
            let text = text.replace(HEAD, &head).replace(BASE, &main);
            std::fs::write(&file, text).unwrap();
            file
        };
        finish(
            world
                .command(&["-C", "apps/web", "run"])
                .env("GITHUB_ACTIONS", "true")
                .env("GITHUB_EVENT_NAME", "pull_request")
                .env("GITHUB_EVENT_PATH", event("pull_request_fork"))
                .env("GITHUB_REPOSITORY", REPOSITORY)
                .env("GITHUB_REF", "refs/pull/7/merge")
                .env("GITHUB_SHA", merge),
        )
        .exits(1)
        .warns("the pull request comes from the fork `mallory/shop`");
        let file = event("workflow_run_fork");
        let job = Job::on(Server::start(), "workflow_run", &main, None)
            .set("GITHUB_EVENT_PATH", file.to_str().unwrap())
            .pulls(|pulls| {
                pulls[0].head = head;
                pulls[0].head_repository = Some("mallory/shop".to_owned());
                pulls.push(Pull::open(8, OTHER, "other"));
            });
        let nothing = Reply::Say(Answer::json(200, &json!([])));
        job.server.always(Route::CommitPulls, nothing);
        let recipe = Self { world, job };
        recipe.hand_over(&recipe.results());
        recipe
    }

    fn results(&self) -> Value {
        let file = "ci/apps/web/semtest-results/ci-results.json";
        let text = std::fs::read_to_string(self.world.path(file)).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The artifact that the second job downloads.
    fn hand_over(&self, results: &Value) {
        write_results(&self.job.sandbox, results);
    }
}

#[test]
fn a_forks_results_reach_its_pull_request_through_a_second_workflow() {
    let recipe = Recipe::new();
    let results = recipe.results();
    assert_eq!(results["commit"], json!(recipe.world.name("topic")));
    assert_eq!(results["directory"], "apps/web");
    recipe.job.publish(&[]).exits(0);
    assert_eq!(recipe.job.commented(), [NUMBER]);
}

#[test]
fn a_forged_artifact_reaches_nobody() {
    let recipe = Recipe::new();
    let mut results = recipe.results();
    // Another commit, such as the newest of somebody else's pull request.
    results["commit"] = json!(OTHER);
    recipe.hand_over(&results);
    recipe
        .job
        .publish(&["--pull-request", "8"])
        .exits(2)
        .warns("no comment: pull request 8 is at fffffffff by now")
        .warns("error: the results are of commit fffffffff");
    assert!(recipe.job.commented().is_empty());
    // What a verdict said before must not stay, since nobody knows what became of it.
    recipe.job.publish(&[]).exits(2);
    assert_eq!(recipe.job.commented(), [NUMBER]);
    let body = recipe.job.server.comments()[0].body.clone();
    assert!(body.contains("**ERROR: no results**"), "{body}");
    // A number that came with the artifact, as recipes of other tools have it.
    recipe.hand_over(&recipe.results());
    recipe
        .job
        .publish(&["--pull-request", "8"])
        .exits(0)
        .warns("no comment: pull request 8 is at fffffffff by now");
    // Nothing at all about the commit: what GitHub says of the run counts.
    results.as_object_mut().unwrap().remove("commit");
    recipe.hand_over(&results);
    recipe
        .job
        .publish(&["--pull-request", "8"])
        .exits(2)
        .warns("error: the results don't say of which commit they are")
        .warns("no comment: pull request 8 is at fffffffff by now");
    assert_eq!(recipe.job.commented(), [NUMBER]);
}
