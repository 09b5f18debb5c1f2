//! A place in the code, as judges and checks write it.

/// A place in the code: `path`, `path:line` or `path:line:column`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location(String);

impl Location {
    /// Takes the text as it is; `None` if it is blank.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// A place that we found ourselves. `line` counts from 1.
    #[must_use]
    pub fn at(path: &str, line: u32) -> Self {
        Self(format!("{path}:{line}"))
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path without line and column.
    #[must_use]
    pub fn path(&self) -> &str {
        self.split().0
    }

    /// The first line of the place, from 1, if one is given (`path:12`, `path:12:3`, `path:12-20`).
    #[must_use]
    pub fn line(&self) -> Option<u32> {
        self.split().1
    }

    fn split(&self) -> (&str, Option<u32>) {
        let Some((head, last)) = self.0.rsplit_once(':') else {
            return (&self.0, None);
        };
        let Some(last) = leading_number(last) else {
            return (&self.0, None);
        };
        match head
            .rsplit_once(':')
            .and_then(|(path, line)| Some((path, leading_number(line)?)))
        {
            Some((path, line)) => (path, Some(line)),
            None => (head, Some(last)),
        }
    }
}

/// `12` and `12-20` are 12; anything else is no line number.
fn leading_number(text: &str) -> Option<u32> {
    let (first, rest) = text.split_once('-').unwrap_or((text, "0"));
    rest.parse::<u32>().ok()?;
    first.parse().ok().filter(|line| *line > 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn locations_split_into_path_and_line() {
        let split = |text: &str| {
            let location = Location::parse(text).unwrap();
            (location.path().to_owned(), location.line())
        };
        assert_eq!(split("src/a.rs"), ("src/a.rs".into(), None));
        assert_eq!(split("src/a.rs:12"), ("src/a.rs".into(), Some(12)));
        assert_eq!(split("src/a.rs:12:3"), ("src/a.rs".into(), Some(12)));
        assert_eq!(split("src/a.rs:12-20"), ("src/a.rs".into(), Some(12)));
        assert_eq!(split("C:\\a.rs"), ("C:\\a.rs".into(), None));
        assert_eq!(split("src/a.rs:0"), ("src/a.rs:0".into(), None));
        assert_eq!(Location::parse("  "), None);
    }
    proptest! {
        #[test]
        fn any_text_begins_with_its_path(text in "(\\PC|[:0-9-]){0,30}") {
            if let Some(location) = Location::parse(&text) {
                prop_assert!(location.as_str().starts_with(location.path()));
                prop_assert!(location.line() != Some(0));
            }
        }
    }
}
