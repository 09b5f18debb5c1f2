//! What semtest writes into an output directory, by name: reports write and clear these, checks leave
//! them out.

/// For people.
pub const MARKDOWN_NAME: &str = "latest.md";

/// For programs.
pub const JSON_NAME: &str = "ci-results.json";

/// For CI systems, unless the user names another place.
pub const JUNIT_NAME: &str = "junit-results.xml";

/// For GitLab's Code Quality widget, where it is asked for.
pub const CODE_QUALITY_NAME: &str = "gl-code-quality.json";

/// For GitHub's code scanning, where it is asked for.
pub const SARIF_NAME: &str = "semtest.sarif";

/// Every report file with a fixed name: all that a run may write into the output directory, except
/// `debug/` and the copies under a time.
pub const REPORT_NAMES: [&str; 5] = [
    MARKDOWN_NAME,
    JSON_NAME,
    JUNIT_NAME,
    CODE_QUALITY_NAME,
    SARIF_NAME,
];

/// The directory that `--debug` fills.
pub const DEBUG_NAME: &str = "debug";

/// How every debug record begins, so that they are told from other people's JSON.
pub const DEBUG_RECORD_START: &str = "{\"path\":";

/// Whether an entry of the output directory is one that semtest writes: one of the fixed names, or a
/// copy of the Markdown under the time of its run, such as `2026-11-21T11-30-00Z.md`.
#[must_use]
pub fn is_report_name(name: &str) -> bool {
    REPORT_NAMES.contains(&name) || name == DEBUG_NAME || is_timed_copy(name)
}

fn is_timed_copy(name: &str) -> bool {
    let Some((time, counter)) = name
        .strip_suffix(".md")
        .and_then(|name| name.split_once('Z'))
    else {
        return false;
    };
    let digits = time.bytes().filter(u8::is_ascii_digit).count();
    let like_time = time
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"-T".contains(&byte));
    let numbered = counter
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-');
    like_time && numbered && digits >= 14
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_count() {
        for ours in [
            "latest.md",
            "gl-code-quality.json",
            "semtest.sarif",
            "debug",
            "2026-11-21T11-30-00Z.md",
            "2026-11-21T11-30-00Z-2.md",
        ] {
            assert!(is_report_name(ours), "{ours}");
        }
        for other in [
            "main.rs",
            "codeql.sarif",
            "Z.md",
            "2026.md",
            "2026-11-21T11-30-00Z.txt",
            "debug.json",
        ] {
            assert!(!is_report_name(other), "{other}");
        }
    }
}
