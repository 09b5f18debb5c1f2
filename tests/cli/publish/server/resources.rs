//! What each route does to comments and pull requests.

use serde_json::{Value, json};

use super::documents::{
    REPOSITORY_ID, comment, graphql_error, invalid, node_id, not_found, pull_request, too_long,
    user,
};
use super::routes::{Asked, Place};
use super::{Answer, Comment, Pull, REPOSITORY, Route, Shared, State, US};

/// The most characters of a comment.
const LONGEST_COMMENT: usize = 65_536;

impl State {
    fn pull(&self, number: u64) -> Option<&Pull> {
        self.pulls.iter().find(|pull| pull.number == number)
    }
}

impl Asked {
    pub(super) fn perform(&self, shared: &Shared) -> Answer {
        let mut state = shared.state();
        let Some(Place { route, number }) = self.place else {
            return not_found();
        };
        match route {
            Route::List => self.list(shared, &state, number),
            Route::Create => self.create(&mut state, number),
            Route::Update => self.update(&mut state, number),
            Route::Delete => delete(&mut state, number),
            Route::GraphQl => self.graphql(&mut state),
            Route::User if state.is_installation => {
                Answer::error(403, "Resource not accessible by integration")
            }
            Route::User => Answer::json(200, &user(US)),
            Route::Pull => state.pull(number).map_or_else(not_found, |pull| {
                Answer::json(200, &pull_request(pull, false))
            }),
            Route::Pulls => self.pulls(&state),
            Route::CommitPulls => self.commit_pulls(&state),
        }
    }

    fn per_page(&self) -> usize {
        let asked = self
            .query
            .get("per_page")
            .and_then(|text| text.parse().ok());
        asked.unwrap_or(30).clamp(1, 100)
    }

    fn list(&self, shared: &Shared, state: &State, number: u64) -> Answer {
        if state.pull(number).is_none() {
            return not_found();
        }
        let of_it = |comment: &&Comment| comment.number == number;
        let all: Vec<&Comment> = state.comments.iter().filter(of_it).collect();
        let size = self.per_page().min(state.page_size);
        let page = self.query.get("page").and_then(|text| text.parse().ok());
        let page: usize = page.unwrap_or(1).max(1);
        let last = all.len().div_ceil(size).max(1);
        let shown = all.iter().skip((page - 1) * size).take(size);
        let answer = Answer::json(200, &shown.map(|comment| self::comment(comment)).collect());
        // The links name the repository by its number.
        let link = |page: usize, relation: &str| {
            format!(
                "<{}{}/repositories/{REPOSITORY_ID}/issues/{number}/comments?per_page={}&page={page}>; \
                 rel=\"{relation}\"",
                shared.address,
                shared.rest,
                self.per_page(),
            )
        };
        let mut links = Vec::new();
        if page > 1 {
            links.extend([link(page - 1, "prev"), link(1, "first")]);
        }
        if page < last {
            links.extend([link(page + 1, "next"), link(last, "last")]);
        }
        if links.is_empty() {
            return answer;
        }
        answer.with("link", &links.join(", "))
    }

    /// The text, if it is one that a comment may have.
    fn text(&self) -> Result<String, Answer> {
        let json = self.json().unwrap_or_default();
        let Some(text) = json["body"].as_str().filter(|text| !text.trim().is_empty()) else {
            return Err(invalid("Body can't be blank"));
        };
        if text.chars().count() > LONGEST_COMMENT {
            return Err(too_long());
        }
        Ok(text.to_owned())
    }

    fn create(&self, state: &mut State, number: u64) -> Answer {
        if state.pull(number).is_none() {
            return not_found();
        }
        match self.text() {
            Ok(text) => {
                let id = state.add(number, US, &text);
                let made = state.comments.iter().find(|comment| comment.id == id);
                Answer::json(201, &made.map(comment).unwrap_or_default())
            }
            Err(refusal) => refusal,
        }
    }

    fn update(&self, state: &mut State, id: u64) -> Answer {
        let text = match self.text() {
            Ok(text) => text,
            Err(refusal) => return refusal,
        };
        let mut comments = state.comments.iter_mut();
        let Some(comment) = comments.find(|comment| comment.id == id) else {
            return not_found();
        };
        if comment.author != US {
            state
                .violations
                .push(format!("somebody else's comment {id} was changed"));
            return not_found();
        }
        comment.body = text;
        Answer::json(200, &self::comment(comment))
    }

    /// Only `nodes(ids: …)` of comments; the ids are one of the variables.
    fn graphql(&self, state: &mut State) -> Answer {
        let json = self.json().unwrap_or_default();
        let query = json["query"].as_str().unwrap_or_default();
        let ids = json["variables"].as_object().and_then(|variables| {
            let mut lists = variables.values().filter_map(Value::as_array);
            lists.next()
        });
        let (true, Some(ids)) = (query.contains("nodes(ids:"), ids) else {
            state.violations.push(format!("GraphQL: {}", self.body));
            return graphql_error("Parse error", "PARSE_ERROR");
        };
        if ids.len() > 100 {
            state.violations.push(format!("GraphQL: {} ids", ids.len()));
            return graphql_error(
                "You may not provide more than 100 node ids",
                "ARGUMENT_LIMIT",
            );
        }
        if !state.tells_authors {
            let message = "Field 'viewerDidAuthor' doesn't exist on type 'IssueComment'";
            return graphql_error(message, "undefinedField");
        }
        let (mut nodes, mut errors) = (Vec::new(), Vec::new());
        for (index, id) in ids.iter().enumerate() {
            let mut comments = state.comments.iter();
            let is_it = |comment: &&Comment| json!(node_id(comment)) == *id;
            let found = comments.find(is_it);
            if found.is_some_and(|comment| Some(comment.author) == state.hidden) {
                errors.push(json!({
                    "type": "FORBIDDEN", "path": ["nodes", index],
                    "message": "Resource not accessible by integration",
                }));
                nodes.push(Value::Null);
                continue;
            }
            let node = found.map(|comment| {
                json!({"id": id, "viewerDidAuthor": comment.author == US, "isMinimized": false})
            });
            if node.is_none() {
                let message = format!("Could not resolve to a node with the global id of '{id}'");
                errors.push(json!({
                    "type": "NOT_FOUND", "path": ["nodes", index], "message": message,
                }));
            }
            nodes.push(node.unwrap_or_default());
        }
        let mut body = json!({"data": {"nodes": nodes}});
        if !errors.is_empty() {
            body["errors"] = errors.into();
        }
        Answer::json(200, &body)
    }

    /// By `state` (open, if nothing is said), `head` (`owner:branch`) and `base`.
    fn pulls(&self, state: &State) -> Answer {
        let query = |name: &str| self.query.get(name).map(String::as_str);
        let is_asked = |pull: &&Pull| {
            let owner = pull.head_repository.as_deref().unwrap_or_default();
            let owner = owner.split('/').next().unwrap_or_default();
            let label = format!("{owner}:{}", pull.branch);
            let by_state = match query("state").unwrap_or("open") {
                "open" => pull.is_open,
                "closed" => !pull.is_open,
                _ => true,
            };
            // Without an owner GitHub ignores the filter.
            let head = query("head").filter(|head| head.contains(':'));
            by_state
                && pull.base_repository == REPOSITORY
                && head.is_none_or(|head| head == label)
                && query("base").is_none_or(|base| base == pull.base_branch)
        };
        let found = state.pulls.iter().filter(is_asked);
        let found = found.map(|pull| pull_request(pull, true));
        Answer::json(200, &found.take(self.per_page()).collect())
    }

    fn commit_pulls(&self, state: &State) -> Answer {
        let commit = self.path.split('/').rev().nth(1).unwrap_or_default();
        let is_of_it = |pull: &&Pull| {
            let merge = pull.merge.as_deref();
            pull.head == commit
                || merge == Some(commit)
                || pull.older.iter().any(|older| older == commit)
        };
        let found: Vec<&Pull> = state.pulls.iter().filter(is_of_it).collect();
        let is_known = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_known {
            return Answer::error(422, &format!("No commit found for SHA: {commit}"));
        }
        let found = found.into_iter().map(|pull| pull_request(pull, true));
        Answer::json(200, &found.take(self.per_page()).collect())
    }
}

fn delete(state: &mut State, id: u64) -> Answer {
    let place = state.comments.iter().position(|comment| comment.id == id);
    let Some(place) = place else {
        return not_found();
    };
    if state.comments[place].author != US {
        state
            .violations
            .push(format!("somebody else's comment {id} was deleted"));
        return not_found();
    }
    state.comments.remove(place);
    let mut answer = Answer::json(204, &json!(null));
    answer.body.clear();
    answer
}
