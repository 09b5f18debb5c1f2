//! What an agent sees of our environment: names from a list, nothing else. A pipeline's environment
//! holds tokens for the repository, the registry and the cloud, and an agent reads text that
//! strangers wrote.

use std::ffi::{OsStr, OsString};

use crate::env::Env;

/// What every program needs to find itself, its user, the network and its certificates.
const EVERYONE: &[&str] = &[
    "ALL_PROXY",
    "CURL_CA_BUNDLE",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LANG",
    "LANGUAGE",
    "LC_*",
    "LOGNAME",
    "NODE_EXTRA_CA_CERTS",
    "NO_PROXY",
    "PATH",
    "REQUESTS_CA_BUNDLE",
    "SHELL",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TMPDIR",
    "TZ",
    "USER",
    "XDG_*",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// The complete environment of an agent: what `allowed` names (a trailing `*` is a prefix) and what
/// every program needs, then `settings` on top.
pub(super) fn environment(
    env: &Env,
    allowed: &[&str],
    settings: &[(&str, &str)],
) -> Vec<(OsString, OsString)> {
    let passes = |name: &OsStr| {
        let Some(name) = name.to_str() else {
            return false;
        };
        EVERYONE
            .iter()
            .chain(allowed)
            .any(|pattern| match pattern.strip_suffix('*') {
                Some(prefix) => name.starts_with(prefix),
                None => name == *pattern,
            })
    };
    let mut variables: Vec<(OsString, OsString)> = env
        .iter()
        .filter(|(name, _)| passes(name) && !is_set(settings, name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    variables.push(("TERM".into(), "dumb".into()));
    variables.extend(
        settings
            .iter()
            .map(|(name, value)| (name.into(), value.into())),
    );
    variables
}

fn is_set(settings: &[(&str, &str)], name: &OsStr) -> bool {
    settings.iter().any(|(setting, _)| name == *setting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_names_and_prefixes_pass() {
        let env = Env::from_iter([
            ("PATH", "/bin"),
            ("LC_ALL", "C"),
            ("GITHUB_TOKEN", "secret"),
            ("ACTIONS_RUNTIME_TOKEN", "secret"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("ANTHROPIC_API_KEY", "key"),
            ("MY_ANTHROPIC_API_KEY", "secret"),
            ("TERM", "xterm"),
            ("MODE", "user's"),
        ]);
        let names = |allowed: &[&str]| -> Vec<(String, String)> {
            environment(&env, allowed, &[("MODE", "ours")])
                .into_iter()
                .map(|(name, value)| (name.into_string().unwrap(), value.into_string().unwrap()))
                .collect()
        };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            names(&["ANTHROPIC_*", "MODE"]),
            [
                pair("ANTHROPIC_API_KEY", "key"),
                pair("LC_ALL", "C"),
                pair("PATH", "/bin"),
                pair("TERM", "dumb"),
                pair("MODE", "ours"),
            ]
        );
    }
}
