//! Whole comments as golden files.

use std::path::PathBuf;

use super::*;
use crate::model::{Failure, Location, Outcome, RuleChange, TestResult};

pub(super) const BEFORE: &str = "0c9d2e8576a1b0c3d4e5f60718293a4b54bb1a3f";
const GITHUB: &str = "https://github.com/acme/shop";

pub(super) fn options() -> Options {
    Options {
        links: Links {
            files: Some(format!(
                "{GITHUB}/blob/4bb1a3f0c9d2e8576a1b0c3d4e5f60718293a4b5"
            )),
            run: Some(format!("{GITHUB}/actions/runs/1234567890")),
        },
        ..Options::default()
    }
}

/// What `report` changed since a run in which the statements at `failed` failed and all else passed.
fn change(report: &RunReport, failed: &[usize]) -> Change {
    let mut before = report.clone();
    before.judged.commit = Some(BEFORE.into());
    for (position, result) in before.results.iter_mut().enumerate() {
        let is_failed = failed.contains(&position);
        let fail = Outcome::Fail(Failure::default());
        result.outcome = if is_failed { fail } else { Outcome::Pass };
    }
    Memory::of(&before).change(report)
}

fn since(report: &RunReport, failed: &[usize]) -> Options {
    Options {
        change: Some(change(report, failed)),
        ..options()
    }
}

/// A shop in which one statement fails as before, one is new, one is mended.
fn shop() -> (RunReport, Options) {
    let report = RunReport::sample_shop();
    let options = since(&report, &[1, 3]);
    (report, options)
}

/// The same after the last failure was mended.
fn mended() -> (RunReport, Options) {
    let mut report = RunReport::sample_shop();
    for result in &mut report.results {
        result.outcome = Outcome::Pass;
    }
    let options = since(&report, &[0, 1]);
    (report, options)
}

fn many(count: usize) -> RunReport {
    let mut report = RunReport::sample_shop();
    let one = report.results[0].clone();
    let numbered = |number: usize| TestResult {
        id: format!("a-refund-{number}"),
        title: format!("A refund never makes the total of shop {number} negative"),
        ..one.clone()
    };
    report.results = (1..=count).map(numbered).collect();
    report
}

#[test]
fn what_is_new_comes_first_and_what_is_fixed_is_named() {
    let (report, options) = shop();
    insta::assert_snapshot!(render(&report, &options, Detail::Full));
}

#[test]
fn a_run_that_is_green_again_is_short() {
    let (report, options) = mended();
    insta::assert_snapshot!(render(&report, &options, Detail::Full));
}

#[test]
fn an_error_alone_is_told_like_a_failure() {
    let mut report = RunReport::sample_shop();
    report.results.drain(..2);
    insta::assert_snapshot!(render(&report, &options(), Detail::Full));
}

#[test]
fn what_is_no_commit_is_left_out() {
    let options = Options {
        commit: Some("no commit".into()),
        ..Options::default()
    };
    let page = render_missing("a `b`", &options);
    assert!(
        page.contains("The run left nothing that could be shown: a `b`."),
        "{page}"
    );
}

#[test]
fn without_results_the_comment_says_so() {
    let titled = Options {
        title: Some("CI / semtest".into()),
        commit: Some("6dcb09b5b57875f334f61aebed695e2e4193db5e".into()),
        ..options()
    };
    insta::assert_snapshot!(render_missing(
        "there are no results in `semtest-results`",
        &titled
    ));
}

#[test]
fn a_strangers_run_says_that_nobody_judged() {
    let mut report = RunReport::sample_nothing_judged();
    report.untrusted = Some("the pull request comes from the fork `mallory/shop`".into());
    insta::assert_snapshot!(render(&report, &options(), Detail::Full));
}

#[test]
fn an_interrupted_run_says_so() {
    let report = RunReport::sample_interrupted();
    insta::assert_snapshot!(render(&report, &options(), Detail::Full));
}

#[test]
fn what_does_not_block_is_told_in_a_line_each_and_changed_rules_at_every_length() {
    let mut report = RunReport::sample();
    let is_quiet = |result: &TestResult| result.is_excused() || result.outcome == Outcome::Pass;
    report.results.retain(is_quiet);
    report.results.pop();
    report.rule_changes.truncate(1);
    report.issues.clear();
    report.usage.truncate(1);
    let shown = Detail::ALL.map(|detail| render(&report, &options(), detail));
    insta::assert_snapshot!(shown.join("\n=====\n\n"));
}

#[test]
fn more_excuses_and_changes_than_anybody_reads_are_counted() {
    let mut report = RunReport::sample();
    let excused = report.results.iter().find(|result| result.is_excused());
    let excused = excused.unwrap().clone();
    report.results = vec![excused; 300];
    report.rule_changes = vec![report.rule_changes[0].clone(); 300];
    let page = render(&report, &options(), Detail::Full);
    assert_eq!(page.matches("\n- and 290 more\n").count(), 2, "{page}");
    assert!(page.len() < 10_000, "{}", page.len());
}

#[test]
fn changes_of_one_file_never_hide_that_another_changed() {
    let mut report = RunReport::sample();
    let change = |file: &str, text: String| RuleChange {
        file: file.into(),
        text,
    };
    report.rule_changes = (0..60)
        .map(|number| {
            change(
                "semtest.waivers.yaml",
                format!("adds a waiver of w{number}"),
            )
        })
        .collect();
    report
        .rule_changes
        .push(change("semtest.noise.json", "marks n as noisy".into()));
    for (detail, shown) in [(Detail::Full, 9), (Detail::Short, 4), (Detail::Titles, 2)] {
        let page = render(&report, &options(), detail);
        let last = format!(
            "adds a waiver of w{}\n- In `semtest.noise.json`: marks n as noisy\n- and",
            shown - 1
        );
        assert!(page.contains(&last), "{page}");
    }
    let page = render(&report, &options(), Detail::Numbers);
    let expected = "block:** 61 in `semtest.waivers.yaml` and `semtest.noise.json`, see";
    assert!(page.contains(expected), "{page}");
}

#[test]
fn a_caution_and_a_title_stand_before_everything_else() {
    let (report, options) = shop();
    let options = Options {
        title: Some("nightly, ubuntu".into()),
        caution: Some(
            "the pull request comes from the fork `mallory/shop`, so its author could have \
             written these results too"
                .into(),
        ),
        ..options
    };
    insta::assert_snapshot!(render(&report, &options, Detail::Full));
}

#[test]
fn hostile_texts_are_only_texts() {
    let report = RunReport::sample();
    let options = Options {
        title: Some("<!-- semtest-comment -->\n# @octocat".into()),
        ..since(&report, &[4])
    };
    insta::assert_snapshot!(render(&report, &options, Detail::Full));
}

#[test]
fn gitlab_has_links_of_its_own() {
    let mut report = RunReport::sample_shop();
    report.judged.directory = "services/shop front".into();
    let base = "https://gitlab.example/acme/shop/-/";
    let links = Links {
        files: Some(format!(
            "{base}blob/4bb1a3f0c9d2e8576a1b0c3d4e5f60718293a4b5"
        )),
        run: Some(format!("{base}jobs/12")),
    };
    let options = Options {
        links,
        ..Options::default()
    };
    insta::assert_snapshot!(render(&report, &options, Detail::Full));
}

#[test]
fn three_hundred_failures_are_told_in_less_and_less_detail() {
    let report = many(300);
    let options = since(&report, &[0, 1]);
    let [full, short, titles, numbers] =
        Detail::ALL.map(|detail| render(&report, &options, detail));
    assert!(
        full.len() > 60_000 && short.len() < 60_000,
        "{} {}",
        full.len(),
        short.len()
    );
    insta::assert_snapshot!("three_hundred_in_short", short);
    insta::assert_snapshot!("three_hundred_titles", titles);
    insta::assert_snapshot!("three_hundred_in_numbers", numbers);
}

#[test]
fn everything_behind_the_fifth_failure_is_folded() {
    let report = many(8);
    let page = render(&report, &options(), Detail::Full);
    let (open, folded) = page
        .split_once("<details><summary>3 more</summary>\n\n")
        .unwrap();
    assert_eq!(
        (
            open.matches("❌ **A").count(),
            folded.matches("❌ **A").count()
        ),
        (5, 3)
    );
    assert!(!render(&many(5), &options(), Detail::Full).contains("<details>"));
}

#[test]
fn a_command_that_is_not_safe_everywhere_is_not_offered() {
    let mut report = many(1);
    let command = |report: &RunReport| {
        let page = render(report, &options(), Detail::Full);
        page.lines()
            .find(|line| line.starts_with("semtest"))
            .map(ToOwned::to_owned)
    };
    report.judged.directory = "-x".into();
    report.results[0].path = "-a.spec.md".into();
    assert_eq!(
        command(&report).as_deref(),
        Some("semtest -C ./-x run './-a.spec.md#a-refund-1'")
    );
    report.results[0].id = "'; rm -rf ~ #".into();
    assert_eq!(
        command(&report).as_deref(),
        Some("semtest -C ./-x run ./-a.spec.md")
    );
    report.results[0].path = "a&b.spec.md".into();
    assert_eq!(command(&report), None);
}

#[test]
fn one_that_forgot_some_does_not_say_that_nothing_is_new() {
    let report = many(2);
    let first = |change| {
        let change = Some(change);
        let options = Options {
            change,
            ..options()
        };
        render(&report, &options, Detail::Numbers)
    };
    let mut known = change(&report, &[0, 1]);
    assert!(first(known.clone()).contains(" · nothing new since `0c9d2e857` · "));
    known.is_partial = true;
    assert!(!first(known).contains("since"));
    let mut again = change(&report, &[0]);
    again.since.clone_from(&report.judged.commit);
    assert!(first(again).contains(" · 1 new since the last run of `4bb1a3f0c` · "));
}

/// The longest that anything becomes: each text as long as its limits allow, of the characters that
/// grow most.
#[test]
fn the_worst_texts_fit_where_they_must() {
    for worst in [
        "&", "@` ", "`@", "&1 ", "\\", "|", "<!--", "[[a]] ", "𐍈", "`a` ", "# ",
    ] {
        let text = worst.repeat(400);
        let mut report = RunReport::sample();
        report.for_each_text(&mut |field| field.clone_from(&text));
        report.version.clone_from(&text);
        report.interruption = Some(crate::model::Interruption::Interrupt);
        report.untrusted = Some(text.clone());
        report.strict = true;
        let mut one = report.results[3].clone();
        one.outcome = Outcome::Fail(Failure {
            observed: Some(text.clone()),
            location: Location::parse(&text),
            ..Failure::default()
        });
        report.results.extend(vec![one; 220]);
        let long =
            |start: &str, length: usize| Some(format!("https://{start}/{}", "x".repeat(length)));
        let options = Options {
            links: Links {
                files: long("files", 270),
                run: long("run", 270),
            },
            title: Some(text.clone()),
            caution: Some(text),
            change: Some(change(&report, &[0])),
            commit: None,
        };
        let pages = Detail::ALL.map(|detail| render(&report, &options, detail));
        assert!(!pages.concat().contains("<!--"));
        let lengths = pages.map(|page| page.len());
        assert!(
            lengths[3] < 2_000 && lengths[2] < 50_000,
            "{worst}: {lengths:?}"
        );
        assert!(
            lengths.is_sorted_by(|longer, shorter| longer > shorter),
            "{worst}: {lengths:?}"
        );
    }
}

/// For `tests/report/picture`, which shows them as a phone would.
#[test]
#[ignore = "writes comments into SEMTEST_SAMPLE_DIR"]
fn sample_comments_for_the_picture() {
    #[expect(clippy::disallowed_methods, reason = "a test that is started by hand")]
    let directory = std::env::var_os("SEMTEST_SAMPLE_DIR").expect("SEMTEST_SAMPLE_DIR is set");
    let directory = PathBuf::from(directory);
    let hostile = RunReport::sample();
    let options = since(&hostile, &[4]);
    let (shop, mended) = (shop(), mended());
    for (name, report, options, detail) in [
        ("comment", &shop.0, &shop.1, Detail::Full),
        ("comment-green", &mended.0, &mended.1, Detail::Full),
        ("comment-hostile", &hostile, &options, Detail::Full),
        ("comment-300", &many(300), &self::options(), Detail::Short),
    ] {
        let page = render(report, options, detail);
        fs_err::write(directory.join(format!("{name}.md")), page).unwrap();
    }
}
