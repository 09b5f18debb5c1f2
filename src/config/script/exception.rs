//! What a script threw, as a problem at the line that the user wrote.

use rquickjs::{Coerced, Ctx, Error, Exception, FromJs, Value};

use super::graph::Graph;
use super::host;
use crate::config::problem::Problem;
use crate::config::source::Place;

/// Turns an error of `QuickJS` into a problem.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the others are faults of this program"
)]
pub(super) fn problem_of(ctx: &Ctx<'_>, graph: &Graph, error: &Error) -> Problem {
    let entry = &graph.entry;
    match error {
        Error::Exception => thrown(ctx, graph, ctx.catch()),
        Error::Allocation => out_of_memory(graph),
        Error::WouldBlock => {
            Problem::new(format!("`{entry}` waits for something that never comes"))
                .hint("config files have no timers, and nothing to wait for")
        }
        error => Problem::new(format!("`{entry}` can't be evaluated: {error}")),
    }
}

fn out_of_memory(graph: &Graph) -> Problem {
    Problem::new(format!(
        "`{}` used more than {} MB",
        graph.entry,
        super::MEMORY_LIMIT >> 20
    ))
    .hint("a config should only describe; look for a list or text that grows")
}

fn thrown<'js>(ctx: &Ctx<'js>, graph: &Graph, value: Value<'js>) -> Problem {
    let exception = value.as_object().cloned().and_then(Exception::from_object);
    if value.is_null() {
        // Not even the error found a place.
        return out_of_memory(graph);
    }
    let Some(exception) = exception else {
        // Anything can be thrown. Its text may be the script's own code, which may throw again.
        let text = Coerced::<String>::from_js(ctx, value).map(|text| text.0);
        ctx.catch();
        return Problem::new(match text {
            Ok(text) => format!("`{}` threw {text:?}", graph.entry),
            Err(_) => format!("`{}` threw something without a text", graph.entry),
        });
    };
    let message = exception.message().unwrap_or_default();
    let stack = exception.stack().unwrap_or_default();
    let kind: Option<String> = exception.as_object().get("name").ok();
    let kind = kind.unwrap_or_else(|| "Error".to_owned());
    // A getter of the script may have thrown.
    ctx.catch();
    if kind == "InternalError" && message == "out of memory" {
        let problem = out_of_memory(graph);
        return match place_in_stack(graph, &stack) {
            Some(place) => problem.at(place),
            None => problem,
        };
    }
    let problem = Problem::new(format!("{kind}: {message}"));
    let problem = match place_of_link(graph, &message).or_else(|| place_in_stack(graph, &stack)) {
        Some(place) => problem.at(place),
        None => Problem::new(format!("`{}` threw {kind}: {message}", graph.entry)),
    };
    match message
        .strip_suffix(" is not defined")
        .and_then(host::hint_for_missing)
    {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

/// The import that asks for what is not exported. `QuickJS` names both, but no line.
fn place_of_link(graph: &Graph, message: &str) -> Option<Place> {
    let (_, rest) = message.split_once("export '")?;
    let (name, rest) = rest.split_once("' in module '")?;
    let (target, _) = rest.split_once('\'')?;
    graph.import_of(name, target)
}

/// The innermost line of a stack that is in a file of the user: `at name (file:line:column)`.
fn place_in_stack(graph: &Graph, stack: &str) -> Option<Place> {
    stack.lines().find_map(|line| {
        let line = line.trim().trim_end_matches(')');
        let mut parts = line.rsplitn(3, ':');
        let column = parts.next()?.parse().ok()?;
        let line = parts.next()?.parse().ok()?;
        let name = parts.next()?;
        let name = name.rsplit_once('(').map_or(name, |(_, name)| name);
        let module = graph.module(name.strip_prefix("at ").unwrap_or(name))?;
        let offset = module.compiled.offset(&module.source, line, column)?;
        Some(module.source.place(offset..offset + 1))
    })
}
