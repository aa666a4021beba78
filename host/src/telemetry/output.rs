//! Where the log goes: standard error, without ever waiting for whoever reads it.
//!
//! A reader that stands still, such as a collector that hangs, fills the pipe, and a
//! write to a full pipe does not return. No call is to wait for that: a line for
//! which there is no room is lost, and counted.
//!
//! A thread that [`write_before_parking`] was told about writes its lines together when
//! it has nothing else to do, which is at once unless there are many: then they cost a
//! system call for all instead of one for each.

use std::cell::RefCell;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, fstat};

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

thread_local! {
    /// Lines of this thread that are not written yet; `None` where each is at once.
    static PENDING: RefCell<Option<Pending>> = const { RefCell::new(None) };
}

/// Lines that are not written yet. They are at the latest when the thread ends.
#[derive(Default)]
struct Pending(Vec<u8>);

impl Pending {
    fn write(&mut self) {
        if !self.0.is_empty() {
            let _ = write(&self.0);
            self.0.clear();
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.write();
    }
}

/// To be called by a thread whenever it has nothing else to do: writes its lines. From
/// the first time on they wait for the next, or until there are many.
pub fn write_before_parking() {
    PENDING.with_borrow_mut(|pending| pending.get_or_insert_default().write());
}

/// Standard error, for one line.
pub(super) struct Output;

impl Output {
    pub(super) fn new() -> Self {
        Self
    }
}

impl Write for Output {
    /// Takes a whole line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let kept = PENDING.try_with(|pending| {
            let mut pending = pending.borrow_mut();
            let Some(pending) = pending.as_mut() else {
                return false;
            };
            if pending.0.len() + line.len() > AT_ONCE {
                pending.write();
            }
            pending.0.extend_from_slice(line);
            true
        });
        // A thread that ends keeps nothing.
        if !kept.unwrap_or(false) {
            write(line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

fn write(lines: &[u8]) -> io::Result<()> {
    static IS_FILE: OnceLock<bool> = OnceLock::new();

    let mut stderr = io::stderr().lock();
    // There is always room in a file.
    let is_file = IS_FILE.get_or_init(|| {
        fstat(&stderr)
            .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
    });
    if *is_file {
        return stderr.write_all(lines);
    }
    write_in_time(&mut stderr, lines)
}

/// Writes lines of [`AT_ONCE`] bytes together, or one that is longer.
fn write_in_time(output: &mut (impl Write + AsFd), lines: &[u8]) -> io::Result<()> {
    let none = Timespec::default();
    for (index, part) in lines.chunks(AT_ONCE).enumerate() {
        let patience = if index == 0 { &none } else { &REST };
        if !has_room(output, patience) {
            let lost = lines.iter().filter(|byte| **byte == b'\n').count();
            LOST.fetch_add(lost.max(1) as u64, Ordering::Relaxed);
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
    use std::io::{Read as _, Write as _, pipe};

    use super::{AT_ONCE, Output, PENDING, lost_lines, write_before_parking, write_in_time};

    /// The bytes that are not written yet.
    fn pending() -> Option<usize> {
        PENDING.with_borrow(|pending| pending.as_ref().map(|pending| pending.0.len()))
    }

    #[test]
    fn lines_wait_only_on_a_thread_that_writes_them_before_it_parks() {
        let write = |line: &str| Output.write_all(line.as_bytes()).expect("written");
        write("");
        assert_eq!(pending(), None, "nobody promised to write it");
        write_before_parking();
        write("a line of a test\n");
        assert_eq!(pending(), Some(17));
        write_before_parking();
        assert_eq!(pending(), Some(0));
        for _ in 0..AT_ONCE {
            write("\n");
        }
        assert_eq!(pending(), Some(AT_ONCE));
        write("\n");
        assert_eq!(pending(), Some(1), "the others do not wait for it");
    }

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
