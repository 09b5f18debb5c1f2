//! The only writer to stdout and stderr: results and data on stdout, progress and problems on
//! stderr.
//!
//! Every text that comes in may be foreign, so each goes through [`sanitize`] here, and no secret
//! leaves: texts are redacted before they are cut, and lines once more when they are written. Nothing depends
//! on colour: a reader without it sees the same words and signs.

mod answer;
mod findings;
mod palette;
mod progress;
mod summary;

use std::borrow::Cow;
use std::io::{IsTerminal as _, Write};
use std::sync::{Arc, LazyLock};

use crate::env::Env;
use crate::model::RunEvent;
use crate::sanitize::{self, Secrets};

pub use answer::Answer;
pub use findings::{Finding, Health};
use palette::Palette;
use progress::Progress;
pub use summary::Ending;

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Problems and the last line.
    Quiet,
    /// A line per file too.
    Normal,
    /// A line per scenario too.
    Verbose,
}

/// What a user sees of a command.
pub struct Ui {
    out: Palette,
    err: Palette,
    verbosity: Verbosity,
    progress: Progress,
    /// Found when something is first shown: looking through a large environment takes a moment.
    secrets: LazyLock<Arc<Secrets>, Box<dyn FnOnce() -> Arc<Secrets> + Send>>,
}

/// The most lines that one message may take.
const MESSAGE_LINES: usize = 200;

/// The most bytes of one: a message may quote what a stranger wrote, megabytes of it.
const MESSAGE_BYTES: usize = 64 * 1024;

impl Ui {
    /// Looks at the terminal and at `NO_COLOR`, `FORCE_COLOR` and `TERM`. Shows no secret of `env`.
    #[must_use]
    pub fn new(env: &Env, verbosity: Verbosity) -> Self {
        let variables = env.clone();
        let secrets = move || Arc::new(Secrets::from_env(&variables, &[]));
        Self::with(Box::new(secrets), env, verbosity)
    }

    /// The same for somebody who knows more secrets.
    #[must_use]
    pub fn without(secrets: Arc<Secrets>, env: &Env, verbosity: Verbosity) -> Self {
        Self::with(Box::new(move || secrets), env, verbosity)
    }

    fn with(
        secrets: Box<dyn FnOnce() -> Arc<Secrets> + Send>,
        env: &Env,
        verbosity: Verbosity,
    ) -> Self {
        let stderr = std::io::stderr().is_terminal();
        let watched = stderr && !env.is_ci() && env.get("TERM") != Some("dumb");
        Self {
            out: Palette::new(env, std::io::stdout().is_terminal()),
            err: Palette::new(env, stderr),
            verbosity,
            progress: Progress::new(watched && verbosity > Verbosity::Quiet),
            secrets: LazyLock::new(secrets),
        }
    }

    /// What this program says of itself, help and version: nothing of it comes from outside, so
    /// nothing is looked for in it, and `--version` is there at once.
    pub fn about(&self, text: &str) {
        self.progress.suspend(|| {
            let _ = writeln!(std::io::stdout().lock(), "{text}");
        });
    }

    /// Data that the user asked for, such as a list: trusted text, as it is.
    pub fn data(&self, text: &str) {
        self.write_out(text);
    }

    /// One line about something foreign, such as a file of the project.
    pub fn item(&self, text: &str) {
        self.write_out(&sanitize::terminal_line(&self.redacted(text)));
    }

    /// What the user should know; the command goes on.
    pub fn warning(&self, message: &str) {
        let label = self.err.warning("warning:");
        self.write_err(&format!("{label} {}", self.safe(message)));
    }

    /// One line about the data on stdout, beside it.
    pub fn aside(&self, text: &str) {
        self.write_err(&self.safe(text));
    }

    /// Why the command could not do its job, and what to do about it.
    pub fn error(&self, message: &str, hint: Option<&str>) {
        let label = self.err.failure("error:");
        self.write_err(&format!("{label} {}", self.safe(message)));
        if let Some(hint) = hint {
            self.write_err(&format!("\nhint: {}", self.safe(hint)));
        }
    }

    /// Something happened in a run.
    pub fn event(&self, event: &RunEvent) {
        match event {
            RunEvent::FileStarted { index, total, path } => {
                let running = format!("[{index}/{total}] Running {path}…");
                let running = sanitize::terminal_line(&self.redacted(&running));
                if !self.progress.start(*index, &running) && self.verbosity > Verbosity::Quiet {
                    self.write_err(&running);
                }
            }
            RunEvent::FileEnded { index } => self.progress.finish(*index),
            RunEvent::Warning { message } => self.warning(message),
            RunEvent::Retry {
                index,
                attempt,
                most,
            } => self.note(*index, &format!("empty answer, retry {attempt}/{most}")),
            RunEvent::Repeat { index, run, of } => self.note(*index, &format!("run {run}/{of}")),
            RunEvent::Vote { index, vote, open } => {
                let scenarios = if *open == 1 { "scenario" } else { "scenarios" };
                self.note(*index, &format!("vote {vote} on {open} {scenarios}"));
            }
            RunEvent::Slowed {
                agent,
                wait,
                at_once,
            } => self.warning(&format!(
                "{agent} takes no more calls for now: waiting {} s, then {at_once} at once",
                wait.as_secs_f64().ceil()
            )),
            RunEvent::FileFinished {
                index,
                total,
                path,
                results,
            } => {
                let label = format!("[{index}/{total}]");
                let (path, mut results) = (self.redacted(path), results.clone());
                for result in &mut results {
                    result.for_each_text(&mut |text| self.secrets.redact_in(text));
                }
                for line in summary::file_lines(&label, &path, &results, self.verbosity, self.out) {
                    self.write_out(&line);
                }
            }
        }
    }

    /// Every file has its line: takes the spinners away.
    pub fn clear_progress(&self) {
        self.progress.clear();
    }

    /// The end of a run: what failed and where, the suite's issues, report paths, the verdict.
    pub fn summary(&self, ending: &Ending<'_>) {
        for line in summary::end_lines(ending, self.verbosity, self.out) {
            self.write_out(&line);
        }
    }

    /// The end of a question: the verdict, and what it cost.
    pub fn answer(&self, answer: &Answer<'_>) {
        for line in answer::answer_lines(answer, self.out) {
            self.write_out(&line);
        }
    }

    /// What was looked at, and what it comes to.
    pub fn findings(&self, findings: &[Finding], summary: &str) {
        for line in findings::finding_lines(findings, self.out) {
            self.write_out(&line);
        }
        self.write_out(&format!("\n{summary}"));
    }

    /// What to do next.
    pub fn hint(&self, text: &str) {
        self.write_err(&format!("hint: {}", self.safe(text)));
    }

    fn note(&self, index: usize, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.write_err(&format!("[{index}] {text}"));
        }
    }

    // A closed pipe (`semtest list | head`) is no reason to fail: what is written there is for
    // people, and what machines read is in the report files. A line is written at once, its end too:
    // where both streams become one log, the other one's line can't come between them.
    fn write_out(&self, line: &str) {
        let line = self.redacted(line);
        self.progress.suspend(|| {
            let _ = std::io::stdout().write_all(format!("{line}\n").as_bytes());
        });
    }

    fn write_err(&self, line: &str) {
        let line = self.redacted(line);
        self.progress.suspend(|| {
            let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
        });
    }

    fn redacted<'text>(&self, text: &'text str) -> Cow<'text, str> {
        self.secrets.redact(text)
    }

    fn safe(&self, message: &str) -> String {
        let redacted = self.redacted(message);
        sanitize::terminal_block(&sanitize::truncate(&redacted, MESSAGE_BYTES), MESSAGE_LINES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_program_says_of_itself_waits_for_no_secrets() {
        let secrets = || panic!("nobody needs them");
        let ui = Ui::with(Box::new(secrets), &Env::default(), Verbosity::Normal);
        ui.about("");
    }
}
