//! The CLIs of a step of GitHub Actions: who installs them, whose they are, who can change them.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt, lchown, symlink};
use std::path::Path;
use std::process::Command;

use crate::sandbox::{Run, STATEMENT, Sandbox, finish};

use super::npm::FakeNpm;
use super::{names, tested};

/// Whose workspace it is.
const OWNER: u32 = 1001;

fn is_root() -> bool {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if !is_root {
        println!("skipped: needs root on Linux");
    }
    is_root
}

/// A workspace of [`OWNER`]'s, with a runner's temporary directory beside it.
struct Job {
    workspace: Sandbox,
    runner: Sandbox,
}

impl Job {
    fn new() -> Self {
        let job = Self {
            workspace: Sandbox::new().file("a.spec.md", STATEMENT),
            runner: Sandbox::new(),
        };
        FakeNpm::lay(&job.runner).sees("HOME NODE_EXTRA_CA_CERTS PATH TMPDIR");
        for directory in [job.workspace.path(""), job.runner.path("")] {
            std::fs::set_permissions(&directory, PermissionsExt::from_mode(0o755)).unwrap();
        }
        lchown(job.workspace.path(""), Some(OWNER), Some(OWNER)).unwrap();
        job
    }

    fn command(&self, inputs: &[(&str, &str)]) -> Command {
        let mut command = self.workspace.command(&["action"]);
        command
            .env("PATH", self.runner.tool_path())
            .env("RUNNER_TEMP", self.runner.path("temp"))
            .env("NODE_EXTRA_CA_CERTS", "/c")
            .env("CI", "true")
            .env("ANTHROPIC_API_KEY", "key-that-no-npm-sees")
            .env("MY_ANTHROPIC_KEY", "key-that-no-npm-sees")
            .env("INPUT_COMMENT", "off");
        for (name, value) in inputs {
            command.env(format!("INPUT_{}", name.to_uppercase()), value);
        }
        command
    }

    fn step(&self, inputs: &[(&str, &str)]) -> Run {
        finish(&mut self.command(inputs))
    }
}

fn all_below(directory: &Path, act: &mut impl FnMut(&Path, &std::fs::Metadata)) {
    act(directory, &directory.symlink_metadata().unwrap());
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            all_below(&path, act);
        } else {
            act(&path, &path.symlink_metadata().unwrap());
        }
    }
}

/// Everything is the owner's, and nobody else may write.
fn is_closed(directory: &Path) {
    let mut seen = 0;
    all_below(directory, &mut |path, metadata| {
        seen += 1;
        assert_eq!(metadata.uid(), OWNER, "{}", path.display());
        let is_open = metadata.mode() & 0o7022 != 0 && !metadata.is_symlink();
        assert!(!is_open, "{}", path.display());
    });
    assert!(seen > 5, "{seen}");
}

#[test]
fn what_the_specs_need_is_installed_without_a_key_and_judges_but_can_not_change_itself() {
    if !is_root() {
        return;
    }
    let job = Job::new();
    job.step(&[("llm", "claude-code")])
        .exits(0)
        .says("claude-code 2.1.328: installed")
        .says("PASSED: 1 judged");
    let clis = job.runner.path("temp/semtest/agents");
    is_closed(&clis);
    // It tried (`npm.rs`).
    let place = format!("claude-code@{}/node_modules", tested("claude-code"));
    let program = clis.join(place).join("@anthropic-ai/claude-code/program");
    let program = std::fs::read_to_string(program).unwrap();
    assert!(!program.ends_with("echo tampered\n"), "{program}");
    // The cache step of the host runs as the owner.
    let cache = job.runner.path("temp/semtest").metadata().unwrap();
    assert_eq!(cache.uid(), OWNER);
    job.runner.install_script("npm", "#!/bin/sh\nexit 1\n");
    job.step(&[("llm", "claude-code")])
        .exits(0)
        .says("already there");
}

#[test]
fn a_cache_of_a_strangers_files_is_made_the_owners_and_holds_no_other_programs() {
    if !is_root() {
        return;
    }
    let job = Job::new();
    let clis = job.runner.path("temp/semtest/agents");
    job.step(&[("llm", "claude-code")]).exits(0);
    all_below(&clis, &mut |path, _| {
        lchown(path, Some(65_532), Some(65_532)).unwrap();
        if !path.is_symlink() {
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o4777)).unwrap();
        }
    });
    job.runner
        .write("temp/semtest/agents/bin/git", b"#!/bin/sh\n");
    // Would come before the one that is on PATH.
    symlink(job.runner.path("bin/npm"), clis.join("bin/gemini")).unwrap();
    job.runner
        .write("temp/semtest/agents/.install-old/x", b"half");
    job.runner.write("secret", b"root's");
    symlink(job.runner.path("secret"), clis.join("link")).unwrap();
    symlink(job.runner.path("bin"), clis.join("directory")).unwrap();
    std::fs::hard_link(job.runner.path("secret"), clis.join("name")).unwrap();
    let pipe = Command::new("mkfifo").arg(clis.join("pipe")).status();
    assert!(pipe.unwrap().success());
    job.step(&[("llm", "claude-code")])
        .exits(0)
        .says("already there");
    assert_eq!(names(&clis.join("bin")), ["claude"]);
    for gone in [".install-old", "name", "pipe"] {
        assert!(!clis.join(gone).exists(), "{gone}");
    }
    is_closed(&clis);
    for untouched in ["secret", "bin", "bin/npm"] {
        assert_eq!(job.runner.path(untouched).metadata().unwrap().uid(), 0);
    }
}

#[test]
fn a_link_in_the_place_of_the_directory_is_refused_before_anything_is_given_away() {
    if !is_root() {
        return;
    }
    for link in [
        "temp/semtest",
        "temp/semtest/agents",
        "temp/semtest/agents/bin",
    ] {
        let job = Job::new();
        job.runner.write("victim/file", b"root's");
        let path = job.runner.path(link);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(job.runner.path("victim"), path).unwrap();
        job.step(&[("llm", "claude-code")])
            .exits(2)
            .warns("error: ");
        assert_eq!(names(&job.runner.path("victim")), ["file"]);
        for kept in ["victim", "victim/file"] {
            assert_eq!(job.runner.path(kept).metadata().unwrap().uid(), 0, "{link}");
        }
    }
    let job = Job::new();
    symlink(job.runner.path("bin"), job.workspace.path("cache")).unwrap();
    job.step(&[("llm", "claude-code"), ("cache_directory", "cache/semtest")])
        .exits(2)
        .warns("is no directory of its own");
    assert!(!job.runner.path("bin/semtest").exists());
}

#[test]
fn a_list_is_installed_as_it_stands_and_none_is_nothing() {
    let job = Job::new();
    let both = [("llm", "checks"), ("allow_empty", "true")];
    let kept = job.runner.path("kept");
    let agents = [
        ("agents", "codex@1.2.3,\n gemini@4.5.6"),
        ("cache_directory", kept.to_str().unwrap()),
    ];
    job.step(&[&both[..], &agents].concat()).exits(0);
    let installed = names(&kept.join("agents"));
    assert_eq!(installed, ["bin", "codex@1.2.3", "gemini@4.5.6"]);
    let none = [("agents", "none"), ("llm", "claude-code")];
    job.step(&none)
        .exits(2)
        .warns("`semtest install claude-code --directory DIR`");
    assert!(!job.runner.path("temp").exists());
}

#[test]
fn where_nothing_can_be_installed_nothing_runs_and_old_results_are_not_taken_for_new_ones() {
    let job = Job::new();
    job.step(&[("llm", "claude-code")]).exits(0);
    assert!(
        job.workspace
            .path("semtest-results/ci-results.json")
            .is_file()
    );
    job.step(&[("llm", "claude-code"), ("agents", "codex@^1")])
        .exits(2)
        .warns("not one exact version");
    assert!(
        !job.workspace
            .path("semtest-results/ci-results.json")
            .exists()
    );
    job.step(&[("llm", "claude-code"), ("agents", "--directory=/x")])
        .exits(2)
        .warns("no known LLM CLI");
}

#[test]
fn an_installation_that_something_else_ended_is_no_cancelled_step() {
    let job = Job::new();
    let deadly = "#!/bin/sh\nkill -TERM $PPID\nexec sleep 60\n";
    job.runner.install_script("npm", deadly);
    // 143 would say that the step was cancelled, and nobody had been told.
    job.step(&[("llm", "claude-code")]).exits(2);
}

#[test]
fn without_a_runner_the_programs_go_with_the_step() {
    let job = Job::new();
    let mut command = job.command(&[("llm", "claude-code")]);
    finish(command.env_remove("RUNNER_TEMP"))
        .exits(0)
        .says("installed");
    assert!(!job.runner.path("temp").exists());
}
