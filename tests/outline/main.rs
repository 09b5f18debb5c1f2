//! The scenario outline of whole spec files: each `*.md` here has its outline in the `*.snap`
//! beside it.

use std::fmt::Write as _;
use std::path::Path;

use semtest::evaluate::discover::{DiscoverError, Options, discover};
use semtest::model::{Scenario, SpecFile};

fn specs() -> Result<Vec<SpecFile>, DiscoverError> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outline");
    let found = discover(&Options {
        directory: root.clone(),
        output: root.join("semtest-results"),
        root,
        test_match: vec!["*.md".to_owned()],
        ignore_patterns: Vec::new(),
        arguments: Vec::new(),
        tags: Vec::new(),
        name_pattern: None,
        proposed: None,
    })?;
    Ok(found.specs.into_iter().map(|spec| spec.file).collect())
}

/// One scenario: where it is, how its text starts and ends, and its checks.
fn shown(file: &SpecFile, scenario: &Scenario) -> String {
    let text = &file.body[scenario.span.clone()];
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or_default();
    let last = lines.next_back().unwrap_or(first);
    let mut shown = format!(
        "{} (line {}): {}\n  from: {first}\n  to:   {last}\n",
        scenario.id, scenario.line, scenario.title
    );
    for check in &scenario.checks {
        let _ = writeln!(shown, "  check (line {}): {:?}", check.line, check.text);
    }
    shown
}

#[test]
fn every_spec_has_its_golden_outline() {
    let specs = specs().unwrap();
    assert!(specs.len() >= 20, "only {} cases were found", specs.len());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(".");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    for file in specs {
        let mut outline = String::new();
        for scenario in &file.scenarios {
            outline += &shown(&file, scenario);
        }
        for issue in &file.issues {
            let about = issue.id.as_deref().unwrap_or("the file");
            let _ = writeln!(
                outline,
                "{} ({about}): {}",
                issue.kind.word(),
                issue.message
            );
        }
        let name = file.path.trim_end_matches(".md");
        insta::assert_snapshot!(name, outline);
    }
}
