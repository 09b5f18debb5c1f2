//! Keeps what this process knows from the programs that it starts.

/// Makes this process's memory and initial environment unreadable through `/proc` for programs of the
/// same user, such as an agent that is talked into looking for tokens there. It does not stop root.
/// Linux only; elsewhere this does nothing. A system that refuses leaves things as they are.
pub fn hide_from_children() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}
