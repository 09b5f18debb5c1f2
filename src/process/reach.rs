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
    /// To whom it shows it.
    pub(super) shown: Shown,
}

/// To whom a process shows what it was started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// To every user: its command line.
    ToAll,
    /// To its own user: its environment, besides its command line.
    ToItsUser,
}

/// A process other than this one that shows `secret`, by what can be read from here.
#[cfg(target_os = "linux")]
pub(super) fn who_shows(secret: &str, shown: Shown) -> Option<Shower> {
    let own = rustix::process::getpid();
    let command_line = ("cmdline", Shown::ToAll);
    let files: &[(&str, Shown)] = match shown {
        Shown::ToAll => &[command_line],
        Shown::ToItsUser => &[command_line, ("environ", Shown::ToItsUser)],
    };
    let others = super::orphans::processes().into_iter();
    let mut others = others.filter(|number| *number != own);
    others.find_map(|number| {
        let directory = std::path::Path::new("/proc").join(number.as_raw_nonzero().to_string());
        let holds = |(name, _): &&(&str, Shown)| {
            let bytes = fs_err::read(directory.join(name)).unwrap_or_default();
            let mut parts = bytes.windows(secret.len().max(1));
            parts.any(|part| part == secret.as_bytes())
        };
        let (_, shown) = files.iter().find(holds)?;
        let name = fs_err::read_to_string(directory.join("comm")).unwrap_or_default();
        Some(Shower {
            number: number.as_raw_nonzero().get().unsigned_abs(),
            name: name.trim().to_owned(),
            shown: *shown,
        })
    })
}

#[cfg(not(target_os = "linux"))]
pub(super) fn who_shows(_secret: &str, _shown: Shown) -> Option<Shower> {
    None
}
