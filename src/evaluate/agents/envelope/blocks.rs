//! Messages in the shape of Anthropic's API, as Claude Code and Qwen Code print them: an assistant's
//! `tool_use` blocks, and in a user's message their `tool_result`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::text_at;
use crate::model::ToolCalls;

/// Which tools were called, and how many of the calls failed.
pub(super) fn tool_calls<'a>(events: impl IntoIterator<Item = &'a Value>) -> Vec<ToolCalls> {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    let mut tools = Vec::new();
    for event in events {
        let content = event.pointer("/message/content").and_then(Value::as_array);
        for block in content.into_iter().flatten() {
            match text_at(block, "/type") {
                Some("tool_use") => {
                    let name = text_at(block, "/name").unwrap_or("a tool without a name");
                    ToolCalls::add(&mut tools, name, 1, 0);
                    names.insert(text_at(block, "/id").unwrap_or_default(), name);
                }
                Some("tool_result") if block.get("is_error") == Some(&Value::Bool(true)) => {
                    let id = text_at(block, "/tool_use_id").unwrap_or_default();
                    if let Some(name) = names.get(id) {
                        ToolCalls::add(&mut tools, name, 0, 1);
                    }
                }
                Some(_) | None => {}
            }
        }
    }
    tools
}
