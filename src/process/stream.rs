//! Reading one output pipe of a child without ever waiting for its end.

use std::os::fd::AsFd;

use rustix::io::Errno;
use tokio::io::{AsyncRead, AsyncReadExt};

use super::captured::{Capture, Captured};

/// As much as a pipe holds by default on Linux.
const READ_BYTES: usize = 64 * 1024;

/// The most that [`Stream::sweep`] reads: the largest pipe that an unprivileged process can make.
const SWEEP_BYTES: usize = 1024 * 1024;

/// An output pipe and what came out of it so far.
pub(super) struct Stream<Pipe> {
    pipe: Option<Pipe>,
    capture: Capture,
}

impl<Pipe: AsyncRead + AsFd + Unpin> Stream<Pipe> {
    pub(super) fn new(pipe: Option<Pipe>) -> Self {
        Self {
            pipe,
            capture: Capture::default(),
        }
    }

    /// Reads until nobody has the other end open any more. Loses nothing when dropped.
    pub(super) async fn drain(&mut self) {
        let mut buffer = Vec::with_capacity(READ_BYTES);
        while let Some(pipe) = &mut self.pipe {
            buffer.clear();
            match pipe.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => self.pipe = None,
                Ok(_) => self.capture.push(&buffer),
            }
        }
    }

    /// Takes what already lies in the pipe, without waiting for more. A deadline can pass while
    /// this process did not run (stopped, or a busy machine), with an answer waiting in the pipe.
    /// Bounded, because someone may be writing still.
    pub(super) fn sweep(mut self) -> Captured {
        if let Some(pipe) = self.pipe {
            let mut buffer = vec![0; READ_BYTES];
            let mut taken = 0;
            while taken < SWEEP_BYTES {
                match rustix::io::read(&pipe, &mut buffer) {
                    Ok(length @ 1..) => {
                        self.capture.push(&buffer[..length]);
                        taken += length;
                    }
                    Err(Errno::INTR) => {}
                    Ok(0) | Err(_) => break,
                }
            }
        }
        self.capture.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::fd::BorrowedFd;
    use std::pin::Pin;
    use std::process::Stdio;
    use std::task::{Context, Poll};
    use tokio::io::ReadBuf;
    use tokio::process::{ChildStdout, Command};

    /// A pipe whose other end stays open, by `sleep`'s hand.
    fn open_pipe(script: &str) -> (tokio::process::Child, ChildStdout) {
        let mut child = Command::new("/bin/sh")
            .args(["-c", script])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        (child, stdout)
    }

    #[tokio::test]
    async fn what_already_lies_in_the_pipe_is_not_lost() {
        let directory = tempfile::tempdir().unwrap();
        let written = directory.path().join("written");
        let script = format!(
            "printf answer; : > '{}'; exec sleep 3600",
            written.display()
        );
        let (_child, stdout) = open_pipe(&script);
        while !written.exists() {
            // Blocks on purpose: the runtime must not get a chance to see the pipe become ready.
            std::thread::yield_now();
        }
        let captured = Stream::new(Some(stdout)).sweep();
        assert_eq!(captured.to_text_lossy(), "answer");
    }

    /// Stands for a pipe whose writer is always faster.
    struct NeverEmpty(fs_err::File);

    impl AsFd for NeverEmpty {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.0.file().as_fd()
        }
    }

    impl AsyncRead for NeverEmpty {
        fn poll_read(
            self: Pin<&mut Self>,
            _context: &mut Context<'_>,
            _buffer: &mut ReadBuf<'_>,
        ) -> Poll<std::io::Result<()>> {
            Poll::Pending
        }
    }

    #[test]
    fn a_writer_that_never_stops_does_not_hold_the_sweep() {
        let pipe = NeverEmpty(fs_err::File::open("/dev/zero").unwrap());
        let captured = Stream::new(Some(pipe)).sweep();
        assert_eq!(captured.total(), SWEEP_BYTES as u64);
    }

    #[tokio::test]
    async fn a_drain_that_is_dropped_keeps_what_it_read() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(b"first").unwrap();
        let stdout = ChildStdout::from_std(reader_as_stdout(reader)).unwrap();
        let mut stream = Stream::new(Some(stdout));
        let drained = tokio::time::timeout(std::time::Duration::ZERO, stream.drain()).await;
        assert!(drained.is_err(), "the other end is still open");
        writer.write_all(b" second").unwrap();
        assert_eq!(stream.sweep().to_text_lossy(), "first second");
    }

    fn reader_as_stdout(reader: std::io::PipeReader) -> std::process::ChildStdout {
        std::os::fd::OwnedFd::from(reader).into()
    }
}
