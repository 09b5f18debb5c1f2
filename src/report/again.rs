//! The command that judges one result again, to be copied into a shell that nobody knows.

use crate::model::{RunReport, TestResult};
use crate::sanitize::{pasted_word, terminal_line};

/// A command with longer names, in bytes, would not be read by anybody.
pub(super) const LONGEST_COMMAND: usize = 400;

/// The command that judges just this one, from the top of the repository; its whole file where the id
/// can't be pasted everywhere, and `None` where the path can't.
///
/// One line, the same after it has passed `sanitize::terminal_line`: a command that is changed on its
/// way must not be pasted. It holds foreign names, so it still needs the gate of its place.
pub(super) fn again(report: &RunReport, result: &TestResult) -> Option<String> {
    let TestResult { path, id, .. } = result;
    let mut command = in_project(report)?;
    let one = (!id.is_empty()).then(|| format!("{path}#{id}"));
    let target = one.and_then(|one| word(&one));
    command.push_str(" run ");
    command.push_str(&target.or_else(|| word(path))?);
    (command.len() <= LONGEST_COMMAND).then_some(command)
}

/// How every command begins that is about the project, from the top of the repository.
pub(super) fn in_project(report: &RunReport) -> Option<String> {
    Some(match report.judged.directory.as_str() {
        "" => "semtest".to_owned(),
        directory => format!("semtest -C {}", word(directory)?),
    })
}

/// A path as a word that every shell and every place leaves as it is, and that no program takes for
/// an option.
pub(super) fn word(path: &str) -> Option<String> {
    let start = if path.starts_with('-') { "./" } else { "" };
    let word = pasted_word(&format!("{start}{path}"))?;
    (terminal_line(&word) == word).then_some(word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::arbitrary;

    fn command(directory: &str, path: &str, id: &str) -> Option<String> {
        let mut report = RunReport::sample_passed();
        report.judged.directory = directory.into();
        let mut result = report.results.swap_remove(0);
        result.path = path.into();
        result.id = id.into();
        again(&report, &result)
    }

    #[test]
    fn the_command_names_one_result_as_closely_as_any_shell_takes_it() {
        let long = "x".repeat(LONGEST_COMMAND);
        for ([directory, path, id], expected) in [
            (
                ["", "a.spec.md", "x-1"],
                Some("semtest run 'a.spec.md#x-1'"),
            ),
            (
                ["services/the shop", "a.spec.md", "x"],
                Some("semtest -C 'services/the shop' run 'a.spec.md#x'"),
            ),
            (
                ["-x", "-a.spec.md", "x"],
                Some("semtest -C ./-x run './-a.spec.md#x'"),
            ),
            (["", "a.spec.md", ""], Some("semtest run a.spec.md")),
            (["", "a.spec.md", "a\nb"], Some("semtest run a.spec.md")),
            (["", "a.spec.md", "'; rm x"], Some("semtest run a.spec.md")),
            // A log would show it with a mark in it.
            (
                ["", "a.spec.md", "##[error]x"],
                Some("semtest run a.spec.md"),
            ),
            (["", "$(id).spec.md", "x"], None),
            (["$HOME", "a.spec.md", "x"], None),
            (["", "", ""], None),
            (["", "a.spec.md", &long], None),
        ] {
            assert_eq!(command(directory, path, id).as_deref(), expected);
        }
    }

    proptest! {
        #[test]
        fn it_is_one_line_that_a_log_shows_as_it_is(report in arbitrary::report()) {
            for result in &report.results {
                let Some(command) = again(&report, result) else { continue };
                prop_assert!(command.starts_with("semtest "));
                prop_assert!(command.len() <= LONGEST_COMMAND);
                prop_assert_eq!(terminal_line(&command), command);
            }
        }
    }
}
