//! Whose the files are that a step leaves.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use super::{AGENTS, OWNER, PASS, Stage, as_root, as_user, give};

/// Every path below `path` that is not `owner`'s, and how many there are.
fn of_others(path: &Path, owner: u32) -> (Vec<String>, usize) {
    let (mut others, mut count) = (Vec::new(), 0);
    for entry in std::fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        let metadata = std::fs::symlink_metadata(&path).unwrap();
        if (metadata.uid(), metadata.gid()) != (owner, owner) {
            others.push(path.display().to_string());
        }
        count += 1;
        if metadata.is_dir() {
            let below = of_others(&path, owner);
            others.extend(below.0);
            count += below.1;
        }
    }
    (others, count)
}

#[test]
fn everything_that_a_step_leaves_is_the_workspaces_owners() {
    let script = format!(
        "mkdir -p a/b/c/mine/deep; : > a/b/c/mine/deep/file; ln -s /etc/passwd a/b/c/mine/link; mkfifo a/b/c/pipe; {PASS}"
    );
    let Some(stage) = Stage::of(OWNER, &script) else {
        return;
    };
    let inputs = [
        ("output", "./a//b/x/../c"),
        ("debug", "true"),
        ("format", "sarif"),
        ("cache_directory", "deep/er/cache"),
    ];
    stage.step(&as_root(), &inputs).exits(0);
    let (others, count) = of_others(&stage.sandbox.path(""), OWNER);
    assert_eq!(others, Vec::<String>::new());
    assert!(count > 12, "{count}");
    let exists = |path: &str| stage.sandbox.path(path).symlink_metadata().is_ok();
    assert!(exists("a/b/c/debug/a.spec.md.json") && exists("a/b/c/mine/deep/file"));
    assert!(exists("deep/er/cache/agents"));
    // Who collects the reports would follow them.
    assert!(!exists("a/b/c/mine/link") && !exists("a/b/c/pipe"));
}

#[test]
fn the_owner_can_remove_whatever_an_agent_left_however_deep() {
    // Beyond any path in the reports, and in every place for temporary files.
    let steps = ["directory"; 100].join("/");
    let script = format!(
        r#"dig() {{ (cd "$1" && for n in 1 2 3 4 5 6; do mkdir -p {steps} && cd -P {steps} || exit; done; : > file); }}
        dig out; dig "$HOME"; dig "$HOME/../.."
        mkdir -p out/closed/inner; : > out/closed/inner/file; chmod 0 out/closed/inner/file out/closed/inner out/closed
        {PASS}"#
    );
    let Some(stage) = Stage::of(OWNER, &script) else {
        return;
    };
    let temporary = tempfile::tempdir().unwrap();
    std::fs::set_permissions(temporary.path(), std::fs::Permissions::from_mode(0o1777)).unwrap();
    let mut command = stage.command(&as_root(), &[("output", "out")]);
    command.env("TMPDIR", temporary.path());
    stage
        .finish(&mut command)
        .exits(0)
        .warns("removed what was nested too deeply in `");
    assert_eq!(stage.comments().len(), 1);
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
    let (others, count) = of_others(&stage.sandbox.path(""), OWNER);
    assert_eq!((others, count > 60), (vec![], true));
    let out = stage.sandbox.path("out");
    let as_owner = as_user(OWNER);
    let removed = Command::new(&as_owner[0])
        .args(&as_owner[1..])
        .args(["rm", "-rf"])
        .arg(&out)
        .status();
    assert!(removed.unwrap().success() && !out.exists());
}

#[test]
fn a_directory_that_was_there_is_only_lent() {
    let script =
        format!("rm -f out/mine; echo x > out/mine; [ -e out/new ] || : > out/new; {PASS}");
    let Some(stage) = Stage::of(OWNER, &script) else {
        return;
    };
    let stage = Stage {
        sandbox: stage
            .sandbox
            .file("out/mine", "1")
            .file("out/ci-results.json", "old"),
        ..stage
    };
    let path = stage.sandbox.path("out");
    give(&path, 77);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o750)).unwrap();
    for _ in 0..2 {
        stage.step(&as_root(), &[("output", "out")]).exits(0);
        let metadata = std::fs::symlink_metadata(&path).unwrap();
        let found = (metadata.uid(), metadata.gid(), metadata.mode() & 0o7777);
        assert_eq!(found, (77, 77, 0o750));
        assert_eq!(stage.sandbox.read("out/mine"), "1");
        let owner = |name: &str| std::fs::metadata(path.join(name)).unwrap().uid();
        assert_eq!((owner("mine"), owner("new")), (77, OWNER));
        assert_eq!(owner("ci-results.json"), OWNER);
    }
}

#[test]
fn no_link_and_no_dots_lead_out_of_the_workspace() {
    let Some(stage) = Stage::of(OWNER, PASS) else {
        return;
    };
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::create_dir(elsewhere.path().join("below")).unwrap();
    std::fs::create_dir(stage.sandbox.path("real")).unwrap();
    symlink(elsewhere.path(), stage.sandbox.path("link")).unwrap();
    symlink(elsewhere.path().join("gone"), stage.sandbox.path("dead")).unwrap();
    let outside = elsewhere.path().to_str().unwrap();
    for (inputs, told) in [
        (&[("output", "link")][..], "is a symbolic link"),
        (&[("output", "link/below")], "is a symbolic link"),
        (&[("output", "link/new")], "is a symbolic link"),
        (&[("output", "dead")], "is a symbolic link"),
        (&[("output", "..")], "leads out of the workspace"),
        (&[("output", "real/../../x")], "leads out of the workspace"),
        (&[("output", outside)], "leads out of the workspace"),
        (&[("working_directory", "..")], "leads out of the workspace"),
        (
            &[("working_directory", "link")],
            "leads out of the workspace",
        ),
        (&[("working_directory", "gone")], "there is no directory"),
    ] {
        stage.step(&as_root(), inputs).exits(2).warns(told);
    }
    assert_eq!(of_others(elsewhere.path(), 0).0, Vec::<String>::new());
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 1);
    let inputs = [("working_directory", "real/.."), ("output", "real/../out")];
    stage.step(&as_root(), &inputs).exits(0);
    assert!(stage.sandbox.path("out/latest.md").exists());
}

#[test]
fn a_workspace_that_is_closed_to_others_is_told_before_anything_is_paid() {
    let Some(stage) = Stage::of(OWNER, PASS) else {
        return;
    };
    let closed = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(stage.sandbox.path(""), closed).unwrap();
    stage
        .step(&as_root(), &[])
        .exits(2)
        .warns("error: user 65532 can't enter `")
        .warns("hint: let everybody read the checkout, with `chmod -R a+rX .`");
}

#[test]
fn without_the_action_too_what_root_makes_belongs_to_whose_directory_it_is_in() {
    let Some(stage) = Stage::of(OWNER, PASS) else {
        return;
    };
    let started = |arguments: &[&str]| {
        let mut command = stage.command_of(&as_root(), arguments, &[]);
        stage.finish(&mut command).exits(0);
    };
    let reports = [
        "--debug",
        "--junit=x/y/j.xml",
        "--timestamp",
        "--format=sarif",
    ];
    started(&[&["run", "--output=new/below"][..], &reports].concat());
    started(&[
        "ask",
        "--llm=mine",
        "--agents",
        AGENTS,
        "--save=specs/s.spec.md",
        "It holds.",
    ]);
    std::fs::remove_file(stage.sandbox.path("semtest.config.json")).unwrap();
    started(&["init"]);
    for made in [
        "new/below/debug/a.spec.md.json",
        "x/y/j.xml",
        "specs/s.spec.md",
        "semtest.config.ts",
    ] {
        assert!(stage.sandbox.path(made).exists(), "{made}");
    }
    let (others, count) = of_others(&stage.sandbox.path(""), OWNER);
    assert_eq!((others, count > 12), (vec![], true));
}
