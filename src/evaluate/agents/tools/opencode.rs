//! OpenCode.

use super::super::registry::Tool;
use super::{MANY_PROVIDERS, plain};

pub(super) const TOOL: Tool = Tool {
    settings: &[
        ("OPENCODE_DISABLE_AUTOUPDATE", "1"),
        ("OPENCODE_DISABLE_LSP_DOWNLOAD", "1"),
    ],
    variables: &["OPENCODE_*"],
    providers: MANY_PROVIDERS,
    skip_permissions: &["--auto"],
    ..plain("opencode", "OpenCode", "opencode", &["run"])
};
