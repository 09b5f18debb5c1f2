//! `debug/<spec path>.json`: every attempt's command and raw streams, for somebody who asks why a
//! verdict came out as it did. The environment is never written.

use std::path::{Component, Path};

use serde::Serialize;

use crate::process::{Ending, Finished};

/// The attempts of one spec file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    path: String,
    judge: String,
    attempts: Vec<Attempt>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Attempt {
    command: Vec<String>,
    duration_ms: u128,
    /// `exited`, `signalled`, `timed out` or `cancelled`.
    ending: &'static str,
    exit_code: Option<i32>,
    signal: Option<i32>,
    /// Bytes printed in all; more than the text below holds when its middle was left out.
    stdout_bytes: u64,
    stderr_bytes: u64,
    stdout: String,
    stderr: String,
}

impl Record {
    pub(super) fn new(path: &str, judge: &str) -> Self {
        Self {
            path: path.to_owned(),
            judge: judge.to_owned(),
            attempts: Vec::new(),
        }
    }

    pub(super) fn attempt(&mut self, command: Vec<String>, finished: &Finished) {
        let (ending, exit_code, signal) = match finished.ending {
            Ending::Exited(code) => ("exited", Some(code), None),
            Ending::Signalled(signal) => ("signalled", None, Some(signal)),
            Ending::TimedOut => ("timed out", None, None),
            Ending::Cancelled => ("cancelled", None, None),
        };
        self.attempts.push(Attempt {
            command,
            duration_ms: finished.duration.as_millis(),
            ending,
            exit_code,
            signal,
            stdout_bytes: finished.stdout.total(),
            stderr_bytes: finished.stderr.total(),
            stdout: finished.stdout.to_text_lossy(),
            stderr: finished.stderr.to_text_lossy(),
        });
    }

    /// Writes the file below `directory`, in the same folders as the spec.
    pub(super) fn write(&self, directory: &Path) -> std::io::Result<()> {
        let name = format!("{}.json", self.path);
        let inside = |component: Component<'_>| matches!(component, Component::Normal(_));
        if !Path::new(&name).components().all(inside) {
            return Err(std::io::Error::other("the spec's path leaves the project"));
        }
        let file = directory.join(name);
        if let Some(parent) = file.parent() {
            fs_err::create_dir_all(parent)?;
        }
        let mut writer = std::io::BufWriter::new(fs_err::File::create(file)?);
        serde_json::to_writer_pretty(&mut writer, self)?;
        std::io::Write::flush(&mut writer)
    }
}
