//! What an agent may do without asking, and how it is told.

use super::Tool;

/// The arguments for each mode of one tool on this machine.
#[derive(Clone, Debug)]
pub(super) struct Permissions {
    read_only: Mode,
    skipping: Mode,
}

/// One way to start a tool.
#[derive(Clone, Debug)]
pub(super) struct Mode {
    pub(super) arguments: Vec<String>,
    /// Which mode that is and why, for somebody who reads the debug file.
    pub(super) description: String,
}

impl Permissions {
    /// The modes of a tool, for root or for an ordinary user. Where the user says that this is a
    /// sandbox (`IS_SANDBOX`, the variable of Claude Code), root is refused nothing.
    pub(super) fn of_tool(tool: &Tool, is_root: bool) -> Self {
        let read_only = if tool.read_only.is_empty() {
            Mode::new(&[], format!("the defaults of {}", tool.name))
        } else {
            Mode::new(tool.read_only, "read-only".into())
        };
        let skipping = match tool.skip_permissions_as_root {
            Some(arguments) if is_root => Mode::new(
                arguments,
                format!(
                    "allowed tools, because {} refuses its bypass to root",
                    tool.name
                ),
            ),
            _ if tool.skip_permissions.is_empty() => Mode {
                description: format!(
                    "{}, because {} has no bypass",
                    read_only.description, tool.name
                ),
                ..read_only.clone()
            },
            _ => Mode::new(tool.skip_permissions, "bypass".into()),
        };
        Self {
            read_only,
            skipping,
        }
    }

    /// An agent of the user's own: its arguments are all that there is.
    pub(super) fn of_custom() -> Self {
        let mode = Mode::new(&[], "what the agent's own arguments say".into());
        Self {
            read_only: mode.clone(),
            skipping: mode,
        }
    }

    /// The mode for a call.
    pub(super) fn mode(&self, skip_permissions: bool) -> &Mode {
        if skip_permissions {
            &self.skipping
        } else {
            &self.read_only
        }
    }
}

impl Mode {
    fn new(arguments: &[&str], description: String) -> Self {
        Self {
            arguments: arguments.iter().map(|&word| word.to_owned()).collect(),
            description,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::registry::look_up;
    use super::*;

    fn described(key: &str, is_root: bool, skip_permissions: bool) -> (String, String) {
        let (tool, _) = look_up(key).unwrap();
        let permissions = Permissions::of_tool(tool, is_root);
        let mode = permissions.mode(skip_permissions);
        (mode.description.clone(), mode.arguments.join(" "))
    }

    #[test]
    fn claude_code_gets_its_bypass_unless_it_would_refuse_it_to_root() {
        let (description, arguments) = described("claude-code", false, true);
        assert_eq!(description, "bypass");
        assert!(arguments.contains("--dangerously-skip-permissions"));
        let (description, arguments) = described("claude-code", true, true);
        assert_eq!(
            description,
            "allowed tools, because Claude Code refuses its bypass to root"
        );
        assert!(!arguments.contains("--dangerously-skip-permissions"));
        assert!(arguments.contains("--allowedTools") && arguments.contains("Bash"));
    }

    #[test]
    fn without_the_flag_no_tool_that_writes_or_runs_is_offered() {
        for is_root in [false, true] {
            let (description, arguments) = described("claude-code", is_root, false);
            assert_eq!(description, "read-only");
            assert!(arguments.contains("--tools Read,Grep,Glob"), "{arguments}");
            for tool in ["Bash", "Edit", "Write", "WebFetch", "skip-permissions"] {
                assert!(!arguments.contains(tool), "{arguments}");
            }
            let (_, arguments) = described("codex", is_root, false);
            assert!(arguments.contains("--sandbox read-only"), "{arguments}");
        }
    }

    #[test]
    fn a_tool_without_a_bypass_says_so() {
        let (description, _) = described("plandex", false, true);
        assert!(
            description.ends_with("because Plandex has no bypass"),
            "{description}"
        );
    }
}
