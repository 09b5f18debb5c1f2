//! A child that can't look into the processes around it, even of its own user.
//!
//! The kernel lets a process in a Landlock domain trace, and so read the memory and environment of,
//! only processes of the same domain (<https://docs.kernel.org/userspace-api/landlock.html>, "Ptrace
//! restrictions"). That holds whatever the domain restricts, so ours restricts as little as it can.

/// Calls `act` in a thread that is confined, as everything is that `act` starts. Also, nothing that it
/// starts gains rights by a set-user-id program. A kernel that can't confine leaves things as they are.
pub(super) fn confined<T: Send>(act: impl FnOnce() -> T + Send) -> T {
    let done = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            restrict();
            act()
        });
        thread.join()
    });
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(target_os = "linux")]
fn restrict() {
    use landlock::{
        ABI, Access as _, AccessFs, CompatLevel, Compatible as _, PathBeneath, PathFd, Ruleset,
        RulesetAttr as _, RulesetCreatedAttr as _, RulesetStatus, Scope,
    };
    // Not to signal processes outside costs nobody anything. (Linux 6.12.)
    let scoped = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .scope(Scope::Signal)
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self);
    if scoped.is_ok_and(|status| status.ruleset == RulesetStatus::FullyEnforced) {
        return;
    }
    // Older kernels know rules about files only. With everything allowed everywhere, what remains is
    // that nothing in the domain can mount. (Linux 5.19; before, files could not be moved any more.)
    let everything = AccessFs::from_all(ABI::V2);
    let Ok(root) = PathFd::new("/") else {
        return;
    };
    let _ = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(everything)
        .and_then(Ruleset::create)
        .and_then(|ruleset| ruleset.add_rule(PathBeneath::new(root, everything)))
        .and_then(landlock::RulesetCreated::restrict_self);
}

#[cfg(not(target_os = "linux"))]
fn restrict() {}
