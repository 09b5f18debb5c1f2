//! Which comment is ours.

use std::sync::Arc;

use super::super::server::{Answer, Reply, STRANGER};
use super::*;

#[test]
fn ours_is_found_among_a_hundred_and_fifty_on_three_pages() {
    for place in [0, 75, 149] {
        let (server, red) = (Server::start(), failed());
        let ours = text_of(&red, &[]);
        server.with(|state| {
            state.page_size = 50;
            for number in 0..150 {
                if number == place {
                    state.comment(US, &ours);
                } else {
                    state.comment(STRANGER, &format!("Remark {number}"));
                }
            }
        });
        posted(&server, &passed(), &[])
            .exits(0)
            .says("Comment updated");
        assert!(the_only(&server).body.contains("PASSED"));
        assert_eq!(server.comments().len(), 150);
        let asked = [
            Route::Pull,
            Route::List,
            Route::List,
            Route::List,
            Route::GraphQl,
            Route::Update,
        ];
        assert_eq!(server.routes(), asked, "{place}");
    }
}

#[test]
fn somebody_else_s_comment_with_our_marker_is_not_ours() {
    let red = failed();
    let ours = text_of(&red, &[]);
    let server = Server::start();
    server.with(|state| state.comment(STRANGER, &ours));
    // It is no reason to think that there is a comment already.
    posted(&server, &passed(), &[])
        .exits(0)
        .says_only("No comment: nothing failed.");
    posted(&server, &red, &[]).exits(0).says("Comment added");
    server.with(|state| state.comment(STRANGER, &ours));
    posted(&server, &passed(), &[])
        .exits(0)
        .says("Comment updated");
    assert!(the_only(&server).body.contains("PASSED"));
    let theirs = server
        .comments()
        .into_iter()
        .filter(|comment| comment.author == STRANGER);
    assert!(theirs.map(|comment| comment.body).eq([ours.clone(), ours]));
    assert_eq!(server.count(Route::Delete), 0);
}

#[test]
fn a_quoted_marker_is_none() {
    let red = failed();
    let ours = text_of(&red, &[]);
    let server = Server::start();
    server.with(|state| {
        // By ourselves: another step of the same job comments too.
        state.comment(US, &format!("{ours}\n\nand more"));
        state.comment(US, &format!("> {}", ours.lines().next_back().unwrap()));
        state.comment(US, "");
    });
    posted(&server, &red, &[]).exits(0).says("Comment added");
    assert_eq!(server.comments().len(), 4);
}

#[test]
fn a_forged_digest_is_no_memory_and_no_error() {
    let (server, sandbox) = (Server::start(), failed());
    let ours = text_of(&sandbox, &[]);
    let words: Vec<&str> = ours.lines().next_back().unwrap().split(' ').collect();
    // A memory of the year 2999 with the old checksum, which would keep every run away.
    let forged = "eyJjb21taXQiOm51bGwsInN0YXJ0ZWQiOjMyNDcyMTQ0MDAwMDAwLCJmYWlsaW5nIjpbXX0";
    for memory in [forged, "", "none", "!!!", &"A".repeat(50_000)] {
        let body = ours.replace(words[3], memory);
        let id = server.with(|state| {
            state.comments.clear();
            state.comment(US, &body)
        });
        posted(&server, &sandbox, &[])
            .exits(0)
            .says("Comment updated");
        let now = the_only(&server);
        assert_eq!(now.id, id);
        assert_eq!(now.body.lines().next(), ours.lines().next());
    }
}

#[test]
fn a_comment_that_is_deleted_meanwhile_is_made_again() {
    let (server, red) = (Server::start(), failed());
    posted(&server, &red, &[]).exits(0);
    let gone = Reply::After(Arc::new(|state| state.comments.clear()));
    server.next(Route::Update, [gone]);
    posted(&server, &passed(), &["--comment", "always"])
        .exits(0)
        .says("Comment added");
    assert!(the_only(&server).body.contains("PASSED"));
    // Before it is asked who wrote it.
    let gone = Reply::After(Arc::new(|state| state.comments.clear()));
    server.next(Route::GraphQl, [gone]);
    posted(&server, &red, &[]).exits(0).says("Comment added");
    assert!(the_only(&server).body.contains("FAILED"));
    // A green run has nothing to make again.
    let gone = Reply::After(Arc::new(|state| state.comments.clear()));
    server.next(Route::Update, [gone]);
    posted(&server, &passed(), &[])
        .exits(0)
        .says_only("No comment: nothing failed.");
    assert!(server.comments().is_empty());
}

#[test]
fn without_graphql_a_user_is_known_by_number() {
    let (server, red) = (Server::start(), failed());
    let ours = text_of(&red, &[]);
    server.with(|state| {
        state.tells_authors = false;
        state.is_installation = false;
        state.comment(STRANGER, &ours);
        state.comment(US, &ours);
    });
    posted(&server, &passed(), &[])
        .exits(0)
        .says("Comment updated");
    assert!(the_only(&server).body.contains("PASSED"));
    let asked = [
        Route::Pull,
        Route::List,
        Route::GraphQl,
        Route::User,
        Route::Update,
    ];
    assert_eq!(server.routes(), asked);
    // Copies of GitHub have no GraphQL at all.
    server.always(Route::GraphQl, Reply::Say(Answer::error(404, "Not Found")));
    posted(&server, &failed(), &[])
        .exits(0)
        .says("Comment updated");
}

#[test]
fn where_nobody_can_tell_who_wrote_it_nothing_is_posted() {
    let (server, red) = (Server::start(), failed());
    let ours = text_of(&red, &[]);
    server.with(|state| {
        state.tells_authors = false;
        state.comment(STRANGER, &ours);
    });
    posted(&server, &red, &[])
        .exits(0)
        .has_no_comment("it can't be told which comments are ours")
        .warns("${{ github.token }}");
    let asked = [Route::Pull, Route::List, Route::GraphQl, Route::User];
    assert_eq!(server.routes(), asked);
    assert_eq!(server.comments().len(), 1);
}

#[test]
fn a_comment_that_the_token_may_not_see_hides_ours_not_unless_nothing_else_is_told() {
    let (server, red) = (Server::start(), failed());
    let ours = text_of(&red, &[]);
    server.with(|state| {
        state.hidden = Some(STRANGER);
        state.comment(STRANGER, &ours);
    });
    posted(&server, &red, &[])
        .exits(0)
        .has_no_comment("it can't be told which comments are ours");
    server.with(|state| state.comment(US, &ours));
    posted(&server, &red, &[]).exits(0).says("Comment ");
    assert_eq!(server.comments().len(), 2);
}

#[test]
fn a_limit_that_keeps_us_from_asking_who_wrote_it_is_told_as_such() {
    let busy = || Reply::Say(Answer::error(429, "Too Many Requests").with("retry-after", "999"));
    for route in [Route::GraphQl, Route::User] {
        let (server, red) = (Server::start(), failed());
        let ours = text_of(&red, &[]);
        server.with(|state| {
            // GraphQL is asked first.
            state.tells_authors = route == Route::GraphQl;
            state.is_installation = false;
            state.comment(US, &ours);
        });
        server.always(route, busy());
        let run = posted(&server, &red, &[]).exits(0);
        assert!(!run.stderr.contains("${{ github.token }}"));
        run.has_no_comment("127.0.0.1 asks for a pause of 999 s");
        assert_eq!(server.count(route), 1);
    }
}

#[test]
fn duplicates_of_an_earlier_accident_are_taken_away() {
    let (server, red) = (Server::start(), failed());
    let ours = text_of(&red, &[]);
    let oldest = server.with(|state| {
        let oldest = state.comment(US, &ours);
        state.comment(STRANGER, &ours);
        state.comment(US, &ours);
        oldest
    });
    posted(&server, &passed(), &[])
        .exits(0)
        .says("Comment updated");
    assert_eq!(the_only(&server).id, oldest);
    assert_eq!(server.comments().len(), 2);
}
