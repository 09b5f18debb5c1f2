//! Removing what an earlier run left, so that nobody reads stale results.

use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use fs_err::File;

use super::{DEBUG_NAME, FilesError, JSON_NAME, JUNIT_NAME, MARKDOWN_NAME};

/// How every JUnit file of ours begins, after the XML declaration.
const JUNIT_ROOT: &str = "<testsuites name=\"semtest\"";

/// Removes `latest.md`, `ci-results.json`, `junit-results.xml` and `debug/` from the output
/// directory, and the JUnit file if it is elsewhere. Nothing else there is touched.
///
/// Links are removed as links, never followed. What we may not assume to be ours is left alone and
/// returned, in a fixed order: a JUnit file elsewhere that is not one of semtest's, and a `debug`
/// that holds anything but JSON files. (Somebody who sets the output directory to `target` does not
/// want to lose `target/debug`.)
///
/// # Errors
/// When something can not be removed, such as a directory that is called `latest.md`.
pub fn clear(output: &Path, junit: Option<&Path>) -> Result<Vec<PathBuf>, FilesError> {
    clear_all(output, junit).map_err(FilesError::NotCleared)
}

fn clear_all(output: &Path, junit: Option<&Path>) -> io::Result<Vec<PathBuf>> {
    for name in [MARKDOWN_NAME, JSON_NAME, JUNIT_NAME] {
        let path = output.join(name);
        if kind(&path)?.is_some() {
            fs_err::remove_file(path)?;
        }
    }
    let mut left_alone = Vec::new();
    if let Some(path) = junit {
        match kind(path)? {
            None => {}
            Some(Kind::File) if is_our_junit(path)? => fs_err::remove_file(path)?,
            Some(_) => left_alone.push(path.to_path_buf()),
        }
    }
    let debug = output.join(DEBUG_NAME);
    match kind(&debug)? {
        None => {}
        Some(Kind::Link) => fs_err::remove_file(debug)?,
        Some(Kind::Directory) if holds_only_json(&debug)? => fs_err::remove_dir_all(debug)?,
        Some(_) => left_alone.push(debug),
    }
    Ok(left_alone)
}

enum Kind {
    File,
    Directory,
    Link,
    Other,
}

/// What is there, links not followed; `None` if nothing is.
fn kind(path: &Path) -> io::Result<Option<Kind>> {
    match fs_err::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(kind_of(metadata.file_type()))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn kind_of(file_type: std::fs::FileType) -> Kind {
    if file_type.is_symlink() {
        Kind::Link
    } else if file_type.is_dir() {
        Kind::Directory
    } else if file_type.is_file() {
        Kind::File
    } else {
        Kind::Other
    }
}

fn is_our_junit(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?.take(200).read_to_end(&mut start)?;
    Ok(String::from_utf8_lossy(&start).contains(JUNIT_ROOT))
}

fn holds_only_json(directory: &Path) -> io::Result<bool> {
    let mut directories = vec![directory.to_path_buf()];
    while let Some(directory) = directories.pop() {
        for entry in fs_err::read_dir(directory)? {
            let entry = entry?;
            let path = entry.path();
            match kind_of(entry.file_type()?) {
                Kind::Directory => directories.push(path),
                Kind::File
                    if path
                        .extension()
                        .is_some_and(|extension| extension == "json") => {}
                Kind::File | Kind::Link | Kind::Other => return Ok(false),
            }
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use fs_err::os::unix::fs::symlink;

    use super::*;
    use crate::model::RunReport;
    use crate::report::junit;

    /// A project with these files in it; every file holds "x".
    fn project(files: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let output = root.path().join("out");
        fs_err::create_dir_all(&output).unwrap();
        for file in files {
            let path = root.path().join(file);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, "x").unwrap();
        }
        (root, output)
    }

    #[test]
    fn results_of_an_earlier_run_go_and_everything_else_stays() {
        let stay = [
            "out/2026-11-21T11-30-00Z.md",
            "out/mine.md",
            "out/debug.json",
            "latest.md",
        ];
        let go = [
            "out/latest.md",
            "out/ci-results.json",
            "out/junit-results.xml",
            "out/debug/a.spec.md.json",
            "out/debug/specs/b.spec.md.json",
        ];
        let (root, output) = project(&[&stay[..], &go[..]].concat());
        assert!(clear(&output, None).unwrap().is_empty());
        let exists = |path: &&str| root.path().join(path).exists();
        assert!(stay.iter().all(exists));
        assert!(!go.iter().any(exists));
        assert!(!output.join("debug").exists());
    }

    #[test]
    fn nothing_to_clear_is_fine() {
        let (root, output) = project(&[]);
        assert!(
            clear(&output, Some(&root.path().join("no.xml")))
                .unwrap()
                .is_empty()
        );
        assert!(clear(&root.path().join("absent"), None).unwrap().is_empty());
    }

    #[test]
    fn a_debug_directory_of_somebody_else_is_left_alone() {
        let (_root, output) = project(&["out/debug/deps/program", "out/debug/a.json"]);
        assert_eq!(clear(&output, None).unwrap(), [output.join("debug")]);
        assert!(output.join("debug/deps/program").exists() && output.join("debug/a.json").exists());
    }

    #[test]
    fn links_are_removed_and_never_followed() {
        let (root, output) = project(&["precious/a.json", "file.md"]);
        symlink(root.path().join("precious"), output.join("debug")).unwrap();
        symlink(root.path().join("file.md"), output.join("latest.md")).unwrap();
        symlink(root.path().join("gone"), output.join("ci-results.json")).unwrap();
        assert!(clear(&output, None).unwrap().is_empty());
        assert_eq!(fs_err::read_dir(&output).unwrap().count(), 0);
        assert!(
            root.path().join("precious/a.json").exists() && root.path().join("file.md").exists()
        );
    }

    #[test]
    fn a_link_inside_debug_keeps_it_from_being_removed() {
        let (root, output) = project(&["precious/a.json", "out/debug/a.json"]);
        symlink(root.path().join("precious"), output.join("debug/link")).unwrap();
        assert_eq!(clear(&output, None).unwrap(), [output.join("debug")]);
        assert!(root.path().join("precious/a.json").exists());
    }

    #[test]
    fn a_directory_that_is_called_like_a_report_is_an_error() {
        let (_root, output) = project(&["out/latest.md/mine"]);
        let error = clear(&output, None).unwrap_err();
        assert!(matches!(error, FilesError::NotCleared(_)));
        assert!(error.hint().is_some());
        assert!(output.join("latest.md/mine").exists());
    }

    #[test]
    fn a_junit_file_elsewhere_goes_only_if_it_is_ours() {
        let (root, output) = project(&["test-results/other.xml", "src/main.rs"]);
        let ours = root.path().join("test-results/semtest.xml");
        fs_err::write(&ours, junit::render(&RunReport::sample()).unwrap()).unwrap();
        assert!(clear(&output, Some(&ours)).unwrap().is_empty());
        assert!(!ours.exists());
        for path in ["test-results/other.xml", "src/main.rs", "src"] {
            let path = root.path().join(path);
            assert_eq!(
                clear(&output, Some(&path)).unwrap(),
                std::slice::from_ref(&path)
            );
            assert!(path.exists());
        }
    }
}
