//! Annotations as commands that GitHub's runner reads out of the log:
//! `::error title=…,file=a.rs,line=3::message`
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>; how it
//! reads them: `ActionCommand.cs` of actions/runner).
//!
//! Foreign text passes `sanitize` before it is escaped: the runner writes what it has unescaped into
//! the log again. The other lines of our log are not wrapped in `stop-commands`: `ui`, their only
//! writer, breaks every command in them, wherever it stands, and a wrapper that is not closed because
//! we were killed would swallow the commands of whatever the step does next.

use crate::model::{Annotation, Severity, Spot};
use crate::sanitize::{terminal_block, terminal_line};

/// The runner shows this many annotations of a severity for a step and drops the others.
const MOST_PER_SEVERITY: usize = 10;

/// The most of a message, in UTF-16 code units, which is what the runner counts.
const MOST_OF_MESSAGE: usize = 4_096;

/// The most of a title, counted likewise: the checks API refuses longer ones.
const MOST_OF_TITLE: usize = 255;

/// The largest line number: the runner drops what does not fit into 32 bits with a sign.
const LARGEST_LINE: u32 = i32::MAX.unsigned_abs();

/// One line an annotation, as many of each severity as are shown. What is left out is counted in one
/// notice, to which `rest` says where it can be read: a sentence of ours.
#[must_use]
pub fn workflow_commands(annotations: &[Annotation], rest: &str) -> Vec<String> {
    const SEVERITIES: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Notice];
    let count = |severity| {
        let all = annotations.iter();
        all.filter(|annotation| annotation.severity == severity)
            .count()
    };
    let is_too_many = SEVERITIES
        .into_iter()
        .any(|severity| count(severity) > MOST_PER_SEVERITY);
    let mut commands = Vec::new();
    let mut left_out = Vec::new();
    for severity in SEVERITIES {
        // The notice about what is left out is one of the ten itself.
        let own = usize::from(is_too_many && severity == Severity::Notice);
        let room = MOST_PER_SEVERITY - own;
        let of_severity = annotations
            .iter()
            .filter(|annotation| annotation.severity == severity);
        commands.extend(of_severity.take(room).map(command));
        left_out.push((severity, count(severity).saturating_sub(room)));
    }
    if is_too_many {
        commands.push(about_the_rest(&left_out, rest));
    }
    commands
}

fn about_the_rest(left_out: &[(Severity, usize)], rest: &str) -> String {
    let total: usize = left_out.iter().map(|(_, count)| count).sum();
    let kinds: Vec<String> = left_out
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| match count {
            1 => format!("1 {}", word(*severity)),
            _ => format!("{count} {}s", word(*severity)),
        })
        .collect();
    let message = format!("{total} more ({}). {rest}", kinds.join(", "));
    format!("::notice title=semtest::{}", data(&message))
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Notice => "notice",
    }
}

fn command(annotation: &Annotation) -> String {
    let title = terminal_line(&annotation.title);
    let message = terminal_block(&annotation.message, usize::MAX);
    let message = [&message, &title].into_iter().find(|text| !text.is_empty());
    let mut properties = Vec::new();
    if !title.is_empty() {
        properties.push(format!("title={}", property(&title, MOST_OF_TITLE)));
    }
    // The line comes last: a digit before the `::` leaves no doubt where the properties end.
    let spot = annotation.spot.as_ref().filter(|spot| is_readable(spot));
    if let Some(Spot { path, line }) = spot {
        properties.push(format!("file={}", property(path, usize::MAX)));
        let line = line.filter(|line| (1..=LARGEST_LINE).contains(line));
        properties.extend(line.map(|line| format!("line={line}")));
    }
    let name = word(annotation.severity);
    let blank = if properties.is_empty() { "" } else { " " };
    let properties = properties.join(",");
    let message = data(message.map_or("semtest", String::as_str));
    format!("::{name}{blank}{properties}::{message}")
}

/// Whether the runner reads this path as it is. It takes `=` from the front of a value and blanks from
/// its end, and what `sanitize` would change is not what the file is called.
fn is_readable(spot: &Spot) -> bool {
    let path = spot.path.as_str();
    !path.is_empty() && !path.starts_with('=') && terminal_line(path) == path
}

/// What is read between `=` and the next `,`.
fn property(text: &str, most: usize) -> String {
    escaped(text, most, |character| match character {
        ':' => Some("%3A"),
        ',' => Some("%2C"),
        other => data_escape(other),
    })
}

/// What is read after the second `::`.
fn data(text: &str) -> String {
    // The runner looks for `::` by culture: a mark that joins the second colon would hide it, and the
    // text would be read as properties up to the next `::` that it brings along.
    let blank = if text.starts_with(|first: char| first.is_ascii()) {
        ""
    } else {
        " "
    };
    blank.to_owned() + &escaped(text, MOST_OF_MESSAGE - blank.len(), data_escape)
}

fn data_escape(character: char) -> Option<&'static str> {
    match character {
        '%' => Some("%25"),
        '\r' => Some("%0D"),
        '\n' => Some("%0A"),
        _ => None,
    }
}

/// At most `most` UTF-16 code units, ending in `…` if something was cut, never inside an escape.
fn escaped(text: &str, most: usize, escape: fn(char) -> Option<&'static str>) -> String {
    const MARK: &str = "…";
    let mut out = String::new();
    // Where a cut would leave room for the mark.
    let mut cut = 0;
    let mut length = 0;
    for character in text.chars() {
        if length < most {
            cut = out.len();
        }
        if let Some(replacement) = escape(character) {
            out.push_str(replacement);
            length += replacement.len();
        } else {
            out.push(character);
            length += character.len_utf16();
        }
        if length > most {
            out.truncate(cut);
            out.push_str(MARK);
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotation(severity: Severity, message: &str) -> Annotation {
        Annotation {
            severity,
            spot: None,
            title: "t".into(),
            message: message.into(),
        }
    }

    fn at(path: &str, line: u32) -> Annotation {
        Annotation {
            spot: Some(Spot {
                path: path.into(),
                line: Some(line),
            }),
            ..annotation(Severity::Error, "m")
        }
    }

    fn one(annotation: Annotation) -> String {
        let mut commands = workflow_commands(&[annotation], "");
        assert_eq!(commands.len(), 1);
        commands.remove(0)
    }

    #[test]
    fn what_the_runner_reads_as_syntax_is_escaped() {
        let mut remark = at("src/a,b:c%d=e.rs", 3);
        remark.title = "50%: a, b".into();
        remark.message = "100%, %0A:\nb::c".into();
        assert_eq!(
            one(remark),
            "::error title=50%25%3A a%2C b,file=src/a%2Cb%3Ac%25d=e.rs,line=3::100%25, %250A:%0Ab::c"
        );
    }

    #[test]
    fn a_file_that_the_runner_would_read_differently_is_left_out() {
        for path in ["", "=a.rs", "a.rs ", "a\nb.rs", "a\u{200b}.rs", "##[group]"] {
            assert_eq!(one(at(path, 3)), "::error title=t::m", "{path}");
        }
        assert_eq!(one(at("a.rs", 0)), "::error title=t,file=a.rs::m");
        assert_eq!(one(at("a.rs", u32::MAX)), "::error title=t,file=a.rs::m");
    }

    #[test]
    fn no_foreign_line_is_a_command_after_unescaping_either() {
        let hostile = "##[group]a\n  ::set-output name=x::y\r##vso[b]\u{202e}";
        let line = one(annotation(Severity::Warning, hostile));
        assert_eq!(
            line,
            "::warning title=t::#\\#[group]a%0A  \\::set-output name=x::y%0A#\\#vso[b]"
        );
    }

    #[test]
    fn a_mark_can_not_join_the_colons_before_the_message() {
        let line = one(annotation(Severity::Error, "\u{301},file=x::y"));
        assert_eq!(line, "::error title=t:: \u{301},file=x::y");
    }

    #[test]
    fn a_message_without_words_says_what_the_title_says() {
        let mut remark = annotation(Severity::Notice, " \n");
        assert_eq!(one(remark.clone()), "::notice title=t::t");
        remark.title = "\u{200b}".into();
        assert_eq!(one(remark), "::notice::semtest");
    }

    #[test]
    fn a_long_message_is_cut_between_escapes() {
        for (text, kept) in [("%", 1365), ("a", 4095), ("世", 4094), ("𐍈", 2047)] {
            let line = one(annotation(Severity::Error, &text.repeat(5_000)));
            let message = line.strip_prefix("::error title=t::").unwrap();
            assert!(message.encode_utf16().count() <= 4_096, "{text}");
            let kept_text = message.trim_start().strip_suffix('…').unwrap();
            let plain = kept_text.replace("%25", "%");
            assert_eq!(plain, text.repeat(kept), "{text}");
        }
        let fits = "a".repeat(4_096);
        let line = one(annotation(Severity::Error, &fits));
        assert_eq!(line, format!("::error title=t::{fits}"));
    }

    #[test]
    fn a_long_title_is_cut() {
        let mut remark = annotation(Severity::Error, "m");
        remark.title = "a".repeat(300);
        let expected = format!("::error title={}…::m", "a".repeat(254));
        assert_eq!(one(remark), expected);
    }

    #[test]
    fn ten_of_a_severity_are_printed_and_the_rest_is_counted() {
        let many = |severity, count| vec![annotation(severity, "m"); count];
        let printed = |errors, warnings, notices| {
            let all = [
                many(Severity::Error, errors),
                many(Severity::Warning, warnings),
                many(Severity::Notice, notices),
            ];
            let commands = workflow_commands(&all.concat(), "Read on.");
            let count = |start| {
                commands
                    .iter()
                    .filter(|line| line.starts_with(start))
                    .count()
            };
            let counts = [count("::error"), count("::warning"), count("::notice")];
            (counts, commands.last().cloned().unwrap_or_default())
        };
        assert_eq!(
            printed(10, 10, 10),
            ([10, 10, 10], "::notice title=t::m".into())
        );
        let (counts, last) = printed(12, 11, 0);
        assert_eq!(counts, [10, 10, 1]);
        assert_eq!(
            last,
            "::notice title=semtest::3 more (2 errors, 1 warning). Read on."
        );
        let (counts, last) = printed(1, 0, 10);
        assert_eq!((counts, last), ([1, 0, 10], "::notice title=t::m".into()));
        let (counts, last) = printed(11, 0, 10);
        assert_eq!(counts, [10, 0, 10]);
        assert_eq!(
            last,
            "::notice title=semtest::2 more (1 error, 1 notice). Read on."
        );
        let (counts, last) = printed(0, 0, 11);
        assert_eq!(counts, [0, 0, 10]);
        assert_eq!(last, "::notice title=semtest::2 more (2 notices). Read on.");
        assert_eq!(workflow_commands(&[], "Read on."), Vec::<String>::new());
    }
}
