//! The tools that a CLI offers its model, and the call that does what a script wants done.

use serde_json::{Map, Value, json};

use super::script::Action;

/// A tool of the CLI, as the request describes it.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    name: String,
    /// The JSON schema of its arguments.
    schema: Value,
    /// Takes plain text in place of arguments (`custom` of the responses API).
    is_free: bool,
}

/// A tool call.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    pub(super) name: String,
    /// An object, or the text of a tool that takes plain text.
    pub(super) arguments: Value,
}

/// Every tool in `body`, whichever wire it came by.
pub(super) fn offers(body: &Value) -> Vec<Offer> {
    let mut found = Vec::new();
    collect(&body["tools"], &mut found);
    // Codex CLI gives its newer models their tools as a message.
    for item in body["input"].as_array().into_iter().flatten() {
        collect(&item["tools"], &mut found);
    }
    found
}

fn collect(tools: &Value, found: &mut Vec<Offer>) {
    for tool in tools.as_array().into_iter().flatten() {
        // Gemini has lists of declarations, the responses API has namespaces of tools.
        collect(&tool["functionDeclarations"], found);
        collect(&tool["tools"], found);
        // Chat completions wrap it.
        let function = tool.get("function").unwrap_or(tool);
        let Some(name) = function["name"].as_str() else {
            continue;
        };
        let schema = ["input_schema", "parameters", "parametersJsonSchema"]
            .iter()
            .map(|field| &function[field])
            .find(|schema| schema.is_object());
        found.push(Offer {
            name: name.to_owned(),
            schema: schema.cloned().unwrap_or_default(),
            is_free: tool["type"] == "custom",
        });
    }
}

/// Names of tools that read a file, write one, run a command; in the order of preference.
const READ: &[&str] = &["Read", "read_file", "read", "view"];
const WRITE: &[&str] = &["Write", "write_file", "write", "create"];
const SHELL: &[&str] = &[
    "Bash",
    "run_shell_command",
    "bash",
    "shell_command",
    "exec_command",
    "shell",
    "local_shell",
];

/// Codex CLI's newer models have one tool, which runs a program that calls the others.
const CODE: &str = "exec";

/// The call that does `action`. A model that obeys a stranger calls what it was not offered, too:
/// then it is a call by the name that this CLI would have used.
pub(super) fn call(action: &Action, offers: &[Offer]) -> Call {
    let (names, fallback) = match action {
        Action::Read(path) => (READ, Some(format!("cat '{path}'"))),
        Action::Write(path, text) => (WRITE, Some(format!("printf %s '{text}' > '{path}'"))),
        Action::Shell(_) => (SHELL, None),
    };
    let offered = |names: &[&str]| {
        let find = |name: &&str| {
            offers
                .iter()
                .find(|offer| offer.name == **name && !offer.is_free)
        };
        names.iter().find_map(find)
    };
    if let Some(offer) = offered(names) {
        return offer.call(action);
    }
    if let (Some(command), Some(offer)) = (&fallback, offered(SHELL)) {
        return offer.call(&Action::Shell(command.clone()));
    }
    let runs_code = |offer: &&Offer| offer.is_free && offer.name == CODE;
    if let Some(offer) = offers.iter().find(runs_code) {
        let command = match action {
            Action::Shell(command) => Some(command.clone()),
            Action::Read(_) | Action::Write(..) => fallback,
        };
        let command = json!({"cmd": command});
        let code = format!("text(JSON.stringify(await tools.exec_command({command})));");
        return Call {
            name: offer.name.clone(),
            arguments: Value::String(code),
        };
    }
    let family = READ
        .iter()
        .position(|name| offers.iter().any(|offer| offer.name == *name));
    Call {
        name: names[family.unwrap_or(0).min(names.len() - 1)].to_owned(),
        arguments: usual(action),
    }
}

/// Arguments for a tool whose schema is not known.
fn usual(action: &Action) -> Value {
    match action {
        Action::Read(path) => json!({"file_path": path, "filePath": path, "path": path}),
        Action::Write(path, text) => {
            json!({"file_path": path, "filePath": path, "path": path, "content": text, "file_text": text})
        }
        Action::Shell(command) => json!({"command": command, "description": "Looks around"}),
    }
}

impl Offer {
    /// The arguments that this tool's schema has for `action`.
    fn call(&self, action: &Action) -> Call {
        let mut arguments = Map::new();
        let properties = self.schema["properties"].as_object();
        let required: Vec<&str> = self.schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for (name, schema) in properties.into_iter().flatten() {
            let value = argument(name, schema, action);
            let filler = || required.contains(&name.as_str()).then(|| filler(schema));
            if let Some(value) = value.or_else(filler) {
                arguments.insert(name.clone(), value);
            }
        }
        Call {
            name: self.name.clone(),
            arguments: arguments.into(),
        }
    }
}

fn argument(name: &str, schema: &Value, action: &Action) -> Option<Value> {
    const PATHS: &[&str] = &["file_path", "filePath", "absolute_path", "path"];
    const TEXTS: &[&str] = &["content", "contents", "file_text"];
    match action {
        Action::Read(path) | Action::Write(path, _) if PATHS.contains(&name) => Some(json!(path)),
        Action::Write(_, text) if TEXTS.contains(&name) => Some(json!(text)),
        Action::Shell(command) if name == "command" || name == "cmd" => {
            Some(match schema["type"].as_str() {
                Some("array") => json!(["bash", "-lc", command]),
                _ => json!(command),
            })
        }
        Action::Read(_) | Action::Write(..) | Action::Shell(_) => None,
    }
}

/// Something of the type of an argument that nobody cares about.
fn filler(schema: &Value) -> Value {
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("boolean") => json!(false),
        Some("integer" | "number") => json!(1),
        Some("array") => json!([]),
        Some("object") => json!({}),
        _ => json!("Looks around"),
    }
}
