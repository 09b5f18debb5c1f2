//! What a row of the registry holds, and how a model key finds its row.

use crate::model::{CHECKS, Provider};
use crate::nearest::nearest;

use super::envelope::Envelope;
use super::tools::TOOLS;

/// How a tool takes its prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Written to its standard input, which is then closed.
    Stdin,
    /// As its last argument, at most 131,071 bytes long.
    Argument,
    /// As the path of a temporary file.
    File,
}

/// One LLM coding CLI.
#[derive(Clone, Debug)]
pub struct Tool {
    /// The first part of its model keys.
    pub key: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// The program to look for on `PATH`.
    pub binary: &'static str,
    /// The version that `tests/agents` runs; `None` where the row is from documentation alone.
    pub tested: Option<&'static str>,
    /// What npm installs it from; `None` where npm can't, or nobody tried.
    pub package: Option<Package>,
    /// Its models with a key of their own, the default for `semtest init` first.
    pub models: &'static [Model],
    /// How it takes its prompt.
    pub(super) delivery: Delivery,
    /// The longest prompt that it takes, in bytes.
    pub(super) longest_prompt: Option<usize>,
    /// What makes it answer once, without a terminal, and keep and load nothing.
    pub(super) arguments: &'static [&'static str],
    /// What tells it where the prompt is; `{prompt}` stands for the file.
    pub(super) prompt_arguments: &'static [&'static str],
    /// The flag before a model id; `None` when the model can't be chosen.
    pub(super) model_flag: Option<&'static str>,
    /// The strictest mode in which it still reads files and answers without asking anybody.
    pub(super) read_only: &'static [&'static str],
    /// Whether there is such a mode at all. Without one, nothing but `skip_permissions` starts it.
    pub(super) has_read_only: bool,
    /// What makes it act without asking; used instead of `read_only`.
    pub(super) skip_permissions: &'static [&'static str],
    /// The same for the root user, where the tool refuses `skip_permissions` to root.
    pub(super) skip_permissions_as_root: Option<&'static [&'static str]>,
    /// Arguments that depend on the user's variables.
    pub(super) depending: &'static [Depending],
    /// Variables that we set.
    pub(super) settings: &'static [(&'static str, &'static str)],
    /// Variables that we set with one provider only.
    pub(super) provider_settings: &'static [(Provider, &'static str, &'static str)],
    /// Variables that we set where the user has not.
    pub(super) defaults: &'static [(&'static str, &'static str)],
    /// Files that we write for it, outside of the project.
    pub(super) files: &'static [SettingsFile],
    /// Variables of the user's environment that it may see, beside those that every tool sees and
    /// those of its provider; a name that ends in `*` is a prefix.
    pub(super) variables: &'static [&'static str],
    /// Whether it can call services that we don't list, whose keys come by `passEnv` or by a setting
    /// of its own.
    pub(super) any_provider: bool,
    /// Variables that we set beside one of the user's: `(the user's, ours, its value)`.
    pub(super) settings_beside: &'static [(&'static str, &'static str, &'static str)],
    /// Variables that say where the user's own settings and login are: passed on with the user's
    /// own HOME only.
    pub(super) home_variables: &'static [&'static str],
    /// What counts where it gets a HOME of its own.
    pub(super) fresh_home: FreshHome,
    /// The services that it can call, [`Provider::Api`] first.
    pub(super) providers: &'static [Access],
    /// How many may run at once in one directory.
    pub(super) side_by_side: usize,
    /// The shape of what it prints.
    pub(super) envelope: Envelope,
    /// Files that it leaves where it runs and that are removed if they were not there before.
    pub(super) leaves: &'static [&'static str],
    /// Files of the project that it obeys, and no flag prevents that.
    pub(super) obeys: &'static [&'static str],
}

/// A package of the npm registry.
#[derive(Clone, Copy, Debug)]
pub struct Package {
    /// Its name there.
    pub name: &'static str,
    /// The script of its own that lays the program where the package says it is, relative to the
    /// package: npm's lifecycle scripts are off, since they would be those of every dependency, too.
    pub(super) script: Option<&'static str>,
}

/// What a tool needs in a fresh HOME.
#[derive(Clone, Copy, Debug)]
pub(super) struct FreshHome {
    /// Whether it gets one outside of CI too, where a key is set and so no login is needed.
    pub(super) with_a_key: bool,
    /// Files in it.
    pub(super) files: &'static [HomeFile],
    /// Variables that we set.
    pub(super) settings: &'static [(&'static str, &'static str)],
    /// Variables that are passed on under a second name as well, unless that is set.
    pub(super) also_as: &'static [(&'static str, &'static str)],
}

impl FreshHome {
    /// Nothing but the directory.
    pub(super) const EMPTY: Self = Self {
        with_a_key: false,
        files: &[],
        settings: &[],
        also_as: &[],
    };
}

/// A file in a fresh HOME.
#[derive(Clone, Copy, Debug)]
pub(super) struct HomeFile {
    /// With which providers.
    pub(super) providers: &'static [Provider],
    /// Relative to the HOME.
    pub(super) path: &'static str,
    pub(super) text: &'static str,
}

/// How a tool reaches one service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Access {
    pub(super) provider: Provider,
    /// The variables of this service; a name that ends in `*` is a prefix.
    pub(super) variables: &'static [&'static str],
    /// Variables of which any one is enough to log in. Empty where that can't be told.
    pub(super) credentials: &'static [&'static str],
}

/// Arguments that depend on whether a variable of the user's is set and passed on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Depending {
    pub(super) on: &'static str,
    /// `{value}` stands for the variable's value.
    pub(super) set: &'static [&'static str],
    pub(super) unset: &'static [&'static str],
}

/// A settings file that lives as long as one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct SettingsFile {
    /// The variable that tells the tool where the file is.
    pub(super) variable: &'static str,
    pub(super) text: &'static str,
}

/// A model with a key of its own.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// The model key without the tool's key and the dash.
    pub(super) suffix: &'static str,
    /// What the tool calls it.
    pub id: &'static str,
}

impl Tool {
    /// Each service that it can call, and the variables that it sees with it.
    pub fn services(&self) -> impl Iterator<Item = (Provider, &'static [&'static str])> {
        let rows = self.providers.iter();
        rows.map(|row| (row.provider, row.variables))
    }

    /// The key of one of its models: `claude-code-sonnet-4-6`.
    #[must_use]
    pub fn model_key(&self, model: &Model) -> String {
        format!("{}-{}", self.key, model.suffix)
    }

    /// Whether `key` is one of its model keys.
    #[must_use]
    pub fn owns(&self, key: &str) -> bool {
        look_up(key).is_some_and(|(tool, _)| tool.key == self.key)
    }

    /// Every model key that has a row: the bare tool first (its own default model).
    #[must_use]
    pub fn model_keys(&self) -> Vec<String> {
        let own = std::iter::once(self.key.to_owned());
        own.chain(self.models.iter().map(|model| self.model_key(model)))
            .collect()
    }

    /// The key that `semtest init` writes when this tool is installed. Models age faster than tools, so
    /// only the documented default names one.
    #[must_use]
    pub fn preferred_key(&self) -> String {
        let is_default = TOOLS.first().is_some_and(|tool| tool.key == self.key);
        match self.models.first() {
            Some(model) if is_default => self.model_key(model),
            Some(_) | None => self.key.to_owned(),
        }
    }

    /// Whether it has a mode in which it reads files and changes none: without one it is started only
    /// where the user lets it do anything.
    #[must_use]
    pub fn can_only_read(&self) -> bool {
        self.has_read_only
    }
}

/// All tools that we know.
#[must_use]
pub fn tools() -> &'static [Tool] {
    TOOLS
}

/// The tool and model that a key names: `codex`, `codex-o3` or `codex:any-model-id`. `None` as
/// model means the tool's own default.
pub(super) fn look_up(key: &str) -> Option<(&'static Tool, Option<String>)> {
    if let Some((tool, model)) = key.split_once(':') {
        let tool = TOOLS.iter().find(|row| row.key == tool)?;
        // A leading dash would be read as a flag by the tool.
        let usable = !model.is_empty() && !model.starts_with('-') && tool.model_flag.is_some();
        return usable.then(|| (tool, Some(model.to_owned())));
    }
    TOOLS.iter().find_map(|tool| {
        let rest = key.strip_prefix(tool.key)?;
        if rest.is_empty() {
            return Some((tool, None));
        }
        let suffix = rest.strip_prefix('-')?;
        let model = tool.models.iter().find(|model| model.suffix == suffix)?;
        Some((tool, Some(model.id.to_owned())))
    })
}

/// The tool that `<tool>:<model>` names although it takes no model.
pub(super) fn without_model_choice(key: &str) -> Option<&'static Tool> {
    let (tool, _) = key.split_once(':')?;
    let tool = TOOLS.iter().find(|row| row.key == tool)?;
    tool.model_flag.is_none().then_some(tool)
}

/// The known keys that may have been meant by `key`: the tool of that binary, else the nearest, else
/// those that hold it.
pub(super) fn nearest_keys(key: &str, custom: &[String]) -> Vec<String> {
    let word = key.to_lowercase();
    if let Some(tool) = TOOLS.iter().find(|tool| tool.binary == word) {
        let mut keys = vec![tool.key.to_owned(), tool.preferred_key()];
        keys.dedup();
        return keys;
    }
    let mut all: Vec<String> = TOOLS.iter().flat_map(Tool::model_keys).collect();
    all.push(CHECKS.to_owned());
    all.extend_from_slice(custom);
    let close = nearest(key, all.iter().map(String::as_str));
    if close.is_empty() && word.len() > 2 {
        let holds = |known: &String| known.contains(&word);
        return all.into_iter().filter(holds).take(3).collect();
    }
    close.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourteen_tools_of_the_contract_have_a_row_each() {
        let keys: Vec<_> = tools().iter().map(|tool| tool.key).collect();
        for key in [
            "claude-code",
            "gemini",
            "codex",
            "aider",
            "opencode",
            "goose",
            "crush",
            "qwen",
            "copilot",
            "forge",
            "plandex",
            "openhands",
            "cursor",
            "amp",
        ] {
            assert!(keys.contains(&key), "{key}");
        }
        assert_eq!(keys.len(), 14);
    }

    #[test]
    fn every_documented_key_is_known() {
        let documented = "claude-code-opus-4-6 claude-code-sonnet-4-6 claude-code-sonnet-4-5 \
            claude-code-haiku-4-5 gemini-2.5-pro gemini-2.5-flash gemini-2.5-flash-lite \
            gemini-2.0-flash codex-o3 codex-o4-mini codex-gpt-4.1 codex-gpt-4.1-mini \
            codex-gpt-4.1-nano aider-claude-opus-4-6 aider-claude-sonnet-4-6 \
            aider-claude-sonnet-4-5 aider-claude-haiku-4-5 aider-gpt-4.1 aider-gpt-4.1-mini \
            aider-o3 aider-o4-mini aider-gemini-2.5-pro aider-gemini-2.5-flash aider-deepseek-r1 \
            opencode goose crush qwen copilot forge plandex openhands cursor amp";
        for key in documented.split_whitespace() {
            assert!(look_up(key).is_some(), "{key}");
        }
        let (tool, model) = look_up("claude-code-sonnet-4-5").unwrap();
        assert_eq!(tool.binary, "claude");
        assert_eq!(model.as_deref(), Some("claude-sonnet-4-5-20250929"));
    }

    #[test]
    fn any_model_of_a_known_tool_is_a_key() {
        let (tool, model) = look_up("claude-code:claude-next-9").unwrap();
        assert_eq!(
            (tool.key, model.as_deref()),
            ("claude-code", Some("claude-next-9"))
        );
        for bad in [
            "claude-code:",
            "claude-code:--flag",
            "nothing:x",
            "claude-codex",
            "amp:x",
        ] {
            assert!(look_up(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_preferred_key_names_a_model_only_where_that_is_documented() {
        let preferred: Vec<_> = tools().iter().map(Tool::preferred_key).collect();
        assert_eq!(preferred[0], "claude-code-sonnet-4-6");
        for (tool, preferred) in tools().iter().zip(&preferred).skip(1) {
            assert_eq!(preferred, tool.key);
        }
    }

    #[test]
    fn a_typo_finds_its_neighbours() {
        assert_eq!(
            nearest_keys("claude-code-sonet-4-6", &[])[0],
            "claude-code-sonnet-4-6"
        );
        assert_eq!(nearest_keys("check", &[])[0], "checks");
        assert_eq!(nearest_keys("mien", &["mine".into()])[0], "mine");
        assert_eq!(
            nearest_keys("claude", &[]),
            ["claude-code", "claude-code-sonnet-4-6"]
        );
        assert_eq!(nearest_keys("agent", &[]), ["cursor"]);
        assert_eq!(nearest_keys("opus", &[])[0], "claude-code-opus-4-6");
        assert!(nearest_keys("zzzzzzzzzzzzzzzzzzzzzzzz", &[]).is_empty());
    }
}
