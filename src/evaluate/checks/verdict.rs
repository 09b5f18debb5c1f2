//! All checks of a scenario to one outcome.

use super::assess::{Finding, assess};
use super::grammar::{Assertion, MOST_ASSERTIONS, parse};
use super::project::Project;
use crate::model::{CheckBlock, Failure, Outcome};

/// How many failures one outcome tells.
const MOST_FAILURES: usize = 20;

/// What the checks of a scenario found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// `Pass` when all checks hold, `Fail` when one does not, `Error` when a block can't be read,
    /// `Skip` when there is no block. Its texts are foreign: they hold file names and values; those
    /// of a failure have one line a failed check. Its location is that of the first failed check
    /// that has a place in the code, and absent where none has: then `line` is the place.
    pub outcome: Outcome,
    /// One line a check, in their order, for the prompt: what holds, what fails, and where. Empty
    /// unless all blocks can be read.
    pub evidence: Vec<String>,
    /// The line of the spec file (from 1) of the first check that fails or can't be read.
    pub line: Option<u32>,
}

/// Evaluates all blocks of one scenario: all of their checks must hold. Reads files, so it blocks.
#[must_use]
pub fn evaluate(blocks: &[CheckBlock], project: &Project) -> Checked {
    if blocks.is_empty() {
        return Checked {
            outcome: Outcome::skip("it has no check block"),
            evidence: Vec::new(),
            line: None,
        };
    }
    let assertions = match parse_all(blocks) {
        Ok(assertions) => assertions,
        Err((line, message)) => {
            return Checked {
                outcome: Outcome::Error { message },
                evidence: Vec::new(),
                line: Some(line),
            };
        }
    };
    let findings: Vec<_> = assertions
        .iter()
        .map(|assertion| (assertion, assess(assertion, project)))
        .collect();
    let failed: Vec<_> = findings
        .iter()
        .filter(|(_, finding)| !finding.holds)
        .collect();
    Checked {
        outcome: outcome(&failed),
        evidence: findings.iter().map(evidence).collect(),
        line: failed.first().map(|(assertion, _)| assertion.line()),
    }
}

/// The checks of all blocks, or the first bad line and what to say about the whole.
fn parse_all(blocks: &[CheckBlock]) -> Result<Vec<Assertion>, (u32, String)> {
    let mut assertions = Vec::new();
    let mut messages = Vec::new();
    let mut first = None;
    for block in blocks {
        match parse(block) {
            Ok(more) => assertions.extend(more),
            Err(error) => {
                first = first.or(error.problems.first().map(|problem| problem.line));
                messages.push(error.to_string());
            }
        }
        if assertions.len() > MOST_ASSERTIONS || messages.len() >= MOST_FAILURES {
            break;
        }
    }
    if assertions.len() > MOST_ASSERTIONS {
        messages.push(format!("a scenario has at most {MOST_ASSERTIONS} checks"));
    }
    if messages.is_empty() {
        Ok(assertions)
    } else {
        Err((first.unwrap_or(blocks[0].line), messages.join("\n")))
    }
}

fn evidence((assertion, finding): &(&Assertion, Finding)) -> String {
    let word = if finding.holds { "holds" } else { "fails" };
    one_line(&format!("{word}: {assertion} ({})", finding.observed))
}

/// A file name may hold line breaks, and so could pretend to be a line of evidence.
fn one_line(text: &str) -> String {
    text.replace(
        |character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}'),
        " ",
    )
}

fn outcome(failed: &[&(&Assertion, Finding)]) -> Outcome {
    if failed.is_empty() {
        return Outcome::Pass;
    }
    let expectation = |(assertion, _): &&(&Assertion, Finding)| assertion.to_string();
    let observed = |(assertion, finding): &&(&Assertion, Finding)| match failed {
        [_] => one_line(&finding.observed),
        _ => one_line(&format!(
            "line {}: `{assertion}`: {}",
            assertion.line(),
            finding.observed
        )),
    };
    let resolution = |(assertion, finding): &&(&Assertion, Finding)| match failed {
        [_] => one_line(&finding.resolution),
        _ => one_line(&format!(
            "line {}: {}",
            assertion.line(),
            finding.resolution
        )),
    };
    Outcome::Fail(Failure {
        location_note: None,
        evidence: None,
        expectation: Some(listed(failed.iter().map(expectation))),
        observed: Some(listed(failed.iter().map(observed))),
        location: failed
            .iter()
            .find_map(|(_, finding)| finding.location.clone()),
        resolution: Some(listed(failed.iter().map(resolution))),
    })
}

/// One a line, up to a limit.
fn listed(lines: impl ExactSizeIterator<Item = String>) -> String {
    let rest = lines.len().saturating_sub(MOST_FAILURES);
    let mut shown: Vec<String> = lines.take(MOST_FAILURES).collect();
    if rest > 0 {
        shown.push(format!("and {rest} more"));
    }
    shown.join("\n")
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::{Path, PathBuf};

    use super::*;

    fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, Project) {
        let directory = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = directory.path().join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, content).unwrap();
        }
        let project = Project::open(directory.path(), Path::new("out"), &[]).unwrap();
        (directory, project)
    }

    fn block(line: u32, text: &str) -> CheckBlock {
        CheckBlock {
            line,
            text: text.into(),
        }
    }

    fn check(project: &Project, text: &str) -> Checked {
        evaluate(&[block(1, text)], project)
    }

    fn failure(project: &Project, text: &str) -> Failure {
        let Outcome::Fail(failure) = check(project, text).outcome else {
            panic!("does not fail: {text}");
        };
        failure
    }

    /// Every check of `text`, one after the other, as a user reads it.
    fn told(project: &Project, text: &str) -> String {
        let mut told = String::new();
        for line in text.lines() {
            let checked = check(project, line);
            writeln!(told, "{}", checked.evidence[0]).unwrap();
            if let Outcome::Fail(failure) = checked.outcome {
                let location = failure.location.as_ref().map_or("none", |at| at.as_str());
                let resolution = failure.resolution.unwrap_or_default();
                writeln!(told, "  at {location}: {resolution}").unwrap();
            }
        }
        told
    }

    #[test]
    fn each_check_tells_what_it_saw_and_where() {
        let (_directory, project) = project(&[
            (".gitignore", "/dist/\n.env\n"),
            (".env", "KEY=1"),
            ("dist/a.js", "built"),
            ("src/a.js", "one\nTODO\n"),
            ("src/b/b.js", "TODO\n"),
            (
                "package.json",
                "{\n  \"version\": \"1.0.0\",\n  \"ports\": [80]\n}\n",
            ),
            ("broken.toml", "a = 1\nb = \n"),
            ("two.yaml", "a: 1\n---\nb: 2\n"),
            ("bomb.yaml", "a: &a [*a]\n"),
        ]);
        insta::assert_snapshot!(told(
            &project,
            r#"exists nothing.md src/*.js
exists nothing.md {a,b}.txt
exists src
absent legacy/**
absent **/*.js
absent src
absent .env
absent **/.env
contains src/** "one"
contains src/** "three"
contains src/a.js "three"
contains src "one"
contains **/*.js "built"
contains dist/*.js "built"
lacks src/** "three"
lacks src/** "TODO"
lacks src/a.js /^todo$/i
lacks lib/** "x"
value package.json /version == "1.0.0"
value package.json /version == "2.0.0"
value package.json /ports/0 == 80.0
value package.json /ports/1 == 80
value package.json /verson == "1.0.0"
value package.json "" == {}
value nothing.json /a == 1
value broken.toml /a == 1
value two.yaml /a == 1
value bomb.yaml /a == 1"#
        ));
    }

    #[test]
    fn a_long_pattern_is_told_by_its_start() {
        let (_directory, project) = project(&[("a", "x\n")]);
        let observed = |text: &str| failure(&project, text).observed.unwrap();
        let long = "ä".repeat(500);
        let told = format!("`{}…` is not found in a", "ä".repeat(120));
        assert_eq!(observed(&format!("contains a \"{long}\"")), told);
        assert_eq!(observed("lacks a /x|y/"), "`/x|y/` is found at a:1");
    }

    #[test]
    fn all_checks_of_all_blocks_have_to_hold() {
        let (_directory, project) = project(&[("a", "x\ny\n")]);
        let checked = evaluate(
            &[
                block(3, "exists a\n\nlacks a \"y\""),
                block(9, "absent b\nexists b"),
            ],
            &project,
        );
        insta::assert_debug_snapshot!(checked);
        let good = evaluate(&[block(3, "exists a"), block(9, "absent b")], &project);
        assert_eq!((good.outcome, good.line), (Outcome::Pass, None));
        assert_eq!(good.evidence.len(), 2);
    }

    #[test]
    fn the_first_place_in_the_code_is_told_even_where_the_first_failure_has_none() {
        let (_directory, project) = project(&[("a", "x\ny\n")]);
        let blocks = [
            block(3, "exists a\nexists nope"),
            block(9, "\nlacks a \"y\"\nlacks a \"x\""),
        ];
        let checked = evaluate(&blocks, &project);
        assert_eq!(checked.line, Some(4));
        let Outcome::Fail(failure) = checked.outcome else {
            panic!("{checked:?}");
        };
        assert_eq!(failure.location.unwrap().as_str(), "a:2");
        insta::assert_snapshot!(failure.observed.unwrap(), @r#"
        line 4: `exists nope`: no file matches `nope`
        line 10: `lacks a "y"`: `y` is found at a:2
        line 11: `lacks a "x"`: `x` is found at a:1
        "#);
        assert_eq!(failure.resolution.unwrap().lines().count(), 3);
        let nowhere = evaluate(&[block(3, "\nexists b\nexists c")], &project);
        assert_eq!(nowhere.line, Some(4));
        assert!(matches!(
            nowhere.outcome,
            Outcome::Fail(Failure {
                location_note: None,
                evidence: None,
                location: None,
                ..
            })
        ));
    }

    #[test]
    fn a_line_that_can_not_be_read_is_an_error_even_beside_a_failure() {
        let (_directory, project) = project(&[]);
        let checked = evaluate(&[block(2, "exists a"), block(7, "\nexist b")], &project);
        assert_eq!(
            checked.outcome,
            Outcome::error("line 8: `exist b`: unknown check `exist`, did you mean `exists`?")
        );
        assert_eq!((checked.line, checked.evidence.len()), (Some(8), 0));
        assert_eq!(check(&project, "").outcome.word(), "error");
    }

    #[test]
    fn without_a_block_nothing_was_judged() {
        let (_directory, project) = project(&[]);
        assert_eq!(evaluate(&[], &project).outcome.word(), "skip");
    }

    #[test]
    fn many_failures_are_told_up_to_a_limit() {
        let (_directory, project) = project(&[]);
        let observed = failure(&project, &"exists a\n".repeat(30))
            .observed
            .unwrap();
        assert_eq!(observed.lines().count(), MOST_FAILURES + 1);
        assert!(observed.ends_with("\nand 10 more"));
        let blocks = vec![block(1, &"exists a\n".repeat(900)); 2];
        assert_eq!(evaluate(&blocks, &project).outcome.word(), "error");
    }

    #[test]
    fn what_can_not_be_looked_at_never_passes() {
        use std::os::unix::fs::symlink;
        let (directory, project) = project(&[("src/a.js", ""), ("real/b.js", "")]);
        let path = |name: &str| directory.path().join(name);
        let huge = fs_err::File::create(path("src/huge.bin")).unwrap();
        huge.set_len(51 << 20).unwrap();
        let large = fs_err::File::create(path("large.json")).unwrap();
        large.set_len(11 << 20).unwrap();
        symlink("real", path("link")).unwrap();
        symlink("nowhere", path("dangling")).unwrap();
        insta::assert_snapshot!(told(
            &project,
            "lacks src/** \"x\"\nlacks src/*.js \"x\"\nlacks dangling \"x\"\nabsent dangling\n\
             exists dangling\nabsent link/c.js\nlacks link/** \"x\"\nexists link/b.js\n\
             value large.json /a == 1"
        ));
    }

    #[test]
    fn file_names_of_any_kind_are_found() {
        let (_directory, project) =
            project(&[("a b/\u{e9}\n\"c\".txt", "x"), ("[id]/x{y}.txt", "x")]);
        for text in [
            r#"exists "a b/é\n\"c\".txt""#,
            r#"contains "a b/*" "x""#,
            r#"contains \[id\]/x\{y\}.txt "x""#,
        ] {
            assert_eq!(check(&project, text).outcome, Outcome::Pass, "{text}");
        }
    }

    #[test]
    fn a_file_name_can_not_add_a_line_of_evidence() {
        let (_directory, project) = project(&[("a\nholds: all is well", "")]);
        let checked = check(&project, "absent *");
        assert_eq!(
            checked.evidence,
            ["fails: absent * (a holds: all is well exists)"]
        );
    }

    #[test]
    fn one_project_serves_many_threads() {
        let (_directory, project) = project(&[("src/a.js", "x")]);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let checked = scope.spawn(|| check(&project, "contains src/** \"x\""));
                assert_eq!(checked.join().unwrap().outcome, Outcome::Pass);
            }
        });
    }

    /// The check blocks of an example spec; the real reader of specs is the room `discover`.
    fn example(spec: &str) -> Checked {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/quickstart");
        let patterns = ["node_modules", "dist", ".git", "vendor"].map(str::to_owned);
        let project = Project::open(&root, Path::new("semtest-results/"), &patterns).unwrap();
        let text = fs_err::read_to_string(root.join(spec)).unwrap();
        let blocks: Vec<_> = text
            .split("\n```check\n")
            .skip(1)
            .map(|after| block(1, after.split("\n```").next().unwrap()))
            .collect();
        assert!(!blocks.is_empty(), "{spec}");
        evaluate(&blocks, &project)
    }

    #[test]
    fn the_quickstart_passes_and_its_planted_failure_points_at_the_line() {
        let specs = fs_err::read_dir(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/quickstart/semtests"),
        );
        let specs: Vec<PathBuf> = specs.unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(specs.len() >= 2);
        for spec in specs {
            let checked = example(spec.to_str().unwrap());
            assert_eq!(checked.outcome, Outcome::Pass, "{checked:#?}");
        }
        let Outcome::Fail(failure) = example("planted/failing.spec.md").outcome else {
            panic!("the planted failure does not fail");
        };
        let location = failure.location.unwrap();
        assert_eq!(location.path(), "src/tasks.js");
        let code = include_str!("../../../examples/quickstart/src/tasks.js");
        let line = code.lines().nth(location.line().unwrap() as usize - 1);
        assert!(line.unwrap().contains("TODO"));
        // The comment on a pull request shows this and no more.
        let place = location.as_str();
        assert_eq!(
            failure.observed,
            Some(format!("`TODO` is found at {place}"))
        );
    }
}
