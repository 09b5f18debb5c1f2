//! `testMatch`: which files are specs, and which directories can lead to one. `ignore` and the walk
//! are [`super::walk`]'s.

use std::ffi::OsStr;
use std::path::Path;

use globset::{Candidate, Glob, GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};

use super::braces;
use super::error::{DiscoverError, PatternError};

/// The `testMatch` patterns, all matched on paths relative to the project root.
pub(super) struct TestMatch {
    set: GlobSet,
    routes: Vec<Vec<Step>>,
}

/// How a directory relates to the patterns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// No pattern can match anything in it.
    Never,
    /// A wildcard leads into it.
    Wildcard,
    /// A pattern spells its name out.
    Named,
}

/// One component of a pattern without braces.
enum Step {
    /// `**`
    AnyDepth,
    Name {
        matcher: GlobMatcher,
        /// It has no wildcard.
        literal: bool,
        /// It starts with a dot, so it may match names that do.
        dotted: bool,
    },
}

impl TestMatch {
    /// Reads the patterns; the error says which one is wrong.
    pub(super) fn parse(patterns: &[String]) -> Result<Self, DiscoverError> {
        let mut set = GlobSetBuilder::new();
        let mut routes = Vec::new();
        let mut add = |pattern: &str| -> Result<(), PatternError> {
            let pattern = relative(pattern)?;
            set.add(glob(pattern)?);
            for plain in braces::expand(pattern)? {
                routes.push(route(&plain)?);
            }
            Ok(())
        };
        for pattern in patterns {
            add(pattern).map_err(|source| wrong(pattern, source))?;
        }
        let set = set
            .build()
            .map_err(|source| wrong(&patterns.join(", "), source.into()))?;
        Ok(Self { set, routes })
    }

    /// Whether a pattern matches the whole path. Says nothing about dots.
    pub(super) fn matches(&self, relative: &Path) -> bool {
        self.set.is_match_candidate(&Candidate::new(relative))
    }

    /// Whether no name in `relative` starts with a dot, except in its first `given` components,
    /// which the user typed, and where a pattern has that dot too.
    pub(super) fn admits_dots(&self, relative: &Path, given: usize) -> bool {
        if !relative.iter().skip(given).any(is_dotted) {
            return true;
        }
        self.routes
            .iter()
            .any(|route| positions(route, relative, given).0[route.len()])
    }

    /// Whether a spec can be anywhere below the directory `relative`.
    pub(super) fn reach(&self, relative: &Path, given: usize) -> Reach {
        let reach = |route: &Vec<Step>| {
            let (positions, named) = positions(route, relative, given);
            if named {
                Reach::Named
            } else if positions[..route.len()].contains(&true) {
                Reach::Wildcard
            } else {
                Reach::Never
            }
        };
        self.routes.iter().map(reach).max().unwrap_or(Reach::Never)
    }
}

fn wrong(pattern: &str, source: PatternError) -> DiscoverError {
    DiscoverError::Pattern {
        field: "testMatch",
        pattern: pattern.to_owned(),
        source,
    }
}

fn relative(pattern: &str) -> Result<&str, PatternError> {
    let pattern = pattern.trim_start_matches("./");
    if pattern.trim().is_empty() {
        return Err(PatternError::Empty);
    }
    if pattern.starts_with('!') {
        return Err(PatternError::Negated);
    }
    if pattern.starts_with('/') || pattern.split('/').any(|name| name == "..") {
        return Err(PatternError::Outside);
    }
    Ok(pattern)
}

fn glob(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(true).build()
}

fn route(pattern: &str) -> Result<Vec<Step>, PatternError> {
    let names = pattern.split('/').filter(|name| !name.is_empty());
    names
        .map(|name| {
            if name == "**" {
                return Ok(Step::AnyDepth);
            }
            Ok(Step::Name {
                matcher: glob(name)?.compile_matcher(),
                literal: !name.contains(['*', '?', '[', '\\']),
                dotted: name.starts_with('.'),
            })
        })
        .collect()
}

fn is_dotted(name: &OsStr) -> bool {
    name.as_encoded_bytes().first() == Some(&b'.')
}

/// Where in `route` one can stand after walking down `path` (index `route.len()` is its end), and
/// whether the last name was spelled out with more of the route to follow.
fn positions(route: &[Step], path: &Path, given: usize) -> (Vec<bool>, bool) {
    let end = route.len();
    let mut here = vec![false; end + 1];
    here[0] = true;
    let mut named = false;
    skip_any_depth(route, &mut here);
    for (depth, name) in path.iter().enumerate() {
        let hidden = depth >= given && is_dotted(name);
        let mut next = vec![false; end + 1];
        named = false;
        for (at, step) in route.iter().enumerate().filter(|(at, _)| here[*at]) {
            match step {
                Step::AnyDepth => next[at] |= !hidden,
                Step::Name {
                    matcher,
                    literal,
                    dotted,
                } => {
                    if (!hidden || *dotted) && matcher.is_match(name) {
                        next[at + 1] = true;
                        named |= *literal && at + 1 < end;
                    }
                }
            }
        }
        skip_any_depth(route, &mut next);
        here = next;
    }
    (here, named)
}

/// `**` also stands for no directory at all.
fn skip_any_depth(route: &[Step], here: &mut [bool]) {
    for (at, step) in route.iter().enumerate() {
        if here[at] && matches!(step, Step::AnyDepth) {
            here[at + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(patterns: &[&str]) -> TestMatch {
        let patterns: Vec<_> = patterns.iter().map(ToString::to_string).collect();
        TestMatch::parse(&patterns).unwrap()
    }

    fn refused(pattern: &str) -> String {
        match TestMatch::parse(&[pattern.to_owned()]) {
            Err(DiscoverError::Pattern { source, .. }) => source.to_string(),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("`{pattern}` was accepted"),
        }
    }

    #[test]
    fn any_depth_includes_the_root_and_a_star_stops_at_a_slash() {
        let any = parsed(&["**/*.spec.md"]);
        assert!(any.matches(Path::new("a.spec.md")));
        assert!(any.matches(Path::new("a/b/c.spec.md")));
        assert!(!any.matches(Path::new("a.spec.mdx")));
        let one = parsed(&["./specs/*.md"]);
        assert!(one.matches(Path::new("specs/a.md")));
        assert!(!one.matches(Path::new("specs/deep/a.md")));
        assert!(!one.matches(Path::new("other/specs/a.md")));
    }

    #[test]
    fn directories_no_pattern_can_reach_are_known() {
        let patterns = parsed(&["specs/*.md", "{a,b/c}/**/*.spec.md", "**/build/x.md"]);
        let reach = |path: &str| patterns.reach(Path::new(path), 0);
        assert_eq!(reach("specs"), Reach::Named);
        assert_eq!(reach("b"), Reach::Named);
        assert_eq!(reach("b/c"), Reach::Named);
        assert_eq!(reach("b/c/d"), Reach::Wildcard);
        assert_eq!(reach("x/build"), Reach::Named);
        assert_eq!(reach("x"), Reach::Wildcard);
        let narrow = parsed(&["specs/*.md"]);
        assert_eq!(narrow.reach(Path::new("specs/deep"), 0), Reach::Never);
        assert_eq!(narrow.reach(Path::new("src"), 0), Reach::Never);
    }

    #[test]
    fn dots_need_a_dot_in_the_pattern() {
        let any = parsed(&["**/*.spec.md"]);
        assert!(any.admits_dots(Path::new("a/b.spec.md"), 0));
        assert!(!any.admits_dots(Path::new("a/.b.spec.md"), 0));
        assert!(!any.admits_dots(Path::new(".github/b.spec.md"), 0));
        assert!(any.admits_dots(Path::new(".github/b.spec.md"), 1));
        assert_eq!(any.reach(Path::new(".github"), 0), Reach::Never);
        assert_eq!(any.reach(Path::new(".github"), 1), Reach::Wildcard);
        let dotted = parsed(&["{.github,docs}/**/*.spec.md", "**/.*.spec.md"]);
        assert_eq!(dotted.reach(Path::new(".github"), 0), Reach::Named);
        assert_eq!(dotted.reach(Path::new(".git"), 0), Reach::Never);
        assert!(dotted.admits_dots(Path::new("x/.b.spec.md"), 0));
        assert!(!dotted.admits_dots(Path::new(".x/b.spec.md"), 0));
    }

    #[test]
    fn patterns_that_could_never_match_are_refused_with_the_reason() {
        assert!(refused("specs/[a").contains("unclosed character class"));
        assert!(refused("{a").contains("unclosed alternate"));
        assert!(refused("!a.md").contains("testPathIgnorePatterns"));
        assert!(refused("../a.md").contains("out of the project"));
        assert!(refused("/a.md").contains("out of the project"));
        assert!(refused(" ").contains("empty"));
    }
}
