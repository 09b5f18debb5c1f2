//! The event payload: read with bounds, and looked into without trust in its shape.

use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use crate::env::Env;

/// A webhook's payload has 25 MB at most.
const LARGEST: u64 = 32 << 20;

/// The object in the file that `GITHUB_EVENT_PATH` names, if that is what is there.
pub(super) fn load(env: &Env) -> Option<Value> {
    let path = Path::new(env.get("GITHUB_EVENT_PATH")?);
    // Reading a pipe would wait forever.
    fs_err::metadata(path)
        .ok()
        .filter(std::fs::Metadata::is_file)?;
    let mut bytes = Vec::new();
    let file = fs_err::File::open(path).ok()?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).ok()?;
    let fits = bytes.len() as u64 <= LARGEST;
    let value: Value = fits
        .then(|| serde_json::from_slice(&bytes).ok())
        .flatten()?;
    value.is_object().then_some(value)
}

/// The text at `pointer`, if it is one and not empty.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value
        .pointer(pointer)?
        .as_str()
        .filter(|text| !text.is_empty())
}

/// The number of a pull request at `pointer`: they count from 1.
pub(super) fn number(value: &Value, pointer: &str) -> Option<u64> {
    value
        .pointer(pointer)?
        .as_u64()
        .filter(|number| *number > 0)
}
