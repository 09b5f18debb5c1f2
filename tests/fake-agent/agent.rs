//! A stand-in for an LLM CLI: `fake-agent MODE [MODE ARGUMENTS] [--prompt TEXT | --prompt-file FILE]`.
//!
//! Reads the prompt from stdin unless an option says otherwise, takes the last line of the form
//! `Scenario ids: ["a","b"]` from it, and answers these ids in the way that its mode says. Strict,
//! so that a test notices when it is called wrongly: no prompt, no ids where they are needed, an
//! unknown mode or argument is exit code 64, with the reason on stderr.
//!
//! | mode | what it does |
//! |---|---|
//! | `answer` | a bare JSON array, every id passes |
//! | `fail` | the first id fails, the others pass |
//! | `missing`, `unexpected`, `ambiguous` | leaves out the last id; adds `nobody-asked`; repeats the first id as a failure |
//! | `prose`, `fenced`, `claude` | the answer in a sentence; in a fenced block; in Claude Code's envelope |
//! | `priced`, `priced-fail` | like `answer` and `fail`, in Claude Code's envelope with turns, tokens and dollars |
//! | `not-logged-in` | Claude Code's envelope of an error, exit code 1 |
//! | `literal FILE` | prints the file as its answer |
//! | `empty`, `garbage`, `error-text` | prints nothing; no JSON; a 401 error in plain text. Exit code 0 |
//! | `exit N` | answers, exits with N |
//! | `fails-then-passes FILE` | the first call fails, later ones pass; counts calls in the file |
//! | `empty-then-answer FILE N` | the first N calls print nothing; counts calls in the file |
//! | `limited FILE N WAIT` | the first N calls say 429 and `retry after WAIT` on stderr, exit code 1; counts calls in the file |
//! | `echo-prompt FILE`, `environment FILE` | writes its prompt, or its variables as `NAME=VALUE` lines in name order, to the file, and answers |
//! | `gate DIR` | makes `DIR/<pid>`, waits until `DIR/go` or `DIR/<pid>.go` exists, removes `DIR/<pid>`, answers |
//! | `leak NAME FORM` | the first id fails, in words that hold the value of the variable: `raw`, `base64`, `json`, `url`, `hex`, `hidden` |
//! | `leak-error NAME FORM`, `leak-prose NAME FORM` | prints it on stderr, exit code 3; prints it in no JSON |
//! | `votes DIR` | answers for each id by the letters of `DIR/<id>`, one a call and the last one ever after: `p`ass, `f`ail, `b`are failure, `e`rror, `i`nvalid, `s`kip; at another letter, exit code 3. Adds a line with the ids to `DIR/asked` |
//! | `grandchild [FILE]` | answers, leaves a `sleep` that holds stdout and stderr open (its pid in the file) |
//! | `takes MILLISECONDS` | takes so long, then answers |
//! | `slow` | never ends by itself |
//! | `ignore-term [FILE]` | prints `ready` and makes the file once it ignores SIGTERM, then never ends by itself |
//! | `flood`, `flood-stderr` | 200 MB on stdout, or on stderr followed by the answer on stdout |

mod answer;
mod arguments;
mod leak;
mod prompt;
mod votes;

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use arguments::{Mode, parse_arguments};
use prompt::Prompt;

const USAGE: u8 = 64;
const FLOOD_BYTES: usize = 200_000_000;

fn main() -> ExitCode {
    match run() {
        Ok(code) => ExitCode::from(code),
        Err(message) => {
            let _ = writeln!(io::stderr(), "fake-agent: {message}");
            ExitCode::from(USAGE)
        }
    }
}

fn run() -> Result<u8, String> {
    let (mode, source) = parse_arguments(std::env::args_os().skip(1))?;
    let prompt = Prompt::read(source)?;
    act(&mode, &prompt)
}

fn act(mode: &Mode, prompt: &Prompt) -> Result<u8, String> {
    match mode {
        Mode::Say(form) => say(&form.render(&prompt.ids()?))?,
        Mode::NotLoggedIn => {
            say(answer::NOT_LOGGED_IN)?;
            return Ok(1);
        }
        Mode::Literal(file) => say(&fs_err::read_to_string(file).map_err(describe)?)?,
        Mode::Exit(code) => {
            say(&answer::passing(&prompt.ids()?))?;
            return Ok(*code);
        }
        Mode::FailsThenPasses(file) => say(&if count_call(file)? == 0 {
            answer::failing(&prompt.ids()?)
        } else {
            answer::passing(&prompt.ids()?)
        })?,
        Mode::EmptyThenAnswer(file, empties) => {
            if count_call(file)? >= *empties {
                say(&answer::passing(&prompt.ids()?))?;
            }
        }
        Mode::Limited(file, most, wait) => return limited(file, *most, wait, prompt),
        Mode::EchoPrompt(file) => {
            fs_err::write(file, &prompt.text).map_err(describe)?;
            say(&answer::passing(&prompt.ids()?))?;
        }
        Mode::Environment(file) => {
            fs_err::write(file, environment()).map_err(describe)?;
            say(&answer::passing(&prompt.ids()?))?;
        }
        Mode::Votes(directory) => return votes::vote(directory, &prompt.ids()?),
        Mode::Leak(variable, form) => {
            let secret = leak::secret(variable, form)?;
            let _ = writeln!(io::stderr(), "{}{secret}", "x".repeat(8189));
            say(&leak::failing(&prompt.ids()?, &secret))?;
        }
        Mode::LeakError(variable, form) => return leak::fail(variable, form),
        Mode::LeakProse(variable, form) => {
            let secret = leak::secret(variable, form)?;
            say(&format!("{}{secret}", "word ".repeat(36)))?;
        }
        Mode::Gate(directory) => {
            wait_at_gate(directory)?;
            say(&answer::passing(&prompt.ids()?))?;
        }
        Mode::Grandchild(file) => {
            say(&answer::passing(&prompt.ids()?))?;
            leave_grandchild(file.as_deref())?;
        }
        Mode::Takes(milliseconds) => takes(*milliseconds, prompt)?,
        Mode::Slow => std::thread::sleep(Duration::from_hours(1)),
        Mode::IgnoreTerm(file) => return Err(ignore_term(file.as_deref())),
        Mode::Flood => flood(io::stdout().lock())?,
        Mode::FloodStderr => {
            flood(io::stderr().lock())?;
            say(&answer::passing(&prompt.ids()?))?;
        }
    }
    Ok(0)
}

pub(crate) fn say(text: &str) -> Result<(), String> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(describe)
}

#[expect(clippy::needless_pass_by_value, reason = "fits `map_err`")]
pub(crate) fn describe(error: io::Error) -> String {
    error.to_string()
}

/// How many calls there were before this one. One byte a call, appended, so that concurrent calls
/// do not lose one another.
fn count_call(file: &Path) -> Result<u64, String> {
    let mut log = fs_err::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .map_err(describe)?;
    log.write_all(b".").map_err(describe)?;
    let length = log.metadata().map_err(describe)?.len();
    Ok(length - 1)
}

/// Says that there were too many requests for the first `most` calls, then answers.
fn limited(file: &Path, most: u64, wait: &str, prompt: &Prompt) -> Result<u8, String> {
    if count_call(file)? < most {
        let _ = writeln!(io::stderr(), "429 Too Many Requests, retry after {wait}");
        return Ok(1);
    }
    say(&answer::passing(&prompt.ids()?))?;
    Ok(0)
}

fn takes(milliseconds: u64, prompt: &Prompt) -> Result<(), String> {
    std::thread::sleep(Duration::from_millis(milliseconds));
    say(&answer::passing(&prompt.ids()?))
}

fn environment() -> Vec<u8> {
    #[expect(
        clippy::disallowed_methods,
        reason = "what it was started with is what the mode shows"
    )]
    let mut variables: Vec<_> = std::env::vars_os().collect();
    variables.sort();
    let mut lines = OsString::new();
    for (name, value) in variables {
        lines.push(name);
        lines.push("=");
        lines.push(value);
        lines.push("\n");
    }
    lines.into_encoded_bytes()
}

fn wait_at_gate(directory: &Path) -> Result<(), String> {
    let number = std::process::id();
    let arrived = directory.join(number.to_string());
    let signs = [directory.join("go"), directory.join(format!("{number}.go"))];
    fs_err::write(&arrived, "").map_err(describe)?;
    while !signs.iter().any(|sign| sign.exists()) {
        std::thread::sleep(Duration::from_millis(5));
    }
    fs_err::remove_file(arrived).map_err(describe)
}

fn leave_grandchild(file: Option<&Path>) -> Result<(), String> {
    let grandchild = Command::new("/bin/sleep")
        .arg("3600")
        .spawn()
        .map_err(describe)?;
    match file {
        Some(file) => fs_err::write(file, grandchild.id().to_string()).map_err(describe),
        None => Ok(()),
    }
}

/// An ignored signal stays ignored across `exec`, so a shell can do what needs unsafe code here.
/// Returns only if that failed.
fn ignore_term(file: Option<&Path>) -> String {
    let script = "trap '' TERM; echo ready; [ $# -eq 0 ] || : > \"$1\"; exec sleep 3600";
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", script, "sh"]).args(file);
    describe(shell.exec())
}

fn flood(mut stream: impl Write) -> Result<(), String> {
    let line = [b'x'; 99];
    let block: Vec<u8> = [line.as_slice(), b"\n"].concat().repeat(1000);
    for _ in 0..FLOOD_BYTES / block.len() {
        stream.write_all(&block).map_err(describe)?;
    }
    stream.flush().map_err(describe)
}
