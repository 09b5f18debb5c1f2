//! How noisy a judge is about a statement, as calibration found it.

use jiff::civil::Date;

/// The quantile of the standard normal distribution that a one-sided 90 % bound takes.
const Z: f64 = 1.281_551_565_545;

/// What calibration found about one statement, an entry of `semtest.noise.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoiseEntry {
    /// The scenario's id.
    pub id: String,
    /// The hash of the statement's text, as [`super::Scenario::fingerprint`] has it.
    pub statement: String,
    /// The model key that was asked.
    pub model: String,
    /// What it answered.
    pub noise: Noise,
    /// The day on which it was asked, UTC.
    pub date: Date,
}

/// How often a judge contradicted itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noise {
    /// How many votes there were.
    pub votes: u32,
    /// How many of them were for the verdict that had fewer.
    pub minority: u32,
}

/// What is known about a judge's noise on a statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Calibration {
    /// Nothing: it was never calibrated, or the statement or the model has changed since.
    #[default]
    Unknown,
    /// Its minority rate is below the limit, with 90 % confidence.
    Quiet(Noise),
    /// Its minority rate is above the limit, with 90 % confidence.
    Noisy(Noise),
    /// There are too few votes to tell.
    Unclear(Noise),
}

impl Noise {
    /// The minority rate, from 0 to 0.5.
    #[must_use]
    pub fn rate(self) -> f64 {
        if self.votes == 0 {
            return 0.0;
        }
        f64::from(self.minority) / f64::from(self.votes)
    }

    /// The one-sided 90 % bounds of the rate, lower and upper, by Wilson's score.
    #[must_use]
    pub fn bounds(self) -> (f64, f64) {
        if self.votes == 0 {
            return (0.0, 1.0);
        }
        let (rate, votes, square) = (self.rate(), f64::from(self.votes), Z * Z);
        let scale = 1.0 + square / votes;
        let centre = (rate + square / (2.0 * votes)) / scale;
        let spread =
            Z * (rate * (1.0 - rate) / votes + square / (4.0 * votes * votes)).sqrt() / scale;
        ((centre - spread).max(0.0), (centre + spread).min(1.0))
    }

    /// What this says where rates up to `max_flip` are let pass.
    #[must_use]
    pub fn class(self, max_flip: f64) -> Calibration {
        let (lower, upper) = self.bounds();
        if upper < max_flip {
            Calibration::Quiet(self)
        } else if lower > max_flip {
            Calibration::Noisy(self)
        } else {
            Calibration::Unclear(self)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn class(minority: u32, votes: u32) -> Calibration {
        Noise { votes, minority }.class(0.2)
    }

    #[test]
    fn twelve_votes_tell_the_quiet_from_the_noisy() {
        assert!(matches!(class(0, 12), Calibration::Quiet(_)));
        for minority in 1..=4 {
            assert!(
                matches!(class(minority, 12), Calibration::Unclear(_)),
                "{minority}"
            );
        }
        for minority in 5..=6 {
            assert!(
                matches!(class(minority, 12), Calibration::Noisy(_)),
                "{minority}"
            );
        }
    }

    #[test]
    fn seven_unanimous_votes_are_the_least_that_shows_quiet() {
        assert!(matches!(class(0, 6), Calibration::Unclear(_)));
        assert!(matches!(class(0, 7), Calibration::Quiet(_)));
        assert!(matches!(class(0, 0), Calibration::Unclear(_)));
    }

    proptest! {
        #[test]
        fn the_rate_is_between_its_bounds(votes in 1..5_000_u32, part in 0.0..0.5_f64) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a small number")]
            let minority = (f64::from(votes) * part) as u32;
            let noise = Noise { votes, minority };
            let (lower, upper) = noise.bounds();
            prop_assert!((0.0..=1.0).contains(&lower) && (0.0..=1.0).contains(&upper));
            prop_assert!(lower <= noise.rate() + 1e-9 && noise.rate() <= upper + 1e-9);
        }
    }
}
