//! The files by which a step tells GitHub's runner its summary and its outputs
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#environment-files>;
//! how it reads them: `FileCommandManager.cs` of actions/runner).
//!
//! Both are opened by the name that the environment gives, through links as well: the runner makes
//! them for the step, outside of the checkout, and whoever can change a variable of this process
//! owns the job without our help. What earlier commands of the step have written stays.

use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::{Output, PublishError};

/// The most bytes of a step's summary; of a larger one the runner shows nothing at all.
const MOST_OF_SUMMARY: u64 = 1024 * 1024;

/// Adds to the job's summary, the file that `GITHUB_STEP_SUMMARY` names: the first of `renderings`,
/// which begin with the most detailed, that fits beside what the file already holds.
///
/// # Errors
/// When not even the last one fits, or when the file can't be written.
pub fn append_summary(
    path: &Path,
    renderings: impl IntoIterator<Item = String>,
) -> Result<(), PublishError> {
    summary(path, renderings).map_err(|source| PublishError::File {
        name: "GITHUB_STEP_SUMMARY",
        source,
    })
}

/// Adds outputs of the step to the file that `GITHUB_OUTPUT` names.
///
/// # Errors
/// When the file can't be written; nothing is then.
pub fn write_outputs(path: &Path, outputs: &[(Output, String)]) -> Result<(), PublishError> {
    outputs_into(path, outputs).map_err(|source| PublishError::File {
        name: "GITHUB_OUTPUT",
        source,
    })
}

fn summary(path: &Path, renderings: impl IntoIterator<Item = String>) -> io::Result<()> {
    let mut file = Existing::open(path)?;
    // A blank line: ours must not continue the paragraph above it.
    let gap = match file.length {
        0 => "",
        _ if file.ends_with_line_break => "\n",
        _ => "\n\n",
    };
    let room = MOST_OF_SUMMARY.saturating_sub(file.length);
    let fits = |text: &String| u64::try_from(gap.len() + text.len()).is_ok_and(|all| all <= room);
    let Some(text) = renderings.into_iter().find(fits) else {
        let problem = format!(
            "{} of the {MOST_OF_SUMMARY} bytes that a step may have are taken, and the summary \
             does not fit into the rest",
            file.length
        );
        return Err(io::Error::new(ErrorKind::FileTooLarge, problem));
    };
    file.append(&(gap.to_owned() + &text))
}

fn outputs_into(path: &Path, outputs: &[(Output, String)]) -> io::Result<()> {
    let mut file = Existing::open(path)?;
    let mut text = String::new();
    if file.length > 0 && !file.ends_with_line_break {
        text.push('\n');
    }
    for (output, value) in outputs {
        text.push_str(&heredoc(output.name(), value, &delimiter()?)?);
    }
    file.append(&text)
}

/// `name<<delimiter`, the value, and the delimiter again: the one form in which a value may hold
/// anything else.
fn heredoc(name: &str, value: &str, delimiter: &str) -> io::Result<String> {
    if value.contains(delimiter) {
        let problem = format!("`{name}` holds the line that would end it");
        return Err(io::Error::new(ErrorKind::InvalidData, problem));
    }
    Ok(format!("{name}<<{delimiter}\n{value}\n{delimiter}\n"))
}

/// A line that nobody can foresee, 128 random bits, and so write into a value on purpose.
fn delimiter() -> io::Result<String> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(|error| io::Error::other(error.to_string()))?;
    let digits = bits.iter().map(|byte| format!("{byte:02x}"));
    Ok(digits.fold("semtest-".to_owned(), |text, digit| text + &digit))
}

/// A file that others may have written to.
struct Existing {
    file: fs_err::File,
    /// In bytes.
    length: u64,
    ends_with_line_break: bool,
}

impl Existing {
    fn open(path: &Path) -> io::Result<Self> {
        let mut file = fs_err::OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        let length = file.metadata()?.len();
        let mut last = [b'\n'];
        if length > 0 {
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
        }
        Ok(Self {
            file,
            length,
            ends_with_line_break: last == *b"\n",
        })
    }

    /// In one call, so that a reader meets all of it or nothing.
    fn append(&mut self, text: &str) -> io::Result<()> {
        self.file.write_all(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs_err::write(file.path(), content).unwrap();
        file
    }

    fn read(file: &tempfile::NamedTempFile) -> String {
        fs_err::read_to_string(file.path()).unwrap()
    }

    /// The file with its random delimiters as `D`.
    fn outputs(file: &tempfile::NamedTempFile) -> String {
        let pattern = regex::Regex::new("semtest-[0-9a-f]{32}").unwrap();
        pattern.replace_all(&read(file), "D").into_owned()
    }

    #[test]
    fn an_output_ends_where_its_own_delimiter_stands() {
        let target = file("");
        let values = [
            (Output::Status, "fail".to_owned()),
            (Output::ReportDirectory, "a\nstatus=pass\nD".to_owned()),
            (Output::CostUsd, String::new()),
        ];
        write_outputs(target.path(), &values).unwrap();
        assert_eq!(
            outputs(&target),
            "status<<D\nfail\nD\nreport_directory<<D\na\nstatus=pass\nD\nD\ncost_usd<<D\n\nD\n"
        );
    }

    #[test]
    fn no_two_values_have_the_same_delimiter() {
        let (one, other) = (delimiter().unwrap(), delimiter().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), "semtest-".len() + 32);
    }

    #[test]
    fn a_value_that_holds_its_delimiter_is_refused() {
        let message = heredoc("a", "x\nD\ny", "D").unwrap_err().to_string();
        assert_eq!(message, "`a` holds the line that would end it");
    }

    #[test]
    fn outputs_begin_on_a_line_of_their_own() {
        for (before, expected) in [
            ("a=b", "a=b\njudged<<D\n1\nD\n"),
            ("a=b\n", "a=b\njudged<<D\n1\nD\n"),
        ] {
            let target = file(before);
            write_outputs(target.path(), &[(Output::Judged, "1".to_owned())]).unwrap();
            assert_eq!(outputs(&target), expected);
        }
    }

    #[test]
    fn a_summary_stands_apart_from_what_is_there() {
        for (before, expected) in [
            ("", "text\n"),
            ("one", "one\n\ntext\n"),
            ("one\n", "one\n\ntext\n"),
        ] {
            let target = file(before);
            append_summary(target.path(), ["text\n".to_owned()]).unwrap();
            assert_eq!(read(&target), expected);
        }
    }

    #[test]
    fn the_first_summary_that_fits_beside_the_others_is_taken() {
        let most = 1024 * 1024;
        let shorter = || ["a".repeat(11), "b".repeat(10), "c".to_owned()];
        for (taken, expected) in [(0, "a"), (most - 11, "\nb"), (most - 10, "\nc")] {
            // Ends in a line break, so that one byte separates them.
            let mut before = "x".repeat(taken);
            if taken > 0 {
                before.replace_range(taken - 1.., "\n");
            }
            let target = file(&before);
            append_summary(target.path(), shorter()).unwrap();
            let added = read(&target).split_off(taken);
            assert!(added.starts_with(expected), "{taken}: {added}");
            assert!(taken + added.len() <= most);
        }
        let target = file(&"x".repeat(most));
        let error = append_summary(target.path(), shorter()).unwrap_err();
        assert_eq!(
            crate::chain::chain(&error),
            "`GITHUB_STEP_SUMMARY` can't be written: 1048576 of the 1048576 bytes that a step may \
             have are taken, and the summary does not fit into the rest"
        );
        assert_eq!(read(&target).len(), most);
    }

    #[test]
    fn a_file_that_is_no_file_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        assert!(write_outputs(directory.path(), &[]).is_err());
        assert!(append_summary(&directory.path().join("a/b"), [String::new()]).is_err());
    }
}
