//! What a run's model is going to say.

/// What the model does with a question.
#[derive(Clone, Debug)]
#[allow(dead_code, reason = "the test and the example each use a part")]
pub(crate) enum Reply {
    /// It says this.
    Text(String),
    /// It passes every scenario that it is asked for.
    Passes,
    /// It uses one of the CLI's tools.
    Use(Action),
    /// It says nothing.
    Empty,
    /// The service refuses with this status.
    Status(u16),
    /// The first half of this arrives, then the connection is dropped.
    Cut(String),
    /// Nothing arrives, and the connection stays open.
    Hang,
}

/// What the model does with the CLI's tools, in whatever words the CLI has for it.
#[derive(Clone, Debug)]
#[allow(dead_code, reason = "the test and the example each use a part")]
pub(crate) enum Action {
    /// Reads a file.
    Read(String),
    /// Writes a file: path and text.
    Write(String, String),
    /// Runs a shell command.
    Shell(String),
}

/// The replies to the main questions of a run, in their order; the last one is for all that follow.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    replies: Vec<Reply>,
    /// Whether prompts that are not semtest's are main questions, too.
    pub(crate) any_prompt: bool,
}

impl Script {
    /// At least one reply.
    pub(crate) fn new(replies: impl Into<Vec<Reply>>) -> Self {
        let replies = replies.into();
        assert!(!replies.is_empty(), "a script has at least one reply");
        Self {
            replies,
            any_prompt: false,
        }
    }

    /// The reply to the main question after `asked` others.
    pub(super) fn reply(&self, asked: usize) -> &Reply {
        &self.replies[asked.min(self.replies.len() - 1)]
    }

    /// The reply to what is not the main question. A service that refuses or is silent is so for
    /// everybody; what the model would say is for the main question alone.
    pub(super) fn auxiliary(&self, asked: usize) -> Reply {
        match self.reply(asked) {
            reply @ (Reply::Status(_) | Reply::Hang) => reply.clone(),
            Reply::Text(_) | Reply::Passes | Reply::Use(_) | Reply::Empty | Reply::Cut(_) => {
                Reply::Text("Semantic test".to_owned())
            }
        }
    }
}
