//! How one scenario is judged again: the command that the end of a run shows.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::cli::RunArgs;
use crate::config::{CustomAgent, PromptBy};
use crate::model::Word as _;

/// The command line that judges like this one, without what it judges. Flags that were not given stay
/// away: the configuration speaks for them.
pub(super) fn again(arguments: &RunArgs, moves: &[PathBuf]) -> Vec<String> {
    let judging = &arguments.judging;
    let config = arguments.config.as_ref();
    let milliseconds = |time: Duration| time.as_millis().to_string();
    let flags = [
        ("--config", config.map(|path| path.display().to_string())),
        ("--llm", judging.llm.clone()),
        ("--agents", judging.agents.as_ref().map(json)),
        ("--provider", judging.provider.map(|it| it.word().into())),
        (
            "--pass-env",
            judging.pass_env.as_ref().map(|it| it.join(",")),
        ),
        (
            "--agent-home",
            judging.agent_home.map(|it| it.word().into()),
        ),
        ("--votes", arguments.votes.map(|votes| votes.to_string())),
        ("--timeout", arguments.timeout.map(milliseconds)),
        ("--on-write", arguments.on_write.map(|it| it.word().into())),
        (
            "--on-untrusted",
            arguments.on_untrusted.map(|it| it.word().into()),
        ),
    ];
    let mut words = vec!["semtest".to_owned()];
    for step in moves {
        words.extend(["-C".to_owned(), step.display().to_string()]);
    }
    words.push("run".to_owned());
    for (flag, value) in flags {
        words.extend(value.into_iter().flat_map(|value| [flag.to_owned(), value]));
    }
    words.extend(judging.skip_permissions_if_possible.map(|skip| {
        let off = if skip { "" } else { "=false" };
        format!("--skip-permissions-if-possible{off}")
    }));
    words
}

/// The user's own agents, as `--agents` takes them.
fn json(agents: &BTreeMap<String, CustomAgent>) -> String {
    let rows = agents.iter().map(|(key, agent)| {
        let prompt = match agent.prompt {
            PromptBy::Stdin => "stdin",
            PromptBy::File => "file",
            PromptBy::Argument => "argument",
        };
        let row = serde_json::json!({
            "command": agent.command,
            "args": agent.args,
            "prompt": prompt,
            "passEnv": agent.pass_env,
        });
        (key.clone(), row)
    });
    serde_json::Value::Object(rows.collect()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{self, Command};

    fn parsed(words: &[String]) -> RunArgs {
        let line = words.iter().map(Into::into);
        match cli::parse(line).unwrap().command {
            Command::Run(arguments) => *arguments,
            Command::Ask(_)
            | Command::Calibrate(_)
            | Command::Waive(_)
            | Command::Init(_)
            | Command::List(_)
            | Command::Publish(_)
            | Command::Doctor(_)
            | Command::Install(_)
            | Command::Completions(_)
            | Command::Uninstall(_)
            | Command::Action
            | Command::Entrypoint(_) => unreachable!(),
        }
    }

    fn words(line: &[&str]) -> Vec<String> {
        let start = ["semtest", "run"].iter();
        start.chain(line).map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn every_flag_about_the_judge_is_given_again_and_means_the_same() {
        let given = words(&[
            "--config",
            "c.json",
            "--llm",
            "mine",
            "--agents",
            r#"{"mine":{"command":"it's","args":["-x","{prompt}"],"prompt":"file","passEnv":["A"]}}"#,
            "--provider",
            "gateway",
            "--pass-env",
            "A,B",
            "--pass-env",
            "C",
            "--agent-home",
            "temporary",
            "--timeout",
            "2m",
            "--on-write",
            "error",
            "--on-untrusted",
            "run",
            "--skip-permissions-if-possible=false",
        ]);
        let first = parsed(&given);
        let second = parsed(&again(&first, &[]));
        assert_eq!(second.to_config(), first.to_config());
        assert_eq!(second.config, first.config);
    }

    #[test]
    fn what_was_not_given_is_left_to_the_configuration() {
        let bare = parsed(&words(&["--junit", "--verbose"]));
        assert_eq!(again(&bare, &[]), ["semtest", "run"]);
        let skipping = parsed(&words(&["--skip-permissions-if-possible"]));
        assert_eq!(
            again(&skipping, &["a b".into()]).join(" "),
            "semtest -C a b run --skip-permissions-if-possible"
        );
    }
}
