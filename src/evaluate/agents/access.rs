//! Which service a tool calls, and whether the user's variables let it in.

use super::Agents;
use super::registry::Tool;

/// Whether a variable that lets a tool in is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// This one is.
    Set(&'static str),
    /// None is, and any one of these would do.
    Missing(&'static [&'static str]),
    /// That can't be told from variables.
    Unknown,
}

impl Agents {
    /// Whether a key or token for `tool` is among the user's variables. A login that lies in the
    /// user's HOME is not looked for.
    #[must_use]
    pub fn credentials(&self, tool: &Tool) -> Credentials {
        let mut rows = tool.providers.iter();
        let access = rows.find(|row| row.provider == self.provider);
        let wanted = access.map_or(&[][..], |row| row.credentials);
        let is_set = |name: &&'static str| self.env.get(name).is_some();
        match wanted.iter().copied().find(is_set) {
            Some(name) => Credentials::Set(name),
            None if wanted.is_empty() => Credentials::Unknown,
            None => Credentials::Missing(wanted),
        }
    }
}
