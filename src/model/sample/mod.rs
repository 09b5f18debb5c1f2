//! Reports for golden files, in one place, so that every room renders the same ones.

mod standing;

use std::time::Duration;

use jiff::Timestamp;

use super::{
    Calibration, Cost, Failure, Interruption, IssueKind, Judged, Location, Outcome, RunReport,
    SpecUsage, TestResult, Tokens, ToolCalls, Usage, ValidationIssue,
};

/// What an attacker would put into a spec, a file name or a model's answer.
const HOSTILE: &str = "\u{1b}[31m::error::x\n##[set-output name=a]b\n</failure>]]><script>alert(1)</script> \
     ![i](https://evil.example/p.png) @octocat #1 fixes #2 \u{202e}```\n~~~ | \u{0} \u{200b}";

fn result(path: &str, id: &str, line: u32, outcome: Outcome) -> TestResult {
    TestResult {
        id: id.into(),
        title: id.replace('-', " "),
        path: path.into(),
        line,
        group: path
            .strip_prefix("specs/")
            .and_then(|inside| inside.rsplit_once('/'))
            .map(|(group, _)| group.into()),
        outcome,
        duration: Duration::from_millis(1_001),
        attempts: Vec::new(),
        calibration: Calibration::Unknown,
        because: None,
    }
}

fn issue(kind: IssueKind, path: &str, id: Option<&str>, message: &str) -> ValidationIssue {
    ValidationIssue {
        kind,
        path: path.into(),
        id: id.map(Into::into),
        message: message.into(),
    }
}

fn failures() -> [TestResult; 3] {
    let plain = Outcome::Fail(Failure {
        expectation: Some("Every API error is JSON with a `message` field.".into()),
        observed: Some("The 404 handler answers with plain text.".into()),
        location: Some(Location::at("src/api/errors.rs", 42)),
        location_note: None,
        evidence: None,
        resolution: Some("Return the error type that the other handlers use.".into()),
    });
    let several_lines = Outcome::Fail(Failure {
        expectation: Some("Passwords are hashed.".into()),
        observed: Some(
            "They are stored as they come:\n\n    user.password = input\n\nand read back.".into(),
        ),
        location: Location::parse("src/auth/store.rs"),
        location_note: None,
        evidence: None,
        resolution: None,
    });
    let hostile = Outcome::Fail(Failure {
        expectation: Some(HOSTILE.into()),
        observed: Some(HOSTILE.into()),
        location: Location::parse(HOSTILE),
        location_note: None,
        evidence: None,
        resolution: Some(HOSTILE.into()),
    });
    [
        result("specs/api/errors.spec.md", "errors-are-json", 3, plain),
        result(
            "specs/auth/login.spec.md",
            "passwords-are-hashed",
            12,
            several_lines,
        ),
        result("specs/auth/login.spec.md", HOSTILE, 30, hostile),
    ]
}

fn results() -> Vec<TestResult> {
    let [plain, several_lines, hostile] = failures();
    let error = Outcome::error("the agent timed out after 10 minutes");
    let invalid = Outcome::Invalid {
        reason: Some("\"Be nice\" says nothing about the code.".into()),
    };
    let mut results = vec![
        result("specs/structure.spec.md", "readme-exists", 1, Outcome::Pass),
        result("specs/structure.spec.md", "be-nice", 9, invalid),
        result(
            "specs/api/errors.spec.md",
            "errors-have-a-status",
            1,
            Outcome::Pass,
        ),
        plain,
        result(
            "specs/auth/login.spec.md",
            "login-is-limited",
            1,
            Outcome::Pass,
        ),
        several_lines,
        hostile,
        result("specs/auth/login.test.md", "login-is-limited", 1, error),
        result(
            "specs/auth/logout.spec.md",
            "untold",
            1,
            Outcome::Invalid { reason: None },
        ),
        result(
            "specs/auth/logout.spec.md",
            "later",
            5,
            Outcome::skip("stopped by --bail"),
        ),
    ];
    results.extend(standing::results());
    results
}

/// What an agent might find in a shop. The statement at position 3 and all behind it hold.
fn shop() -> Vec<TestResult> {
    let one = |path: &str, line, title: &str, outcome| {
        let id = title
            .to_lowercase()
            .replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        TestResult {
            title: title.into(),
            ..result(path, &id, line, outcome)
        }
    };
    let fail = |observed: &str, path, line| {
        Outcome::Fail(Failure {
            observed: Some(observed.into()),
            location: Some(Location::at(path, line)),
            ..Failure::default()
        })
    };
    let negative = "`applyRefund` subtracts the amount without a check, so a refund of 20.00 on an \
                    order of 15.00 leaves a total of -5.00.";
    let negative = fail(negative, "src/checkout/refund.ts", 48);
    let logged = "The request logger writes the whole body, with `card.number` in it, when a \
                  payment is declined.";
    let logged = fail(logged, "src/payments/log.ts", 17);
    let error = Outcome::error("the agent timed out after 10 minutes");
    let refund = "A refund never makes a total negative";
    let hashed = "Passwords are hashed with argon2";
    let mut results = vec![
        one("specs/checkout.spec.md", 3, refund, negative),
        one(
            "specs/payments.spec.md",
            9,
            "Card numbers are never logged",
            logged,
        ),
        one(
            "specs/stock.spec.md",
            14,
            "Stock is reserved before payment",
            error,
        ),
        one("specs/accounts.spec.md", 1, hashed, Outcome::Pass),
    ];
    for number in 1..=20 {
        let title = format!("Statement {number}");
        results.push(one("specs/orders.spec.md", number, &title, Outcome::Pass));
    }
    results
}

fn issues() -> Vec<ValidationIssue> {
    let duplicate = "the same id is in specs/auth/login.spec.md; rename one";
    vec![
        issue(
            IssueKind::Frontmatter,
            "specs/api/errors.spec.md",
            None,
            HOSTILE,
        ),
        issue(
            IssueKind::DuplicateId,
            "specs/auth/login.test.md",
            Some("login-is-limited"),
            duplicate,
        ),
        issue(
            IssueKind::MissingId,
            "specs/a.spec.md",
            Some("a.spec.md#1"),
            "give it a heading",
        ),
        issue(
            IssueKind::Invalid,
            "specs/structure.spec.md",
            Some("be-nice"),
            "no testable statement",
        ),
        issue(
            IssueKind::UnexpectedId,
            "specs/a.spec.md",
            Some(HOSTILE),
            "not in the file",
        ),
        issue(
            IssueKind::LocationNotFound,
            "specs/votes.spec.md",
            Some("orders-are-signed"),
            "the answer names src/nowhere.rs, which is not in the tree",
        ),
        issue(
            IssueKind::UnknownWaiver,
            "semtest.waivers.yaml",
            Some("gone"),
            "no spec file has this id; remove the waiver",
        ),
    ]
}

/// One whose tool tells everything, one with an estimate, one whose tool tells nothing.
fn usage() -> Vec<SpecUsage> {
    let told = Usage {
        calls: 2,
        turns: Some(9),
        tokens: Some(Tokens {
            input: 1_210,
            cache_read: 40_000,
            cache_write: 6_000,
            output: 1_000,
        }),
        cost: Cost::from_dollars(0.184_302, false),
        duration: Duration::from_millis(61_200),
    };
    let estimated = Usage {
        calls: 1,
        turns: Some(3),
        cost: Cost::from_dollars(0.020_1, true),
        duration: Duration::from_millis(9_340),
        ..told
    };
    let untold = Usage {
        calls: 1,
        duration: Duration::from_mins(10),
        ..Usage::default()
    };
    let of = |path: &str, judge: &str, usage| SpecUsage {
        path: path.into(),
        judge: judge.into(),
        usage,
        tools: Vec::new(),
    };
    let mut specs = vec![
        of("specs/structure.spec.md", "claude-code-sonnet-4-6", told),
        of("specs/api/errors.spec.md", HOSTILE, estimated),
        of("specs/auth/login.test.md", "aider", untold),
    ];
    for (name, calls, failed) in [("Grep", 3, 0), ("Read", 12, 1), (HOSTILE, 2, 2)] {
        ToolCalls::add(&mut specs[0].tools, name, calls, failed);
    }
    specs
}

impl RunReport {
    /// Every kind of outcome and issue, of votes and of why a failure does not block; several groups,
    /// hostile texts.
    pub(crate) fn sample() -> Self {
        Self {
            version: "0.1.0".into(),
            // 2026-11-21T11:30:00.250Z
            started: Timestamp::from_millisecond(1_795_260_600_250).expect("in range"),
            duration: Duration::from_millis(83_456),
            project: "shop".into(),
            judge: "claude-code-sonnet-4-6".into(),
            results: results(),
            issues: issues(),
            strict: false,
            allow_empty: false,
            interruption: None,
            usage: usage(),
            untrusted: None,
            judged: Judged {
                commit: Some("4bb1a3f0c9d2e8576a1b0c3d4e5f60718293a4b5".into()),
                directory: "services/shop".into(),
            },
            rule_changes: standing::rule_changes(),
        }
    }

    /// Everything was judged and passed at once.
    pub(crate) fn sample_passed() -> Self {
        let mut report = Self::sample();
        report
            .results
            .retain(|result| result.outcome == Outcome::Pass && result.attempts.is_empty());
        report.rule_changes.clear();
        report.issues.clear();
        report.usage.truncate(1);
        report
    }

    /// Deterministic checks only, with what had none.
    pub(crate) fn sample_checks() -> Self {
        let mut report = Self::sample_passed();
        report.judge = "checks".into();
        report.usage.clear();
        report.results[1].outcome = Outcome::skip("has no check, and no model was asked");
        report
    }

    /// Ended by SIGINT after the first file.
    pub(crate) fn sample_interrupted() -> Self {
        let mut report = Self::sample_passed();
        report.interruption = Some(Interruption::Interrupt);
        for result in &mut report.results[1..] {
            result.outcome = Outcome::skip("interrupted by SIGINT");
            result.duration = Duration::ZERO;
        }
        report
    }

    /// Nothing had a verdict.
    pub(crate) fn sample_nothing_judged() -> Self {
        let mut report = Self::sample_passed();
        for result in &mut report.results {
            result.outcome = Outcome::skip("its tags were not asked for");
            result.duration = Duration::ZERO;
        }
        report.usage.clear();
        report
    }

    /// A shop's pull request with two failures and an error, as it might be in earnest: for
    /// pictures.
    pub(crate) fn sample_shop() -> Self {
        let mut report = Self::sample_passed();
        report.results = shop();
        report.judged.directory.clear();
        report
    }
}
