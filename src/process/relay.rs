//! A child in our place: our streams, our signals, its exit code.
//!
//! This process then does what the first one of a container has to do: it passes signals on and reaps
//! whatever loses its parent. What is left when the child has ended is ended, too.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, wait};
use thiserror::Error;
use tokio::signal::unix::{self, SignalKind, signal};

use super::confine::confined;

/// How long to wait for killed processes to be gone: one in an uninterruptible system call (a dead
/// network disk) may never be.
#[cfg(target_os = "linux")]
const KILL_PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// A child process to be.
#[derive(Clone)]
pub struct Relayed {
    /// An absolute path.
    pub program: PathBuf,
    /// Its arguments, without its name.
    pub arguments: Vec<OsString>,
    /// Where it starts.
    pub directory: PathBuf,
    /// The complete environment: nothing of this process's own is passed on.
    pub environment: Vec<(OsString, OsString)>,
    /// What it reads.
    pub stdin: StandardInput,
    /// The number of the user and of the group that it runs as, with no other groups; `None` is
    /// ours. Needs root.
    pub user: Option<u32>,
    /// Whether it is kept from looking into processes around it, where the kernel can do that.
    pub is_confined: bool,
    /// What no process of the same user that it can look into may hold in its environment.
    pub hidden: Option<String>,
}

/// What a relayed child reads.
#[derive(Clone)]
pub enum StandardInput {
    /// What we would read.
    Ours,
    /// Nothing.
    Nothing,
    /// This, which fits into a pipe (at most 4,096 bytes).
    Text(String),
}

/// Why there is no exit code.
#[derive(Debug, Error)]
pub enum RelayError {
    /// It could not be started.
    #[error("`{}` could not be started", program.display())]
    Start {
        /// As it was asked for.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused what this takes: signals, or waiting for the child.
    #[error("a child process can't be looked after")]
    System(#[source] io::Error),
    /// What is to be hidden stands in the environment of another process of this user.
    #[error("process {number} (`{name}`) shows a secret to every program of this user")]
    InReach {
        /// Which process.
        number: u32,
        /// What it is called.
        name: String,
    },
}

/// Starts `child`, stands for it until it ends, and returns its exit code; 128 + N where signal N
/// ended it, as shells say it. Processes that it leaves behind are killed.
///
/// To be called by a process that has no other children: all are reaped.
///
/// # Errors
/// When the child could not be started or looked after. It does not run any more then.
pub fn relay(child: &Relayed) -> Result<u8, RelayError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(RelayError::System)?;
    adopt_orphans();
    let code = runtime.block_on(async {
        // Before the start: a signal in between would end us and leave the child.
        let mut signals = Signals::listen().map_err(RelayError::System)?;
        let started = if child.is_confined {
            confined(|| child.start())
        } else {
            child.start()
        }?;
        signals.attend(&started).await.map_err(RelayError::System)
    });
    end_orphans();
    code
}

impl Relayed {
    fn start(&self) -> Result<Child, RelayError> {
        if let Some(secret) = &self.hidden {
            // Looked at with the eyes of the child, but for the user: another one's processes are
            // closed to it anyway.
            if let (Some((number, name)), None) = (who_shows(secret), self.user) {
                return Err(RelayError::InReach { number, name });
            }
        }
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(&self.directory)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(match self.stdin {
                StandardInput::Ours => Stdio::inherit(),
                StandardInput::Nothing => Stdio::null(),
                StandardInput::Text(_) => Stdio::piped(),
            })
            // Else a terminal would send Ctrl-C to both of us, and the child would hear it twice.
            .process_group(0);
        if let Some(user) = self.user {
            // Sets no other groups, too.
            command.uid(user).gid(user);
        }
        let start_error = |source| RelayError::Start {
            program: self.program.clone(),
            source,
        };
        let mut started = command.spawn().map_err(start_error)?;
        if let (StandardInput::Text(text), Some(mut pipe)) = (&self.stdin, started.stdin.take()) {
            // Fails only if the child does not want it.
            let _ = pipe.write_all(text.as_bytes());
        }
        Ok(started)
    }
}

/// What is listened to while a child runs.
struct Signals {
    child: unix::Signal,
    hangup: unix::Signal,
    interrupt: unix::Signal,
    quit: unix::Signal,
    terminate: unix::Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            child: signal(SignalKind::child())?,
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn attend(&mut self, child: &Child) -> io::Result<u8> {
        let number = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        loop {
            // One signal may stand for several children.
            if let Some(code) = reap(number)? {
                return Ok(code);
            }
            let passed_on = tokio::select! {
                _ = self.child.recv() => None,
                _ = self.hangup.recv() => Some(Signal::HUP),
                _ = self.interrupt.recv() => Some(Signal::INT),
                _ = self.quit.recv() => Some(Signal::QUIT),
                _ = self.terminate.recv() => Some(Signal::TERM),
            };
            if let (Some(signal), Some(number)) = (passed_on, number) {
                // Not reaped yet, so the number is still the child's.
                let _ = kill_process(number, signal);
            }
        }
    }
}

/// Takes note of every child that has ended, and returns the exit code of `awaited` if it is among them.
fn reap(awaited: Option<Pid>) -> io::Result<Option<u8>> {
    let mut code = None;
    while let Some((number, status)) = wait(WaitOptions::NOHANG)? {
        if Some(number) == awaited {
            code = Some(exit_code(status));
            break;
        }
    }
    Ok(code)
}

fn exit_code(status: WaitStatus) -> u8 {
    let signalled = || Some(status.terminating_signal()?.saturating_add(128));
    let code = status.exit_status().or_else(signalled);
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(2)
}

/// Makes processes that lose their parent our children, as far as they come from us.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Kills and reaps all children, until there are none: each may have left some of its own.
fn end_orphans() {
    #[cfg(target_os = "linux")]
    {
        let started = std::time::Instant::now();
        while wait(WaitOptions::NOHANG).is_ok() && started.elapsed() < KILL_PATIENCE {
            for number in children() {
                let _ = kill_process(number, Signal::KILL);
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }
}

#[cfg(target_os = "linux")]
fn children() -> Vec<Pid> {
    let own = rustix::process::getpid();
    let is_ours = |number: &Pid| parent(*number) == Some(own);
    processes().into_iter().filter(is_ours).collect()
}

/// All processes that are shown to us.
#[cfg(target_os = "linux")]
fn processes() -> Vec<Pid> {
    let entries = fs_err::read_dir("/proc").into_iter().flatten().flatten();
    let number = |entry: fs_err::DirEntry| entry.file_name().to_str()?.parse().ok();
    entries
        .filter_map(number)
        .filter_map(Pid::from_raw)
        .collect()
}

/// The fourth field of `stat`, the second after the name in parentheses, which may hold anything.
#[cfg(target_os = "linux")]
fn parent(number: Pid) -> Option<Pid> {
    let path = format!("/proc/{}/stat", number.as_raw_nonzero());
    let stat = fs_err::read(path).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    let (_, fields) = stat.rsplit_once(')')?;
    Pid::from_raw(fields.split_whitespace().nth(1)?.parse().ok()?)
}

/// The number and name of a process with `secret` in its environment or command line, if one can be
/// read from here.
#[cfg(target_os = "linux")]
fn who_shows(secret: &str) -> Option<(u32, String)> {
    let own = rustix::process::getpid();
    let mut others = processes().into_iter().filter(|number| *number != own);
    let shows = |number: Pid| {
        let directory = std::path::Path::new("/proc").join(number.as_raw_nonzero().to_string());
        let holds = |name: &str| {
            let bytes = fs_err::read(directory.join(name)).unwrap_or_default();
            let mut parts = bytes.windows(secret.len().max(1));
            parts.any(|part| part == secret.as_bytes())
        };
        (holds("environ") || holds("cmdline")).then(|| {
            let name = fs_err::read_to_string(directory.join("comm")).unwrap_or_default();
            (
                number.as_raw_nonzero().get().unsigned_abs(),
                name.trim().to_owned(),
            )
        })
    };
    others.find_map(shows)
}

#[cfg(not(target_os = "linux"))]
fn who_shows(_secret: &str) -> Option<(u32, String)> {
    None
}
