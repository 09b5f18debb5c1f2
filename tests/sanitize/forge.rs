//! What GitHub and GitLab look for in rendered text outside of code, as far as it is documented.

use std::sync::LazyLock;

use regex::RegexSet;

static FILTERS: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        r"@\w",                                         // mentions
        r"\S@\S",                                       // mail addresses, o/r@commit
        r"#[0-9]",                                      // issues
        r"(?i)\bGH-[0-9]",                              // issues, the old form
        r"(?i)\b[0-9a-f]{7,64}\b",                      // commits
        r"(?i)\w://\S|\bwww\.\S",                       // links
        r":[a-zA-Z0-9_+-]*[a-zA-Z0-9][a-zA-Z0-9_+-]*:", // emoji
        r"\$\S.*\$",                                    // formulas
        r#"[!$&][0-9]|[%~]["]?\w|%\{\w"#, // GitLab: merge requests, snippets, epics, milestones, labels
        r"\[\[.*\]\]|\[[a-z_]+:[^\]]+\]", // GitLab: wiki pages, other kinds of issue
        r"\*iteration:|(?i)\[toc\]",      // GitLab
        r"\[-.*-\]|\{-.*-\}|\[\+.*\+\]|\{\+.*\+\}", // GitLab: added and removed
    ])
    .expect("the filters are regular expressions")
});

/// Whether a forge would turn something in this text into more than text.
pub(crate) fn acts_on(text: &str) -> bool {
    FILTERS.is_match(text)
}

/// Whether GitLab would read a quick action or an include in this Markdown source.
pub(crate) fn has_quick_action(source: &str) -> bool {
    source
        .lines()
        .any(|line| line.starts_with('/') || line.starts_with("::"))
}

#[test]
fn the_filters_find_what_they_are_for() {
    for text in [
        "hi @octocat",
        "see o/r#1",
        "gh-1",
        "at deadbee.",
        "www.x",
        "main:100:5",
        "~bug",
    ] {
        assert!(acts_on(text), "{text}");
    }
    assert!(!acts_on(
        "std::env is 100% fine, @ 5, C# (UTF-8) at main.rs:12"
    ));
    assert!(has_quick_action("a\n/close"));
}
