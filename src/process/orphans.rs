//! Whoever loses its parent below us: adopted, reaped, and ended with what it comes from.

#[cfg(target_os = "linux")]
use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};

/// How long to wait for killed processes to be gone: one in an uninterruptible system call (a dead
/// network disk) may never be, and one that only makes others may be faster than we are.
#[cfg(target_os = "linux")]
const KILL_PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// Makes processes that lose their parent our children, as far as they come from us.
pub(super) fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Kills and reaps all children, until there are none: each may have left some of its own. Whether
/// there are none.
pub(super) fn end_orphans() -> bool {
    #[cfg(target_os = "linux")]
    {
        let started = std::time::Instant::now();
        while wait(WaitOptions::NOHANG).is_ok() {
            if started.elapsed() > KILL_PATIENCE {
                return false;
            }
            for number in children() {
                let _ = kill_process(number, Signal::KILL);
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }
    true
}

#[cfg(target_os = "linux")]
fn children() -> Vec<Pid> {
    let own = rustix::process::getpid();
    let is_ours = |number: &Pid| parent(*number) == Some(own);
    processes().into_iter().filter(is_ours).collect()
}

/// All processes that are shown to us.
#[cfg(target_os = "linux")]
pub(super) fn processes() -> Vec<Pid> {
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
