//! What `doctor` found: a line a finding, and under it what to do. Words first, so that a reader
//! without colour sees the same.

use serde::Serialize;

use crate::sanitize::terminal_line;

use super::palette::Palette;

/// How good or bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    Ok,
    /// Nobody can tell without a call.
    Unknown,
    /// A run can start, but somebody may be surprised.
    Warning,
    /// No run can start.
    Problem,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about; findings of one topic stand together.
    pub topic: &'static str,
    /// How it is.
    #[serde(rename = "status")]
    pub health: Health,
    /// What was found.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Finding {
    /// All is well.
    #[must_use]
    pub fn ok(topic: &'static str, message: impl Into<String>) -> Self {
        Self {
            topic,
            health: Health::Ok,
            message: message.into(),
            remedy: None,
        }
    }

    /// Only trying it out tells, and this is how.
    #[must_use]
    pub fn unknown(topic: &'static str, message: impl Into<String>, remedy: &str) -> Self {
        Self {
            health: Health::Unknown,
            ..Self::warning(topic, message, remedy)
        }
    }

    /// Something to know about.
    #[must_use]
    pub fn warning(topic: &'static str, message: impl Into<String>, remedy: &str) -> Self {
        Self {
            health: Health::Warning,
            remedy: Some(remedy.to_owned()),
            ..Self::ok(topic, message)
        }
    }

    /// Something that no run can start with.
    #[must_use]
    pub fn problem(topic: &'static str, message: impl Into<String>, remedy: &str) -> Self {
        Self {
            health: Health::Problem,
            ..Self::warning(topic, message, remedy)
        }
    }
}

/// A heading a topic, then its findings.
pub(super) fn finding_lines(findings: &[Finding], palette: Palette) -> Vec<String> {
    let mut lines = Vec::new();
    let mut topic = "";
    for finding in findings {
        if finding.topic != topic {
            topic = finding.topic;
            lines.push(topic.to_owned());
        }
        // Padded before it is painted: escape sequences have a width for `format!`.
        let word = match finding.health {
            Health::Ok => palette.success("ok     "),
            Health::Unknown => "unknown".to_owned(),
            Health::Warning => palette.warning("warning"),
            Health::Problem => palette.failure("problem"),
        };
        // An error message may bring a drawing of its place; here one line has to do.
        lines.push(format!("  {word}  {}", terminal_line(&finding.message)));
        if let Some(remedy) = &finding.remedy {
            lines.push(format!("           do: {}", terminal_line(remedy)));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_stand_below_their_topic_and_problems_say_what_to_do() {
        let findings = [
            Finding::ok("tools", "Claude Code"),
            Finding::unknown("tools", "Gemini CLI", "ask it"),
            Finding::warning("tools", "\u{1b}[31mCodex", "log in"),
            Finding::problem("run", "nothing\nto judge", "write a spec"),
        ];
        assert_eq!(
            finding_lines(&findings, Palette::plain()).join("\n"),
            "tools\n  ok       Claude Code\n  unknown  Gemini CLI\n           do: ask it\n  warning  Codex\n           do: log in\n\
             run\n  problem  nothing to judge\n           do: write a spec"
        );
    }
}
