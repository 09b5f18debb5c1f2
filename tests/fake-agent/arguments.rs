//! The command line of the fake agent.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::answer::Form;
use crate::prompt::Source;

pub(crate) enum Mode {
    Say(Form),
    NotLoggedIn,
    Literal(PathBuf),
    Exit(u8),
    FailsThenPasses(PathBuf),
    EmptyThenAnswer(PathBuf, u64),
    Limited(PathBuf, u64, String),
    EchoPrompt(PathBuf),
    Environment(PathBuf),
    Votes(PathBuf),
    Leak(String, String),
    LeakError(String, String),
    LeakProse(String, String),
    Gate(PathBuf),
    Grandchild(Option<PathBuf>),
    Takes(u64),
    Slow,
    IgnoreTerm(Option<PathBuf>),
    Flood,
    FloodStderr,
}

pub(crate) fn parse_arguments(
    arguments: impl Iterator<Item = OsString>,
) -> Result<(Mode, Source), String> {
    let mut rest = arguments.peekable();
    let mode = rest.next().ok_or("the first argument must be a mode")?;
    let mut next = |what: &str| {
        rest.next_if(|value| !value.as_encoded_bytes().starts_with(b"--"))
            .ok_or_else(|| format!("the mode needs {what}"))
    };
    let mode = match mode.to_str().unwrap_or_default() {
        "answer" => Mode::Say(Form::Answer),
        "fail" => Mode::Say(Form::Fail),
        "missing" => Mode::Say(Form::Missing),
        "unexpected" => Mode::Say(Form::Unexpected),
        "ambiguous" => Mode::Say(Form::Ambiguous),
        "prose" => Mode::Say(Form::Prose),
        "fenced" => Mode::Say(Form::Fenced),
        "claude" => Mode::Say(Form::Claude),
        "priced" => Mode::Say(Form::Priced),
        "priced-fail" => Mode::Say(Form::PricedFail),
        "not-logged-in" => Mode::NotLoggedIn,
        "empty" => Mode::Say(Form::Empty),
        "garbage" => Mode::Say(Form::Garbage),
        "error-text" => Mode::Say(Form::ErrorText),
        "literal" => Mode::Literal(next("a file")?.into()),
        "exit" => Mode::Exit(number(&next("an exit code")?)?),
        "fails-then-passes" => Mode::FailsThenPasses(next("a file")?.into()),
        "empty-then-answer" => {
            Mode::EmptyThenAnswer(next("a file")?.into(), number(&next("a number")?)?)
        }
        "limited" => Mode::Limited(
            next("a file")?.into(),
            number(&next("a number")?)?,
            text(next("a wait")?)?,
        ),
        "echo-prompt" => Mode::EchoPrompt(next("a file")?.into()),
        "environment" => Mode::Environment(next("a file")?.into()),
        "votes" => Mode::Votes(next("a directory")?.into()),
        "leak" => Mode::Leak(text(next("a name")?)?, text(next("a form")?)?),
        "leak-error" => Mode::LeakError(text(next("a name")?)?, text(next("a form")?)?),
        "leak-prose" => Mode::LeakProse(text(next("a name")?)?, text(next("a form")?)?),
        "gate" => Mode::Gate(next("a directory")?.into()),
        "grandchild" => Mode::Grandchild(next("").ok().map(PathBuf::from)),
        "takes" => Mode::Takes(number(&next("a number")?)?),
        "slow" => Mode::Slow,
        "ignore-term" => Mode::IgnoreTerm(next("").ok().map(PathBuf::from)),
        "flood" => Mode::Flood,
        "flood-stderr" => Mode::FloodStderr,
        _ => return Err(format!("unknown mode {}", mode.display())),
    };

    let mut source = Source::Stdin;
    while let Some(option) = rest.next() {
        let already = !matches!(source, Source::Stdin);
        source = match (option.to_str(), rest.next()) {
            (Some("--prompt"), Some(text)) if !already => Source::Argument(text),
            (Some("--prompt-file"), Some(file)) if !already => Source::File(file.into()),
            _ => return Err(format!("unknown argument {}", option.display())),
        };
    }
    Ok((mode, source))
}

fn text(value: OsString) -> Result<String, String> {
    let told = |value: OsString| format!("{} is not UTF-8", value.display());
    value.into_string().map_err(told)
}

fn number<Number: std::str::FromStr>(text: &OsString) -> Result<Number, String> {
    text.to_str()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| format!("{} is not a number that fits", text.display()))
}
