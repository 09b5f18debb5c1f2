//! `debug/<spec path>.json`: every attempt's command and raw streams, for somebody who asks why a
//! verdict came out as it did. The environment is never written.
//!
//! An attempt goes to disk when it ends: kept in memory, the streams of many would add up.

use std::io::Write as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::ownership::{create_directories, give_to_owner};
use crate::process::{Ending, Finished};
use crate::sanitize::{self, Secrets};

use super::Context;

/// The attempts of one spec file, or nothing where nobody asked for them.
#[derive(Debug, Default)]
pub(super) struct Record {
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Off,
    Open {
        file: fs_err::File,
        has_attempts: bool,
        secrets: Arc<Secrets>,
    },
    Failed(std::io::Error),
}

/// The beginning of the file, as [`crate::model::DEBUG_RECORD_START`] has it; `attempts` follow.
#[derive(Serialize)]
struct Head<'a> {
    path: &'a str,
    judge: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attempt<'a> {
    command: Vec<String>,
    /// What the agent was allowed to do without asking, and why just that.
    #[serde(skip_serializing_if = "str::is_empty")]
    permissions: &'a str,
    duration_ms: u128,
    /// `exited`, `signalled`, `timed out`, `cancelled` or `not started`.
    ending: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    exit_code: Option<i32>,
    signal: Option<i32>,
    /// Bytes printed in all; more than the text below holds when its middle was left out.
    stdout_bytes: u64,
    stderr_bytes: u64,
    stdout: String,
    stderr: String,
}

impl Record {
    /// Starts the file of `spec` below the run's directory, in the same folders as the spec.
    pub(super) fn start(context: &Context, spec: &str, judge: &str) -> Self {
        let Some(directory) = &context.debug else {
            return Self::default();
        };
        let secrets = Arc::clone(&context.secrets);
        let state = match open(directory, &Head { path: spec, judge }, &secrets) {
            Ok(file) => State::Open {
                file,
                has_attempts: false,
                secrets,
            },
            Err(error) => State::Failed(error),
        };
        Self { state }
    }

    /// An attempt that ran.
    pub(super) fn finished(
        &mut self,
        command: Vec<String>,
        permissions: &str,
        finished: &Finished,
    ) {
        let (ending, exit_code, signal) = match finished.ending {
            Ending::Exited(code) => ("exited", Some(code), None),
            Ending::Signalled(signal) => ("signalled", None, Some(signal)),
            Ending::TimedOut => ("timed out", None, None),
            Ending::Cancelled => ("cancelled", None, None),
        };
        self.add(|| Attempt {
            command,
            permissions,
            duration_ms: finished.duration.as_millis(),
            ending,
            message: None,
            exit_code,
            signal,
            stdout_bytes: finished.stdout.total(),
            stderr_bytes: finished.stderr.total(),
            stdout: finished.stdout.to_text_lossy(),
            stderr: finished.stderr.to_text_lossy(),
        });
    }

    /// An attempt that did not get as far as running.
    pub(super) fn not_started(&mut self, command: Vec<String>, message: &str) {
        self.add(|| Attempt {
            command,
            permissions: "",
            duration_ms: 0,
            ending: "not started",
            message: Some(message),
            exit_code: None,
            signal: None,
            stdout_bytes: 0,
            stderr_bytes: 0,
            stdout: String::new(),
            stderr: String::new(),
        });
    }

    /// Ends the file.
    ///
    /// # Errors
    /// What kept any part of it from being written.
    pub(super) fn close(self) -> std::io::Result<()> {
        match self.state {
            State::Off => Ok(()),
            State::Open { mut file, .. } => file.write_all(b"\n]}\n"),
            State::Failed(error) => Err(error),
        }
    }

    fn add<'a>(&mut self, attempt: impl FnOnce() -> Attempt<'a>) {
        let State::Open {
            file,
            has_attempts,
            secrets,
        } = &mut self.state
        else {
            return;
        };
        let separator = if *has_attempts { ",\n" } else { "\n" };
        *has_attempts = true;
        if let Err(error) = append(file, separator, &attempt(), secrets) {
            self.state = State::Failed(error);
        }
    }
}

fn open(directory: &Path, head: &Head<'_>, secrets: &Secrets) -> std::io::Result<fs_err::File> {
    let path = PathBuf::from(format!("{}.json", head.path));
    let inside = |component: Component<'_>| matches!(component, Component::Normal(_));
    if !path.components().all(inside) {
        return Err(std::io::Error::other("the spec's path leaves the project"));
    }
    let path = directory.join(path);
    if let Some(parent) = path.parent() {
        create_directories(parent)?;
    }
    // New, so that nothing which lies there already is followed or overwritten.
    let mut file = fs_err::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)?;
    give_to_owner(file.file(), &path);
    let head = sanitize::json_text(&redacted(head, secrets)?.to_string());
    write!(file, "{},\"attempts\":[", head.trim_end_matches('}'))?;
    Ok(file)
}

fn append(
    file: &mut fs_err::File,
    separator: &str,
    attempt: &Attempt<'_>,
    secrets: &Secrets,
) -> std::io::Result<()> {
    let json = sanitize::json_text(&serde_json::to_string_pretty(&redacted(attempt, secrets)?)?);
    file.write_all(separator.as_bytes())?;
    file.write_all(json.as_bytes())
}

/// Every text, before JSON gives it another form.
fn redacted(value: &impl Serialize, secrets: &Secrets) -> std::io::Result<Value> {
    let mut value = serde_json::to_value(value)?;
    redact(&mut value, secrets);
    Ok(value)
}

fn redact(value: &mut Value, secrets: &Secrets) {
    match value {
        Value::String(text) => secrets.redact_in(text),
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, secrets)),
        Value::Object(fields) => fields.values_mut().for_each(|field| redact(field, secrets)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
