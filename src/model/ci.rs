//! Where a run takes place: which CI system, for which commit and pull request, and whether whoever
//! wrote the code may be trusted.

/// [`CiContext::event`] of a GitLab pipeline for a pull request that lies on GitHub.
pub const EXTERNAL_PULL_REQUEST: &str = "external_pull_request_event";

/// What the `ci` room found in the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CiContext {
    /// Which system, `None` on a laptop.
    pub system: Option<CiSystem>,
    /// The repository as the system names it: `owner/name`.
    pub repository: Option<String>,
    /// The commit that is judged: of a pull request its head, not the merge commit.
    pub commit: Option<String>,
    /// The branch that is judged.
    pub branch: Option<String>,
    /// What a pull request is to be merged into.
    pub base: Option<BaseRevision>,
    /// The number of the pull request.
    pub pull_request: Option<u64>,
    /// Whether the code comes from somebody who may write to the repository.
    pub trust: Trust,
    /// What started the pipeline, in the system's own word: `pull_request`, `workflow_run`.
    pub event: Option<String>,
    /// Where the branch that is judged lies, if that is told: another repository for a fork.
    pub head_repository: Option<String>,
    /// What the system calls this job, the same in every run: `workflow / job`.
    pub job: Option<String>,
    /// The number or path by which the system's API knows the repository, if that is not
    /// `repository`.
    pub project_id: Option<String>,
    /// Addresses of the system.
    pub addresses: Addresses,
}

/// Events that GitHub runs on the default branch, or on the base: what they are about is some other
/// commit, which is only there if the workflow checks it out on purpose.
const ON_DEFAULT_BRANCH: [&str; 5] = [
    "check_run",
    "check_suite",
    "issue_comment",
    "pull_request_target",
    "workflow_run",
];

impl CiContext {
    /// Whether the pipeline starts with other code than that of `commit`.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        let event = self.event.as_deref();
        event.is_some_and(|event| ON_DEFAULT_BRANCH.contains(&event))
    }

    /// Whether the system itself says that `commit` was the newest of `pull_request` when that event
    /// happened: who runs an old job again gets the old event. Of `pull_request_target` it does; the
    /// others that [`Self::is_elsewhere`] is about tell of something that has happened before.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        let is_told = self.pull_request.is_some() && self.commit.is_some();
        let is_told_now =
            !self.is_elsewhere() || self.event.as_deref() == Some("pull_request_target");
        is_told && is_told_now && self.system != Some(CiSystem::Other)
    }

    /// Whether `commit` is one that a merge queue made: it is tried out for `pull_request`, and is
    /// never its newest.
    #[must_use]
    pub fn is_queued(&self) -> bool {
        self.event.as_deref() == Some("merge_group")
    }

    /// Whether GitHub gives this job a token that can't write, whatever the workflow asks for: that
    /// of a fork's pull request. What Dependabot starts may have more, by `permissions:`
    /// (<https://docs.github.com/en/code-security/reference/supply-chain-security/troubleshoot-dependabot/troubleshooting-dependabot-on-github-actions>).
    #[must_use]
    pub fn has_forks_token(&self) -> bool {
        let event = self.event.as_deref().unwrap_or_default();
        let is_of_pull_request = event.starts_with("pull_request") && !self.is_elsewhere();
        let head = self.head_repository.as_ref();
        is_of_pull_request && head.is_some_and(|head| Some(head) != self.repository.as_ref())
    }
}

/// Where the CI system can be reached, without a slash at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// For people: `https://github.com`.
    pub server: Option<String>,
    /// For programs: `https://api.github.com`.
    pub api: Option<String>,
    /// GitHub's other API: `https://api.github.com/graphql`.
    pub graphql: Option<String>,
    /// The page of this run.
    pub run: Option<String>,
}

/// The CI systems that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CiSystem {
    /// GitHub Actions.
    GitHub,
    /// GitLab CI.
    GitLab,
    /// Some other. Where it tells a pull request, that is on GitHub.
    Other,
}

/// The revision that a pull request is compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseRevision {
    /// Its branch.
    pub branch: Option<String>,
    /// Its commit, where the system tells. It may be older than the branch's newest.
    pub commit: Option<String>,
    /// The merge commit that the system itself made of base and head, if that is what it checks
    /// out: its first parent is the newest commit of the base.
    pub merge: Option<String>,
}

/// Whether the judged code may be trusted with secrets and with what it tells an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Somebody who may write to the repository, or no pull request.
    #[default]
    Trusted,
    /// A pull request from a fork or by a bot, or one of which that can't be known.
    Untrusted {
        /// Why, in words for the user: "the pull request comes from the fork `a/b`".
        reason: String,
    },
}
