//! Tokens that are known by their look, whoever holds them.

use std::sync::LazyLock;

use regex::Regex;

use super::Found;

/// What each kind begins with or holds. A text without any of these needs no closer look.
const SIGNS: [&str; 14] = [
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "sk-",
    "AKIA",
    "ASIA",
    "xox",
    "AIza",
    "eyJ",
    "PRIVATE KEY-----",
];

/// GitHub, GitLab, Anthropic and `OpenAI`, AWS key ids, Slack, Google, JSON Web Tokens, private keys.
const SHAPES: &str = r"(?x)
    gh[pousr]_[A-Za-z0-9]{20,}
  | github_pat_[A-Za-z0-9_]{20,}
  | glpat-[A-Za-z0-9_-]{16,}
  | \b sk-(?:[a-z]{2,8}[0-9]{0,2}-)+[A-Za-z0-9_-]{16,}
  | \b sk-[A-Za-z0-9]{32,}
  | (?:AKIA|ASIA)[A-Z0-9]{16}
  | xox[a-z]-[A-Za-z0-9-]{10,}
  | AIza[A-Za-z0-9_-]{35}
  | eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}
  | -----BEGIN\ [A-Z\ ]*PRIVATE\ KEY-----[^-]{16,}
";

/// Never `None`: the tests of this folder find a token of each kind.
static TOKENS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(SHAPES).ok());

/// Every token in `text`.
pub(super) fn tokens(text: &str) -> Vec<Found> {
    if !SIGNS.iter().any(|sign| text.contains(sign)) {
        return Vec::new();
    }
    let Some(shapes) = &*TOKENS else {
        return Vec::new();
    };
    let matches = shapes.find_iter(text).map(|token| Found {
        place: token.range(),
        owner: None,
    });
    matches.collect()
}
