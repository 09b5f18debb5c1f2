//! Qwen Code.

use super::super::registry::{Access, Tool};
use super::plain;
use crate::model::Provider;

pub(super) const TOOL: Tool = Tool {
    providers: &[Access {
        provider: Provider::Api,
        variables: &["QWEN_*", "DASHSCOPE_*", "OPENAI_*"],
        credentials: &[],
    }],
    skip_permissions: &["-y"],
    ..plain("qwen", "Qwen Code", "qwen", &[])
};
