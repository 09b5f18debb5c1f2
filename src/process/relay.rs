//! A child in our place: our streams, our signals, its exit code.
//!
//! This process then does what the first one of a container has to do: it passes signals on and reaps
//! whatever loses its parent. What is left when the child has ended is ended, too.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, wait};
use thiserror::Error;
use tokio::signal::unix::{self, SignalKind, signal};
use tokio::time::{Instant, sleep_until};

use super::confine::confined;
use super::orphans::{adopt_orphans, end_orphans};
use super::reach::{Shower, Shown, who_shows};
use crate::model::Interruption;

/// How many times the patience of the second signal there is after the first: the child still has
/// others to end, and reports to write.
const AFTER_THE_FIRST: u32 = 15;

/// How often a child that nobody may stop is continued before it is killed.
const MOST_STOPS: u32 = 10;

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
    /// How long it may go on after the second signal that asks it to end, and a fifteenth of how long
    /// after the first. Then nothing that stops it is let be, either. `None` leaves all that to who
    /// sends the signals.
    pub patience: Option<Duration>,
}

/// How a relayed child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relay {
    /// Its exit code; 128 + N where signal N ended it, as shells say it.
    pub code: u8,
    /// Set when a signal asked it to end.
    pub interruption: Option<Interruption>,
    /// Whether nothing runs any more that came from it.
    pub is_over: bool,
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
    /// It could not be started as the user that it is to run as.
    #[error("this process can't become user {user}")]
    User {
        /// The user's number.
        user: u32,
        /// What the system said.
        source: io::Error,
    },
    /// The user that it is to run as may not go to where it starts.
    #[error("user {user} can't enter `{}`", directory.display())]
    Closed {
        /// The user's number.
        user: u32,
        /// Where it was to start.
        directory: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What is to be hidden stands in the environment of another process of this user.
    #[error("process {number} (`{name}`) shows a secret to every program of this user")]
    InReach {
        /// Which process.
        number: u32,
        /// What it is called.
        name: String,
    },
    /// What is to be hidden stands on the command line of another process.
    #[error("process {number} (`{name}`) shows a secret to everybody, on its command line")]
    OnCommandLine {
        /// Which process.
        number: u32,
        /// What it is called.
        name: String,
    },
}

/// Starts `child`, stands for it until it ends, and tells how it did. Processes that it leaves behind
/// are killed.
///
/// To be called by a process that has no other children: all are reaped.
///
/// # Errors
/// When the child could not be started or looked after. It does not run any more then.
pub fn relay(child: &Relayed) -> Result<Relay, RelayError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(RelayError::System)?;
    adopt_orphans();
    let ended = runtime.block_on(async {
        // Before the start: a signal in between would end us and leave the child.
        let mut signals = Signals::listen(child.patience).map_err(RelayError::System)?;
        let started = if child.is_confined {
            confined(|| child.start())
        } else {
            child.start()
        }?;
        let code = signals.attend(&started).await.map_err(RelayError::System)?;
        Ok((code, signals.interruption))
    });
    let is_over = end_orphans();
    ended.map(|(code, interruption)| Relay {
        code,
        interruption,
        is_over,
    })
}

impl Relayed {
    fn start(&self) -> Result<Child, RelayError> {
        self.look_around()?;
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
        let mut started = command.spawn().map_err(|source| self.not_started(source))?;
        if let (StandardInput::Text(text), Some(mut pipe)) = (&self.stdin, started.stdin.take()) {
            // Fails only if the child does not want it.
            let _ = pipe.write_all(text.as_bytes());
        }
        if matches!(self.stdin, StandardInput::Ours) {
            give_terminal(number(&started));
        }
        Ok(started)
    }

    /// Looks with the eyes of the child, as far as the kernel confines it. Of other users' processes
    /// it would see the command lines only.
    fn look_around(&self) -> Result<(), RelayError> {
        let shown = match self.user {
            Some(_) => Shown::ToAll,
            None => Shown::ToItsUser,
        };
        let hidden = self.hidden.as_deref();
        let Some(shower) = hidden.and_then(|secret| who_shows(secret, shown)) else {
            return Ok(());
        };
        let Shower {
            number,
            name,
            shown,
        } = shower;
        Err(match shown {
            Shown::ToAll => RelayError::OnCommandLine { number, name },
            Shown::ToItsUser => RelayError::InReach { number, name },
        })
    }

    /// Why `source` came of the start.
    fn not_started(&self, source: io::Error) -> RelayError {
        match (
            self.user,
            source.raw_os_error().map(Errno::from_raw_os_error),
        ) {
            (Some(user), Some(Errno::PERM)) => RelayError::User { user, source },
            (Some(user), Some(Errno::ACCESS)) => RelayError::Closed {
                user,
                directory: self.directory.clone(),
                source,
            },
            _ => RelayError::Start {
                program: self.program.clone(),
                source,
            },
        }
    }
}

fn number(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

/// Lets the child's group have our terminal, if there is one: who does not have it is stopped when it
/// reads, and does not hear Ctrl-C.
fn give_terminal(child: Option<Pid>) {
    let stdin = io::stdin();
    if let Some(child) = child
        && rustix::termios::tcsetpgrp(&stdin, child).is_ok()
    {
        // It may have been faster, and been stopped.
        let _ = kill_process(child, Signal::CONT);
    }
}

/// What is listened to while a child runs.
struct Signals {
    child: unix::Signal,
    hangup: unix::Signal,
    interrupt: unix::Signal,
    quit: unix::Signal,
    terminate: unix::Signal,
    /// The first signal that came, if one did.
    interruption: Option<Interruption>,
    patience: Option<Duration>,
}

impl Signals {
    fn listen(patience: Option<Duration>) -> io::Result<Self> {
        Ok(Self {
            child: signal(SignalKind::child())?,
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            terminate: signal(SignalKind::terminate())?,
            interruption: None,
            patience,
        })
    }

    async fn attend(&mut self, child: &Child) -> io::Result<u8> {
        let number = number(child);
        // Until it is reaped, the number is the child's.
        let send = |signal| number.map(|number| kill_process(number, signal));
        let (mut end, mut stops) = (None, 0);
        loop {
            // One signal may stand for several children.
            match reap(number, self.patience.is_some())? {
                Some(Change::Ended(code)) => return Ok(code),
                Some(Change::Stopped) => {
                    stops += 1;
                    let is_enough = stops > MOST_STOPS;
                    send(if is_enough {
                        Signal::KILL
                    } else {
                        Signal::CONT
                    });
                    continue;
                }
                None => {}
            }
            let passed_on = tokio::select! {
                _ = self.child.recv() => continue,
                _ = self.hangup.recv() => Signal::HUP,
                _ = self.interrupt.recv() => Signal::INT,
                _ = self.quit.recv() => Signal::QUIT,
                _ = self.terminate.recv() => Signal::TERM,
                () = until(end) => {
                    end = None;
                    Signal::KILL
                }
            };
            if passed_on != Signal::KILL {
                end = [end, self.note(passed_on)].into_iter().flatten().min();
            }
            send(passed_on);
            // Who is stopped does not act on any other.
            send(Signal::CONT);
        }
    }

    /// Takes note of a signal that asks to end, and returns when the child has to, if it has.
    fn note(&mut self, signal: Signal) -> Option<Instant> {
        let times = match self.interruption {
            Some(_) => 1,
            None => AFTER_THE_FIRST,
        };
        self.interruption.get_or_insert(match signal {
            Signal::INT => Interruption::Interrupt,
            _ => Interruption::Terminate,
        });
        Some(Instant::now() + self.patience? * times)
    }
}

/// Never where there is no such moment.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// What became of a child.
enum Change {
    /// It ended with this exit code.
    Ended(u8),
    /// A signal stopped it.
    Stopped,
}

/// Takes note of every child that has ended, and returns what became of `awaited` if it is among them;
/// a stop counts only where somebody `asks_for_stops`.
fn reap(awaited: Option<Pid>, asks_for_stops: bool) -> io::Result<Option<Change>> {
    let mut options = WaitOptions::NOHANG;
    options.set(WaitOptions::UNTRACED, asks_for_stops);
    while let Some((number, status)) = wait(options)? {
        if Some(number) == awaited {
            return Ok(Some(if status.stopped() {
                Change::Stopped
            } else {
                Change::Ended(exit_code(status))
            }));
        }
    }
    Ok(None)
}

fn exit_code(status: WaitStatus) -> u8 {
    let signalled = || Some(status.terminating_signal()?.saturating_add(128));
    let code = status.exit_status().or_else(signalled);
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_signal_ends_a_child_some_time_and_a_second_one_soon() {
        let second = Duration::from_secs(1);
        let mut signals = Signals::listen(Some(second)).unwrap();
        let asked = Instant::now();
        let first = signals.note(Signal::INT).unwrap();
        assert!(first >= asked + second * AFTER_THE_FIRST);
        let again = signals.note(Signal::TERM).unwrap();
        assert!(again >= asked + second && again < first);
        assert_eq!(signals.interruption, Some(Interruption::Interrupt));
        let mut signals = Signals::listen(None).unwrap();
        assert_eq!(signals.note(Signal::TERM), None);
        assert_eq!(signals.note(Signal::TERM), None);
        assert_eq!(signals.interruption, Some(Interruption::Terminate));
    }
}
