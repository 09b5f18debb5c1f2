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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::discover;
    use crate::model::{Failure, Noise};

    const NOISY: Calibration = Calibration::Noisy(Noise {
        votes: 12,
        minority: 6,
    });
    const QUIET: Calibration = Calibration::Quiet(Noise {
        votes: 12,
        minority: 0,
    });
    const UNCLEAR: Calibration = Calibration::Unclear(Noise {
        votes: 12,
        minority: 2,
    });
    const WARN: Option<Level> = Some(Level::Warn);
    const BLOCK: Option<Level> = Some(Level::Block);

    /// What is known of the one failure that a test is about.
    struct Case {
        outcome: Outcome,
        is_undecided: bool,
        by_model: bool,
        scenario: Option<Level>,
        file: Option<Level>,
        calibration: Calibration,
        new_specs: Level,
        /// Days until the waiver ends.
        waiver: Option<i8>,
    }

    const FAIL: fn() -> Case = || Case {
        outcome: Outcome::Fail(Failure::default()),
        is_undecided: false,
        by_model: true,
        scenario: None,
        file: None,
        calibration: Calibration::Unknown,
        new_specs: Level::Block,
        waiver: None,
    };

    impl Case {
        /// The word of the reason, and whether the result blocks then.
        fn because(&self) -> (&'static str, bool) {
            let mut rules = Rules {
                new_specs: self.new_specs,
                ..Rules::none()
            };
            rules
                .waivers
                .extend(self.waiver.map(|days| waiver("x", days)));
            let spec = discover::parse_spec("a.spec.md".into(), "## X - id: x\n");
            let mut file = spec.file;
            file.frontmatter.level = self.file;
            file.scenarios[0].level = self.scenario;
            let facts = Ruled {
                outcome: &self.outcome,
                is_undecided: self.is_undecided,
                by_model: self.by_model,
                calibration: self.calibration,
            };
            match rules.because(&file, &file.scenarios[0], &facts) {
                None => ("", true),
                Some(because) => (because.word(), because.blocks()),
            }
        }
    }

    fn waiver(id: &str, days: i8) -> Waiver {
        let until = Date::constant(2026, 11, 22 + days);
        Waiver {
            id: id.into(),
            reason: "r".into(),
            owner: None,
            until,
        }
    }

    #[test]
    fn a_failure_blocks_unless_something_says_otherwise() {
        assert_eq!(FAIL().because(), ("", true));
        for calibration in [QUIET, UNCLEAR] {
            let case = Case {
                calibration,
                ..FAIL()
            };
            assert_eq!(case.because(), ("", true), "{calibration:?}");
        }
    }

    #[test]
    fn waived_beats_level_beats_noisy_beats_new_beats_an_expired_waiver() {
        let mut case = Case {
            waiver: Some(0),
            scenario: WARN,
            calibration: NOISY,
            new_specs: Level::Warn,
            ..FAIL()
        };
        assert_eq!(case.because(), ("waived", false), "its last day counts");
        case.waiver = Some(-1);
        assert_eq!(case.because(), ("level", false));
        case.scenario = None;
        assert_eq!(case.because(), ("noisy", false));
        case.calibration = Calibration::Unknown;
        assert_eq!(case.because(), ("new", false));
        case.new_specs = Level::Block;
        assert_eq!(case.because(), ("waiver-expired", true));
    }

    #[test]
    fn the_scenarios_level_beats_the_files() {
        for (scenario, file, expected) in [
            (None, WARN, ("level", false)),
            (WARN, None, ("level", false)),
            (WARN, BLOCK, ("level", false)),
            (BLOCK, WARN, ("", true)),
        ] {
            let case = Case {
                scenario,
                file,
                ..FAIL()
            };
            assert_eq!(case.because(), expected, "{scenario:?} {file:?}");
        }
    }

    #[test]
    fn new_specs_is_for_what_is_neither_calibrated_nor_given_a_level() {
        let new = || Case {
            new_specs: Level::Warn,
            ..FAIL()
        };
        assert_eq!(new().because(), ("new", false));
        for calibration in [QUIET, UNCLEAR] {
            assert_eq!(
                Case {
                    calibration,
                    ..new()
                }
                .because(),
                ("", true)
            );
        }
        assert_eq!(
            Case {
                scenario: BLOCK,
                ..new()
            }
            .because(),
            ("", true)
        );
        assert_eq!(
            Case {
                file: BLOCK,
                ..new()
            }
            .because(),
            ("", true)
        );
    }

    #[test]
    fn a_level_of_block_does_not_make_a_noisy_judge_quiet() {
        let case = Case {
            scenario: BLOCK,
            calibration: NOISY,
            ..FAIL()
        };
        assert_eq!(case.because(), ("noisy", false));
    }

    #[test]
    fn what_a_check_found_is_neither_noisy_nor_new() {
        let check = || Case {
            by_model: false,
            calibration: NOISY,
            new_specs: Level::Warn,
            ..FAIL()
        };
        assert_eq!(check().because(), ("", true));
        let unknown = Calibration::Unknown;
        assert_eq!(
            Case {
                calibration: unknown,
                ..check()
            }
            .because(),
            ("", true)
        );
        assert_eq!(
            Case {
                scenario: WARN,
                ..check()
            }
            .because(),
            ("level", false)
        );
        assert_eq!(
            Case {
                waiver: Some(1),
                ..check()
            }
            .because(),
            ("waived", false)
        );
        assert_eq!(
            Case {
                waiver: Some(-1),
                ..check()
            }
            .because(),
            ("waiver-expired", true)
        );
    }

    #[test]
    fn an_error_is_excused_by_nothing_and_an_undecided_one_like_a_failure() {
        let error = |is_undecided| Case {
            outcome: Outcome::error("x"),
            is_undecided,
            scenario: WARN,
            calibration: NOISY,
            new_specs: Level::Warn,
            waiver: Some(1),
            ..FAIL()
        };
        assert_eq!(error(false).because(), ("", true));
        assert_eq!(error(true).because(), ("waived", false));
        let plain = Case {
            scenario: None,
            waiver: None,
            ..error(true)
        };
        assert_eq!(plain.because(), ("noisy", false));
    }

    #[test]
    fn what_does_not_fail_has_no_reason() {
        for outcome in [
            Outcome::Pass,
            Outcome::skip("x"),
            Outcome::Invalid { reason: None },
        ] {
            let case = Case {
                outcome,
                scenario: WARN,
                waiver: Some(1),
                ..FAIL()
            };
            assert_eq!(case.because(), ("", true));
        }
    }

    #[test]
    fn of_two_waivers_the_longer_one_counts_and_others_are_nobodys() {
        let file = discover::parse_spec("a.spec.md".into(), "## X - id: x\n").file;
        let mut rules = Rules::none();
        rules.waivers = vec![waiver("x", -1), waiver("a.spec.md#x", 2), waiver("y", 5)];
        let found = rules.waiver(&file, &file.scenarios[0]).unwrap();
        assert_eq!(found.id, "a.spec.md#x");
        rules.waivers = vec![
            waiver("b.spec.md#x", 1),
            waiver("X", 1),
            waiver("a.spec.md", 1),
        ];
        assert_eq!(rules.waiver(&file, &file.scenarios[0]), None);
    }

    #[test]
    fn an_entry_counts_for_the_same_id_text_and_model_only() {
        let file = discover::parse_spec("a.spec.md".into(), "## X - id: x\n").file;
        let scenario = &file.scenarios[0];
        let entry = NoiseEntry {
            id: "x".into(),
            statement: scenario.fingerprint.clone(),
            model: "m".into(),
            noise: Noise {
                votes: 12,
                minority: 0,
            },
            date: Date::constant(2026, 11, 1),
        };
        let calibration = |entry: &NoiseEntry| {
            let noise = vec![entry.clone()];
            Rules {
                noise,
                ..Rules::none()
            }
            .calibration(scenario, "m")
        };
        assert_eq!(calibration(&entry), QUIET);
        let other = || "other".to_owned();
        for different in [
            NoiseEntry {
                id: other(),
                ..entry.clone()
            },
            NoiseEntry {
                statement: other(),
                ..entry.clone()
            },
            NoiseEntry {
                model: other(),
                ..entry.clone()
            },
        ] {
            assert_eq!(
                calibration(&different),
                Calibration::Unknown,
                "{different:?}"
            );
        }
    }
}
