//! What is known about statements besides their text, and which failures block because of it.

use jiff::civil::Date;

use crate::model::{Because, Calibration, Level, NoiseEntry, Outcome, Scenario, SpecFile, Waiver};

/// Noise and waivers as the project has them, and how they count. A run's own votes change none of
/// it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// What calibration found.
    pub noise: Vec<NoiseEntry>,
    /// Failures that somebody answers for.
    pub waivers: Vec<Waiver>,
    /// The highest rate at which a quiet judge contradicts itself, from 0 to 0.5.
    pub max_flip: f64,
    /// The level of statements that are not calibrated, where their file says nothing.
    pub new_specs: Level,
    /// The day, UTC, by which waivers end.
    pub today: Date,
}

/// What the rules have to know about a verdict.
pub(super) struct Ruled<'a> {
    pub(super) outcome: &'a Outcome,
    /// Whether the outcome is an error because the votes left it open.
    pub(super) is_undecided: bool,
    /// Whether a model's answer decided: noise says nothing about deterministic checks.
    pub(super) by_model: bool,
    pub(super) calibration: Calibration,
}

impl Rules {
    /// What is known of `scenario` where `model` judges. An entry of another text or model is none.
    pub(super) fn calibration(&self, scenario: &Scenario, model: &str) -> Calibration {
        let is_about = |entry: &&NoiseEntry| {
            entry.id == scenario.id
                && entry.statement == scenario.fingerprint
                && entry.model == model
        };
        let entry = self.noise.iter().find(is_about);
        entry.map_or(Calibration::Unknown, |entry| {
            entry.noise.class(self.max_flip)
        })
    }

    /// Why a verdict blocks or does not, if its outcome alone does not say so.
    pub(super) fn because(
        &self,
        file: &SpecFile,
        scenario: &Scenario,
        ruled: &Ruled<'_>,
    ) -> Option<Because> {
        let counts = matches!(ruled.outcome, Outcome::Fail(_)) || ruled.is_undecided;
        if !counts {
            return None;
        }
        let waiver = self.waiver(file, scenario);
        if let Some(waiver) = waiver.filter(|waiver| waiver.holds_on(self.today)) {
            return Some(Because::Waived(waiver.clone()));
        }
        let level = scenario.level.or(file.frontmatter.level);
        match (level, ruled.calibration) {
            (Some(Level::Warn), _) => Some(Because::Level),
            (_, Calibration::Noisy(noise)) if ruled.by_model => Some(Because::Noisy(noise)),
            (None, Calibration::Unknown) if ruled.by_model && self.new_specs == Level::Warn => {
                Some(Because::New)
            }
            (Some(Level::Block) | None, _) => waiver.cloned().map(Because::Expired),
        }
    }

    /// The waiver of a scenario; of several the one that holds longest.
    fn waiver(&self, file: &SpecFile, scenario: &Scenario) -> Option<&Waiver> {
        let own = format!("{}#{}", file.path, scenario.id);
        let is_about = |waiver: &&Waiver| waiver.id == scenario.id || waiver.id == own;
        self.waivers
            .iter()
            .filter(is_about)
            .max_by_key(|waiver| waiver.until)
    }
}

#[cfg(test)]
impl Rules {
    /// Nothing is known, for tests of what happens then.
    pub(super) fn none() -> Self {
        Self {
            noise: Vec::new(),
            waivers: Vec::new(),
            max_flip: 0.2,
            new_specs: Level::Block,
            today: Date::constant(2026, 11, 22),
        }
    }
}
