//! Which commit the base of a pull request is, and having it here.

use crate::model::BaseRevision;

use super::super::GitError;
use super::{Checkout, Commit, parsed};

impl Checkout {
    /// The newest commit of the base that can be had: the parent of the merge commit that the
    /// system made, else the tip of the branch, else what the system told. Of a pull request that
    /// is older than a rule, what the system told may be older than the rule too. Where the commit
    /// is not here, it is fetched, once.
    ///
    /// # Errors
    /// When it is not here and can't be fetched.
    pub async fn base(&self, base: &BaseRevision, head: Option<&str>) -> Result<Commit, GitError> {
        let branch = base.branch.as_deref().filter(|name| is_branch(name));
        let reference =
            branch.map_or_else(|| "HEAD".to_owned(), |name| format!("refs/heads/{name}"));
        let mut said = None;
        let wanted = match self.merged_into(base, head).await? {
            Some(parent) => Some(parent),
            None => match self.tip(&reference).await {
                Ok(tip) => Some(tip),
                Err(error) => {
                    said = Some(error);
                    self.remembered(base, branch).await?
                }
            },
        };
        let Some(wanted) = wanted else {
            let said = said.map_or_else(String::new, |error| error.to_string());
            return Err(GitError::NoBase {
                wanted: reference,
                said,
            });
        };
        if !self.has(&wanted).await? {
            self.fetch(&wanted, &reference).await?;
        }
        Ok(wanted)
    }

    /// Where what is checked out left `base`: a base that went on since would make its own changes
    /// look like the pull request's. `base` itself where the history is not here.
    ///
    /// # Errors
    /// When git can't be asked.
    pub async fn fork_point(&self, base: Commit) -> Result<Commit, GitError> {
        match self.ask(&["merge-base", base.as_str(), "HEAD"]).await {
            Ok(name) => parsed(&name, "merge-base"),
            Err(GitError::Failed { .. }) => Ok(base),
            Err(error) => Err(error),
        }
    }

    /// The first parent of the merge commit, if that is what is checked out and `head` is what it
    /// merged. Read from the commit itself: in a shallow checkout git knows no parents.
    async fn merged_into(
        &self,
        base: &BaseRevision,
        head: Option<&str>,
    ) -> Result<Option<Commit>, GitError> {
        let (Some(merge), Some(head)) = (&base.merge, head) else {
            return Ok(None);
        };
        if self.head().await?.as_str() != merge {
            return Ok(None);
        }
        let text = self.ask(&["cat-file", "commit", merge]).await?;
        let text = String::from_utf8_lossy(&text);
        let header = text.split("\n\n").next().unwrap_or_default();
        let parents: Vec<&str> = header
            .lines()
            .filter_map(|line| line.strip_prefix("parent "))
            .collect();
        Ok(match parents[..] {
            [first, second] if second == head => Commit::parse(first),
            _ => None,
        })
    }

    /// What the server has under `reference` now.
    async fn tip(&self, reference: &str) -> Result<Commit, GitError> {
        let listed = self
            .ask(&["ls-remote", "--quiet", "origin", reference])
            .await?;
        let listed = String::from_utf8_lossy(&listed);
        let exact = listed.lines().find_map(|line| {
            let (name, found) = line.split_once('\t')?;
            (found == reference).then_some(name)
        });
        parsed(exact.unwrap_or_default().as_bytes(), "ls-remote")
    }

    /// Without a server: what an earlier fetch left, else what the system told.
    async fn remembered(
        &self,
        base: &BaseRevision,
        branch: Option<&str>,
    ) -> Result<Option<Commit>, GitError> {
        let told = base.commit.as_deref().and_then(Commit::parse);
        let Some(branch) = branch else {
            return Ok(told);
        };
        let reference = format!("refs/remotes/origin/{branch}^{{commit}}");
        match self
            .ask(&["rev-parse", "--verify", "--quiet", &reference])
            .await
        {
            Ok(name) => parsed(&name, "rev-parse").map(Some),
            Err(GitError::Failed { .. }) => Ok(told),
            Err(error) => Err(error),
        }
    }

    async fn has(&self, commit: &Commit) -> Result<bool, GitError> {
        let object = format!("{}^{{commit}}", commit.0);
        match self.ask(&["cat-file", "-e", &object]).await {
            Ok(_) => Ok(true),
            Err(GitError::Failed { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Some servers give no commit by its name, but their branches.
    async fn fetch(&self, wanted: &Commit, reference: &str) -> Result<(), GitError> {
        let shallow = self.ask(&["rev-parse", "--is-shallow-repository"]).await?;
        let mut said = String::new();
        for what in [wanted.as_str(), reference] {
            let mut arguments = vec!["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"];
            arguments.extend(["--no-prune", "--refmap="]);
            // In a checkout with all its history, a depth would cut that off.
            if shallow.starts_with(b"true") {
                arguments.push("--depth=1");
            }
            arguments.extend(["origin", what]);
            match self.ask(&arguments).await {
                Ok(_) if self.has(wanted).await? => return Ok(()),
                Ok(_) => said = "the server no longer has it".into(),
                Err(GitError::Failed { said: told, .. }) => said = told,
                Err(error) => return Err(error),
            }
        }
        Err(GitError::NoBase {
            wanted: wanted.short().to_owned(),
            said,
        })
    }
}

/// What can stand behind `refs/heads/` without being anything but a branch
/// (<https://git-scm.com/docs/git-check-ref-format>).
fn is_branch(name: &str) -> bool {
    let bad = |letter: char| letter.is_control() || " ~^:?*[\\".contains(letter);
    !name.is_empty()
        && name.len() <= 255
        && !name.contains(bad)
        && !name.contains("..")
        && !name.contains("@{")
}

#[cfg(test)]
mod tests {
    use super::is_branch;

    #[test]
    fn a_branch_is_nothing_that_git_reads_otherwise() {
        assert!(
            ["main", "feature/x+y", "-x", "été"]
                .into_iter()
                .all(is_branch)
        );
        let bad = [
            "", "a:b", "a b", "a..b", "a@{1}", "a*", "a\nb", "a^", "a\\b",
        ];
        assert!(!bad.into_iter().any(is_branch));
    }
}
