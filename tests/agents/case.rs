//! What can happen in a run, and what has to come of it.

use std::time::Duration;

use serde_json::json;

use crate::server::{Action, Reply};
use crate::stage::{Permissions, User, WORD_FILE};

/// A column of the table.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) model: Model,
    pub(crate) size: Size,
    pub(crate) user: User,
    pub(crate) permissions: Permissions,
    /// `--timeout`
    pub(crate) limit: Duration,
    /// Arguments of `semtest run`.
    pub(crate) arguments: &'static [&'static str],
    pub(crate) expected: Expected,
}

/// What the model does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Model {
    Passes,
    FencedWithProse,
    OneFails,
    SaysNothing,
    SaysProse,
    ReadsFirst,
    WritesFirst,
    Refuses(u16),
    AlwaysCut,
    CutOnce,
    Silent,
}

/// How long the spec is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    Small,
    /// 200 KB.
    Large,
}

/// What a run has to amount to. The spec has two scenarios.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    /// These statuses, and this exit code.
    Verdicts([&'static str; 2], i32),
    /// Both errors and exit code 2; the message has one of these words.
    Error(&'static [&'static str]),
    /// All passes, since the tool asked again, or all errors.
    PassesOrError,
}

/// The ids of the spec's scenarios.
pub(crate) const IDS: [&str; 2] = ["errors-are-json", "routes-are-guarded"];

const LONG: Duration = Duration::from_mins(1);
/// Longer than any tool takes to ask its first question, on a busy machine.
const SHORT: Duration = Duration::from_secs(25);

const PLAIN: Case = Case {
    name: "plain",
    model: Model::Passes,
    size: Size::Small,
    user: User::Root,
    permissions: Permissions::Asked,
    limit: LONG,
    arguments: &[],
    expected: Expected::Verdicts(["pass", "pass"], 0),
};

const READ: Case = Case {
    name: "read",
    model: Model::ReadsFirst,
    ..PLAIN
};

const fn failing(name: &'static str, model: Model, words: &'static [&'static str]) -> Case {
    Case {
        name,
        model,
        expected: Expected::Error(words),
        ..PLAIN
    }
}

/// All columns.
pub(crate) const CASES: &[Case] = &[
    PLAIN,
    Case {
        name: "fenced",
        model: Model::FencedWithProse,
        ..PLAIN
    },
    Case {
        name: "one fails",
        model: Model::OneFails,
        expected: Expected::Verdicts(["pass", "fail"], 1),
        ..PLAIN
    },
    failing(
        "empty",
        Model::SaysNothing,
        &["empty", "No response was returned"],
    ),
    failing("prose", Model::SaysProse, &["could not parse"]),
    READ,
    Case {
        name: "write",
        model: Model::WritesFirst,
        expected: Expected::PassesOrError,
        ..PLAIN
    },
    failing(
        "401",
        Model::Refuses(401),
        &["401", "authentication", "Authentication"],
    ),
    // Its words are those of a service that takes no more for now, so it would be called again.
    Case {
        arguments: &["--max-calls=1"],
        ..failing("429", Model::Refuses(429), &["while a refused call waited"])
    },
    failing(
        "500",
        Model::Refuses(500),
        // Codex does not say more than that.
        &[
            "500",
            "api_error",
            "API_ERROR",
            "InternalServerError",
            "high demand",
        ],
    ),
    failing("cut", Model::AlwaysCut, &[""]),
    Case {
        name: "cut once",
        model: Model::CutOnce,
        expected: Expected::PassesOrError,
        ..PLAIN
    },
    Case {
        limit: SHORT,
        ..failing("silent", Model::Silent, &["no answer within"])
    },
    Case {
        name: "200 KB",
        size: Size::Large,
        ..PLAIN
    },
    Case {
        name: "plain, skip",
        permissions: Permissions::Skipped,
        ..PLAIN
    },
    Case {
        name: "read, skip",
        permissions: Permissions::Skipped,
        ..READ
    },
    Case {
        name: "plain, user",
        user: User::Nobody,
        ..PLAIN
    },
    Case {
        name: "read, user",
        user: User::Nobody,
        ..READ
    },
    Case {
        name: "plain, user, skip",
        user: User::Nobody,
        permissions: Permissions::Skipped,
        ..PLAIN
    },
    Case {
        name: "read, user, skip",
        user: User::Nobody,
        permissions: Permissions::Skipped,
        ..READ
    },
];

impl Model {
    /// Whether this needs a CLI whose model can use tools.
    pub(crate) fn needs_tools(self) -> bool {
        matches!(self, Self::ReadsFirst | Self::WritesFirst)
    }

    /// The script of the server for a project in `root`.
    pub(crate) fn replies(self, root: &std::path::Path) -> Vec<Reply> {
        let passes = json!([
            {"id": IDS[0], "status": "pass"},
            {"id": IDS[1], "status": "pass"},
        ]);
        let one_fails = json!([
            {"id": IDS[0], "status": "pass"},
            {"id": IDS[1], "status": "fail", "expectation": "a check", "observed": "none does",
             "location": "src/admin.ts:7", "resolution": "add one"},
        ]);
        let path = |name: &str| root.join(name).to_str().unwrap().to_owned();
        match self {
            Self::Passes => vec![Reply::Passes],
            Self::FencedWithProse => vec![Reply::Text(format!(
                "I looked at every handler — both hold.\n\n```json\n{passes:#}\n```\n\nAsk me for more.\n"
            ))],
            Self::OneFails => vec![Reply::Text(one_fails.to_string())],
            Self::SaysNothing => vec![Reply::Empty],
            Self::SaysProse => vec![Reply::Text("I would rather not say.".to_owned())],
            Self::ReadsFirst => {
                vec![Reply::Use(Action::Read(path(WORD_FILE))), Reply::Passes]
            }
            Self::WritesFirst => {
                let write = Action::Write(path("written.txt"), "by the model\n".to_owned());
                // Over what is tracked, too.
                let overwrite = Action::Write(path(WORD_FILE), "by the model\n".to_owned());
                vec![Reply::Use(write), Reply::Use(overwrite), Reply::Passes]
            }
            Self::Refuses(status) => vec![Reply::Status(status)],
            Self::AlwaysCut => vec![Reply::Cut(passes.to_string())],
            Self::CutOnce => vec![Reply::Cut(passes.to_string()), Reply::Passes],
            Self::Silent => vec![Reply::Hang],
        }
    }
}
