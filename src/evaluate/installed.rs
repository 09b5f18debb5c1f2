//! Which LLM CLIs are on this machine and whether they start at all, for a user who asks before
//! anything is paid for.

use std::path::PathBuf;
use std::time::Duration;

use tokio::task::JoinSet;

use super::agents::{Agents, Call, Credentials, Judge, Tool};
use crate::chain::chain;
use crate::process::{self, Cancel, Captured, Ending, Finished};
use crate::sanitize;

/// The slowest of them needs three seconds on a small machine to tell its version.
const LIMIT: Duration = Duration::from_secs(20);

/// How much of what a program prints is taken for its version.
const VERSION_BYTES: usize = 60;

/// A known tool that is on `PATH`.
#[derive(Clone, Debug)]
pub struct Installed {
    /// Its row.
    pub tool: &'static Tool,
    /// Where it is; `None` where it can't be used for the reason in `version`.
    pub program: Option<PathBuf>,
    /// The first line that `--version` prints, or why there is none, in words for the user.
    pub version: Result<String, String>,
    /// Whether the user's variables let it in.
    pub credentials: Credentials,
    /// The names of the user's and our variables that it sees, in name order.
    pub variables: Vec<String>,
}

/// Starts each installed tool with `--version`, with the environment that it would judge with, all at
/// once and outside of the project, whose files could steer it. In the order of the registry.
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
    let credentials = agents.credentials(tool);
    let unusable = |reason: String| Installed {
        tool,
        credentials,
        program: None,
        version: Err(reason),
        variables: Vec::new(),
    };
    let agent = match agents.find(tool.key) {
        Ok(Judge::Agent(agent)) => agent,
        Ok(Judge::Checks) => return unusable("is no program".into()),
        Err(error) => return unusable(format!("{error}; {}", error.hint())),
    };
    let elsewhere = match tempfile::tempdir() {
        Ok(directory) => directory,
        Err(error) => return unusable(format!("no temporary directory could be made: {error}")),
    };
    let prepared = agent.prepare(&Call {
        prompt: "",
        directory: elsewhere.path(),
        limit: Some(LIMIT),
        skip_permissions: false,
    });
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(message) => return unusable(message),
    };
    let mut invocation = prepared.invocation.clone();
    invocation.args = vec!["--version".into()];
    invocation.stdin = [].into();
    let names = invocation.environment.iter().map(|(name, _)| name);
    let mut variables: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    variables.sort();
    let program = invocation.program.clone();
    let version = match process::run(invocation, cancel).await {
        Ok(finished) => version(&finished),
        Err(error) => Err(chain(&error)),
    };
    Installed {
        tool,
        program: Some(program),
        version,
        credentials,
        variables,
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
}
