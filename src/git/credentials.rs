//! What a checkout left for later steps, and so for everybody who can read its configuration.

use std::path::Path;

use crate::env::Env;
use crate::process::{self, Cancel, Ending, Invocation};

use super::{GRACE, LIMIT, SAFE, arguments, environment, find_git};

/// Settings that may hold a password, by name.
const SETTINGS: &str = r"^(http\..*extraheader|url\..*insteadof|remote\..*url)$";

/// A shorter name of a user is no token.
const SHORTEST_TOKEN: usize = 20;

/// Whether the configuration of the repository around `directory`, or a file that it includes, holds
/// something to log in with. `false` where git can't be asked.
pub async fn keeps_credentials(directory: &Path, env: &Env, cancel: &Cancel) -> bool {
    let Some(program) = find_git(env) else {
        return false;
    };
    let asked = ["config", "--local", "--includes", "-z", "--get-regexp"];
    let invocation = Invocation {
        program,
        args: arguments(&SAFE, asked.into_iter().chain([SETTINGS])),
        directory: directory.to_owned(),
        environment: environment(env),
        stdin: [].into(),
        limit: Some(LIMIT),
        grace: GRACE,
    };
    let Ok(finished) = process::run(invocation, cancel).await else {
        return false;
    };
    let listed = [finished.stdout.head(), finished.stdout.tail()].concat();
    finished.ending == Ending::Exited(0) && holds_credentials(&String::from_utf8_lossy(&listed))
}

/// Reads settings as `git config -z` lists them: name, line break, value, NUL.
fn holds_credentials(listed: &str) -> bool {
    let mut settings = listed.split('\0').map(|setting| {
        let (name, value) = setting.split_once('\n').unwrap_or((setting, ""));
        (name.to_ascii_lowercase(), value)
    });
    settings.any(|(name, value)| {
        let is_header = name.ends_with("extraheader");
        (is_header && value.to_ascii_lowercase().contains("authorization"))
            || [name.as_str(), value].into_iter().any(has_password)
    })
}

/// Whether `text` has an address with a password, or a token for a user's name.
fn has_password(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else {
        return false;
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    user.is_some_and(|user| {
        let password = user.split_once(':').map(|(_, password)| password);
        password.is_some_and(|password| !password.is_empty()) || user.len() >= SHORTEST_TOKEN
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_told_from_an_address() {
        for (listed, holds) in [
            (
                "http.https://github.com/.extraheader\nAUTHORIZATION: basic eA==\0",
                true,
            ),
            ("http.extraheader\nAuthorization: bearer x\0", true),
            (
                "url.https://x-access-token:secret@github.com/.insteadof\ngit@github.com:\0",
                true,
            ),
            ("remote.origin.url\nhttps://u:p@host/x\0", true),
            (
                "remote.origin.url\nhttps://ghp_0123456789abcdefghij@host/x\0",
                true,
            ),
            (
                "http.extraheader\nX-Trace: 1\0remote.origin.url\nhttps://host/u:p@x\0",
                false,
            ),
            ("remote.origin.url\nhttps://user@host/x\0", false),
            (
                "remote.origin.url\ngit@github.com:o/r\0url.https://github.com/.insteadof\ngit@github.com:\0",
                false,
            ),
            ("", false),
        ] {
            assert_eq!(holds_credentials(listed), holds, "{listed}");
        }
    }
}
