//! GitHub's runner as a reader of our log and of its command files, rebuilt from what its source does
//! (`ActionCommand.cs`, `FileCommandManager.cs`): what it would take for a command, and how it
//! un-escapes it.

use std::collections::BTreeMap;

/// The names that the runner knows.
const REGISTERED: [&str; 16] = [
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    "stop-commands",
    "warning",
    "internal-set-repo-path",
];

/// A command as the runner understood it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// In lower case, as names are compared without regard to case.
    pub(crate) name: String,
    /// Likewise.
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) data: String,
}

/// Every command in a log, in its order. A line counts as well if it is one to a reader that overlooks
/// characters without weight.
pub(crate) fn commands(log: &str) -> Vec<Command> {
    // `ReadLine` of the runner ends lines at both.
    log.split(['\n', '\r'])
        .filter_map(|line| {
            let weightless: String = line.chars().filter(|c| !has_no_weight(*c)).collect();
            let read = |line| version_two(line).or_else(|| legacy(line));
            let (plain, weightless) = (read(line), read(&weightless));
            assert_eq!(
                plain.as_ref().map(shape),
                weightless.as_ref().map(shape),
                "read in two ways: {line:?}"
            );
            plain
        })
        .collect()
}

/// What must not depend on how characters without weight are read.
fn shape(command: &Command) -> (String, Vec<String>, Option<String>) {
    // A title may be nothing but such characters.
    let keys = command.properties.keys();
    let keys = keys.filter(|key| !["file", "title"].contains(&key.as_str()));
    let keys = keys.cloned().collect();
    let line = command.properties.get("line").cloned();
    (command.name.clone(), keys, line)
}

fn has_no_weight(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{20d0}'..='\u{20f0}')
}

/// `::name key=value,…::data` after leading blanks.
fn version_two(line: &str) -> Option<Command> {
    let rest = line.trim_start().strip_prefix("::")?;
    let (info, data) = rest.split_once("::")?;
    let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
    let name = registered(name)?;
    let unescaped = |text: &str, last: &[(&str, &str)]| {
        let mut text = text.replace("%0D", "\r").replace("%0A", "\n");
        for (escape, character) in last {
            text = text.replace(escape, character);
        }
        text.replace("%25", "%")
    };
    let properties = properties
        .trim()
        .split(',')
        .filter(|pair| !pair.is_empty())
        .filter_map(|pair| {
            // Empty parts are removed by the runner's way to split, so `=` at either end goes too.
            let (key, value) = pair.trim_start_matches('=').split_once('=')?;
            let value = value.trim_start_matches('=');
            let value = unescaped(value, &[("%3A", ":"), ("%2C", ",")]);
            (!value.is_empty()).then(|| (key.to_ascii_lowercase(), value))
        })
        .collect();
    Some(Command {
        name,
        properties,
        data: unescaped(data, &[]),
    })
}

/// `##[name key=value;…]data`, anywhere in the line.
fn legacy(line: &str) -> Option<Command> {
    let (_, rest) = line.split_once("##[")?;
    let (info, data) = rest.split_once(']')?;
    let (name, _) = info.split_once(' ').unwrap_or((info, ""));
    Some(Command {
        name: registered(name)?,
        properties: BTreeMap::new(),
        data: data.to_owned(),
    })
}

fn registered(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    REGISTERED.contains(&name.as_str()).then_some(name)
}

/// What the runner takes out of the file that `GITHUB_OUTPUT` names.
///
/// # Errors
/// With what it would say where it makes the step fail.
pub(crate) fn outputs(file: &str) -> Result<BTreeMap<String, String>, String> {
    let mut found = BTreeMap::new();
    let mut rest = file;
    while let Some(line) = next_line(&mut rest) {
        if line.is_empty() {
            continue;
        }
        let (equals, heredoc) = (line.find('='), line.find("<<"));
        match (equals, heredoc) {
            (Some(equals), heredoc) if heredoc.is_none_or(|at| equals < at) => {
                found.insert(line[..equals].to_owned(), line[equals + 1..].to_owned());
            }
            (_, Some(at)) => {
                let (name, delimiter) = (&line[..at], &line[at + 2..]);
                if name.is_empty() || delimiter.is_empty() {
                    return Err(format!("Invalid format '{line}'"));
                }
                let mut value: Vec<&str> = Vec::new();
                loop {
                    match next_line(&mut rest) {
                        None => return Err(format!("Matching delimiter not found '{delimiter}'")),
                        Some(line) if line == delimiter => break,
                        Some(line) => value.push(line),
                    }
                }
                found.insert(name.to_owned(), value.join("\n"));
            }
            _ => return Err(format!("Invalid format '{line}'")),
        }
    }
    Ok(found)
}

fn next_line<'text>(rest: &mut &'text str) -> Option<&'text str> {
    if rest.is_empty() {
        return None;
    }
    let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
    *rest = after;
    Some(line)
}

#[test]
fn commands_are_read_as_the_runner_does() {
    let read = commands(
        "x\n  ::Error File=a%2Cb%250A,line=3,title=,=::m%0A%253A::n\n::x::y\n a ##[group]b",
    );
    let properties = [("file", "a,b%0A"), ("line", "3")];
    let properties = properties.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(
        read,
        [
            Command {
                name: "error".into(),
                properties: properties.into(),
                data: "m\n%3A::n".into(),
            },
            Command {
                name: "group".into(),
                properties: BTreeMap::new(),
                data: "b".into(),
            },
        ]
    );
}

#[test]
fn outputs_are_read_as_the_runner_does() {
    let read = outputs("a=b<<c\n\nd<<e\nf=g\n\ne\nh<<i\ni").unwrap();
    let expected = [("a", "b<<c"), ("d", "f=g\n"), ("h", "")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(read, expected.into());
    assert!(outputs("a<<b\nc").is_err());
    assert!(outputs("plain").is_err());
}
