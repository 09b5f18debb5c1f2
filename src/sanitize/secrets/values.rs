//! Which values of the environment are secrets: by the name of the variable, and by what the value
//! looks like. Too little hides a leak, too much hides the report.

use std::borrow::Cow;
use std::os::unix::ffi::OsStrExt as _;

use serde_json::Value;

use crate::env::Env;

/// A value that nobody may read.
pub(super) struct Secret {
    pub(super) name: String,
    pub(super) value: Vec<u8>,
}

/// A shorter value would be found in ordinary words.
const FEWEST: usize = 8;

/// A word or a number of fewer characters is no secret, whatever its variable is called: the report
/// would have holes where it says "production".
const LONG_WORD: usize = 16;

/// Anywhere in a name.
const TELLING: [&str; 12] = [
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "CREDENTIAL",
    "COOKIE",
    "PRIVATE",
    "APIKEY",
    "ACCESSKEY",
    "WEBHOOK",
    "CONNECTION_STRING",
];

/// A whole word of a name. `KEY` counts at a word's end.
const TELLING_WORDS: [&str; 10] = [
    "AUTH", "BEARER", "DSN", "JWT", "KEYS", "PASS", "PAT", "PSK", "PWD", "SAS",
];

/// The last word of names that hold the place of something.
const PLACES: [&str; 8] = [
    "ASKPASS",
    "DIR",
    "DIRECTORY",
    "FILE",
    "HOME",
    "PATH",
    "SOCK",
    "SOCKET",
];

/// Names that look secret and hold a path.
const NOT_SECRET: [&str; 3] = ["GOOGLE_APPLICATION_CREDENTIALS", "OLDPWD", "PWD"];

/// Every secret, in the order of the variables' names.
pub(super) fn secrets(env: &Env, listed: &[String]) -> Vec<Secret> {
    let mut secrets = Vec::new();
    for (name, value) in env.iter() {
        let (name, value) = (name.to_string_lossy(), value.as_bytes());
        let mut add = |value: &[u8]| {
            if value.len() >= FEWEST {
                let value = value.to_owned();
                secrets.push(Secret {
                    name: shown(&name),
                    value,
                });
            }
        };
        user_and_password(&name, value, &mut add);
        let is_secret = if is_secret_name(&name) {
            !is_ordinary(value) && !is_place(&name, value)
        } else {
            is_listed(&name, listed) && !is_plain_words(value)
        };
        if is_secret {
            parts(value, &mut add);
        } else if let Ok(document) = serde_json::from_slice::<Value>(value) {
            telling_fields(&document, &mut add);
        }
    }
    secrets
}

/// Names come from outside too.
fn shown(name: &str) -> String {
    let plain = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '_';
    name.chars().filter(plain).take(64).collect()
}

fn is_listed(name: &str, listed: &[String]) -> bool {
    listed
        .iter()
        .any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == pattern,
        })
}

/// Whether a variable of this name holds a secret, to judge by the name alone.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    if NOT_SECRET.contains(&name.as_str()) {
        return false;
    }
    let mut words = name.split(|letter: char| !letter.is_ascii_alphanumeric());
    TELLING.iter().any(|telling| name.contains(telling))
        || words.any(|word| TELLING_WORDS.contains(&word) || word.ends_with("KEY"))
}

/// Whether it tells where a secret lies, such as the path of a key file.
fn is_place(name: &str, value: &[u8]) -> bool {
    let name = name.to_ascii_uppercase();
    let last = name.rsplit('_').next().unwrap_or(&name);
    PLACES.contains(&last) && value.first().is_some_and(|byte| b"/.~".contains(byte))
}

/// The value, and what can be told of it alone: the lines of a key, the texts of a JSON document.
fn parts(value: &[u8], add: &mut impl FnMut(&[u8])) {
    let value = value.trim_ascii();
    add(value);
    if let Ok(document) = serde_json::from_slice::<Value>(value) {
        texts(&document, add);
    }
    lines(value, add);
}

fn lines(value: &[u8], add: &mut impl FnMut(&[u8])) {
    if !value.contains(&b'\n') {
        return;
    }
    for line in value.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        // The frame of a key is the same for everybody.
        if !line.starts_with(b"-----") && !is_plain_words(line) {
            add(line);
        }
    }
}

/// The texts of fields with telling names, such as the `apiKey` in a tool's settings.
fn telling_fields(document: &Value, add: &mut impl FnMut(&[u8])) {
    match document {
        Value::Array(items) => items.iter().for_each(|item| telling_fields(item, add)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text)
                        if is_secret_name(name) && !is_ordinary(text.as_bytes()) =>
                    {
                        add(text.as_bytes());
                    }
                    Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
                    Value::Array(_) | Value::Object(_) => telling_fields(field, add),
                }
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn texts(document: &Value, add: &mut impl FnMut(&[u8])) {
    match document {
        Value::String(text) => {
            if !is_plain_words(text.as_bytes()) {
                add(text.as_bytes());
                lines(text.as_bytes(), add);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, add)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, add)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The credentials of an address such as `postgres://user:password@host`, in any variable.
fn user_and_password(name: &str, value: &[u8], add: &mut impl FnMut(&[u8])) {
    let Ok(text) = std::str::from_utf8(value) else {
        return;
    };
    // Proxies are written without a scheme too.
    let is_bare = name.to_ascii_uppercase().ends_with("_PROXY") && !text.contains("://");
    let text = &if is_bare {
        Cow::Owned(format!("://{text}"))
    } else {
        Cow::Borrowed(text)
    };
    for (at, _) in text.match_indices("://") {
        let rest = &text[at + 3..];
        let end = rest.find(|letter: char| "/?#".contains(letter) || letter.is_whitespace());
        let authority = &rest[..end.unwrap_or(rest.len())];
        let Some((user_info, _)) = authority.rsplit_once('@') else {
            continue;
        };
        match user_info.split_once(':') {
            Some((_, password)) => {
                add(user_info.as_bytes());
                add(password.as_bytes());
                let decoded = super::views::percent_decoded(super::views::plain(password));
                add(&decoded.map(|unit| unit.byte).collect::<Vec<u8>>());
            }
            // A token that stands for the user.
            None if !is_ordinary(user_info.as_bytes()) => add(user_info.as_bytes()),
            None => {}
        }
    }
}

/// What is no secret, even under a name that says so: a word, a number, an address, a path.
fn is_ordinary(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    let one_kind = |is: fn(&u8) -> bool| value.iter().all(is);
    let is_word = one_kind(u8::is_ascii_lowercase)
        || one_kind(u8::is_ascii_uppercase)
        || one_kind(u8::is_ascii_digit)
        || value.iter().skip(1).all(u8::is_ascii_lowercase);
    let is_repeated = value.windows(2).all(|pair| pair[0] == pair[1]);
    is_repeated || (is_word && value.len() < LONG_WORD) || is_bare_address(value)
}

/// Words and short numbers, such as `eu-central-1`; a path, an address.
fn is_plain_words(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    let is_word = |word: &[u8]| {
        word.len() < LONG_WORD
            && (word.iter().all(u8::is_ascii_alphabetic)
                || (word.len() <= 4 && word.iter().all(u8::is_ascii_alphanumeric)))
    };
    is_ordinary(value)
        || value
            .split(|byte| b"-_. ,/:=\"{}[]~".contains(byte))
            .all(is_word)
}

/// Words without a digit or of one case: a name, not a token.
fn is_plain_words_of(part: &[u8]) -> bool {
    let word = |word: &[u8]| word.iter().all(u8::is_ascii_lowercase) || word.len() <= 4;
    part.split(|byte| b"-_.".contains(byte)).all(word)
}

/// An address without credentials. That of a webhook is a secret as a whole.
fn is_bare_address(value: &[u8]) -> bool {
    let is_web = value.starts_with(b"http://") || value.starts_with(b"https://");
    let is_odd = |byte: &u8| b"@?#".contains(byte);
    // A path or query may be what lets in: a signature, the id of a webhook.
    let is_token = |part: &[u8]| part.len() >= LONG_WORD && !is_plain_words_of(part);
    is_web
        && !value.iter().any(is_odd)
        && !value.windows(4).any(|part| part == b"hook")
        && !value.split(|byte| *byte == b'/').skip(3).any(is_token)
}
