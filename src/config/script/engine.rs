//! Runs the modules in `QuickJS`, with limits of time, memory and stack.

use std::cell::Cell;
use std::rc::Rc;

use rquickjs::context::intrinsic::{
    Date, Eval, Json, MapSet, Promise as PromiseIntrinsic, Proxy, RegExp, RegExpCompiler,
    TypedArrays,
};
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Context, Ctx, Error, Module, Runtime};
use serde_json::Map;

use super::graph::Graph;
use super::{convert, exception, host};
use crate::config::problem::Problem;
use crate::config::value::Value;

/// The stack that scripts may use, a small part of the thread's.
const STACK_LIMIT: usize = 1024 * 1024;

/// What scripts can use. No workers, no clocks but `Date`, nothing that reaches out.
type Intrinsics = (
    Date,
    Eval,
    RegExpCompiler,
    RegExp,
    Json,
    Proxy,
    MapSet,
    TypedArrays,
    PromiseIntrinsic,
);

/// Runs the config's module and returns its default export. What this thread did before counts for
/// the limit of time.
pub(super) fn run(
    graph: &Rc<Graph>,
    env: &Map<String, serde_json::Value>,
) -> Result<Value, Problem> {
    let too_little = |_: Error| Problem::new("there is no memory to run the config");
    let runtime = Runtime::new().map_err(too_little)?;
    runtime.set_memory_limit(super::MEMORY_LIMIT);
    runtime.set_max_stack_size(STACK_LIMIT);
    let interrupted = Rc::new(Cell::new(false));
    let flag = Rc::clone(&interrupted);
    runtime.set_interrupt_handler(Some(Box::new(move || {
        // Once is forever, so that no handler of the script can go on.
        flag.set(flag.get() || super::time_of_thread() >= super::TIME_LIMIT);
        flag.get()
    })));
    let modules = Modules(Rc::clone(graph));
    runtime.set_loader(modules.clone(), modules);
    let context = Context::custom::<Intrinsics>(&runtime).map_err(too_little)?;
    context.with(|ctx| {
        let result = evaluate(&ctx, graph, env);
        let value = result.map_err(|error| exception::problem_of(&ctx, graph, &error));
        if interrupted.get() {
            // What an interrupted script throws or returns means nothing.
            let mut problem = super::too_slow(&graph.entry, super::TIME_LIMIT);
            problem.place = value.err().and_then(|problem| problem.place);
            return Err(problem);
        }
        value
    })
}

fn evaluate(
    ctx: &Ctx<'_>,
    graph: &Graph,
    env: &Map<String, serde_json::Value>,
) -> Result<Value, Error> {
    let () = ctx.eval(host::prelude(env))?;
    let code = graph.code(&graph.entry).unwrap_or_default();
    let (module, promise) = Module::declare(ctx.clone(), graph.entry.as_str(), code)?.eval()?;
    promise.finish::<()>()?;
    convert::to_value(&module.get("default")?)
}

/// Hands `QuickJS` the modules that were read before. It can't name others.
#[derive(Clone)]
struct Modules(Rc<Graph>);

impl Resolver for Modules {
    fn resolve<'js>(
        &mut self,
        _ctx: &Ctx<'js>,
        base: &str,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<String, Error> {
        self.0.link(base, name).map(str::to_owned).ok_or_else(|| {
            let message = "config files can't import while they run";
            Error::new_resolving_message(base, name, message)
        })
    }
}

impl Loader for Modules {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>, Error> {
        let code = self.0.code(name).ok_or_else(|| Error::new_loading(name))?;
        Module::declare(ctx.clone(), name, code)
    }
}
