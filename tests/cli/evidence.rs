//! The places that an answer gives, held against the project.

use serde_json::{Value, json};

use crate::sandbox::{STATEMENT, Sandbox};

const CODE: &str =
    "const app = start();\n\napp.get(\"/\", (_, reply) => {\n  reply.text(\"no\");\n});\n";

/// A failing verdict with the fields of `extra`.
fn failure(id: &str, extra: &Value) -> Value {
    let mut verdict = json!({"id": id, "status": "fail", "observed": "it answers in plain text"});
    let fields = extra.as_object().unwrap().clone();
    verdict.as_object_mut().unwrap().extend(fields);
    verdict
}

/// A project with `src/app.js` whose judge answers this.
fn answered(verdicts: &[Value]) -> Sandbox {
    let sandbox = Sandbox::new().file("src/app.js", CODE);
    sandbox.write("answer.json", Value::from(verdicts).to_string().as_bytes());
    let answer = sandbox.path("answer.json");
    sandbox.configure(&["literal", answer.to_str().unwrap()], &json!({}));
    sandbox
}

/// The project and the place that the results have of one failure with the fields of `extra`.
fn placed(extra: &Value) -> (Sandbox, Value) {
    let sandbox = answered(&[failure("a", extra)]).file("a.spec.md", STATEMENT);
    sandbox.run(&["run"]).exits(1);
    let location = sandbox.results()["tests"][0]["location"].clone();
    (sandbox, location)
}

/// `id: message` of every issue about a place.
fn doubts(sandbox: &Sandbox) -> Vec<String> {
    let issues = sandbox.results()["issues"].as_array().cloned();
    let issues = issues.unwrap_or_default().into_iter();
    let doubts = issues.filter(|issue| issue["kind"] == "location-not-found");
    let text = |issue: Value| {
        let text = |field: &str| issue[field].as_str().unwrap().to_owned();
        format!("{}: {}", text("id"), text("message"))
    };
    doubts.map(text).collect()
}

/// `count` scenarios with the ids `r0`, `r1`, …
fn scenarios(count: usize) -> String {
    let scenario = |number| format!("## Rule {number} - id: r{number}\n\nIt holds.\n");
    (0..count).map(scenario).collect()
}

#[test]
fn ten_invented_locations_are_ten_issues_and_all_verdicts_stay() {
    let invented = |number| {
        let place = format!("lib/made-up-{number}.js:{number}");
        failure(
            &format!("r{number}"),
            &json!({"location": place, "evidence": "start()"}),
        )
    };
    let verdicts: Vec<Value> = (0..10).map(invented).collect();
    let sandbox = answered(&verdicts).file("a.spec.md", &scenarios(10));
    sandbox
        .run(&["run"])
        .exits(1)
        .says("10 failed")
        .says("location-not-found a.spec.md#r3: the failure is said to be at `lib/made-up-3.js:3`");
    let doubts = doubts(&sandbox);
    assert_eq!(doubts.len(), 10, "{doubts:?}");
    for (number, doubt) in doubts.iter().enumerate() {
        let place =
            format!("r{number}: the failure is said to be at `lib/made-up-{number}.js:{number}`");
        assert!(doubt.starts_with(&place), "{doubt}");
    }
    for test in sandbox.results()["tests"].as_array().unwrap() {
        assert_eq!(
            (&test["status"], &test["location"]),
            (&json!("fail"), &Value::Null)
        );
    }
}

#[test]
fn what_is_said_about_a_place_counts_without_the_rules_about_the_suite_too() {
    let verdict = failure("a", &json!({"location": "lib/made-up.js"}));
    let sandbox = answered(&[verdict]).file("a.spec.md", STATEMENT);
    sandbox.run(&["run", "--skip-validation"]).exits(1);
    assert_eq!(doubts(&sandbox).len(), 1);
    sandbox
        .run(&["run", "--skip-validation", "--strict"])
        .exits(2);
}

#[test]
fn a_failure_that_names_no_place_is_in_doubt() {
    let (sandbox, location) = placed(&json!({}));
    assert_eq!(location, Value::Null);
    let expected = "a: the failure names no place; look for one before you believe it";
    assert_eq!(doubts(&sandbox), [expected]);
}

#[test]
fn a_place_is_repaired_and_its_line_checked() {
    for (extra, expected) in [
        (json!({"location": "src/app.js:4"}), "src/app.js:4"),
        (json!({"location": "./src/app.js:4:3"}), "src/app.js:4:3"),
        (json!({"location": "b/src/app.js:4-5"}), "src/app.js:4-5"),
        (json!({"location": "app.js:4"}), "src/app.js:4"),
        (json!({"location": "SRC/App.js:4"}), "src/app.js:4"),
        (json!({"location": "src/app.js:6"}), "src/app.js"),
        (json!({"location": "src:1"}), "src"),
        (
            json!({"location": ["src/app.js:4", "src/app.js:5"]}),
            "src/app.js:4",
        ),
    ] {
        let (sandbox, location) = placed(&extra);
        assert_eq!(location, expected, "{extra}");
        assert!(doubts(&sandbox).is_empty(), "{extra}");
    }
}

#[test]
fn quoted_code_gives_the_line() {
    let quote = "reply.text(\"no\");\n});";
    for (extra, expected) in [
        (
            json!({"location": "src/app.js", "evidence": quote}),
            "src/app.js:4",
        ),
        (
            json!({"location": "src/app.js:1", "evidence": quote}),
            "src/app.js:4",
        ),
        (
            json!({"location": "src/app.js:900", "evidence": quote}),
            "src/app.js:4",
        ),
        (
            json!({"location": "src/app.js", "evidence": ["reply.text(\"no\");", "});"]}),
            "src/app.js:4",
        ),
        (
            json!({"location": "src/app.js:2", "evidence": "reply.json(x);"}),
            "src/app.js:2",
        ),
        (
            json!({"location": "src/app.js:2", "evidence": {"line": 4}}),
            "src/app.js:2",
        ),
    ] {
        assert_eq!(placed(&extra).1, expected, "{extra}");
    }
}

#[test]
fn a_place_in_the_repository_beside_the_project_exists() {
    let verdict = failure("a", &json!({"location": "lib/b.js:1"}));
    let sandbox = answered(&[verdict])
        .file("app/a.spec.md", STATEMENT)
        .file("lib/b.js", "start();\n");
    let config = sandbox.read("semtest.config.json");
    sandbox.write("app/semtest.config.json", config.as_bytes());
    sandbox.run(&["-C", "app", "run"]).exits(1);
    let results = sandbox.read("app/semtest-results/ci-results.json");
    let results: Value = serde_json::from_str(&results).unwrap();
    assert_eq!(results["tests"][0]["location"], "../lib/b.js:1");
}

#[test]
fn hostile_places_are_issues_and_nothing_else() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), "start();\n").unwrap();
    let secret = outside.path().join("secret");
    let places = [
        json!("src/app.js\u{0}:1"),
        json!("x".repeat(100_000)),
        json!("../".repeat(1000)),
        json!("/etc/passwd:1"),
        json!(secret.to_str().unwrap()),
        json!("leak:1"),
        json!(".git/HEAD:1"),
        json!("\u{202e}sj.ppa/crs"),
        json!("::error::x\n##[group]y"),
        json!({"file": ["src/app.js"]}),
    ];
    let verdicts = places.iter().enumerate().map(|(number, place)| {
        failure(
            &format!("r{number}"),
            &json!({"location": place, "evidence": "start();"}),
        )
    });
    let sandbox = answered(&verdicts.collect::<Vec<_>>())
        .file("a.spec.md", &scenarios(places.len()))
        .file(".git/HEAD", "ref: refs/heads/main\n");
    std::os::unix::fs::symlink(&secret, sandbox.path("leak")).unwrap();
    let run = sandbox.run(&["run"]).exits(1);
    assert_eq!(
        doubts(&sandbox).len(),
        places.len(),
        "{:?}",
        doubts(&sandbox)
    );
    for line in run.stdout.lines().chain(run.stderr.lines()) {
        assert!(
            !line.contains(['\0', '\u{202e}']) && !line.contains("##["),
            "{line}"
        );
        assert!(line.len() < 2_000, "{line}");
    }
}

#[test]
fn the_place_of_an_answer_that_is_outvoted_is_nobodys_concern() {
    let sandbox = answered(&[]).file("a.spec.md", STATEMENT);
    let script = |letters: &str| {
        let directory = sandbox.path("votes");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("a"), letters).unwrap();
        let _ = std::fs::remove_file(directory.join("asked"));
        sandbox.configure(&["votes", directory.to_str().unwrap()], &json!({}));
    };
    // A bare failure names no place.
    script("bppp");
    sandbox
        .run(&["run", "--votes", "lead:2/7", "--strict"])
        .exits(0);
    assert_eq!(doubts(&sandbox), Vec::<String>::new());
    script("bbb");
    sandbox.run(&["run", "--votes", "lead:2/7"]).exits(1);
    assert_eq!(doubts(&sandbox).len(), 1);
}
