//! Files that tell agents what to do: absent from the copy in which agents judge a stranger's code.

use std::io;
use std::path::Path;

/// Names at any depth, in lower case; a `*` at the end stands for anything. Directories count with
/// all that is in them, and `a/b` is a `b` in an `a`.
///
/// Sources: the documentation of each tool on its memory, settings, hooks, MCP servers, rules and
/// ignore files, and <https://agents.md>; what Anthropic's own action puts back to the base
/// revision (`.claude`, `.mcp.json`, `.claude.json`, `.gitmodules`, `.ripgreprc`, `.husky`:
/// <https://github.com/anthropics/claude-code-action>). Files of editors are here because agents
/// read each other's. When in doubt a name is in: a reader of code misses little without it.
const INSTRUCTIONS: &[&str] = &[
    // Claude Code
    ".claude",
    ".claude.json",
    ".claude-plugin",
    ".mcp.json",
    ".worktreeinclude",
    "claude.md",
    "claude.local.md",
    // Codex, and the common standard
    ".agents",
    ".codex",
    "agent.md",
    "agents.md",
    "agents.override.md",
    // Gemini CLI
    ".gemini",
    ".geminiignore",
    "gemini.md",
    // OpenCode
    ".opencode",
    "opencode.json",
    "opencode.jsonc",
    // Qwen Code
    ".qwen",
    ".qwenignore",
    "qwen.md",
    // GitHub Copilot and VS Code
    ".copilot",
    ".github/agents",
    ".github/chatmodes",
    ".github/copilot*",
    ".github/hooks",
    ".github/instructions",
    ".github/lsp.json",
    ".github/mcp.json",
    ".github/prompts",
    ".github/skills",
    ".vscode",
    // Aider
    ".aider*",
    // Cursor, Windsurf, Cline, Roo, Continue, Kiro, Junie
    ".cline",
    ".clinerules",
    ".continue",
    ".cursor",
    ".cursorignore",
    ".cursorindexingignore",
    ".cursorrules",
    ".junie",
    ".kiro",
    ".roo",
    ".roorules",
    ".windsurf",
    ".windsurfrules",
    // Goose, Crush, Forge, Plandex, OpenHands, Amp
    ".amp",
    ".crush",
    ".crush.json",
    ".crushignore",
    ".forge",
    ".goose",
    ".goosehints",
    ".gooseignore",
    ".openhands",
    ".openhands_instructions",
    ".rules",
    ".plandex*",
    "amp.md",
    "crush.json",
    "crush.md",
    "forge.yaml",
    "openhands.md",
    // What the programs that agents run take for configuration
    ".env*",
    ".gitmodules",
    ".husky",
    ".ignore",
    ".rgignore",
    ".ripgreprc",
];

/// Removes every such file below `copy`, which must hold no symbolic links to directories.
///
/// # Errors
/// When one can't be removed, or a directory not be listed.
pub fn remove_instructions(copy: &Path) -> io::Result<()> {
    remove_below(copy, "")
}

fn remove_below(directory: &Path, parent: &str) -> io::Result<()> {
    for entry in fs_err::read_dir(directory)? {
        let entry = entry?;
        let name = folded(&entry.file_name().to_string_lossy());
        let is_directory = entry.file_type()?.is_dir();
        match (is_instruction(parent, &name), is_directory) {
            (true, true) => fs_err::remove_dir_all(entry.path())?,
            (true, false) => fs_err::remove_file(entry.path())?,
            (false, true) => remove_below(&entry.path(), &name)?,
            (false, false) => {}
        }
    }
    Ok(())
}

fn is_instruction(parent: &str, name: &str) -> bool {
    let is = |pattern: &str, name: &str| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    };
    INSTRUCTIONS
        .iter()
        .any(|known| match known.split_once('/') {
            Some((directory, file)) => directory == parent && is(file, name),
            None => is(known, name),
        })
}

/// As a file system without case sees it: some letters beyond ASCII fold into ASCII ones there.
fn folded(name: &str) -> String {
    name.to_uppercase().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_of(files: &[&str]) -> Vec<String> {
        let copy = tempfile::tempdir().unwrap();
        for file in files {
            let path = copy.path().join(file);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, "").unwrap();
        }
        remove_instructions(copy.path()).unwrap();
        let left = files.iter().filter(|file| copy.path().join(file).exists());
        left.map(ToString::to_string).collect()
    }

    #[test]
    fn instructions_go_at_any_depth_and_in_any_case() {
        let files = [
            "CLAUDE.md",
            "a/b/claude.MD",
            "AGENTS.md",
            "agent\u{17f}.md",
            "x/.CLAUDE/settings.json",
            ".mcp.json",
            "p/.github/copilot-instructions.md",
            ".GitHub/Instructions/a.instructions.md",
            "opencode.jsonc",
            ".aider.conf.yml",
            ".env.local",
            ".codex/config.toml",
            "deep/er/.gemini/settings.json",
        ];
        assert_eq!(left_of(&files), [""; 0]);
    }

    #[test]
    fn code_and_documents_stay() {
        let files = [
            "README.md",
            "CONTRIBUTING.md",
            "CONVENTIONS.md",
            "src/claude.rs",
            "src/agents/mod.rs",
            ".github/workflows/ci.yml",
            "docs/copilot.md",
            ".gitignore",
            "environment.ts",
        ];
        assert_eq!(left_of(&files), files);
    }

    #[test]
    fn every_name_is_written_as_it_is_compared() {
        assert!(INSTRUCTIONS.iter().all(|name| folded(name) == *name));
    }
}
