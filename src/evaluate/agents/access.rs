//! Which service a tool calls, and whether the user's variables let it in.

use crate::model::{Provider, Word as _};

use crate::sanitize::is_secret_name;

use super::environment::Allowed;
use super::home::Home;
use super::registry::{Access, Tool};
use super::{AgentError, Agents};

/// Whether a variable that lets a tool in is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// This one is.
    Set(&'static str),
    /// None is, and any one of these would do.
    Missing(&'static [&'static str]),
    /// That can't be told from variables.
    Unknown,
}

impl Agents {
    /// Whether a key or token for `tool` is among the user's variables. A login that lies in the
    /// user's HOME is not looked for.
    #[must_use]
    pub fn credentials(&self, tool: &Tool) -> Credentials {
        let wanted = self.access(tool).map_or(&[][..], |row| row.credentials);
        let is_set = |name: &&'static str| self.env.get(name).is_some();
        let is_unlisted = || {
            let own = tool
                .variables
                .iter()
                .any(|name| is_secret_name(name) && is_set(name));
            let configured = tool
                .variables
                .iter()
                .any(|name| name.ends_with("_CONTENT") && is_set(name));
            tool.any_provider && (own || configured || !self.pass_environment.is_empty())
        };
        match wanted.iter().copied().find(is_set) {
            Some(name) => Credentials::Set(name),
            None if is_unlisted() => Credentials::Unknown,
            None if wanted.is_empty() => Credentials::Unknown,
            None => Credentials::Missing(wanted),
        }
    }

    /// Whether `tool` calls the maker's own service and no other address.
    pub(super) fn calls_the_maker(&self, tool: &Tool) -> bool {
        let is_set = |name: &&str| self.env.get(name).is_some();
        self.provider == Provider::Api && !self.addresses(tool).iter().any(is_set)
    }

    /// Whether the user vouches for a sandbox around this process.
    pub(super) fn is_sandbox(&self) -> bool {
        self.env.get("IS_SANDBOX").is_some_and(|value| value == "1")
    }

    /// The HOME that `tool` gets.
    pub(super) fn home_of(&self, tool: &Tool) -> Home {
        let has_key = matches!(self.credentials(tool), Credentials::Set(_));
        let needs_no_login = tool.fresh_home.with_a_key && has_key;
        Home::choose(self.home, self.env.is_ci(), needs_no_login)
    }

    /// Refuses what can't work before anything is paid for.
    pub(super) fn check_access(&self, key: &str, tool: &Tool) -> Result<(), AgentError> {
        if self.access(tool).is_none() && !tool.providers.is_empty() {
            let supported = tool.providers.iter();
            return Err(AgentError::NoProvider {
                key: key.to_owned(),
                name: tool.name,
                provider: self.provider.word(),
                supported: supported.map(|row| row.provider.word()).collect(),
            });
        }
        let addresses = self.addresses(tool);
        let is_set = |name: &&str| self.env.get(name).is_some();
        if self.provider == Provider::Gateway
            && !addresses.is_empty()
            && !addresses.iter().any(is_set)
        {
            return Err(AgentError::NoGateway {
                key: key.to_owned(),
                variables: addresses,
            });
        }
        match self.credentials(tool) {
            Credentials::Missing(variables) if self.home_of(tool) == Home::Fresh => {
                Err(AgentError::MissingKey {
                    key: key.to_owned(),
                    name: tool.name,
                    variables,
                })
            }
            Credentials::Set(_) | Credentials::Missing(_) | Credentials::Unknown => Ok(()),
        }
    }

    /// The variables that tell `tool` the address of the service.
    fn addresses(&self, tool: &Tool) -> Vec<&'static str> {
        let names = self.access(tool).map_or(&[][..], |row| row.variables);
        let is_address = |name: &&&str| name.ends_with("_BASE_URL") || name.ends_with("_API_BASE");
        names.iter().filter(is_address).copied().collect()
    }

    fn access(&self, tool: &Tool) -> Option<&'static Access> {
        let mut rows = tool.providers.iter();
        rows.find(|row| row.provider == self.provider)
    }

    /// Which variables `tool` sees with this HOME.
    pub(super) fn allowed(&self, tool: &'static Tool, home: Home) -> Allowed<'_> {
        let mut names = tool.variables.to_vec();
        names.extend(self.access(tool).map_or(&[][..], |row| row.variables));
        let mut settings = tool.settings.to_vec();
        let of_provider = tool.provider_settings.iter();
        settings.extend(
            of_provider
                .filter(|(provider, ..)| *provider == self.provider)
                .map(|(_, name, value)| (*name, *value)),
        );
        let beside = tool.settings_beside.iter();
        settings.extend(
            beside
                .filter(|(user, ..)| self.env.get(user).is_some())
                .map(|(_, name, value)| (*name, *value)),
        );
        let also_as = match home {
            Home::Own => {
                names.extend(tool.home_variables);
                &[][..]
            }
            Home::Fresh => {
                settings.extend(tool.fresh_home.settings);
                tool.fresh_home.also_as
            }
        };
        names.extend(self.pass_environment.iter().map(String::as_str));
        Allowed {
            names,
            settings,
            defaults: tool.defaults,
            also_as,
        }
    }
}

/// The words of [`AgentError::MissingKey`]'s hint.
pub(super) fn where_to_set(variables: &[&str]) -> String {
    let name = variables.first().copied().unwrap_or_default();
    format!(
        "GitHub: store it as a repository secret and pass it to the step, `env: {{ {name}: \
         ${{{{ secrets.{name} }}}} }}`; GitLab: a masked CI/CD variable {name}; on a self-hosted \
         runner with a login: `agentHome: \"inherit\"`"
    )
}

#[cfg(test)]
mod tests {
    use super::super::registry::{look_up, tools};
    use super::*;
    use crate::env::Env;
    use crate::model::AgentHome;

    fn agents(pairs: &[(&str, &str)]) -> Agents {
        Agents::unconfigured(pairs.iter().copied().collect::<Env>(), "/".into())
    }

    fn tool(key: &str) -> &'static Tool {
        look_up(key).unwrap().0
    }

    #[test]
    fn a_key_is_found_by_any_of_its_names_and_an_empty_one_is_none() {
        let of = |pairs: &[(&str, &str)]| agents(pairs).credentials(tool("claude-code"));
        assert_eq!(
            of(&[("CLAUDE_CODE_OAUTH_TOKEN", "t")]),
            Credentials::Set("CLAUDE_CODE_OAUTH_TOKEN")
        );
        let missing = of(&[("ANTHROPIC_API_KEY", "")]);
        assert!(matches!(missing, Credentials::Missing(names) if names.len() == 3));
    }

    #[test]
    fn in_ci_a_missing_key_is_an_error_that_names_it_and_where_to_set_it() {
        for (key, variable) in [
            ("claude-code", "ANTHROPIC_API_KEY"),
            ("codex", "CODEX_API_KEY"),
            ("gemini", "GEMINI_API_KEY"),
        ] {
            let mut in_ci = agents(&[("CI", "true")]);
            let error = in_ci.check_access(key, tool(key)).unwrap_err();
            assert!(error.to_string().contains(variable), "{error}");
            for place in ["secrets.", "masked", "inherit"] {
                assert!(error.hint().contains(place), "{}", error.hint());
            }
            in_ci.home = AgentHome::Inherit;
            assert_eq!(in_ci.check_access(key, tool(key)), Ok(()));
            assert_eq!(agents(&[]).check_access(key, tool(key)), Ok(()));
            let with_key = agents(&[("CI", "true"), (variable, "k")]);
            assert_eq!(with_key.check_access(key, tool(key)), Ok(()));
        }
    }

    #[test]
    fn a_provider_that_a_tool_does_not_have_is_refused_with_those_it_has() {
        let mut agents = agents(&[]);
        agents.provider = Provider::Bedrock;
        assert_eq!(
            agents.check_access("claude-code", tool("claude-code")),
            Ok(())
        );
        let error = agents.check_access("gemini", tool("gemini")).unwrap_err();
        assert!(error.to_string().contains("bedrock"), "{error}");
        assert!(error.hint().contains("vertex"), "{}", error.hint());
    }

    #[test]
    fn a_tool_for_any_provider_needs_some_key_in_ci() {
        let mut in_ci = agents(&[("CI", "true")]);
        let missing = |agents: &Agents, key| agents.check_access(key, tool(key)).is_err();
        assert!(missing(&in_ci, "aider") && missing(&in_ci, "opencode"));
        in_ci.env = Env::from_iter([("CI", "true"), ("GROQ_API_KEY", "k")]);
        assert!(!missing(&in_ci, "aider") && !missing(&in_ci, "opencode"));
        in_ci.env = Env::from_iter([("CI", "true"), ("OPENCODE_CONFIG_CONTENT", "{}")]);
        assert!(missing(&in_ci, "aider") && !missing(&in_ci, "opencode"));
        in_ci.pass_environment = vec!["OLLAMA_API_BASE".to_owned()];
        assert!(!missing(&in_ci, "aider"));
    }

    #[test]
    fn with_a_model_of_ones_own_copilot_stays_offline() {
        let has = |pairs: &[(&str, &str)]| {
            let agents = agents(pairs);
            let settings = agents.allowed(tool("copilot"), Home::Fresh).settings;
            settings.contains(&("COPILOT_OFFLINE", "true"))
        };
        assert!(has(&[("COPILOT_PROVIDER_BASE_URL", "http://localhost")]));
        assert!(!has(&[("COPILOT_GITHUB_TOKEN", "t")]));
    }

    #[test]
    fn no_variable_leads_out_of_a_fresh_home() {
        for tool in tools() {
            for name in tool.variables {
                let leads = ["_HOME", "_CONFIG_DIR", "_CONFIG"];
                let leads = leads.iter().any(|end| name.ends_with(end));
                // Copilot's own program, 235 MB: it holds nothing of the user's.
                assert!(
                    !leads || *name == "COPILOT_CACHE_HOME",
                    "{}: {name}",
                    tool.key
                );
            }
        }
    }

    #[test]
    fn a_gateway_without_its_address_is_refused() {
        let mut agents = agents(&[("ANTHROPIC_AUTH_TOKEN", "t")]);
        let tool = tool("claude-code");
        assert_eq!(agents.check_access("claude-code", tool), Ok(()));
        agents.provider = Provider::Gateway;
        let error = agents.check_access("claude-code", tool).unwrap_err();
        assert!(error.to_string().contains("ANTHROPIC_BASE_URL"), "{error}");
        agents.env = Env::from_iter([("ANTHROPIC_BASE_URL", "http://localhost")]);
        assert_eq!(agents.check_access("claude-code", tool), Ok(()));
    }

    #[test]
    fn what_lets_a_tool_in_is_passed_to_it() {
        for tool in tools() {
            for row in tool.providers {
                for name in row.credentials {
                    let mut known = row.variables.iter().chain(tool.variables);
                    let passed = known.any(|pattern| match pattern.strip_suffix('*') {
                        Some(prefix) => name.starts_with(prefix),
                        None => pattern == name,
                    });
                    assert!(passed, "{}: {name}", tool.key);
                }
            }
        }
    }

    #[test]
    fn a_providers_variables_pass_with_that_provider_only() {
        let mut agents = agents(&[]);
        let names = |agents: &Agents| {
            agents
                .allowed(tool("claude-code"), Home::Fresh)
                .names
                .join(" ")
        };
        assert!(names(&agents).contains("ANTHROPIC_API_KEY"));
        assert!(!names(&agents).contains("AWS_SECRET_ACCESS_KEY"));
        agents.provider = Provider::Bedrock;
        assert!(names(&agents).contains("AWS_SECRET_ACCESS_KEY"));
        assert!(!names(&agents).contains("ANTHROPIC_API_KEY"));
        let settings = agents.allowed(tool("claude-code"), Home::Fresh).settings;
        assert!(settings.contains(&("CLAUDE_CODE_USE_BEDROCK", "1")));
    }

    #[test]
    fn where_the_users_login_lies_is_told_with_the_users_home_only() {
        let agents = agents(&[]);
        for (key, name) in [
            ("claude-code", "CLAUDE_CONFIG_DIR"),
            ("codex", "CODEX_HOME"),
        ] {
            let names = |home| agents.allowed(tool(key), home).names;
            assert!(names(Home::Own).contains(&name));
            assert!(!names(Home::Fresh).contains(&name));
        }
    }
}
