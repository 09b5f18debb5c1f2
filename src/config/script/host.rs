//! What a config sees of the world: some environment variables, and a console that says nothing.

use serde_json::{Map, Value};

use crate::env::Env;

/// Parts of names whose values are likely to be secrets.
const SECRET: [&str; 3] = ["TOKEN", "KEY", "SECRET"];

/// The variables that a config may read: `CI`, `NODE_ENV` and `SEMTEST_*`, but no secrets.
pub(super) fn visible(env: &Env) -> Map<String, Value> {
    env.iter()
        .filter_map(|(name, value)| Some((name.to_str()?, value.to_str()?)))
        .filter(|(name, _)| is_visible(name))
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect()
}

fn is_visible(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    (matches!(name, "CI" | "NODE_ENV") || name.starts_with("SEMTEST_"))
        && !SECRET.iter().any(|part| upper.contains(part))
}

/// The script that runs before the config: `process.env` and `console`, nothing else.
pub(super) fn prelude(env: &Map<String, Value>) -> String {
    let env = Value::from(Value::Object(env.clone()).to_string());
    format!(
        "\"use strict\";
const freeze = (name, value) => Object.defineProperty(globalThis, name, {{ value }});
freeze(\"process\", Object.freeze({{ env: Object.freeze(JSON.parse({env})) }}));
const quiet = {{}};
for (const name of [\"log\", \"info\", \"warn\", \"error\", \"debug\", \"trace\", \"dir\", \"table\",
  \"group\", \"groupCollapsed\", \"groupEnd\", \"time\", \"timeEnd\", \"timeLog\", \"count\", \"assert\"])
  quiet[name] = () => {{}};
freeze(\"console\", Object.freeze(quiet));
"
    )
}

/// What to do about a name that other runtimes have and this one lacks.
pub(super) fn hint_for_missing(name: &str) -> Option<&'static str> {
    match name {
        "require" => Some("write `import … from \"./file\"`"),
        "module" | "exports" => Some("write `export default { … };`"),
        "fetch" | "XMLHttpRequest" | "WebSocket" | "Deno" | "Bun" | "Buffer" | "__dirname"
        | "__filename" | "setTimeout" | "setInterval" | "setImmediate" | "window" | "document"
        | "navigator" => Some("config files run without file, network or process access"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_sees_the_variables_meant_for_it_and_no_secret() {
        let env = Env::from_iter([
            ("CI", "true"),
            ("NODE_ENV", "test"),
            ("SEMTEST_LLM", "mine"),
            ("SEMTEST_EMPTY", ""),
            ("SEMTEST_API_KEY", "hidden"),
            ("SEMTEST_token", "hidden"),
            ("SEMTEST_Secrets", "hidden"),
            ("HOME", "hidden"),
            ("GITHUB_TOKEN", "hidden"),
            ("XSEMTEST_A", "hidden"),
        ]);
        let names: Vec<_> = visible(&env).keys().cloned().collect();
        assert_eq!(names, ["CI", "NODE_ENV", "SEMTEST_EMPTY", "SEMTEST_LLM"]);
    }
}
