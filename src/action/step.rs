//! One step: what to install, to run and to publish.

use std::ffi::OsString;
use std::fmt;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::env::Env;

use super::environment::{of_publish, of_run};
use super::input::{Becomes, Input, InputError};

/// The longest token: a pipe takes as much at once.
const LONGEST_TOKEN: usize = 4096;

/// The shortest: less stands everywhere by chance.
const SHORTEST_TOKEN: usize = 8;

/// What a step asks for.
#[derive(Debug)]
pub struct Step {
    /// Where to start, relative to the workspace.
    pub working_directory: String,
    /// Which CLIs have to be there.
    pub wanted: Wanted,
    /// Where they are kept, if the step says so.
    pub cache_directory: Option<String>,
    /// The directory of the reports, relative to `working_directory`.
    pub output: String,
    /// The arguments after `semtest run`, or what is wrong with the inputs.
    pub run: Result<Vec<OsString>, InputError>,
    /// The arguments after `semtest publish`. Inputs that are wrong are left out: that the step can't be
    /// done is to be told, too.
    pub publish: Vec<OsString>,
    /// For `publish`, and for nothing else.
    pub token: Option<Token>,
    /// What everything sees that runs before `publish`.
    pub run_environment: Env,
    /// What `publish` sees.
    pub publish_environment: Env,
}

/// Which LLM CLIs a step wants to be installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those that the specs need, as tested.
    Needed,
    /// None: they are there.
    Nothing,
    /// These, as `tool` or `tool@version`.
    These(Vec<String>),
}

/// The token of a step. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// The secret itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

/// Reads the inputs of a step from its environment.
///
/// Values of flags are not looked at here: the command that takes them tells what it expects.
///
/// # Errors
/// When the token is none, so that nothing can be told to anybody.
pub fn step(env: &Env) -> Result<Step, InputError> {
    let value = |name: &str| Input::named(name).and_then(|input| input.value(env));
    let owned = |name: &str| value(name).map(str::to_owned);
    let token = value("github_token");
    if token.is_some_and(|token| !(SHORTEST_TOKEN..=LONGEST_TOKEN).contains(&token.len())) {
        return Err(InputError::Token);
    }
    let output = plain(value("output").unwrap_or("semtest-results"));
    let key = match owned("comment_key") {
        Some(key) => Ok(Some(key)),
        None => key_of_matrix(value("matrix"), env),
    };
    let (run_flags, publish_flags) = (
        flags(env, &[Becomes::Run, Becomes::RunSwitch]),
        flags(env, &[Becomes::Publish, Becomes::PublishSwitch]),
    );
    let mut publish: Vec<OsString> = publish_flags.iter().flatten().cloned().collect();
    if let Ok(Some(key)) = &key {
        publish.push(format!("--key={key}").into());
    }
    publish.extend(["--".into(), OsString::from(&output)]);
    let sound: Result<Vec<OsString>, InputError> = run_flags.into_iter().collect();
    let sound_publish: Result<Vec<OsString>, InputError> = publish_flags.into_iter().collect();
    let run = key.and(sound_publish).and(sound);
    let run = run.map(|flags| run_arguments(flags, &output, value("specs")));
    Ok(Step {
        working_directory: owned("working_directory").unwrap_or_else(|| ".".into()),
        wanted: wanted(value("agents")),
        cache_directory: owned("cache_directory"),
        output,
        run,
        publish,
        token: token.map(|token| Token(token.to_owned())),
        run_environment: of_run(env, token),
        publish_environment: of_publish(env, token),
    })
}

/// `path` without `.` and `..`, as far as it does not begin with them. Nobody has made those that `..`
/// leads out of.
fn plain(path: &str) -> String {
    let mut plain = PathBuf::new();
    for component in Path::new(path).components() {
        let is_below = matches!(plain.components().next_back(), Some(Component::Normal(_)));
        match component {
            Component::CurDir => {}
            Component::ParentDir if is_below => {
                plain.pop();
            }
            Component::Prefix(_)
            | Component::RootDir
            | Component::ParentDir
            | Component::Normal(_) => plain.push(component),
        }
    }
    if plain.as_os_str().is_empty() {
        plain.push(".");
    }
    plain.display().to_string()
}

/// What the inputs of these kinds become, in the order of the table.
fn flags(env: &Env, kinds: &[Becomes]) -> Vec<Result<OsString, InputError>> {
    let inputs = Input::ALL.iter();
    let given = inputs
        .filter(|input| kinds.contains(&input.becomes))
        .filter_map(|input| Some((input, input.value(env)?)));
    given
        .map(|(input, value)| input.flag(value).map(OsString::from))
        .collect()
}

fn run_arguments(flags: Vec<OsString>, output: &str, specs: Option<&str>) -> Vec<OsString> {
    let mut arguments = flags;
    // Always: the configuration may name another one, which is not prepared and not published.
    arguments.push(format!("--output={output}").into());
    let specs = specs.unwrap_or_default().lines().map(str::trim);
    let specs: Vec<&str> = specs.filter(|spec| !spec.is_empty()).collect();
    if !specs.is_empty() {
        arguments.push("--".into());
        arguments.extend(specs.into_iter().map(OsString::from));
    }
    arguments
}

fn wanted(agents: Option<&str>) -> Wanted {
    let is_between = |letter: char| letter.is_whitespace() || letter == ',';
    match agents {
        None => Wanted::Needed,
        Some("none") => Wanted::Nothing,
        Some(list) => {
            let words = list.split(is_between).filter(|word| !word.is_empty());
            Wanted::These(words.map(str::to_owned).collect())
        }
    }
}

/// The name of a matrix job's comment, as GitHub names the job: `workflow / job (one, two)`. `None`
/// where there is no matrix: then `publish` has a name.
fn key_of_matrix(matrix: Option<&str>, env: &Env) -> Result<Option<String>, InputError> {
    let Some(matrix) = matrix else {
        return Ok(None);
    };
    let matrix: Value = serde_json::from_str(matrix).map_err(|_| InputError::Matrix)?;
    let Some(values) = matrix.as_object().filter(|values| !values.is_empty()) else {
        return Ok(None);
    };
    let shown = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let values: Vec<String> = values.values().map(shown).collect();
    let name = |variable: &str| env.get(variable).unwrap_or("semtest").to_owned();
    let (workflow, job) = (name("GITHUB_WORKFLOW"), name("GITHUB_JOB"));
    Ok(Some(format!("{workflow} / {job} ({})", values.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(inputs: &[(&str, &str)]) -> Step {
        let variables = inputs
            .iter()
            .map(|(name, value)| (format!("INPUT_{}", name.to_uppercase()), *value));
        let job = [("GITHUB_WORKFLOW", "CI"), ("GITHUB_JOB", "specs")];
        let job = job.map(|(name, value)| (name.to_owned(), value));
        step(&variables.chain(job).collect()).unwrap()
    }

    fn words(arguments: &[OsString]) -> Vec<&str> {
        arguments.iter().filter_map(|word| word.to_str()).collect()
    }

    #[test]
    fn a_step_without_inputs_asks_for_what_the_configuration_says() {
        let step = of(&[("llm", ""), ("specs", " \n")]);
        assert_eq!(
            words(step.run.as_ref().unwrap()),
            ["--output=semtest-results"]
        );
        assert_eq!(words(&step.publish), ["--", "semtest-results"]);
        assert_eq!(step.wanted, Wanted::Needed);
        assert_eq!((step.token, step.working_directory.as_str()), (None, "."));
    }

    #[test]
    fn no_value_becomes_a_flag_of_its_own() {
        let step = of(&[
            ("specs", "--llm=evil\na b.spec.md\n"),
            ("llm", "codex"),
            ("junit", "true"),
            ("output", "--out"),
            ("comment", "always"),
            ("comment_key", "-k; rm"),
        ]);
        let run = ["--llm=codex", "--junit=true", "--output=--out", "--"];
        let specs = ["--llm=evil", "a b.spec.md"];
        assert_eq!(
            words(step.run.as_ref().unwrap()),
            [&run[..], &specs].concat()
        );
        let publish = ["--comment=always", "--key=-k; rm", "--", "--out"];
        assert_eq!(words(&step.publish), publish);
    }

    #[test]
    fn the_directory_of_the_reports_has_one_name() {
        for (output, name) in [
            ("./a//b/x/../c/", "a/b/c"),
            (".", "."),
            ("a/..", "."),
            ("../a", "../a"),
            ("a/../../b", "../b"),
            ("/a/./b", "/a/b"),
            (" a b ", "a b"),
        ] {
            assert_eq!(of(&[("output", output)]).output, name);
        }
    }

    #[test]
    fn jobs_of_a_matrix_have_comments_of_their_own() {
        let key = |matrix: &str| words(&of(&[("matrix", matrix)]).publish)[0].to_owned();
        let matrix = r#"{"os": "linux", "node": 24}"#;
        assert_eq!(key(matrix), "--key=CI / specs (linux, 24)");
        for none in ["null", "{}", ""] {
            assert_eq!(key(none), "--");
        }
        let wrong = of(&[("matrix", "{")]);
        assert_eq!(wrong.run.unwrap_err(), InputError::Matrix);
    }

    #[test]
    fn a_step_that_is_wrong_can_still_tell_so() {
        let step = of(&[("strict", "yes"), ("summary", "no"), ("comment", "always")]);
        assert!(step.run.is_err());
        let publish = ["--comment=always", "--", "semtest-results"];
        assert_eq!(words(&step.publish), publish);
    }

    #[test]
    fn agents_are_a_list_in_any_shape() {
        let wanted = |text: &str| of(&[("agents", text)]).wanted;
        let both = Wanted::These(vec!["claude-code@2.1.328".into(), "codex".into()]);
        assert_eq!(wanted("claude-code@2.1.328 codex"), both);
        assert_eq!(wanted("claude-code@2.1.328,\n  codex\n"), both);
        assert_eq!(wanted("none"), Wanted::Nothing);
    }

    #[test]
    fn a_token_is_shown_by_no_debug_and_has_an_end() {
        let step = of(&[("github_token", " ghs_secret ")]);
        assert_eq!(step.token.as_ref().unwrap().reveal(), "ghs_secret");
        assert!(!format!("{step:?}").contains("ghs_secret"));
        let long = "x".repeat(5000);
        let env = Env::from_iter([("INPUT_GITHUB_TOKEN", long)]);
        assert_eq!(super::step(&env).unwrap_err(), InputError::Token);
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_inputs_the_arguments_are_flags_a_border_and_names(
            values in proptest::collection::vec("\\PC{0,12}", Input::ALL.len()),
        ) {
            let inputs = Input::ALL.iter().zip(&values);
            let env: Env = inputs.map(|(input, value)| (input.variable(), value)).collect();
            if let Ok(step) = step(&env) {
                for arguments in step.run.iter().chain([&step.publish]) {
                    let words = words(arguments);
                    let flags = words.iter().take_while(|word| **word != "--");
                    for flag in flags {
                        proptest::prop_assert!(flag.starts_with("--") && flag.contains('='));
                    }
                }
            }
        }
    }
}
