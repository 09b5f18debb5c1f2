//! The comment and the job's summary of a run in which every text is a stranger's, read as a forge
//! renders them: the same structure as with harmless texts, links to where we lead and nothing that
//! a forge would act on.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use semtest::report::comment::{self, Detail, Links, Options};
use semtest::report::{code_quality, json, junit, markdown, sarif};

use crate::corpus::{glued_sample, hostile};
use crate::forge::{acts_on, has_quick_action};
use crate::hostile_run::hostile_run;
use crate::readers::find_commands;
use crate::rendering::{Html, render_each};

/// Below which all links of ours lead.
const REPOSITORY: &str = "https://github.com/octo/shop/";

/// What a reader sees of harmless runs: tags, and pieces of text. What there is more is foreign.
struct Harmless {
    tags: BTreeSet<String>,
    nodes: BTreeSet<String>,
}

impl Harmless {
    fn of(pages: &[Html]) -> Self {
        let tags = pages.iter().flat_map(Html::tags).map(str::to_owned);
        let code = ["code", "/code", "pre", "/pre"].map(str::to_owned);
        Self {
            tags: tags.chain(code).collect(),
            nodes: pages.iter().flat_map(Html::text_outside_code).collect(),
        }
    }

    #[track_caller]
    fn assert_same_kind(&self, page: &Html, text: &str) {
        for tag in page.tags() {
            match tag.strip_prefix("a href=\"") {
                Some(address) => assert_leads_home(address, text),
                None => assert!(self.tags.contains(tag), "{text:?} → <{tag}>"),
            }
        }
        for node in page.text_outside_code() {
            let ours = self.nodes.contains(&node);
            assert!(ours || !acts_on(&node), "{text:?} → {node:?}");
        }
    }
}

/// A link to a file of the repository, or to the CI run; also after a browser has resolved the dots.
#[track_caller]
fn assert_leads_home(address: &str, text: &str) {
    let path = address.strip_prefix(REPOSITORY);
    let path = path.and_then(|path| path.strip_suffix('"'));
    assert!(path.is_some(), "{text:?} → {address}");
    let path = path.unwrap_or_default();
    let path = path.to_ascii_lowercase().replace("%2e", ".");
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let leads_out = path.split(['/', '\\']).any(|part| part == "..");
    assert!(!leads_out, "{text:?} → {address}");
}

/// What must not be in the source, whatever a renderer makes of it.
#[track_caller]
fn assert_source(source: &str, text: &str) {
    let commands = find_commands(source);
    assert!(commands.is_empty(), "{text:?}: {commands:?}");
    let prose = without_blocks(source);
    assert!(!has_quick_action(&prose), "{text:?} → {prose}");
    // Our marker is a last line like this, and added by whoever posts the text.
    let mut lines = prose.lines().chain(source.trim_end().lines().next_back());
    assert!(
        !lines.any(|line| line.trim_start().starts_with("<!--")),
        "{text:?} → {source}"
    );
}

/// Without fenced blocks, in which a forge acts on nothing.
fn without_blocks(source: &str) -> String {
    let mut prose = String::new();
    let mut fence: Option<&str> = None;
    for line in source.lines() {
        let words = line.trim();
        let run = words.trim_end_matches(|c| !['`', '~'].contains(&c));
        match fence {
            Some(open) if words == open => fence = None,
            Some(_) => {}
            None if run.len() >= 3 && run == words && run.chars().all(|c| run.starts_with(c)) => {
                fence = Some(words);
            }
            None => {
                prose.push_str(line);
                prose.push('\n');
            }
        }
    }
    prose
}

/// Texts of a shape that changes a page, and of no other meaning.
fn harmless() -> Vec<String> {
    ["word", "some words", "one\ntwo", "src/a.rs:3"]
        .map(str::to_owned)
        .into()
}

fn inputs() -> Vec<String> {
    let mut texts = hostile();
    let paths = [
        "../../../../evil/shop/blob/main/x",
        "%2e%2e/%2e%2e/%2E./x",
        "..\\..\\x",
        "/evil/shop",
        "//evil.example/x",
        "a.rs)](https://evil.example",
        "a.rs?x=1#L2",
        "<!-- semtest-comment 0123456789abcdef none 0123456789abcdef -->",
    ];
    texts.extend(paths.map(str::to_owned));
    texts.extend(glued_sample(300));
    texts
}

fn comment(text: &str, detail: Detail) -> String {
    let options = Options {
        links: Links {
            files: Some(format!("{REPOSITORY}blob/main")),
            run: Some(format!("{REPOSITORY}actions/runs/7")),
        },
        title: Some(text.to_owned()),
        change: None,
        caution: Some(text.to_owned()),
        commit: Some(text.to_owned()),
    };
    let run = hostile_run(&[text.to_owned()]);
    let mut source = comment::render(&run, &options, detail);
    if detail == Detail::Full {
        source.push('\n');
        source.push_str(&comment::render_missing(text, &options));
    }
    source
}

#[test]
fn no_comment_holds_a_marker_a_command_or_a_quick_action_in_its_source() {
    for text in inputs() {
        for detail in Detail::ALL {
            assert_source(&comment(&text, detail), &text);
        }
    }
}

#[test]
#[ignore = "needs cmark-gfm; .ci/run runs it"]
fn a_comment_of_hostile_texts_renders_like_any_other() {
    let texts = inputs();
    for detail in Detail::ALL {
        let sources = |texts: &[String]| -> Vec<String> {
            texts.iter().map(|text| comment(text, detail)).collect()
        };
        let expected = Harmless::of(&render_each(&sources(&harmless())));
        for (text, page) in texts.iter().zip(render_each(&sources(&texts))) {
            expected.assert_same_kind(&page, text);
        }
    }
}

#[test]
fn no_file_holds_a_command_for_a_log_that_shows_it() {
    for texts in inputs().chunks(40) {
        let run = hostile_run(texts);
        let xml = junit::render(&run).expect("XML");
        let files = [
            json::render(&run),
            xml,
            code_quality::render(&run),
            sarif::render(&run),
            markdown::render(&run, true),
        ];
        for file in files {
            assert_eq!(find_commands(&file), Vec::<&str>::new(), "{texts:?}");
        }
        let read = json::parse(&json::render(&run)).expect("what was written");
        assert_eq!(read, run);
    }
}

/// What the binary adds to the job's summary.
fn summary(texts: &[String]) -> String {
    let directory = tempfile::tempdir().expect("a directory");
    let results = directory.path().join("semtest-results");
    fs_err::create_dir(&results).expect("a directory");
    let json = json::render(&hostile_run(texts));
    fs_err::write(results.join("ci-results.json"), json).expect("a written file");
    let target = directory.path().join("summary.md");
    let output = Command::new(env!("CARGO_BIN_EXE_semtest"))
        .args(["publish", "--comment", "off", "--annotations=false"])
        .current_dir(directory.path())
        .env_clear()
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_REPOSITORY", "octo/shop")
        .env("GITHUB_STEP_SUMMARY", &target)
        .stdin(Stdio::null())
        .output()
        .expect("the binary");
    assert!(output.status.success(), "{output:?}");
    fs_err::read_to_string(target).expect("a summary")
}

#[test]
#[ignore = "needs cmark-gfm; .ci/run runs it"]
fn a_summary_of_hostile_texts_renders_like_any_other() {
    let expected = Harmless::of(&render_each(&[summary(&harmless())]));
    let texts = inputs();
    for texts in texts.chunks(40) {
        let source = summary(texts);
        assert_source(&source, &texts.concat());
        for page in render_each(&[source]) {
            expected.assert_same_kind(&page, &texts.concat());
        }
    }
}
