//! The table of a calibration, a line a scenario.

use std::collections::BTreeMap;

use crate::model::{Calibration, Noise};
use crate::sanitize::{terminal_line, truncate};

use super::finding::Finding;

/// Longer ids are cut.
const LONGEST_ID: usize = 60;

const HEADINGS: [&str; 6] = ["scenario", "votes", "pass", "fail", "minority", "judge"];

/// What a calibration says about a judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Quiet,
    Noisy,
    Unclear,
}

impl Class {
    pub(super) fn of(noise: Noise, max_flip: f64) -> Self {
        match noise.class(max_flip) {
            Calibration::Quiet(_) => Self::Quiet,
            Calibration::Noisy(_) => Self::Noisy,
            Calibration::Unclear(_) | Calibration::Unknown => Self::Unclear,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Noisy => "noisy",
            Self::Unclear => "unclear",
        }
    }
}

/// Headings, a line a scenario, and what the last columns mean.
pub(super) fn table(findings: &[Finding], max_flip: f64) -> Vec<String> {
    let mut holders = BTreeMap::<&str, usize>::new();
    for finding in findings {
        *holders.entry(&finding.subject.id).or_default() += 1;
    }
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(findings.iter().map(|finding| {
        let id = &finding.subject.id;
        let name = match holders.get(id.as_str()) {
            Some(2..) => format!("{}#{id}", finding.subject.path),
            Some(_) | None => id.clone(),
        };
        row(&name, finding, max_flip)
    }));
    let mut lines: Vec<String> = aligned(&rows);
    lines.push(format!(
        "minority: the part of the votes for the verdict that had fewer, and its 90 % bounds; quiet \
         below {max_flip}, noisy above"
    ));
    lines
}

fn row(name: &str, finding: &Finding, max_flip: f64) -> [String; 6] {
    let name = terminal_line(&truncate(name, LONGEST_ID));
    let tally = finding.tally;
    let [votes, passes, fails] =
        [tally.total(), tally.passes, tally.fails].map(|number| number.to_string());
    let (minority, judge) = match (finding.noise(), finding.class(max_flip)) {
        (Some(noise), Some(class)) => {
            let (lower, upper) = noise.bounds();
            let rate = format!("{:.2} ({lower:.2} to {upper:.2})", noise.rate());
            (rate, class.word())
        }
        _ => ("-".to_owned(), finding.remark()),
    };
    [name, votes, passes, fails, minority, judge.to_owned()]
}

/// Columns as wide as their widest cell, numbers to the right.
fn aligned(rows: &[[String; 6]]) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    let line = |row: &[String; 6]| {
        let cells = row.iter().zip(widths).enumerate();
        let cells = cells.map(|(column, (cell, width))| match column {
            1..=3 => format!("{cell:>width$}"),
            _ => format!("{cell:<width$}"),
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_how_each_scenario_was_answered() {
        let findings = [
            Finding::of("errors-are-json", 12, 0),
            Finding::of("no-eval", 5, 7),
            Finding::of("one-entry-point", 2, 10),
            Finding::of("has-a-license", 0, 0),
            Finding::of("no-eval", 12, 0),
        ];
        insta::assert_snapshot!(table(&findings, 0.2).join("\n"));
    }

    #[test]
    fn a_name_can_not_move_the_cursor_or_fill_the_screen() {
        let lines = table(
            &[Finding::of(&format!("\u{1b}[2J{}", "x".repeat(500)), 12, 0)],
            0.2,
        );
        assert!(!lines[1].contains('\u{1b}'), "{}", lines[1]);
        assert!(lines[1].chars().count() < 130, "{}", lines[1]);
    }
}
