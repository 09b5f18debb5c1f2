//! Both descriptions of the action say what the code says: `UPDATE_DOCS=1 cargo test --test action_yml`
//! writes them anew. `action.yml` takes the published image; `build/action.yml` builds it.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test that can't go on must fail at once"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use semtest::action::Input;
use semtest::publish::Output;
use serde_json::{Value, json};

/// Both files, and the image that each starts.
fn files() -> [(&'static str, String); 2] {
    let published = format!("docker://westopp/semtest:{}", env!("CARGO_PKG_VERSION"));
    [
        ("action.yml", published),
        // The directory of this Dockerfile, the top, is what is built with.
        ("build/action.yml", "../Dockerfile".to_owned()),
    ]
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

fn read(name: &str) -> Value {
    serde_saphyr::from_str(&text(name)).unwrap()
}

/// What stands between the description and how the action is started, too.
fn expected(name: &str, image: &str) -> String {
    let text = text(name);
    let (head, _) = text.split_once("\ninputs:\n").unwrap();
    let quoted = |value: &str| format!("'{}'", value.replace('\'', "''"));
    let mut expected = format!("{head}\ninputs:\n");
    for input in Input::ALL {
        let (meaning, default) = (quoted(input.meaning), quoted(input.default));
        writeln!(
            expected,
            "  {}:\n    description: {meaning}\n    default: {default}",
            input.name
        )
        .unwrap();
    }
    expected.push_str("outputs:\n");
    for output in Output::ALL {
        let meaning = quoted(output.meaning());
        writeln!(expected, "  {}:\n    description: {meaning}", output.name()).unwrap();
    }
    writeln!(
        expected,
        "runs:\n  using: docker\n  image: {image}\n  args:\n    - action"
    )
    .unwrap();
    expected
}

#[test]
fn inputs_outputs_and_image_are_those_of_the_code() {
    for (name, image) in files() {
        let (text, expected) = (text(name), expected(name, &image));
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path(name), expected).unwrap();
        } else {
            assert!(
                text == expected,
                "{name}: run `UPDATE_DOCS=1 cargo test --test action_yml` and commit"
            );
        }
    }
}

#[test]
fn yaml_reads_them_as_they_are_meant() {
    for (name, image) in files() {
        let action = read(name);
        let inputs = Input::ALL.iter().map(|input| {
            let told = json!({"description": input.meaning, "default": input.default});
            (input.name.to_owned(), told)
        });
        let inputs: Vec<(String, Value)> = inputs.collect();
        let written = action["inputs"].as_object().unwrap().clone();
        assert_eq!(written.into_iter().collect::<Vec<_>>(), inputs, "{name}");
        let outputs = Output::ALL.map(|output| {
            let told = json!({"description": output.meaning()});
            (output.name().to_owned(), told)
        });
        let written = action["outputs"].as_object().unwrap().clone();
        assert_eq!(written.into_iter().collect::<Vec<_>>(), outputs, "{name}");
        // `args` and no entrypoint: the image's own one reaps and passes signals on.
        let runs = json!({"using": "docker", "image": image, "args": ["action"]});
        assert_eq!(action["runs"], runs, "{name}");
    }
    assert!(path("Dockerfile").is_file());
}

#[test]
fn github_puts_texts_into_defaults_and_nowhere_else() {
    for (name, _) in files() {
        let text = text(name);
        let lines = text.lines().filter(|line| line.contains("${{"));
        let lines: Vec<&str> = lines.map(str::trim).collect();
        let token = "default: '${{ github.token }}'";
        assert_eq!(lines, [token, "default: '${{ toJSON(matrix) }}'"], "{name}");
    }
}

#[test]
fn both_are_told_apart() {
    let [one, other] = files().map(|(name, _)| read(name));
    assert_ne!(one["name"], other["name"]);
    assert_eq!(one["author"], other["author"]);
}
