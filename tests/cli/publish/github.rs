//! The comment on GitHub.

use super::{failed, passed, publish};

#[test]
fn without_a_repository_nothing_is_sent_and_that_is_said() {
    for sandbox in [failed(), passed()] {
        publish(&sandbox, &[], &[]).exits(0).warns("no comment");
    }
}
