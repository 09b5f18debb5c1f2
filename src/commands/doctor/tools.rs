//! Which LLM CLIs are here.

use crate::evaluate::{Credentials, Installed, tools};
use crate::sanitize::is_secret_name;
use crate::ui::Finding;

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
            let (name, login) = (tool.name, login(installed));
            Finding::ok(TOPIC, format!("{name}{place} ({version}{tested}): {login}"))
        }
    }
}

fn login(installed: &Installed) -> String {
    let keys = keys(installed);
    match installed.credentials {
        Credentials::Set(name) => format!("logs in with {name}"),
        Credentials::Missing(names) => format!(
            "{} is not set, so it needs a login of its own",
            names.join(" or ")
        ),
        Credentials::Unknown if keys.is_empty() => {
            "sees no key, so it needs a login of its own".to_owned()
        }
        Credentials::Unknown => format!("sees {}", keys.join(", ")),
    }
}

/// The variables that the tool may log in with.
pub(super) fn keys(installed: &Installed) -> Vec<&str> {
    let names = installed.variables.iter().map(String::as_str);
    names.filter(|name| is_secret_name(name)).collect()
}
