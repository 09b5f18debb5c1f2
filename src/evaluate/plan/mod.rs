//! What has to be asked, and of whom: discovery's files joined with their judges, before anything
//! runs. A judge that is not on this machine is found here, not after the first paid call.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;

use crate::env::Env;
use crate::model::{
    CHECKS, Calibration, IssueKind, Scenario, SpecFile, ValidationIssue, VotePolicy, Votes,
};

use super::agents::{AgentError, Agents, Judge};
use super::checks::Project;
use super::discover::SelectedSpec;
use super::rules::Rules;
use super::workplace::Workplace;
use super::{EvaluateError, Options};

/// How many files are judged at once, if neither the user nor an agent says otherwise.
const JOBS: usize = 4;

/// How a spec file is judged. Command-line flags beat a file's frontmatter, and that beats the
/// configuration, so there is one of these for the flags and one for the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// A model key.
    pub llm: Option<String>,
    /// The limit for one call; zero means none.
    pub timeout: Option<Duration>,
    /// Whether an agent acts without asking.
    pub skip_permissions: Option<bool>,
    /// How many answers make a verdict.
    pub votes: Option<Votes>,
}

/// Everything that a run will do.
pub struct Plan {
    /// In discovery order.
    pub specs: Vec<PlannedSpec>,
    /// How many files are judged at once.
    pub jobs: usize,
    /// What the user should know before the run.
    pub warnings: Vec<String>,
    /// What is wrong with the suite already before the run.
    pub issues: Vec<ValidationIssue>,
    /// How many files `--tag` and `-t` left out.
    pub filtered: usize,
    /// How many arguments name specs that a stranger's pull request adds, and so don't run.
    pub new: usize,
    /// The project root.
    pub(super) root: PathBuf,
    /// Where agents run.
    pub(super) workplace: Workplace,
    /// The project's files, for deterministic checks.
    pub(super) project: Arc<Project>,
    /// For the programs that are run.
    pub(super) env: Env,
    /// What is known about statements.
    pub(super) rules: Arc<Rules>,
}

impl Plan {
    /// Waivers end by the day on which the run starts, which its results tell, whenever it was planned.
    pub fn starts_on(&mut self, today: Date) {
        Arc::make_mut(&mut self.rules).today = today;
    }

    /// Whether any deterministic check will be evaluated.
    pub(super) fn has_checks(&self) -> bool {
        let mut scenarios = self.specs.iter().flat_map(PlannedSpec::scenarios);
        scenarios.any(|scenario| !scenario.checks.is_empty())
    }

    /// Names of what the agents leave where they run.
    pub(super) fn leaves(&self) -> Vec<&'static str> {
        let leaves = self.specs.iter().filter_map(|spec| match &spec.judge {
            Judge::Agent(agent) => Some(agent.leaves),
            Judge::Checks => None,
        });
        leaves.flatten().copied().collect()
    }
}

/// A scenario that is to be judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Selected {
    /// Its place among the file's scenarios.
    pub(super) at: usize,
    /// How many answers make its verdict.
    pub(super) policy: VotePolicy,
    /// What is known about the judge's noise on it.
    pub(super) calibration: Calibration,
}

/// One spec file with its judge.
#[derive(Clone, Debug)]
pub struct PlannedSpec {
    /// The file.
    pub file: SpecFile,
    /// The scenarios to judge, in the order of the file.
    pub(super) selected: Vec<Selected>,
    /// The model key that `judge` was found by.
    pub key: String,
    /// Who judges.
    pub judge: Judge,
    /// The limit for one call.
    pub limit: Option<Duration>,
    /// Whether the agent acts without asking.
    pub skip_permissions: bool,
}

impl PlannedSpec {
    /// The scenarios to judge, in the order of the file.
    pub fn scenarios(&self) -> impl Iterator<Item = &Scenario> {
        let scenarios = &self.file.scenarios;
        let at = |selected: &Selected| scenarios.get(selected.at);
        self.selected.iter().filter_map(at)
    }

    /// The scenarios to judge with how many answers make the verdict of each.
    pub(super) fn ballots(&self) -> impl Iterator<Item = (&Scenario, VotePolicy)> {
        let scenarios = &self.file.scenarios;
        let at = |selected: &Selected| Some((scenarios.get(selected.at)?, selected.policy));
        self.selected.iter().filter_map(at)
    }

    /// The fewest and the most calls that one run of the file takes: a call asks for all scenarios
    /// that are still open. An empty answer is asked for again besides.
    #[must_use]
    pub fn calls(&self) -> (u32, u32) {
        if !self.calls_a_model() {
            return (0, 0);
        }
        // Those with checks may be decided by them.
        let bare = self
            .ballots()
            .filter(|(scenario, _)| scenario.checks.is_empty());
        let least = bare.map(|(_, policy)| policy.least()).max();
        let most = self.ballots().map(|(_, policy)| policy.cap()).max();
        (least.unwrap_or(0), most.unwrap_or(0))
    }

    /// Whether a model is asked at all, unless a deterministic check fails every scenario first.
    #[must_use]
    pub fn calls_a_model(&self) -> bool {
        self.file.unusable.is_none() && matches!(self.judge, Judge::Agent(_))
    }
}

/// Finds a judge for each file.
///
/// # Errors
/// When a model key is unknown or its program is not installed.
pub(super) fn assign(
    selected: Vec<SelectedSpec>,
    options: &Options,
) -> Result<Vec<PlannedSpec>, EvaluateError> {
    let agents = &options.agents;
    let assign_one = |SelectedSpec { mut file, only }: SelectedSpec| {
        let Chosen {
            key,
            by_itself,
            manner,
        } = Chosen::of(&mut file, &options.forced, &options.fallback, agents);
        let skip_permissions = manner.skip_permissions.unwrap_or(false);
        let judge = agents
            .find(&key)
            .and_then(|judge| may_start(judge, &key, skip_permissions));
        let judge = judge.map_err(|error| {
            let path = by_itself.then(|| file.path.clone());
            EvaluateError::of_agent(path, error)
        })?;
        let votes = manner.votes.unwrap_or_default();
        let select = |at: usize| {
            let scenario = &file.scenarios[at];
            let calibration = match judge {
                Judge::Agent(_) => options.rules.calibration(scenario, &key),
                Judge::Checks => Calibration::Unknown,
            };
            Selected {
                at,
                policy: votes.policy(calibration),
                calibration,
            }
        };
        let places = places_of(&file, only.as_deref());
        let selected = places.into_iter().map(select).collect();
        Ok(PlannedSpec {
            judge,
            key,
            limit: manner.timeout.filter(|limit| !limit.is_zero()),
            skip_permissions,
            selected,
            file,
        })
    };
    selected.into_iter().map(assign_one).collect()
}

/// Who is to judge a file, and how.
pub(super) struct Chosen {
    /// The model key.
    pub(super) key: String,
    /// Whether the file itself names it.
    pub(super) by_itself: bool,
    manner: Manner,
}

impl Chosen {
    pub(super) fn of(
        file: &mut SpecFile,
        forced: &Manner,
        fallback: &Manner,
        agents: &Agents,
    ) -> Self {
        let own = usable_frontmatter(file, agents);
        let by_itself = forced.llm.is_none() && own.llm.is_some();
        let mut manner = forced.clone().or(own).or(fallback.clone());
        Self {
            key: manner.llm.take().unwrap_or_else(|| CHECKS.to_owned()),
            by_itself,
            manner,
        }
    }
}

/// Refuses a tool that can't be kept from writing, unless the user lets it.
fn may_start(judge: Judge, key: &str, skip_permissions: bool) -> Result<Judge, AgentError> {
    match &judge {
        Judge::Agent(agent) if !skip_permissions => match agent.unrestrained {
            Some(name) => Err(AgentError::NoReadOnlyMode {
                key: key.to_owned(),
                name,
            }),
            None => Ok(judge),
        },
        Judge::Agent(_) | Judge::Checks => Ok(judge),
    }
}

/// The places of the scenarios with the ids of `only`; `None` means all.
fn places_of(file: &SpecFile, only: Option<&[String]>) -> Vec<usize> {
    let wanted = |id: &String| only.is_none_or(|only| only.contains(id));
    let scenarios = file.scenarios.iter().enumerate();
    scenarios
        .filter(|(_, scenario)| wanted(&scenario.id))
        .map(|(place, _)| place)
        .collect()
}

/// How many files are judged at once: the user's number, else the smaller of four and what the
/// agents allow.
pub(super) fn jobs(wanted: Option<usize>, specs: &[PlannedSpec]) -> usize {
    let allowed = specs.iter().filter_map(|spec| match &spec.judge {
        Judge::Agent(agent) => Some(agent.side_by_side),
        Judge::Checks => None,
    });
    wanted
        .unwrap_or_else(|| allowed.min().unwrap_or(JOBS).min(JOBS))
        .max(1)
}

impl Manner {
    fn or(self, fallback: Self) -> Self {
        Self {
            llm: self.llm.or(fallback.llm),
            timeout: self.timeout.or(fallback.timeout),
            skip_permissions: self.skip_permissions.or(fallback.skip_permissions),
            votes: self.votes.or(fallback.votes),
        }
    }
}

/// What the frontmatter says about the manner. A model key that nobody knows is reported and left
/// out, as any bad field of a frontmatter.
fn usable_frontmatter(file: &mut SpecFile, agents: &Agents) -> Manner {
    let mut llm = file.frontmatter.llm.clone();
    if let Some(Err(error)) = llm.as_deref().map(|key| agents.check_key(key)) {
        llm = None;
        file.issues.push(ValidationIssue {
            kind: IssueKind::Frontmatter,
            path: file.path.clone(),
            id: None,
            message: format!("`llm` is ignored: {error}"),
        });
    }
    Manner {
        llm,
        timeout: file.frontmatter.timeout,
        skip_permissions: file.frontmatter.skip_permissions_if_possible,
        votes: file.frontmatter.votes,
    }
}

#[cfg(test)]
impl PlannedSpec {
    /// A file with its judge, for tests of what happens to it.
    pub(super) fn of(file: SpecFile, selected: Vec<usize>, judge: Judge) -> Self {
        let select = |at| Selected {
            at,
            policy: VotePolicy::One,
            calibration: Calibration::Unknown,
        };
        Self {
            file,
            selected: selected.into_iter().map(select).collect(),
            key: CHECKS.to_owned(),
            judge,
            limit: None,
            skip_permissions: false,
        }
    }
}

#[cfg(test)]
impl Plan {
    /// These files in this project, for tests of what happens to them.
    pub(super) fn of(specs: Vec<PlannedSpec>, root: PathBuf, project: Project) -> Self {
        Self {
            specs,
            jobs: 1,
            warnings: Vec::new(),
            issues: Vec::new(),
            filtered: 0,
            new: 0,
            workplace: Workplace::project(root.clone()),
            root,
            project: Arc::new(project),
            env: Env::default(),
            rules: Arc::new(Rules::none()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Code, discover};
    use super::*;
    use crate::model::{Frontmatter, Noise, NoiseEntry};

    /// A plan's files, each judged by the tool of its key; all of them are installed.
    fn specs(keys: &[&str]) -> Vec<PlannedSpec> {
        let bin = tempfile::tempdir().unwrap();
        for program in ["aider", "claude", "goose"] {
            std::os::unix::fs::symlink("/bin/sh", bin.path().join(program)).unwrap();
        }
        let env = Env::from_iter([("PATH", bin.path())]);
        let agents = Agents::unconfigured(env, "/".into());
        let spec = |key: &&str| {
            let file = SpecFile {
                path: "a.spec.md".into(),
                group: None,
                frontmatter: Frontmatter::default(),
                body: String::new(),
                body_line: 1,
                scenarios: Vec::new(),
                unusable: None,
                issues: Vec::new(),
            };
            PlannedSpec::of(file, Vec::new(), agents.find(key).unwrap())
        };
        keys.iter().map(spec).collect()
    }

    #[test]
    fn a_tool_that_can_not_be_kept_from_writing_needs_the_flag() {
        let judge = |keys| specs(keys).remove(0).judge;
        let refused = may_start(judge(&["goose"]), "goose", false).unwrap_err();
        assert!(refused.to_string().contains("only reads"), "{refused}");
        assert!(refused.hint().contains("--skip-permissions-if-possible"));
        assert!(may_start(judge(&["goose"]), "goose", true).is_ok());
        assert!(may_start(judge(&["claude-code"]), "claude-code", false).is_ok());
        assert!(may_start(Judge::Checks, "checks", false).is_ok());
    }

    #[test]
    fn as_many_run_at_once_as_the_strictest_agent_allows_unless_the_user_says() {
        assert_eq!(jobs(None, &specs(&["claude-code", "checks"])), 4);
        assert_eq!(jobs(None, &specs(&["claude-code", "aider"])), 1);
        assert_eq!(jobs(Some(3), &specs(&["aider"])), 3);
        assert_eq!(jobs(None, &[]), 4);
    }

    /// The policy of a scenario that was calibrated as the entry says, under `votes`.
    fn policy(entry: NoiseEntry, votes: Option<Votes>) -> (VotePolicy, Calibration) {
        let bin = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/bin/sh", bin.path().join("claude")).unwrap();
        let env = Env::from_iter([("PATH", bin.path())]);
        let options = Options {
            selection: discover::Options {
                root: "/".into(),
                directory: "/".into(),
                test_match: Vec::new(),
                ignore_patterns: Vec::new(),
                output: "/out".into(),
                arguments: Vec::new(),
                tags: Vec::new(),
                name_pattern: None,
                proposed: None,
            },
            code: Code {
                root: "/".into(),
                output: "/out".into(),
                workplace: Workplace::project("/".into()),
            },
            forced: Manner {
                llm: Some("claude-code".into()),
                ..Manner::default()
            },
            fallback: Manner {
                votes,
                ..Manner::default()
            },
            agents: Agents::unconfigured(env, "/".into()),
            jobs: None,
            rules: Rules {
                noise: vec![entry],
                ..Rules::none()
            },
        };
        let spec = discover::parse_spec("a.spec.md".into(), "# A\n\nIt holds.\n");
        let selected = assign(vec![spec], &options).unwrap().remove(0).selected[0];
        (selected.policy, selected.calibration)
    }

    fn quiet() -> NoiseEntry {
        let spec = discover::parse_spec("a.spec.md".into(), "# A\n\nIt holds.\n").file;
        NoiseEntry {
            id: spec.scenarios[0].id.clone(),
            statement: spec.scenarios[0].fingerprint.clone(),
            model: "claude-code".into(),
            noise: Noise {
                votes: 12,
                minority: 0,
            },
            date: Date::constant(2026, 11, 22),
        }
    }

    #[test]
    fn a_statement_that_is_calibrated_quiet_takes_few_calls() {
        let (policy, calibration) = policy(quiet(), None);
        assert_eq!(policy, VotePolicy::QUIET);
        assert_eq!(calibration, Calibration::Quiet(quiet().noise));
    }

    #[test]
    fn what_another_model_or_another_text_showed_makes_no_statement_quiet() {
        let mut other = quiet();
        other.model = "claude-code-sonnet-4-6".into();
        assert_eq!(policy(other, None).0, VotePolicy::OTHERWISE);
        let mut other = quiet();
        other.statement = "0".repeat(64);
        assert_eq!(
            policy(other, None),
            (VotePolicy::OTHERWISE, Calibration::Unknown)
        );
    }

    #[test]
    fn votes_that_somebody_chose_hold_for_a_quiet_statement_too() {
        let chosen = VotePolicy::Lead { by: 3, cap: 11 };
        let (policy, calibration) = policy(quiet(), Some(Votes::Fixed(chosen)));
        assert_eq!(policy, chosen);
        assert_eq!(calibration, Calibration::Quiet(quiet().noise));
    }
}
