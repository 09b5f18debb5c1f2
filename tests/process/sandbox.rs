//! A directory of its own for each test, and ways to run a child in it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use semtest::process::{Cancel, Finished, Invocation, StartError, run};

/// A whole prompt for the fake agent, and what it answers to it.
pub(crate) const PROMPT: &str = "Judge this.\nScenario ids: [\"one\",\"two\"]\n";
pub(crate) const ANSWER: &str =
    "[{\"id\":\"one\",\"status\":\"pass\"},{\"id\":\"two\",\"status\":\"pass\"}]\n";

/// Far longer than anything here takes: what waits for this is a hang.
pub(crate) const HANG: Duration = Duration::from_mins(1);

pub(crate) struct Sandbox {
    directory: tempfile::TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A shell script, to be run in the sandbox.
    pub(crate) fn shell(&self, script: &str) -> Invocation {
        self.program("/bin/sh", &["-c", script])
    }

    /// The fake agent with the prompt on stdin. Its group's number goes to the file `leader`.
    pub(crate) fn agent(&self, arguments: &str) -> Invocation {
        let agent = fake_agent();
        let script = format!("echo $$ > leader; exec '{}' {arguments}", agent.display());
        Invocation {
            stdin: PROMPT.as_bytes().into(),
            ..self.shell(&script)
        }
    }

    pub(crate) fn program(&self, program: impl Into<PathBuf>, args: &[&str]) -> Invocation {
        Invocation {
            program: program.into(),
            args: args.iter().map(Into::into).collect(),
            directory: self.directory.path().to_owned(),
            environment: vec![("PATH".into(), "/usr/bin:/bin".into())],
            stdin: Vec::new().into(),
            limit: None,
            grace: Duration::from_hours(1),
        }
    }

    /// Waits until a child has made this file with a whole line in it.
    pub(crate) async fn line_in(&self, name: &str) -> String {
        let path = self.path(name);
        until(|| {
            let text = fs_err::read_to_string(&path).unwrap_or_default();
            text.strip_suffix('\n').map(str::to_owned)
        })
        .await
    }
}

pub(crate) async fn finish(invocation: Invocation) -> Finished {
    try_run(invocation, &Cancel::new()).await.unwrap()
}

pub(crate) async fn try_run(
    invocation: Invocation,
    cancel: &Cancel,
) -> Result<Finished, StartError> {
    tokio::time::timeout(HANG, run(invocation, cancel))
        .await
        .expect("the run hangs")
}

/// Runs a child while the clock stands still until `meanwhile` is over: however long a busy machine
/// takes to bring the child to that point, no limit passes but by [`pass`].
pub(crate) async fn finish_after(
    invocation: Invocation,
    meanwhile: impl Future<Output = ()>,
) -> Finished {
    let cancel = Cancel::new();
    tokio::time::pause();
    let (finished, ()) = tokio::join!(try_run(invocation, &cancel), async {
        meanwhile.await;
        tokio::time::resume();
    });
    finished.unwrap()
}

/// Lets a limit pass on a clock that stands still.
pub(crate) async fn pass(limit: Duration) {
    // Timers have whole milliseconds, rounded up.
    tokio::time::advance(limit + Duration::from_millis(1)).await;
}

/// Polls for something that other processes do. Works while tokio's clock stands still, and keeps it
/// from leaping to the next timer, which it does when there is nothing to do.
pub(crate) async fn until<Seen>(mut look: impl FnMut() -> Option<Seen>) -> Seen {
    let started = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(started.elapsed() < HANG, "it never happened");
        std::thread::sleep(Duration::from_millis(1));
        tokio::task::yield_now().await;
    }
}

fn fake_agent() -> PathBuf {
    let agent = Path::new(env!("CARGO_BIN_EXE_semtest"))
        .with_file_name("examples")
        .join("fake-agent");
    assert!(
        agent.exists(),
        "the fake agent is not built: run `cargo build --example fake-agent`, or all tests"
    );
    agent
}
