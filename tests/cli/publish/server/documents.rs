//! What GitHub says, in the shapes of its documentation.

use serde_json::{Value, json};

use super::{Answer, Comment, Pull, REPOSITORY, STRANGER, User};

/// The repository's number, by which GitHub's own links name it.
pub(super) const REPOSITORY_ID: u64 = 1_296_269;

pub(super) fn not_found() -> Answer {
    Answer::error(404, "Not Found")
}

pub(super) fn invalid(message: &str) -> Answer {
    let error = json!({
        "resource": "IssueComment", "code": "unprocessable", "field": "data", "message": message,
    });
    let body = json!({
        "message": "Validation Failed", "errors": [error], "status": "422",
        "documentation_url": "https://docs.github.com/rest/issues/comments#create-an-issue-comment",
    });
    Answer::json(422, &body)
}

/// What is said to a comment that is too long.
pub(crate) fn too_long() -> Answer {
    invalid("Body is too long (maximum is 65536 characters)")
}

pub(super) fn graphql_error(message: &str, code: &str) -> Answer {
    let error = json!({"message": message, "extensions": {"code": code}});
    Answer::json(200, &json!({"errors": [error]}))
}

pub(super) fn node_id(comment: &Comment) -> String {
    format!("IC_kwDO{}", comment.id)
}

pub(super) fn user(user: User) -> Value {
    json!({
        "id": user.id, "login": user.login, "type": user.kind, "node_id": format!("U_{}", user.id),
        "site_admin": false, "url": format!("https://api.github.com/users/{}", user.login),
        "html_url": format!("https://github.com/{}", user.login),
    })
}

pub(super) fn comment(comment: &Comment) -> Value {
    let Comment {
        id, number, author, ..
    } = comment;
    let page = format!("https://github.com/{REPOSITORY}/pull/{number}");
    let api = format!("https://api.github.com/repos/{REPOSITORY}/issues");
    json!({
        "id": id, "node_id": node_id(comment), "user": user(*author), "body": comment.body,
        "url": format!("{api}/comments/{id}"), "issue_url": format!("{api}/{number}"),
        "html_url": format!("{page}#issuecomment-{id}"), "author_association": "NONE",
        "created_at": "2026-05-01T12:00:00Z", "updated_at": "2026-05-01T12:00:00Z",
        "performed_via_github_app": null,
    })
}

pub(super) fn pull_request(pull: &Pull, is_in_list: bool) -> Value {
    let number = pull.number;
    let repository = |name: &String| {
        let owner = name.split('/').next().unwrap_or_default();
        json!({
            "id": REPOSITORY_ID, "full_name": name, "fork": name != REPOSITORY,
            "name": name.split('/').next_back(), "owner": {"login": owner, "id": 1},
            "url": format!("https://api.github.com/repos/{name}"),
        })
    };
    let owner = |name: &Option<String>| {
        let name = name.as_deref().unwrap_or("unknown repository");
        name.split('/').next().unwrap_or_default().to_owned()
    };
    let mut document = json!({
        "id": 1_000 + number, "node_id": format!("PR_{number}"), "number": number,
        "url": format!("https://api.github.com/repos/{}/pulls/{number}", pull.base_repository),
        "html_url": format!("https://github.com/{}/pull/{number}", pull.base_repository),
        "state": if pull.is_open { "open" } else { "closed" }, "locked": false, "draft": false,
        "title": format!("Change {number}"), "body": null, "user": user(STRANGER),
        "merge_commit_sha": pull.merge, "merged_at": null,
        "created_at": "2026-05-01T12:00:00Z", "updated_at": "2026-05-01T12:00:00Z",
        "head": {
            "label": format!("{}:{}", owner(&pull.head_repository), pull.branch),
            "ref": pull.branch, "sha": pull.head, "user": null,
            "repo": pull.head_repository.as_ref().map(repository),
        },
        "base": {
            "label": format!("{}:{}", owner(&Some(pull.base_repository.clone())), pull.base_branch),
            "ref": pull.base_branch, "sha": "0".repeat(40), "user": null,
            "repo": repository(&pull.base_repository),
        },
    });
    if !is_in_list {
        document["merged"] = json!(false);
        document["comments"] = json!(0);
    }
    document
}
