//! From a place and flags to the project: its root, its settings, its agents.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::config::{self, Junit, Loaded, PartialConfig, PromptBy, Settings};
use crate::evaluate::{Agents, CustomAgent, Delivery, EvaluateError, Rules};
use crate::model::{CHECKS, DEBUG_NAME, JUNIT_NAME, NoiseEntry, OnUntrusted, REPORT_NAMES, Waiver};

use crate::sanitize::Secrets;

use super::Place;
use super::error::CommandError;
use super::untrusted::Stranger;

/// What a run needs to know about the project.
pub(super) struct Project {
    /// The configuration file's directory, else the current directory.
    pub(super) root: PathBuf,
    /// The configuration file, if there is one.
    pub(super) file: Option<PathBuf>,
    /// The same place where the specs are: `root`, or in the base revision of a stranger's pull
    /// request.
    pub(super) specs: PathBuf,
    /// The current directory there.
    pub(super) directory: PathBuf,
    pub(super) settings: Settings,
    pub(super) agents: Agents,
    /// What nobody may read in anything that leaves.
    pub(super) secrets: Arc<Secrets>,
    /// The absolute output directory.
    pub(super) output: PathBuf,
    /// The absolute path of the JUnit file, if one is wanted.
    pub(super) junit: Option<PathBuf>,
    /// What the configuration file says, if the model key is from there.
    key_from: Option<Loaded>,
    /// What calibration found, as `semtest.noise.json` beside the configuration has it.
    pub(super) noise: Vec<NoiseEntry>,
    /// What `semtest.waivers.yaml` beside the configuration has.
    pub(super) waivers: Vec<Waiver>,
}

impl Project {
    /// The current directory, whatever configuration there may be.
    pub(super) fn unconfigured(flags: PartialConfig, place: &Place) -> Self {
        let root = place.directory.clone();
        let settings = config::resolve(flags, PartialConfig::default(), &place.env);
        Self {
            agents: agents(&settings, &root, place),
            secrets: secrets(&settings, place),
            file: None,
            output: root.join(&settings.output),
            junit: None,
            key_from: None,
            noise: Vec::new(),
            waivers: Vec::new(),
            specs: root.clone(),
            directory: root.clone(),
            root,
            settings,
        }
    }

    /// What is known about its statements.
    pub(super) fn rules(&self) -> Rules {
        Rules {
            noise: self.noise.clone(),
            waivers: self.waivers.clone(),
            max_flip: self.settings.max_flip,
            new_specs: self.settings.new_specs,
            today: Timestamp::now().to_zoned(TimeZone::UTC).date(),
        }
    }

    /// An unknown model key that stands in the configuration is shown where it stands.
    pub(super) fn check_model_key(&self) -> Result<(), CommandError> {
        let Err(error) = self.agents.check_key(&self.settings.llm) else {
            return Ok(());
        };
        match &self.key_from {
            Some(loaded) => {
                let message = error.to_string();
                Err(loaded.error_at("llm", &message, Some(&error.hint())).into())
            }
            None => Err(EvaluateError::from(error).into()),
        }
    }
}

/// Finds and reads the configuration (at `config`, if that is given) and puts the flags on top. Of a
/// stranger's pull request, the configuration is the base revision's.
pub(super) fn load_project(
    config: Option<&Path>,
    flags: &PartialConfig,
    place: &Place,
    stranger: Option<&Stranger>,
) -> Result<Project, CommandError> {
    let directory = stranger.map_or(&place.directory, |stranger| &stranger.directory);
    let file = match (config, stranger) {
        (Some(path), None) => Some(directory.join(path)),
        (Some(path), Some(stranger)) => Some(stranger.in_base(&place.directory.join(path))?),
        (None, _) => config::find(directory)?,
    };
    let loaded = match &file {
        Some(path) => Some(config::load(path, &place.env)?),
        None => None,
    };
    let specs = match file.as_deref().and_then(Path::parent) {
        Some(directory) => fs_err::canonicalize(directory)?,
        None => directory.clone(),
    };
    let root = match stranger {
        Some(stranger) => stranger.in_head(&specs)?,
        None => specs.clone(),
    };
    let in_flags = |given: bool| if given { &place.directory } else { &root };
    let output_base = in_flags(flags.output.is_some()).clone();
    let junit_base = in_flags(flags.junit.is_some()).clone();
    let from_file = loaded.as_ref().map(|loaded| loaded.config.clone());
    let mut settings = config::resolve(flags.clone(), from_file.unwrap_or_default(), &place.env);
    if stranger.is_some() && settings.on_untrusted == OnUntrusted::Checks {
        CHECKS.clone_into(&mut settings.llm);
    }
    let output = output_base.join(&settings.output);
    let junit = match &settings.junit {
        Junit::Off => None,
        Junit::InOutput => Some(crate::report::default_junit_path(&output)),
        Junit::At(path) => Some(junit_base.join(path)),
    };
    if let Some(stranger) = stranger {
        for path in [Some(&output), junit.as_ref()].into_iter().flatten() {
            stranger.refuse_links(path)?;
        }
    }
    let others = REPORT_NAMES.into_iter().filter(|name| *name != JUNIT_NAME);
    let taken: Vec<PathBuf> = others
        .chain([DEBUG_NAME])
        .map(|name| output.join(name))
        .collect();
    if let Some(path) = junit.as_ref().filter(|path| taken.contains(path)) {
        return Err(CommandError::JunitName(path.clone()));
    }
    Ok(Project {
        noise: config::load_noise(&specs)?,
        waivers: config::load_waivers(&specs)?,
        secrets: secrets(&settings, place),
        agents: agents(&settings, &specs, place),
        root,
        specs,
        directory: directory.clone(),
        settings,
        file,
        output,
        junit,
        key_from: loaded.filter(|_| flags.llm.is_none()),
    })
}

/// `root` is where the judge comes from: a stranger must not supply it.
fn agents(settings: &Settings, root: &Path, place: &Place) -> Agents {
    Agents {
        env: place.env.clone(),
        root: root.to_owned(),
        custom: custom_agents(settings),
        provider: settings.provider,
        pass_environment: settings.pass_env.clone(),
        home: settings.agent_home,
        is_root: crate::process::is_root(),
    }
}

fn custom_agents(settings: &Settings) -> BTreeMap<String, CustomAgent> {
    let convert = |agent: &config::CustomAgent| CustomAgent {
        command: agent.command.clone(),
        arguments: agent.args.clone(),
        delivery: match agent.prompt {
            PromptBy::Stdin => Delivery::Stdin,
            PromptBy::Argument => Delivery::Argument,
            PromptBy::File => Delivery::File,
        },
        pass_environment: agent.pass_env.clone(),
    };
    settings
        .agents
        .iter()
        .map(|(key, agent)| (key.clone(), convert(agent)))
        .collect()
}

/// What the environment holds, and what the user passes on to agents.
fn secrets(settings: &Settings, place: &Place) -> Arc<Secrets> {
    let agents = settings.agents.values();
    let named = agents.flat_map(|agent| &agent.pass_env);
    let listed: Vec<String> = settings.pass_env.iter().chain(named).cloned().collect();
    Arc::new(Secrets::from_env(&place.env, &listed))
}
