//! Reads one config file, whatever its format.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::error::ConfigError;
use super::partial::{CustomAgent, PartialConfig};
use super::places::Places;
use super::problem::Problem;
use super::project::{Language, Project};
use super::source::Source;
use super::{json, read, script};
use crate::env::Env;

/// What a config file says, and where it says it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The fields that the file sets.
    pub config: PartialConfig,
    source: Arc<Source>,
    places: Places,
}

impl Loaded {
    /// An error about the value of a field, such as `llm`, that points to where the file sets it.
    #[must_use]
    pub fn error_at(&self, field: &str, message: &str, hint: Option<&str>) -> ConfigError {
        let place = self.source.place(self.places.value(field));
        let problem = Problem::new(message).at(place);
        match hint {
            Some(hint) => problem.hint(hint).into(),
            None => problem.into(),
        }
    }
}

/// Reads the config file at `path`. A script sees `CI`, `NODE_ENV` and `SEMTEST_*` of `env`.
///
/// # Errors
///
/// When the file can't be read, runs into a limit, or does not say a valid configuration. Every
/// field that is wrong is reported at once.
pub fn load(path: &Path, env: &Env) -> Result<Loaded, ConfigError> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let project = Project::around(directory).map_err(ConfigError::Read)?;
    let file = project.read(path, &path.display().to_string())?;
    let source = Arc::clone(&file.source);
    let (value, places) = match file.language {
        Language::Json => json::parse(&source)?,
        Language::TypeScript | Language::JavaScript => script::evaluate(project, file, env)?,
    };
    let config = read::read(value, &source, &places)?;
    Ok(Loaded {
        config,
        source,
        places,
    })
}

/// Understands the value of `--agents`: JSON, as the `agents` field of a config file has it.
///
/// # Errors
///
/// When it is no JSON or describes no agents.
pub fn parse_agents(text: &str) -> Result<BTreeMap<String, CustomAgent>, ConfigError> {
    let source = Source::new("--agents".into(), format!("{{\"agents\": {text}}}"));
    let (value, places) = json::parse(&source)?;
    let config = read::read(value, &source, &places)?;
    Ok(config.agents.unwrap_or_default())
}

#[cfg(test)]
pub(super) mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use proptest::prelude::*;
    use tempfile::TempDir;

    use super::*;
    use crate::config::{Bail, Junit, PromptBy};
    use crate::model::{
        AgentHome, Cost, Level, OnUntrusted, OnWrite, Provider, ReportFormat, VotePolicy, Votes,
    };

    /// A git repository with these files.
    pub(in crate::config) fn repository(files: &[(&str, &str)]) -> TempDir {
        let directory = tempfile::tempdir().unwrap();
        fs_err::create_dir(directory.path().join(".git")).unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        }
        directory
    }

    /// Loads the first of these files.
    pub(in crate::config) fn load_first(files: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
        let repository = repository(files);
        let env = Env::from_iter([("CI", "true"), ("SEMTEST_LLM", "mine"), ("HOME", "/x")]);
        load(&repository.path().join(files[0].0), &env)
    }

    /// The error text of a TypeScript config.
    pub(in crate::config) fn error(text: &str) -> String {
        load_first(&[("c.ts", text)]).unwrap_err().to_string()
    }

    fn config(text: &str) -> PartialConfig {
        load_first(&[("c.ts", text)]).unwrap().config
    }

    const EVERY_FIELD: &str = r#"{
        "testMatch": ["a"], "testPathIgnorePatterns": [], "output": "out", "llm": "mine",
        "timeout": "90s", "repeat": 2, "bail": 3, "verbose": true, "strict": false,
        "skipValidation": true, "debug": true, "timestamp": true, "includePassing": true,
        "junit": "j.xml", "format": ["sarif", "code-quality"], "skipPermissionsIfPossible": true, "jobs": 8, "allowEmpty": true,
        "agents": {"mine": {"command": "m", "args": ["-x"], "prompt": "file", "passEnv": ["A"]},
                   "other": {"command": "o"}},
        "provider": "gateway", "passEnv": ["B"], "agentHome": "inherit", "onWrite": "error",
        "onUntrusted": "fail", "votes": "lead:3/11", "maxFlip": 0.1, "newSpecs": "warn",
        "maxCost": 2.5, "maxCalls": 9, "maxTime": "20m"
    }"#;

    fn every_field() -> PartialConfig {
        let agent = |command: &str, args: &[&str], prompt, pass_env: &[&str]| CustomAgent {
            command: command.to_owned(),
            args: args.iter().map(ToString::to_string).collect(),
            prompt,
            pass_env: pass_env.iter().map(ToString::to_string).collect(),
        };
        let agents = [
            (
                "mine".to_owned(),
                agent("m", &["-x"], PromptBy::File, &["A"]),
            ),
            ("other".to_owned(), agent("o", &[], PromptBy::Stdin, &[])),
        ];
        PartialConfig {
            test_match: Some(vec!["a".to_owned()]),
            test_path_ignore_patterns: Some(Vec::new()),
            output: Some("out".to_owned()),
            llm: Some("mine".to_owned()),
            timeout: Some(Duration::from_secs(90)),
            repeat: NonZeroU32::new(2),
            bail: NonZeroU32::new(3).map(Bail::After),
            jobs: NonZeroU32::new(8),
            verbose: Some(true),
            strict: Some(false),
            skip_validation: Some(true),
            debug: Some(true),
            timestamp: Some(true),
            include_passing: Some(true),
            junit: Some(Junit::At("j.xml".to_owned())),
            format: Some(vec![ReportFormat::Sarif, ReportFormat::CodeQuality]),
            skip_permissions_if_possible: Some(true),
            allow_empty: Some(true),
            agents: Some(agents.into_iter().collect()),
            provider: Some(Provider::Gateway),
            pass_env: Some(vec!["B".to_owned()]),
            agent_home: Some(AgentHome::Inherit),
            on_write: Some(OnWrite::Error),
            on_untrusted: Some(OnUntrusted::Fail),
            votes: Some(Votes::Fixed(VotePolicy::Lead { by: 3, cap: 11 })),
            max_flip: Some(0.1),
            new_specs: Some(Level::Warn),
            max_cost: Cost::from_dollars(2.5, false),
            max_calls: NonZeroU32::new(9),
            max_time: Some(Duration::from_mins(20)),
        }
    }

    #[test]
    fn every_field_is_read_from_every_format() {
        let script = format!("export default {EVERY_FIELD}");
        for name in ["c.ts", "c.js", "c.mjs"] {
            let loaded = load_first(&[(name, &script)]).unwrap();
            assert_eq!(loaded.config, every_field(), "{name}");
        }
        let loaded = load_first(&[("c.json", EVERY_FIELD)]).unwrap();
        assert_eq!(loaded.config, every_field());
    }

    #[test]
    fn bail_and_junit_and_timeout_take_each_of_their_types() {
        let short = config("export default { bail: true, junit: true, timeout: 1500 }");
        assert_eq!(short.bail, Some(Bail::After(NonZeroU32::MIN)));
        assert_eq!(short.junit, Some(Junit::InOutput));
        assert_eq!(short.timeout, Some(Duration::from_millis(1500)));
        let off = config("export default { bail: false, junit: false, timeout: 0 }");
        assert_eq!(off.bail, Some(Bail::Never));
        assert_eq!(off.junit, Some(Junit::Off));
        assert_eq!(off.timeout, Some(Duration::ZERO));
        assert_eq!(config("export default { llm: undefined }").llm, None);
    }

    #[test]
    fn all_problems_are_shown_at_once_in_the_order_of_the_file() {
        let text = "\u{feff}import { defineConfig } from \"semtest\";\r\n\
            const config = {\r\n\
            \x20 testmatch: [\"a\"],\r\n\
            \tllm: \"é😀\", repeat: 0,\r\n\
            \x20 agents: { mine: { command: \"x\", prompt: \"mail\" } },\r\n\
            };\r\n\
            export default defineConfig(config satisfies object as any);\r\n";
        assert_eq!(
            error(text),
            r#"unknown field `testmatch`; did you mean `testMatch`?
 --> c.ts:3:3
  |
3 |   testmatch: ["a"],
  |   ^^^^^^^^^

error: `repeat` must be a whole number, at least 1, not 0
 --> c.ts:4:21
  |
4 |     llm: "é😀", repeat: 0,
  |                         ^

error: `agents.mine.prompt` must be "stdin", "argument" or "file", not "mail"
 --> c.ts:5:43
  |
5 |   agents: { mine: { command: "x", prompt: "mail" } },
  |                                           ^^^^^^"#
        );
    }

    #[test]
    fn json_errors_have_a_place_too() {
        let error = |text| load_first(&[("a/c.json", text)]).unwrap_err().to_string();
        assert_eq!(
            error("{\n  \"llm\": \"é\",\n  \"testMatch\": [\"a\", 4]\n}"),
            "`testMatch[1]` must be a string, not 4\n \
             --> a/c.json:3:22\n  |\n3 |   \"testMatch\": [\"a\", 4]\n  |                      ^"
        );
        assert_eq!(
            error("{\n  \"llm\": \"a\",\n}"),
            "this is not JSON: trailing comma\n --> a/c.json:3:1\n  |\n3 | }\n  | ^"
        );
        assert!(error("{ \"llm\": null }").starts_with("`llm` must be a string, not null\n"));
        assert!(error("[]").starts_with("the config must be an object, not a list\n"));
        assert!(error(&"[".repeat(60_000)).starts_with("this is not JSON: recursion limit"));
    }

    /// A field, and how its error starts.
    const WRONG: &[(&str, &str)] = &[
        (
            "testMatch: 'a'",
            r#"`testMatch` must be a list of strings, not "a""#,
        ),
        (
            "testMatch: ['a', , 'b']",
            "`testMatch[1]` must be a string, not undefined",
        ),
        ("output: ''", "`output` must not be empty"),
        ("llm: () => 'x'", "`llm` must be a string, not a function"),
        (
            "llm: new Date(0)",
            "`llm` must be a string, not an instance of a class",
        ),
        (
            "timeout: -1",
            "`timeout` must be milliseconds, or a string like \"90s\", not -1",
        ),
        (
            "timeout: NaN",
            "`timeout` must be milliseconds, or a string like \"90s\", not NaN",
        ),
        ("timeout: '-2m'", "`timeout`: a time can't be negative"),
        (
            "repeat: 1.5",
            "`repeat` must be a whole number, at least 1, not 1.5",
        ),
        (
            "repeat: 2 ** 40",
            "`repeat` must be a whole number, at least 1, not 1099511627776",
        ),
        (
            "jobs: '4'",
            r#"`jobs` must be a whole number, at least 1, not "4""#,
        ),
        (
            "jobs: 4n",
            "`jobs` must be a whole number, at least 1, not a big integer",
        ),
        (
            "bail: 0",
            "`bail` must be true, false, or a whole number, at least 1, not 0",
        ),
        ("strict: 1", "`strict` must be true or false, not 1"),
        (
            "junit: null",
            "`junit` must be true, false, or a path, not null",
        ),
        ("agents: []", "`agents` must be an object, not a list"),
        ("agents: { x: {} }", "`agents.x` needs a `command`"),
        (
            "agents: { x: { comand: 'a' } }",
            "unknown field `agents.x.comand`; did you mean",
        ),
        (
            "agents: { 'a b': { command: 'a' } }",
            "`a b` can't be the name of a tool",
        ),
        (
            "agents: { checks: { command: 'a' } }",
            "`checks` is the built-in model key for deterministic checks",
        ),
        (
            "agents: { x: { command: 'a', args: ['-x', '--ask={prompt}'] } }",
            "`agents.x.args` has {prompt}, but the prompt goes to stdin",
        ),
        (
            "agents: { x: { command: 'a', args: ['{prompt}'], prompt: 'stdin' } }",
            "`agents.x.args` has {prompt}, but the prompt goes to stdin",
        ),
        (
            "agents: { x: { command: 'a', args: ['{prompt}'], prompt: 'mail' } }",
            "`agents.x.prompt` must be",
        ),
        ("frobnicate: 1", "unknown field `frobnicate`\n"),
    ];

    #[test]
    fn a_wrong_type_names_the_field_and_what_it_takes() {
        for (field, message) in WRONG {
            let error = error(&format!("export default {{ {field} }}"));
            assert!(error.starts_with(message), "{field}: {error}");
        }
    }

    #[test]
    fn a_placeholder_that_nobody_replaces_is_pointed_at() {
        let error = error(
            "export default { agents: {\n  checks: { command: 'a' },\n  \
             x: { command: 'a', args: ['-x', '{prompt}'] },\n} };",
        );
        assert!(error.contains(" --> c.ts:2:3\n"), "{error}");
        assert!(error.contains(" --> c.ts:3:35\n"), "{error}");
        let taken = |prompt| {
            let text = format!(
                "export default {{ agents: {{ x: {{ command: 'a', args: ['{{prompt}}'], \
                 prompt: '{prompt}' }} }} }};"
            );
            config(&text).agents.is_some()
        };
        assert!(taken("file") && taken("argument"));
    }

    #[test]
    fn fields_that_come_from_elsewhere_are_placed_as_near_as_known() {
        let error = load_first(&[
            (
                "c.ts",
                "import base from './base';\nexport default { ...base, agents: { a: base } };",
            ),
            ("base.ts", "export default { llm: 5 };"),
        ])
        .unwrap_err()
        .to_string();
        assert!(
            error.contains("`llm` must be a string, not 5\n --> c.ts:2:1\n"),
            "{error}"
        );
        assert!(error.contains("unknown field `agents.a.llm`"), "{error}");
        assert!(error.contains(" --> c.ts:2:40\n"), "{error}");
    }

    #[test]
    fn a_field_that_is_overridden_is_not_blamed() {
        let spread = "const base = JSON.parse('{ \"llm\": 5 }');\n\
            const known = { strict: 1 };\n\
            export default {\n  llm: 'fine', strict: true, ...base, ...known,\n};";
        let error = error(spread);
        assert!(
            error.contains("`llm` must be a string, not 5\n --> c.ts:3:1\n"),
            "{error}"
        );
        assert!(error.contains(" --> c.ts:2:25\n"), "{error}");
    }

    #[test]
    fn a_flood_of_problems_is_cut() {
        let fields: Vec<_> = (0..5000).map(|index| format!("x{index}: 1")).collect();
        let error = error(&format!("export default {{ {} }}", fields.join(", ")));
        assert_eq!(error.matches("unknown field").count(), 20);
        assert!(error.ends_with("error: and 4980 more problems in this file"));
    }

    #[test]
    fn the_caller_can_point_at_a_field() {
        let loaded = load_first(&[("c.ts", "export default {\n  llm: 'gpt',\n};")]).unwrap();
        let error = loaded.error_at("llm", "unknown model key `gpt`", Some("try `semtest list`"));
        assert_eq!(
            error.to_string(),
            "unknown model key `gpt`\n --> c.ts:2:8\n  |\n2 |   llm: 'gpt',\n  |        ^^^^^\n\
             hint: try `semtest list`"
        );
    }

    #[test]
    fn what_can_not_be_read_is_named() {
        let directory = repository(&[("big.json", &" ".repeat(70_000)), ("x.toml", "")]);
        fs_err::write(directory.path().join("latin.ts"), b"export\n// \xe9").unwrap();
        fs_err::create_dir(directory.path().join("dir.ts")).unwrap();
        let error = |name: &str| {
            let error = load(&directory.path().join(name), &Env::default());
            error.unwrap_err().to_string()
        };
        assert!(error("none.ts").ends_with("none.ts`: there is no such file"));
        assert!(error("big.json").ends_with("big.json` is larger than 64 KiB"));
        assert!(error("latin.ts").starts_with("line 2 of `"));
        assert!(error("dir.ts").ends_with("dir.ts` is not a regular file"));
        assert!(error("x.toml").contains("is no config file\nhint: config files end in"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_project_is_not_followed() {
        use std::os::unix::fs::symlink;
        let outside = tempfile::tempdir().unwrap();
        fs_err::write(outside.path().join("s.json"), "secret").unwrap();
        let directory = repository(&[("c.ts", "import x from './s.json'; export default x")]);
        fs_err::write(directory.path().join(".git/config"), "secret").unwrap();
        symlink(
            outside.path().join("s.json"),
            directory.path().join("s.json"),
        )
        .unwrap();
        symlink(".git/config", directory.path().join("git.json")).unwrap();
        for name in ["c.ts", "s.json", "git.json"] {
            let error = load(&directory.path().join(name), &Env::default());
            let error = error.unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
            let expected = if name == "git.json" {
                "is no config file"
            } else {
                "outside the project"
            };
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn control_characters_never_reach_the_terminal() {
        let error = error(
            "// \x1b]0;x\x07\nthrow new Error('\x1b[31m\\n::error::\\u009b') ; /* \x1b[2J \u{202e} */",
        );
        assert!(
            error
                .chars()
                .all(|character| character == '\n' || !character.is_control())
        );
        assert!(!error.contains('\u{202e}'), "{error}");
        assert!(!error.contains("\n::"), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_are_a_config_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let directory = repository(&[]);
            for name in ["c.ts", "c.json"] {
                let path = directory.path().join(name);
                fs_err::write(&path, &bytes).unwrap();
                let _ = load(&path, &Env::default()).map_err(|error| error.to_string());
            }
        }

        #[test]
        fn any_syntax_is_a_config_or_an_error(
            tokens in proptest::collection::vec(proptest::sample::select(vec![
                "export default ", "{", "}", "[", "]", "(", ")", "a", ":", ",", "enum A", "=", "1",
                "const ", "import ", "from ", "'./c.ts'", "type ", "<", ">", "=>", "namespace ", "@",
                "class ", "...", "await ", "`", "${", "é", "\n", ";", "as ", "satisfies ", "llm",
            ]), 0..40),
        ) {
            let _ = load_first(&[("c.ts", &tokens.concat())]).map_err(|error| error.to_string());
        }
    }
}
