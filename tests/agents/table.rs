//! Every case with every tool: the table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use crate::case::{CASES, Case, IDS, Size};
use crate::outcome;
use crate::stage::{Ground, Order, Run, Stage};
use crate::tool::{TOOLS, Tool, selected};

/// How much of the output a failure shows.
const SHOWN_LINES: usize = 25;
const LARGE: usize = 200 << 10;

/// One tool in one case.
struct Cell {
    tool: &'static Tool,
    case: &'static Case,
    outcome: Outcome,
}

impl Cell {
    /// Where it stands in the table.
    fn place(&self) -> (usize, usize) {
        let tool = TOOLS.iter().position(|tool| tool.key == self.tool.key);
        let case = CASES.iter().position(|case| case.name == self.case.name);
        (tool.unwrap_or_default(), case.unwrap_or_default())
    }
}

enum Outcome {
    /// The tool can't do what the case is about.
    NotApplicable,
    Ran {
        seconds: f64,
        complaints: Vec<String>,
        /// The end of the output, and what the server saw.
        shown: String,
        command: Vec<String>,
    },
}

/// Runs all, prints the table, and panics if anything is wrong.
pub(crate) fn run() {
    let tools = selected();
    let ground = Ground::new();
    let mut cells: Vec<(&Tool, &Case)> = Vec::new();
    for case in selected_cases() {
        cells.extend(tools.iter().map(|tool| (*tool, case)));
    }
    let queue = Mutex::new(cells.into_iter());
    let finished = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..side_by_side() {
            scope.spawn(|| {
                loop {
                    // A statement of its own, so that the lock is gone while the case runs.
                    let next = queue.lock().unwrap().next();
                    let Some((tool, case)) = next else {
                        return;
                    };
                    let cell = fill(&ground, tool, case);
                    finished.lock().unwrap().push(cell);
                }
            });
        }
    });
    let mut cells: Vec<Cell> = finished.into_inner().unwrap();
    cells.sort_by_key(Cell::place);
    let failures = render_failures(&cells);
    println!("{failures}\n{}", render(&tools, &cells));
    if let Ok(path) = std::env::var("SEMTEST_TEST_RECORD") {
        std::fs::write(path, render_record(&tools, &cells)).unwrap();
    }
    assert!(failures.is_empty(), "see above");
}

fn selected_cases() -> Vec<&'static Case> {
    let asked = std::env::var("SEMTEST_TEST_CASES").unwrap_or_default();
    let asked: Vec<&str> = asked.split(';').filter(|name| !name.is_empty()).collect();
    for name in &asked {
        let is_known = CASES.iter().any(|case| case.name == *name);
        assert!(is_known, "SEMTEST_TEST_CASES names the unknown case {name}");
    }
    let is_asked = |case: &&Case| asked.is_empty() || asked.contains(&case.name);
    CASES.iter().filter(is_asked).collect()
}

/// Half of the time a CLI waits.
fn side_by_side() -> usize {
    let asked = std::env::var("SEMTEST_TEST_JOBS").ok();
    asked.map_or_else(
        || 2 * std::thread::available_parallelism().unwrap().get(),
        |count| count.parse().unwrap(),
    )
}

fn fill(ground: &Ground, tool: &'static Tool, case: &'static Case) -> Cell {
    let outcome = if case.model.needs_tools() && !tool.has_tools {
        Outcome::NotApplicable
    } else {
        play(ground, tool, case)
    };
    Cell {
        tool,
        case,
        outcome,
    }
}

fn play(ground: &Ground, tool: &Tool, case: &Case) -> Outcome {
    let stage = Stage::new(ground, &spec(case.size));
    stage.commit(case.user);
    let before = stage.state();
    let run = stage.run(&Order {
        tool,
        user: case.user,
        permissions: case.permissions,
        limit: case.limit,
        replies: case.model.replies(&stage.root()),
        arguments: case.arguments,
    });
    Outcome::Ran {
        seconds: run.duration.as_secs_f64(),
        complaints: outcome::complaints(tool, case, &stage, &before, &run),
        shown: show(&run),
        command: stage.tool_command(),
    }
}

/// A spec with the two scenarios of [`IDS`].
pub(crate) fn spec(size: Size) -> String {
    let padding = match size {
        Size::Small => String::new(),
        Size::Large => {
            let line = "Nothing here takes more than a word to say, but it takes a lot of words.\n";
            line.repeat(LARGE / line.len() + 1)
        }
    };
    let heading = |id: &str| id.replace('-', " ");
    format!(
        "# API\n\n## {}\n\nEvery error has a message.\n\n{padding}\n## {}\n\nEvery admin route checks the session.\n",
        heading(IDS[0]),
        heading(IDS[1])
    )
}

/// What helps to find out what went wrong.
pub(crate) fn show(run: &Run) -> String {
    let mut text = String::new();
    for test in run.results["tests"].as_array().into_iter().flatten() {
        writeln!(
            text,
            "    {} {} {}",
            test["id"], test["status"], test["error"]
        )
        .unwrap();
    }
    for request in &run.requests {
        let (kind, method, path) = (request.kind, &request.method, &request.path);
        writeln!(
            text,
            "    {kind:?} {method} {path} ({} bytes)",
            request.body.len()
        )
        .unwrap();
    }
    let lines: Vec<&str> = run.output.lines().collect();
    for line in &lines[lines.len().saturating_sub(SHOWN_LINES)..] {
        writeln!(text, "    | {line}").unwrap();
    }
    text
}

fn render_failures(cells: &[Cell]) -> String {
    let mut text = String::new();
    for cell in cells {
        let Outcome::Ran {
            complaints, shown, ..
        } = &cell.outcome
        else {
            continue;
        };
        if !complaints.is_empty() {
            writeln!(text, "\n{}, case `{}`:", cell.tool.key, cell.case.name).unwrap();
            for complaint in complaints {
                writeln!(text, "  - {complaint}").unwrap();
            }
            text.push_str(shown);
        }
    }
    text
}

/// A line a tool, a column a case.
fn render(tools: &[&Tool], cells: &[Cell]) -> String {
    let by_place: BTreeMap<(&str, &str), &Outcome> = cells
        .iter()
        .map(|cell| ((cell.tool.key, cell.case.name), &cell.outcome))
        .collect();
    let mut text = format!("{:<12}", "");
    let cases = selected_cases();
    for case in &cases {
        write!(text, " {:<14}", case.name).unwrap();
    }
    for tool in tools {
        write!(text, "\n{:<12}", tool.key).unwrap();
        for case in &cases {
            let cell = by_place[&(tool.key, case.name)].to_string();
            write!(text, " {cell:<14}").unwrap();
        }
    }
    let lines = text.lines().map(str::trim_end);
    lines.fold(String::new(), |text, line| text + line + "\n")
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotApplicable => formatter.write_str("-"),
            Self::Ran {
                seconds,
                complaints,
                ..
            } => {
                let word = if complaints.is_empty() {
                    "ok"
                } else {
                    "FAILED"
                };
                write!(formatter, "{word} {seconds:.1} s")
            }
        }
    }
}

/// The same for programs: nothing that differs from run to run.
fn render_record(tools: &[&Tool], cells: &[Cell]) -> String {
    let mut lines = Vec::new();
    for cell in cells {
        let (tool, case) = (cell.tool.key, cell.case.name);
        if let Outcome::Ran {
            complaints,
            command,
            ..
        } = &cell.outcome
        {
            let word = if complaints.is_empty() {
                "ok"
            } else {
                "FAILED"
            };
            lines.push(format!("case\t{tool}\t{case}\t{word}"));
            let flags = command.iter().filter(|word| word.starts_with('-'));
            let flags = flags.map(|flag| flag.split('=').next().unwrap_or(flag));
            lines.extend(flags.map(|flag| format!("flag\t{tool}\t{flag}")));
            // `exec` of `codex exec`: what comes before the first flag.
            let subcommand = command
                .iter()
                .skip(1)
                .take_while(|word| !word.starts_with('-'));
            lines.extend(
                subcommand
                    .take(1)
                    .map(|word| format!("subcommand\t{tool}\t{word}")),
            );
        }
    }
    lines.sort();
    lines.dedup();
    let known = tools.iter().map(|tool| format!("tool\t{}", tool.key));
    known
        .chain(lines)
        .fold(String::new(), |text, line| text + &line + "\n")
}
