//! What an agent sees of our environment: names from a list, nothing else. A pipeline's environment
//! holds tokens for the repository, the registry and the cloud, and an agent reads text that
//! strangers wrote.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use crate::env::Env;
use crate::sanitize::is_secret_name;

use super::home::Home;

/// What every program needs to find itself, its user, the network and its certificates.
const EVERYONE: &[&str] = &[
    "ALL_PROXY",
    "CURL_CA_BUNDLE",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LANG",
    "LANGUAGE",
    "LC_ADDRESS",
    "LC_ALL",
    "LC_COLLATE",
    "LC_CTYPE",
    "LC_IDENTIFICATION",
    "LC_MEASUREMENT",
    "LC_MESSAGES",
    "LC_MONETARY",
    "LC_NAME",
    "LC_NUMERIC",
    "LC_PAPER",
    "LC_TELEPHONE",
    "LC_TIME",
    "LOGNAME",
    "NODE_EXTRA_CA_CERTS",
    "NO_PROXY",
    "PATH",
    "REQUESTS_CA_BUNDLE",
    "SHELL",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TZ",
    "USER",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// Where the user's own files are, and the keyring that a login may lie in.
const OF_THE_HOME: &[&str] = &[
    "DBUS_SESSION_BUS_ADDRESS",
    "HOME",
    "TMPDIR",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_DIRS",
    "XDG_CONFIG_HOME",
    "XDG_DATA_DIRS",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
    "XDG_STATE_HOME",
];

/// Beginnings of names that no wildcard matches: what CI systems, clouds, registries, git and SSH
/// agents keep there opens more than a model's API.
const NEVER_BY_WILDCARD: &[&str] = &[
    "ACTIONS_",
    "ARM_",
    "AWS_",
    "AZURE_CLIENT_",
    "AZURE_FEDERATED_",
    "BITBUCKET_",
    "BUILDKITE_",
    "CARGO_REGISTR",
    "CI_",
    "CIRCLE_",
    "CLOUDSDK_",
    "DOCKER_",
    "GCLOUD_",
    "GH_",
    "GITHUB_",
    "GITLAB_",
    "GIT_",
    "GOOGLE_APPLICATION_",
    "GOOGLE_CREDENTIALS",
    "INPUT_",
    "KUBE",
    "NODE_AUTH_",
    "NPM_",
    "RUNNER_",
    "SSH_",
    "SYSTEM_",
    "VAULT_",
];

/// A wildcard with less before its `*` matches no name that looks like a secret's.
const SHORTEST_PREFIX: usize = 3;

/// Names by which a program can be made to load or run something.
const LOADERS: &[&str] = &[
    "BASH_ENV",
    "BASH_FUNC_",
    "DYLD_",
    "ENV",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "LD_",
    "NODE_OPTIONS",
    "PERL5",
    "PROMPT_COMMAND",
    "PYTHON",
    "RUBY",
];

/// Parts of names that no wildcard matches: a key that manages an account is not for asking a model.
const NEVER_WITHIN: &[&str] = &["ADMIN"];

/// The variables by which agents reach a network that is not the open one.
pub fn network_variables() -> impl Iterator<Item = &'static str> {
    let is_of_network = |name: &&str| {
        let upper = name.to_ascii_uppercase();
        ["_PROXY", "CERT", "CA_BUNDLE"]
            .iter()
            .any(|part| upper.contains(part))
    };
    EVERYONE.iter().copied().filter(is_of_network)
}

/// Which of the user's variables an agent may see beside those that every agent sees, and which we
/// set. A name that ends in `*` is a prefix.
#[derive(Default)]
pub(super) struct Allowed<'a> {
    /// Names from the tool's row and from the user.
    pub(super) names: Vec<&'a str>,
    /// Variables that we set.
    pub(super) settings: Vec<(&'a str, &'a str)>,
    /// Variables that we set where the user has not.
    pub(super) defaults: &'a [(&'a str, &'a str)],
    /// Variables that are passed on under a second name as well, unless that is set.
    pub(super) also_as: &'a [(&'a str, &'a str)],
}

/// The complete environment of an agent, but for what a fresh HOME brings.
pub(super) fn environment(
    env: &Env,
    allowed: &Allowed<'_>,
    home: Home,
) -> BTreeMap<OsString, OsString> {
    let of_the_home = match home {
        Home::Own => OF_THE_HOME,
        Home::Fresh => &[],
    };
    let patterns = || EVERYONE.iter().chain(of_the_home).chain(&allowed.names);
    let passes = |name: &OsStr| {
        let name = name.to_str();
        name.is_some_and(|name| patterns().any(|pattern| names(pattern, name)))
    };
    let mut variables: BTreeMap<OsString, OsString> = env
        .iter()
        .filter(|(name, _)| passes(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for (from, to) in allowed.also_as {
        if let (Some(value), None) = (env.get(from), env.get(to)) {
            variables.insert(to.into(), value.into());
        }
    }
    for (name, value) in allowed.defaults {
        if env.get(name).is_none() {
            variables.insert(name.into(), value.into());
        }
    }
    variables.insert("TERM".into(), "dumb".into());
    for (name, value) in &allowed.settings {
        variables.insert(name.into(), value.into());
    }
    variables
}

/// Whether `pattern` stands for `name`. A name that is written out is somebody's decision; a wildcard
/// is not one about every name that it happens to match.
fn names(pattern: &str, name: &str) -> bool {
    let Some(prefix) = pattern.strip_suffix('*') else {
        return pattern == name;
    };
    let upper = name.to_ascii_uppercase();
    name.starts_with(prefix)
        // `*` alone is nobody's decision about a key; `OPENROUTER_*` is.
        && (prefix.len() >= SHORTEST_PREFIX || !is_secret_name(name))
        && !OF_THE_HOME.contains(&name)
        && !NEVER_BY_WILDCARD
            .iter()
            .chain(LOADERS)
            .any(|never| upper.starts_with(never))
        && !NEVER_WITHIN.iter().any(|never| upper.contains(never))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn passed(pairs: &[(&str, &str)], allowed: &Allowed<'_>, home: Home) -> Vec<String> {
        let env: Env = pairs.iter().copied().collect();
        environment(&env, allowed, home)
            .into_iter()
            .map(|(name, value)| format!("{}={}", name.display(), value.display()))
            .collect()
    }

    #[test]
    fn a_wildcard_matches_no_loader_and_a_bare_one_no_secret() {
        let every = Allowed {
            names: vec!["*"],
            ..Allowed::default()
        };
        let kept = passed(
            &[
                ("DRONE_TOKEN", "s"),
                ("HEROKU_API_KEY", "s"),
                ("LC_SECRET_TOKEN", "s"),
                ("LD_PRELOAD", "s"),
                ("NODE_OPTIONS", "s"),
                ("PYTHONPATH", "s"),
                ("XDG_RUNTIME_DIR", "s"),
                ("MODE", "fast"),
            ],
            &every,
            Home::Fresh,
        );
        assert_eq!(kept, ["MODE=fast", "TERM=dumb"]);
    }

    #[test]
    fn only_listed_names_and_prefixes_pass() {
        let pairs = [
            ("PATH", "/bin"),
            ("LC_ALL", "C"),
            ("GITHUB_TOKEN", "secret"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("OPENROUTER_API_KEY", "key"),
            ("MY_OPENROUTER_API_KEY", "secret"),
            ("TERM", "xterm"),
            ("MODE", "user's"),
            ("RETRIES", "user's"),
        ];
        let allowed = Allowed {
            names: vec!["OPENROUTER_*", "MODE", "RETRIES"],
            settings: vec![("MODE", "ours")],
            defaults: &[("RETRIES", "ours"), ("TURNS", "ours")],
            also_as: &[],
        };
        assert_eq!(
            passed(&pairs, &allowed, Home::Fresh),
            [
                "LC_ALL=C",
                "MODE=ours",
                "OPENROUTER_API_KEY=key",
                "PATH=/bin",
                "RETRIES=user's",
                "TERM=dumb",
                "TURNS=ours",
            ]
        );
    }

    #[test]
    fn a_wildcard_never_matches_what_opens_more_than_a_model() {
        let dangerous = [
            "GITHUB_TOKEN",
            "ACTIONS_RUNTIME_TOKEN",
            "RUNNER_TEMP",
            "INPUT_TOKEN",
            "CI_JOB_TOKEN",
            "SSH_AUTH_SOCK",
            "GIT_ASKPASS",
            "AWS_SECRET_ACCESS_KEY",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "ANTHROPIC_ADMIN_KEY",
            "github_token",
        ];
        let pairs = dangerous.map(|name| (name, "secret"));
        let by_wildcard = Allowed {
            names: vec!["*", "G*", "GITHUB_*", "AWS_*", "ANTHROPIC_*"],
            ..Allowed::default()
        };
        assert_eq!(passed(&pairs, &by_wildcard, Home::Own), ["TERM=dumb"]);
        let by_name = Allowed {
            names: vec!["AWS_SECRET_ACCESS_KEY"],
            ..Allowed::default()
        };
        let expected = ["AWS_SECRET_ACCESS_KEY=secret", "TERM=dumb"];
        assert_eq!(passed(&pairs, &by_name, Home::Own), expected);
    }

    #[test]
    fn what_leads_to_the_users_files_passes_only_with_the_users_home() {
        let pairs = [
            ("HOME", "/u"),
            ("XDG_CONFIG_HOME", "/u/.c"),
            ("TMPDIR", "/t"),
        ];
        let allowed = Allowed::default();
        assert_eq!(passed(&pairs, &allowed, Home::Fresh), ["TERM=dumb"]);
        assert_eq!(passed(&pairs, &allowed, Home::Own).len(), 4);
    }

    #[test]
    fn a_second_name_is_given_only_where_it_is_free() {
        let allowed = Allowed {
            names: vec!["A", "B"],
            also_as: &[("A", "B")],
            ..Allowed::default()
        };
        let given = |pairs: &[(&str, &str)]| passed(pairs, &allowed, Home::Fresh);
        assert_eq!(given(&[("A", "1")]), ["A=1", "B=1", "TERM=dumb"]);
        assert_eq!(
            given(&[("A", "1"), ("B", "2")]),
            ["A=1", "B=2", "TERM=dumb"]
        );
        assert_eq!(given(&[("B", "2")]), ["B=2", "TERM=dumb"]);
    }

    proptest! {
        #[test]
        fn whatever_the_environment_nothing_outside_the_list_passes(
            pairs in proptest::collection::vec(
                ("(GITHUB_|CI_|AWS_|MY_|XDG_|LC_|OPENAI_)?[A-Z_]{1,12}", "[a-z]{0,9}"),
                0..40,
            ),
        ) {
            let env: Env = pairs.iter().cloned().collect();
            let names = vec!["OPENAI_API_KEY", "MY_*"];
            let allowed = Allowed { names: names.clone(), ..Allowed::default() };
            for (name, _) in environment(&env, &allowed, Home::Fresh) {
                let name = name.into_string().unwrap();
                let listed = EVERYONE.contains(&name.as_str())
                    || names.contains(&name.as_str())
                    || name.starts_with("MY_")
                    || EVERYONE.contains(&name.as_str())
                    || name == "TERM";
                prop_assert!(listed, "{}", name);
            }
        }
    }
}
