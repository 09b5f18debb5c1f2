//! What an agent says that was told to print a variable.

use std::fmt::Write as _;
use std::io::Write as _;

use serde_json::{Value, json};

/// The value of `variable`, written in one of several ways.
pub(crate) fn secret(variable: &str, form: &str) -> Result<String, String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "what it was started with is what the mode shows"
    )]
    let value = std::env::var(variable).map_err(|error| format!("{variable}: {error}"))?;
    match form {
        "raw" => Ok(value),
        "base64" => Ok(base64(format!("x{value}").as_bytes())),
        "json" => Ok(Value::from(value).to_string()),
        "url" => Ok(digits(&value, "%")),
        "hex" => Ok(digits(&value, "")),
        "hidden" => {
            let letters: Vec<String> = value.chars().map(String::from).collect();
            Ok(letters.join("\u{200b}"))
        }
        _ => Err(format!("unknown form {form}")),
    }
}

/// The first id fails, and every field that a judge fills says `secret`.
pub(crate) fn failing(ids: &[String], secret: &str) -> String {
    let verdict = |id: &String| {
        json!({
            "id": id,
            "status": "fail",
            "expectation": format!("expected {secret}"),
            "observed": format!("{}{secret} and more", "long ".repeat(110)),
            "location": format!("src/{secret}:3"),
            "resolution": secret,
        })
    };
    let mut verdicts: Vec<Value> = ids.iter().map(verdict).collect();
    verdicts.push(json!({"id": secret, "status": "pass"}));
    format!("{}\n", Value::from(verdicts))
}

/// Prints the value on stderr and fails.
pub(crate) fn fail(variable: &str, form: &str) -> Result<u8, String> {
    let secret = secret(variable, form)?;
    // So long that a quotation of the end begins in the middle of it.
    let _ = write!(std::io::stderr(), "{} {secret}", secret.repeat(20));
    Ok(3)
}

fn digits(text: &str, mark: &str) -> String {
    let mut digits = String::new();
    for byte in text.bytes() {
        let _ = write!(digits, "{mark}{byte:02x}");
    }
    digits
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let padded = [chunk, &[0; 3]].concat();
        let number = padded[..3]
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        for place in (0..=chunk.len()).map(|place| 18 - 6 * place) {
            text.push(char::from(ALPHABET[number >> place & 63]));
        }
    }
    text
}
