//! The readers of log lines, rebuilt from their description and stricter: any name counts as a
//! command, known or not, and an unfinished one too.

/// The commands in a log, as GitHub's runner, Azure Pipelines and TeamCity would find them.
pub(crate) fn find_commands(log: &str) -> Vec<&str> {
    log.split(['\n', '\r'])
        .filter(|line| {
            let weightless: String = line.chars().filter(|c| !has_no_weight(*c)).collect();
            [line, weightless.as_str()]
                .into_iter()
                .any(|line| is_command(line) || is_legacy_command(line))
        })
        .collect()
}

/// Version 2: `::name key=value,…::data`, after leading blanks.
fn is_command(line: &str) -> bool {
    line.trim_start()
        .strip_prefix("::")
        .is_some_and(|info| info.contains("::"))
}

/// Version 1 and its relatives: `##[name …]data`, `##vso[`, `##teamcity[`, anywhere in the line.
fn is_legacy_command(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    ["##[", "##vso[", "##teamcity["]
        .into_iter()
        .any(|opening| line.contains(opening))
}

/// Marks that ICU gives no weight when it compares by culture (a sample of `allkeys.txt`).
fn has_no_weight(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{20d0}'..='\u{20f0}')
}

#[test]
fn commands_of_every_form_are_found() {
    for line in [
        "::error::x",
        " \u{a0}\t::error file=a::x",
        "::any thing::",
        "x ##[error]y",
        "##VSO[a]",
        "x##teamcity[a]",
        "\u{488}::error::x",
        "#\u{301}#[x]",
    ] {
        assert_eq!(find_commands(line), [line]);
    }
    assert_eq!(find_commands("a\r::b::c\nd"), ["::b::c"]);
    assert!(find_commands("x ::error::y\n# #[a]\n::error\n`::a::b`").is_empty());
}
