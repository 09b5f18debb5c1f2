//! Writing, all or nothing for each file.

use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::{FilesError, WriteFailure, WriteOptions, check_directory};
use crate::model::{JSON_NAME, MARKDOWN_NAME, ReportFormat, RunReport};
use crate::ownership::{create_directories, temporary, unnamed, write_whole};
use crate::report::{code_quality, json, junit, markdown, sarif};

/// Writes the files of a run and returns their paths: `latest.md`, `ci-results.json`, and if they are
/// wanted the JUnit file, those for one CI system, the copy with the time in its name. The copy of another run
/// that started in the same second stays: this one's name ends in `-2` then.
///
/// A file is complete or is not there: it gets its name once it is whole. A link that has one of
/// these names is replaced, never followed. (An output directory that is itself a link is used: the
/// user may well have put it elsewhere.)
///
/// # Errors
/// Names every file that could not be written; the others are written all the same.
pub fn write(report: &RunReport, options: &WriteOptions) -> Result<Vec<PathBuf>, FilesError> {
    let mut written = Vec::new();
    let mut failures = Vec::new();
    let page = markdown::render(report, options.include_passing);
    for (path, content) in documents(report, options, &page) {
        match content.and_then(|content| write_whole(&path, &content)) {
            Ok(()) => written.push(path),
            Err(cause) => failures.push(WriteFailure { path, cause }),
        }
    }
    if options.timestamp {
        match write_copy(report, &options.output, &page) {
            Ok(path) => written.push(path),
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() {
        Ok(written)
    } else {
        Err(FilesError::NotWritten { written, failures })
    }
}

fn documents(
    report: &RunReport,
    options: &WriteOptions,
    page: &str,
) -> Vec<(PathBuf, io::Result<String>)> {
    let mut documents = vec![
        (options.output.join(MARKDOWN_NAME), Ok(page.to_owned())),
        (options.output.join(JSON_NAME), Ok(json::render(report))),
    ];
    if let Some(path) = &options.junit {
        let xml = junit::render(report).map_err(io::Error::other);
        documents.push((path.clone(), xml));
    }
    let mut formats = options.formats.clone();
    formats.sort_unstable();
    formats.dedup();
    for format in formats {
        let text = match format {
            ReportFormat::CodeQuality => code_quality::render(report),
            ReportFormat::Sarif => sarif::render(report),
        };
        documents.push((options.output.join(format.file_name()), Ok(text)));
    }
    documents
}

/// Writes the page under the time of the run, or the first name made of it that is free.
fn write_copy(report: &RunReport, output: &Path, page: &str) -> Result<PathBuf, WriteFailure> {
    // Colons are not allowed in file names everywhere.
    let name = report.started.strftime("%Y-%m-%dT%H-%M-%SZ").to_string();
    let mut path = output.join(format!("{name}.md"));
    let mut file = match unnamed(output, page) {
        Ok(file) => file,
        Err(cause) => return Err(WriteFailure { path, cause }),
    };
    for number in 2_u64.. {
        match file.persist_noclobber(&path) {
            Ok(_) => break,
            Err(failed) if failed.error.kind() == ErrorKind::AlreadyExists => file = failed.file,
            Err(failed) => {
                let cause = failed.error;
                return Err(WriteFailure { path, cause });
            }
        }
        path = output.join(format!("{name}-{number}.md"));
    }
    Ok(path)
}

/// Proves that reports can be written, before anything is spent on a run: makes the directory, and
/// writes and removes a file there.
///
/// # Errors
/// When any of this fails. It names the directory.
pub fn check_writable(directory: &Path) -> Result<(), FilesError> {
    check_directory(directory)?;
    let probe = || {
        create_directories(directory)?;
        let mut file = temporary(directory)?;
        // On a full disk an empty file can still be made.
        file.write_all(&[b'\n'; 4096])?;
        file.close()
    };
    probe().map_err(|source| FilesError::NotWritable {
        directory: directory.to_path_buf(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::files::{clear, default_junit_path};

    fn options(output: &Path) -> WriteOptions {
        WriteOptions {
            output: output.to_path_buf(),
            junit: None,
            formats: Vec::new(),
            timestamp: false,
            include_passing: false,
        }
    }

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs_err::read_dir(directory).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn all_files_are_written_where_they_are_wanted() {
        let root = tempfile::tempdir().unwrap();
        let output = root.path().join("a/results");
        let report = RunReport::sample();
        let written = write(
            &report,
            &WriteOptions {
                junit: Some(root.path().join("test-results/semtest.xml")),
                formats: vec![
                    ReportFormat::Sarif,
                    ReportFormat::CodeQuality,
                    ReportFormat::Sarif,
                ],
                timestamp: true,
                include_passing: true,
                ..options(&output)
            },
        );
        assert_eq!(
            written.unwrap(),
            [
                output.join("latest.md"),
                output.join("ci-results.json"),
                root.path().join("test-results/semtest.xml"),
                output.join("gl-code-quality.json"),
                output.join("semtest.sarif"),
                output.join("2026-11-21T11-30-00Z.md"),
            ]
        );
        let read = |name: &str| fs_err::read_to_string(output.join(name)).unwrap();
        assert_eq!(read("latest.md"), markdown::render(&report, true));
        assert_eq!(read("2026-11-21T11-30-00Z.md"), read("latest.md"));
        assert_eq!(json::parse(&read("ci-results.json")).unwrap(), report);
        assert_eq!(read("gl-code-quality.json"), code_quality::render(&report));
        assert_eq!(read("semtest.sarif"), sarif::render(&report));
        assert_eq!(names(&output).len(), 5, "nothing temporary is left");
    }

    #[test]
    fn markdown_and_json_are_always_written_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        write(&RunReport::sample(), &options(root.path())).unwrap();
        assert_eq!(names(root.path()), ["ci-results.json", "latest.md"]);
    }

    #[test]
    fn one_file_that_fails_does_not_stop_the_others() {
        let root = tempfile::tempdir().unwrap();
        let output = root.path().join("results");
        fs_err::create_dir_all(output.join("latest.md/in-the-way")).unwrap();
        fs_err::write(root.path().join("file"), "").unwrap();
        let junit = Some(root.path().join("file/junit.xml"));
        let error = write(
            &RunReport::sample(),
            &WriteOptions {
                junit,
                ..options(&output)
            },
        )
        .unwrap_err();
        let message = error.to_string();
        assert!(message.contains("latest.md` (Is a directory"), "{message}");
        assert!(message.contains("file/junit.xml` ("), "{message}");
        assert!(!message.contains(".semtest-"), "{message}");
        assert!(error.hint().unwrap().contains("--output"));
        let FilesError::NotWritten { written, failures } = error else {
            panic!("{error}");
        };
        assert_eq!((written.len(), failures.len()), (1, 2));
        assert_eq!(names(&output), ["ci-results.json", "latest.md"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_replaced_and_what_it_points_at_stays() {
        let root = tempfile::tempdir().unwrap();
        let (precious, output) = (root.path().join("precious"), root.path().join("results"));
        fs_err::write(&precious, "mine").unwrap();
        fs_err::create_dir_all(&output).unwrap();
        fs_err::os::unix::fs::symlink(&precious, output.join("latest.md")).unwrap();
        write(&RunReport::sample(), &options(&output)).unwrap();
        assert_eq!(fs_err::read_to_string(&precious).unwrap(), "mine");
        assert!(
            fs_err::symlink_metadata(output.join("latest.md"))
                .unwrap()
                .is_file()
        );
    }

    #[cfg(unix)]
    #[test]
    fn other_accounts_may_read_the_files_as_the_umask_says() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        fs_err::write(root.path().join("plain"), "").unwrap();
        write(&RunReport::sample(), &options(root.path())).unwrap();
        let mode = |name| {
            let metadata = fs_err::metadata(root.path().join(name)).unwrap();
            metadata.permissions().mode()
        };
        assert_eq!(mode("latest.md"), mode("plain"));
    }

    #[test]
    fn a_directory_that_can_be_written_is_made_and_left_empty() {
        let root = tempfile::tempdir().unwrap();
        let output = root.path().join("a/b");
        check_writable(&output).unwrap();
        assert!(names(&output).is_empty());
    }

    #[test]
    fn a_directory_that_can_not_be_made_is_found_out() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs_err::write(&file, "").unwrap();
        for output in [&file, &file.join(""), &file.join("below")] {
            let error = check_writable(output).unwrap_err();
            let expected = format!("`{}` is a file, not a directory", file.display());
            assert_eq!(error.to_string(), expected);
            assert!(error.hint().unwrap().contains("move it"), "{error:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_directory_that_can_not_be_written_is_named() {
        let root = tempfile::tempdir().unwrap();
        let output = root.path().join("results");
        // Not a matter of permissions, which do not hold root back.
        fs_err::os::unix::fs::symlink(root.path().join("gone/away"), &output).unwrap();
        let error = check_writable(&output).unwrap_err();
        let expected = format!("the directory `{}` is not writable", output.display());
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn runs_that_start_in_the_same_second_keep_their_copies() {
        let root = tempfile::tempdir().unwrap();
        let options = WriteOptions {
            timestamp: true,
            ..options(root.path())
        };
        let reports = [
            RunReport::sample(),
            RunReport::sample_passed(),
            RunReport::sample_checks(),
        ];
        let copies = reports.each_ref().map(|report| {
            let written = write(report, &options).unwrap();
            written.last().unwrap().clone()
        });
        let names = copies
            .each_ref()
            .map(|path| path.file_name().unwrap().to_str().unwrap());
        assert_eq!(
            names,
            [
                "2026-11-21T11-30-00Z.md",
                "2026-11-21T11-30-00Z-2.md",
                "2026-11-21T11-30-00Z-3.md"
            ]
        );
        for (report, copy) in reports.iter().zip(&copies) {
            let page = fs_err::read_to_string(copy).unwrap();
            assert_eq!(page, markdown::render(report, false));
        }
    }

    #[test]
    fn what_was_written_is_what_is_cleared() {
        let root = tempfile::tempdir().unwrap();
        let junit = default_junit_path(root.path());
        let all = WriteOptions {
            junit: Some(junit.clone()),
            formats: vec![ReportFormat::CodeQuality, ReportFormat::Sarif],
            ..options(root.path())
        };
        write(&RunReport::sample(), &all).unwrap();
        assert_eq!(names(root.path()).len(), 5);
        clear(root.path(), Some(&junit)).unwrap();
        assert!(names(root.path()).is_empty());
    }

    /// For `tests/report/readers.sh`, which shows them to programs that we did not write.
    #[test]
    #[ignore = "writes the sample's files into SEMTEST_SAMPLE_DIR"]
    fn sample_files_for_other_readers() {
        #[expect(clippy::disallowed_methods, reason = "a test that is started by hand")]
        let directory = std::env::var_os("SEMTEST_SAMPLE_DIR").expect("SEMTEST_SAMPLE_DIR is set");
        let output = PathBuf::from(directory);
        let all = WriteOptions {
            junit: Some(default_junit_path(&output)),
            formats: vec![ReportFormat::CodeQuality, ReportFormat::Sarif],
            include_passing: true,
            ..options(&output)
        };
        write(&RunReport::sample(), &all).unwrap();
    }
}
