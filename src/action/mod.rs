//! A step of GitHub Actions in, command lines out: what the inputs of `action.yml` mean.
//!
//! GitHub hands an input to a container action as the variable `INPUT_<NAME>`, in upper case; one that
//! is not given arrives with its default, or empty
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#inputs>).
//! Nothing here starts a program or goes through a shell: a value becomes one argument, whatever is in
//! it. Running the commands is `commands`' business.

mod environment;
mod input;
mod step;

pub use environment::COMMAND_FILES;
pub use input::{Input, InputError};
pub use step::{Step, Token, Wanted, step};
