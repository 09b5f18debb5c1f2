//! Config files that are programs: TypeScript and JavaScript, evaluated inside this process by
//! `QuickJS`, without file, network or process access.
//!
//! ```text
//!  graph: the file and what it imports ─▶ compile (oxc) ─▶ engine (QuickJS) ─▶ convert ─▶ Value
//! ```
//!
//! A hostile file can't do harm: it runs on a thread of its own with room for the deepest nesting
//! that fits into a file, within limits of time and memory.

mod compile;
mod convert;
mod engine;
mod exception;
mod graph;
mod host;

use std::rc::Rc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use serde_json::Map;

use super::places::Places;
use super::problem::Problem;
use super::project::{File, LARGEST_FILE, Project};
use super::value::Value;
use crate::env::Env;

/// How long a config may run, from the first byte parsed to the last value read: the time of its
/// thread on a processor, so that a busy machine refuses no config that an idle one takes.
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// How many bytes a config's values may take while it runs.
const MEMORY_LIMIT: usize = 64 * 1024 * 1024;

/// How long it is waited on the clock for what `QuickJS` can't interrupt, such as a search of a list
/// that claims to have 2^53 entries. The thread is left behind then: it can't do anything, and the
/// process is about to end with an error.
const PATIENCE: Duration = Duration::from_secs(10);

/// The stack of the thread. It is only reserved; what is not used costs nothing. Twice the 4 KB a
/// byte that the deepest nesting takes: types of `[` in a debug build.
#[expect(clippy::cast_possible_truncation, reason = "it is 512 MiB")]
const STACK: usize = LARGEST_FILE as usize * 8 * 1024;

/// Runs a config file and returns its default export, and where it was written.
pub(super) fn evaluate(
    project: Project,
    file: File,
    env: &Env,
) -> Result<(Value, Places), Problem> {
    let name = file.source.name.clone();
    let env = host::visible(env);
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("config".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            let result = run(&project, file, &env);
            // Nobody listens any more when the patience is over.
            let _ = sender.send(result);
        })
        .map_err(|_| Problem::new(format!("there is no memory to run `{name}`")))?;
    receiver
        .recv_timeout(PATIENCE)
        .unwrap_or_else(|error| match error {
            RecvTimeoutError::Timeout => Err(too_slow(&name, PATIENCE)),
            RecvTimeoutError::Disconnected => {
                Err(Problem::new(format!("`{name}` can't be evaluated"))
                    .hint("it may use syntax that semtest does not know yet; simplify it"))
            }
        })
}

fn run(
    project: &Project,
    file: File,
    env: &Map<String, serde_json::Value>,
) -> Result<(Value, Places), Problem> {
    let graph = Rc::new(graph::load(project, file)?);
    let value = engine::run(&graph, env)?;
    Ok((value, graph.places.clone()))
}

/// How long this thread has been running, times of waiting left out.
fn time_of_thread() -> Duration {
    // Fails for clocks that are not there only, which this one always is.
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// The problem of a config that does not end within `limit`.
fn too_slow(name: &str, limit: Duration) -> Problem {
    let seconds = limit.as_secs();
    Problem::new(format!("`{name}` ran for more than {seconds} s"))
        .hint("a config should only describe; look for a loop that does not end")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::config::load::tests::{error, load_first};

    fn llm(files: &[(&str, &str)]) -> String {
        load_first(files).unwrap().config.llm.unwrap()
    }

    fn error_of(files: &[(&str, &str)]) -> String {
        load_first(files).unwrap_err().to_string()
    }

    #[test]
    fn typescript_runs_without_its_types() {
        let text = r#"
            import { defineConfig } from "@westopp/semtest";
            import type { Lodash } from "lodash";
            import { Unused } from "only-a-type";
            enum Level { Low = 1, High = Low << 1, Text = `t${Low}` }
            namespace Inner { export const name = "n"; }
            abstract class Maker<T> { constructor(private readonly it: T) {} get() { return this.it } }
            class Concrete extends Maker<string> {}
            declare const nowhere: Unused;
            const made = new Concrete("c").get()!;
            export default defineConfig({
              llm: `${Level.High}${Level[1]}${Level.Text}${Inner.name}${made}` as string,
            } satisfies { llm: string });
        "#;
        assert_eq!(llm(&[("c.ts", text)]), "2Lowt1nc");
    }

    #[test]
    fn the_package_is_there_without_being_installed() {
        for text in [
            "import { defineConfig } from 'semtest'; export default defineConfig({ llm: 'x' })",
            "import { defineConfig as d } from 'semtest'; export default d({ llm: 'x' })",
            "import semtest from 'semtest'; export default semtest.defineConfig({ llm: 'x' })",
            "import * as s from '@westopp/semtest'; export default s.defineConfig({ llm: 'x' })",
            "const config = { llm: 'x' }; export { config as default }",
        ] {
            assert_eq!(llm(&[("c.ts", text)]), "x", "{text}");
        }
        let error = error("import { other } from 'semtest';\nexport default { llm: other };");
        assert!(error.contains(" --> c.ts:1:10\n"), "{error}");
    }

    #[test]
    fn relative_imports_resolve_as_typescript_users_write_them() {
        let text = "import a from './a'; import b from './lib/b.js'; import c from './lib';
            import d from './d.json' with { type: 'json' }; import e from '../e.mjs';
            const { f } = await import('./f.ts');
            export default { llm: a + b + c + d.text + e + f }";
        let files = [
            ("config/c.ts", text),
            ("config/a.ts", "export default 'a'"),
            ("config/lib/b.ts", "export { default } from '../a.js'"),
            ("config/lib/index.js", "export default 'c'"),
            ("config/d.json", r#"{ "text": "d" }"#),
            ("e.mjs", "export default 'e'"),
            ("config/f.ts", "export const f: string = 'f'"),
        ];
        assert_eq!(llm(&files), "aacdef");
    }

    #[test]
    fn imports_that_lead_elsewhere_are_refused_where_they_stand() {
        for (specifier, message) in [
            (
                "node:fs",
                "config files can't use `node:fs`: they run without file",
            ),
            ("fs", "config files can't use `fs`: they run without file"),
            (
                "lodash/merge",
                "config files can't use `lodash/merge`: they run without file",
            ),
            (
                "https://example.com/x.js",
                "config files can't use `https://example.com/x.js`: ",
            ),
            ("../outside.ts", "`../outside.ts` is outside the project"),
            (
                "./a/../../outside.ts",
                "`./a/../../outside.ts` is outside the project",
            ),
            ("/etc/passwd", "`/etc/passwd` is outside the project"),
            (
                "file:///etc/passwd",
                "`file:///etc/passwd` is outside the project",
            ),
            ("./missing", "there is no file `./missing`"),
            ("./notes.txt", "`./notes.txt` is no config file"),
        ] {
            for text in [
                format!("\nimport x from {specifier:?};\nexport default {{ llm: x }};"),
                format!("\nexport * from /**/ {specifier:?};\nexport default {{}};"),
                format!("\nif (false) await import({specifier:?}); export default {{}};"),
            ] {
                let error = error_of(&[("c.ts", &text), ("notes.txt", "")]);
                assert!(error.starts_with(message), "{error}");
                assert!(error.contains(" --> c.ts:2:"), "{error}");
            }
        }
        let error = error("const name = 'node:fs';\nawait import(name);\nexport default {};");
        assert!(error.contains(" --> c.ts:2:14\n"), "{error}");
    }

    #[test]
    fn import_cycles_work_as_far_as_modules_allow() {
        let cycle = [
            (
                "c.ts",
                "import { late } from './b'; export const x = 'ok'; export default { llm: late() }",
            ),
            (
                "b.ts",
                "import { x } from './c'; export const late = () => x;",
            ),
        ];
        assert_eq!(llm(&cycle), "ok");
        let dead = [
            (
                "c.ts",
                "import { y } from './b'; export const x = 1; export default { repeat: y }",
            ),
            ("b.ts", "import { x } from './c';\nexport const y = x + 1;"),
        ];
        let error = error_of(&dead);
        assert!(
            error.starts_with("ReferenceError: x is not initialized\n --> b.ts:2:18\n"),
            "{error}"
        );
    }

    #[test]
    fn too_many_modules_are_refused() {
        let names: Vec<_> = (0..101).map(|index| format!("m{index}.ts")).collect();
        let imports: Vec<_> = names
            .iter()
            .map(|name| format!("import './{name}';"))
            .collect();
        let entry = format!("{} export default {{}};", imports.concat());
        let mut files = vec![("c.ts", entry.as_str())];
        files.extend(names.iter().map(|name| (name.as_str(), "export {}")));
        assert!(error_of(&files).starts_with("`c.ts` imports too much\n"));
    }

    #[test]
    fn a_config_has_some_variables_a_quiet_console_and_nothing_else() {
        let text = "console.log('hi', 1); console.error('x');
            const missing = [typeof require, typeof fetch, typeof setTimeout, typeof std,
              typeof os, typeof process.cwd, typeof process.env.HOME, typeof performance];
            if (missing.some((kind) => kind !== 'undefined')) throw missing.join();
            export default { llm: process.env.CI + process.env.SEMTEST_LLM }";
        assert_eq!(llm(&[("c.ts", text)]), "truemine");
        let error = error("process.env.CI = 'false'; export default {};");
        assert!(
            error.starts_with("TypeError: 'CI' is read-only\n"),
            "{error}"
        );
    }

    #[test]
    fn errors_at_run_time_point_into_the_typescript() {
        let text = "interface A {\n  b: string;\n}\n\nfunction f(a: A): string {\n  \
            const é: string = '😀'; return é + a.b.c.d;\n}\nexport default { llm: f({} as A) };";
        assert_eq!(
            error(text),
            "TypeError: cannot read property 'c' of undefined\n --> c.ts:6:37\n  |\n\
             6 |   const é: string = '😀'; return é + a.b.c.d;\n  |                                      ^"
        );
        let imported = [
            ("c.ts", "import './b';\nexport default {};"),
            ("b.ts", "type A = 1;\n\n  throw new RangeError('far');"),
        ];
        let error = error_of(&imported);
        assert!(
            error.starts_with("RangeError: far\n --> b.ts:3:13\n"),
            "{error}"
        );
    }

    #[test]
    fn syntax_errors_point_into_the_typescript() {
        assert_eq!(
            error("export default {\n  llm: 'a'\n  repeat: 1,\n};"),
            "syntax error: expected `,` or `}` but found `Identifier`\n --> c.ts:3:3\n  |\n\
             3 |   repeat: 1,\n  |   ^^^^^^"
        );
        let error = error("const a = 1;\nconst a = 2;\nexport default {};");
        assert!(
            error.starts_with("syntax error: identifier `a` has already been declared\n"),
            "{error}"
        );
    }

    /// A file, and how its error starts.
    const NO_CONFIG: &[(&str, &str)] = &[
        (
            "",
            "`c.ts` has no default export\nhint: write `export default { … };`",
        ),
        (
            "module.exports = {};",
            "`c.ts` has no default export\n --> c.ts:1:1\n",
        ),
        (
            "export default () => ({});",
            "the config must be an object, not a function\n",
        ),
        (
            "export default class {}",
            "the config must be an object, not a function\n",
        ),
        (
            "export default Promise.resolve({});",
            "the config must be an object, not a promise\n",
        ),
        (
            "export default [];",
            "the config must be an object, not a list\n",
        ),
        (
            "export default new Map();",
            "the config must be an object, not an instance of a class",
        ),
        (
            "export default new Proxy({}, {});",
            "the config must be an object, not a proxy\n",
        ),
        (
            "export default undefined;",
            "the config must be an object, not undefined\n",
        ),
        (
            "const fs = require('fs'); export default {};",
            "ReferenceError: require is not defined\n",
        ),
        (
            "await new Promise(() => {}); export default {};",
            "`c.ts` waits for something that never",
        ),
        ("throw 'x'; export default {};", "`c.ts` threw \"x\""),
        (
            "throw { toString() { throw 1 } }; export default {};",
            "`c.ts` threw something",
        ),
        (
            "@d class A {} export default {};",
            "SyntaxError: unexpected token",
        ),
        (
            "const a: any = {}; a.agents = a; export default a;",
            "unknown field `agents.agents.agents`",
        ),
    ];

    #[test]
    fn what_is_no_config_is_said_so() {
        for (text, message) in NO_CONFIG {
            let error = error(text);
            assert!(error.starts_with(message), "{text}: {error}");
        }
    }

    #[test]
    fn a_config_that_does_not_end_is_ended() {
        let endless = [
            "while (true) {}",
            "try { for (;;); } finally { for (;;); }",
            "/(a+)+$/.test('a'.repeat(60) + '!');",
            // A chain of promises would grow, and a fast machine would run out of memory first.
            "while (true) await null;",
            "Object.defineProperty(globalThis, 'x', { get() { for (;;); } }); x;",
            "const config = { get llm() { for (;;); } }; export { config as default }; //",
        ];
        std::thread::scope(|scope| {
            for text in endless {
                scope.spawn(move || {
                    let error = error(&format!("\n\n{text} export default {{}};"));
                    // 2 s, or 10 s on the clock of a machine that hardly lets it run.
                    let expected = "`c.ts` ran for more than ";
                    assert!(error.starts_with(expected), "{text}: {error}");
                    // A place that is not known must not be made up.
                    assert!(!error.contains("c.ts:1:"), "{text}: {error}");
                });
            }
        });
    }

    #[test]
    fn what_nobody_can_interrupt_is_left_behind() {
        // One step for `QuickJS`, and 10^14 comparisons.
        let search = "'a'.repeat(2e7).indexOf('a'.repeat(1e7) + 'b')";
        let error = error(&format!("{search};\nexport default {{}};"));
        let expected = "`c.ts` ran for more than 10 s\n";
        assert!(error.starts_with(expected), "{error}");
    }

    #[test]
    fn only_time_on_a_processor_counts() {
        let spent = |work: fn()| {
            let timed = move || {
                work();
                super::time_of_thread()
            };
            std::thread::spawn(timed).join().unwrap()
        };
        let waiting = Duration::from_millis(200);
        // As a thread of a busy machine, that waits for its turn.
        assert!(spent(|| std::thread::sleep(Duration::from_millis(200))) < waiting);
        let busy = || while super::time_of_thread() < Duration::from_millis(5) {};
        assert!(spent(busy) >= Duration::from_millis(5));
    }

    #[test]
    fn a_config_that_grows_is_ended() {
        for text in [
            "const all = []; for (;;) all.push(new Array(1e5).fill(0));",
            "new Uint8Array(1e9);",
            "'x'.repeat(5e8);",
        ] {
            let error = error(&format!("{text}\nexport default {{}};"));
            assert!(
                error.starts_with("`c.ts` used more than 64 MB\n"),
                "{text}: {error}"
            );
        }
        let wide = error(
            "let a: any = []; for (let i = 0; i < 9; i++) a = Array(9).fill(a);
            export default { testMatch: a };",
        );
        assert!(wide.contains("the config is too large"), "{wide}");
        let deep = error("const f = (): any => f() + 1; f(); export default {};");
        assert!(
            deep.starts_with("RangeError: Maximum call stack size exceeded\n"),
            "{deep}"
        );
    }

    #[test]
    fn the_deepest_nesting_of_a_file_overflows_nothing() {
        // The first is the worst that was found; the last few make the deepest trees.
        let size = usize::try_from(super::LARGEST_FILE).unwrap() - 40;
        for (start, unit, end) in [
            ("let x: ", "[", ""),
            ("export default ", "(", ""),
            ("export default ", "[", ""),
            ("enum A { a = ", "~", "1 }"),
            ("export default ", "!", "1"),
            ("export default ", "1+", "1"),
            ("export default a", ".a", ""),
            ("", "{", ""),
        ] {
            let count = (size - start.len() - end.len()) / unit.len();
            error(&format!("{start}{}{end}", unit.repeat(count)));
        }
        let half = size / 2 - 20;
        error(&format!("{}{}", "{".repeat(half), "}".repeat(half)));
    }
}
