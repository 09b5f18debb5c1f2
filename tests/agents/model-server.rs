//! The loopback model server on its own, for trying a CLI by hand:
//!
//! ```text
//! model-server [--reply TEXT | --status N | --hang | --cut | --empty]
//!              [--tool-read FILE | --tool-write FILE | --tool-shell COMMAND]
//!              [--any-prompt] [--log FILE]
//! ```
//!
//! Only semtest's prompt is answered so, unless `--any-prompt` is given: everything else is taken for
//! a CLI's auxiliary call and gets a short text. Without a reply every scenario that is asked for passes. A tool is used first, then comes the
//! reply. Prints its address as the first line and runs until it is killed.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program for tests: its output is the address"
)]

mod server;

use std::io::{self, Write as _};

use server::{Action, ModelServer, Reply, Script};

/// What `--tool-write` writes.
const WRITTEN: &str = "written by the model\n";

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut tools = Vec::new();
    let mut last = Reply::Passes;
    let mut any_prompt = false;
    let mut log = None;
    while let Some(flag) = arguments.next() {
        let mut value = || {
            let missing = || io::Error::other(format!("{flag} needs a value"));
            arguments.next().ok_or_else(missing)
        };
        match flag.as_str() {
            "--reply" => last = Reply::Text(value()?),
            "--status" => last = Reply::Status(value()?.parse().map_err(io::Error::other)?),
            "--hang" => last = Reply::Hang,
            "--cut" => last = Reply::Cut(r#"[{"id": "cut", "status": "pass"}]"#.to_owned()),
            "--empty" => last = Reply::Empty,
            "--tool-read" => tools.push(Reply::Use(Action::Read(value()?))),
            "--tool-write" => tools.push(Reply::Use(Action::Write(value()?, WRITTEN.to_owned()))),
            "--tool-shell" => tools.push(Reply::Use(Action::Shell(value()?))),
            "--any-prompt" => any_prompt = true,
            "--log" => log = Some(std::fs::File::create(value()?)?),
            _ => return Err(io::Error::other(format!("unknown flag {flag}"))),
        }
    }
    tools.push(last);
    let mut script = Script::new(tools);
    script.any_prompt = any_prompt;
    let server = ModelServer::start(script, log)?;
    println!("{}", server.address);
    io::stdout().flush()?;
    loop {
        std::thread::park();
    }
}
