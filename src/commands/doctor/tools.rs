//! Which LLM CLIs are here.

use crate::evaluate::{AgentError, Credentials, Installed, Login, tools};
use crate::sanitize::is_secret_name;
use crate::ui::Finding;

use super::super::ask::candidates;
use super::super::project::Project;

const TOPIC: &str = "tools";

/// One for each known tool that is on `PATH`. A tool that does not start is no problem unless it has
/// to judge, which is told with the project.
pub(super) fn findings(installed: &[Installed]) -> Vec<Finding> {
    if installed.is_empty() {
        let names: Vec<&str> = tools().iter().take(3).map(|tool| tool.name).collect();
        return vec![Finding::warning(
            TOPIC,
            "no known LLM CLI is on PATH",
            &format!(
                "install one, such as {}; `semtest list` shows all. Deterministic checks need none",
                names.join(", ")
            ),
        )];
    }
    installed.iter().map(finding).collect()
}

fn finding(installed: &Installed) -> Finding {
    let tool = installed.tool;
    let place = installed
        .program
        .as_ref()
        .map(|program| format!(" at {}", program.display()));
    let place = place.unwrap_or_default();
    match &installed.version {
        Err(reason) => Finding::warning(
            TOPIC,
            format!("{}{place}: {reason}", tool.name),
            &format!("start `{} --version` yourself", tool.binary),
        ),
        Ok(version) => {
            let tested = match tool.tested {
                Some(tested) if version.contains(tested) => String::new(),
                Some(tested) => format!(", tested with {tested}"),
                None => ", untested".to_owned(),
            };
            let start = format!("{}{place} ({version}{tested})", tool.name);
            login(installed, &start)
        }
    }
}

/// Whether it can judge, as far as that can be told without a call.
fn login(installed: &Installed, start: &str) -> Finding {
    let (tool, keys) = (installed.tool, keys(installed));
    // Whether it has to judge is told with the project.
    match &installed.refused {
        Some(AgentError::MissingKey { .. }) => {
            return Finding::ok(TOPIC, format!("{start}: no key here, so it can't judge"));
        }
        Some(error) => return Finding::ok(TOPIC, format!("{start}: can't judge here: {error}")),
        None => {}
    }
    let variables = match installed.credentials {
        Credentials::Set(name) => {
            return Finding::ok(TOPIC, format!("{start}: logs in with {name}"));
        }
        Credentials::Unknown if !keys.is_empty() => {
            return Finding::ok(TOPIC, format!("{start}: sees {}", keys.join(", ")));
        }
        Credentials::Missing(names) => names.join(" or "),
        Credentials::Unknown => "its API key".to_owned(),
    };
    match installed.login {
        Login::Present => Finding::ok(
            TOPIC,
            format!("{start}: no key set; it says that it is logged in"),
        ),
        Login::Absent => Finding::warning(
            TOPIC,
            format!("{start}: no key set, and it says that it is not logged in"),
            &format!(
                "start `{}` by itself once and log in, or set {variables}",
                tool.binary
            ),
        ),
        Login::Untold => Finding::unknown(
            TOPIC,
            format!("{start}: no key set; whether it is logged in, only a call tells"),
            &format!("semtest ask --llm {} \"README.md exists.\"", tool.key),
        ),
    }
}

/// Which tools `semtest ask` would ask here.
pub(super) fn asked(project: &Project) -> Option<Finding> {
    let tools = candidates(project).ok()?;
    let names: Vec<&str> = tools.iter().map(|tool| tool.name).collect();
    let (first, others) = names.split_first()?;
    let others = if others.is_empty() {
        String::new()
    } else {
        format!("; where it gives no answer: {}", others.join(", "))
    };
    let message = format!("`semtest ask` asks {first}{others}");
    Some(Finding::ok("ask", message))
}

/// The variables of the user's that the tool may log in with.
pub(super) fn keys(installed: &Installed) -> Vec<&str> {
    let names = installed.variables.iter().map(String::as_str);
    names.filter(|name| is_secret_name(name)).collect()
}
