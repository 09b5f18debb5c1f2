//! The processes of a run, found in `/proc` by a path that all of them carry along.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};

/// A live process.
#[derive(Debug)]
pub(crate) struct Process {
    id: i32,
    name: String,
    command: String,
    environment: Vec<u8>,
    executable: PathBuf,
}

/// Every process but this one and `strace` that has `marker` in its arguments, its environment or
/// its working directory. Zombies are over.
pub(crate) fn marked(marker: &Path) -> Vec<Process> {
    let marker = marker.to_str().unwrap();
    let found = processes().filter(|process| process.carries(marker));
    found.filter(|process| process.name != "strace").collect()
}

/// Whether a tracer is still writing below `marker`.
pub(crate) fn is_traced(marker: &Path) -> bool {
    let marker = marker.to_str().unwrap();
    processes().any(|process| process.name == "strace" && process.command.contains(marker))
}

fn processes() -> impl Iterator<Item = Process> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let own = i32::try_from(std::process::id()).unwrap();
    ids.filter(move |id| *id != own).filter_map(Process::read)
}

impl Process {
    /// `None` when it is over.
    fn read(id: i32) -> Option<Self> {
        let folder = PathBuf::from(format!("/proc/{id}"));
        let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
        let state = stat.rsplit_once(") ")?.1;
        if state.starts_with(['Z', 'X']) {
            return None;
        }
        let command = std::fs::read(folder.join("cmdline")).ok()?;
        Some(Self {
            id,
            name: stat.split_once('(')?.1.rsplit_once(')')?.0.to_owned(),
            command: String::from_utf8_lossy(&command).replace('\0', " "),
            environment: std::fs::read(folder.join("environ")).unwrap_or_default(),
            executable: std::fs::read_link(folder.join("exe")).unwrap_or_default(),
        })
    }

    fn carries(&self, marker: &str) -> bool {
        let directory = std::fs::read_link(format!("/proc/{}/cwd", self.id)).unwrap_or_default();
        self.command.contains(marker)
            || directory.starts_with(marker)
            || self.holds(marker.as_bytes())
    }

    /// Whether `text` is in the environment that it was started with.
    fn holds(&self, text: &[u8]) -> bool {
        let mut windows = self.environment.windows(text.len());
        windows.any(|window| window == text)
    }

    pub(crate) fn kill(&self) {
        if let Some(id) = Pid::from_raw(self.id) {
            let _ = kill_process(id, Signal::KILL);
        }
    }
}

impl std::fmt::Display for Process {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let command: String = self.command.chars().take(120).collect();
        write!(formatter, "{} {} ({command})", self.id, self.name)
    }
}

/// Which secrets the processes that semtest started were given, by the name of the process.
#[derive(Debug, Default)]
pub(crate) struct Sightings {
    pub(crate) by_process: BTreeMap<String, BTreeSet<&'static str>>,
}

impl Sightings {
    /// Looks at every process that carries `marker`, except those of `semtest` itself. `secrets` are
    /// names with values.
    pub(crate) fn look(
        &mut self,
        marker: &Path,
        semtest: &Path,
        secrets: &[(&'static str, &'static str)],
    ) {
        for process in marked(marker) {
            // Between fork and exec, a child is still a copy of semtest.
            if process.executable == semtest || process.name == "setpriv" {
                continue;
            }
            let held = secrets.iter();
            let held = held.filter(|(_, value)| process.holds(value.as_bytes()));
            let seen = self.by_process.entry(process.name.clone()).or_default();
            seen.extend(held.map(|(name, _)| *name));
        }
    }
}
