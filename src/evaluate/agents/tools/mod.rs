//! The LLM coding CLIs that we know, and their models: data only, a file a tool.
//!
//! Tools and models age fast, so everything that is particular to one of them stands in its file,
//! and any model of a tool can be named as `<tool>:<model id>` without waiting for a new row. Facts
//! were read from each tool's own help and from running the version in `tested` against a loopback
//! model server (`tests/agents`); the rest is from the tools' documentation.

mod aider;
mod claude_code;
mod codex;
mod copilot;
mod gemini;
mod opencode;
mod qwen;
mod untested;

use super::envelope::Envelope;
use super::registry::{Access, Delivery, FreshHome, Model, Package, Tool};
use crate::model::Provider;

/// All tools, in the order in which `init` prefers them.
pub(super) const TOOLS: &[Tool] = &[
    claude_code::TOOL,
    codex::TOOL,
    gemini::TOOL,
    aider::TOOL,
    opencode::TOOL,
    qwen::TOOL,
    copilot::TOOL,
    untested::GOOSE,
    untested::CRUSH,
    untested::FORGE,
    untested::PLANDEX,
    untested::OPENHANDS,
    untested::CURSOR,
    untested::AMP,
];

const fn model(suffix: &'static str, id: &'static str) -> Model {
    Model { suffix, id }
}

/// A package that is whole as npm unpacks it.
const fn package(name: &'static str) -> Package {
    Package { name, script: None }
}

/// A package whose own script has to run once.
const fn package_with_script(name: &'static str, script: &'static str) -> Package {
    Package {
        name,
        script: Some(script),
    }
}

/// How the common model providers are reached, for tools that can use any of them. Which one a tool
/// calls depends on the model, so any key may be the right one.
const MANY_PROVIDERS: &[Access] = &[
    Access {
        provider: Provider::Api,
        variables: &[
            "ANTHROPIC_API_BASE",
            "ANTHROPIC_API_KEY",
            "ANTHROPIC_AUTH_TOKEN",
            "ANTHROPIC_BASE_URL",
            "AZURE_API_BASE",
            "AZURE_API_KEY",
            "AZURE_API_VERSION",
            "AZURE_OPENAI_API_KEY",
            "AZURE_OPENAI_ENDPOINT",
            "AZURE_RESOURCE_NAME",
            "DEEPSEEK_API_KEY",
            "GEMINI_API_KEY",
            "GOOGLE_API_KEY",
            "GOOGLE_GENERATIVE_AI_API_KEY",
            "GROQ_API_KEY",
            "MISTRAL_API_KEY",
            "OPENAI_API_BASE",
            "OPENAI_API_KEY",
            "OPENAI_BASE_URL",
            "OPENAI_ORGANIZATION",
            "OPENROUTER_API_KEY",
            "XAI_API_KEY",
        ],
        credentials: &[
            "ANTHROPIC_API_KEY",
            "OPENAI_API_KEY",
            "GEMINI_API_KEY",
            "ANTHROPIC_AUTH_TOKEN",
            "AZURE_API_KEY",
            "AZURE_OPENAI_API_KEY",
            "DEEPSEEK_API_KEY",
            "GOOGLE_API_KEY",
            "GOOGLE_GENERATIVE_AI_API_KEY",
            "GROQ_API_KEY",
            "MISTRAL_API_KEY",
            "OPENROUTER_API_KEY",
            "XAI_API_KEY",
        ],
    },
    Access {
        provider: Provider::Bedrock,
        variables: &[
            "AWS_ACCESS_KEY_ID",
            "AWS_BEARER_TOKEN_BEDROCK",
            "AWS_DEFAULT_REGION",
            "AWS_PROFILE",
            "AWS_REGION",
            "AWS_ROLE_ARN",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
        ],
        credentials: &[],
    },
    Access {
        provider: Provider::Vertex,
        variables: &[
            "GOOGLE_APPLICATION_CREDENTIALS",
            "GOOGLE_CLOUD_PROJECT",
            "VERTEXAI_LOCATION",
            "VERTEXAI_PROJECT",
            "VERTEX_LOCATION",
        ],
        credentials: &[],
    },
];

/// A tool that takes its prompt on stdin and answers in plain text.
const fn plain(
    key: &'static str,
    name: &'static str,
    binary: &'static str,
    arguments: &'static [&'static str],
) -> Tool {
    Tool {
        key,
        name,
        binary,
        delivery: Delivery::Stdin,
        arguments,
        prompt_arguments: &[],
        model_flag: Some("--model"),
        read_only: &[],
        has_read_only: true,
        skip_permissions: &[],
        skip_permissions_as_root: None,
        depending: &[],
        settings: &[],
        provider_settings: &[],
        defaults: &[],
        files: &[],
        variables: &[],
        any_provider: false,
        settings_beside: &[],
        home_variables: &[],
        fresh_home: FreshHome::EMPTY,
        providers: &[],
        side_by_side: 4,
        envelope: Envelope::Text,
        longest_prompt: None,
        leaves: &[],
        obeys: &[],
        tested: None,
        package: None,
        models: &[],
    }
}
