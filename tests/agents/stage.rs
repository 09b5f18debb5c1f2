//! A project, a user and a home for one run of semtest with a real CLI.

use std::collections::BTreeSet;
use std::fs::Permissions as Mode;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::network::{strace, strangers};
use crate::processes::{Sightings, is_traced, marked};
use crate::server::{ModelServer, Recorded, Reply, Script};
use crate::tool::{PROVIDER_KEY, Tool, node};

/// Who runs semtest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum User {
    Root,
    Nobody,
}

/// With `--skip-permissions-if-possible` or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permissions {
    Asked,
    Skipped,
}

/// A user that owns nothing.
const NOBODY: u32 = 65534;

/// A file of the project, and the word that only who has read it knows.
pub(crate) const WORD_FILE: &str = "src/word.txt";
/// See [`WORD_FILE`].
pub(crate) const WORD: &str = "quillwort-8213";

/// What a pipeline holds besides the key of the model's service.
pub(crate) const SECRETS: [(&str, &str); 3] = [
    ("GITHUB_TOKEN", "ghs_plantedAAAAf00dGITHUB"),
    ("ACTIONS_RUNTIME_TOKEN", "plantedBBBBf00dRUNTIME"),
    ("AWS_SECRET_ACCESS_KEY", "plantedCCCCf00dAMAZON"),
];

/// How long what a run started may outlive it.
const GRACE: Duration = Duration::from_secs(5);
/// How much longer than `--timeout` a run may take.
const SLACK: Duration = Duration::from_secs(30);
const TICK: Duration = Duration::from_millis(20);
/// How often every process of a run is looked at, which is work.
const LOOK: Duration = Duration::from_millis(250);

/// A directory for the stages of one test, with a copy of semtest that every user can start.
pub(crate) struct Ground {
    directory: tempfile::TempDir,
}

impl Ground {
    pub(crate) fn new() -> Self {
        let root = rustix::process::geteuid().is_root();
        assert!(
            root,
            "only root can run semtest as root and as somebody else"
        );
        let directory = tempfile::tempdir().unwrap();
        std::fs::set_permissions(directory.path(), Mode::from_mode(0o755)).unwrap();
        let ground = Self { directory };
        std::fs::copy(env!("CARGO_BIN_EXE_semtest"), ground.semtest()).unwrap();
        ground
    }

    fn semtest(&self) -> PathBuf {
        self.directory.path().join("semtest")
    }
}

/// See the module.
pub(crate) struct Stage<'a> {
    ground: &'a Ground,
    directory: tempfile::TempDir,
}

/// What a run is to do.
#[derive(Debug)]
pub(crate) struct Order<'a> {
    pub(crate) tool: &'a Tool,
    pub(crate) user: User,
    pub(crate) permissions: Permissions,
    /// `--timeout`
    pub(crate) limit: Duration,
    pub(crate) replies: Vec<Reply>,
    /// More arguments for semtest.
    pub(crate) arguments: &'a [&'a str],
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Run {
    /// `None` if it had to be ended, or was ended by a signal.
    pub(crate) code: Option<i32>,
    pub(crate) duration: Duration,
    /// Both streams.
    pub(crate) output: String,
    /// `ci-results.json`, or null.
    pub(crate) results: Value,
    pub(crate) requests: Vec<Recorded>,
    /// Addresses that were spoken to beside the server.
    pub(crate) strangers: BTreeSet<String>,
    /// Whether that is known at all.
    pub(crate) is_traced: bool,
    /// What had to be killed after it.
    pub(crate) survivors: Vec<String>,
    /// What its processes were given of the secrets and the key.
    pub(crate) sightings: Sightings,
}

impl<'a> Stage<'a> {
    /// A git repository with the spec and one more file, all committed.
    pub(crate) fn new(ground: &'a Ground, spec: &str) -> Self {
        let directory = tempfile::tempdir_in(ground.directory.path()).unwrap();
        let stage = Self { ground, directory };
        for folder in ["project", "home", "tmp", "bin", "trap"] {
            std::fs::create_dir(stage.path(folder)).unwrap();
        }
        stage.write("api.spec.md", spec);
        stage.write(WORD_FILE, &format!("The word is {WORD}.\n"));
        stage.write(".gitignore", "semtest-results/\n*.ignored\n");
        stage
    }

    /// A path beside the project.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The root of the project.
    pub(crate) fn root(&self) -> PathBuf {
        self.path("project")
    }

    /// Adds a file to the project.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Commits everything, and gives all of it to `user`.
    pub(crate) fn commit(&self, user: User) {
        self.git(&["init", "--quiet"]);
        self.git(&["add", "--all", "--force"]);
        let name = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        self.git(&[&name[..], &["commit", "--quiet", "-m", "a"]].concat());
        if user == User::Nobody {
            give(self.directory.path());
        }
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            // The repository may be somebody else's by now.
            .args(["-c", "safe.directory=*"])
            .args(arguments)
            .current_dir(self.root())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.directory.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What git says about every file but the reports, and what could make git run something.
    pub(crate) fn state(&self) -> Vec<String> {
        let status = self.git(&[
            "status",
            "--porcelain",
            "--ignored",
            "--untracked-files=all",
        ]);
        let is_report = |line: &&str| line.contains(" semtest-results/");
        let lines = status.lines().filter(|line| !is_report(line));
        let mut state: Vec<String> = lines.map(str::to_owned).collect();
        state.push(self.git(&["rev-parse", "HEAD"]));
        state.push(std::fs::read_to_string(self.root().join(".git/config")).unwrap());
        state.extend(names(&self.root().join(".git/hooks")));
        state
    }

    /// What is in `folder` beside the project.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        names(&self.path(folder))
    }

    /// The files that semtest wrote: path and text.
    pub(crate) fn reports(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut folders = vec![self.root().join("semtest-results")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                    let path = path.strip_prefix(self.root()).unwrap();
                    found.push((path.display().to_string(), text));
                }
            }
        }
        found
    }

    /// The command by which semtest started the tool.
    pub(crate) fn tool_command(&self) -> Vec<String> {
        let path = "semtest-results/debug/api.spec.md.json";
        let text = std::fs::read_to_string(self.root().join(path)).unwrap_or_default();
        let record: Value = serde_json::from_str(&text).unwrap_or_default();
        let command = record["attempts"][0]["command"].as_array();
        let words = command.into_iter().flatten().filter_map(Value::as_str);
        words.map(str::to_owned).collect()
    }

    /// Runs semtest to its end, or until it has taken too long.
    pub(crate) fn run(&self, order: &Order<'_>) -> Run {
        let server = ModelServer::start(Script::new(order.replies.clone()), None).unwrap();
        let started = Instant::now();
        let mut child = self.start(order, &server.address);
        let mut sightings = Sightings::default();
        let mut held: Vec<(&str, &str)> = SECRETS.to_vec();
        held.push(("the provider's key", PROVIDER_KEY));
        let mut next_look = started;
        let status = loop {
            if Instant::now() >= next_look {
                sightings.look(self.directory.path(), &self.ground.semtest(), &held);
                next_look = Instant::now() + LOOK;
            }
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if started.elapsed() > order.limit + SLACK {
                break None;
            }
            std::thread::sleep(TICK);
        };
        let duration = started.elapsed();
        let survivors = self.clear_away();
        let _ = child.wait();
        let trace = std::fs::read_to_string(self.path("trace")).unwrap_or_default();
        let output = ["stdout", "stderr"].map(|name| std::fs::read(self.path(name)).unwrap());
        let results = self.root().join("semtest-results/ci-results.json");
        let results = std::fs::read_to_string(results).unwrap_or_default();
        Run {
            code: status.and_then(|status| status.code()),
            duration,
            output: String::from_utf8_lossy(&output.concat()).into_owned(),
            results: serde_json::from_str(&results).unwrap_or_default(),
            requests: server.requests(),
            strangers: strangers(&trace, server.port),
            is_traced: trace.contains("execve("),
            survivors,
            sightings,
        }
    }

    fn start(&self, order: &Order<'_>, address: &str) -> Child {
        let mut words = strace(&self.path("trace"));
        if order.user == User::Nobody {
            let user = format!("setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups --");
            words.extend(user.split_whitespace().map(str::to_owned));
        }
        let file = |name| std::fs::File::create(self.path(name)).unwrap();
        let directories = [
            self.path("bin"),
            order.tool.directory(),
            node(),
            "/usr/bin".into(),
            "/bin".into(),
        ];
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .arg(self.ground.semtest())
            .args([
                "run",
                "--llm",
                order.tool.llm,
                "--votes=1",
                "--junit",
                "--debug",
            ])
            .arg(format!("--timeout={}", order.limit.as_millis()))
            .args(order.arguments)
            .current_dir(self.root())
            .env_clear()
            // The first is this stage's own: by it, every process of the run is known.
            .env("PATH", std::env::join_paths(directories).unwrap())
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            .env("CI", "true")
            .envs(order.tool.variables(address))
            .envs(SECRETS)
            .stdin(Stdio::null())
            .stdout(file("stdout"))
            .stderr(file("stderr"))
            .process_group(0);
        if order.permissions == Permissions::Skipped {
            command.arg("--skip-permissions-if-possible");
        }
        command.spawn().unwrap()
    }

    /// Waits until nothing of the run is left, or kills it; then the trace is complete.
    fn clear_away(&self) -> Vec<String> {
        let marker = self.directory.path();
        let deadline = Instant::now() + GRACE;
        while !marked(marker).is_empty() && Instant::now() < deadline {
            std::thread::sleep(TICK);
        }
        let mut survivors = Vec::new();
        let deadline = Instant::now() + GRACE;
        while is_traced(marker) || !marked(marker).is_empty() {
            assert!(Instant::now() < deadline, "strace or {survivors:?} goes on");
            for process in marked(marker) {
                survivors.push(process.to_string());
                process.kill();
            }
            std::thread::sleep(TICK);
        }
        survivors
    }
}

/// Gives `folder` and all in it to [`User::Nobody`].
fn give(folder: &Path) {
    chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            give(&path);
        } else {
            std::os::unix::fs::lchown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
