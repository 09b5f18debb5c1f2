//! Tables of the documentation are made from the code: `UPDATE_DOCS=1 cargo test --test docs` writes
//! them anew. What it shows to copy is read as a user's shell or CI system would read it.

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
use semtest::env::Env;
use semtest::evaluate::{Agents, Credentials, tools};
use semtest::model::Word as _;
use semtest::publish::Output;

/// A page, by its path from the top.
fn page(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn readme() -> String {
    page("README.md")
}

/// All pages that people read.
const PAGES: &[&str] = &[
    "README.md",
    "docs/agents.md",
    "docs/checks.md",
    "docs/cli.md",
    "docs/publish.md",
    "docs/reports.md",
    "docs/security.md",
];

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
    for argument in run
        .get_arguments()
        .filter(|argument| !argument.is_hide_set())
    {
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

/// What a step tells the next ones.
fn output_table() -> String {
    let mut table = "| output | meaning |\n|---|---|\n".to_owned();
    for output in Output::ALL {
        writeln!(
            table,
            "| `{}` | {} |",
            output.name(),
            cell(output.meaning())
        )
        .unwrap();
    }
    table
}

/// Which variables each tool sees with which service; those of which one has to be there are bold.
fn variable_table() -> String {
    let mut groups: Vec<(Vec<&str>, Vec<&str>, String)> = Vec::new();
    for tool in tools() {
        let mut rows: Vec<(Vec<&str>, String)> = Vec::new();
        for (provider, variables) in tool.services() {
            let mut agents = Agents::unconfigured(Env::from_iter([("", ""); 0]), "/".into());
            agents.provider = provider;
            let demanded = match agents.credentials(tool) {
                Credentials::Missing(names) => names,
                Credentials::Set(_) | Credentials::Unknown => &[],
            };
            let shown = |name: &&str| {
                let bold = if demanded.contains(name) { "**" } else { "" };
                format!("{bold}`{name}`{bold}")
            };
            let listed = variables.iter().map(shown).collect::<Vec<_>>().join(", ");
            match rows.iter_mut().find(|(_, known)| *known == listed) {
                Some((providers, _)) => providers.push(provider.word()),
                None => rows.push((vec![provider.word()], listed)),
            }
        }
        for (providers, listed) in rows {
            let same = groups
                .iter_mut()
                .find(|group| group.1 == providers && group.2 == listed);
            match same {
                Some(group) => group.0.push(tool.name),
                None => groups.push((vec![tool.name], providers, listed)),
            }
        }
    }
    let mut table = "| tool | `provider` | variables |\n|---|---|---|\n".to_owned();
    for (names, providers, listed) in groups {
        let (names, providers) = (names.join(", "), providers.join("`, `"));
        writeln!(table, "| {names} | `{providers}` | {listed} |").unwrap();
    }
    table
}

/// A page with `table` under the comment `<!-- name -->`, in place of the one that is there.
fn with_table(text: &str, name: &str, table: &str) -> String {
    let marker = format!("<!-- {name} -->\n");
    let (before, after) = text.split_once(&marker).expect("the page has the marker");
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
fn the_tables_match_the_code() {
    let tables = [
        ("README.md", "config table", config_table()),
        ("docs/cli.md", "flag table", flag_table("run")),
        ("docs/cli.md", "ask flag table", flag_table("ask")),
        ("docs/cli.md", "doctor flag table", flag_table("doctor")),
        ("docs/cli.md", "publish flag table", flag_table("publish")),
        ("docs/agents.md", "variable table", variable_table()),
        ("docs/publish.md", "output table", output_table()),
    ];
    for (name, marker, table) in tables {
        let text = page(name);
        let expected = with_table(&text, marker, &table);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
            std::fs::write(path, expected).unwrap();
        } else {
            assert!(
                text == expected,
                "{name}: run `UPDATE_DOCS=1 cargo test --test docs` and commit"
            );
        }
    }
}

#[test]
fn the_readme_has_every_command() {
    let command = Cli::command();
    let shown = command.get_subcommands().filter(|one| !one.is_hide_set());
    for command in shown {
        let row = format!("| `semtest {}", command.get_name());
        assert!(readme().contains(&row), "{row}");
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
        assert!(readme().contains(&row), "{row}");
    }
}

#[test]
fn links_lead_somewhere() {
    let link = regex::Regex::new(r"\]\(([^)#]+)\)").unwrap();
    for name in PAGES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        for found in link.captures_iter(&page(name)) {
            let target = &found[1];
            let local = !target.starts_with("http");
            assert!(
                !local || path.parent().unwrap().join(target).exists(),
                "{name}: {target}"
            );
        }
    }
}

/// The fenced blocks of a page in this language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = regex::Regex::new(r"(?ms)^```(\w*)\n(.*?)^```$").unwrap();
    fence
        .captures_iter(page)
        .filter(|found| &found[1] == language)
        .map(|found| found[2].to_owned())
        .collect()
}

/// The words of a command up to the first thing that is the shell's own: a comment, a pipe, a
/// redirection.
fn words(command: &str) -> Vec<String> {
    let word = regex::Regex::new(r#""([^"]*)"|(\S+)"#).unwrap();
    word.captures_iter(command)
        .map(|found| found.get(1).or(found.get(2)).unwrap().as_str().to_owned())
        .take_while(|word| !["#", "|", ">", ">>", "&&"].contains(&word.as_str()))
        .collect()
}

#[test]
fn every_command_that_is_shown_is_one_that_semtest_takes() {
    let command = regex::Regex::new(r"(?m)^ *(?:- |- run: |run: )?(semtest .*)$").unwrap();
    let mut seen = 0;
    for name in PAGES {
        for block in ["sh", "yaml"]
            .map(|language| blocks(&page(name), language))
            .concat()
        {
            for found in command.captures_iter(&block) {
                let read = semtest::cli::parse(words(&found[1]).into_iter().map(Into::into));
                assert!(read.is_ok(), "{name}: {}: {:?}", &found[1], read.err());
                seen += 1;
            }
        }
    }
    assert!(seen > 8, "{seen}");
}

#[test]
fn the_pipelines_are_yaml_and_leave_the_key_out() {
    let shown = [readme(), page("docs/publish.md")].map(|page| blocks(&page, "yaml"));
    assert_eq!(shown.each_ref().map(Vec::len), [2, 4]);
    for pipeline in shown.concat() {
        let read: serde_json::Value = serde_saphyr::from_str(&pipeline).unwrap();
        assert!(read.is_object());
        assert!(!pipeline.contains("sk-"), "{pipeline}");
    }
}

/// The step that starts an LLM CLI must not see the token, nor the other one the key.
#[test]
fn in_the_pipelines_no_step_holds_both_the_key_and_the_token() {
    let shown = [readme(), page("docs/publish.md")].map(|page| blocks(&page, "yaml"));
    let mut steps = 0;
    for pipeline in shown.concat() {
        let read: serde_json::Value = serde_saphyr::from_str(&pipeline).unwrap();
        assert!(read.get("env").is_none(), "{pipeline}");
        for job in read
            .get("jobs")
            .and_then(|jobs| jobs.as_object())
            .into_iter()
            .flatten()
        {
            assert!(job.1.get("env").is_none(), "{pipeline}");
            for step in job.1["steps"].as_array().unwrap() {
                let step = step.to_string();
                let (key, token) = (step.contains("_API_KEY"), step.contains("github.token"));
                assert!(!(key && token), "{step}");
                assert!(!token || !step.contains("semtest run"), "{step}");
                steps += 1;
            }
        }
    }
    assert!(steps > 15, "{steps}");
}
