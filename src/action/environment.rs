//! What of a step's environment its two halves see. Neither sees what opens more than it needs.

use crate::env::Env;

/// The step's own inputs, and what lets a program act as the job: its cache, its artifacts, its identity
/// at a cloud.
const NOBODYS: [&str; 2] = ["INPUT_", "ACTIONS_"];

/// Where GitHub's own documents, and we, keep a token.
const TOKENS: [&str; 5] = [
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "SEMTEST_GITHUB_TOKEN",
    "SEMTEST_GITLAB_TOKEN",
    "GITLAB_TOKEN",
];

/// Variables that name the files by which a step decides about the steps after it
/// (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>).
pub const COMMAND_FILES: [&str; 5] = [
    "GITHUB_ENV",
    "GITHUB_OUTPUT",
    "GITHUB_PATH",
    "GITHUB_STATE",
    "GITHUB_STEP_SUMMARY",
];

/// Where the machine's containers are.
const CONTAINERS: &str = "DOCKER_HOST";

/// A shorter text stands in other variables by chance.
const SHORTEST_SECRET: usize = 8;

/// For everything that runs without the token: no variable holds it, whatever its name.
pub(super) fn of_run(env: &Env, token: Option<&str>) -> Env {
    let publish = of_publish(env, token);
    kept(&publish, |name, _| {
        !COMMAND_FILES.contains(&name) && name != CONTAINERS
    })
}

/// For `publish`, which gets the token by another way.
pub(super) fn of_publish(env: &Env, token: Option<&str>) -> Env {
    let token = token.filter(|token| token.len() >= SHORTEST_SECRET);
    kept(env, |name, value| {
        let name = name.to_ascii_uppercase();
        !NOBODYS.iter().any(|start| name.starts_with(start))
            && !TOKENS.contains(&name.as_str())
            && !token.is_some_and(|token| value.contains(token))
    })
}

fn kept(env: &Env, keeps: impl Fn(&str, &str) -> bool) -> Env {
    let variables = env.iter().filter(|(name, value)| {
        // What is no text is nobody's on our lists, but it may hold the token's bytes.
        keeps(&name.to_string_lossy(), &value.to_string_lossy())
    });
    variables.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(env: &Env) -> Vec<&str> {
        env.iter().filter_map(|(name, _)| name.to_str()).collect()
    }

    #[test]
    fn what_opens_the_job_is_passed_on_to_nobody() {
        let env = Env::from_iter([
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "x"),
            ("ACTIONS_RUNTIME_TOKEN", "x"),
            ("ANTHROPIC_API_KEY", "key"),
            ("DOCKER_HOST", "unix:///x"),
            ("GITHUB_OUTPUT", "/f"),
            ("GITHUB_REPOSITORY", "o/r"),
            ("GITHUB_TOKEN", "t0ken-of-the-job"),
            ("INPUT_GITHUB_TOKEN", "t0ken-of-the-job"),
            ("INPUT_LLM", "codex"),
            ("MY_COPY", "Bearer t0ken-of-the-job"),
            ("input_x", "x"),
        ]);
        let token = Some("t0ken-of-the-job");
        let run = of_run(&env, token);
        assert_eq!(names(&run), ["ANTHROPIC_API_KEY", "GITHUB_REPOSITORY"]);
        let publish = of_publish(&env, token);
        let expected = [
            "ANTHROPIC_API_KEY",
            "DOCKER_HOST",
            "GITHUB_OUTPUT",
            "GITHUB_REPOSITORY",
        ];
        assert_eq!(names(&publish), expected);
    }

    #[test]
    fn a_short_text_is_no_token_to_look_for() {
        let env = Env::from_iter([("PATH", "/bin")]);
        assert_eq!(names(&of_run(&env, Some("b"))), ["PATH"]);
    }
}
