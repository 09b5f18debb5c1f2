//! Who works here.

use std::path::Path;

use crate::env::Env;
use crate::process::{self, Cancel, Ending, Invocation};

use super::{GRACE, LIMIT, SAFE, arguments, environment, find_git};

/// The address that git puts into commits made in `directory`. `None` where there is none, and where
/// git can't be asked.
pub async fn user_email(directory: &Path, env: &Env, cancel: &Cancel) -> Option<String> {
    let invocation = Invocation {
        program: find_git(env)?,
        args: arguments(&SAFE, ["config", "--get", "user.email"]),
        directory: directory.to_owned(),
        environment: environment(env),
        stdin: [].into(),
        limit: Some(LIMIT),
        grace: GRACE,
    };
    let finished = process::run(invocation, cancel).await.ok()?;
    let told = [finished.stdout.head(), finished.stdout.tail()].concat();
    let email = String::from_utf8_lossy(&told);
    let words: Vec<&str> = email.split_whitespace().collect();
    let is_told = finished.ending == Ending::Exited(0) && !words.is_empty();
    is_told.then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[tokio::test]
    async fn the_address_is_the_repositorys_or_nobodys() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        let home = root.as_os_str();
        let env = Env::from_iter([
            ("PATH", "/usr/local/bin:/usr/bin:/bin".as_ref()),
            ("HOME", home),
        ]);
        let told = async || user_email(root, &env, &Cancel::new()).await;
        assert_eq!(told().await, None);
        for arguments in [
            &["init", "--quiet"][..],
            &["config", "user.email", " me@example.org "],
        ] {
            let mut git = Command::new("git");
            assert!(
                git.args(arguments)
                    .current_dir(root)
                    .status()
                    .unwrap()
                    .success()
            );
        }
        assert_eq!(told().await.as_deref(), Some("me@example.org"));
        assert_eq!(
            user_email(root, &Env::default(), &Cancel::new()).await,
            None
        );
    }
}
