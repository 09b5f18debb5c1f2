//! Colours, where they are wanted.

use anstyle::{AnsiColor, Style};

use crate::env::Env;

/// Styles text for one stream, or leaves it as it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Palette {
    on: bool,
}

impl Palette {
    /// `NO_COLOR` and `FORCE_COLOR=0` turn colours off, any other `FORCE_COLOR` turns them on, else
    /// the terminal decides.
    pub(super) fn new(env: &Env, terminal: bool) -> Self {
        let on = match (env.get("NO_COLOR"), env.get("FORCE_COLOR")) {
            (Some(_), _) | (None, Some("0" | "false")) => false,
            (None, Some(_)) => true,
            (None, None) => terminal && env.get("TERM") != Some("dumb"),
        };
        Self { on }
    }

    #[cfg(test)]
    pub(super) fn plain() -> Self {
        Self { on: false }
    }

    pub(super) fn success(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    pub(super) fn failure(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    pub(super) fn warning(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }

    pub(super) fn faint(self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    fn paint(self, style: Style, text: &str) -> String {
        if self.on {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_beats_the_terminal() {
        let on = |name: &str, value: &str, terminal| {
            Palette::new(&Env::from_iter([(name, value)]), terminal).on
        };
        assert!(!on("NO_COLOR", "1", true));
        assert!(!on("FORCE_COLOR", "0", true));
        assert!(on("FORCE_COLOR", "1", false));
        assert!(on("OTHER", "", true));
        assert!(!on("OTHER", "", false));
        assert!(!on("TERM", "dumb", true));
    }
}
