//! Which processes around us show a text to whoever looks.

/// A process that shows a secret.
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "nobody can look there")
)]
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shower {
    /// Its number.
    pub(super) number: u32,
    /// What it is called.
    pub(super) name: String,
}

/// Where a process shows what it was started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// To every user.
    ToAll,
    /// To its own user, too.
    ToItsUser,
}

/// A process other than this one that shows `secret`, by what can be read from here.
#[cfg(target_os = "linux")]
pub(super) fn who_shows(secret: &str, shown: Shown) -> Option<Shower> {
    let own = rustix::process::getpid();
    let files: &[&str] = match shown {
        Shown::ToAll => &["cmdline"],
        Shown::ToItsUser => &["cmdline", "environ"],
    };
    let others = super::orphans::processes().into_iter();
    let mut others = others.filter(|number| *number != own);
    others.find_map(|number| {
        let directory = std::path::Path::new("/proc").join(number.as_raw_nonzero().to_string());
        let holds = |name: &&str| {
            let bytes = fs_err::read(directory.join(name)).unwrap_or_default();
            let mut parts = bytes.windows(secret.len().max(1));
            parts.any(|part| part == secret.as_bytes())
        };
        files.iter().any(holds).then(|| {
            let name = fs_err::read_to_string(directory.join("comm")).unwrap_or_default();
            Shower {
                number: number.as_raw_nonzero().get().unsigned_abs(),
                name: name.trim().to_owned(),
            }
        })
    })
}

#[cfg(not(target_os = "linux"))]
pub(super) fn who_shows(_secret: &str, _shown: Shown) -> Option<Shower> {
    None
}
