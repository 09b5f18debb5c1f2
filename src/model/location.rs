//! A place in the code, as judges and checks write it.

/// A place in the code, as the judge wrote it: `path`, `path:line` or `path:line:column`.
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

    /// The same place, told from `root` (absolute, `/` between components) if it is an absolute path
    /// below. Any other is returned as it is, also one that climbs out with `..`.
    #[must_use]
    pub fn told_from(self, root: &str) -> Self {
        let path = self.path();
        let below = path.strip_prefix(root.trim_end_matches('/'));
        let below = below.filter(|below| below.starts_with('/') && root.starts_with('/'));
        let Some(below) = below else {
            return self;
        };
        let parts = below.split('/').filter(|part| !["", "."].contains(part));
        let parts: Vec<&str> = parts.collect();
        if parts.is_empty() || parts.contains(&"..") {
            return self;
        }
        let rest = &self.0[path.len()..];
        Self(format!("{}{rest}", parts.join("/")))
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

    fn told_from(text: &str, root: &str) -> String {
        let location = Location::parse(text).unwrap();
        location.told_from(root).as_str().to_owned()
    }

    #[test]
    fn an_absolute_path_below_the_root_becomes_relative_to_it() {
        for (text, expected) in [
            ("/p/app/src/a.rs", "src/a.rs"),
            ("/p/app/src/a.rs:12:3", "src/a.rs:12:3"),
            ("/p/app//./src/a.rs:12-20", "src/a.rs:12-20"),
        ] {
            assert_eq!(told_from(text, "/p/app"), expected);
            assert_eq!(told_from(text, "/p/app/"), expected);
        }
        assert_eq!(told_from("/a.rs:3", "/"), "a.rs:3");
    }

    #[test]
    fn a_path_that_is_not_below_the_root_stays() {
        for text in [
            "src/a.rs:3",
            "/p/apple/a.rs",
            "/p/app",
            "/p/app/:3",
            "/p/b.rs:1",
            "/p/app/../../etc/passwd:1",
            "/p/app/src/../a.rs",
            "at /p/app/a.rs",
        ] {
            assert_eq!(told_from(text, "/p/app"), text);
        }
        assert_eq!(told_from("/p/a.rs", ""), "/p/a.rs");
        assert_eq!(told_from("pp/a.rs", "p"), "pp/a.rs");
    }

    proptest! {
        #[test]
        fn a_place_told_twice_is_the_same_and_never_climbs_out(
            root in "/|(/[ab.]{1,3}){1,3}/?",
            text in "/{0,2}([ab.]{1,3}/{1,2}){0,4}[ab.]{0,3}(:[0-9]{1,2}){0,2}",
        ) {
            prop_assume!(Location::parse(&text).is_some());
            let once = told_from(&text, &root);
            prop_assert_eq!(told_from(&once, &root), once.clone());
            if once != text {
                let location = Location::parse(&once).unwrap();
                let is_name = |part: &str| !["", ".", ".."].contains(&part);
                prop_assert!(location.path().split('/').all(is_name), "{}", once);
                prop_assert_eq!(location.line(), Location::parse(&text).unwrap().line());
            }
        }
    }
}
