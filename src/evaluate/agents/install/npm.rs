//! Starting npm, without a shell: what it is told, what it sees, and what it says.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::env::Env;
use crate::process::{self, Cancel, Captured, Ending, Finished, Invocation};
use crate::sanitize;

use super::super::environment::network_variables;
use super::super::locate::locate;
use super::error::InstallError;
use super::wanted::is_exact;

/// For one package. They have up to 400 MB.
const LIMIT: Duration = Duration::from_mins(10);

const GRACE: Duration = Duration::from_secs(5);

/// How much of what a program says is passed on.
const SAID_LINES: usize = 4;
const SAID_BYTES: usize = 1000;

/// Which of npm's settings are passed on: where a company's mirror is and how it is reached. npm takes
/// them in any case. Tokens are not among them.
const SETTINGS: [&str; 5] = [
    "npm_config_cafile",
    "npm_config_https_proxy",
    "npm_config_noproxy",
    "npm_config_proxy",
    "npm_config_registry",
];

/// What `install` needs of an environment: programs, the network, certificates, a mirror.
#[must_use]
pub fn install_variables(env: &Env) -> Vec<(OsString, OsString)> {
    let network: Vec<&str> = network_variables().collect();
    let is_ours = |name: &str| {
        name == "PATH"
            || network.contains(&name)
            || SETTINGS.contains(&name.to_ascii_lowercase().as_str())
    };
    let variables = env.iter();
    variables
        .filter(|(name, _)| name.to_str().is_some_and(is_ours))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// npm and the Node that runs it.
pub(super) struct Npm {
    program: PathBuf,
    node: PathBuf,
    variables: Vec<(OsString, OsString)>,
}

/// One installation under way.
pub(super) struct Work<'work> {
    /// `name@version`, as npm calls it.
    pub(super) package: String,
    /// A HOME for the time of the installation, outside of `tree`.
    pub(super) home: &'work Path,
    pub(super) cancel: &'work Cancel,
}

impl Npm {
    /// Both have to be on absolute entries of `PATH`: relative ones lead into the project.
    pub(super) fn find(env: &Env) -> Result<Self, InstallError> {
        let mut directories = env.search_path();
        directories.retain(|directory| directory.is_absolute());
        let env = env.with_search_path(&directories);
        let find =
            |program| locate(program, Path::new("/"), &env).ok_or(InstallError::NoNpm(program));
        Ok(Self {
            node: find("node")?,
            program: find("npm")?,
            variables: install_variables(&env),
        })
    }

    /// The exact version that the registry calls the newest.
    pub(super) async fn newest(&self, name: &str, work: &Work<'_>) -> Result<String, InstallError> {
        let wanted = format!("{name}@latest");
        let arguments = ["view", "--no-update-notifier", "--loglevel=error", "--"];
        let arguments = arguments.into_iter().chain([wanted.as_str(), "version"]);
        let finished = self
            .start(&self.program, arguments, work.home, work)
            .await?;
        let finished = succeeded(finished, work)?;
        let said = String::from_utf8_lossy(finished.stdout.head()).into_owned();
        match said.trim() {
            version if is_exact(version) => Ok(version.to_owned()),
            other => Err(refused(other, work)),
        }
    }

    /// Unpacks the package and what it depends on to `tree`. No script of any of them runs.
    pub(super) async fn unpack(&self, tree: &Path, work: &Work<'_>) -> Result<(), InstallError> {
        let mut prefix = OsString::from("--prefix=");
        prefix.push(tree);
        let flags = [
            "--save-exact",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-update-notifier",
            "--no-progress",
            "--loglevel=error",
            "--",
            &work.package,
        ];
        let arguments = ["install".into(), prefix].into_iter();
        let arguments = arguments.chain(flags.map(OsString::from));
        let finished = self.start(&self.program, arguments, tree, work).await?;
        succeeded(finished, work).map(drop)
    }

    /// Runs a script of the package itself.
    pub(super) async fn set_up(
        &self,
        directory: &Path,
        script: &str,
        work: &Work<'_>,
    ) -> Result<(), InstallError> {
        let script = directory.join(script);
        let finished = self.start(&self.node, [script], directory, work).await?;
        succeeded(finished, work).map(drop)
    }

    /// Starts what was installed: npm is content without the part for this machine.
    pub(super) async fn try_out(
        &self,
        program: &Path,
        name: &'static str,
        work: &Work<'_>,
    ) -> Result<(), InstallError> {
        let broken = |said: String| InstallError::Broken {
            package: work.package.clone(),
            program: name,
            said,
        };
        let started = self.start(program, ["--version"], work.home, work).await;
        match started {
            Ok(finished) if finished.ending == Ending::Exited(0) => Ok(()),
            Ok(finished) => match finished.ending {
                Ending::Cancelled => Err(InstallError::Cancelled),
                Ending::Exited(_) | Ending::Signalled(_) | Ending::TimedOut => {
                    Err(broken(said(&finished).0))
                }
            },
            Err(InstallError::Start(error)) => Err(broken(error.to_string())),
            Err(error) => Err(error),
        }
    }

    async fn start(
        &self,
        program: &Path,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
        directory: &Path,
        work: &Work<'_>,
    ) -> Result<Finished, InstallError> {
        let mut environment = self.variables.clone();
        environment.push(("HOME".into(), work.home.into()));
        environment.push(("TMPDIR".into(), work.home.into()));
        let invocation = Invocation {
            program: program.to_owned(),
            args: arguments.into_iter().map(Into::into).collect(),
            directory: directory.to_owned(),
            environment,
            stdin: [].into(),
            limit: Some(LIMIT),
            grace: GRACE,
        };
        Ok(process::run(invocation, work.cancel).await?)
    }
}

fn succeeded(finished: Finished, work: &Work<'_>) -> Result<Finished, InstallError> {
    match finished.ending {
        Ending::Exited(0) => Ok(finished),
        Ending::Cancelled => Err(InstallError::Cancelled),
        Ending::TimedOut => Err(InstallError::TimedOut {
            package: work.package.clone(),
            minutes: LIMIT.as_secs() / 60,
        }),
        Ending::Exited(_) | Ending::Signalled(_) => {
            let (said, code) = said(&finished);
            Err(InstallError::Refused {
                package: work.package.clone(),
                said,
                code,
            })
        }
    }
}

fn refused(answer: &str, work: &Work<'_>) -> InstallError {
    InstallError::Refused {
        package: work.package.clone(),
        said: format!(
            "the registry calls `{}` the newest version",
            sanitize::truncate(answer, 60)
        ),
        code: String::new(),
    }
}

/// What a program said about its failure, and npm's code for it.
fn said(finished: &Finished) -> (String, String) {
    let streams = [&finished.stderr, &finished.stdout].map(Captured::to_text_lossy);
    let lines = || streams.iter().flat_map(|text| text.lines()).map(str::trim);
    let errors = lines().filter_map(|line| line.strip_prefix("npm error"));
    let mut errors: Vec<&str> = errors.map(str::trim).collect();
    let code = errors.iter().find_map(|line| line.strip_prefix("code "));
    let code = code.unwrap_or_default().to_owned();
    let is_noise = |line: &str| {
        let starts = ["A complete log", "code ", "errno ", "syscall "];
        line.is_empty() || starts.iter().any(|start| line.starts_with(start))
    };
    errors.retain(|line| !is_noise(line));
    if errors.is_empty() {
        errors = lines().filter(|line| !line.is_empty()).collect();
    }
    errors.truncate(SAID_LINES);
    let text = match errors.as_slice() {
        [] => match finished.ending {
            Ending::Exited(code) => format!("exit code {code}, and not a word"),
            Ending::Signalled(signal) => format!("ended by signal {signal}"),
            Ending::TimedOut | Ending::Cancelled => "no answer".into(),
        },
        lines => sanitize::truncate(&lines.join("; "), SAID_BYTES).into_owned(),
    };
    (text, code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(stderr: &str) -> Finished {
        Finished {
            ending: Ending::Exited(1),
            stdout: b"".as_slice().into(),
            stderr: stderr.as_bytes().into(),
            duration: Duration::ZERO,
        }
    }

    #[test]
    fn no_token_of_the_job_is_passed_on() {
        let env = Env::from_iter([
            ("ANTHROPIC_API_KEY", "x"),
            ("GITHUB_TOKEN", "x"),
            ("HOME", "/h"),
            ("HTTPS_PROXY", "p"),
            ("NODE_AUTH_TOKEN", "x"),
            ("NODE_EXTRA_CA_CERTS", "/c"),
            ("NODE_OPTIONS", "--require x"),
            ("NPM_CONFIG_REGISTRY", "r"),
            ("NPM_CONFIG_USERCONFIG", "/u"),
            ("NPM_TOKEN", "x"),
            ("PATH", "/bin"),
            ("npm_config_//r/:_authToken", "x"),
            ("npm_config_cafile", "/c"),
        ]);
        let names = install_variables(&env).into_iter().map(|(name, _)| name);
        let expected = [
            "HTTPS_PROXY",
            "NODE_EXTRA_CA_CERTS",
            "NPM_CONFIG_REGISTRY",
            "PATH",
            "npm_config_cafile",
        ];
        assert_eq!(names.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn of_what_npm_says_the_errors_are_told_and_its_log_is_not() {
        let stderr = "npm warn old\nnpm error code E404\nnpm error errno 1\nnpm error 404 Not Found\nnpm error\n\
            npm error A complete log of this run can be found in: /x/y.log\n";
        let (text, code) = said(&finished(stderr));
        assert_eq!(text, "404 Not Found");
        assert_eq!(code, "E404");
        assert_eq!(said(&finished("\nSyntaxError: x\n")).0, "SyntaxError: x");
        assert_eq!(said(&finished("")).0, "exit code 1, and not a word");
        assert!(said(&finished(&"npm error x".repeat(10_000))).0.len() < 1100);
    }
}
