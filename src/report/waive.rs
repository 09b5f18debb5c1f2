//! The command that lets one failure be for a while, to be copied into a shell that nobody knows.

use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use super::again::{LONGEST_COMMAND, in_project, word};
use crate::model::{Outcome, RunReport, TestResult};

/// The command that waives just this failure, from the top of the repository, for thirty days from
/// the day of the run. `None` for what needs no waiver or can't have one, and where path or id can't
/// be pasted everywhere.
///
/// One line, the same after it has passed `sanitize::terminal_line`, as with [`super::again`]. It holds
/// foreign names, so it still needs the gate of its place.
pub(super) fn waive(report: &RunReport, result: &TestResult) -> Option<String> {
    let can_be = matches!(result.outcome, Outcome::Fail(_)) || result.is_undecided();
    let TestResult { path, id, .. } = result;
    if !can_be || !result.blocks() || id.is_empty() || path.starts_with('-') {
        return None;
    }
    let id = word(&format!("{path}#{id}"))?;
    let started = report.started.to_zoned(TimeZone::UTC).date();
    let until = started.checked_add(30.days()).ok()?;
    let command = in_project(report)?;
    let command = format!("{command} waive {id} --until {until} --reason 'known, to be fixed'");
    (command.len() <= LONGEST_COMMAND).then_some(command)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::arbitrary;
    use crate::sanitize::terminal_line;

    fn commands(report: &RunReport) -> Vec<String> {
        let all = report.results.iter();
        all.filter_map(|result| waive(report, result)).collect()
    }

    #[test]
    fn each_failure_that_blocks_can_be_waived_and_nothing_else() {
        insta::assert_snapshot!(commands(&RunReport::sample()).join("\n"));
        assert!(commands(&RunReport::sample_passed()).is_empty());
    }

    #[test]
    fn a_name_that_can_not_be_pasted_has_no_command() {
        let mut report = RunReport::sample();
        report
            .results
            .retain(|result| result.id == "errors-are-json");
        assert_eq!(commands(&report).len(), 1);
        for (path, id) in [
            ("a.spec.md", ""),
            ("a.spec.md", "$(id)"),
            ("a.spec.md", "a\nb"),
            ("-a.spec.md", "a"),
            ("a&b.spec.md", "a"),
        ] {
            report.results[0].path = path.into();
            report.results[0].id = id.into();
            assert!(commands(&report).is_empty(), "{path} {id}");
        }
    }

    proptest! {
        #[test]
        fn it_is_one_line_that_a_log_shows_as_it_is(report in arbitrary::report()) {
            for command in commands(&report) {
                prop_assert!(command.starts_with("semtest "));
                prop_assert!(command.len() <= LONGEST_COMMAND);
                prop_assert_eq!(terminal_line(&command), command);
            }
        }
    }
}
