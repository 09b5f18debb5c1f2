//! Real repositories: an origin, and checkouts as CI systems make them.

use std::process::Command;

use super::*;
use crate::model::BaseRevision;

struct World {
    directory: tempfile::TempDir,
}

impl World {
    /// An origin whose `main` has two commits, and a `topic` that was forked off the first.
    fn new() -> Self {
        let world = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        world.git(
            ".",
            &[
                "init",
                "--quiet",
                "--bare",
                "--initial-branch=main",
                "origin",
            ],
        );
        world.git(".", &["clone", "--quiet", "origin", "work"]);
        world.commit("rule", "old", "main");
        world.git("work", &["checkout", "--quiet", "-b", "topic"]);
        world.commit("rule", "mine", "topic");
        world.git("work", &["checkout", "--quiet", "main"]);
        world.commit("rule", "new", "main");
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn git(&self, at: &str, arguments: &[&str]) -> String {
        let user = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        let done = Command::new("git")
            .args(user)
            .args(arguments)
            .current_dir(self.path(at))
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .output()
            .unwrap();
        assert!(done.status.success(), "{arguments:?} {done:?}");
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    fn commit(&self, file: &str, text: &str, branch: &str) {
        fs_err::write(self.path("work").join(file), text).unwrap();
        self.git("work", &["add", "--all"]);
        self.git("work", &["commit", "--quiet", "-m", text]);
        self.git("work", &["push", "--quiet", "origin", branch]);
    }

    fn name(&self, revision: &str) -> String {
        self.git("work", &["rev-parse", revision])
    }

    /// Checks `revision` of the origin out alone, as CI systems do.
    fn shallow(&self, revision: &str) {
        self.git(".", &["init", "--quiet", "ci"]);
        let origin = format!("file://{}", self.path("origin").display());
        self.git("ci", &["remote", "add", "origin", &origin]);
        self.git("ci", &["fetch", "--quiet", "--depth=1", "origin", revision]);
        self.git("ci", &["checkout", "--quiet", "FETCH_HEAD"]);
    }

    async fn checkout(&self) -> Checkout {
        Checkout::around(&self.path("ci"), &env(), &Cancel::new())
            .await
            .unwrap()
    }

    async fn written(&self, checkout: &Checkout, commit: &Commit, links: Links) -> PathBuf {
        let copy = self.path("copy");
        fs_err::create_dir(&copy).unwrap();
        checkout.write_tree(commit, links, &copy).await.unwrap();
        copy
    }
}

fn env() -> Env {
    Env::from_iter([("PATH", "/usr/local/bin:/usr/bin:/bin")])
}

fn main_branch() -> BaseRevision {
    BaseRevision {
        branch: Some("main".into()),
        ..BaseRevision::default()
    }
}

#[tokio::test]
async fn the_base_is_fetched_into_a_shallow_checkout_and_read_from_there() {
    let world = World::new();
    world.shallow("topic");
    let checkout = world.checkout().await;
    let base = checkout.base(&main_branch(), None).await.unwrap();
    assert_eq!(base.as_str(), world.name("main"));
    let copy = world.written(&checkout, &base, Links::Kept).await;
    assert_eq!(fs_err::read_to_string(copy.join("rule")).unwrap(), "new");
    assert_eq!(
        fs_err::read_to_string(world.path("ci/rule")).unwrap(),
        "mine"
    );
    assert_eq!(world.git("ci", &["status", "--porcelain"]), "");
    // Once: the second time it is there.
    world.git("ci", &["remote", "set-url", "origin", "file:///nowhere"]);
    let told = BaseRevision {
        commit: Some(base.as_str().to_owned()),
        ..main_branch()
    };
    assert_eq!(checkout.base(&told, None).await.unwrap(), base);
}

#[tokio::test]
async fn the_tip_of_the_branch_beats_an_older_commit_that_the_system_told() {
    let world = World::new();
    world.shallow("topic");
    let base = BaseRevision {
        commit: Some(world.name("main~1")),
        ..main_branch()
    };
    let found = world.checkout().await.base(&base, None).await.unwrap();
    assert_eq!(found.as_str(), world.name("main"));
}

#[tokio::test]
async fn the_merge_commits_parent_is_the_base_of_exactly_that_merge() {
    let world = World::new();
    let (head, before) = (world.name("topic"), world.name("main"));
    world.git(
        "work",
        &["merge", "--quiet", "-s", "ours", "-m", "merge", "topic"],
    );
    world.git(
        "work",
        &["push", "--quiet", "origin", "HEAD:refs/pull/1/merge"],
    );
    let merge = world.name("HEAD");
    world.git("work", &["reset", "--quiet", "--hard", &before]);
    world.commit("rule", "newer", "main");
    world.shallow("refs/pull/1/merge");
    let checkout = world.checkout().await;
    let base = |merge: &str| BaseRevision {
        merge: Some(merge.to_owned()),
        ..main_branch()
    };
    let found = checkout.base(&base(&merge), Some(&head)).await.unwrap();
    assert_eq!(found.as_str(), before);
    // A commit that somebody else made proves nothing.
    for (merge, head) in [(head.as_str(), head.as_str()), (&merge, &before)] {
        let found = checkout.base(&base(merge), Some(head)).await.unwrap();
        assert_eq!(found.as_str(), world.name("main"));
    }
}

#[tokio::test]
async fn a_fetch_does_not_cut_off_history_that_is_there() {
    let world = World::new();
    world.git(".", &["clone", "--quiet", "--branch=topic", "origin", "ci"]);
    world.commit("rule", "newer", "main");
    let checkout = world.checkout().await;
    let base = checkout.base(&main_branch(), None).await.unwrap();
    assert_eq!(
        world.git("ci", &["rev-list", "--count", base.as_str()]),
        "3"
    );
}

#[tokio::test]
async fn without_a_server_what_was_fetched_before_is_the_base() {
    let world = World::new();
    world.git(".", &["clone", "--quiet", "--branch=topic", "origin", "ci"]);
    world.git("ci", &["remote", "set-url", "origin", "file:///nowhere"]);
    let found = world
        .checkout()
        .await
        .base(&main_branch(), None)
        .await
        .unwrap();
    assert_eq!(found.as_str(), world.name("main"));
}

#[tokio::test]
async fn a_base_that_can_not_be_had_is_an_error_that_says_why() {
    let world = World::new();
    world.shallow("topic");
    let checkout = world.checkout().await;
    let gone = BaseRevision {
        branch: Some("gone".into()),
        commit: Some("1".repeat(40)),
        merge: None,
    };
    assert!(matches!(
        checkout.base(&gone, None).await,
        Err(GitError::NoBase { .. })
    ));
    world.git("ci", &["remote", "remove", "origin"]);
    let error = checkout
        .base(&main_branch(), None)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("refs/heads/main") && error.contains("origin"),
        "{error}"
    );
}

#[tokio::test]
async fn no_attribute_of_the_checkout_changes_what_is_written() {
    let world = World::new();
    world.commit("a.spec.md", "rule $Id$\n", "main");
    world.shallow("topic");
    let hostile = "* text eol=crlf ident working-tree-encoding=UTF-16\n";
    fs_err::write(world.path("ci/.gitattributes"), hostile).unwrap();
    let checkout = world.checkout().await;
    let base = checkout.base(&main_branch(), None).await.unwrap();
    let copy = world.written(&checkout, &base, Links::Kept).await;
    assert_eq!(
        fs_err::read(copy.join("a.spec.md")).unwrap(),
        b"rule $Id$\n"
    );
}

#[tokio::test]
async fn links_are_kept_or_become_files() {
    let world = World::new();
    std::os::unix::fs::symlink("/etc/passwd", world.path("work/link")).unwrap();
    world.commit("rule", "linked", "main");
    world.shallow("main");
    let checkout = world.checkout().await;
    let head = checkout.head().await.unwrap();
    let copy = world.written(&checkout, &head, Links::Flattened).await;
    assert_eq!(fs_err::read(copy.join("link")).unwrap(), b"/etc/passwd");
    assert!(!copy.join("link").is_symlink());
    fs_err::remove_dir_all(copy).unwrap();
    let copy = world.written(&checkout, &head, Links::Kept).await;
    assert!(copy.join("link").is_symlink());
}

#[tokio::test]
async fn no_hook_of_the_checkout_runs() {
    let world = World::new();
    world.shallow("topic");
    let ran = world.path("ran");
    let hooks = world.path("ci/.git/hooks");
    for hook in [
        "post-index-change",
        "reference-transaction",
        "post-checkout",
    ] {
        let path = hooks.join(hook);
        fs_err::create_dir_all(&hooks).unwrap();
        fs_err::write(&path, format!("#!/bin/sh\ntouch {}\n", ran.display())).unwrap();
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs_err::set_permissions(&path, executable).unwrap();
    }
    let checkout = world.checkout().await;
    let base = checkout.base(&main_branch(), None).await.unwrap();
    world.written(&checkout, &base, Links::Kept).await;
    assert!(!ran.exists());
}

#[tokio::test]
async fn a_directory_that_looks_like_a_repository_is_none() {
    let world = World::new();
    world.shallow("topic");
    world.git("ci", &["init", "--quiet", "--bare", "trap"]);
    let trap = world.path("ci/trap");
    let refused = Checkout::around(&trap, &env(), &Cancel::new()).await;
    assert!(matches!(refused, Err(GitError::NoCheckout { .. })));
    assert!(!super::super::can_tell_tracked(&trap, &env(), &Cancel::new()).await);
}

#[tokio::test]
async fn a_submodule_is_refused_since_a_stranger_chooses_it() {
    let world = World::new();
    world.shallow("topic");
    let origin = format!("file://{}", world.path("origin").display());
    let add = [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        &origin,
        "sub",
    ];
    world.git("ci", &add);
    let refused = Checkout::around(&world.path("ci/sub"), &env(), &Cancel::new()).await;
    let Err(GitError::NoCheckout { said, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert!(said.contains("submodule"), "{said}");
}

#[tokio::test]
async fn without_a_repository_or_git_it_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let nowhere = Checkout::around(directory.path(), &env(), &Cancel::new()).await;
    assert!(matches!(nowhere, Err(GitError::NoCheckout { .. })));
    let no_git = Checkout::around(directory.path(), &Env::default(), &Cancel::new()).await;
    assert!(matches!(no_git, Err(GitError::NoGit)));
}

#[tokio::test]
async fn a_file_is_read_from_a_commit_without_writing_anything() {
    let world = World::new();
    fs_err::create_dir_all(world.path("work/deep/folder")).unwrap();
    fs_err::write(world.path("work/deep/a *b.json"), "{}").unwrap();
    fs_err::write(world.path("work/deep/folder/x"), "").unwrap();
    fs_err::write(world.path("work/deep/bytes"), [0xff]).unwrap();
    std::os::unix::fs::symlink("bytes", world.path("work/deep/link")).unwrap();
    world.commit("rule", "newest", "main");
    world.shallow("topic");
    let checkout = world.checkout().await;
    let base = checkout.base(&main_branch(), None).await.unwrap();
    let file = async |path: &str| checkout.file(&base, Path::new(path)).await;
    assert_eq!(file("rule").await.unwrap().unwrap(), "newest");
    assert_eq!(file("deep/a *b.json").await.unwrap().unwrap(), "{}");
    for absent in ["deep/a", "deep/*", "gone"] {
        assert_eq!(file(absent).await.unwrap(), None, "{absent}");
    }
    for other in ["deep/link", "deep/folder", "deep/bytes"] {
        assert!(file(other).await.is_err(), "{other}");
    }
    let here = fs_err::read_to_string(world.path("ci/rule"));
    assert_eq!(here.unwrap(), "mine");
}

#[tokio::test]
async fn the_fork_point_is_found_where_the_history_is_here() {
    let world = World::new();
    world.shallow("topic");
    let checkout = world.checkout().await;
    let base = checkout.base(&main_branch(), None).await.unwrap();
    let alone = checkout.fork_point(base.clone()).await.unwrap();
    assert_eq!(alone, base, "nobody can tell");
    world.git(
        "ci",
        &["fetch", "--quiet", "--unshallow", "origin", "topic", "main"],
    );
    let forked = checkout.fork_point(base).await.unwrap();
    assert_eq!(forked.as_str(), world.name("main~1"));
}
