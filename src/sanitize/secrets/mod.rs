//! Values that nobody may read: found in a text in every form that a program gives them, and
//! replaced by their name.
//!
//! Which variables hold secrets is `values`' business, how a secret may look `forms`', and what a
//! text says behind escapes and invisible characters `views`'. Tokens of well-known makers are found
//! by their `shapes`, also those that we never held.
//!
//! This is the last line, not the first: an agent that is told to can spell a secret in a way that
//! nobody finds. It must not hold what it doesn't need.

mod cuts;
mod forms;
mod shapes;
mod values;
mod views;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::MatchKind;
use aho_corasick::automaton::Automaton as _;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, automaton::StateID};

use crate::env::Env;
use cuts::Cuts;
use values::Secret;
pub use values::is_secret_name;
use views::Unit;

/// The secrets of this process, for redaction.
#[derive(Default)]
pub struct Secrets {
    secrets: Vec<Secret>,
    /// Made for the first text: many commands show none of a stranger's.
    matcher: OnceLock<Matcher>,
}

/// Finds every form of every secret in one pass.
struct Matcher {
    automaton: Option<NFA>,
    /// For each pattern, the secret that it is a form of.
    owners: Vec<usize>,
    cuts: Cuts,
    longest: usize,
}

/// A part of a text that is to be replaced.
struct Found {
    place: Range<usize>,
    /// Which secret; `None` for a token that we don't hold.
    owner: Option<usize>,
}

/// Names only.
impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.secrets.iter().map(|secret| &secret.name);
        formatter.debug_set().entries(names).finish()
    }
}

impl Secrets {
    /// The values of the variables of `env` whose names or values look secret, and of those that
    /// `listed` names (a trailing `*` is a prefix), which somebody thought worth passing on.
    #[must_use]
    pub fn from_env(env: &Env, listed: &[String]) -> Self {
        Self {
            secrets: values::secrets(env, listed),
            matcher: OnceLock::new(),
        }
    }

    /// `text` with `[redacted NAME]` for each secret, and `[redacted token]` for what looks like one.
    ///
    /// Takes linear time. Comes before text is cut or made safe for its sink: half a secret is not
    /// found, nor one that is written with a sink's escapes. Where text ends, or `…` says that
    /// something was left out, the beginning or end of a secret is found too.
    #[must_use]
    pub fn redact<'text>(&self, text: &'text str) -> Cow<'text, str> {
        let mut found = shapes::tokens(text);
        let matcher = self.matcher.get_or_init(|| Matcher::new(&self.secrets));
        matcher.find(text, &mut found);
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(self.replace(text, found))
    }

    /// [`Self::redact`] in place.
    pub fn redact_in(&self, text: &mut String) {
        if let Cow::Owned(redacted) = self.redact(text) {
            *text = redacted;
        }
    }

    fn replace(&self, text: &str, mut found: Vec<Found>) -> String {
        // The longest of those that start together gives the name.
        found.sort_by_key(|found| (found.place.start, usize::MAX - found.place.end, found.owner));
        let mut redacted = String::with_capacity(text.len());
        let mut kept_to = 0;
        let mut rest = found.into_iter().peekable();
        while let Some(first) = rest.next() {
            let mut end = first.place.end;
            let mut owner = first.owner;
            while let Some(next) = rest.next_if(|next| {
                next.place.start < end || (next.place.start == end && next.owner == owner)
            }) {
                end = end.max(next.place.end);
                owner = owner.or(next.owner);
            }
            let start = text.floor_char_boundary(first.place.start).max(kept_to);
            let name = owner.map_or("token", |owner| &self.secrets[owner].name);
            redacted.push_str(&text[kept_to..start]);
            redacted.push_str("[redacted ");
            redacted.push_str(name);
            redacted.push(']');
            kept_to = text.ceil_char_boundary(end);
        }
        redacted.push_str(&text[kept_to..]);
        redacted
    }
}

impl Matcher {
    fn new(secrets: &[Secret]) -> Self {
        let forms = forms::forms(secrets);
        let patterns: Vec<&[u8]> = forms.keys().map(Vec::as_slice).collect();
        let automaton = NFA::builder()
            .match_kind(MatchKind::Standard)
            .build(&patterns)
            .ok()
            .filter(|_| !patterns.is_empty());
        Self {
            automaton,
            owners: forms.values().copied().collect(),
            longest: patterns.iter().map(|form| form.len()).max().unwrap_or(0),
            cuts: Cuts::new(&forms),
        }
    }

    fn find(&self, text: &str, found: &mut Vec<Found>) {
        let Some(automaton) = &self.automaton else {
            return;
        };
        self.scan(automaton, views::plain(text), found);
        self.scan(automaton, views::visible(text), found);
        if text.contains(views::opens_escape) {
            // A sequence may swallow what somebody reads who shows it in another way.
            self.scan(automaton, views::compact(views::plain(text)), found);
        }
        if text.contains('\\') {
            let once = || views::unescaped(views::plain(text));
            self.scan(automaton, once(), found);
            self.scan(automaton, views::compact(once()), found);
            self.scan(automaton, views::unescaped(once()), found);
            self.scan(automaton, views::percent_decoded(once()), found);
        }
        if text.contains('%') {
            let once = || views::percent_decoded(views::plain(text));
            self.scan(automaton, once(), found);
            self.scan(automaton, views::compact(once()), found);
            self.scan(automaton, views::unescaped(once()), found);
        }
        self.cuts.find(text, found);
    }

    /// Every occurrence of every form, also those that overlap: what is left beside a match must
    /// not be half of another.
    fn scan(&self, automaton: &NFA, units: impl Iterator<Item = Unit>, found: &mut Vec<Found>) {
        let Ok(start) = automaton.start_state(Anchored::No) else {
            return;
        };
        // Where the last bytes of the view stand in the text, as many as the longest form has.
        let mut starts = vec![0; self.longest.next_power_of_two()];
        let mask = starts.len() - 1;
        let mut state: StateID = start;
        for (count, unit) in units.enumerate() {
            starts[count & mask] = unit.start;
            state = automaton.next_state(Anchored::No, state, unit.byte);
            if !automaton.is_match(state) {
                continue;
            }
            for index in 0..automaton.match_len(state) {
                let pattern = automaton.match_pattern(state, index);
                let length = automaton.pattern_len(pattern);
                let start = starts[(count + 1 - length) & mask];
                let owner = self.owners.get(pattern.as_usize()).copied();
                push(found, start..unit.end, owner);
            }
        }
    }
}

/// Adds a match. One that overlaps with the last is made one with it: a text that repeats a secret
/// has one at every byte.
fn push(found: &mut Vec<Found>, place: Range<usize>, owner: Option<usize>) {
    match found.last_mut() {
        Some(last) if last.owner == owner && last.place.contains(&place.start) => {
            last.place.end = last.place.end.max(place.end);
        }
        _ => found.push(Found { place, owner }),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;
    use crate::sanitize::{markdown_text, terminal_line, xml_line};

    const KEY: &str = "sk-ant-api03-Xy7/Qw+2=\"Zm9v\\YmFyIQ";

    fn holding(variables: &[(&str, &str)]) -> Secrets {
        Secrets::from_env(&variables.iter().copied().collect(), &[])
    }

    fn json(text: &str) -> String {
        let quoted = serde_json::to_string(text).unwrap();
        quoted[1..quoted.len() - 1].to_owned()
    }

    /// Every character as an escape.
    fn escaped(text: &str) -> String {
        let mut escaped = String::new();
        for unit in text.encode_utf16() {
            let _ = write!(escaped, "\\u{unit:04x}");
        }
        escaped
    }

    fn percent(text: &str, kept: impl Fn(u8) -> bool) -> String {
        let mut encoded = String::new();
        for byte in text.bytes() {
            if byte.is_ascii() && kept(byte) {
                encoded.push(char::from(byte));
            } else {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        encoded
    }

    fn hexadecimal(text: &str) -> String {
        text.bytes().fold(String::new(), |mut digits, byte| {
            let _ = write!(digits, "{byte:02x}");
            digits
        })
    }

    fn wrapped(text: &str, most: usize, joint: &str) -> String {
        let letters: Vec<char> = text.chars().collect();
        let lines: Vec<String> = letters
            .chunks(most)
            .map(|line| line.iter().collect())
            .collect();
        lines.join(joint)
    }

    /// Ways in which programs write a text.
    fn encodings(text: &str) -> Vec<String> {
        let base64 = STANDARD.encode(text);
        vec![
            text.to_owned(),
            URL_SAFE.encode(text),
            STANDARD_NO_PAD.encode(text),
            URL_SAFE_NO_PAD.encode(text),
            wrapped(&base64, 8, "\n"),
            wrapped(&base64, 8, "\\n"),
            percent(&base64, |byte| byte.is_ascii_alphanumeric()),
            base64,
            json(text),
            json(&json(text)),
            escaped(text),
            percent(text, |byte| byte.is_ascii_alphanumeric()),
            percent(text, |byte| !b"% &+\"".contains(&byte)).replace("%C", "%c"),
            percent(&json(text), |byte| byte.is_ascii_alphanumeric()),
            json(text).replace('/', "\\/"),
            hexadecimal(text),
            hexadecimal(text).to_uppercase(),
        ]
    }

    #[test]
    fn half_an_escape_before_a_secret_does_not_hide_it() {
        let secrets = holding(&[("MY_TOKEN", "7a0b c\"dAaaaAQ7")]);
        for text in [
            "%A7a0b%20c%22dAaaaAQ7",
            "%7a0b%20c%22dAaaaAQ7",
            "\\u7a0b c\\\"dAaaaAQ7",
        ] {
            let redacted = secrets.redact(text);
            assert!(
                redacted.ends_with("[redacted MY_TOKEN]"),
                "{text}: {redacted}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_form_of_a_secret_stays_in_any_text(
            secret in prop_oneof!["[ -~]{6,80}", "[^\\x00]{6,40}"],
            before in ".{0,20}",
            after in ".{0,20}",
        ) {
            // Neither a word nor blank at its ends, which nobody would take for a secret.
            let secret = format!("7q{secret}Q7");
            let secrets = holding(&[("MY_TOKEN", &secret)]);
            for encoded in encodings(&secret) {
                let redacted = secrets.redact(&format!("{before}{encoded}{after}")).into_owned();
                prop_assert!(!redacted.contains(&encoded), "{encoded:?} in {redacted:?}");
                prop_assert!(redacted.contains("[redacted "), "{encoded:?} in {redacted:?}");
            }
        }

        #[test]
        fn a_secret_inside_longer_base64_is_found_wherever_it_starts(
            secret in "[ -~]{8,50}", before in ".{0,9}", after in ".{0,9}",
        ) {
            let secret = format!("7{secret}Q");
            let secrets = holding(&[("MY_TOKEN", &secret)]);
            let encoded = STANDARD.encode(format!("{before}{secret}{after}"));
            let redacted = secrets.redact(&encoded).into_owned();
            let most = (before.len() + after.len()) * 4 / 3 + 8 + "[redacted MY_TOKEN]".len();
            prop_assert!(redacted.contains("[redacted MY_TOKEN]"), "{redacted}");
            prop_assert!(redacted.len() <= most, "{redacted}");
        }

        #[test]
        fn what_a_sink_takes_out_does_not_bring_a_secret_back(
            secret in "[!-~]{8,40}", hidden in "[\u{200b}\u{1}\u{feff}\u{1b}]{1,3}", every in 1_usize..9,
        ) {
            let secret = format!("7q{secret}Q");
            let secrets = holding(&[("MY_TOKEN", &secret)]);
            for joint in [hidden.as_str(), "\u{1b}[1m", "\u{1b}]0;t\u{7}", "\u{9b}0m"] {
                let text = wrapped(&secret, every, joint);
                let redacted = secrets.redact(&text);
                for shown in [terminal_line(&redacted), markdown_text(&redacted), xml_line(&redacted)] {
                    let bare = terminal_line(&text);
                    prop_assert!(bare != terminal_line(&secret) || !shown.contains(&bare), "{shown:?}");
                }
            }
        }

        #[test]
        fn any_run_of_a_long_secret_is_found(from in 0_usize..30, length in 16_usize..60) {
            let secret = "Ab3-Zk92_xQwErTy7uIoP0aSdFgHjKl5Zx1cVbNm8MqW4eR6tY";
            let secrets = holding(&[("MY_KEY", secret)]);
            let run = &secret[from..(from + length).min(secret.len())];
            let redacted = secrets.redact(run);
            prop_assert_eq!(redacted, "[redacted MY_KEY]");
        }

        #[test]
        fn nothing_but_secrets_is_lost(text in any::<String>()) {
            let secrets = holding(&[("MY_TOKEN", KEY)]);
            prop_assert_eq!(secrets.redact(&text), text.as_str());
        }

        #[test]
        fn any_value_of_any_variable_is_held_without_panic(
            value in any::<String>(), name in "[A-Z_]{1,9}", text in any::<String>(),
        ) {
            let secrets = holding(&[(&name, &value), ("A_TOKEN", &value)]);
            let _ = secrets.redact(&text);
            let _ = secrets.redact(&format!("{text}{value}…{value}"));
        }
    }

    #[test]
    fn a_secret_is_replaced_by_the_name_of_its_variable() {
        let secrets = holding(&[("ANTHROPIC_API_KEY", KEY), ("OTHER_TOKEN", "0ther-token")]);
        let text = format!("a {KEY}, 0ther-token; {KEY}{KEY}.");
        assert_eq!(
            secrets.redact(&text),
            "a [redacted ANTHROPIC_API_KEY], [redacted OTHER_TOKEN]; [redacted ANTHROPIC_API_KEY]."
        );
    }

    #[test]
    fn where_a_text_was_cut_half_a_secret_is_found() {
        let secrets = holding(&[("MY_TOKEN", "Ab3-Zk92_xQwErTy7")]);
        for (text, expected) in [
            ("x Ab3-Zk92_", "x [redacted MY_TOKEN]"),
            ("k92_xQwErTy7 y", "[redacted MY_TOKEN] y"),
            ("x Ab3-Zk92_xQ… y", "x [redacted MY_TOKEN]… y"),
            (
                "Ab3-Zk92\u{fffd}\n… 9 bytes left out …\n92_xQwErTy7",
                "[redacted MY_TOKEN]\u{fffd}\n… 9 bytes left out …\n[redacted MY_TOKEN]",
            ),
            ("x Ab3-Zk9", "x Ab3-Zk9"),
            ("x Ab3-Zk92_ y", "x Ab3-Zk92_ y"),
        ] {
            assert_eq!(secrets.redact(text), expected);
        }
    }

    #[test]
    fn tokens_of_well_known_makers_are_found_without_being_held() {
        let letters = "0123456789abcdefABCDEF0123456789abcdefABCDEF";
        let tokens = [
            format!("ghp_{letters}"),
            format!("github_pat_{letters}"),
            format!("glpat-{letters}"),
            format!("sk-ant-api03-{letters}"),
            format!("sk-proj-{letters}"),
            format!("sk-{letters}"),
            "AKIAIOSFODNN7EXAMPLE".to_owned(),
            "xoxb-123456789012-abcdef".to_owned(),
            format!("AIza{}", &letters[..35]),
            format!("eyJ{letters}.{letters}.{letters}"),
            format!("-----BEGIN RSA PRIVATE KEY-----\n{letters}\n"),
        ];
        for token in tokens {
            let redacted = Secrets::default()
                .redact(&format!("a {token}"))
                .into_owned();
            assert_eq!(redacted, "a [redacted token]", "{token}");
        }
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        let env = Env::from_iter([
            ("API_KEY_REQUIRED", "required"),
            ("DB_PASSWORD", "password"),
            ("DEFAULT_AUTH", "Authentication"),
            ("KEY_SIZE", "20260000"),
            ("MAX_OUTPUT_TOKENS", "64000000"),
            ("NODE_ENV", "production"),
            ("OPENAI_API_BASE", "https://github.com/westopp/semtest"),
            ("PWD", "/home/user/semtest"),
            ("REGION", "claude-code-sonnet-4-6"),
            ("SSH_AUTH_SOCK", "./semtest-results"),
            ("TOKEN", "true"),
            ("AUTH_URL", "https://github.com/westopp/semtest"),
            ("HTTPS_PROXY", "https://github.com"),
        ]);
        let listed = ["NODE_ENV".to_owned(), "REGION".to_owned()];
        let secrets = Secrets::from_env(&env, &listed);
        for text in [
            include_str!("../../../README.md"),
            include_str!("../../../docs/action.md"),
            include_str!("../../../docs/checks.md"),
            include_str!("../../../docs/ci.md"),
            include_str!("../../../docs/configuration.md"),
            include_str!("../../../docs/reports.md"),
            include_str!("../../../Cargo.lock"),
            include_str!("../../evaluate/judge/prompt.md"),
            "AKIA, sk-, ghp_ and eyJ. are no tokens; a risk-of-something-long-and-winding",
        ] {
            assert!(
                matches!(secrets.redact(text), Cow::Borrowed(_)),
                "{}",
                secrets.redact(text)
            );
        }
    }

    #[test]
    fn a_secret_is_one_by_the_name_of_its_variable_and_a_path_is_none() {
        for name in [
            "MY_KEY",
            "MYKEY",
            "npm_token",
            "DB_PASS",
            "DB_PWD",
            "BASIC_AUTH",
            "GITHUB_PAT",
            "CLIENT_SECRET_FILE",
            "X_API_KEY_2",
        ] {
            let redacted = holding(&[(name, "a1b2c3d4e5")])
                .redact("a1b2c3d4e5")
                .into_owned();
            assert_eq!(redacted, format!("[redacted {name}]"));
        }
        for (name, value) in [
            ("GIT_AUTHOR_NAME", "a1b2c3d4e5"),
            ("KEYBOARD", "a1b2c3d4e5"),
            ("PATH", "/usr/bin/a1b2c3d4e5"),
            ("PWD", "/home/a1b2c3d4e5"),
            ("CI_SERVER_TLS_KEY_FILE", "/builds/a1b2c3d4e5"),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/a1b2c3d4e5"),
            ("SSH_AUTH_SOCK", "/tmp/ssh-a1b2c3d4e5"),
            ("GOOGLE_APPLICATION_CREDENTIALS", "/home/a1b2c3d4e5"),
            ("API_KEY", "a1b2c3d"),
        ] {
            assert_eq!(holding(&[(name, value)]).redact(value), value, "{name}");
        }
    }

    #[test]
    fn what_somebody_lists_is_a_secret_unless_it_is_plain_words() {
        let env = Env::from_iter([("MINE", "a1b2c3d4e5"), ("MINE_TOO", "f6-g7-h8-i9x0z")]);
        let secrets = |listed: &str| Secrets::from_env(&env, &[listed.to_owned()]);
        let redacted = |listed| {
            secrets(listed)
                .redact("a1b2c3d4e5 f6-g7-h8-i9x0z")
                .into_owned()
        };
        assert_eq!(redacted("MINE"), "[redacted MINE] f6-g7-h8-i9x0z");
        assert_eq!(redacted("MINE*"), "[redacted MINE] [redacted MINE_TOO]");
        assert_eq!(redacted("NOBODYS"), "a1b2c3d4e5 f6-g7-h8-i9x0z");
    }

    #[test]
    fn the_credentials_of_an_address_are_secret_in_any_variable() {
        let secrets = holding(&[("DATABASE", "postgres://app:p%40ss-w0rd@db.example/app")]);
        assert_eq!(
            secrets.redact("app:p%40ss-w0rd p@ss-w0rd db.example/app"),
            "[redacted DATABASE] [redacted DATABASE] db.example/app"
        );
        let proxy = holding(&[("https_proxy", "me:Pr0xy-pass@proxy:3128")]);
        assert_eq!(
            proxy.redact("Pr0xy-pass proxy:3128"),
            "[redacted https_proxy] proxy:3128"
        );
        let basic = STANDARD.encode("app:p%40ss-w0rd");
        assert!(!secrets.redact(&basic).contains(&basic));
    }

    #[test]
    fn the_lines_of_a_key_and_the_texts_of_a_document_are_secrets_too() {
        let key = "-----BEGIN KEY-----\nAbCd0123EfGh4567\nIjKl8901MnOp2345\n-----END KEY-----";
        let document = serde_json::json!({"type": "service_account", "private_key": key});
        for value in [key.to_owned(), document.to_string()] {
            let secrets = holding(&[("SIGNING_KEY", &value)]);
            assert_eq!(
                secrets.redact("-----BEGIN KEY----- then IjKl8901MnOp2345, service_account"),
                "-----BEGIN KEY----- then [redacted SIGNING_KEY], service_account"
            );
        }
    }

    #[test]
    fn debug_shows_names_only() {
        let secrets = holding(&[("MY_TOKEN", KEY)]);
        assert_eq!(secrets.redact("text"), "text");
        assert_eq!(format!("{secrets:?}"), r#"{"MY_TOKEN"}"#);
    }
}
