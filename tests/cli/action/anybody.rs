//! Users that no system knows, without a HOME that is theirs.

use super::{AGENTS, FAIL, PASS, STRANGER, Stage, as_user};

/// What `HOME` may be in a container that was started as any user; `None` is unset.
const HOMES: [Option<&str>; 4] = [None, Some("/"), Some("/root"), Some("/no/such/directory")];

#[test]
fn a_user_without_name_and_home_can_do_everything() {
    let Some(stage) = Stage::of(STRANGER, PASS) else {
        return;
    };
    for home in HOMES {
        for arguments in [
            &["run", "--debug", "--junit"][..],
            &["publish", "--dry-run"],
            &["doctor", "--llm=script"],
            &["list"],
            &["ask", "--llm=mine", "--agents", AGENTS, "It holds."],
            &["action"],
        ] {
            let mut command = stage.command_of(&as_user(STRANGER), arguments, &[]);
            command
                .env_remove("HOME")
                .envs(home.map(|home| ("HOME", home)));
            stage.finish(&mut command).exits(0);
        }
        let mut command = stage.command_of(&as_user(STRANGER), &["-C", "empty", "init"], &[]);
        command
            .env_remove("HOME")
            .envs(home.map(|home| ("HOME", home)));
        std::fs::create_dir(stage.sandbox.path("empty")).unwrap();
        super::give(&stage.sandbox.path("empty"), STRANGER);
        stage.finish(&mut command).exits(0);
        std::fs::remove_dir_all(stage.sandbox.path("empty")).unwrap();
    }
}

#[test]
fn an_agent_has_a_home_and_a_place_for_temporary_files_that_it_can_write() {
    let script = format!(": > \"$HOME/x\" && : > \"${{TMPDIR:-/tmp}}/x-$$\" || exit 3; {PASS}");
    for user in [0, STRANGER] {
        let Some(stage) = Stage::of(STRANGER, &script) else {
            return;
        };
        for home in HOMES {
            let mut command = stage.command_of(&as_user(user), &["action"], &[]);
            command
                .env_remove("HOME")
                .envs(home.map(|home| ("HOME", home)));
            stage.finish(&mut command).exits(0);
        }
    }
}

#[test]
fn a_workspace_may_lie_anywhere_and_be_named_by_nothing() {
    let Some(stage) = Stage::of(STRANGER, FAIL) else {
        return;
    };
    let mut command = stage.command(&as_user(STRANGER), &[]);
    command
        .env_remove("GITHUB_WORKSPACE")
        .env_remove("RUNNER_TEMP");
    stage.finish(&mut command).exits(1);
}
