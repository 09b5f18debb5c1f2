//! What hides files: `testPathIgnorePatterns` and `.gitignore` files, read alike by `discover` and
//! `checks`. Which of them counts for what is theirs to say.

use std::path::Path;

use ignore::WalkBuilder;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// An ignore pattern that can't be read.
#[derive(Debug)]
pub(super) struct BadPattern {
    /// The pattern as written.
    pub(super) pattern: String,
    /// What is wrong with it.
    pub(super) source: ignore::Error,
}

/// Reads `testPathIgnorePatterns`, one gitignore line each, as if they stood in `root`.
pub(super) fn parse_patterns(root: &Path, patterns: &[String]) -> Result<Gitignore, BadPattern> {
    let bad = |pattern: &str, source| BadPattern {
        pattern: pattern.to_owned(),
        source,
    };
    let mut builder = GitignoreBuilder::new(root);
    for pattern in patterns {
        // An absent file name: the pattern stands in the configuration, not in an ignore file.
        builder
            .add_line(None, pattern.trim_start_matches("./"))
            .map_err(|source| bad(pattern, source))?;
    }
    builder
        .build()
        .map_err(|source| bad(&patterns.join(", "), source))
}

/// Whether `root`, which is canonical, is in a Git repository.
pub(super) fn in_repository(root: &Path) -> bool {
    root.ancestors().any(|above| above.join(".git").exists())
}

/// A walk from `start` that leaves out what `.gitignore` files hide, and nothing else: `.ignore`
/// files, the user's global ignore file and `.git/info/exclude` differ between machines, and results
/// must not. Those in and below `start` count with or without a repository, so that an image built
/// without `.git` has the same files; those above it where the caller turns on `parents`.
pub(super) fn walk(start: &Path, in_repository: bool) -> WalkBuilder {
    let mut builder = WalkBuilder::new(start);
    builder
        .standard_filters(false)
        .git_ignore(true)
        .require_git(in_repository);
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_components_and_a_leading_dot_slash_means_nothing() {
        let patterns = ["dist", "./out", "/build", "!keep"].map(str::to_owned);
        let ignored = parse_patterns(Path::new("/p"), &patterns).unwrap();
        let hides = |path: &str| ignored.matched(path, true).is_ignore();
        assert_eq!(["dist", "a/dist", "out", "build"].map(hides), [true; 4]);
        assert_eq!(["distance", "a/build", "keep"].map(hides), [false; 3]);
    }

    #[test]
    fn the_bad_pattern_is_told() {
        let patterns = ["ok", "a{b"].map(str::to_owned);
        let bad = parse_patterns(Path::new("/p"), &patterns).unwrap_err();
        assert_eq!(bad.pattern, "a{b");
    }

    #[test]
    fn a_repository_starts_at_or_above_the_root() {
        let directory = tempfile::tempdir().unwrap();
        let root = fs_err::canonicalize(directory.path()).unwrap();
        let below = root.join("a/b");
        fs_err::create_dir_all(&below).unwrap();
        let before = in_repository(&below);
        fs_err::create_dir(root.join(".git")).unwrap();
        assert_eq!((before, in_repository(&below)), (false, true));
    }
}
