//! Where the log goes: standard error, without ever waiting for whoever reads it.
//!
//! A reader that stands still, such as a collector that hangs, fills the pipe, and a
//! write to a full pipe does not return. No call is to wait for that: a line for
//! which there is no room is lost, and counted.

use std::io::{self, StderrLock, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// What a pipe takes without waiting if it takes anything, in bytes (`PIPE_BUF`).
const AT_ONCE: usize = 4096;

/// How long the rest of a longer line may wait.
const REST: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 10_000_000,
};

static LOST: AtomicU64 = AtomicU64::new(0);

/// How many lines of the log were lost, because nobody read them in time.
#[must_use]
pub fn lost_lines() -> u64 {
    LOST.load(Ordering::Relaxed)
}

/// Standard error, for one line.
pub(super) struct Output(StderrLock<'static>);

impl Output {
    pub(super) fn new() -> Self {
        Self(io::stderr().lock())
    }
}

impl Write for Output {
    /// Takes a whole line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        write_in_time(&mut self.0, line)?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn write_in_time(output: &mut (impl Write + AsFd), line: &[u8]) -> io::Result<()> {
    let none = Timespec::default();
    for (index, part) in line.chunks(AT_ONCE).enumerate() {
        let patience = if index == 0 { &none } else { &REST };
        if !has_room(output, patience) {
            LOST.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        output.write_all(part)?;
    }
    Ok(())
}

fn has_room(output: &impl AsFd, patience: &Timespec) -> bool {
    let mut polled = [PollFd::new(output, PollFlags::OUT)];
    match poll(&mut polled, Some(patience)) {
        Ok(ready) => ready > 0,
        // Writing will say what is wrong.
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, pipe};

    use super::{lost_lines, write_in_time};

    #[test]
    fn a_full_pipe_loses_lines_and_holds_up_nobody() {
        let (mut reader, mut writer) = pipe().expect("a pipe");
        let line = vec![b'x'; 10_000];
        let before = lost_lines();
        let mut written = 0;
        while lost_lines() == before {
            write_in_time(&mut writer, &line).expect("no error");
            written += 1;
        }
        assert!(written > 1, "the first has room");
        let mut some = vec![0; 32_768];
        reader.read_exact(&mut some).expect("what was written");
        assert!(some.iter().all(|byte| *byte == b'x'));
        let lost = lost_lines();
        write_in_time(&mut writer, b"short\n").expect("no error");
        assert_eq!(lost_lines(), lost, "there is room again");
    }
}
