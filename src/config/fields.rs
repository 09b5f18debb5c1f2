//! The fields of a config file as data: for suggestions, for the file that `init` writes, and for
//! the tables of the documentation.

/// One field of a config file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in the file.
    pub name: &'static str,
    /// What it does, in a line.
    pub description: &'static str,
    /// What it takes, in words.
    pub kind: &'static str,
    /// What holds where it is absent: TypeScript, or words if `example` is there.
    pub default: &'static str,
    /// A value to show for a field that has no default value to write down.
    pub example: Option<&'static str>,
}

const fn field(
    name: &'static str,
    kind: &'static str,
    default: &'static str,
    description: &'static str,
) -> Field {
    Field {
        name,
        description,
        kind,
        default,
        example: None,
    }
}

/// Every field, in the order in which the documentation lists them.
pub const FIELDS: &[Field] = &[
    field(
        "testMatch",
        "list of strings",
        r#"["**/*.spec.md", "**/*.test.md"]"#,
        "Globs of the spec files, relative to this file.",
    ),
    field(
        "testPathIgnorePatterns",
        "list of strings",
        r#"["node_modules", "dist", ".git", "vendor"]"#,
        "Where no specs are looked for, in gitignore syntax.",
    ),
    field(
        "output",
        "string",
        r#""semtest-results/""#,
        "The directory of the reports.",
    ),
    field(
        "llm",
        "model key",
        r#""claude-code-sonnet-4-6""#,
        "Which tool and model judge; `semtest list` shows the keys.",
    ),
    Field {
        name: "timeout",
        description: "The longest time of one call, 0 for none.",
        kind: "milliseconds, or a string like \"90s\"",
        default: "none; 10 minutes in CI",
        example: Some(r#""10m""#),
    },
    field(
        "repeat",
        "whole number, at least 1",
        "1",
        "Run each file up to this often, until it does not pass.",
    ),
    field(
        "bail",
        "true, false, or a whole number, at least 1",
        "false",
        "Stop after this many failing files; true is 1.",
    ),
    Field {
        name: "jobs",
        description: "How many calls run at once.",
        kind: "whole number, at least 1",
        default: "4, or fewer if the tool allows fewer",
        example: Some("4"),
    },
    field(
        "verbose",
        "true or false",
        "false",
        "Print a line for each scenario.",
    ),
    field(
        "strict",
        "true or false",
        "false",
        "Let validation issues fail the run.",
    ),
    field(
        "skipValidation",
        "true or false",
        "false",
        "Don't look for validation issues.",
    ),
    field(
        "debug",
        "true or false",
        "false",
        "Keep what the tool printed, in `debug/` of the output directory.",
    ),
    field(
        "timestamp",
        "true or false",
        "false",
        "Write a report named after the time, too.",
    ),
    field(
        "includePassing",
        "true or false",
        "false",
        "List what passed in `latest.md`, too.",
    ),
    field(
        "junit",
        "true, false, or a path",
        "false",
        "Write a JUnit file: true for `junit-results.xml` in the output directory.",
    ),
    field(
        "format",
        r#"list of "code-quality" and "sarif""#,
        "[]",
        "Report files to write, too: for GitLab's Code Quality, for GitHub's code scanning.",
    ),
    field(
        "skipPermissionsIfPossible",
        "true or false",
        "false",
        "Start the tool with its permission prompts off.",
    ),
    field(
        "allowEmpty",
        "true or false",
        "false",
        "Let a run that judged nothing pass.",
    ),
    field(
        "agents",
        "tools by name",
        "{}",
        "Tools of your own: { name: { command, args, prompt, passEnv } }.",
    ),
    field(
        "provider",
        r#""api", "bedrock", "vertex" or "gateway""#,
        r#""api""#,
        "Which service the tool calls; decides which variables it may see.",
    ),
    field(
        "passEnv",
        "list of strings",
        "[]",
        "Variables that tools may see, besides their own.",
    ),
    field(
        "agentHome",
        r#""auto", "inherit" or "temporary""#,
        r#""auto""#,
        "The tool's HOME: auto is yours on a laptop and a fresh one in CI.",
    ),
    field(
        "votes",
        r#""auto", 1, "lead:D/CAP" or "confirm:D/CAP""#,
        r#""auto""#,
        "How many answers make a verdict; auto asks little about what is calibrated quiet.",
    ),
    field(
        "maxFlip",
        "number from 0 to 0.5",
        "0.2",
        "A judge that contradicts itself more often is noisy, and its failures don't block.",
    ),
    field(
        "newSpecs",
        r#""block" or "warn""#,
        r#""block""#,
        "Whether failures of statements block that are not calibrated.",
    ),
    Field {
        name: "maxCost",
        description: "When the calls have cost this much, no new one starts.",
        kind: "US dollars",
        default: "no limit",
        example: Some("2.50"),
    },
    Field {
        name: "maxCalls",
        description: "After this many calls no new one starts.",
        kind: "whole number, at least 1",
        default: "no limit",
        example: Some("100"),
    },
    Field {
        name: "maxTime",
        description: "After this time no new call starts; 0 for no limit.",
        kind: "milliseconds, or a string like \"90s\"",
        default: "no limit",
        example: Some(r#""20m""#),
    },
    field(
        "onWrite",
        r#""warn" or "error""#,
        r#""warn""#,
        "If a tool changes files: warn reports it, error makes the spec's scenarios errors.",
    ),
    field(
        "onUntrusted",
        r#""checks", "fail" or "run""#,
        r#""checks""#,
        "On a fork's or bot's pull request: only deterministic checks, an error, or judge it.",
    ),
];

/// The fields of one entry of `agents`.
pub(super) const AGENT_FIELDS: &[&str] = &["command", "args", "prompt", "passEnv"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_the_field_that_was_meant() {
        let near = |name: &str| {
            let fields = FIELDS.iter().map(|field| field.name);
            crate::nearest::nearest(name, fields).first().copied()
        };
        assert_eq!(near("testmatch"), Some("testMatch"));
        assert_eq!(near("timout"), Some("timeout"));
        assert_eq!(near("job"), Some("jobs"));
        assert_eq!(near("lmm"), Some("llm"));
        assert_eq!(near("reporters"), None);
        assert_eq!(near(&"x".repeat(100_000)), None);
    }
}
