//! Which results block: every row of the table in `docs/verdicts.md`, as the documentation has it.

use std::collections::BTreeSet;
use std::path::Path;

use semtest::evaluate::discover::{Options, discover};
use serde_json::{Value, json};

use crate::sandbox::{Sandbox, fake_agent};

const NOTHING: &str = "·";

/// Every word that each column of the table may have, and has at least once.
const WORDS: [&[&str]; 8] = [
    &[
        "pass",
        "fail",
        "failed check",
        "error",
        "undecided",
        "skip",
        "invalid",
    ],
    &[NOTHING, "block", "warn"],
    &[NOTHING, "quiet", "unclear", "noisy"],
    &[NOTHING, "holds", "ended", "unknown"],
    &[NOTHING, "--strict", "--allow-empty", "--new-specs warn"],
    &[NOTHING, "pass", "fail", "error", "issue"],
    &["pass", "fail", "error"],
    &["0", "1", "2"],
];

/// One row: what stands in each column.
type Row = [String; 8];

fn table() -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verdicts.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (_, after) = page.split_once("<!-- exit table -->\n\n").unwrap();
    let rows = after
        .lines()
        .take_while(|line| line.starts_with('|'))
        .skip(2);
    let cells = |line: &str| -> Row {
        let cells = line.trim_matches('|').split('|');
        let cells: Vec<String> = cells.map(|cell| cell.trim().replace('`', "")).collect();
        cells.try_into().unwrap()
    };
    rows.map(cells).collect()
}

/// A row whose verdict takes several votes.
fn takes_votes(row: &Row) -> bool {
    row[0] == "undecided"
}

/// A row that takes what calibration found.
fn takes_calibration(row: &Row) -> bool {
    row[2] != NOTHING
}

#[test]
fn the_table_has_each_case_once_and_nothing_that_is_not_tried() {
    let table = table();
    assert!(table.len() > 40, "{}", table.len());
    let cases: BTreeSet<_> = table.iter().map(|row| &row[..6]).collect();
    assert_eq!(cases.len(), table.len(), "a case stands there twice");
    for (column, words) in WORDS.iter().enumerate() {
        let used: BTreeSet<_> = table.iter().map(|row| row[column].as_str()).collect();
        assert_eq!(used, words.iter().copied().collect(), "column {column}");
    }
    let has = |case: [&str; 6]| table.iter().any(|row| row[..6] == case);
    for case in [
        ["error", "warn", NOTHING, NOTHING, NOTHING, "pass"],
        ["error", NOTHING, NOTHING, "holds", NOTHING, "pass"],
        ["undecided", "warn", NOTHING, NOTHING, NOTHING, NOTHING],
        [
            "failed check",
            NOTHING,
            NOTHING,
            NOTHING,
            "--new-specs warn",
            NOTHING,
        ],
        ["fail", "warn", NOTHING, NOTHING, NOTHING, "fail"],
        ["fail", NOTHING, NOTHING, "holds", NOTHING, "error"],
    ] {
        assert!(has(case), "{case:?}");
    }
}

#[test]
fn a_run_ends_as_the_table_says() {
    let rows = table();
    let plain = rows
        .iter()
        .filter(|row| !takes_votes(row) && !takes_calibration(row));
    assert!(plain.map(tried).count() > 30);
}

#[test]
fn a_run_with_votes_ends_as_the_table_says() {
    let rows = table();
    let voted = rows
        .iter()
        .filter(|row| takes_votes(row) && !takes_calibration(row));
    assert!(voted.map(tried).count() > 5);
}

#[test]
fn a_run_with_calibration_ends_as_the_table_says() {
    let rows = table();
    let calibrated = rows.iter().filter(|row| takes_calibration(row));
    assert!(calibrated.map(tried).count() > 5);
}

/// Runs what a row describes and compares.
fn tried(row: &Row) {
    let [
        statement,
        level,
        calibration,
        waiver,
        flags,
        besides,
        status,
        exit,
    ] = row;
    let sandbox = Sandbox::new().file("src/lib.rs", "1\n2\n3\n");
    configure(&sandbox);
    sandbox.write("it.spec.md", spec(statement, level).as_bytes());
    if besides != NOTHING {
        let other = spec(besides, NOTHING).replace("id: it", "id: other");
        sandbox.write("other.spec.md", other.as_bytes());
    }
    if waiver != NOTHING {
        sandbox.write("semtest.waivers.yaml", waived(waiver).as_bytes());
    }
    if calibration != NOTHING {
        sandbox.write(
            "semtest.noise.json",
            noise(&sandbox, statement, calibration).as_bytes(),
        );
    }
    let votes = if takes_votes(row) { "lead:2/2" } else { "1" };
    let mut arguments = vec!["run", "--votes", votes, "--jobs", "1"];
    arguments.extend(flags.split(' ').filter(|flag| *flag != NOTHING));
    let run = sandbox.run(&arguments);
    let results = sandbox.results();
    let found = (
        results["status"].as_str(),
        run.code.map(|code| code.to_string()),
    );
    assert_eq!(
        found,
        (Some(status.as_str()), Some(exit.clone())),
        "{row:?}\n{run:?}"
    );
    let word = match statement.as_str() {
        "failed check" => "fail",
        "undecided" => "error",
        other => other,
    };
    assert_eq!(sandbox.verdicts()[0], format!("it={word}"), "{row:?}");
}

/// An agent for each answer; the key is the answer.
fn configure(sandbox: &Sandbox) {
    let calls = sandbox.path("calls").to_str().unwrap().to_owned();
    let agent = |mode: &[&str]| json!({"command": fake_agent(), "args": mode, "prompt": "stdin"});
    let config = json!({
        "llm": "pass",
        "agents": {
            "pass": agent(&["answer"]),
            "fail": agent(&["fail"]),
            "error": agent(&["garbage"]),
            "undecided": agent(&["fails-then-passes", &calls]),
        },
    });
    sandbox.write("semtest.config.json", config.to_string().as_bytes());
}

/// The model key that judges a statement of this outcome.
fn judge(statement: &str) -> &str {
    match statement {
        "fail" | "error" | "undecided" | "pass" => statement,
        "failed check" => "fail",
        "issue" | "invalid" => "pass",
        "skip" => "checks",
        other => panic!("{other}"),
    }
}

fn spec(statement: &str, level: &str) -> String {
    let head = format!("---\nllm: {}\n---\n", judge(statement));
    let level = match level {
        NOTHING => String::new(),
        level => format!(", level: {level}"),
    };
    let heading = format!("## It holds - id: it{level}\n\nIt holds.\n");
    match statement {
        "invalid" => head,
        // A field that is nearly one of ours.
        "issue" => head.replacen("---\n", "---\ntag: x\n", 1) + &heading,
        "failed check" => format!("{head}{heading}\n```check\nexists nowhere\n```\n"),
        _ => head + &heading,
    }
}

fn waived(waiver: &str) -> String {
    let (id, until) = match waiver {
        "holds" => ("it", "2999-12-31"),
        "ended" => ("it", "2000-01-01"),
        "unknown" => ("another", "2999-12-31"),
        other => panic!("{other}"),
    };
    format!("- id: {id}\n  reason: because\n  until: {until}\n")
}

fn noise(sandbox: &Sandbox, statement: &str, calibration: &str) -> String {
    let rate = match calibration {
        "quiet" => 0.0,
        "unclear" => 0.25,
        "noisy" => 0.5,
        other => panic!("{other}"),
    };
    let root = sandbox.path("");
    let found = discover(&Options {
        directory: root.clone(),
        output: root.join("semtest-results"),
        root,
        test_match: vec!["*.spec.md".to_owned()],
        ignore_patterns: Vec::new(),
        arguments: vec!["it.spec.md".to_owned()],
        tags: Vec::new(),
        name_pattern: None,
        proposed: None,
    });
    let entry = json!({
        "id": "it",
        "statement": found.unwrap().specs[0].file.scenarios[0].fingerprint,
        "model": judge(statement),
        "n": 12,
        "minorityRate": rate,
        "date": "2026-11-22",
    });
    json!({"schemaVersion": 1, "entries": [entry]}).to_string()
}

#[test]
fn a_run_stops_after_failures_that_block_and_after_no_others() {
    let sandbox = Sandbox::new();
    configure(&sandbox);
    let files = [
        ("a", spec("fail", "warn")),
        ("b", spec("fail", NOTHING)),
        ("c", spec("pass", NOTHING)),
        ("d", spec("fail", NOTHING)),
        ("e", spec("pass", NOTHING)),
    ];
    for (name, text) in files {
        let text = text.replace("id: it", &format!("id: {name}"));
        sandbox.write(&format!("{name}.spec.md"), text.as_bytes());
    }
    let waiver = waived("holds").replace("it", "b");
    sandbox.write("semtest.waivers.yaml", waiver.as_bytes());
    sandbox
        .run(&["run", "--votes", "1", "--bail", "--jobs", "1"])
        .exits(1);
    assert_eq!(
        sandbox.verdicts(),
        ["a=fail", "b=fail", "c=pass", "d=fail", "e=skip"]
    );
}

#[test]
fn a_level_that_nobody_knows_is_told_with_its_line_and_blocks() {
    let sandbox = Sandbox::new().file("semtest.keep", "");
    configure(&sandbox);
    let text = spec("fail", "wran").replace("llm: fail\n", "llm: fail\nlevel: warn\n");
    sandbox.write("it.spec.md", text.as_bytes());
    sandbox.run(&["run", "--votes", "1"]).exits(1);
    let issues = sandbox.results()["issues"].clone();
    let told = |issue: &Value| {
        issue["kind"] == "frontmatter"
            && issue["message"]
                .as_str()
                .unwrap()
                .starts_with("line 5: `level` must be")
    };
    assert!(issues.as_array().unwrap().iter().any(told), "{issues}");
}
