//! Where a program is, before anything is started.

use std::path::{Path, PathBuf};

use crate::env::Env;

/// The program that `command` names: a path (relative to `root`) if it holds a `/`, else the first
/// executable of that name on `PATH`.
///
/// Relative entries of `PATH` are not searched: they would let the project that is being judged
/// supply the judge.
pub(super) fn locate(command: &str, root: &Path, env: &Env) -> Option<PathBuf> {
    if command.contains('/') {
        return Some(root.join(command)).filter(|path| is_executable(path));
    }
    env.search_path()
        .into_iter()
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(command))
        .find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    let Ok(metadata) = fs_err::metadata(path) else {
        return false;
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        metadata.is_file() && metadata.permissions().mode() & 0o111 != 0
    }
    #[cfg(not(unix))]
    metadata.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_on_absolute_path_entries_only() {
        let env = |path: &str| Env::from_iter([("PATH", path)]);
        let root = Path::new("/");
        assert!(locate("sh", root, &env("/nowhere:/bin")).is_some());
        assert_eq!(locate("sh", root, &env("bin:.:")), None);
        assert_eq!(locate("no-such-program", root, &env("/bin")), None);
    }

    #[test]
    fn a_command_with_a_slash_is_a_path_in_the_project() {
        let found = locate("bin/sh", Path::new("/"), &Env::default());
        assert_eq!(found, Some("/bin/sh".into()));
        assert_eq!(locate("./etc", Path::new("/"), &Env::default()), None);
    }
}
