//! Every exit code, in one place. A pipeline acts on these numbers, so they never change meaning.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// `0`: everything that was judged passed, and something was judged.
    Passed,
    /// `1`: at least one scenario failed, none errored.
    Failed,
    /// `2`: something could not be judged, the configuration is invalid, nothing was judged, or
    /// validation issues stood under `--strict`. Beats `1`.
    Error,
    /// `130`: ended by SIGINT (128 + 2), as shells report it.
    Interrupted,
    /// `143`: ended by SIGTERM (128 + 15).
    Terminated,
}

impl Exit {
    /// How a process ended that is semtest, too; a number that semtest never ends with is an error.
    #[must_use]
    pub fn of(code: u8) -> Self {
        let all = [
            Self::Passed,
            Self::Failed,
            Self::Interrupted,
            Self::Terminated,
        ];
        let known = all.into_iter().find(|exit| exit.code() == code);
        known.unwrap_or(Self::Error)
    }

    /// The number that the process ends with.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Error => 2,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
