//! JSON back to a report. The file may come from a stranger's pull request, so whatever it derives
//! from its own content is checked, and a file that contradicts itself is refused.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::SCHEMA_VERSION;
use super::document::{Document, Issue, Signal, Test};
use super::standing::{Answer, Calibrated, Change, VoteCounts, because, check_votes};
use super::usage::Spec;
use crate::model::{
    Attempt, Calibration, Interruption, IssueKind, Judged, RunReport, TestResult, ValidationIssue,
    is_commit,
};

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 50 * 1024 * 1024;

/// Why a file is not taken as the results of a run.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// More than [`MAX_BYTES`].
    #[error("the results are {bytes} bytes long, more than the {MAX_BYTES} that are read")]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// No JSON, or not of this shape. Nesting is bounded by the JSON reader.
    #[error("the results are not what semtest writes")]
    Shape(#[source] serde_json::Error),
    /// Written by another version of semtest.
    #[error("the results have schema version {found}, this semtest reads {SCHEMA_VERSION}")]
    SchemaVersion {
        /// What the file says.
        found: u64,
    },
    /// A value that the format does not have, or one that contradicts another.
    #[error("the results contradict themselves: `{field}` {problem}")]
    Contradiction {
        /// Where, such as `tests[3].reason`.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// Reads what [`super::render`] wrote. Unknown fields are ignored, so a later version may add some.
///
/// # Errors
/// When the file is too large, has another shape or schema version, or contradicts itself.
pub fn parse(text: &str) -> Result<RunReport, ParseError> {
    if text.len() > MAX_BYTES {
        return Err(ParseError::TooLarge { bytes: text.len() });
    }
    let version: VersionOnly = serde_json::from_str(text).map_err(ParseError::Shape)?;
    if version.schema_version != u64::from(SCHEMA_VERSION) {
        return Err(ParseError::SchemaVersion {
            found: version.schema_version,
        });
    }
    let document: Document = serde_json::from_str(text).map_err(ParseError::Shape)?;
    let report = report(&document)?;
    check_derived(&document, &Document::of(&report))?;
    Ok(report)
}

/// Read first: a file of another version may differ in anything else.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VersionOnly {
    schema_version: u64,
}

fn contradiction(field: impl Into<String>, problem: impl Into<String>) -> ParseError {
    ParseError::Contradiction {
        field: field.into(),
        problem: problem.into(),
    }
}

fn report(document: &Document) -> Result<RunReport, ParseError> {
    let started: Timestamp = document.started_at.parse().map_err(|_| {
        contradiction(
            "startedAt",
            "is not a time such as 2026-11-21T11:30:00.000Z",
        )
    })?;
    let today = started.to_zoned(TimeZone::UTC).date();
    let results = document.tests.iter().enumerate();
    let issues = document.issues.iter().enumerate();
    Ok(RunReport {
        version: document.version.clone(),
        started,
        duration: Duration::from_millis(document.duration_ms),
        project: document.project.clone(),
        judge: document.judge.clone(),
        results: results
            .map(|test| result(test, today))
            .collect::<Result<_, _>>()?,
        issues: issues.map(issue).collect::<Result<_, _>>()?,
        strict: document.strict,
        allow_empty: document.allow_empty,
        interruption: document.interrupted.map(|signal| match signal {
            Signal::Interrupt => Interruption::Interrupt,
            Signal::Terminate => Interruption::Terminate,
        }),
        usage: document.specs.iter().map(Spec::to_model).collect(),
        untrusted: document.untrusted.clone(),
        judged: judged(document)?,
        rule_changes: document.rule_changes.iter().map(Change::to_model).collect(),
    })
}

fn judged(document: &Document) -> Result<Judged, ParseError> {
    let is_named = |text: &String| is_commit(text) && *text == text.to_ascii_lowercase();
    if !document.commit.as_ref().is_none_or(is_named) {
        return Err(contradiction("commit", "is not the name of a commit"));
    }
    let directory = document.directory.clone();
    let is_plain = |part: &str| !["", ".", ".."].contains(&part);
    if !directory.is_empty() && !directory.split('/').all(is_plain) {
        return Err(contradiction(
            "directory",
            "is not a path below the repository",
        ));
    }
    Ok(Judged {
        commit: document.commit.clone(),
        directory,
    })
}

fn issue((index, issue): (usize, &Issue)) -> Result<ValidationIssue, ParseError> {
    let kind = IssueKind::ALL
        .into_iter()
        .find(|kind| kind.word() == issue.kind)
        .ok_or_else(|| contradiction(format!("issues[{index}].kind"), "is not a kind of issue"))?;
    Ok(ValidationIssue {
        kind,
        path: issue.path.clone(),
        id: issue.id.clone(),
        message: issue.message.clone(),
    })
}

fn result((index, test): (usize, &Test), today: Date) -> Result<TestResult, ParseError> {
    let refused =
        |(field, problem): (&str, &str)| contradiction(format!("tests[{index}].{field}"), problem);
    if test.line == 0 {
        return Err(refused(("line", "is 0, but lines count from 1")));
    }
    let calibration = test
        .calibration
        .map_or(Some(Calibration::Unknown), Calibrated::to_model);
    let impossible = || refused(("calibration", "has numbers that no calibration has"));
    let mut result = TestResult {
        id: test.id.clone(),
        title: test.title.clone(),
        path: test.path.clone(),
        line: test.line,
        group: test.group.clone(),
        outcome: test.told().into_outcome().map_err(refused)?,
        duration: Duration::from_millis(test.duration_ms),
        attempts: attempts(&test.attempts, refused)?,
        calibration: calibration.ok_or_else(impossible)?,
        because: None,
    };
    let ground = test.because.as_ref();
    result.because = because(&result, today, test.blocking, ground).map_err(refused)?;
    if result.source_file() != test.source_file {
        return Err(refused(("sourceFile", "is not the file name of `path`")));
    }
    if test.votes != VoteCounts::of(result.tally()) {
        return Err(refused(("votes", "are not those of its attempts")));
    }
    check_votes(&result).map_err(refused)?;
    Ok(result)
}

fn attempts(
    answers: &[Answer],
    refused: impl Fn((&str, &str)) -> ParseError,
) -> Result<Vec<Attempt>, ParseError> {
    let attempt = |(at, answer): (usize, &Answer)| {
        answer
            .to_model()
            .map_err(|(field, problem)| refused((&format!("attempts[{at}].{field}"), problem)))
    };
    answers.iter().enumerate().map(attempt).collect()
}

/// What the file says about its own content must be what its content says.
fn check_derived(stated: &Document, derived: &Document) -> Result<(), ParseError> {
    let (said, found) = (stated.summary, derived.summary);
    let numbers = [
        ("summary.total", said.total, found.total),
        ("summary.passed", said.passed, found.passed),
        ("summary.failed", said.failed, found.failed),
        ("summary.errored", said.errored, found.errored),
        ("summary.invalid", said.invalid, found.invalid),
        ("summary.skipped", said.skipped, found.skipped),
        ("summary.nonBlocking", said.non_blocking, found.non_blocking),
        ("judged", stated.judged, derived.judged),
        (
            "exitCode",
            u64::from(stated.exit_code),
            u64::from(derived.exit_code),
        ),
    ];
    for (field, said, found) in numbers {
        if said != found {
            let problem = format!("is {said}, but its tests make it {found}");
            return Err(contradiction(field, problem));
        }
    }
    if stated.status != derived.status {
        let problem = format!(
            "is {:?}, but its tests make it {:?}",
            stated.status, derived.status
        );
        return Err(contradiction("status", problem.to_lowercase()));
    }
    if stated.usage != derived.usage {
        return Err(contradiction("usage", "is not what its specs add up to"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::json::render;

    fn sample() -> Value {
        serde_json::from_str(&render(&RunReport::sample())).unwrap()
    }

    /// The message for the sample with this value at `pointer`.
    fn refused(pointer: &str, value: Value) -> String {
        let mut document = sample();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        let parent = document.pointer_mut(parent).unwrap();
        parent
            .as_object_mut()
            .unwrap()
            .insert(field.to_owned(), value);
        message(&parse(&document.to_string()).unwrap_err())
    }

    fn message(error: &ParseError) -> String {
        std::error::Error::source(error).map_or(error.to_string(), ToString::to_string)
    }

    fn index(status: &str) -> usize {
        let is = |test: &Value| test["status"] == status;
        sample()["tests"]
            .as_array()
            .unwrap()
            .iter()
            .position(is)
            .unwrap()
    }

    #[test]
    fn numbers_and_words_that_the_tests_do_not_bear_out_are_refused() {
        for (pointer, value, expected) in [
            (
                "/status",
                json!("pass"),
                "`status` is pass, but its tests make it fail",
            ),
            (
                "/exitCode",
                json!(0),
                "`exitCode` is 0, but its tests make it 2",
            ),
            ("/judged", json!(99), "`judged` is 99, but"),
            ("/summary/total", json!(1), "`summary.total` is 1, but"),
            ("/summary/passed", json!(77), "`summary.passed` is 77"),
            ("/summary/failed", json!(0), "`summary.failed` is 0"),
            ("/summary/errored", json!(0), "`summary.errored` is 0"),
            ("/summary/skipped", json!(0), "`summary.skipped` is 0"),
            ("/summary/invalid", json!(0), "`summary.invalid` is 0"),
            (
                "/summary/nonBlocking",
                json!(0),
                "`summary.nonBlocking` is 0",
            ),
            (
                "/startedAt",
                json!("yesterday"),
                "`startedAt` is not a time",
            ),
            (
                "/issues/0/kind",
                json!("new"),
                "`issues[0].kind` is not a kind of issue",
            ),
        ] {
            let found = refused(pointer, value);
            assert!(found.contains(expected), "{pointer}: {found}");
        }
    }

    #[test]
    fn fields_that_do_not_go_with_the_status_of_a_test_are_refused() {
        for (status, field, value, expected) in [
            (
                "fail",
                "sourceFile",
                json!("other.md"),
                "is not the file name of `path`",
            ),
            ("fail", "line", json!(0), "lines count from 1"),
            ("pass", "observed", json!("x"), "observed` does not go with"),
            ("pass", "location", json!("x"), "location` does not go with"),
            ("fail", "error", json!("x"), "error` does not go with"),
            ("error", "reason", json!("x"), "reason` does not go with"),
            ("error", "error", Value::Null, "error` is missing"),
            ("skip", "reason", Value::Null, "reason` is missing"),
        ] {
            let found = refused(&format!("/tests/{}/{field}", index(status)), value);
            assert!(found.contains(expected), "{status} {field}: {found}");
        }
    }

    #[test]
    fn another_shape_is_refused() {
        for (pointer, value, expected) in [
            ("/status", json!("maybe"), "unknown variant `maybe`"),
            (
                "/tests/0/status",
                json!("passed"),
                "unknown variant `passed`",
            ),
            (
                "/interrupted",
                json!("SIGKILL"),
                "unknown variant `SIGKILL`",
            ),
            ("/durationMs", json!(-1), "invalid value"),
            ("/durationMs", json!(1.5), "invalid type"),
            ("/exitCode", json!(256), "invalid value"),
            ("/tests", json!({}), "expected a sequence"),
            (
                "/schemaVersion",
                json!(2),
                "schema version 2, this semtest reads 1",
            ),
        ] {
            let found = refused(pointer, value);
            assert!(found.contains(expected), "{pointer}: {found}");
        }
        assert!(parse("").is_err());
        assert!(parse("[]").is_err());
        let twice =
            render(&RunReport::sample()).replacen("\"tests\"", "\"status\":\"pass\",\"tests\"", 1);
        assert!(message(&parse(&twice).unwrap_err()).contains("duplicate field `status`"));
    }

    /// The message for the sample with `value` as a field of this scenario.
    fn refused_at(id: &str, field: &str, value: Value) -> String {
        let tests = sample()["tests"].clone();
        let tests = tests.as_array().unwrap();
        let index = tests.iter().position(|test| test["id"] == id).unwrap();
        refused(&format!("/tests/{index}/{field}"), value)
    }

    #[test]
    fn a_failure_is_no_more_harmless_than_the_file_can_say_why() {
        let level = || json!({"kind": "level"});
        for (id, field, value, expected) in [
            ("errors-are-json", "blocking", json!(false), "there without"),
            ("errors-are-json", "because", level(), "there without"),
            ("names-are-clear", "blocking", json!(true), "not follow"),
            ("exports-are-small", "blocking", json!(false), "not follow"),
            ("caches-expire", "error", json!("timed out"), "undecided st"),
            (
                "caches-expire",
                "error",
                json!("undecided (9 pass, 3 fail)"),
                "undecided st",
            ),
        ] {
            let found = refused_at(id, field, value);
            assert!(found.contains(expected), "{id} {field}: {found}");
        }
        let mut pass = sample();
        let tests = pass["tests"].as_array_mut().unwrap();
        let held = tests.iter_mut().find(|test| test["id"] == "dates-are-utc");
        let held = held.unwrap().as_object_mut().unwrap();
        held.insert("blocking".into(), json!(false));
        held.insert("because".into(), level());
        let found = message(&parse(&pass.to_string()).unwrap_err());
        assert!(
            found.contains("goes with failures and undecided"),
            "{found}"
        );
    }

    #[test]
    fn a_ground_has_the_fields_of_its_kind_and_numbers_that_calibration_found() {
        let noisy = json!({"kind": "noisy", "votes": 12, "minority": 6});
        let day = |until: &str| json!({"kind": "waived", "id": "x", "reason": "y", "until": until});
        for (value, expected) in [
            (noisy, "because` does not follow from `calibration`"),
            (json!({"kind": "new"}), "follow from `calibration`"),
            (json!({"kind": "loud"}), "unknown variant `loud`"),
            (json!({"kind": "waived"}), "fields of its kind"),
            (json!({"kind": "level", "votes": 1}), "fields of its kind"),
            (day("soon"), "fields of its kind"),
            (day("2026-12-31T10:00"), "fields of its kind"),
        ] {
            let found = refused_at("names-are-clear", "because", value);
            assert!(found.contains(expected), "{found}");
        }
    }

    #[test]
    fn a_waiver_is_of_this_statement_and_of_that_day() {
        let waiver = |kind: &str, id: &str, until: &str| json!({"kind": kind, "id": id, "reason": "y", "until": until});
        let (today, before) = ("2026-11-21", "2026-11-20");
        assert!(sample()["startedAt"].as_str().unwrap().starts_with(today));
        let (id, ended) = ("admin-needs-a-login", "exports-are-small");
        for (test, because, expected) in [
            (
                id,
                waiver("waived", id, before),
                "from the day of `startedAt`",
            ),
            (id, waiver("waived", ended, today), "of another statement"),
            (
                id,
                waiver("waived", "x.md#admin-needs-a-login", today),
                "of another statement",
            ),
            (
                ended,
                waiver("waiver-expired", ended, today),
                "from the day of `startedAt`",
            ),
        ] {
            let found = refused_at(test, "because", because);
            assert!(found.contains(expected), "{found}");
        }
        for (kind, holds) in [("waived", today), ("waiver-expired", before)] {
            let mut document = sample();
            let tests = document["tests"].as_array_mut().unwrap();
            let test = if kind == "waived" { id } else { ended };
            let test = tests.iter_mut().find(|one| one["id"] == test).unwrap();
            let id = format!("specs/votes.spec.md#{}", test["id"].as_str().unwrap());
            test["because"] = waiver(kind, &id, holds);
            assert!(parse(&document.to_string()).is_ok(), "{kind}");
        }
    }

    #[test]
    fn noise_excuses_nothing_that_no_model_failed_and_has_dissent() {
        let mut report = RunReport::sample();
        for id in ["names-are-clear", "flags-are-removed"] {
            let at = |result: &TestResult| result.id == id;
            let at = report.results.iter().position(at).unwrap();
            let attempts = std::mem::take(&mut report.results[at].attempts);
            let found = message(&parse(&render(&report)).unwrap_err());
            assert!(found.contains("goes with failing votes only"), "{found}");
            report.results[at].attempts = attempts;
        }
        for (votes, minority) in [(12, 0), (0, 0), (3, 4)] {
            let numbers = json!({"class": "noisy", "votes": votes, "minority": minority});
            let found = refused_at("names-are-clear", "calibration", numbers);
            assert!(found.contains("numbers that no calibration has"), "{found}");
        }
    }

    #[test]
    fn votes_that_are_not_for_it_make_no_pass() {
        let mut report = RunReport::sample();
        let is_held = |result: &&mut TestResult| result.id == "dates-are-utc";
        let held = report.results.iter_mut().find(is_held).unwrap();
        // One of either; then the failure alone.
        held.attempts.pop();
        let found = message(&parse(&render(&report)).unwrap_err());
        assert!(found.contains("votes` do not make it pass"), "{found}");
        let held = report.results.iter_mut().find(is_held).unwrap();
        held.attempts.remove(1);
        let found = message(&parse(&render(&report)).unwrap_err());
        assert!(found.contains("votes` do not make it pass"), "{found}");
    }

    #[test]
    fn votes_are_those_of_the_attempts_and_texts_go_with_failures() {
        let votes = |pass: u32, fail: u32| json!({"pass": pass, "fail": fail});
        for (id, field, value, expected) in [
            ("dates-are-utc", "votes", votes(3, 0), "votes` are not"),
            ("dates-are-utc", "attempts", json!([]), "votes` are not"),
            ("errors-are-json", "votes", votes(0, 1), "votes` are not"),
            (
                "dates-are-utc",
                "evidence",
                json!("x"),
                "evidence` does not",
            ),
            (
                "dates-are-utc",
                "locationNote",
                json!("x"),
                "locationNote` does",
            ),
        ] {
            let found = refused_at(id, field, value);
            assert!(found.contains(expected), "{id} {field}: {found}");
        }
    }

    #[test]
    fn an_attempt_that_contradicts_itself_is_named() {
        let attempt = json!([{"status": "pass", "durationMs": 1, "observed": "x"}]);
        let found = refused_at("dates-are-utc", "attempts", attempt);
        assert!(
            found.contains(".attempts[0].observed` does not go with"),
            "{found}"
        );
    }

    #[test]
    fn a_file_of_a_version_without_votes_is_still_read() {
        let mut report = RunReport::sample();
        report
            .results
            .retain(|result| result.path != "specs/votes.spec.md");
        report.rule_changes.clear();
        let text = render(&report);
        for field in [
            "attempts",
            "votes\"",
            "because",
            "blocking",
            "nonBlocking",
            "ruleChanges",
        ] {
            assert!(!text.contains(field), "{field}");
        }
        assert_eq!(parse(&text).unwrap(), report);
    }

    #[test]
    fn unknown_fields_are_ignored_however_deep() {
        let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        let json = render(&RunReport::sample()).replacen('{', &format!("{{\"later\":{deep},"), 1);
        assert!(matches!(parse(&json), Ok(report) if report == RunReport::sample()));
    }

    #[test]
    fn depth_where_a_value_is_expected_is_refused() {
        let deep = "[".repeat(200_000);
        assert!(parse(&format!("{{\"schemaVersion\":1,\"tests\":{deep}")).is_err());
    }

    #[test]
    fn a_file_that_is_too_large_is_refused_unread() {
        let large = " ".repeat(MAX_BYTES + 1);
        assert!(matches!(parse(&large), Err(ParseError::TooLarge { .. })));
    }
}
