//! The one gate for foreign text on its way to a terminal, Markdown, XML or JSON.
//!
//! Model output, spec text, file names and error messages of other programs are written by
//! strangers. Printed raw they could move the cursor, forge a CI command, mention a team or hide
//! words. Every writer sends such text through the function for its sink, once, and joins the result
//! with text of its own.
//!
//! All functions are pure and take linear time, and share what `characters` and `command` do:
//! - no escape sequence and no control character but the newline and tab that a sink keeps;
//! - no bidirectional or zero-width character. That takes the joiner out of family emoji and the
//!   selector out of coloured ones; hiding words is worse than a plainer symbol;
//! - no command that a CI system would read out of a log line.
//!
//! Cut text with [`truncate`] *before* it goes through the gate: a cut afterwards could split what
//! makes it safe. [`Secrets::redact`] comes before both: half a secret is not found any more. The
//! escaping of `<` and `&` in XML is the XML writer's.

mod address;
mod characters;
mod command;
mod fence;
mod json;
mod markdown;
mod reference;
mod sarif;
mod secrets;
mod shell;
mod terminal;
mod truncate;
mod xml;

pub use address::ADDRESS_PART;
pub use fence::prompt_fence;
pub use json::json_text;
pub use markdown::{markdown_block, markdown_code, markdown_text};
pub use sarif::sarif_text;
pub use secrets::{Secrets, is_secret_name};
pub use shell::{pasted_word, shell_word};
pub use terminal::{terminal_block, terminal_line};
pub use truncate::truncate;
pub use xml::{xml_line, xml_text};
