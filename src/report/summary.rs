//! The job's summary: `latest.md` as a page of the CI run, with links to the judged lines. It may
//! have 1 MiB there.

use crate::model::{Outcome, RunReport, TestResult};
use crate::report::comment::{self, Detail};
use crate::report::markdown;

/// The most bytes of a summary. Of a larger one GitHub shows nothing at all.
const MOST: usize = 1_000_000;

/// The most bytes of one foreign text, the longest first.
const TEXTS: [usize; 3] = [4_096, 500, 100];

/// A run at several lengths, the most detailed first, each made when it is asked for. The
/// last has less than 2,000 bytes.
pub fn renderings(report: &RunReport, options: &comment::Options) -> impl Iterator<Item = String> {
    let may_fit = TEXTS
        .into_iter()
        .filter(|longest| least(report, *longest) <= MOST);
    let pages = may_fit.map(move |longest_text| {
        let page = markdown::Options {
            include_passing: false,
            links: options.links.clone(),
            caution: options.caution.as_deref(),
            longest_text,
        };
        markdown::render_with(report, &page)
    });
    let comments = Detail::ALL.into_iter();
    pages.chain(comments.map(move |detail| comment::render(report, options, detail)))
}

/// About the least bytes of a page, so that one that can't fit is not made: a stranger's artifact
/// may hold a million failures.
fn least(report: &RunReport, longest_text: usize) -> usize {
    let length = |result: &TestResult| {
        let texts = match &result.outcome {
            Outcome::Pass => return 0,
            Outcome::Fail(failure) => [
                &failure.expectation,
                &failure.observed,
                &failure.evidence,
                &failure.resolution,
            ]
            .map(Option::as_deref),
            Outcome::Error { message } => [Some(message.as_str()), None, None, None],
            Outcome::Invalid { reason } => [reason.as_deref(), None, None, None],
            Outcome::Skip { reason } => [Some(reason.as_str()), None, None, None],
        };
        let all = texts.into_iter().flatten().chain([result.title.as_str()]);
        all.map(|text| text.len().min(longest_text)).sum()
    };
    report.results.iter().map(length).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Failure;
    use crate::report::comment::Links;

    fn options() -> comment::Options {
        comment::Options {
            links: Links {
                files: Some("https://github.com/o/r/blob/4bb1a3f".into()),
                run: Some("https://github.com/o/r/actions/runs/1".into()),
            },
            caution: Some("a <!-- stranger --> wrote this".into()),
            ..comment::Options::default()
        }
    }

    fn first_that_fits(report: &RunReport) -> String {
        let options = options();
        let mut all = renderings(report, &options);
        all.find(|text| text.len() <= MOST).unwrap()
    }

    #[test]
    fn it_is_the_report_with_links_to_the_lines_and_the_caution() {
        insta::assert_snapshot!(first_that_fits(&RunReport::sample()));
    }

    #[test]
    fn whatever_the_report_holds_it_fits() {
        let mut report = RunReport::sample();
        let long = Outcome::Fail(Failure {
            observed: Some("& ".repeat(300)),
            ..Failure::default()
        });
        for result in &mut report.results {
            result.outcome = long.clone();
        }
        let one = report.results[0].clone();
        for (count, start) in [
            (10, "# semtest"),
            (900, "# semtest"),
            (20_000, "❌ **FAILED"),
        ] {
            report.results = vec![one.clone(); count];
            let text = first_that_fits(&report);
            assert!(
                text.starts_with(start) && text.len() <= MOST,
                "{count}: {}",
                text.len()
            );
        }
        let all: Vec<usize> = renderings(&report, &options())
            .map(|text| text.len())
            .collect();
        assert!(
            all.is_sorted_by(|longer, shorter| longer > shorter),
            "{all:?}"
        );
        assert!(all.last().is_some_and(|last| *last < 2_000));
    }
}
