//! Which LLM CLIs are on this machine and whether they start at all, for a user who asks before
//! anything is paid for.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::task::JoinSet;

use super::agents::{Agent, AgentError, Agents, Call, Credentials, Judge, Tool};
use crate::chain::chain;
use crate::model::Provider;
use crate::process::{self, Cancel, Captured, Ending, Finished, Invocation};
use crate::sanitize;

/// The slowest of them needs three seconds on a small machine to tell its version.
const LIMIT: Duration = Duration::from_secs(20);

/// How much of what a program prints is taken for its version.
const VERSION_BYTES: usize = 60;

/// The commands that tell from local files whether somebody is logged in, by tool key. Measured with
/// Claude Code 2.1.328 and Codex 0.169.0.
const LOGIN_STATUS: [(&str, [&str; 2]); 2] = [
    ("claude-code", ["auth", "status"]),
    ("codex", ["login", "status"]),
];

/// Where nobody listens: a tool that took its command for a prompt must not reach a model.
const NO_NETWORK: &str = "http://127.0.0.1:9";

/// The variables that lead to the network, in capitals.
const PROXIES: [&str; 4] = ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"];

/// What a tool says about its login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// Somebody is logged in.
    Present,
    /// Nobody is.
    Absent,
    /// It can't tell without a call, or was not asked.
    Untold,
}

/// A known tool that is on `PATH`.
#[derive(Clone, Debug)]
pub struct Installed {
    /// Its row.
    pub tool: &'static Tool,
    /// Where it is; `None` where it can't be used for the reason in `version`.
    pub program: Option<PathBuf>,
    /// The first line that `--version` prints, or why there is none, in words for the user.
    pub version: Result<String, String>,
    /// Why it can't judge here, as far as the user's variables tell.
    pub refused: Option<AgentError>,
    /// Whether the user's variables let it in.
    pub credentials: Credentials,
    /// What it says about its login; not asked where a variable lets it in.
    pub login: Login,
    /// The names of the user's variables that it sees, in name order.
    pub variables: Vec<String>,
}

/// Starts each installed tool with `--version`, with the variables that it would judge with, all at
/// once and outside of the project, whose files could steer it, and of the user's HOME, where some
/// leave files. In the order of the registry.
pub async fn examine(agents: &Agents, cancel: &Cancel) -> Vec<Installed> {
    let mut running = JoinSet::new();
    for (place, tool) in agents.installed().enumerate() {
        let (agents, cancel) = (agents.clone(), cancel.clone());
        running.spawn(async move { (place, examine_one(tool, &agents, &cancel).await) });
    }
    let mut found: Vec<_> = Vec::new();
    while let Some(examined) = running.join_next().await {
        found.extend(examined.ok());
    }
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, installed)| installed).collect()
}

async fn examine_one(tool: &'static Tool, agents: &Agents, cancel: &Cancel) -> Installed {
    let found = agents.find(tool.key);
    let credentials = agents.credentials(tool);
    let mut installed = Installed {
        tool,
        program: None,
        version: Err("is gone".into()),
        refused: found.as_ref().err().cloned(),
        credentials,
        login: Login::Untold,
        variables: Vec::new(),
    };
    let Some(agent) = agents.without_login(tool) else {
        return installed;
    };
    let told = started(&agent, &["--version"], cancel, |invocation| {
        installed.program = Some(invocation.program.clone());
        installed.variables = users_variables(invocation, agents);
    });
    let told = told.await;
    installed.version = told.and_then(|finished| version(&finished));
    // Where a variable is missing and the tool is not refused, it gets the user's own HOME.
    if let (Ok(Judge::Agent(agent)), Credentials::Missing(_), Ok(_)) =
        (found, credentials, &installed.version)
        && agents.provider == Provider::Api
    {
        installed.login = ask_login(tool, &agent, cancel).await;
    }
    installed
}

/// Starts an agent with other arguments than those of a call, in an empty directory.
async fn started(
    agent: &Agent,
    arguments: &[&str],
    cancel: &Cancel,
    adjust: impl FnOnce(&mut Invocation),
) -> Result<Finished, String> {
    let elsewhere = tempfile::tempdir()
        .map_err(|error| format!("no temporary directory could be made: {error}"))?;
    let prepared = agent.prepare(&Call {
        prompt: "",
        directory: elsewhere.path(),
        limit: Some(LIMIT),
        skip_permissions: false,
    })?;
    let mut invocation = prepared.invocation.clone();
    invocation.args = arguments.iter().map(Into::into).collect();
    invocation.stdin = [].into();
    adjust(&mut invocation);
    let finished = process::run(invocation, cancel).await;
    finished.map_err(|error| chain(&error))
}

/// Not those that we set, though some have names like keys.
fn users_variables(invocation: &Invocation, agents: &Agents) -> Vec<String> {
    let given = invocation.environment.iter();
    let is_users = |name: &str, value: &OsStr| agents.env.get(name).map(OsStr::new) == Some(value);
    let mut names: Vec<String> = given
        .filter_map(|(name, value)| Some((name.to_str()?, value)))
        .filter(|(name, value)| is_users(name, value))
        .map(|(name, _)| name.to_owned())
        .collect();
    names.sort();
    names
}

async fn ask_login(tool: &Tool, agent: &Agent, cancel: &Cancel) -> Login {
    let Some((_, command)) = LOGIN_STATUS.iter().find(|(key, _)| *key == tool.key) else {
        return Login::Untold;
    };
    let told = started(agent, command, cancel, |invocation| {
        let variables = &mut invocation.environment;
        variables.retain(|(name, _)| {
            let name = name.to_string_lossy().to_uppercase();
            !PROXIES.contains(&name.as_str())
        });
        for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"] {
            variables.push((name.into(), NO_NETWORK.into()));
            variables.push((name.to_lowercase().into(), NO_NETWORK.into()));
        }
    });
    told.await
        .map_or(Login::Untold, |finished| login(&finished))
}

/// What the exit code and the words agree on.
fn login(finished: &Finished) -> Login {
    let words = [&finished.stdout, &finished.stderr].map(|stream| {
        let text = String::from_utf8_lossy(stream.head()).into_owned();
        text.split_whitespace().collect::<String>()
    });
    let denies = |words: &String| {
        ["Notloggedin", r#""loggedIn":false"#]
            .iter()
            .any(|no| words.contains(no))
    };
    match (finished.ending, words.iter().any(denies)) {
        (Ending::Exited(0), false) => Login::Present,
        (Ending::Exited(1), true) => Login::Absent,
        (Ending::Exited(_) | Ending::Signalled(_) | Ending::TimedOut | Ending::Cancelled, _) => {
            Login::Untold
        }
    }
}

fn version(finished: &Finished) -> Result<String, String> {
    let said = first_line(&finished.stdout).or_else(|| first_line(&finished.stderr));
    match (finished.ending, said) {
        (Ending::Exited(0), Some(line)) => Ok(line),
        (Ending::Exited(0), None) => Err("`--version` printed nothing".into()),
        (Ending::Exited(code), said) => Err(format!(
            "`--version` ended with exit code {code}: {}",
            said.unwrap_or_else(|| "no message".into())
        )),
        (Ending::Signalled(signal), _) => Err(format!("`--version` ended by signal {signal}")),
        (Ending::TimedOut, _) => Err(format!(
            "`--version` did not answer within {} seconds",
            LIMIT.as_secs()
        )),
        (Ending::Cancelled, _) => Err("`--version` was interrupted".into()),
    }
}

fn first_line(stream: &Captured) -> Option<String> {
    let text = String::from_utf8_lossy(stream.head());
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    Some(sanitize::truncate(line, VERSION_BYTES).into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finished(ending: Ending, stdout: &str, stderr: &str) -> Finished {
        Finished {
            ending,
            stdout: stdout.as_bytes().into(),
            stderr: stderr.as_bytes().into(),
            duration: Duration::ZERO,
        }
    }

    #[test]
    fn a_version_is_the_first_line_of_a_program_that_ended_well() {
        let told = |ending, stdout: &str, stderr: &str| version(&finished(ending, stdout, stderr));
        let ok = Ending::Exited(0);
        assert_eq!(told(ok, "\n 1.2.3 (X)\nnews\n", ""), Ok("1.2.3 (X)".into()));
        assert_eq!(told(ok, "", "v2\n"), Ok("v2".into()));
        assert!(told(ok, " \n", "").unwrap_err().contains("nothing"));
        let failed = told(Ending::Exited(3), "", "needs Node 22\n").unwrap_err();
        assert!(failed.ends_with("exit code 3: needs Node 22"), "{failed}");
        assert!(told(Ending::TimedOut, "1.2.3", "").is_err());
        let long = told(ok, &"x".repeat(10_000), "").unwrap();
        assert!(long.len() < 100);
    }

    #[test]
    fn a_login_counts_where_exit_code_and_words_agree() {
        let told = |code, stdout: &str, stderr: &str| {
            login(&finished(Ending::Exited(code), stdout, stderr))
        };
        let claude = |is: bool| format!("{{\n  \"loggedIn\": {is},\n  \"authMethod\": \"x\"}}");
        assert_eq!(told(0, &claude(true), ""), Login::Present);
        assert_eq!(told(1, &claude(false), ""), Login::Absent);
        assert_eq!(told(0, &claude(false), ""), Login::Untold);
        assert_eq!(told(0, "", "Logged in using ChatGPT"), Login::Present);
        assert_eq!(told(1, "", "WARNING: x\nNot logged in"), Login::Absent);
        assert_eq!(told(1, "", "no such command"), Login::Untold);
        let late = finished(Ending::TimedOut, "Logged in", "");
        assert_eq!(login(&late), Login::Untold);
    }

    proptest! {
        #[test]
        fn whatever_a_tool_prints_a_failed_command_is_no_login(
            code in 1_i32..300,
            stdout in ".{0,200}",
            stderr in ".{0,200}",
        ) {
            let told = login(&finished(Ending::Exited(code), &stdout, &stderr));
            prop_assert_ne!(told, Login::Present);
        }
    }
}
