//! Removing what an earlier run left, so that nobody reads stale results.

use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use fs_err::File;

use super::{FilesError, check_directory};
use crate::model::{DEBUG_NAME, DEBUG_RECORD_START, REPORT_NAMES};

/// How every JUnit file of ours begins, after the XML declaration.
const JUNIT_ROOT: &str = "<testsuites name=\"semtest\"";

/// Removes every report file and `debug/` from the output directory, and the JUnit file if it is
/// elsewhere: those too that this run will not write, as a stale one is read as this run's. Nothing
/// else there is touched.
///
/// Links are removed as links, never followed. A `debug` that holds anything but debug records is not
/// ours: it is left alone and returned. (Somebody who sets the output directory to `target` does not
/// want to lose `target/debug`.)
///
/// # Errors
/// When the JUnit file would replace what semtest did not write, be it a file with something in it, a
/// link or a directory; when a file is where a directory is to be; when something can not be removed,
/// such as a directory that is called `latest.md`.
pub fn clear(output: &Path, junit: Option<&Path>) -> Result<Vec<PathBuf>, FilesError> {
    check_directory(output)?;
    clear_output(output).map_err(FilesError::NotCleared)?;
    if let Some(path) = junit {
        clear_junit(path)?;
    }
    clear_debug(output.join(DEBUG_NAME)).map_err(FilesError::NotCleared)
}

fn clear_output(output: &Path) -> io::Result<()> {
    for name in REPORT_NAMES {
        let path = output.join(name);
        if kind(&path)?.is_some() {
            remove(path)?;
        }
    }
    Ok(())
}

/// Another run in the same directory may have been faster.
fn remove(path: PathBuf) -> io::Result<()> {
    match fs_err::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn clear_junit(path: &Path) -> Result<(), FilesError> {
    if let Some(directory) = path.parent() {
        check_directory(directory)?;
    }
    let clear = || match kind(path)? {
        None => Ok(true),
        Some(Kind::File) if is_our_junit(path)? => fs_err::remove_file(path).map(|()| true),
        Some(_) => Ok(false),
    };
    match clear() {
        Ok(true) => Ok(()),
        Ok(false) => Err(FilesError::NotOurJunit(path.to_path_buf())),
        Err(error) => Err(FilesError::NotCleared(error)),
    }
}

fn clear_debug(debug: PathBuf) -> io::Result<Vec<PathBuf>> {
    match kind(&debug)? {
        None => {}
        Some(Kind::Link) => fs_err::remove_file(debug)?,
        Some(Kind::Directory) if holds_only_records(&debug)? => fs_err::remove_dir_all(debug)?,
        Some(_) => return Ok(vec![debug]),
    }
    Ok(Vec::new())
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

/// An empty file counts too: there is nothing to lose, and `mktemp` makes one.
fn is_our_junit(path: &Path) -> io::Result<bool> {
    let start = start_of(path)?;
    Ok(start.is_empty() || start.contains(JUNIT_ROOT))
}

/// A record that a crash left empty counts too.
fn is_debug_record(path: &Path) -> io::Result<bool> {
    let start = start_of(path)?;
    Ok(start.is_empty() || start.starts_with(DEBUG_RECORD_START))
}

fn start_of(path: &Path) -> io::Result<String> {
    let mut start = Vec::new();
    File::open(path)?.take(200).read_to_end(&mut start)?;
    Ok(String::from_utf8_lossy(&start).into_owned())
}

fn holds_only_records(directory: &Path) -> io::Result<bool> {
    let mut directories = vec![directory.to_path_buf()];
    while let Some(directory) = directories.pop() {
        for entry in fs_err::read_dir(directory)? {
            let entry = entry?;
            let path = entry.path();
            match kind_of(entry.file_type()?) {
                Kind::Directory => directories.push(path),
                Kind::File if is_debug_record(&path)? => {}
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

    /// A project with these files in it; every file holds the start of a debug record.
    fn project(files: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let output = root.path().join("out");
        fs_err::create_dir_all(&output).unwrap();
        for file in files {
            let path = root.path().join(file);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, DEBUG_RECORD_START).unwrap();
        }
        (root, output)
    }

    #[test]
    fn results_of_an_earlier_run_go_and_everything_else_stays() {
        let stay = [
            "out/2026-11-21T11-30-00Z.md",
            "out/mine.md",
            "out/debug.json",
            "out/other.sarif",
            "latest.md",
        ];
        let go = [
            "out/latest.md",
            "out/ci-results.json",
            "out/junit-results.xml",
            "out/gl-code-quality.json",
            "out/semtest.sarif",
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
        fs_err::write(output.join("debug/deps/program"), "{\"fixture\": 1}").unwrap();
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
        symlink(root.path().join("src/main.rs"), root.path().join("link")).unwrap();
        for path in ["test-results/other.xml", "src/main.rs", "src", "link"] {
            let path = root.path().join(path);
            let error = clear(&output, Some(&path)).unwrap_err();
            let expected = format!(
                "`{}` is there and is no JUnit file of semtest's",
                path.display()
            );
            assert_eq!(error.to_string(), expected);
            assert_eq!(error.hint(), Some("name another path, or remove it"));
            assert!(path.exists());
        }
    }

    #[test]
    fn an_empty_file_holds_nothing_to_lose() {
        let (root, output) = project(&[]);
        let empty = root.path().join("empty.xml");
        fs_err::write(&empty, "").unwrap();
        assert!(clear(&output, Some(&empty)).unwrap().is_empty());
        assert!(!empty.exists());
    }

    #[test]
    fn a_file_in_place_of_a_directory_is_named() {
        let (root, output) = project(&["file"]);
        let file = root.path().join("file");
        let expected = format!("`{}` is a file, not a directory", file.display());
        for (output, junit) in [
            (&file, None),
            (&file.join(""), None),
            (&file.join("below"), None),
            (&output, Some(file.join("junit.xml"))),
        ] {
            let error = clear(output, junit.as_deref()).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }
}
