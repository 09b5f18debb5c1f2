//! The fake agent itself: what other tests build on.

use std::time::Duration;

use semtest::process::{Ending, Invocation};

use crate::sandbox::{ANSWER, Sandbox, finish, until};

/// Exit code and stdout of one call with the usual prompt.
async fn call(sandbox: &Sandbox, arguments: &str) -> (Ending, String) {
    let finished = finish(sandbox.agent(arguments)).await;
    (finished.ending, finished.stdout.to_text_lossy())
}

async fn say(sandbox: &Sandbox, arguments: &str) -> String {
    let (ending, text) = call(sandbox, arguments).await;
    assert_eq!(ending, Ending::Exited(0), "{arguments}");
    text
}

#[tokio::test]
async fn each_form_of_an_answer() {
    let sandbox = Sandbox::new();
    fs_err::write(sandbox.path("text"), "anything").unwrap();
    assert_eq!(say(&sandbox, "literal text").await, "anything");
    assert_eq!(say(&sandbox, "empty").await, "");
    let mut answers = Vec::new();
    for mode in [
        "answer",
        "fail",
        "missing",
        "unexpected",
        "ambiguous",
        "prose",
        "fenced",
        "claude",
        "priced",
        "priced-fail",
        "garbage",
        "error-text",
    ] {
        answers.push(format!("--- {mode}\n{}", say(&sandbox, mode).await));
    }
    insta::assert_snapshot!(answers.concat());
}

#[tokio::test]
async fn calls_are_counted_in_a_file() {
    let sandbox = Sandbox::new();
    let failed = say(&sandbox, "fails-then-passes calls").await;
    assert!(failed.contains("\"fail\""));
    assert_eq!(say(&sandbox, "fails-then-passes calls").await, ANSWER);
    assert_eq!(say(&sandbox, "empty-then-answer more 2").await, "");
    assert_eq!(say(&sandbox, "empty-then-answer more 2").await, "");
    assert_eq!(say(&sandbox, "empty-then-answer more 2").await, ANSWER);
}

#[tokio::test]
async fn the_prompt_also_comes_as_an_argument_or_a_file() {
    let sandbox = Sandbox::new();
    let prompt = "Scenario ids: [\"quoted\"]\nScenario ids: [\"one\",\"two\"]";
    fs_err::write(sandbox.path("prompt"), prompt).unwrap();
    assert_eq!(say(&sandbox, "answer --prompt-file prompt").await, ANSWER);
    let by_argument = format!("answer --prompt '{prompt}'");
    assert_eq!(say(&sandbox, &by_argument).await, ANSWER);
    let echo = format!("echo-prompt echo --prompt '{prompt}'");
    assert_eq!(say(&sandbox, &echo).await, ANSWER);
    let echoed = fs_err::read_to_string(sandbox.path("echo")).unwrap();
    assert_eq!(echoed, prompt);
}

#[tokio::test]
async fn the_environment_is_written_down() {
    let sandbox = Sandbox::new();
    assert_eq!(say(&sandbox, "environment variables").await, ANSWER);
    let written = fs_err::read_to_string(sandbox.path("variables")).unwrap();
    assert!(written.contains("PATH=/usr/bin:/bin\n"), "{written}");
}

#[tokio::test]
async fn the_gate_opens_for_all_at_once() {
    let sandbox = Sandbox::new();
    fs_err::create_dir(sandbox.path("gate")).unwrap();
    let arrivals = || fs_err::read_dir(sandbox.path("gate")).unwrap().count();
    let (first, second, ()) = tokio::join!(
        say(&sandbox, "gate gate"),
        say(&sandbox, "gate gate"),
        async {
            until(|| (arrivals() == 2).then_some(())).await;
            fs_err::write(sandbox.path("gate").join("go"), "").unwrap();
        }
    );
    assert_eq!((first.as_str(), second.as_str()), (ANSWER, ANSWER));
    assert_eq!(arrivals(), 1, "only `go` is left");
}

#[tokio::test]
async fn the_gate_opens_for_one_alone() {
    let sandbox = Sandbox::new();
    fs_err::create_dir(sandbox.path("gate")).unwrap();
    let waiting = || {
        let entries = fs_err::read_dir(sandbox.path("gate")).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        names.retain(|path| path.extension().is_none());
        names.sort();
        names
    };
    let (_, _, ()) = tokio::join!(
        say(&sandbox, "gate gate"),
        say(&sandbox, "gate gate"),
        async {
            let both = until(|| Some(waiting()).filter(|names| names.len() == 2)).await;
            fs_err::write(both[1].with_extension("go"), "").unwrap();
            until(|| (waiting() == both[..1]).then_some(())).await;
            fs_err::write(both[0].with_extension("go"), "").unwrap();
        }
    );
    assert!(waiting().is_empty());
}

#[tokio::test]
async fn the_slow_one_never_ends() {
    let finished = finish(Invocation {
        limit: Some(Duration::from_millis(200)),
        ..Sandbox::new().agent("slow")
    })
    .await;
    assert_eq!(finished.ending, Ending::TimedOut);
}

#[tokio::test]
async fn a_wrong_call_is_refused() {
    let sandbox = Sandbox::new();
    for arguments in [
        "",
        "nonsense",
        "answer more",
        "answer --model x",
        "answer --prompt",
        "answer --prompt ' '",
        "answer --prompt 'no ids'",
        "answer --prompt 'Scenario ids: one'",
        "answer --prompt-file gone",
        "answer --prompt-file gone --prompt 'Scenario ids: []'",
        "exit many",
        "literal",
    ] {
        let (ending, text) = call(&sandbox, arguments).await;
        assert_eq!(ending, Ending::Exited(64), "{arguments}");
        assert_eq!(text, "", "{arguments}");
    }
    let without_prompt = Invocation {
        stdin: Vec::new().into(),
        ..sandbox.agent("answer")
    };
    assert_eq!(finish(without_prompt).await.ending, Ending::Exited(64));
}
