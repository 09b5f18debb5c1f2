//! Times as users write them, in flags, configuration and frontmatter alike: milliseconds, or `90s`,
//! `2m`, `500ms`. What a time limits is up to who asks.

use std::time::Duration;

use jiff::SignedDuration;
use thiserror::Error;

/// The longest time that is taken: the largest whole number of JavaScript, in milliseconds. More
/// could not be added to a clock.
const LONGEST_MILLISECONDS: u64 = (1 << 53) - 1;

/// Why a text is no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TimeoutError {
    /// It is neither a number nor a duration.
    #[error("not a time; write milliseconds such as `90000`, or `90s`, `2m`, `500ms`")]
    Unreadable,
    /// It is less than nothing.
    #[error("a time can't be negative; write `0` for none")]
    Negative,
    /// It does not fit.
    #[error("longer than any clock runs; write `0` for none")]
    TooLong,
}

/// Reads a time: digits alone are milliseconds, anything else is a duration with units as
/// [`jiff::fmt::friendly`] describes them. Zero is for "none"; what is less than a millisecond but
/// not zero becomes one millisecond.
///
/// # Errors
///
/// When the text is no time, negative, or too long for a clock.
pub fn parse_timeout(text: &str) -> Result<Duration, TimeoutError> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let milliseconds = text.parse().map_err(|_| TimeoutError::TooLong)?;
        return from_milliseconds(milliseconds);
    }
    let duration: SignedDuration = text.parse().map_err(|_| TimeoutError::Unreadable)?;
    if duration.is_negative() {
        return Err(TimeoutError::Negative);
    }
    let milliseconds = u64::try_from(duration.as_millis()).map_err(|_| TimeoutError::TooLong)?;
    if milliseconds == 0 && !duration.is_zero() {
        // Rounding `1us` down would turn the shortest limit into none.
        return Ok(Duration::from_millis(1));
    }
    from_milliseconds(milliseconds)
}

/// Takes a number of milliseconds.
///
/// # Errors
///
/// When it is too long for a clock.
pub fn from_milliseconds(milliseconds: u64) -> Result<Duration, TimeoutError> {
    if milliseconds > LONGEST_MILLISECONDS {
        return Err(TimeoutError::TooLong);
    }
    Ok(Duration::from_millis(milliseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_milliseconds_and_units_are_honoured() {
        let milliseconds = |text| parse_timeout(text).map(|time| time.as_millis());
        assert_eq!(milliseconds("0"), Ok(0));
        assert_eq!(milliseconds("1500"), Ok(1500));
        assert_eq!(milliseconds("500ms"), Ok(500));
        assert_eq!(milliseconds("90s"), Ok(90_000));
        assert_eq!(milliseconds("2m"), Ok(120_000));
        assert_eq!(milliseconds(" 1h 30m "), Ok(5_400_000));
        assert_eq!(milliseconds("0s"), Ok(0));
        assert_eq!(milliseconds("1us"), Ok(1));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "soon",
            "1.5.2s",
            "90 seconds please",
            "0x10",
            "+5",
            "1y",
        ] {
            assert_eq!(parse_timeout(text), Err(TimeoutError::Unreadable), "{text}");
        }
        assert_eq!(parse_timeout("-2m"), Err(TimeoutError::Negative));
        assert_eq!(parse_timeout("2m ago"), Err(TimeoutError::Negative));
        let too_long = [
            "9007199254740992",
            "99999999999999999999999",
            "9000000000000000s",
        ];
        for text in too_long {
            assert_eq!(parse_timeout(text), Err(TimeoutError::TooLong), "{text}");
        }
    }
}
