//! Where the prompt comes from, and the ids that it asks for.

use std::ffi::OsString;
use std::io::Read;
use std::path::PathBuf;

/// The start of the line that lists what is asked. The last such line counts: a spec may hold
/// one of its own, above.
const LABEL: &str = "Scenario ids: ";

pub(crate) enum Source {
    Stdin,
    Argument(OsString),
    File(PathBuf),
}

pub(crate) struct Prompt {
    pub(crate) text: String,
}

impl Prompt {
    pub(crate) fn read(source: Source) -> Result<Self, String> {
        let text = match source {
            Source::Argument(text) => text
                .into_string()
                .map_err(|_| "the prompt is not UTF-8".to_owned())?,
            Source::File(file) => {
                fs_err::read_to_string(file).map_err(|error| error.to_string())?
            }
            Source::Stdin => {
                let mut text = String::new();
                std::io::stdin()
                    .read_to_string(&mut text)
                    .map_err(|error| format!("stdin could not be read: {error}"))?;
                text
            }
        };
        if text.trim().is_empty() {
            return Err("got no prompt".to_owned());
        }
        Ok(Self { text })
    }

    /// The ids in the order in which they were asked for.
    pub(crate) fn ids(&self) -> Result<Vec<String>, String> {
        let list = self
            .text
            .lines()
            .filter_map(|line| line.strip_prefix(LABEL))
            .next_back()
            .ok_or_else(|| format!("the prompt has no line `{LABEL}[…]`"))?;
        serde_json::from_str(list)
            .map_err(|error| format!("`{LABEL}` is not followed by a JSON array: {error}"))
    }
}
