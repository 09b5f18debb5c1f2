//! Where the processes of a run send to, as `strace` saw it.

use std::collections::BTreeSet;
use std::path::Path;

/// The arguments before the command of a run, so that its sending is written to `log`. Detached
/// (`-DD`), so that the run itself is our child: its end and its exit code are then its own.
pub(crate) fn strace(log: &Path) -> Vec<String> {
    let fixed = "strace -DD -f --seccomp-bpf -qq -e signal=none \
                 -e trace=execve,connect,sendto,sendmsg,sendmmsg -o";
    let mut arguments: Vec<String> = fixed.split_whitespace().map(str::to_owned).collect();
    arguments.push(log.to_str().unwrap().to_owned());
    arguments.push("--".to_owned());
    arguments
}

/// Every address in `log` that is not the loopback server's.
pub(crate) fn strangers(log: &str, port: u16) -> BTreeSet<String> {
    let server = format!("127.0.0.1:{port}");
    addresses(log)
        .filter(|address| *address != server)
        .collect()
}

/// `IP:PORT` of every internet address in `log`.
fn addresses(log: &str) -> impl Iterator<Item = String> {
    log.split("{sa_family=").skip(1).filter_map(|rest| {
        let rest = rest.split('}').next()?;
        if !rest.starts_with("AF_INET") {
            return None;
        }
        let port = between(rest, "_port=htons(", ")")?;
        let address = between(rest, "inet_addr(\"", "\"")
            .or_else(|| between(rest, "inet_pton(AF_INET6, \"", "\""))?;
        Some(format!("{address}:{port}"))
    })
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let rest = text.split_once(before)?.1;
    Some(rest.split_once(after)?.0)
}

#[test]
fn every_internet_address_but_the_servers_is_a_stranger() {
    let log = r#"7 connect(3, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = -1 ENOENT
7 connect(4, {sa_family=AF_INET, sin_port=htons(4000), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
7 connect(5, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("10.0.0.2")}, 16) = 0
8 sendto(5, "x", 1, 0, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = 1
8 sendto(5, "x", 1, 0, NULL, 0) = 1
"#;
    let found = strangers(log, 4000);
    assert_eq!(
        found.into_iter().collect::<Vec<_>>(),
        ["10.0.0.2:53", "2001:db8::1:443"]
    );
}
