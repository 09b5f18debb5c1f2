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
use semtest::action::Input;
use semtest::cli::Cli;
use semtest::config::FIELDS;
use semtest::env::Env;
use semtest::evaluate::{Agents, Credentials, tools};
use semtest::model::Word as _;
use semtest::publish::Output;
use serde_json::{Value, json};

/// A page, by its path from the top.
fn page(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn readme() -> String {
    page("README.md")
}

/// All pages that people read, by name, with their text.
fn pages() -> Vec<(String, String)> {
    let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let entries = std::fs::read_dir(documents).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "md"))
        .map(|name| format!("docs/{name}"))
        .chain(["README.md".to_owned()])
        .collect();
    names.sort();
    let with_text = names.into_iter().map(|name| {
        let text = page(&name);
        (name, text)
    });
    with_text.collect()
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

/// What a step can be told.
fn input_table() -> String {
    let mut table = "| input | default | meaning |\n|---|---|---|\n".to_owned();
    for input in Input::ALL {
        let default = match input.default {
            "" => String::new(),
            text => format!("`{text}`"),
        };
        let cells = [input.name, &default, input.meaning].map(cell);
        let [name, default, meaning] = cells;
        writeln!(table, "| `{name}` | {default} | {meaning} |").unwrap();
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
        ("README.md", "input table", input_table()),
        ("README.md", "output table", output_table()),
        ("docs/configuration.md", "config table", config_table()),
        ("docs/cli.md", "flag table", flag_table("run")),
        ("docs/cli.md", "ask flag table", flag_table("ask")),
        (
            "docs/cli.md",
            "calibrate flag table",
            flag_table("calibrate"),
        ),
        ("docs/cli.md", "waive flag table", flag_table("waive")),
        ("docs/cli.md", "doctor flag table", flag_table("doctor")),
        ("docs/cli.md", "install flag table", flag_table("install")),
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
fn the_page_of_commands_has_every_command() {
    let command = Cli::command();
    let shown = command.get_subcommands().filter(|one| !one.is_hide_set());
    for command in shown {
        let row = format!("| `semtest {}", command.get_name());
        assert!(page("docs/cli.md").contains(&row), "{row}");
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

/// The anchors of a page, as GitHub makes them from its headings.
fn anchors(text: &str) -> Vec<String> {
    let heading = regex::Regex::new(r"(?m)^#+ (.*)$").unwrap();
    let anchor = |heading: &str| {
        let letters = heading.to_lowercase();
        let kept = letters
            .chars()
            .filter(|letter| letter.is_alphanumeric() || [' ', '-', '_'].contains(letter));
        kept.collect::<String>().replace(' ', "-")
    };
    heading
        .captures_iter(text)
        .map(|found| anchor(&found[1]))
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let link = regex::Regex::new(r"\]\(([^)#\s]*)(?:#([^)]+))?\)").unwrap();
    let mut seen = 0;
    for (name, text) in pages() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&name);
        for found in link.captures_iter(&text) {
            let target = &found[1];
            if target.starts_with("http") {
                continue;
            }
            let file = match target {
                "" => path.clone(),
                other => path.parent().unwrap().join(other),
            };
            assert!(file.exists(), "{name}: {target}");
            if let Some(anchor) = found.get(2) {
                let other = std::fs::read_to_string(&file).unwrap();
                let is_there = anchors(&other).contains(&anchor.as_str().to_owned());
                assert!(is_there, "{name}: {target}#{}", anchor.as_str());
                seen += 1;
            }
        }
    }
    assert!(seen > 40, "{seen}");
}

#[test]
fn anchors_are_made_as_github_makes_them() {
    let page = "# A page\n## Annotations, summary, outputs\n### `pull_request_target`\n## junit-results.xml";
    let expected = [
        "a-page",
        "annotations-summary-outputs",
        "pull_request_target",
        "junit-resultsxml",
    ];
    assert_eq!(anchors(page), expected);
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

/// The command lines of semtest that a page shows: alone, after another one, in the quotes of a `sh -c`
/// or a Jenkins step, or as the arguments of our image.
fn shown_commands(text: &str) -> Vec<String> {
    let image = regex::Regex::new(r"^docker run .* westopp/semtest:\S+ (.+)$").unwrap();
    let start =
        regex::Regex::new(r"^(?:- run: |run: |- |sh ')?(?:PATH=\S+ )?(semtest .*)$").unwrap();
    let mut commands = Vec::new();
    for language in ["sh", "yaml", "groovy"] {
        for block in blocks(text, language) {
            for line in block.replace("\\\n", " ").lines() {
                let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
                let inner = match image.captures(&line) {
                    Some(found) if found[1].starts_with("sh -c '") => {
                        found[1].trim_start_matches("sh -c '").to_owned()
                    }
                    Some(found) => format!("semtest {}", &found[1]),
                    None => line.clone(),
                };
                let parts = inner.split(" && ").map(|part| part.trim_end_matches('\''));
                let found = parts.filter_map(|part| start.captures(part));
                commands.extend(found.map(|found| found[1].to_owned()));
            }
        }
    }
    commands
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
    let mut seen = 0;
    for (name, text) in pages() {
        for command in shown_commands(&text) {
            let read = semtest::cli::parse(words(&command).into_iter().map(Into::into));
            assert!(read.is_ok(), "{name}: {command}: {:?}", read.err());
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn a_command_is_found_wherever_it_stands() {
    let page = "```sh\ndocker run --rm -e A westopp/semtest:9.9.9 \\\n  run --junit\n\
                docker run x westopp/semtest:9.9.9 sh -c 'semtest list && PATH=\"/a:$PATH\" semtest run -q'\n```\n\
                ```yaml\n      - run: semtest publish  # after all\n    - semtest doctor\n```\n\
                ```groovy\n  sh 'semtest init'\n```\n";
    let expected = [
        "semtest run --junit",
        "semtest list",
        "semtest run -q",
        "semtest publish # after all",
        "semtest doctor",
        "semtest init",
    ];
    assert_eq!(shown_commands(page), expected);
}

/// Every block of YAML that is shown, with the page that shows it.
fn pipelines() -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for (name, text) in pages() {
        for block in blocks(&text, "yaml") {
            let read: Value = serde_saphyr::from_str(&block).expect("what is shown is YAML");
            // A list is a file of waivers.
            if !read.is_array() {
                all.push((name.clone(), read));
            }
        }
    }
    all
}

/// The jobs of a workflow of GitHub Actions; none of anything else.
fn jobs(pipeline: &Value) -> Vec<&Value> {
    let jobs = pipeline["jobs"]
        .as_object()
        .filter(|_| !pipeline["on"].is_null());
    jobs.into_iter().flat_map(|jobs| jobs.values()).collect()
}

fn steps(pipeline: &Value) -> Vec<&Value> {
    let steps = jobs(pipeline)
        .into_iter()
        .filter_map(|job| job["steps"].as_array());
    steps.flatten().collect()
}

#[test]
fn the_pipelines_are_yaml_and_leave_the_key_out() {
    let shown = pipelines();
    assert!(shown.len() > 8, "{}", shown.len());
    for (name, pipeline) in shown {
        assert!(pipeline.is_object(), "{name}");
        assert!(!pipeline.to_string().contains("sk-"), "{name}");
    }
}

/// Nobody's workflow may get more than it needs: at the top nothing, in a job what it uses.
#[test]
fn each_workflow_has_permissions_and_a_checkout_without_credentials() {
    let mut workflows = 0;
    for (name, pipeline) in pipelines() {
        let jobs = jobs(&pipeline);
        workflows += usize::from(!jobs.is_empty());
        for job in jobs {
            assert_eq!(pipeline["permissions"], json!({}), "{name}");
            assert!(job["permissions"].is_object(), "{name}");
        }
        for step in steps(&pipeline) {
            let is_checkout = step["uses"]
                .as_str()
                .is_some_and(|uses| uses.contains("/checkout@"));
            assert!(
                !is_checkout || step["with"]["persist-credentials"] == json!(false),
                "{name}"
            );
            let script = step["run"].as_str().unwrap_or_default();
            assert!(!script.contains("${{"), "{name}: {script}");
        }
    }
    assert!(workflows > 6, "{workflows}");
}

/// The process that starts an LLM CLI must not see the token, nor the other one the key. The action
/// sees to that by itself: it gets the key, and the token by an input that no workflow sets.
#[test]
fn in_the_pipelines_no_environment_holds_both_the_key_and_the_token() {
    let is_action = |step: &Value| {
        step["uses"]
            .as_str()
            .is_some_and(|uses| uses.starts_with("westopp/semtest-action@"))
    };
    let mut seen = (0, 0);
    for (name, pipeline) in pipelines() {
        assert!(pipeline["env"].is_null(), "{name}");
        for job in jobs(&pipeline) {
            assert!(job["env"].is_null(), "{name}");
        }
        for step in steps(&pipeline) {
            let shown = step.to_string();
            let (key, token) = (shown.contains("_API_KEY"), shown.contains("github.token"));
            assert!(!(key && token), "{name}: {shown}");
            assert!(!token || !shown.contains("semtest run"), "{name}: {shown}");
            assert!(!token || !is_action(step), "{name}: {shown}");
            seen = (seen.0 + usize::from(key), seen.1 + usize::from(token));
        }
    }
    assert!(seen.0 > 5 && seen.1 > 2, "{seen:?}");
}

/// What the action is told, and what it is asked for.
#[test]
fn inputs_and_outputs_that_are_shown_exist() {
    let asked = regex::Regex::new(r"steps\.semtest\.outputs\.(\w+)").unwrap();
    let (mut told, mut read) = (0, 0);
    for (name, pipeline) in pipelines() {
        for step in steps(&pipeline) {
            let uses = step["uses"].as_str().unwrap_or_default();
            if uses.starts_with("westopp/semtest-action@") {
                for input in step["with"]
                    .as_object()
                    .into_iter()
                    .flat_map(|with| with.keys())
                {
                    assert!(Input::named(input).is_some(), "{name}: {input}");
                    told += 1;
                }
            }
        }
        for found in asked.captures_iter(&pipeline.to_string()) {
            let is_known = Output::ALL.iter().any(|output| output.name() == &found[1]);
            assert!(is_known, "{name}: {}", &found[1]);
            read += 1;
        }
    }
    assert!(told > 5 && read > 2, "{told} {read}");
}

/// A release changes the version in one place; what a reader copies has to follow.
#[test]
fn every_tag_of_our_image_is_of_this_version() {
    let tag = regex::Regex::new(r"westopp/semtest:([\w.]+\w)").unwrap();
    let mut seen = 0;
    for (name, text) in pages() {
        for found in tag.captures_iter(&text) {
            assert_eq!(&found[1], env!("CARGO_PKG_VERSION"), "{name}");
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}

/// The version of a CLI that a page tells to install is the one that was tested.
#[test]
fn every_version_of_a_cli_that_is_shown_is_the_tested_one() {
    let version = regex::Regex::new(r"([a-z-]+)@(\d+\.\d+\.\d+)").unwrap();
    let mut seen = 0;
    for (name, text) in pages() {
        for found in version.captures_iter(&text) {
            let tool = tools().iter().find(|tool| tool.key == &found[1]);
            if let Some(tool) = tool {
                assert_eq!(tool.tested, Some(&found[2]), "{name}: {}", &found[1]);
                seen += 1;
            }
        }
    }
    assert!(seen > 3, "{seen}");
}
