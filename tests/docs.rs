//! The README's tables are made from the code. `UPDATE_DOCS=1 cargo test --test docs` writes them
//! anew.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that can't go on must fail at once"
)]

use std::fmt::Write as _;
use std::path::Path;

use clap::CommandFactory as _;
use semtest::cli::Cli;
use semtest::config::FIELDS;

fn readme() -> (std::path::PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    (path, text)
}

/// A cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', r"\|").replace('\n', " ")
}

fn config_table() -> String {
    let mut table = "| field | type | default | meaning |\n|---|---|---|---|\n".to_owned();
    for field in FIELDS {
        let cells = [field.kind, field.default, field.description].map(cell);
        let [kind, default, meaning] = cells;
        writeln!(
            table,
            "| `{}` | {kind} | `{default}` | {meaning} |",
            field.name
        )
        .unwrap();
    }
    table
}

fn flag_table(name: &str) -> String {
    let mut command = Cli::command();
    command.build();
    let run = command.find_subcommand(name).unwrap();
    let mut table = "| flag | meaning |\n|---|---|\n".to_owned();
    for argument in run.get_arguments() {
        let Some(long) = argument.get_long().filter(|long| *long != "help") else {
            continue;
        };
        let short = argument.get_short().map(|short| format!("-{short}, "));
        let takes_value = argument
            .get_num_args()
            .is_some_and(|range| range.takes_values());
        let value = argument.get_value_names().unwrap_or_default().join(" ");
        let value = match (takes_value, argument.is_require_equals_set()) {
            (true, true) if value != "BOOL" => format!("[={value}]"),
            (true, false) => format!(" <{value}>"),
            _ => String::new(),
        };
        let help = argument.get_help().unwrap().to_string();
        let flag = format!("{}--{long}{value}", short.unwrap_or_default());
        writeln!(table, "| `{flag}` | {} |", cell(&help)).unwrap();
    }
    table
}

/// The README with `table` under the comment `<!-- name -->`, in place of the one that is there.
fn with_table(text: &str, name: &str, table: &str) -> String {
    let marker = format!("<!-- {name} -->\n");
    let (before, after) = text.split_once(&marker).expect("the README has the marker");
    let after = after.trim_start_matches('\n');
    let old: usize = after
        .lines()
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.len() + 1)
        .sum();
    let rest = after[old..].trim_start_matches('\n');
    format!("{before}{marker}\n{table}\n{rest}")
}

#[test]
fn the_readmes_tables_match_the_code() {
    let (path, text) = readme();
    let expected = with_table(&text, "config table", &config_table());
    let expected = with_table(&expected, "flag table", &flag_table("run"));
    let expected = with_table(&expected, "ask flag table", &flag_table("ask"));
    let expected = with_table(&expected, "doctor flag table", &flag_table("doctor"));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, expected).unwrap();
    } else {
        assert!(
            text == expected,
            "run `UPDATE_DOCS=1 cargo test --test docs` and commit"
        );
    }
}

#[test]
fn the_readme_has_every_command() {
    for command in Cli::command().get_subcommands() {
        let row = format!("| `semtest {}", command.get_name());
        assert!(readme().1.contains(&row), "{row}");
    }
}

#[test]
fn the_readme_has_every_exit_code() {
    use semtest::exit::Exit;
    let all = [
        Exit::Passed,
        Exit::Failed,
        Exit::Error,
        Exit::Interrupted,
        Exit::Terminated,
    ];
    for exit in all {
        let row = format!("| {} |", exit.code());
        assert!(readme().1.contains(&row), "{row}");
    }
}

#[test]
fn links_of_the_readme_lead_somewhere() {
    let (path, text) = readme();
    let link = regex::Regex::new(r"\]\(([^)#]+)\)").unwrap();
    for found in link.captures_iter(&text) {
        let target = &found[1];
        let local = !target.starts_with("http");
        assert!(
            !local || path.parent().unwrap().join(target).exists(),
            "{target}"
        );
    }
}
