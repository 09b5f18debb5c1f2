//! The `semtest` binary: hands the process over to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "the one place where it is read")]
    let directory = std::env::current_dir();
    let env = semtest::env::Env::from_process();
    semtest::commands::main(std::env::args_os(), env, directory).into()
}
