//! What to start, and why it could not be started.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::io::Errno;
use tokio::process::{Child, Command};

/// The longest single argument that Linux takes, in bytes. Longer text goes by stdin or a file.
pub const ARGUMENT_LIMIT: usize = 131_071;

/// A child process to be.
#[derive(Clone)]
pub struct Invocation {
    /// An absolute path. (A bare name is searched for in the `PATH` of `environment`.)
    pub program: PathBuf,
    /// Each at most [`ARGUMENT_LIMIT`] bytes long.
    pub args: Vec<OsString>,
    /// Where the child starts.
    pub directory: PathBuf,
    /// The complete environment: nothing of this process's own is passed on.
    pub environment: Vec<(OsString, OsString)>,
    /// What the child can read, followed by the end of file. Empty is `/dev/null`.
    pub stdin: Arc<[u8]>,
    /// How long it may run; `None` is for ever.
    pub limit: Option<Duration>,
    /// How long it may take from SIGTERM to its end, before SIGKILL.
    pub grace: Duration,
}

impl Invocation {
    pub(super) fn start(&self) -> Result<Child, StartError> {
        let stdin = if self.stdin.is_empty() {
            Stdio::null()
        } else {
            Stdio::piped()
        };
        Command::new(&self.program)
            .args(&self.args)
            .current_dir(&self.directory)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| self.start_error(source))
    }

    /// The system says "not found" for three things that need three different remedies.
    fn start_error(&self, source: io::Error) -> StartError {
        let program = self.program.clone();
        match Errno::from_io_error(&source) {
            Some(Errno::NOENT | Errno::NOTDIR) if !self.directory.is_dir() => {
                StartError::Directory {
                    directory: self.directory.clone(),
                    source,
                }
            }
            Some(Errno::NOENT) if program.is_file() => {
                StartError::InterpreterNotFound { program, source }
            }
            Some(Errno::NOENT | Errno::NOTDIR) => StartError::NotFound { program, source },
            Some(Errno::ACCESS | Errno::NOEXEC) => StartError::NotExecutable { program, source },
            Some(Errno::TOOBIG) => StartError::TooLong { program, source },
            _ => StartError::Other { program, source },
        }
    }
}

/// Names of variables only: values may be secrets.
impl fmt::Debug for Invocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.environment.iter().map(|(name, _)| name).collect();
        formatter
            .debug_struct("Invocation")
            .field("program", &self.program)
            .field("args", &self.args)
            .field("directory", &self.directory)
            .field("environment", &names)
            .field("stdin", &format_args!("{} bytes", self.stdin.len()))
            .field("limit", &self.limit)
            .field("grace", &self.grace)
            .finish()
    }
}

/// Why there is no [`super::Finished`].
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no such program.
    #[error("`{}` was not found", program.display())]
    NotFound {
        /// As it was asked for.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is there, but what it needs to run is not: the interpreter in its `#!` line, or
    /// the dynamic loader (a glibc program on Alpine).
    #[error("`{}` exists, but the interpreter or loader that it needs does not", program.display())]
    InterpreterNotFound {
        /// As it was asked for.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file lacks the permission or the format to be started.
    #[error("`{}` is not executable", program.display())]
    NotExecutable {
        /// As it was asked for.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The directory that it should start in is not there.
    #[error("the directory `{}` to start in was not found", directory.display())]
    Directory {
        /// As it was asked for.
        directory: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An argument, or arguments and environment together, are too long.
    #[error("the arguments of `{}` are too long: one may have at most {ARGUMENT_LIMIT} bytes", program.display())]
    TooLong {
        /// As it was asked for.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It was started, but how it ended can't be known, so its answer can't be trusted. Happens
    /// when SIGCHLD is ignored, which a process inherits from whoever starts it.
    #[error("`{}` was started, but its end could not be observed", program.display())]
    Lost {
        /// As it was asked for.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Anything else: no more processes or memory, a NUL byte in an argument.
    #[error("`{}` could not be started", program.display())]
    Other {
        /// As it was asked for.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
