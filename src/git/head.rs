//! Which commit is checked out.

use std::path::Path;

use crate::env::Env;
use crate::process::{self, Cancel, Ending, Invocation};

use super::{Commit, GRACE, LIMIT, SAFE, arguments, environment, find_git};

/// The commit that is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its name.
    pub commit: Commit,
    /// What it was made of, in order; two or more for a merge.
    pub parents: Vec<Commit>,
}

/// The commit that is checked out around `directory`, by one call of git. `None` outside of a
/// repository, before the first commit, and where git can't be asked.
pub async fn head(directory: &Path, env: &Env, cancel: &Cancel) -> Option<Head> {
    let invocation = Invocation {
        program: find_git(env)?,
        // Unlike `rev-list`, this knows the parents in a checkout without history too.
        args: arguments(&SAFE, ["cat-file", "--batch"]),
        directory: directory.to_owned(),
        environment: environment(env),
        stdin: b"HEAD^{commit}\n".as_slice().into(),
        limit: Some(LIMIT),
        grace: GRACE,
    };
    let finished = process::run(invocation, cancel).await.ok()?;
    let is_whole = finished.ending == Ending::Exited(0) && finished.stdout.is_complete();
    let told = [finished.stdout.head(), finished.stdout.tail()].concat();
    is_whole.then(|| parse(&told)).flatten()
}

/// `<name> commit <size>`, then the commit itself, whose header ends with an empty line.
fn parse(told: &[u8]) -> Option<Head> {
    let text = String::from_utf8_lossy(told);
    let (first, commit) = text.split_once('\n')?;
    let mut words = first.split(' ');
    let name = Commit::parse(words.next()?)?;
    if words.next() != Some("commit") {
        return None;
    }
    let header = commit.lines().take_while(|line| !line.is_empty());
    let parents = header.filter_map(|line| line.strip_prefix("parent "));
    Some(Head {
        commit: name,
        parents: parents.filter_map(Commit::parse).collect(),
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    fn git(directory: &Path, arguments: &[&str]) -> String {
        let done = Command::new("git")
            .args(["-c", "user.name=n", "-c", "user.email=e"])
            .args(arguments)
            .current_dir(directory)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    async fn told(directory: &Path) -> Option<Vec<String>> {
        let env = Env::from_iter([("PATH", "/usr/local/bin:/usr/bin:/bin")]);
        let head = head(directory, &env, &Cancel::new()).await?;
        let all = [vec![head.commit], head.parents].concat();
        Some(all.iter().map(|one| one.as_str().to_owned()).collect())
    }

    #[tokio::test]
    async fn a_commit_is_told_with_its_parents_also_without_their_history() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        assert_eq!(told(root).await, None);
        git(root, &["init", "--quiet", "--initial-branch=main", "a"]);
        let all = root.join("a");
        assert_eq!(told(&all).await, None);
        git(&all, &["commit", "--quiet", "--allow-empty", "-m", "one"]);
        git(&all, &["checkout", "--quiet", "-b", "topic"]);
        let message = "two\n\nparent 0123456789012345678901234567890123456789";
        git(&all, &["commit", "--quiet", "--allow-empty", "-m", message]);
        let (base, topic) = (
            git(&all, &["rev-parse", "main"]),
            git(&all, &["rev-parse", "topic"]),
        );
        assert_eq!(told(&all).await.unwrap(), [topic.clone(), base.clone()]);
        git(&all, &["checkout", "--quiet", "main"]);
        git(&all, &["merge", "--quiet", "--no-ff", "-m", "m", "topic"]);
        let merge = git(&all, &["rev-parse", "main"]);
        let address = format!("file://{}", all.display());
        git(root, &["clone", "--quiet", "--depth=1", &address, "b"]);
        assert_eq!(told(&root.join("b")).await.unwrap(), [merge, base, topic]);
    }

    proptest! {
        #[test]
        fn any_answer_is_understood_somehow(text in "([0-9a-f]{40}|HEAD)( commit| missing|)( 9)?\n?\\PC{0,20}") {
            if let Some(head) = parse(text.as_bytes()) {
                prop_assert!(text.starts_with(head.commit.as_str()));
            }
        }
    }
}
