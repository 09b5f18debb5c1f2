//! A judge that changes its mind: what it says about a scenario depends on how often it was asked.

use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::{describe, say};

/// Answers by the scripts in `directory`, and adds a line about it to `directory/asked`. The exit code.
pub(crate) fn vote(directory: &Path, ids: &[String]) -> Result<u8, String> {
    let log = directory.join("asked");
    let before = fs_err::read_to_string(&log).unwrap_or_default();
    let mut file = fs_err::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&log)
        .map_err(describe)?;
    // In one piece: judges of other files append at the same time.
    let line = format!("{}\n", ids.join(" "));
    file.write_all(line.as_bytes()).map_err(describe)?;

    let mut verdicts = Vec::new();
    for id in ids {
        let script = fs_err::read_to_string(directory.join(id)).map_err(describe)?;
        let calls = before.lines().filter(|line| names(line, id)).count();
        let letters: Vec<char> = script.trim().chars().collect();
        let letter = letters.get(calls).or(letters.last());
        match letter
            .copied()
            .and_then(|letter| verdict(letter, id, calls + 1))
        {
            Some(verdict) => verdicts.push(verdict),
            None => return Ok(3),
        }
    }
    say(&format!("{}\n", Value::from(verdicts)))?;
    Ok(0)
}

fn names(line: &str, id: &str) -> bool {
    line.split(' ').any(|word| word == id)
}

/// `None` makes the whole call fail.
fn verdict(letter: char, id: &str, vote: usize) -> Option<Value> {
    let observed = format!("seen by vote {vote}");
    match letter {
        'p' => Some(json!({"id": id, "status": "pass"})),
        'f' => Some(json!({
            "id": id, "status": "fail", "expectation": "what the spec says", "observed": observed,
            "location": "a.spec.md:1", "resolution": "make it so",
        })),
        // A failure that does not say where.
        'b' => Some(json!({"id": id, "status": "fail", "observed": observed})),
        'e' => Some(json!({"id": id, "status": "error", "error": "could not read it"})),
        'i' => Some(json!({"id": id, "status": "invalid", "error": "no statement"})),
        's' => Some(json!({"id": id, "status": "skip", "error": "no database"})),
        _ => None,
    }
}
