//! Addresses of the judged files, at the judged commit and line.

use std::borrow::Cow;
use std::fmt::Write as _;

use percent_encoding::{AsciiSet, utf8_percent_encode};

use crate::model::{Location, RunReport, Spot, TestResult};
use crate::report::place::{ESCAPED, in_code, in_spec};

/// The longest address of ours, in bytes; a longer one is left out.
const LONGEST_ADDRESS: usize = 300;

/// The longest path that a link is made of, in bytes.
const LONGEST_PATH: usize = 300;

/// What is escaped in an address as a whole; `(`, `)`, `\`, `<`, `>`, `&` mean something where a
/// Markdown link has its destination.
const ADDRESS: &AsciiSet = &ESCAPED
    .remove(b':')
    .remove(b'?')
    .remove(b'#')
    .remove(b'=')
    .remove(b'%')
    .remove(b'@')
    .remove(b'+')
    .remove(b'[')
    .remove(b']');

/// Where links lead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Where the files of the judged commit are shown, without a slash at the end:
    /// `https://github.com/o/r/blob/<commit>`. A path and `#L<line>` come behind it.
    pub files: Option<String>,
    /// The page of the CI run, with its log, summary and artifacts.
    pub run: Option<String>,
}

impl Links {
    /// The page of the run, as the destination of a Markdown link.
    pub(in crate::report) fn run(&self) -> Option<String> {
        destination(self.run.as_deref()?)
    }

    /// Where a judge's location is shown, if what the judge wrote can be a path of the project.
    pub(in crate::report) fn location(
        &self,
        report: &RunReport,
        location: &Location,
    ) -> Option<String> {
        self.spot(&in_code(report, location)?)
    }

    /// Where a scenario is stated.
    pub(in crate::report) fn statement(
        &self,
        report: &RunReport,
        result: &TestResult,
    ) -> Option<String> {
        self.spot(&in_spec(report, &result.path, Some(result.line))?)
    }

    fn spot(&self, spot: &Spot) -> Option<String> {
        let base = destination(self.files.as_deref()?)?;
        let path = spot.path.as_str();
        if path.len() > LONGEST_PATH {
            return None;
        }
        let mut address = format!("{base}/{}", utf8_percent_encode(path, ESCAPED));
        if let Some(line) = spot.line {
            // Of Markdown, both forges show the rendered page, which has no lines.
            let (_, extension) = path.rsplit_once('.').unwrap_or_default();
            if ["md", "markdown"].contains(&extension.to_ascii_lowercase().as_str()) {
                address.push_str("?plain=1");
            }
            // Writing to a string can't fail.
            let _ = write!(address, "#L{line}");
        }
        Some(address)
    }
}

/// An address as the destination of a Markdown link, with nothing in it that could end the link.
fn destination(address: &str) -> Option<String> {
    let is_web = address.starts_with("https://") || address.starts_with("http://");
    let encoded: Cow<'_, str> = utf8_percent_encode(address, ADDRESS).into();
    (is_web && encoded.len() <= LONGEST_ADDRESS).then(|| encoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &str = "https://github.com/o/r/blob/4bb1a3f";

    fn link(directory: &str, location: &str) -> Option<String> {
        let mut report = RunReport::sample_passed();
        report.judged.directory = directory.into();
        let links = Links {
            files: Some(FILES.into()),
            run: None,
        };
        let address = links.location(&report, &Location::parse(location)?)?;
        Some(address.strip_prefix(FILES).unwrap().to_owned())
    }

    #[test]
    fn a_location_is_shown_at_its_line_below_the_top_of_the_repository() {
        let shown = |directory, location| link(directory, location).unwrap();
        assert_eq!(shown("", "src/a.rs:12"), "/src/a.rs#L12");
        assert_eq!(
            shown("services/shop", "./src/a.rs:12:3"),
            "/services/shop/src/a.rs#L12"
        );
        assert_eq!(shown("", "Makefile"), "/Makefile");
        assert_eq!(shown("", "docs/A.MD:3-9"), "/docs/A.MD?plain=1#L3");
        assert_eq!(
            shown("a b", "app/(x)/[id]/ü#?%.tsx:1"),
            "/a%20b/app/%28x%29/%5Bid%5D/%C3%BC%23%3F%25.tsx#L1"
        );
    }

    #[test]
    fn what_is_no_path_of_the_project_has_no_link() {
        for text in [
            "/etc/passwd:1",
            "../secrets:1",
            "https://evil.example/x:1",
            "the login handler",
            &("a/".repeat(200) + "b"),
        ] {
            assert_eq!(link("", text), None, "{text}");
        }
        assert_eq!(link("../x", "a.rs"), None);
    }

    #[test]
    fn an_address_can_not_end_the_link_it_is_in() {
        let run = |address: &str| {
            let run = Some(address.to_owned());
            Links { files: None, run }.run()
        };
        let shown = run("https://ci.example/a b/(c)?d=1&e=<f>#g\n[x](y)").unwrap();
        assert_eq!(
            shown,
            "https://ci.example/a%20b/%28c%29?d=1%26e=%3Cf%3E#g%0A[x]%28y%29"
        );
        assert_eq!(run("javascript:alert(1)"), None);
        assert_eq!(run(&format!("https://{}", "x".repeat(300))), None);
    }
}
