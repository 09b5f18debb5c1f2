//! What a pull request changes in the noise and waiver files, in real repositories.

use serde_json::{Value, json};

use crate::sandbox::{Run, fake_agent, finish};
use crate::untrusted::{World, write};

const NOISE: &str = "semtest.noise.json";
const WAIVERS: &str = "semtest.waivers.yaml";

const SPEC: &str = "# One - id: one\n\n```check\nexists src/app.js\n```\n";

/// A noise file with one entry for each `(id, minority)` of 12 votes.
fn noise(entries: &[(&str, u32)]) -> String {
    let entry = |(id, minority): &(&str, u32)| {
        json!({
            "id": id, "statement": "ab".repeat(32), "model": "fake", "n": 12,
            "minorityRate": f64::from(*minority) / 12.0, "date": "2026-11-22",
        })
    };
    let entries: Vec<Value> = entries.iter().map(entry).collect();
    json!({"schemaVersion": 1, "entries": entries}).to_string()
}

fn waiver(id: &str, until: &str) -> String {
    format!("- id: {id}\n  reason: legacy routes\n  until: {until}\n")
}

/// A project that is judged by checks, with these files too.
fn project<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut files = vec![
        ("semtest.config.json", r#"{"llm": "checks"}"#),
        ("rules.spec.md", SPEC),
        ("src/app.js", "run()\n"),
    ];
    files.extend(more);
    files
}

/// `file: text` of every change in the results.
fn told(world: &World) -> Vec<String> {
    let results = world.results();
    let changes = results["ruleChanges"].as_array().cloned();
    let line = |change: &Value| {
        let part = |name: &str| change[name].as_str().unwrap().to_owned();
        format!("{}: {}", part("file"), part("text"))
    };
    changes.unwrap_or_default().iter().map(line).collect()
}

fn run(world: &World) -> Run {
    finish(&mut world.for_own_branch(&["run", "--skip-validation"]))
}

#[test]
fn what_a_branch_of_the_repository_changes_is_told() {
    let before = noise(&[("louder", 0), ("gone", 0), ("same", 3)]);
    let world = World::new(&project(&[(NOISE, before.as_str())]), |work| {
        let after = noise(&[("louder", 5), ("same", 3), ("new", 0)]);
        write(&work.join(NOISE), &after);
        write(&work.join(WAIVERS), &waiver("one", "2999-12-31"));
    });
    run(&world).exits(0);
    assert_eq!(
        told(&world),
        [
            "semtest.waivers.yaml: adds a waiver of one until 2999-12-31: legacy routes",
            "semtest.noise.json: marks louder as noisy for fake, which was quiet: \
             5 of 12 votes disagreed, before 0 of 12",
            "semtest.noise.json: removes the calibration of gone for fake, which was quiet: \
             0 of 12 votes disagreed",
            "semtest.noise.json: marks new as quiet for fake: 0 of 12 votes disagreed",
        ]
    );
}

#[test]
fn a_file_that_is_deleted_is_told() {
    let before = noise(&[("one", 0)]);
    let waivers = waiver("one", "2999-12-31");
    let files = project(&[(NOISE, &before), (WAIVERS, &waivers)]);
    let world = World::new(&files, |work| {
        std::fs::remove_file(work.join(NOISE)).unwrap();
        std::fs::remove_file(work.join(WAIVERS)).unwrap();
    });
    run(&world).exits(0);
    assert_eq!(
        told(&world),
        [
            "semtest.waivers.yaml: removes the waiver of one until 2999-12-31: legacy routes",
            "semtest.noise.json: removes the calibration of one for fake, which was quiet: \
             0 of 12 votes disagreed",
        ]
    );
}

#[test]
fn nothing_is_told_where_nothing_changes_or_no_pull_request_is() {
    let before = noise(&[("one", 5)]);
    let world = World::new(&project(&[(NOISE, &before)]), |work| {
        write(&work.join("src/app.js"), "run2()\n");
    });
    run(&world).exits(0);
    assert_eq!(told(&world), [""; 0]);

    let world = World::new(&project(&[]), |work| {
        write(&work.join(NOISE), &before);
    });
    finish(&mut world.command(&["run"])).exits(0);
    assert_eq!(told(&world), [""; 0]);
}

#[test]
fn a_branch_is_not_told_of_what_its_base_did_since() {
    let before = noise(&[("one", 5)]);
    let world = World::new(&project(&[(NOISE, &before)]), |work| {
        write(&work.join("src/app.js"), "run2()\n");
    });
    // `main` goes on, and the job checks out the branch itself, with all its history.
    world.git("work", &["checkout", "--quiet", "main"]);
    write(&world.path("work").join(NOISE), &noise(&[("one", 0)]));
    world.git("work", &["commit", "--quiet", "--all", "-m", "later"]);
    world.git("work", &["push", "--quiet", "origin", "main"]);
    world.git(
        "ci",
        &["fetch", "--quiet", "--unshallow", "origin", "topic", "main"],
    );
    world.git("ci", &["checkout", "--quiet", &world.name("topic")]);
    run(&world).exits(0);
    assert_eq!(told(&world), [""; 0]);
}

#[test]
fn where_the_base_can_not_be_had_that_is_told_if_there_is_such_a_file() {
    let before = noise(&[("one", 5)]);
    for (files, expected) in [(project(&[]), 0), (project(&[(NOISE, before.as_str())]), 1)] {
        let world = World::new(&files, |_| {});
        std::fs::remove_dir_all(world.path("origin")).unwrap();
        run(&world).exits(0);
        let told = told(&world);
        assert_eq!(told.len(), expected, "{told:?}");
        for line in told {
            assert!(
                line.starts_with(
                    "semtest.noise.json: can't tell what the pull request changes: \
                     give the job `fetch-depth: 0`"
                ),
                "{line}"
            );
        }
    }
}

#[test]
fn a_base_file_that_is_broken_is_told_and_mended_by_the_pull_request() {
    let world = World::new(&project(&[(NOISE, "{ broken")]), |work| {
        write(&work.join(NOISE), &noise(&[]));
    });
    run(&world).exits(0);
    let told = told(&world);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("can't tell what changes: the base revision's file can't be read"),
        "{told:?}"
    );
}

#[test]
fn so_many_changes_are_counted() {
    let world = World::new(&project(&[]), |work| {
        let ids: Vec<String> = (0..80).map(|number| format!("id{number:02}")).collect();
        let entries: Vec<(&str, u32)> = ids.iter().map(|id| (id.as_str(), 5)).collect();
        write(&work.join(NOISE), &noise(&entries));
    });
    run(&world).exits(0);
    let told = told(&world);
    assert_eq!(told.len(), 51);
    assert_eq!(told[50], "semtest.noise.json: and 30 more changes");
}

#[test]
fn harmless_noise_hides_no_waiver_of_a_branch_or_a_stranger() {
    let world = World::new(&project(&[]), |work| {
        let ids: Vec<String> = (0..60).map(|number| format!("x{number}")).collect();
        let quiet = ids.iter().map(|id| (id.as_str(), 0));
        let entries: Vec<(&str, u32)> = quiet.chain([("zz", 6)]).collect();
        write(&work.join(NOISE), &noise(&entries));
        write(&work.join(WAIVERS), &waiver("one", "2999-12-31"));
    });
    let expected = [
        "semtest.waivers.yaml: adds a waiver of one until 2999-12-31: legacy routes",
        "semtest.noise.json: marks zz as noisy for fake: 6 of 12 votes disagreed",
        "semtest.noise.json: marks 60 as quiet: x0, x1, x10, … and 57 more",
    ];
    run(&world).exits(0);
    assert_eq!(told(&world), expected);
    finish(&mut world.for_a_fork(&["run"])).exits(0);
    let mut told = told(&world);
    told.retain(|line| !line.contains("does not count in this run"));
    assert_eq!(told, expected);
}

/// A project whose judge, asked even for a stranger, fails everything.
fn failing() -> String {
    let agent = json!({"command": fake_agent(), "args": ["fail"], "prompt": "stdin"});
    json!({
        "llm": "fake", "onUntrusted": "run", "votes": 1, "agents": {"fake": agent},
    })
    .to_string()
}

/// The entry of the scenario `told` as a calibration of this project keeps it, made noisy.
fn noisy_entry(config: &str, spec: &str) -> String {
    let world = World::new(
        &[("semtest.config.json", config), ("a.spec.md", spec)],
        |_| {},
    );
    finish(&mut world.command(&["calibrate", "-n", "12"])).exits(0);
    let text = std::fs::read_to_string(world.path("ci").join(NOISE)).unwrap();
    assert!(text.contains("\"minorityRate\":0.0"), "{text}");
    text.replace("\"minorityRate\":0.0", "\"minorityRate\":0.5")
}

#[test]
fn a_strangers_noise_file_changes_nothing_and_is_told() {
    let (config, spec) = (failing(), "# Told - id: told\n\nIt is so.\n");
    let noisy = noisy_entry(&config, spec);
    let base = [
        ("semtest.config.json", config.as_str()),
        ("a.spec.md", spec),
    ];
    let world = World::new(&base, |work| write(&work.join(NOISE), &noisy));
    // In the repository's own branch the same file lets the failure pass.
    finish(&mut world.for_own_branch(&["run"])).exits(0);
    assert_eq!(world.results()["tests"][0]["because"]["kind"], "noisy");

    finish(&mut world.for_a_fork(&["run"])).exits(1);
    let results = world.results();
    assert_eq!(results["tests"][0]["status"], "fail");
    assert_eq!(results["tests"][0]["because"], Value::Null);
    assert_eq!(
        told(&world),
        [
            "semtest.noise.json: what the pull request changes here does not count in this run: \
             the base revision's file does",
            "semtest.noise.json: marks told as noisy for fake: 6 of 12 votes disagreed",
        ]
    );
}

#[test]
fn the_noise_file_of_the_base_counts_for_a_stranger_who_deletes_it() {
    let (config, spec) = (failing(), "# Told - id: told\n\nIt is so.\n");
    let noisy = noisy_entry(&config, spec);
    let base = [
        ("semtest.config.json", config.as_str()),
        ("a.spec.md", spec),
        (NOISE, &noisy),
    ];
    let world = World::new(&base, |work| {
        std::fs::remove_file(work.join(NOISE)).unwrap();
    });
    finish(&mut world.for_a_fork(&["run"])).exits(0);
    assert_eq!(world.results()["tests"][0]["because"]["kind"], "noisy");
    assert!(told(&world)[1].contains("removes the calibration of told"));
}

#[test]
fn what_a_stranger_puts_in_place_of_the_file_is_told_and_never_followed() {
    let secret = tempfile::tempdir().unwrap();
    let outside = secret.path().join("secret.json");
    write(&outside, &noise(&[("stolen", 5)]));
    for (place, expected) in [
        (
            "link",
            "is changed to what can't be read: it is a symbolic link",
        ),
        (
            "broken",
            "is changed to what can't be read: this is not JSON",
        ),
        (
            "pipe",
            "is changed to what can't be read: it is not a regular file",
        ),
        (
            "folder",
            "is changed to what can't be read: it is not a regular file",
        ),
    ] {
        let world = World::new(&project(&[]), |work| match place {
            "link" => std::os::unix::fs::symlink(&outside, work.join(NOISE)).unwrap(),
            "folder" => write(&work.join(NOISE).join("x"), ""),
            "broken" => write(&work.join(NOISE), "stolen"),
            _ => {}
        });
        if place == "pipe" {
            let pipe = world.path("ci").join(NOISE);
            let made = std::process::Command::new("mkfifo").arg(pipe).status();
            assert!(made.unwrap().success());
        }
        finish(&mut world.for_a_fork(&["run"])).exits(0);
        let told = told(&world);
        assert_eq!(told.len(), 2, "{place}: {told:?}");
        assert!(told[1].contains(expected), "{place}: {told:?}");
        assert!(!told[1].contains("stolen"), "{place}: {told:?}");
    }
}
