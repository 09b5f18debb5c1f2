//! Speed and memory as ratios against a named rival in the same run: `cargo bench --bench ratios`.
//!
//! Machines are noisy, so nothing here fails on a number: it prints each ratio beside the one that we
//! want to keep. Needs `rg` and `python3` on PATH.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that can't go on must fail at once"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use semtest::env::Env;
use semtest::sanitize::Secrets;

/// Our binary, built with the bench profile.
const SEMTEST: &str = env!("CARGO_BIN_EXE_semtest");

fn main() {
    // `cargo test --benches` passes other arguments; only `cargo bench` measures.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let agent = build_agent();
    start_up(folder.path());
    thousand_specs(folder.path(), &agent);
    side_by_side(folder.path(), &agent);
    floods(folder.path(), &agent);
    large_tree(folder.path());
    watched_tree(folder.path(), &agent);
    redaction();
}

/// The fake agent with the same optimisation as the rest.
fn build_agent() -> PathBuf {
    let target = Path::new(SEMTEST).ancestors().nth(2).unwrap();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "--example", "fake-agent"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_TARGET_DIR", target)
        .status()
        .unwrap();
    assert!(built.success());
    target.join("release/examples/fake-agent")
}

fn start_up(folder: &Path) {
    let version = || quietly(Command::new(SEMTEST).arg("--version"));
    let nothing = || quietly(&mut Command::new("/bin/true"));
    print_ratio(
        "cold start of --version / `/bin/true`",
        3.0,
        compare(200, version, nothing),
    );

    let project = |name: &str, config: &str, text: &str| {
        let root = folder.join(name);
        fs::create_dir_all(&root).unwrap();
        fs::write(root.join(config), text).unwrap();
        fs::write(
            root.join("a.spec.md"),
            "# A\n\n```check\nexists a.spec.md\n```\n",
        )
        .unwrap();
        root
    };
    let script = "import { defineConfig } from '@westopp/semtest';\n\
        const llm: string = 'checks';\nexport default defineConfig({ llm });\n";
    let typescript = project("typescript", "semtest.config.ts", script);
    let json = project("json", "semtest.config.json", r#"{"llm": "checks"}"#);
    let run = |root: &Path| quietly(Command::new(SEMTEST).arg("run").current_dir(root));
    let ratio = compare(100, || run(&typescript), || run(&json));
    print_ratio("run with semtest.config.ts / .json", 1.5, ratio);
}

fn thousand_specs(folder: &Path, agent: &Path) {
    let root = folder.join("thousand");
    fs::create_dir_all(&root).unwrap();
    for index in 0..1_000 {
        fs::write(root.join(format!("s{index}.spec.md")), "# A\n\nTrue.\n").unwrap();
    }
    configure(&root, agent, &["answer"]);
    let prompt = folder.join("prompt.txt");
    fs::write(
        &prompt,
        format!("{}\nScenario ids: [\"a\"]\n", "word ".repeat(600)),
    )
    .unwrap();
    let shell = format!(
        "i=0; while [ $i -lt 1000 ]; do '{}' answer < '{}' > /dev/null; i=$((i+1)); done",
        agent.display(),
        prompt.display()
    );
    let ours = || {
        quietly(
            Command::new(SEMTEST)
                .args(["run", "--jobs", "1"])
                .current_dir(&root),
        );
    };
    let rival = || quietly(Command::new("sh").args(["-c", &shell]));
    print_ratio(
        "1,000 specs, --jobs 1 / a shell loop",
        1.5,
        compare(5, ours, rival),
    );
    print_peak("peak memory, 1,000 specs", &root);
}

/// Files side by side must not wait for each other. Agents that take a second keep no processor busy, so
/// the ideal is the same on any machine.
fn side_by_side(folder: &Path, agent: &Path) {
    const CHAINS: usize = 8;
    const IN_A_CHAIN: usize = 5;
    let root = folder.join("jobs");
    fs::create_dir_all(&root).unwrap();
    for index in 0..CHAINS * IN_A_CHAIN {
        fs::write(root.join(format!("s{index}.spec.md")), "# A\n\nTrue.\n").unwrap();
    }
    configure(&root, agent, &["takes", "1000"]);
    let prompt = folder.join("chain.txt");
    fs::write(&prompt, "Scenario ids: [\"a\"]\n").unwrap();
    let shell = format!(
        "for chain in $(seq {CHAINS}); do (for i in $(seq {IN_A_CHAIN}); do \
         '{}' takes 1000 < '{}' > /dev/null; done) & done; wait",
        agent.display(),
        prompt.display()
    );
    let mut times = Vec::new();
    let ours = || {
        let started = Instant::now();
        quietly(
            Command::new(SEMTEST)
                .args(["run", "--votes", "1", "--jobs", "8"])
                .current_dir(&root),
        );
        times.push(started.elapsed());
    };
    let rival = || quietly(Command::new("sh").args(["-c", &shell]));
    let ratio = compare(3, ours, rival);
    print_ratio("40 specs of 1 s, --jobs 8 / 8 shell loops", 1.15, ratio);
    let ideal = Duration::from_secs(5).as_secs_f64();
    let ratio = median(times).as_secs_f64() / ideal;
    print_ratio("40 specs of 1 s, --jobs 8 / 5 s", 1.15, ratio);
}

/// Peak memory must not follow what agents print.
fn floods(folder: &Path, agent: &Path) {
    // Nearly as much as an answer may have, so all of it is read as JSON.
    fs::write(folder.join("objects.txt"), "{\"a\":1},".repeat(112_500)).unwrap();
    let agents: [(&[&str], &str); 3] = [
        (&["answer"], "a few bytes"),
        (&["literal", "../objects.txt"], "900 KB of objects"),
        (&["flood"], "200 MB"),
    ];
    for (args, what) in agents {
        let root = folder.join(args[0]);
        fs::create_dir_all(&root).unwrap();
        fs::write(root.join("a.spec.md"), "# A\n\nTrue.\n").unwrap();
        configure(&root, agent, args);
        print_peak(&format!("peak memory, an agent that prints {what}"), &root);
    }
}

fn large_tree(folder: &Path) {
    let root = folder.join("tree");
    for directory in 0..1_000 {
        let path = root.join(format!("d{}/e{directory}", directory % 40));
        fs::create_dir_all(&path).unwrap();
        for file in 0..100 {
            let is_spec = file == 0 && directory % 2 == 0;
            let name = if is_spec {
                "a.spec.md".to_owned()
            } else {
                format!("file{file}.rs")
            };
            fs::write(path.join(name), "# A\n").unwrap();
        }
    }
    fs::write(root.join("semtest.config.json"), r#"{"llm": "checks"}"#).unwrap();
    let ours = || {
        quietly(
            Command::new(SEMTEST)
                .args(["run", "--plan"])
                .current_dir(&root),
        );
    };
    let rival = || quietly(Command::new("rg").arg("--files").current_dir(&root));
    let ratio = compare(15, ours, rival);
    print_ratio(
        "finding 500 specs in 100,000 files / `rg --files`",
        1.5,
        ratio,
    );
}

/// What it costs to notice an agent that writes.
fn watched_tree(folder: &Path, agent: &Path) {
    const SPECS: u32 = 20;
    let root = folder.join("watched");
    for directory in 0..200 {
        let path = root.join(format!("d{directory}"));
        fs::create_dir_all(&path).unwrap();
        for file in 0..100 {
            fs::write(path.join(format!("file{file}.rs")), "fn main() {}\n").unwrap();
        }
    }
    for index in 0..SPECS {
        fs::write(root.join(format!("s{index}.spec.md")), "# A\n\nTrue.\n").unwrap();
    }
    configure(&root, agent, &["answer"]);
    let git = |arguments: &[&str]| {
        quietly(
            Command::new("git")
                .args(["-c", "user.name=n", "-c", "user.email=e"])
                .args(arguments)
                .current_dir(&root),
        );
    };
    git(&["init"]);
    git(&["add", "."]);
    git(&["commit", "-m", "m"]);
    let run = |path: &str| {
        quietly(
            Command::new(SEMTEST)
                .args(["run", "--jobs", "1"])
                .current_dir(&root)
                .env("PATH", path),
        );
    };
    let timed = |run: &dyn Fn()| {
        let started = Instant::now();
        run();
        started.elapsed()
    };
    let (mut watched, mut alone, mut rival) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..7 {
        watched.push(timed(&|| run("/usr/local/bin:/usr/bin:/bin")));
        // Without git nobody can look.
        alone.push(timed(&|| run("/nowhere")));
        rival.push(timed(&|| git(&["status"])));
    }
    let guard = median(watched).saturating_sub(median(alone)) / SPECS;
    let ratio = guard.as_secs_f64() / median(rival).as_secs_f64();
    print_ratio(
        "noticing writes, per spec / `git status`, 20,000 files",
        2.0,
        ratio,
    );
}

/// Redaction must take linear time in what an agent prints.
fn redaction() {
    let variable = |index: u64| {
        let value = format!(
            "{:016x}-{:x}",
            index.wrapping_mul(0x9e37_79b9_7f4a_7c15),
            index * 77_777
        );
        (format!("NUMBER_{index}_TOKEN"), value)
    };
    let env: Env = (1..30).map(variable).collect();
    let secrets = Secrets::from_env(&env, &[]);
    let text = |bytes: usize| r#"{"text": "a\nline of %41 output\u0041"}, "#.repeat(bytes / 40);
    let (long, short) = (text(8_000_000), text(2_000_000));
    let redact = |text: &str| assert_eq!(secrets.redact(text).len(), text.len());
    let ratio = compare(5, || redact(&long), || redact(&short));
    print_ratio("redacting 8 MB / 2 MB", 5.0, ratio);
}

fn configure(root: &Path, agent: &Path, args: &[&str]) {
    let config = serde_json::json!({
        "llm": "fake",
        "votes": 1,
        "agents": {"fake": {"command": agent, "args": args}},
    });
    fs::write(root.join("semtest.config.json"), config.to_string()).unwrap();
}

/// What fails does less than it should, so its time says nothing.
fn quietly(command: &mut Command) {
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

/// The ratio of the medians of `rounds` alternating runs.
fn compare(rounds: usize, mut ours: impl FnMut(), mut rival: impl FnMut()) -> f64 {
    let timed = |run: &mut dyn FnMut()| {
        let started = Instant::now();
        run();
        started.elapsed()
    };
    let (mut our_times, mut rival_times) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        our_times.push(timed(&mut ours));
        rival_times.push(timed(&mut rival));
    }
    median(our_times).as_secs_f64() / median(rival_times).as_secs_f64()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn print_ratio(what: &str, wanted: f64, ratio: f64) {
    let mut line = format!("{what}: {ratio:.2}");
    let _ = write!(line, " (wanted: at most {wanted})");
    println!("{line}");
}

/// The largest resident size of the run, which the system counts per process.
fn print_peak(what: &str, root: &Path) {
    let script = "import resource, subprocess, sys\n\
        subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n\
        print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)";
    let output = Command::new("python3")
        .args(["-c", script, SEMTEST, "run", "--jobs", "1"])
        .current_dir(root)
        .output()
        .unwrap();
    let megabytes = String::from_utf8_lossy(&output.stdout);
    println!("{what}: {} MB (wanted: at most 50)", megabytes.trim());
}
